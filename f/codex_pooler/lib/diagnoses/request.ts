import { FIND_REQUEST, LOWER_TOKENS, OPEN_AI_SETTINGS } from "./remedies.ts";
import type { Row } from "./row.ts";

/** The gateway refuses the request's form: fields, limits, schemas. Each breaks some of Windmill's features, not all. */

const error = (message: string, code: string | null, param: string | null = null, type = "invalid_request_error") => ({
  error: { message, type, code, param },
});

export const REQUEST_ROWS: readonly Row[] = [
  {
    code: "token-limit-refused",
    layer: "protocol",
    severity: "critical",
    owner: "workspace-admin",
    title: "The gateway refuses the number of tokens that Windmill allows",
    cause:
      "Windmill sends max_tokens with every chat: 128000 for model ids with `gpt-5` in them, 8192 for unknown ones. The gateway or the model accepts less.",
    remedy: [OPEN_AI_SETTINGS, LOWER_TOKENS],
    repairable: true,
    match: [
      {
        text: /max_(?:completion_|output_|new_)?tokens\b.{0,60}(?:too large|must be (?:at most|less|between|<=)|exceeds?|above maximum|maximum|greater than|out of range|valid range|should be \[)|max tokens must be between|range of max_tokens|invalid max_tokens|max_tokens.{0,10} must be at least|supports at most \d+ (?:completion |output )?tokens|max_new_tokens/i,
      },
      {
        code: ["invalid_value", "integer_above_max_value", "unsupported_value", "unsupported_parameter", "invalid_request", "invalidparameter"],
        text: /max_(?:completion_|output_|new_)?tokens\b.{0,60}(?:too large|must be|exceeds?|above maximum|maximum|greater than|out of range)|max tokens must be between|supports at most/i,
      },
    ],
    tells_apart: "A message about the name max_tokens (use max_completion_tokens) is not about the number.",
    examples: [
      { body: error("max_tokens is too large: 128000. This model supports at most 16384 completion tokens, whereas you provided 128000.", "invalid_value", "max_tokens") },
      { body: error("max_tokens is too large: this model supports at most 32768 completion tokens", "unsupported_parameter", "max_tokens") },
      { body: { code: "validation_failed", description: "Validation failed", errors: [{ code: "validation_rule_between", description: "The max tokens must be between 1 and 5000." }] } },
      { body: { error: { message: "Invalid max_tokens value, the valid range of max_tokens is [1, 8192]", type: "invalid_request_error" } } },
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
    match: [
      {
        text: /max_(?:completion_)?tokens['"`]? is not supported|use ['"`]?max_(?:completion_)?tokens['"`]? instead|(?:unsupported|unrecognized|unknown|unexpected|extra).{0,60}max_(?:completion_)?tokens/i,
      },
      {
        code: ["unsupported_parameter", "unknown_parameter", "unsupported_value", "invalid_request"],
        text: /max_(?:completion_)?tokens['"`]? is not supported|use ['"`]?max_(?:completion_)?tokens['"`]? instead|(?:unsupported|unrecognized|unknown|unexpected|extra).{0,60}max_(?:completion_)?tokens/i,
      },
    ],
    examples: [
      { body: error("Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.", "unsupported_parameter", "max_tokens") },
      { body: error("Unrecognized request argument supplied: max_completion_tokens", "unsupported_parameter", "max_completion_tokens") },
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
    remedy: ["Start a new chat, or use /compact.", LOWER_TOKENS, "Or choose a model with a larger window; for a local server raise its context size."],
    match: [
      { code: ["context_length_exceeded", "exceed_context_size", "string_above_max_length", "request_too_large"] },
      { type: ["exceed_context_size_error", "context_length_exceeded"] },
      {
        text: /maximum context length|context (?:length|window|size).{0,60}exceed|exceeds? the (?:available |model'?s? )?(?:context|maximum (?:input|number of tokens))|prompt is too long|input is too long|too many (?:input )?tokens|reduce the length of/i,
      },
    ],
    examples: [
      { body: error("This model's maximum context length is 4096 tokens. However, you requested 12000 tokens.", "context_length_exceeded", "messages") },
      { body: { error: { message: "upstream request failed", type: "server_error", code: "context_length_exceeded" } } },
      { body: { error: { code: 400, message: "request (4390 tokens) exceeds the available context size (4096 tokens), try increasing it", type: "exceed_context_size_error" } } },
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
    remedy: ["Raise the body limit of the proxy in front of the gateway to 20 MB.\nclient_max_body_size 20m;"],
    match: [
      { said: [413] },
      { code: ["compressed_request_too_large", "decompressed_request_too_large", "decompression_ratio_exceeded", "payload_too_large"] },
      { text: /request (?:entity|body) too large|payload too large|body (?:is )?too large|request size limit/i },
    ],
    examples: [
      { body: "Request Entity Too Large", content_type: "text/plain" },
      { body: "<html><head><title>413 Request Entity Too Large</title></head><body><center>nginx</center></body></html>", content_type: "text/plain" },
    ],
  },
  {
    code: "strict-schema-refused",
    layer: "protocol",
    severity: "warning",
    owner: "wait",
    title: "The gateway refuses the flow chat's tool schema",
    cause:
      "In the chat of the flow editor Windmill sends a flow's input form as a strict tool schema. The gateway enforces OpenAI's strict rules (every property required, nothing additional), so that chat fails for flows with optional inputs. Other chats are not affected.",
    remedy: [
      "Use the AI sessions chat instead of the chat docked in the flow editor.",
      "Or mark all inputs of the flow as required while working on it there.",
    ],
    match: [
      { code: ["invalid_function_parameters"] },
      { text: /invalid schema for function|strict json_schema|additionalProperties.{0,40}(?:required|must be|false)|'required' is required to be supplied/i },
      { code: ["invalid_request", "invalid_json_schema", "unsupported_parameter"], text: /invalid schema for function/i },
    ],
    tells_apart: "It names the function, usually test_run_flow.",
    examples: [
      { body: error("Invalid schema for function 'test_run_flow': strict json_schema additionalProperties must be false", "invalid_function_parameters", "tools") },
    ],
  },
  {
    code: "output-schema-refused",
    layer: "protocol",
    severity: "warning",
    owner: "workspace-admin",
    title: "The gateway refuses the agent step's output schema",
    cause: "An AI agent step asks for structured output with a strict schema, and the gateway does not accept that schema.",
    remedy: ["In the flow's agent step, make every property of the output schema required, allow no additional ones, and use plain types."],
    match: [{ code: ["invalid_json_schema"] }, { text: /invalid schema for response_format|response_format.{0,80}(?:invalid|not supported|unsupported)/i }],
    examples: [{ body: error("strict json_schema properties must all be required", "invalid_json_schema", "response_format") }],
  },
  {
    code: "too-many-tools",
    layer: "protocol",
    severity: "critical",
    owner: "gateway-operator",
    title: "The gateway accepts fewer tools than Windmill sends",
    cause: "Windmill's AI sessions send about 70 tools with every message. The gateway or model has a lower limit.",
    remedy: ["Raise the limit on the gateway to at least 128, or choose a model without it."],
    match: [{ text: /too many (?:tools|functions)|(?:tools|functions).{0,60}(?:maximum|at most|array too long|exceeds?)/i }],
    examples: [{ body: error("Invalid 'tools': array too long. Expected an array with maximum length 64, but got an array with length 68 instead.", "array_above_max_length", "tools") }],
  },
  {
    code: "images-refused",
    layer: "protocol",
    severity: "info",
    owner: "workspace-admin",
    title: "The model takes no pictures",
    cause: "A picture was sent to a model that reads text only. Windmill then removes pictures from the chat and goes on.",
    remedy: ["Choose a model that reads pictures, or leave them out."],
    match: [{ text: /(?:image|vision|multimodal|image_url).{0,80}(?:not supported|unsupported|not support|invalid|only text)|(?:does not|doesn't) support (?:image|vision|multimodal)/i }],
    examples: [{ body: error("Invalid content type. image_url is only supported by certain models; images are not supported here.", null, "messages") }],
  },
  {
    code: "unsupported-parameter",
    layer: "protocol",
    severity: "critical",
    owner: "gateway-operator",
    title: "The gateway refuses a field of the request",
    cause:
      "The gateway knows the field that its message names and does not accept it, or does not know it. Codex Pooler refuses stop, seed, n, logprobs, penalties and every field it does not know; a query in base_url counts as a field too.",
    remedy: [
      "Look which field the message names. `stop`: a code completion model is set on customai; unset it in Workspace settings > Windmill AI.",
      "`stream_options`, `index` or `reasoning_content`: the gateway is too narrow for Windmill's agent steps or second turns; let its operator allow them.",
      "Remove everything from the ? on in base_url.",
    ],
    match: [
      { code: ["unsupported_parameter", "unknown_parameter", "unsupported_value", "extra_forbidden", "unknown_field"] },
      {
        text: /(?:unsupported|unknown|unrecognized|unexpected|invalid) (?:request )?(?:parameter|field|argument|key|property)|extra (?:inputs|fields) (?:are )?not permitted|additional properties are not allowed|is not a valid (?:parameter|field)|unrecognized request argument|property .{1,100} is unsupported/i,
      },
    ],
    examples: [
      { body: error("unsupported parameter: logprobs", "unsupported_parameter", "logprobs") },
      { body: { detail: [{ type: "extra_forbidden", loc: ["body", "stream_options"], msg: "Extra inputs are not permitted", input: {} }] } },
      { body: error("messages.2.tool_calls.0.index: Extra inputs are not permitted", "unsupported_parameter", "messages") },
    ],
  },
  {
    code: "not-acceptable",
    layer: "protocol",
    severity: "critical",
    owner: "workspace-admin",
    title: "The gateway refuses the request's headers",
    cause: "The gateway does not accept the request's Accept, Content-Type or Content-Encoding. Windmill sends good ones: a static header of the resource is in the way.",
    remedy: ["Open Resources > {resource} > Edit and remove accept, content-type, content-encoding and host from headers."],
    repairable: true,
    match: [
      { said: [406, 415] },
      { code: ["unsupported_content_encoding", "unsupported_media_type"] },
      { text: /^\W{0,3}(?:not acceptable|unsupported media type)/i },
    ],
    examples: [{ body: error("unsupported content encoding", "unsupported_content_encoding") }, { body: "Unsupported Media Type", content_type: "text/plain" }],
  },
  {
    code: "request-refused",
    layer: "protocol",
    severity: "critical",
    owner: "gateway-operator",
    title: "The gateway takes the request for malformed",
    cause: "The gateway read the request and refused its form. Its message says which part; Windmill sends plain chat completions.",
    remedy: [
      "Look at the gateway's message in the evidence, then at its documentation: it may not speak the chat completions API in full.",
      FIND_REQUEST,
    ],
    match: [
      { code: ["invalid_request", "invalid_value", "missing_required_parameter", "invalid_type", "bad_request"] },
      { said: [422] },
      { text: /^(?:\W{0,3}(?:400 )?bad request\W*$|.{0,60}field required|.{0,60}validation error)/i },
      { type: ["validation_error"] },
    ],
    examples: [
      { body: error("messages must contain role/content objects", "invalid_request", "messages") },
      { body: "Bad Request", content_type: "text/plain" },
      { body: { detail: [{ type: "missing", loc: ["body", "messages"], msg: "Field required" }] } },
    ],
  },
  {
    code: "empty-error",
    layer: "protocol",
    severity: "critical",
    owner: "gateway-operator",
    title: "The gateway refuses the request without a word",
    cause: "The gateway, or a proxy in front of it, answered with an error status and an empty body; Windmill loses the status, so nothing is left that says why.",
    remedy: [
      "Ask the gateway directly, to see its status.\ncurl -sS -i -H \"Authorization: Bearer <pool key>\" '{base_url}/models'",
      "Read the log of the gateway and of the proxy in front of it at the time of the check.",
    ],
    match: [{ status: [400], text: /^$/, unless_status: [] }],
    toasts: [{ text: /^\(?(?:no )?status code (?:\(no body\)|or body)\)?$/i, rank: 1 }],
    examples: [{ body: "", content_type: "text/plain" }],
  },
];
