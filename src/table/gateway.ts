import { webPage } from "./examples.ts";
import { FROM_INSIDE, RUN_CHECK } from "./remedies.ts";
import type { Row } from "./row.ts";

/** The gateway's paths: its /v1 API, and what is not there. */
const EDIT_BASE_URL = "Open Resources > {resource_path} > Edit and correct base_url.";

export const GATEWAY_ROWS: readonly Row[] = [
  {
    code: "v1-disabled",
    layer: "gateway-path",
    severity: "critical",
    owner: "gateway-operator",
    title: "The pool has its /v1 API switched off",
    cause:
      "The key is good, but its pool does not allow the OpenAI-compatible API, which is the only one Windmill uses.",
    remedy: ["In Codex Pooler's admin pages open the pool of {key} and switch OpenAI /v1 compatibility on.", RUN_CHECK],
    match: [{ code: ["v1_compatibility_disabled"] }, { text: /OpenAI \/?v1 compatibility is disabled/i }],
    examples: [
      {
        body: {
          error: {
            message: "OpenAI /v1 compatibility is disabled for this pool",
            type: "invalid_request_error",
            code: "v1_compatibility_disabled",
            param: null,
          },
        },
      },
    ],
  },
  {
    code: "endpoint-unsupported",
    layer: "gateway-path",
    severity: "warning",
    owner: "wait",
    title: "The gateway does not offer this endpoint",
    cause:
      "The gateway knows the path and does not serve it (embeddings, batches, code completion, images and the like). Windmill's customai features need /models and /chat/completions only.",
    remedy: ["Nothing to do for Windmill's AI features. A script that calls this path needs another provider."],
    match: [{ code: ["unsupported_endpoint", "image_generation_disabled", "websocket_upgrade_required"] }],
    tells_apart: "A wrong base_url makes every path fail, /models among them; this fails for one path only.",
    examples: [
      {
        body: {
          error: {
            message: "Unsupported OpenAI /v1 endpoint",
            type: "invalid_request_error",
            code: "unsupported_endpoint",
            param: null,
          },
        },
      },
    ],
  },
  {
    code: "wrong-base-path",
    layer: "gateway-path",
    severity: "critical",
    owner: "workspace-admin",
    title: "base_url leads to another API of the server",
    cause:
      "The server answers, but in the shape of another API: a model list without `data` (Codex Pooler's backend, Ollama's own API), or a request body that is not a chat completion's.",
    remedy: [
      EDIT_BASE_URL,
      "It must be the OpenAI-compatible base: for Codex Pooler <address>/v1, not /backend-api/codex/v1; for Ollama <address>/v1, not /api; for Azure OpenAI https://<resource>.openai.azure.com/openai/v1.",
      RUN_CHECK,
    ],
    repairable: true,
    match: [
      { problem: ["no-list"], kind: ["models"] },
      { problem: ["no-list"] },
      { words: /^api version (?:is )?not supported|missing required query parameter.{0,20}api-version/i },
    ],
    examples: [
      { status: 200, body: { models: [{ slug: "gpt-5.5" }] }, kind: "models", content_type: "application/json" },
      {
        status: 200,
        body: { object: "list", data: [{ name: "x" }] },
        kind: "models",
        content_type: "application/json",
      },
    ],
  },
  {
    code: "endpoint-not-found",
    layer: "gateway-path",
    severity: "critical",
    owner: "workspace-admin",
    title: "There is nothing at this path of the gateway",
    cause:
      "The server answers `Not Found`: base_url misses /v1 at its end, has something too much there, or leads to another server.",
    remedy: [EDIT_BASE_URL, "It must end in /v1: Windmill appends /chat/completions and /models itself.", FROM_INSIDE],
    repairable: true,
    covers: ["path"],
    behind: "upstream-failed",
    match: [
      // What AWS API Gateway says of a path that it does not have.
      { words: /^missing authentication token$/i },
      { said: [404, 405, 410] },
      {
        code: ["endpoint_not_found", "unknown_url", "invalid_url", "route_not_found"],
      },
      { type: ["not_found_error", "not_found", "notfounderror", "notfound"] },
      {
        text: /no route matched|unexpected endpoint or method|invalid url \(|cannot (?:get|post) \/|(?:path|url|route|endpoint|page) (?:was )?not found|unknown (?:endpoint|path|route|url)|404 page not found|no such (?:endpoint|route)|only (?:post|get) (?:requests|method)|unable to match incoming request to an operation|^resource not found$|(?:接口|路径|地址)不存在/i,
      },
    ],
    tells_apart: "If /models works and only chat says `not found`, it is the model that is not found.",
    explains: ["models-list-unavailable"],
    examples: [
      { body: "Not Found", content_type: "text/plain" },
      { body: "404 page not found\n", content_type: "text/plain" },
      { body: { detail: "Not Found" } },
      { body: webPage("404 Not Found"), content_type: "text/plain" },
      { body: { message: "no Route matched with those values" } },
      { body: { errors: { detail: "Not Found" } } },
      {
        status: 200,
        body: { error: "Unexpected endpoint or method. (POST /chat/completions)" },
        content_type: "application/json",
        kind: "chat",
      },
      {
        body: {
          error: {
            message: "Invalid URL (POST /chat/completions)",
            type: "invalid_request_error",
            param: null,
            code: null,
          },
        },
      },
    ],
  },
];
