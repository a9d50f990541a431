import { openError } from "./examples.ts";
import { says } from "./phrases.ts";
import { FIND_REQUEST } from "./remedies.ts";
import type { Row } from "./row.ts";

/** The gateway refuses the form of a request: fields, schemas, headers. Each breaks some of Windmill's features, not all. */
export const REQUEST_ROWS: readonly Row[] = [
  {
    code: "strict-schema-refused",
    layer: "protocol",
    severity: "info",
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
      {
        text: /invalid schema for function|strict json_schema|additionalProperties.{0,40}(?:required|must be|false)|'required' is required to be supplied/i,
      },
    ],
    tells_apart: "It names the function, usually test_run_flow.",
    examples: [
      {
        body: openError(
          "Invalid schema for function 'test_run_flow': strict json_schema additionalProperties must be false",
          "invalid_function_parameters",
          "invalid_request_error",
          "tools",
        ),
      },
    ],
  },
  {
    code: "output-schema-refused",
    layer: "protocol",
    severity: "warning",
    owner: "workspace-admin",
    title: "The gateway refuses the agent step's output schema",
    cause:
      "An AI agent step asks for structured output with a strict schema, and the gateway does not accept that schema, or the model no schema at all. Only AI agent steps with an output schema send one: chats, summaries and other steps work.",
    remedy: [
      "In the flow's agent step, make every property of the output schema required, allow no additional ones, and use plain types.",
    ],
    match: [
      { code: ["invalid_json_schema"] },
      {
        words: /invalid schema for response_format/i,
      },
      {
        text: /json schema .{0,60}not supported by|response_?format.{0,80}(?:invalid|not supported|unsupported|unavailable)|(?:does not|doesn't) support (?:json output|structured outputs?|json[_ ]schema|response_?format|json mode)/i,
      },
    ],
    examples: [
      {
        body: openError(
          "strict json_schema properties must all be required",
          "invalid_json_schema",
          "invalid_request_error",
          "response_format",
        ),
      },
    ],
  },
  {
    code: "images-refused",
    layer: "protocol",
    severity: "info",
    owner: "workspace-admin",
    title: "The model takes no pictures",
    cause:
      "A picture was sent to a model that reads text only. Windmill then removes pictures from the chat and goes on.",
    remedy: ["Choose a model that reads pictures, or leave them out."],
    narrows: ["model-not-served", "model-not-allowed"],
    match: [
      { code: ["unsupported_input_image_format"] },
      {
        text: /(?:\bimage|\bvision|multimodal|image_url).{0,80}(?:not supported|unsupported|not support|invalid|only text|may be provided)|(?:does not|doesn't|do not) support (?:image|vision|multimodal)|support image input|at most \d+ images?|cannot (?:process|accept|handle|read) images?|不支持(?:图片|图像|视觉)/i,
      },
    ],
    examples: [
      {
        body: openError(
          "Invalid content type. image_url is only supported by certain models; images are not supported here.",
          null,
          "invalid_request_error",
          "messages",
        ),
      },
    ],
  },
  {
    code: "unsupported-parameter",
    layer: "protocol",
    severity: "critical",
    owner: "gateway-operator",
    title: "The gateway refuses {refused_field}",
    cause:
      "The gateway, or the model behind it, does not accept the field or value that its message names. {who_sends_it}",
    remedy: [
      "{without_it}.",
      "Or let the gateway drop what a model does not take. LiteLLM: `drop_params: true` in litellm_settings; Codex Pooler refuses stop, seed, n, logprobs, penalties and every field that it does not know.",
    ],
    covers: ["field"],
    by_field: true,
    narrows: ["request-refused"],
    match: [
      {
        sort: [
          "unsupported_parameter",
          "unknown_parameter",
          "unsupported_value",
          "extra_forbidden",
          "unknown_field",
          "unsupportedparamserror",
        ],
      },
      {
        text: /(?:unsupported|unknown|unrecognized|unexpected|invalid|disallowed) (?:request )?(?:parameter|field|argument|key|property|name ["'])|extra (?:inputs|fields) (?:are )?not permitted|additional properties are not allowed|is not a valid (?:parameter|field)|unrecognized request argument|property .{1,100} is unsupported|(?:does not|doesn't|do not) support (?:the )?(?:parameter|field|argument|param)s?\b|(?:argument|parameter|param|field|property) ['"`]?[\w.]{0,60}['"`]? ?(?:is |was )?(?:not|un) ?(?:supported|permitted|allowed|recognized)|does(?:n't| not) support (?:this )?(?:temperature|top_p|tool_choice|stream_options|reasoning_effort|parallel_tool_calls|stop)\b|['"`]?(?:temperature|top_p|tool_choice|stream_options|reasoning_effort|parallel_tool_calls|stop|seed|strict)['"`]? (?:does not support|(?:is|are) (?:not|only) (?:supported|allowed)|cannot both|is deprecated)|不支持(?:的)?参数|参数.{0,30}不支持/i,
      },
      { gist: says("field", "refused") },
      { gist: says("option", "confined") },
    ],
    examples: [
      {
        body: openError(
          "unsupported parameter: logprobs",
          "unsupported_parameter",
          "invalid_request_error",
          "logprobs",
        ),
      },
      {
        body: {
          detail: [
            {
              type: "extra_forbidden",
              loc: ["body", "stream_options"],
              msg: "Extra inputs are not permitted",
              input: {},
            },
          ],
        },
      },
      {
        body: openError(
          "messages.2.tool_calls.0.index: Extra inputs are not permitted",
          "unsupported_parameter",
          "invalid_request_error",
          "messages",
        ),
      },
    ],
  },
  {
    code: "tool-schema-refused",
    layer: "protocol",
    severity: "critical",
    owner: "gateway-operator",
    title: "The gateway refuses the schema of one of Windmill's tools",
    cause:
      "Windmill's chats and AI agent steps with tools describe each tool by a JSON schema, and the provider does not accept one of them: it knows a smaller part of JSON Schema, or another draft. Questions without tools, summaries and steps without tools work.",
    remedy: [
      "Choose another model as default model: the providers differ in what they accept.",
      "Or let the gateway's operator translate tool schemas for this provider, e.g. with LiteLLM in between.",
    ],
    narrows: ["unsupported-parameter", "request-refused"],
    match: [
      {
        words:
          /tools?\[\d{1,3}\]\.function\.(?:name|parameters)|tools?[.[]\d{1,3}\]?\.[\w.[\]]{0,80}(?:input_schema|parameters)\b|json schema is invalid|schema .{0,80}should be non-empty for object|tool (?:schema|parameters?)\b.{0,60}(?:invalid|not valid|not supported)/i,
      },
    ],
    tells_apart:
      "`Invalid schema for function` with strict rules is strict-schema-refused: only the flow editor's chat fails then.",
    examples: [
      {
        body: {
          type: "error",
          error: {
            type: "invalid_request_error",
            message: "tools.12.custom.input_schema: JSON schema is invalid. It must match JSON Schema draft 2020-12",
          },
        },
      },
    ],
  },
  {
    code: "replay-refused",
    layer: "protocol",
    severity: "critical",
    owner: "gateway-operator",
    title: "The gateway refuses the second turn of chats that use tools",
    cause:
      "After a tool call Windmill sends the model's own call back with its result, as every client of chat completions does. This provider wants a part in it that chat completions do not have (thought_signature, reasoning_content). First answers, summaries and steps without tools work.",
    remedy: [
      "Choose a model without this need as default model, e.g. one that does not think before it calls tools.",
      "Or let the gateway keep that part and put it back: newer versions of LiteLLM and new-api do.",
    ],
    narrows: ["unsupported-parameter", "request-refused"],
    match: [
      {
        words:
          /missing (?:a |the )?[`'"]?(?:thought_signature|reasoning_content|reasoning|thinking)[`'"]?|(?:reasoning_content|thought_signature|thinking)[`'"]? .{0,60}(?:is required|must be (?:passed|provided|included)|missing)|expected [`'"]?thinking[`'"]? .{0,80}but found/i,
      },
    ],
    examples: [
      {
        body: openError(
          "Missing `reasoning_content` field in the assistant message at message index 2.",
          "invalid_request_error",
        ),
      },
    ],
  },
  {
    code: "chat-template-refused",
    layer: "protocol",
    severity: "critical",
    owner: "gateway-operator",
    title: "The model server cannot turn Windmill's chats into a prompt",
    cause:
      "The server has no chat template for {model}, or one that does not know system messages, tool messages or two messages of one role in a row, and all of these are in Windmill's chats.",
    remedy: [
      "Give the server a template that knows tools: vLLM: --chat-template; llama.cpp: --jinja with --chat-template-file; Ollama: TEMPLATE of the Modelfile.",
      "Or choose an instruction model that brings its own.",
    ],
    match: [
      {
        words:
          /chat template|conversation roles must alternate|(?:system|tool) role (?:is )?not supported|only user(?:, | and )assistant roles|jinja exception|template error/i,
      },
    ],
    examples: [
      {
        body: {
          error: {
            message: "Conversation roles must alternate user/assistant/user/assistant/...",
            type: "BadRequestError",
            code: 400,
          },
        },
      },
    ],
  },
  {
    code: "not-acceptable",
    layer: "protocol",
    severity: "critical",
    owner: "workspace-admin",
    title: "The gateway refuses the request's headers",
    cause:
      "The gateway does not accept the request's Accept, Content-Type or Content-Encoding. Windmill sends good ones: a static header of the resource is in the way.",
    remedy: [
      "Open Resources > {resource_path} > Edit and remove accept, content-type, content-encoding and host from headers.",
    ],
    repairable: true,
    covers: ["form"],
    match: [
      { said: [406, 415] },
      { code: ["unsupported_content_encoding", "unsupported_media_type"] },
      {
        text: /^\W{0,3}(?:not acceptable|unsupported media type)|invalid content type passed|content-type .{0,40}(?:not supported|must be)/i,
      },
    ],
    examples: [
      { body: openError("unsupported content encoding", "unsupported_content_encoding") },
      { body: "Unsupported Media Type", content_type: "text/plain" },
    ],
  },
  {
    code: "request-refused",
    layer: "protocol",
    severity: "critical",
    owner: "gateway-operator",
    title: "The gateway takes the request for malformed",
    cause:
      "The gateway read the request and refused its form. Its message says which part; Windmill sends plain chat completions.",
    remedy: [
      "Look at the gateway's message in the evidence, then at its documentation: it may not speak the chat completions API in full.",
      FIND_REQUEST,
    ],
    covers: ["form"],
    match: [
      {
        type: [
          "invalid_request",
          "invalid_value",
          "missing_required_parameter",
          "invalid_type",
          "bad_request",
          "invalid_request_message_order",
          "invalid_request_prompt",
          "badrequesterror",
        ],
      },
      { said: [422] },
      {
        text: /^(?:\W{0,3}(?:400 )?bad request\W*$|.{0,60}field required|.{0,60}validation error)|must be followed by tool messages|expected last role|messages must contain|(?:in)?valid (?:role|message)|messages? .{0,60}(?:must (?:be|have|contain|alternate)|should (?:be|have))|could not parse the json|invalid json|unexpected token .{0,20} in json|were found without .{0,20}tool_result|failed to parse (?:the )?(?:request|json|body)/i,
      },
      { type: ["validation_error"] },
    ],
    examples: [
      {
        body: openError(
          "messages must contain role/content objects",
          "invalid_request",
          "invalid_request_error",
          "messages",
        ),
      },
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
    cause:
      "The gateway, or a proxy in front of it, answered with an error status and an empty body; Windmill loses the status, so nothing is left that says why.",
    remedy: [
      "Ask the gateway directly, to see its status.\ncurl -sS -i -H \"Authorization: Bearer <pool key>\" '{base_url}/models'",
      "Read the log of the gateway and of the proxy in front of it at the time of the check.",
    ],
    match: [{ status: [400], empty: true, last: true }],
    toasts: [{ text: /^\(?(?:no )?status code (?:\(no body\)|or body)\)?$/i, rank: 1 }],
    examples: [{ body: "", content_type: "text/plain" }],
  },
];
