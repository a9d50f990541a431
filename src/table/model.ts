import { openError } from "./examples.ts";
import { OPEN_AI_SETTINGS, RUN_CHECK } from "./remedies.ts";
import type { Row } from "./row.ts";

/** The model that was asked for, and the gateway's list of models. */
export const MODEL_ROWS: readonly Row[] = [
  {
    code: "model-not-served",
    layer: "model",
    severity: "critical",
    owner: "workspace-admin",
    title: "The gateway does not serve {model}",
    cause:
      "{model} is configured in Windmill but unknown to the gateway, or at the moment no account of the pool offers it. {gateway_lists}",
    remedy: [
      OPEN_AI_SETTINGS,
      "Replace {model} by {nearest}, also where it is the default or metadata model, and save.",
      "Or let the gateway's operator bring it back: in Codex Pooler's admin pages, the model must be active and an account of the pool must offer it.",
      RUN_CHECK,
    ],
    repairable: true,
    match: [
      {
        code: [
          "invalid_model",
          "model_not_found",
          "model_not_available",
          "modelnotfound",
          "deploymentnotfound",
          "unknown_model",
          "model_decommissioned",
          "model_not_supported",
          "unsupported_model",
          "model_deprecated",
        ],
      },
      { type: ["invalid_model", "model_not_found"] },
      { type: ["not_found_error"], text: /^model:? / },
      {
        text: /\bmodels? [`'"“]?\S{1,200}?[`'"”]? (?:is |was |has been |are )?(?:not (?:available|found|served|supported|exist|loaded|deployed|a valid)|does(?: not|n't) exist|unknown|decommissioned|deprecated|unavailable)|model (?:is )?not (?:available|found|supported|exist)|(?:unknown|invalid|no such|unsupported|non-?existent) model|invalid model name|try pulling it first|no models? (?:are )?loaded|failed to load model|is not a valid model|there is no ['"]?model_name|deployment (?:for this resource )?does not exist|(?:the )?api deployment for this resource|model_not_found|is not found for api version|no healthy deployments? for (?:this )?model|no allowed providers are available/i,
      },
    ],
    tells_apart:
      "A model that the key may not use has the code model_not_allowed; a wrong base_url makes /models fail too.",
    examples: [
      { body: openError("model is not available for this pool", "invalid_model", "invalid_request_error", "model") },
      { body: openError("The model `gpt-0` does not exist or you do not have access to it.", "model_not_found") },
      {
        body: {
          object: "error",
          message: "The model `Qwen1.5-14B` does not exist.",
          type: "NotFoundError",
          param: null,
          code: 404,
        },
      },
      {
        body: {
          error: {
            message: 'model "llama9" not found, try pulling it first',
            type: "not_found_error",
            param: null,
            code: null,
          },
        },
      },
      {
        body: {
          error: {
            message: {
              error:
                "/chat/completions: Invalid model name passed in model=x. Call `/v1/models` to view available models for your key.",
            },
            type: "None",
            param: "None",
            code: "400",
          },
        },
      },
      {
        body: {
          error: { code: "DeploymentNotFound", message: "The API deployment for this resource does not exist." },
        },
      },
      { body: { type: "error", error: { type: "not_found_error", message: "model: claude-9 not found" } } },
    ],
  },
  {
    code: "model-lacks-tools",
    layer: "model",
    severity: "critical",
    owner: "workspace-admin",
    title: "{model} cannot call tools",
    cause:
      "Windmill's chat sends tools with every message. The model, or the way it is served, does not support them, so every chat fails although a plain question works.",
    remedy: [
      "Choose a model that supports tool calls as default model (Workspace settings > Windmill AI).",
      "vLLM: start the server with --enable-auto-tool-choice and --tool-call-parser. llama.cpp: start it with --jinja.",
    ],
    match: [
      {
        text: /does not support (?:tools?|tool calls?|tool calling|function calling)|tool choice requires --enable-auto-tool-choice|tools? param requires --jinja|(?:tools?|function[- ]calling) (?:is|are) not supported|no endpoints found that support tool use/i,
      },
    ],
    examples: [
      {
        body: {
          error: {
            message: "registry.ollama.ai/library/gemma3:4b does not support tools",
            type: "api_error",
            param: null,
            code: null,
          },
        },
      },
      {
        body: {
          object: "error",
          message: '"auto" tool choice requires --enable-auto-tool-choice and --tool-call-parser to be set',
          type: "BadRequestError",
          param: null,
          code: 400,
        },
      },
    ],
  },
  {
    code: "model-lacks-capability",
    layer: "model",
    severity: "critical",
    owner: "workspace-admin",
    title: "{model} does not support what was asked for",
    cause:
      "The gateway knows the model and says that it lacks a capability that the request needs, e.g. images or tools.",
    remedy: ["Choose another model in Workspace settings > Windmill AI, e.g. {nearest}."],
    match: [{ code: ["unsupported_model_capability"] }, { text: /model does not support the requested capability/i }],
    examples: [{ body: openError("model does not support the requested capability", "unsupported_model_capability") }],
  },
  {
    code: "model-missing-in-request",
    layer: "model",
    severity: "warning",
    owner: "workspace-admin",
    title: "The request names no model",
    cause:
      "The gateway found no model in the request. A static header `content-type` in the resource has the same effect: the body is then not read.",
    remedy: [
      "Choose a default model in Workspace settings > Windmill AI.",
      "Remove `content-type` and `content-encoding` from the resource's headers.",
    ],
    match: [
      {
        text: /model is required|missing (?:required )?(?:parameter|field):? [`'"]?model\b|body\.model: field required|you must provide a model/i,
      },
    ],
    examples: [{ body: openError("model is required", "invalid_request", "invalid_request_error", "model") }],
  },
  {
    code: "models-empty",
    layer: "model",
    severity: "critical",
    owner: "gateway-operator",
    title: "The gateway lists no model",
    cause:
      "The key is accepted and the list is empty: the key's policy allows no model, the pool's catalog was never synchronised, or no account of the pool is healthy.",
    remedy: [
      "Look at the allowed models of {key} in Codex Pooler's admin pages: an empty list allows none.",
      "Look at the pool's accounts and at its model catalog there.",
    ],
    match: [{ problem: ["empty-list"] }],
    explains: ["model-not-served"],
    examples: [{ status: 200, body: { object: "list", data: [] }, kind: "models", content_type: "application/json" }],
  },
  {
    code: "models-list-unavailable",
    layer: "model",
    severity: "warning",
    owner: "gateway-operator",
    title: "The gateway answers chats but gives no model list",
    cause:
      "GET /models fails while chat works. Windmill's features go on; only the settings page cannot offer ids, and nobody can tell which configured models are gone.",
    remedy: [
      "Type model ids by hand in Workspace settings > Windmill AI.",
      "Let the gateway's operator enable GET /v1/models.",
    ],
    match: [],
    examples: [],
  },
];
