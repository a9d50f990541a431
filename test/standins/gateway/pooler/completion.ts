import { type Answer, DONE_FRAME, dataFrame, json, KEEPALIVE } from "../http.ts";
import { isObject, type Json } from "./json.ts";

/** What the model says to one request: text, or one call of a tool. */
export type Reply = { text: string } | { tool: string; args: string };

/** One completion, ready to be written as JSON or as a stream. */
export interface Completion {
  id: string;
  /** Seconds since the epoch. */
  created: number;
  model: string;
  reply: Reply;
  usage: { prompt_tokens: number; completion_tokens: number; total_tokens: number };
}

const STREAM_HEADERS = { "content-type": "text/event-stream", "cache-control": "no-cache" };

/** Tool calls are numbered by the upstream's output index, which counts a reasoning item: the first is often 1. */
const TOOL_INDEX = 1;

/**
 * What a well-behaved model answers: it calls a tool while it has one and the last message is not a tool's result, otherwise it
 * says `text`; for a `response_format` it says a value of that schema.
 */
export function replyTo(body: Json, text: string): Reply {
  const tool = toolToCall(body);
  if (tool) return { tool: String(tool.name), args: JSON.stringify(sample(tool.parameters)) };
  const format = body.response_format;
  if (!isObject(format) || format.type === "text") return { text };
  return { text: JSON.stringify(sample(isObject(format.json_schema) ? format.json_schema.schema : undefined)) };
}

function toolToCall(body: Json): Json | undefined {
  const messages = (body.messages ?? []) as Json[];
  if (body.tool_choice === "none" || messages.at(-1)?.role === "tool") return undefined;
  const functions = ((body.tools ?? []) as Json[]).map((tool) => tool.function as Json);
  const chosen = isObject(body.tool_choice) ? (body.tool_choice.function as Json).name : undefined;
  return functions.find((declared) => chosen === undefined || declared.name === chosen);
}

/** A small value that fits a JSON schema of the simple kind: what a model would fill in. */
function sample(schema: unknown): unknown {
  if (!isObject(schema)) return {};
  if (Array.isArray(schema.enum)) return schema.enum[0];
  const type = Array.isArray(schema.type) ? schema.type[0] : schema.type;
  if (type === "object") {
    const properties = isObject(schema.properties) ? schema.properties : {};
    return Object.fromEntries(Object.entries(properties).map(([name, child]) => [name, sample(child)]));
  }
  const simple: Json = { string: "ok", number: 1, integer: 1, boolean: true, array: [] };
  return simple[String(type)] ?? null;
}

/** The non-stream form: `content` is "" beside a tool call, and `finish_reason` is never `tool_calls`. */
export function completionJson({ id, created, model, reply, usage }: Completion): Answer {
  const message =
    "text" in reply
      ? { role: "assistant", content: reply.text }
      : {
          role: "assistant",
          content: "",
          tool_calls: [
            { id: callId(id), type: "function", function: { name: reply.tool, arguments: reply.args }, index: 0 },
          ],
        };
  const choices = [{ index: 0, message, finish_reason: "stop" }];
  return json(200, { id, object: "chat.completion", created, model, choices, usage });
}

/** The frames of a stream by their part, so that a fault can leave one out. */
export interface StreamParts {
  role: string;
  output: string[];
  finish: string;
  /** Only when the request asked for it with `stream_options.include_usage`. */
  usage: string[];
  done: string;
}

/** The stream form of a completion. */
export function streamParts(completion: Completion, includeUsage: boolean): StreamParts {
  const { id, created, model, reply, usage } = completion;
  const head = { id, object: "chat.completion.chunk", created, model };
  const chunk = (delta: object, finish_reason: string | null = null) =>
    dataFrame({ ...head, choices: [{ index: 0, delta, finish_reason }] });
  return {
    role: chunk({ role: "assistant" }),
    output:
      "text" in reply
        ? halves(reply.text).map((content) => chunk({ content }))
        : toolCallDeltas(id, reply).map((delta) => chunk(delta)),
    finish: chunk({}, "stop"),
    usage: includeUsage ? [dataFrame({ ...head, choices: [], usage })] : [],
    done: DONE_FRAME,
  };
}

function toolCallDeltas(id: string, reply: { tool: string; args: string }): object[] {
  const call = (part: object) => ({ tool_calls: [{ index: TOOL_INDEX, ...part }] });
  return [
    call({ id: callId(id), type: "function", function: { name: reply.tool, arguments: "" } }),
    ...halves(reply.args).map((part) => call({ function: { arguments: part } })),
  ];
}

function callId(completionId: string): string {
  return completionId.replace(/^resp_/, "call_");
}

/** Text comes in pieces; an empty text comes in none. */
function halves(value: string): string[] {
  const middle = Math.ceil(value.length / 2);
  return [value.slice(0, middle), value.slice(middle)].filter((part) => part !== "");
}

/**
 * An event stream. The gateway sends a keepalive comment after ten idle seconds; here one follows the first frame always, so that
 * every reader meets one.
 */
export function stream(frames: readonly string[], end: Answer["end"] = "complete"): Answer {
  const [first = "", ...rest] = frames;
  return {
    status: 200,
    headers: { ...STREAM_HEADERS },
    body: { stream: [first, KEEPALIVE, ...rest] },
    end,
    delayMs: 0,
  };
}

/** The whole stream of a completion, in order. */
export function completionStream(completion: Completion, includeUsage: boolean): Answer {
  const { role, output, finish, usage, done } = streamParts(completion, includeUsage);
  return stream([role, ...output, finish, ...usage, done]);
}
