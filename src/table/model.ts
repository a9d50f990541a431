import { openError } from "./examples.ts";
import { says } from "./phrases.ts";
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
      "Or let the gateway's operator bring it back. Codex Pooler: the model must be active and an account of the pool must offer it. LiteLLM: `model_list` must have it; one-api and new-api: a channel of the key's group must list it; Ollama: `ollama pull <model>`; Bedrock: use the id of an inference profile.",
      RUN_CHECK,
    ],
    repairable: true,
    covers: ["model", "path"],
    narrows: ["no-healthy-account"],
    match: [
      { code: ["invalid_model", "deploymentnotfound", "model_decommissioned"] },
      {
        sort: [
          "model_not_found",
          "model_not_available",
          "modelnotfound",
          "unknown_model",
          "model_not_supported",
          "unsupported_model",
          "model_deprecated",
          "unavailable_model",
          "invalid_model",
        ],
      },
      { type: ["not_found_error"], text: /^model:? / },
      {
        text: /\bmodels? [`'"\u201c]?\S{1,200}?[`'"\u201d]? (?:is |was |has been |are )?(?:not (?:available|found|served|supported|exist|loaded|deployed|a valid|recognized)|does(?: not|n't) exist|unknown|decommissioned|deprecated|unavailable|retired|(?:no longer|not) (?:available|supported))|model (?:is )?(?:not (?:available|found|supported|exist)|does not exist|disabled|unavailable)|(?:unknown|invalid|no such|unsupported|non-?existent) model|not found the model|invalid model name|try pulling it first|no models? (?:are )?loaded|is not a valid model|there is no ['"]?model_name|deployment (?:for this resource )?does not exist|(?:the )?api deployment for this resource|model_not_found|is not found for api version|no healthy deployments? for (?:this )?model|no available channels? for model|no endpoints found for |llm provider not provided|model version has reached|on-demand throughput isn|permitted models can be found|\bmodel .{1,120} has been (?:deprecated|retired|removed|decommissioned|shut ?down)|无可用渠道|模型.{0,60}(?:不存在|不可用|未找到|已下线|不支持)|不存在.{0,12}模型|модель .{0,60}не найдена|modell .{0,60}(?:nicht gefunden|existiert nicht)|mod\u00e8le .{0,60}(?:introuvable|n'existe pas)|modelo .{0,60}(?:no encontrado|no existe|n\u00e3o encontrado)|モデル.{0,40}(?:見つかりません|存在しません)/i,
      },
      { gist: says("model", "gone") },
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
      "If the model supports them and the server does not: vLLM: start it with --enable-auto-tool-choice and --tool-call-parser <parser of the model>. SGLang: --tool-call-parser. llama.cpp: --jinja, and a build that streams tool calls. Ollama: a model with `tools` among its capabilities (`ollama show <model>`).",
      "A plain question, summaries and AI agent steps without tools work meanwhile.",
    ],
    narrows: ["model-not-served", "model-not-allowed"],
    match: [
      {
        words:
          /tool choice requires --enable-auto-tool-choice|requires --tool-call-parser|tools? param requires --jinja|does not support parameters: \['(?:tools|tool_choice|functions)/i,
      },
      {
        text: /does(?: not|n't) support (?:the use of )?(?:tools?|tool calls?|tool calling|tool use|function[ -]calls?|function calling|functions)\b|(?:tools?|tool (?:calling|use)|function[- ]call(?:ing|s)?) (?:is|are) (?:not|un)(?: ?supported| enabled| available)|no endpoints found that support tool use|cannot use tools with stream|不支持(?:工具|函数|function)/i,
      },
      { gist: says("tools", "refused") },
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
      "The gateway knows the model and says that it lacks what the request needs, e.g. chat completions (an embedding or speech model, or one for the Responses API only), images or tools.",
    remedy: ["Choose another model in Workspace settings > Windmill AI, e.g. {nearest}."],
    match: [
      { code: ["unsupported_model_capability", "operationnotsupported"] },
      {
        text: /model does not support the requested capability|not a chat model|does not support chat completions|only supported in v1\/(?:responses|completions|embeddings)|(?:operation|endpoint|api) does not work with the specified model|is not (?:a chat|supported in the v1\/chat)|embedding model/i,
      },
    ],
    examples: [{ body: openError("model does not support the requested capability", "unsupported_model_capability") }],
  },
  {
    code: "model-not-enabled",
    layer: "model",
    severity: "critical",
    owner: "gateway-operator",
    title: "The provider's account has not been given {model}",
    cause:
      "The provider knows {model} and wants something first: terms to be accepted, access to be asked for, the model to be switched on for the account, or another plan. No key and no setting in Windmill changes that.",
    remedy: [
      "Do at the provider what the message says. Groq: an admin of the organisation accepts the terms in the console; Hugging Face: ask for access on the model's page; Bedrock: Model access; Volcengine: activate the model in the Ark console; Ollama: a plan with cloud models.",
      "Or choose a model that the account has: {served}.",
      RUN_CHECK,
    ],
    covers: ["model", "permission"],
    narrows: ["model-not-served", "model-not-allowed"],
    match: [
      { code: ["model_terms_required", "modelnotopen"] },
      {
        text: /requires? terms acceptance|use case details have not been submitted|accept the (?:terms|license)|not in the authorized list|access to model .{1,200} is restricted|gated (?:repo|model)|(?:don't|do not) have access to the model with the specified model id|has not (?:activated|enabled|opened) the model|model (?:requires|needs) a (?:paid )?(?:subscription|plan)|(?:model|available) .{0,40}(?:on|in|with) your (?:current )?plan|request access to (?:this|the) model|(?:模型|服务).{0,20}(?:未开通|未激活)|尚未开通/i,
      },
      { gist: says("model", "needy") },
    ],
    examples: [
      {
        body: openError(
          "The model `qwen/qwen3.8-27b` requires terms acceptance. Please have the org admin accept the terms at https://console.groq.com/playground",
          "model_terms_required",
        ),
      },
      { body: { error: { code: "403", message: "You don't have access to the model with the specified model ID." } } },
    ],
  },
  {
    code: "stream-required",
    layer: "model",
    severity: "warning",
    owner: "workspace-admin",
    title: "{model} answers in streams only",
    cause:
      "The provider serves {model} with `stream: true` only. Chats and AI agent steps stream and work; `Test key`, summaries, metadata and other one-shot features do not, and fail with this model.",
    remedy: [
      "Choose another model as metadata model in Workspace settings > Windmill AI; {model} may stay the default model of chats.",
      "Or let the gateway's operator turn plain requests into streams, or switch the model's thinking off (DashScope: enable_thinking=false).",
    ],
    match: [
      {
        text: /only supports? (?:the )?stream(?:ing)?(?: mode| output)?\b|must be (?:set to )?false for non-?streaming|non-?streaming .{0,60}(?:not supported|not allowed)|(?:requires?|only) stream(?: mode)?(?:=| to be )true|please (?:enable|set|use) (?:the )?stream|仅支持流式|只支持流式/i,
      },
    ],
    examples: [
      {
        body: openError(
          "This model only support stream mode, please enable the stream parameter to access the model.",
          "invalid_parameter_error",
        ),
      },
    ],
  },
  {
    code: "model-load-failed",
    layer: "model",
    severity: "critical",
    owner: "gateway-operator",
    title: "The server cannot load {model}",
    cause:
      "The model server has {model} on its list and failed to start it: a damaged or incomplete file, a format that its build does not know, or too little memory of which it does not speak.",
    remedy: [
      "Read the server's log at the time of the check: it names the file and the reason.",
      "Load the model by hand and see it answer. Ollama: `ollama pull <model>` and `ollama run <model>`. LM Studio: `lms load <model>`.",
      RUN_CHECK,
    ],
    narrows: ["gateway-starting"],
    match: [
      {
        text: /(?:failed|unable|error|could not|cannot) (?:to )?(?:while )?load(?:ing)? (?:the )?model|model (?:failed to load|loading failed)|runner process (?:has terminated|no longer running)|error loading model|model (?:was )?unloaded|模型加载失败/i,
      },
    ],
    tells_apart: "Where the server says that memory is missing, it is out-of-memory.",
    examples: [
      {
        body: {
          error: { code: 500, message: "could not load model: rpc error: code = Unknown desc = failed loading model" },
        },
      },
    ],
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
        text: /\bmodel is required|missing (?:required )?(?:parameter|field):? [`'"]?model\b|body\.model: field required|you must provide a model(?: parameter)?/i,
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
