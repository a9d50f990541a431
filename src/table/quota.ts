import { openError, REDACTED_TOAST, redacted } from "./examples.ts";
import { says } from "./phrases.ts";
import { FIND_REQUEST, LOWER_TOKENS } from "./remedies.ts";
import type { Row, Words } from "./row.ts";

/** Words of a rate limit that this request breaks alone: by what they say, or by the numbers in them. */
const LARGER_THAN_ITS_LIMIT: Words = {
  test(text) {
    if (/\b(?:request|input) (?:is )?too large\b.{0,200}(?:per min|\btpm\b|per day|\btpd\b)/is.test(text)) return true;
    const [, limit, requested] = /\blimit:? ([\d,]{1,15})\b.{0,60}\brequested:? ([\d,]{1,15})\b/i.exec(text) ?? [];
    const count = (digits: string): number => Number(digits.replaceAll(",", ""));
    if (/(?:larger|greater|more) than .{0,40}limit .{0,60}per minute/is.test(text)) return true;
    if (!/per (?:min|hour|day)|\b[rt]p[md]\b|rate/i.test(text)) return false;
    return limit !== undefined && requested !== undefined && count(requested) > count(limit);
  },
};

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
      "Codex Pooler: look at the accounts' quota windows in its admin pages (or GET /v1/usage, upstream_limits): they say when it resets. Others: look at credit, plan and budget where the message says (LiteLLM: max_budget of the key, team or user; one-api: the user's quota; OpenRouter: openrouter.ai/settings/credits).",
      "Add an account to the pool or credit to the account, or wait for the reset.",
    ],
    covers: ["money"],
    narrows: ["rate-limited", "upstream-account-rejected"],
    match: [
      {
        code: ["quota_exhausted", "insufficient_user_quota", "usage_limit_reached", "usage_limit_exceeded"],
      },
      {
        sort: [
          "insufficient_quota",
          "billing_hard_limit_reached",
          "billing_not_active",
          "budget_exceeded",
          "insufficient_credits",
          "insufficient_balance",
          "credit_balance_too_low",
          "exceeded_current_quota_error",
          "arrearage",
          "accountoverdueerror",
          "budgetexceedederror",
          "allocationquota.freetieronly",
        ],
      },
      {
        text: /exceeded your current quota|budget has been exceeded|exceeded ?budget|over budget|crossed budget|insufficient (?:quota|balance|credits?|funds)|(?:credit |account )?balance (?:is )?(?:too low|insufficient|not enough|negative)|(?:quota|usage limit|credits?|allowance|free (?:tier|quota|allocation)[^.]{0,30}) (?:has been |is |was |have been )?(?:exceeded|exhausted|reached|used up|depleted|not enough)|quota (?:is )?not enough|(?:used|use) (?:up |all )[^.]{0,40}(?:credits|quota|allocation|allowance)|run out of (?:credits|quota)|billing (?:hard limit|is not active)|requires? billing to be enabled|payment required|out of (?:credits|quota|call volume quota|bandwidth quota)|never purchased credits|doesn'?t have any credits|trial (?:has )?(?:ended|expired)|requires more credits|spend(?:ing)? limit|usage limits?\b(?! exceeded for model)|overdue (?:account|balance|payment)|in good standing|check your plan and billing|trial key, which is limited|^limit exceeded$|requests limit for the month|please recharge|top up your|余额不足|额度(?:不足|已用尽|已用完)|欠费|请充值|недостаточно средств|(?:guthaben|kontingent) (?:ist )?(?:aufgebraucht|ersch\u00f6pft)|saldo insuficiente|cr\u00e9dit insuffisant|残高(?:が)?不足/i,
      },
      { type: ["billing_error"] },
      { said: [402] },
      { gist: says("money", "spent") },
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
    covers: ["rate", "time"],
    match: [
      {
        sort: [
          "rate_limit_exceeded",
          "rate_limit_reached",
          "too_many_requests",
          "rate_limited",
          "resource_exhausted",
          "throttled",
          "ratelimitreached",
          "tokens_per_minute_exceeded",
          "limit_requests",
          "limit_burst_rate",
          "throttling.ratequota",
          "policies.ratelimit.quotaviolation",
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
          "some resource has been exhausted",
        ],
      },
      {
        words: /quota .{0,120}per[ _](?:minute|second)|allocated quota exceeded|rate limit (?:reached|exceeded) for/i,
      },
      {
        text: /(?:^|[^\w-])rate ?-?_?limit|too many (?:requests|tokens, please wait)|(?:reached|hit|exceeded) (?:your |the )?(?:\w+ ){0,2}(?:request|rate|message)s? limit|request rate increased|requests per (?:minute|second|day)|tokens per (?:minute|day)|per-minute rate|crossed tpm|no deployments available for selected model|(?:exceeded|over) .{0,40}(?:tpm|rpm)\b|throttl|spike arrest|please wait before trying again|token limit is exceeded\. try again|current requests list|exceeded your limit of \S+ requests|error code: 1015\b|no bursty traffic|local_rate_limited|^rate exceeded|times per minute|free-models-per-(?:day|min)|slow down|resource has been exhausted|速率限制|请求(?:频率|过于频繁|过多)|频率限制|限流|上游负载已饱和|слишком много запросов|リクエストが多すぎ/i,
      },
      { said: [429] },
      { code: ["upstream_status", "upstream_error"], said: [429] },
      { gist: says("requests", "many") },
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
  {
    code: "request-exceeds-rate-limit",
    layer: "quota",
    severity: "critical",
    owner: "gateway-operator",
    title: "One request is larger than what a minute allows",
    cause:
      "The provider's limit of tokens per minute is smaller than this single request, so waiting does not help: question, tools and the answer that Windmill reserves count together. A chat of Windmill is some 20000 tokens before anybody has said much, and the reserved answer comes on top.",
    remedy: [
      LOWER_TOKENS,
      "Or raise the limit at the provider: a paid or higher tier, or another account for the gateway.",
      "Or choose a model with a higher limit per minute.",
    ],
    covers: ["rate", "size"],
    narrows: ["rate-limited", "context-too-long"],
    match: [
      {
        words: LARGER_THAN_ITS_LIMIT,
      },
    ],
    tells_apart:
      "`Requested` is larger than `Limit`. Where it is smaller and only the rest is used up, a minute of waiting helps.",
    examples: [
      {
        body: openError(
          "Request too large for gpt-4o in organization org-x on tokens per min (TPM): Limit 30000, Requested 132819. The input or output tokens must be reduced in order to run successfully.",
          "rate_limit_exceeded",
          "tokens",
        ),
      },
    ],
  },
];
