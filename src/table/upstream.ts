import { openError, REDACTED_TOAST, redacted } from "./examples.ts";
import { FIND_REQUEST } from "./remedies.ts";
import type { Row } from "./row.ts";

/** Behind the gateway: its provider, its own load and its own faults. */
export const UPSTREAM_ROWS: readonly Row[] = [
  {
    code: "gateway-overloaded",
    layer: "upstream",
    severity: "critical",
    owner: "wait",
    title: "The gateway or its provider is overloaded",
    cause:
      "All places are taken: more requests at once than the gateway or the provider handles. It usually passes by itself.",
    remedy: [
      "Try again in a minute.",
      "If it comes back at busy times: raise the gateway's concurrency limits, or add accounts or machines.",
    ],
    match: [
      {
        code: [
          "server_is_overloaded",
          "overloaded",
          "overloaded_error",
          "model_overloaded",
          "server_overloaded",
          "service_unavailable",
          "unavailable",
          "capacity_exceeded",
          "engine_overloaded",
          "slow_down",
        ],
      },
      {
        type: [
          "overloaded_error",
          "overloaded",
          "service_unavailable",
          "service_unavailable_error",
          "serviceunavailableerror",
          "engine_overloaded_error",
        ],
      },
      {
        text: /overloaded|at capacity|currently unavailable due to high|high demand|too busy|service (?:is )?(?:temporarily )?unavailable|max(?:imum)? parallel|server busy/i,
      },
      { said: [503, 529] },
    ],
    toasts: [{ text: REDACTED_TOAST, rank: 6 }],
    examples: [
      {
        body: {
          error: {
            message: "gateway route class is temporarily overloaded",
            type: "server_error",
            code: "server_is_overloaded",
            param: null,
          },
        },
      },
      { body: redacted("server_is_overloaded") },
      { body: { type: "error", error: { type: "overloaded_error", message: "Overloaded" } } },
      { body: { error: "Model is overloaded", error_type: "overloaded" } },
      {
        body: [
          { error: { code: 503, message: "The model is overloaded. Please try again later.", status: "UNAVAILABLE" } },
        ],
      },
      { body: "Service Unavailable", content_type: "text/plain" },
    ],
  },
  {
    code: "gateway-starting",
    layer: "upstream",
    severity: "critical",
    owner: "wait",
    title: "The gateway is still starting",
    cause:
      "The gateway answers but is not ready: it has not loaded its settings (its database may be unreachable) or is still loading the model.",
    remedy: [
      "Wait a minute and run the check again.",
      "If it stays: look at /readyz of the gateway, at its log and at its database.",
    ],
    match: [
      { code: ["settings_unavailable", "model_loading", "warming_up"] },
      {
        text: /loading model|model is (?:currently |still )?loading|runtime settings are temporarily unavailable|no_db_connection|db not connected/i,
      },
      { type: ["no_db_connection", "unavailable_error"] },
    ],
    examples: [
      { body: openError("runtime settings are temporarily unavailable", "settings_unavailable") },
      { body: { error: { code: 503, message: "Loading model", type: "unavailable_error" } } },
    ],
  },
  {
    code: "upstream-unreachable",
    layer: "upstream",
    severity: "critical",
    owner: "gateway-operator",
    title: "The gateway cannot reach its provider",
    cause: "The gateway accepted the request and could not connect to the upstream provider with any of its accounts.",
    remedy: [
      "Check from the gateway's machine that it reaches the provider: name resolution, firewall, outgoing proxy.",
      FIND_REQUEST,
    ],
    match: [
      { code: ["upstream_request_failed", "upstream_unreachable", "connection_error", "upstream_connect_error"] },
      { type: ["apiconnectionerror", "connection_error"] },
      {
        text: /litellm\.(?:APIConnectionError|InternalServerError).{0,200}connect|cannot connect to host|connection error\.?$|error sending request for url|connect ECONNREFUSED|dial tcp|name or service not known|getaddrinfo|max retries exceeded with url/i,
      },
    ],
    examples: [
      { body: redacted("upstream_request_failed") },
      {
        body: {
          error: {
            message: "litellm.InternalServerError: InternalServerError: OpenAIException - Connection error.",
            type: null,
            param: null,
            code: "500",
          },
        },
      },
      {
        body: {
          error: {
            message: "error sending request for url (https://api.openai.com/v1/chat/completions)",
            type: "api_error",
          },
        },
      },
    ],
  },
  {
    code: "safety-refused",
    layer: "upstream",
    severity: "warning",
    owner: "wait",
    title: "The provider refused the content of the request",
    cause: "A safety policy or content filter of the provider refused this text. The connection works.",
    remedy: [
      "Word the request differently. If harmless texts are refused, the gateway's operator can ask the provider.",
    ],
    match: [
      {
        code: [
          "misalignment_policy_violation",
          "content_filter",
          "content_policy_violation",
          "responsibleaipolicyviolation",
          "cyber_policy_violation",
        ],
      },
      { text: /content (?:management )?policy|safety (?:policy|system)|content[_ ]filter/i },
    ],
    examples: [
      { body: openError("The request was refused by the safety policy", "misalignment_policy_violation") },
      {
        body: openError(
          "The response was filtered due to the prompt triggering Azure OpenAI's content management policy.",
          "content_filter",
        ),
      },
    ],
  },
  {
    code: "gateway-accounting",
    layer: "upstream",
    severity: "critical",
    owner: "gateway-operator",
    title: "The gateway cannot book the request",
    cause:
      "The gateway failed to reserve or record the request's cost before running it: a fault of the gateway or its database.",
    remedy: ["Look at the gateway's log and at its database at the time of the check."],
    match: [{ code: ["gateway_reservation_failed", "gateway_accounting_failed"] }],
    examples: [{ body: redacted("gateway_reservation_failed") }, { body: redacted("gateway_accounting_failed") }],
  },
  {
    code: "gateway-crashed",
    layer: "upstream",
    severity: "critical",
    owner: "gateway-operator",
    title: "The gateway failed inside",
    cause: "The gateway answered `Internal Server Error` without saying more: a fault of its own, often its database.",
    remedy: [
      "Look at the gateway's log at the time of the check; the x-request-id of a working answer shows how it marks requests there.",
    ],
    match: [
      { said: [500, 501] },
      { type: ["internal_server_error", "internal_error", "internalservererror", "api_error"] },
      { text: /^\W{0,3}(?:500 )?internal server error/i },
    ],
    examples: [
      { body: "Internal Server Error", content_type: "text/plain" },
      { body: { errors: { detail: "Internal Server Error" } } },
      { body: { error: { message: "Internal server error", type: "api_error" } } },
      { body: { message: "Internal server error" } },
    ],
  },
  {
    code: "upstream-failed",
    layer: "upstream",
    severity: "critical",
    owner: "gateway-operator",
    title: "The provider behind the gateway failed",
    cause:
      "The gateway passed the request on and got an error, or no complete answer, from the upstream provider. The gateway hides the details.",
    remedy: [
      FIND_REQUEST,
      "If many requests fail: look at the provider's status page. If one model fails: try another.",
    ],
    match: [
      { code: ["upstream_error", "upstream_status", "upstream_response_missing", "upstream_failed"] },
      { type: ["server_error", "upstream_error"] },
      {
        text: /^upstream request failed$|the server had an error (?:while )?processing|upstream error|provider returned error/i,
      },
    ],
    toasts: [{ text: REDACTED_TOAST, rank: 10 }],
    examples: [
      { body: redacted("upstream_error") },
      { body: redacted("upstream_status") },
      { body: redacted("upstream_response_missing") },
      {
        body: {
          error: {
            message: "The server had an error while processing your request. Sorry about that!",
            type: "server_error",
            param: null,
            code: null,
          },
        },
      },
    ],
  },
];
