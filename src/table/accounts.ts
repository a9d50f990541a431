import { openError, REDACTED_TOAST, redacted } from "./examples.ts";
import { FIND_REQUEST, RUN_CHECK } from "./remedies.ts";
import type { Row } from "./row.ts";

/** The gateway's upstream accounts. */
export const ACCOUNT_ROWS: readonly Row[] = [
  {
    code: "upstream-account-rejected",
    layer: "upstream",
    severity: "critical",
    owner: "gateway-operator",
    title: "The provider refuses an account of the gateway",
    cause:
      "The gateway accepted Windmill's key, but the upstream provider refused the account that the gateway used: it is signed out, deactivated or has lost a right. A new key for Windmill changes nothing.",
    remedy: [
      "In Codex Pooler's admin pages look for accounts that need to sign in again, and renew them.",
      FIND_REQUEST,
    ],
    covers: ["key", "permission", "identity"],
    match: [
      {
        code: [
          "invalid_api_key",
          "token_expired",
          "token_invalidated",
          "token_revoked",
          "account_deactivated",
          "unauthorized",
          "authentication_error",
          "invalid_authentication",
          "permission_denied",
          "refresh_token_reused",
        ],
        type: ["server_error"],
      },
      {
        code: ["account_deactivated", "token_invalidated", "deactivated_workspace", "organization_restricted"],
      },
      { type: ["server_error"], said: [401, 403] },
      // LiteLLM passes an upstream refusal on under its own class name.
      { type: ["authenticationerror", "permissiondeniederror"], upstream: true },
      { upstream: true, type: ["upstream_error"], said: [401, 403] },
      { code: ["upstream_status", "upstream_error"], said: [401, 403] },
      {
        text: /\baccount\b.{0,60}(?:has been |is |was )(?:deactivated|suspended|disabled|banned|terminated)|organization (?:has been )?(?:disabled|restricted|suspended)|账户已被(?:禁用|封禁|冻结)/i,
      },
    ],
    tells_apart:
      "A refusal of Windmill's own key has an error type other than server_error, or a code that begins with api_key_.",
    toasts: [{ text: REDACTED_TOAST, rank: 5 }],
    examples: [
      { body: redacted("invalid_api_key") },
      { status: 401, body: redacted("upstream_status"), content_type: "application/json" },
      {
        body: {
          type: "error",
          error: { type: "invalid_request_error", message: "This organization has been disabled." },
        },
      },
    ],
  },
  {
    code: "no-healthy-account",
    layer: "upstream",
    severity: "critical",
    owner: "gateway-operator",
    title: "The gateway has no healthy account for this model",
    cause:
      "No account of the pool is usable right now: none is assigned, all are disabled, cooling down or have failed too often.",
    remedy: [
      "Look at the pool's accounts in Codex Pooler's admin pages: state, cool-down, last error.",
      "A cool-down ends by itself within minutes.",
      RUN_CHECK,
    ],
    match: [
      { code: ["no_eligible_backend", "no_available_backend", "no_available_accounts"] },
      {
        text: /no workers? available|no (?:eligible|healthy|available) (?:backends?|accounts?|deployments?|providers?|channels?|keys?)\b(?! for model)|(?:all|every) (?:accounts?|channels?|providers?|keys?|backends?) (?:are |is |have |has )?(?:unavailable|disabled|failed|cooling|exhausted)|(?:could not|cannot|unable to) find an? (?:healthy|available) \w+|(?:all|every) (?:\w+ )?(?:accounts?|channels?|providers?|keys?|backends?) (?:are |is |have |has )?(?:been )?(?:exhausted|used up)|渠道已被禁用|(?:暂无|没有)可用(?:渠道|账号|账户)/i,
      },
    ],
    toasts: [{ text: REDACTED_TOAST, rank: 4 }],
    examples: [{ body: redacted("no_eligible_backend") }],
  },
  {
    code: "no-compatible-account",
    layer: "upstream",
    severity: "critical",
    owner: "gateway-operator",
    title: "No account of the gateway supports what the request needs",
    cause: "Accounts are there, but none offers this combination of model and features (tools, images, service tier).",
    remedy: ["Compare the pool's accounts with the model's requirements in Codex Pooler's admin pages.", FIND_REQUEST],
    match: [{ code: ["no_compatible_backend"] }],
    toasts: [{ text: REDACTED_TOAST, rank: 9 }],
    examples: [{ body: redacted("no_compatible_backend") }],
  },
  {
    code: "pinned-session",
    layer: "upstream",
    severity: "critical",
    owner: "workspace-admin",
    title: "The request is tied to a session that is gone",
    cause:
      "The request carries a session or continuation mark that binds it to one upstream account, and that account or session is not available. Windmill sends no such mark by itself: it comes from a static header in the resource.",
    remedy: [
      "Open Resources > {resource_path} > Edit and remove session headers: x-codex-*, session-id, x-session-id, idempotency-key, x-request-id.",
      RUN_CHECK,
    ],
    repairable: true,
    match: [
      {
        code: [
          "pinned_continuation_reauth_required",
          "pinned_continuation_unavailable",
          "session_assignment_unavailable",
          "session_start_conflict",
          "file_assignment_conflict",
        ],
      },
    ],
    examples: [
      { body: openError("the pinned upstream continuation is unavailable", "pinned_continuation_unavailable") },
      { body: openError("session start conflicts with another session", "session_start_conflict") },
    ],
  },
];
