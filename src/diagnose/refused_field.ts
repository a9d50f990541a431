import type { Owner } from "../core/shapes.ts";
import { asJson, errorIn } from "../probe/error_bodies.ts";
import { layersOf } from "../probe/wrapped_errors.ts";

/** Which of Windmill's features send the field that a gateway refuses: with most fields a few break and the others go on. */

export interface RefusedField {
  /** As in "the gateway refuses ...". */
  name: string;
  /** Who sends it and who does not, in whole sentences. */
  senders: string;
  /** How to do without it. */
  without: string;
  /** Who can do without it. */
  owner: Owner;
  /** Whether the chat of Windmill's pages, a plain question and summaries work all the same. */
  spares_chat: boolean;
}

const ONLY_STEPS = "chats, summaries, `Test key` and steps without it do not and work.";
const SCRIPTS =
  "None of Windmill's features sends it: it comes from a query in base_url, from defaults that the gateway adds for this model, or from a script of your own.";

/** By field, the most telling first. The senders are those of Windmill's source: pages, agent steps (windmill-ai), completion. */
const FIELDS: readonly (RefusedField & { field: RegExp })[] = [
  {
    field: /stream_options|include_usage/,
    name: "the field stream_options",
    senders: `Only AI agent steps send it; chats, summaries and \`Test key\` do not and work. Windmill repeats a step's request without it when the gateway answers 400 and names it; with another status, such as 422, the step fails.`,
    without: "Let the gateway accept stream_options, or answer 400 to it",
    owner: "gateway-operator",
    spares_chat: true,
  },
  {
    field: /temperature/,
    name: "the temperature that an AI agent step sets",
    senders: `Only AI agent steps that set a temperature send it, and code completion; ${ONLY_STEPS}`,
    without: "Leave the temperature of the AI agent step empty, or choose another model for the step",
    owner: "workspace-admin",
    spares_chat: true,
  },
  {
    field: /reasoning_effort|reasoning\.effort/,
    name: "the reasoning effort that an AI agent step sets",
    senders: `Only AI agent steps that set a reasoning effort send it; ${ONLY_STEPS}`,
    without: "Remove reasoning_effort from the AI agent step, or choose another model for the step",
    owner: "workspace-admin",
    spares_chat: true,
  },
  {
    field: /response_format|json_schema/,
    name: "the output schema of an AI agent step",
    senders: `Only AI agent steps with an output schema send response_format; ${ONLY_STEPS}`,
    without: "Remove the output schema from the AI agent step, or choose another model for the step",
    owner: "workspace-admin",
    spares_chat: true,
  },
  {
    field: /tool_choice/,
    name: "the field tool_choice",
    senders: `Only AI agent steps with an output schema send it, and only for model ids with \`claude\` in them; ${ONLY_STEPS}`,
    without: "Remove the output schema from the AI agent step, or choose another model for the step",
    owner: "workspace-admin",
    spares_chat: true,
  },
  {
    field: /\bstop\b/,
    name: "the field stop",
    senders:
      "Only code completion sends it: a code completion model is set on customai. Chats, summaries and AI agent steps work.",
    without: "Unset the code completion model in Workspace settings > Windmill AI",
    owner: "workspace-admin",
    spares_chat: true,
  },
  {
    field: /reasoning_content|tool_calls\W{0,3}\d*\W{0,3}index|\bindex\b/,
    name: "a part of the model's own tool calls that Windmill sends back",
    senders:
      "Chats send it from their second turn on, after a tool call. First answers, summaries and steps without tools work.",
    without: "Let the gateway ignore what it does not know in `messages`, or choose another model as default model",
    owner: "gateway-operator",
    spares_chat: false,
  },
  {
    field: /\bstrict\b|additionalProperties|function_declarations|\btools?\b|\bfunctions?\b/,
    name: "a part of the tools that a chat sends",
    senders:
      "Chats and AI agent steps with tools send it. Plain questions, summaries, `Test key` and steps without tools work.",
    without: "Let the gateway ignore what it does not know in `tools`, or choose another model as default model",
    owner: "gateway-operator",
    spares_chat: false,
  },
  {
    field: /max_(?:completion_|output_)?tokens/,
    name: "the limit of output tokens",
    senders:
      "Chats and summaries always send max_tokens, AI agent steps max_completion_tokens where the step sets a limit.",
    without: "Let the gateway accept both names",
    owner: "gateway-operator",
    spares_chat: false,
  },
  {
    field:
      /\b(?:top_p|top_k|seed|n|logprobs|top_logprobs|logit_bias|(?:presence|frequency)_?penalty|user|parallel_tool_calls|system_prompt|metadata|store|service_tier|safety_identifier|modalities|prediction|web_search_options|thinking)\b/i,
    name: "a field that Windmill does not send by itself",
    senders: SCRIPTS,
    without:
      "Remove everything from the ? on in base_url, and look at the parameters that the gateway adds to this model",
    owner: "gateway-operator",
    spares_chat: true,
  },
];

const UNKNOWN: RefusedField = {
  name: "a field of the request",
  senders: "Which features break depends on the field: a check at depth `features` shows which ones work.",
  without: "Look which field the message names, and remove everything from the ? on in base_url",
  owner: "gateway-operator",
  spares_chat: false,
};

/** The field that an error's innermost words name, or the one that its `param` names. */
export function refusedField(body: string): RefusedField {
  const error = errorIn(asJson(body));
  const message = error ? (layersOf(error)[0]?.message ?? "") : body;
  const named = /["']param["']\s?:\s?["']([\w.[\]]{1,80})["']/.exec(body)?.[1] ?? "";
  // What a message advises stands behind what it complains of: the field that is named first is meant.
  const first = (text: string): RefusedField | undefined =>
    FIELDS.map((row) => ({ row, at: text.search(row.field) }))
      .filter(({ at }) => at >= 0)
      .sort((a, b) => a.at - b.at)[0]?.row;
  return first(named) ?? first(message) ?? UNKNOWN;
}
