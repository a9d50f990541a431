import { openError, REDACTED_TOAST, redacted } from "./examples.ts";
import { FIND_REQUEST } from "./remedies.ts";
import type { Row } from "./row.ts";

/** What is left behind the gateway: quota, credit, rates. */
export const QUOTA_ROWS: readonly Row[] = [
  {
    code: "quota-exhausted",
    layer: "quota",
    severity: "critical",
    owner: "gateway-operator",
    title: "The quota behind the gateway is used up",
    cause:
      "All upstream accounts of the pool have used their quota, or the account or budget behind the gateway has no credit left. The key itself is good.",
    remedy: [
      "Look at the accounts' quota windows in Codex Pooler's admin pages (or GET /v1/usage, upstream_limits): they say when it resets.",
      "Add an account to the pool or credit to the account, or wait for the reset.",
    ],
    match: [
      {
        code: [
          "quota_exhausted",
          "insufficient_quota",
          "usage_limit_reached",
          "usage_limit_exceeded",
          "billing_hard_limit_reached",
          "billing_not_active",
          "budget_exceeded",
          "insufficient_credits",
          "insufficient_balance",
          "credit_balance_too_low",
        ],
      },
      {
        type: ["insufficient_quota", "budget_exceeded", "billing_error", "usage_limit_reached", "insufficient_credits"],
      },
      {
        text: /exceeded your current quota|budget has been exceeded|exceeded ?budget|over budget|crossed budget|insufficient (?:quota|balance|credits?|funds)|credit balance is too low|(?:quota|usage limit|credits?) (?:has been |is |was )?(?:exceeded|exhausted|reached|used up)|billing (?:hard limit|is not active)|payment required|out of (?:credits|quota)|never purchased credits/i,
      },
      { said: [402] },
    ],
    tells_apart:
      "A limit of the key itself has the code api_key_policy_limit_exceeded; both say `upstream request failed` in a toast.",
    toasts: [{ text: REDACTED_TOAST, rank: 1 }],
    examples: [
      { body: redacted("quota_exhausted") },
      {
        body: openError(
          "You exceeded your current quota, please check your plan and billing details.",
          "insufficient_quota",
          "insufficient_quota",
        ),
      },
      {
        body: {
          error: {
            message: "Budget has been exceeded! Current cost: 26.075, Max budget: 0.25",
            type: "budget_exceeded",
            param: null,
            code: "400",
          },
        },
      },
      { body: { error: { message: "Insufficient credits. Add more using https://openrouter.ai/credits", code: 402 } } },
      {
        body: {
          error: { message: "Insufficient Balance", type: "unknown_error", param: null, code: "invalid_request_error" },
        },
      },
    ],
  },
  {
    code: "quota-unknown",
    layer: "quota",
    severity: "critical",
    owner: "wait",
    title: "The gateway does not know its accounts' quota yet",
    cause: "The pool's accounts have no fresh quota figures: they were just added, or the gateway has just started.",
    remedy: [
      "Wait some minutes and run the check again.",
      "If it stays: reconcile the accounts in Codex Pooler's admin pages.",
    ],
    match: [{ code: ["quota_evidence_unavailable"] }],
    toasts: [{ text: REDACTED_TOAST, rank: 8 }],
    examples: [{ body: redacted("quota_evidence_unavailable") }],
  },
  {
    code: "rate-limited",
    layer: "quota",
    severity: "critical",
    owner: "wait",
    title: "Too many requests or tokens per minute",
    cause:
      "A rate limit was hit: of the upstream account, of the model or of a proxy in front of the gateway. Codex Pooler itself has no 429; its own limits are those of the key.",
    remedy: [
      "Wait a minute and try again.",
      "If it comes back: raise the limit where it is set, add accounts to the pool, or lower the model's token limit in Workspace settings > Windmill AI, since the reserved answer counts too.",
      FIND_REQUEST,
    ],
    match: [
      {
        code: [
          "rate_limit_exceeded",
          "rate_limit_reached",
          "too_many_requests",
          "rate_limited",
          "resource_exhausted",
          "throttled",
          "ratelimitreached",
          "tokens_per_minute_exceeded",
        ],
      },
      {
        type: [
          "rate_limit_error",
          "rate_limit_exceeded",
          "rate_limit_reached_error",
          "throttling_error",
          "ratelimiterror",
          "tokens",
          "requests",
          "resource_exhausted",
          "too_many_requests",
          "throttlingexception",
        ],
      },
      {
        text: /rate ?-?limit|too many requests|requests per (?:minute|second|day)|tokens per (?:minute|day)|crossed tpm|no deployments available for selected model|(?:exceeded|over) .{0,40}(?:tpm|rpm)\b|throttl|please wait before trying again/i,
      },
      { said: [429] },
      { code: ["upstream_status", "upstream_error"], said: [429] },
    ],
    examples: [
      { body: redacted("rate_limit_exceeded") },
      {
        body: openError(
          "Rate limit reached for gpt-5.5 in organization org-x on tokens per min (TPM): Limit 30000, Used 29000, Requested 2000.",
          "rate_limit_exceeded",
          "tokens",
        ),
      },
      { body: { error: { message: "Rate limit reached", type: "rate_limit_error" } } },
      {
        body: {
          error: {
            message: "No deployments available for selected model, Try again in 60 seconds. Passed model=gpt-5",
            type: "None",
            param: "None",
            code: "429",
          },
        },
      },
      { body: { message: "API rate limit exceeded" } },
      {
        body: [
          {
            error: {
              code: 429,
              message: "Resource has been exhausted (e.g. check quota).",
              status: "RESOURCE_EXHAUSTED",
            },
          },
        ],
      },
      { body: "Too Many Requests", content_type: "text/plain" },
    ],
  },
];
