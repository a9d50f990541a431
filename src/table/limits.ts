import { openError } from "./examples.ts";
import { says } from "./phrases.ts";
import { LOWER_TOKENS, OPEN_AI_SETTINGS } from "./remedies.ts";
import type { Row } from "./row.ts";

/** The gateway refuses the size of a request: tokens, context, body, tools. */
export const LIMIT_ROWS: readonly Row[] = [
  {
    code: "token-limit-refused",
    layer: "protocol",
    severity: "critical",
    owner: "workspace-admin",
    title: "The gateway refuses the number of tokens that Windmill allows",
    cause:
      "Windmill sends max_tokens with every chat: 128000 for model ids with `gpt-5` in them, 8192 for unknown ones. The gateway or the model accepts less. Only `Test key` and summaries send 4096 at most and may work; AI agent steps send a limit only where the step sets one.",
    remedy: [OPEN_AI_SETTINGS, LOWER_TOKENS],
    repairable: true,
    covers: ["size"],
    narrows: ["unsupported-parameter", "request-refused", "context-too-long"],
    match: [
      {
        words:
          /range of max_tokens|max_(?:completion_)?tokens['"`]? is too (?:large|high|big)|valid range of max_tokens|max_tokens.{0,20} cannot be greater than max_model_len|maximum allowed number of output tokens|max_tokens .{0,60}integer above maximum/i,
      },
      {
        text: /(?<!\+ [`'"]?)\bmax_?(?:completion_|output_|new_)?tokens\b.{0,60}(?:too large|too high|too big|must be (?:at most|less|between|smaller|<=|≤)|exceeds?(?! (?:the )?(?:model'?s? )?context)|above maximum|maximum|greater than|out of range|valid range|should be \[|is invalid|not valid)|max(?:imum)? (?:output |completion )?tokens must be (?:between|at most|less)|invalid max_tokens|max_tokens.{0,10} must be at least|supports at most \d+ (?:completion |output )?tokens|output token limit|max(?:imum)? output (?:is|of|limit)|(?:maximum|max)(?: number of)? output tokens|max_tokens: input should be|最大(?:输出)?(?:token|长度).{0,20}(?:超出|超过)/i,
      },
    ],
    tells_apart: "A message about the name max_tokens (use max_completion_tokens) is not about the number.",
    examples: [
      {
        body: openError(
          "max_tokens is too large: 128000. This model supports at most 16384 completion tokens, whereas you provided 128000.",
          "invalid_value",
          "invalid_request_error",
          "max_tokens",
        ),
      },
      {
        body: openError(
          "max_tokens is too large: this model supports at most 32768 completion tokens",
          "unsupported_parameter",
          "invalid_request_error",
          "max_tokens",
        ),
      },
      {
        body: {
          code: "validation_failed",
          description: "Validation failed",
          errors: [{ code: "validation_rule_between", description: "The max tokens must be between 1 and 5000." }],
        },
      },
      {
        body: {
          error: {
            message: "Invalid max_tokens value, the valid range of max_tokens is [1, 8192]",
            type: "invalid_request_error",
          },
        },
      },
    ],
  },
  {
    code: "token-field-refused",
    layer: "protocol",
    severity: "critical",
    owner: "gateway-operator",
    title: "The gateway refuses the field max_tokens or max_completion_tokens",
    cause:
      "Windmill's pages always send max_tokens, its AI agent steps max_completion_tokens when a limit is set. The gateway must accept both names and this one does not, for this model.",
    remedy: [
      "Let the gateway translate the field (LiteLLM: drop_params: true), or use a model that accepts it.",
      "For an AI agent step: remove the step's limit for output tokens.",
    ],
    narrows: ["unsupported-parameter", "token-limit-refused"],
    match: [
      {
        words:
          /max_(?:completion_)?tokens['"`]? is not supported|use ['"`]?max_(?:completion_)?tokens['"`]? instead|(?:unsupported|unrecognized|unknown|unexpected|extra) .{0,60}max_(?:completion_)?tokens/i,
      },
    ],
    examples: [
      {
        body: openError(
          "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
          "unsupported_parameter",
          "invalid_request_error",
          "max_tokens",
        ),
      },
      {
        body: openError(
          "Unrecognized request argument supplied: max_completion_tokens",
          "unsupported_parameter",
          "invalid_request_error",
          "max_completion_tokens",
        ),
      },
    ],
  },
  {
    code: "context-too-long",
    layer: "protocol",
    severity: "warning",
    owner: "workspace-admin",
    title: "The conversation is longer than the model's context",
    cause:
      "Question, history, tools and the reserved answer together exceed what the model can hold. Windmill guesses a model's window by its name and cannot be told otherwise.",
    remedy: [
      "Start a new chat, or use /compact.",
      LOWER_TOKENS,
      "Or choose a model with a larger window; for a local server raise its context size.",
    ],
    covers: ["size"],
    match: [
      { code: ["context_length_exceeded", "exceed_context_size", "model_max_prompt_tokens_exceeded"] },
      {
        sort: [
          "exceed_context_size_error",
          "context_length_exceeded",
          "contextwindowexceedederror",
          "tokens_limit_reached",
          "string_above_max_length",
        ],
      },
      {
        words:
          /(?:input length and|prompt and) [`'"]?max_tokens[`'"]? exceed context|maximum context length|range of input length|maximum prompt length|max size: \d+ tokens|[`'"]?inputs[`'"]? tokens \+ [`'"]?max_new_tokens/i,
      },
      {
        text: /context (?:length|window|size|limit).{0,80}exceed|exceed\w* .{0,40}\bcontext\b|exceeds? the (?:available |model'?s? )?(?:context|maximum (?:input|number of tokens))|(?:prompt|input|conversation|message)s? (?:\(\d+ tokens\) )?(?:is |are )?too long|longer than the model'?s? (?:maximum )?context|too many input tokens|reduce the length of|n_ctx too small|greater than the context length|too large for model with|exceeded model token limit|token count .{0,40}exceeds|input tokens? .{0,40}exceeds?|(?:上下文|输入)(?:长度)?.{0,10}(?:超出|超过|过长)|kontext.{0,30}überschr/i,
      },
      { gist: says("prompt", "long") },
    ],
    examples: [
      {
        body: openError(
          "This model's maximum context length is 4096 tokens. However, you requested 12000 tokens.",
          "context_length_exceeded",
          "invalid_request_error",
          "messages",
        ),
      },
      {
        body: { error: { message: "upstream request failed", type: "server_error", code: "context_length_exceeded" } },
      },
      {
        body: {
          error: {
            code: 400,
            message: "request (4390 tokens) exceeds the available context size (4096 tokens), try increasing it",
            type: "exceed_context_size_error",
          },
        },
      },
    ],
  },
  {
    code: "body-too-large",
    layer: "protocol",
    severity: "critical",
    owner: "gateway-operator",
    title: "The request is larger than the gateway accepts",
    cause:
      "One chat turn of Windmill is about 80 kB (68 tools and a long prompt), and up to 16 MB with pictures. The gateway, or the proxy in front of it, accepts less.",
    remedy: [
      "Raise the body limit of the proxy in front of the gateway to 20 MB. nginx:\nclient_max_body_size 20m;",
      "Others: Traefik: maxRequestBodyBytes of the buffering middleware; Caddy: request_body max_size; HAProxy: tune.bufsize where a rule reads the body; Kong: allowed_payload_size of request-size-limiting; Envoy: per_connection_buffer_limit_bytes; Squid: request_body_max_size. AWS API Gateway (10 MB) and Vercel (4.5 MB) cannot be raised.",
    ],
    covers: ["size"],
    match: [
      { said: [413] },
      {
        code: [
          "compressed_request_too_large",
          "decompressed_request_too_large",
          "decompression_ratio_exceeded",
          "payload_too_large",
          "function_payload_too_large",
        ],
      },
      { sort: ["request_too_large"] },
      {
        text: /request (?:entity|body) too large|(?:payload|body|content|request entity) (?:is )?too large|request size limit|request (?:exceeds the maximum size|too long)\b|request entity exceeds the maximum|request or reply is too large|FUNCTION_PAYLOAD_TOO_LARGE|maximum (?:request )?(?:body|payload) size/i,
      },
      { gist: says("body", "long") },
    ],
    examples: [
      { body: "Request Entity Too Large", content_type: "text/plain" },
      {
        body: "<html><head><title>413 Request Entity Too Large</title></head><body><center>nginx</center></body></html>",
        content_type: "text/plain",
      },
    ],
  },
  {
    code: "too-many-tools",
    layer: "protocol",
    severity: "critical",
    owner: "gateway-operator",
    title: "The gateway accepts fewer tools than Windmill sends",
    cause: "Windmill's AI sessions send about 70 tools with every message. The gateway or model has a lower limit.",
    remedy: ["Raise the limit on the gateway to at least 128, or choose a model without it."],
    match: [
      {
        words:
          /too many (?:tools|functions)|['"`]?(?:tools|functions)['"`]?.{0,60}(?:maximum|at most|array too long|exceeds?|no more than)|\btools\b.{0,40}\blimit\b|(?:maximum|at most|no more than) .{0,40}\b(?:tools|functions)\b/i,
      },
    ],
    examples: [
      {
        body: openError(
          "Invalid 'tools': array too long. Expected an array with maximum length 64, but got an array with length 68 instead.",
          "array_above_max_length",
          "invalid_request_error",
          "tools",
        ),
      },
    ],
  },
];
