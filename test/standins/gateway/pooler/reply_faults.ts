import { type Answer, dataFrame, json, text } from "../http.ts";
import { type Completion, completionJson, completionStream, stream, streamParts } from "./completion.ts";
import { REDACTED_MESSAGE } from "./errors.ts";
import type { ChatCall, Fault } from "./faults.ts";
import { isObject, type Json } from "./json.ts";

/** A request at the `upstream` stage: the model has answered, and the fault spoils it. */
type Answered = ChatCall & { completion: Completion };

const streamed = (spoil: (call: Answered) => Answer): Fault<Answered> => ({
  point: "upstream",
  answer: (call, proceed) => (call.body.stream === true ? spoil(call) : proceed()),
});

const plain = (spoil: (call: Answered) => Answer): Fault<Answered> => ({
  point: "upstream",
  answer: (call, proceed) => (call.body.stream === true ? proceed() : spoil(call)),
});

/** The answer with another text or tool call, in the form that was asked for. */
function saying(call: Answered, reply: Completion["reply"]): Answer {
  const completion = { ...call.completion, reply };
  return call.body.stream === true ? completionStream(completion, false) : completionJson(completion);
}

const parts = (call: Answered) => streamParts(call.completion, false);

/** Refuses a request in the words of another OpenAI-compatible server, when `objects` says so. */
const strictServer = (objects: (body: Json) => boolean, message: string, param: string): Fault<Answered> => ({
  point: "upstream",
  answer: (call, proceed) =>
    objects(call.body)
      ? json(400, { error: { message, type: "invalid_request_error", param, code: "unsupported_parameter" } })
      : proceed(),
});

function replaysToolCall(body: Json): boolean {
  return (body.messages as Json[]).some((message) => Array.isArray(message.tool_calls));
}

/** Answers that arrive with 200 and are of no use, streams that end badly, and servers that are narrower than the gateway. */
export const REPLY_FAULTS = {
  empty_content: { point: "upstream", answer: (call: Answered) => saying(call, { text: "" }) },
  no_choices: plain((call) => json(200, { id: call.completion.id, object: "chat.completion", choices: [] })),
  null_choices: plain((call) => json(200, { id: call.completion.id, object: "chat.completion", choices: null })),
  body_cut: plain((call) => ({ ...text(200, "application/json", `{"id":"${call.completion.id}","cho`), end: "cut" })),

  ignores_stream: streamed((call) => completionJson(call.completion)),
  stream_as_text: streamed((call) => {
    const answer = completionStream(call.completion, false);
    return { ...answer, headers: { "content-type": "text/plain" } };
  }),
  stream_cut: streamed((call) => stream([parts(call).role, ...parts(call).output.slice(0, 1)], "cut")),
  stream_without_end: streamed((call) => stream([parts(call).role, ...parts(call).output])),
  stream_hangs: streamed((call) => stream([parts(call).role], "hang")),
  stream_empty: streamed((call) => stream([parts(call).role, parts(call).finish, parts(call).done])),
  stream_no_frames: streamed(() => stream([])),
  stream_bad_frame: streamed((call) =>
    stream([parts(call).role, 'data: {"choices":[{"delta":{"con\n\n', parts(call).done]),
  ),
  stream_error_before_role: streamed(() =>
    stream([dataFrame({ error: { message: REDACTED_MESSAGE, type: "server_error", code: "rate_limit_exceeded" } })]),
  ),
  stream_error_after_output: streamed((call) => {
    const message = `${REDACTED_MESSAGE}: stream interrupted before terminal response event`;
    const error = { message, type: "server_error", code: "server_error", param: null };
    return stream([parts(call).role, ...parts(call).output.slice(0, 1), dataFrame({ error })]);
  }),

  ignores_tools: { point: "upstream", answer: (call: Answered) => saying(call, { text: "I cannot call tools." }) },
  bad_tool_arguments: {
    point: "upstream",
    answer: (call: Answered, proceed) =>
      "tool" in call.completion.reply ? saying(call, { ...call.completion.reply, args: '{"value": "o' }) : proceed(),
  },
  unknown_tool: {
    point: "upstream",
    answer: (call: Answered, proceed) =>
      "tool" in call.completion.reply ? saying(call, { ...call.completion.reply, tool: "no_such_tool" }) : proceed(),
  },
  refuses_replayed_tool_calls: strictServer(
    replaysToolCall,
    "messages.2.tool_calls.0.index: Extra inputs are not permitted",
    "messages",
  ),
  refuses_stream_options: strictServer(
    (body) => isObject(body.stream_options),
    "Unknown field: stream_options",
    "stream_options",
  ),
  refuses_max_tokens: strictServer(
    (body) => "max_tokens" in body,
    "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
    "max_tokens",
  ),
  refuses_max_completion_tokens: strictServer(
    (body) => "max_completion_tokens" in body,
    "Unrecognized request argument supplied: max_completion_tokens",
    "max_completion_tokens",
  ),
  refuses_temperature: strictServer(
    (body) => "temperature" in body,
    "litellm.UnsupportedParamsError: gpt-5.5 doesn't support temperature=0.2 while reasoning is active. To drop unsupported openai params from the call, set `litellm.drop_params = True`",
    "temperature",
  ),
  refuses_response_format: strictServer(
    (body) => "response_format" in body,
    "This model does not support response format `json_schema`",
    "response_format",
  ),
  refuses_many_tools: strictServer(
    (body) => Array.isArray(body.tools) && body.tools.length > 64,
    "Invalid 'tools': array too long. Expected an array with maximum length 64, but got an array with length 70 instead.",
    "tools",
  ),
  refuses_large_max_tokens: strictServer(
    (body) => Number(body.max_tokens) > 32_768,
    "max_tokens is too large: this model supports at most 32768 completion tokens",
    "max_tokens",
  ),
} satisfies Record<string, Fault<Answered>>;
