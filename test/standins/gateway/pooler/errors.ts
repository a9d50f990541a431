import { type Answer, json } from "../http.ts";

/**
 * One row per error family of Codex Pooler (codex-pooler-v1.md, sections 1, 2 and 4). The key is the `error.code`.
 * `open` errors keep their message and say `param`; `redacted` ones hide both, on chat only: `/v1/models` and `/v1/usage` never redact.
 */
interface ErrorFamily {
  status: number;
  envelope: "open" | "redacted";
  message: string;
  /** `error.type` of an open error; redacted ones are always `server_error`. */
  type?: "server_error";
  /** Where the request is refused; see {@link Stage}. */
  stage: Stage;
  /** More fields of the error object. */
  extra?: object;
}

/**
 * The points at which a request can be refused, in order: `edge` before authentication, `admission` after the parameters were
 * checked, `routing` once the model is known, `upstream` when an account would be asked. `auth` is the key, `validation` the body.
 */
export type Stage = "edge" | "auth" | "validation" | "admission" | "routing" | "upstream";

const open = (stage: Stage, status: number, message: string): ErrorFamily => ({
  status,
  envelope: "open",
  message,
  stage,
});
const redacted = (stage: Stage, status: number): ErrorFamily => ({
  status,
  envelope: "redacted",
  message: REDACTED_MESSAGE,
  stage,
});

/** A lost continuation tells the client to start over; it is the one 5xx of the gateway that is not redacted. */
function pinned(message: string): ErrorFamily {
  return {
    ...open("routing", 503, message),
    extra: { retryable: false, recovery: { kind: "restart_with_full_context" } },
  };
}

/** What every redacted error says. */
export const REDACTED_MESSAGE = "upstream request failed";

export const ERROR_FAMILIES = {
  access_denied: open("edge", 403, "client IP is not allowed"),
  settings_unavailable: open("edge", 503, "runtime settings are temporarily unavailable"),
  api_key_missing: open("auth", 401, "api key is required"),
  api_key_disabled: open("auth", 401, "api key is disabled"),
  api_key_expired: open("auth", 401, "api key is expired"),
  v1_compatibility_disabled: open("auth", 403, "OpenAI /v1 compatibility is disabled for this pool"),
  unsupported_endpoint: open("validation", 404, "Unsupported OpenAI /v1 endpoint"),
  websocket_upgrade_required: open("validation", 400, "websocket upgrade is required"),
  invalid_request: open("validation", 400, "request body must be an object"),
  unsupported_parameter: open("validation", 400, "Unsupported parameter"),
  invalid_function_parameters: open("validation", 400, "Invalid schema for function"),
  invalid_json_schema: open("validation", 400, "strict json_schema is invalid"),
  unsupported_input_image_format: open("validation", 400, "input image format is not supported"),
  server_is_overloaded: {
    status: 503,
    envelope: "open",
    message: "gateway route class is temporarily overloaded",
    type: "server_error",
    stage: "admission",
  },
  api_key_paused: open("admission", 401, "api key is paused"),
  api_key_revoked: open("admission", 401, "api key is revoked"),
  api_key_runtime_epoch_stale: open("admission", 401, "api key runtime epoch is stale"),
  api_key_policy_malformed: open("admission", 403, "api key policy is malformed"),
  reasoning_effort_not_allowed: open("admission", 400, "reasoning effort is not allowed for this API key"),
  invalid_model: open("routing", 400, "model is not available for this pool"),
  model_not_allowed: redacted("routing", 403),
  unsupported_model_capability: open("routing", 400, "model does not support the requested capability"),
  no_eligible_backend: redacted("routing", 503),
  no_compatible_backend: redacted("routing", 503),
  quota_exhausted: redacted("routing", 503),
  quota_evidence_unavailable: redacted("routing", 503),
  session_assignment_unavailable: redacted("routing", 503),
  pinned_continuation_unavailable: pinned("the pinned upstream continuation is unavailable"),
  pinned_continuation_reauth_required: pinned("the pinned upstream account requires reauthentication"),
  session_start_conflict: open("routing", 409, "session start conflicts with another session"),
  api_key_policy_limit_exceeded: open("routing", 401, "api key policy limit exceeded"),
  gateway_reservation_failed: redacted("routing", 503),
  gateway_accounting_failed: redacted("routing", 500),
  upstream_request_failed: redacted("upstream", 502),
  upstream_error: redacted("upstream", 502),
  upstream_response_missing: redacted("upstream", 502),
  context_length_exceeded: redacted("upstream", 502),
  rate_limit_exceeded: redacted("upstream", 502),
  misalignment_policy_violation: open("upstream", 400, "The request was refused by the safety policy"),
} as const satisfies Record<string, ErrorFamily>;

export type ErrorCode = keyof typeof ERROR_FAMILIES;

/** The upstream account's own refusals: the gateway keeps their status (401 included!) and hides the rest. */
export const UPSTREAM_REFUSALS = {
  upstream_401: { status: 401, code: "invalid_api_key" },
  upstream_403: { status: 403, code: "upstream_status" },
  upstream_429: { status: 429, code: "rate_limit_exceeded" },
  upstream_500: { status: 500, code: "upstream_status" },
  upstream_503: { status: 503, code: "upstream_status" },
} as const;

/** An answer of one error family; `message` and `param` override what the family says, where the family shows them at all. */
export function refuse(code: ErrorCode, said: { message?: string; param?: string } = {}): Answer {
  const family: ErrorFamily = ERROR_FAMILIES[code];
  if (family.envelope === "redacted") return redactedError(family.status, code);
  const type = family.type ?? "invalid_request_error";
  const error = { message: said.message ?? family.message, type, code, param: said.param ?? null, ...family.extra };
  return json(family.status, { error });
}

/** The redacted envelope, which has no `param`. */
export function redactedError(status: number, code: string): Answer {
  return json(status, { error: { message: REDACTED_MESSAGE, type: "server_error", code } });
}
