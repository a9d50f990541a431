import { openError } from "./examples.ts";
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
      {
        code: ["invalid_request", "invalid_json_schema", "unsupported_parameter"],
        text: /invalid schema for function/i,
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
      "An AI agent step asks for structured output with a strict schema, and the gateway does not accept that schema.",
    remedy: [
      "In the flow's agent step, make every property of the output schema required, allow no additional ones, and use plain types.",
    ],
    match: [
      { code: ["invalid_json_schema"] },
      { text: /invalid schema for response_format|response_format.{0,80}(?:invalid|not supported|unsupported)/i },
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
    match: [
      { code: ["unsupported_input_image_format"] },
      {
        text: /(?:image|vision|multimodal|image_url).{0,80}(?:not supported|unsupported|not support|invalid|only text)|(?:does not|doesn't) support (?:image|vision|multimodal)/i,
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
    match: [
      { said: [406, 415] },
      { code: ["unsupported_content_encoding", "unsupported_media_type"] },
      { text: /^\W{0,3}(?:not acceptable|unsupported media type)/i },
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
    match: [
      { type: ["invalid_request", "invalid_value", "missing_required_parameter", "invalid_type", "bad_request"] },
      { said: [422] },
      { text: /^(?:\W{0,3}(?:400 )?bad request\W*$|.{0,60}field required|.{0,60}validation error)/i },
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
