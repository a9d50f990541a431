import { FIND_REQUEST, LOWER_TOKENS, RUN_CHECK, STORE_KEY } from "./remedies.ts";
import type { Row } from "./row.ts";

/** The gateway's key: whether it counts, and what its policy allows. */

const error = (message: string, code: string | null, type = "invalid_request_error", param: string | null = null) => ({
  error: { message, type, code, param },
});
const redacted = (code: string) => error("upstream request failed", code, "server_error");

const REDACTED_TOAST = /^upstream request failed$/i;

export const KEY_ROWS: readonly Row[] = [
  {
    code: "key-not-sent",
    layer: "key",
    severity: "critical",
    owner: "workspace-admin",
    title: "The gateway got no key",
    cause:
      "The gateway says that the request had no key: api_key in {resource} is empty, or a header of the resource is sent instead of it.",
    remedy: [
      "Open Resources > {resource} > Edit: api_key must be `$var:<path of the secret variable>`, and headers must hold no `authorization`.",
      "Check that the variable {secret} has a value.",
      RUN_CHECK,
    ],
    match: [
      {
        text: /didn't provide an api key|no api[- ]key (?:was )?(?:passed in|found|provided|supplied)|missing (?:api[- ]?key|bearer|authorization header|access token|credentials)|(?:api[- ]?key|authorization header|credentials?) (?:is |was |were )?(?:missing|not provided|required)(?! or invalid)|no auth credentials found|^not authenticated|no authorization header|must provide an api key|x-api-key header is required/i,
      },
    ],
    examples: [
      { body: error("You didn't provide an API key. You need to provide your API key in an Authorization header using Bearer auth.", null) },
      { body: { error: { message: "Authentication Error, No api key passed in.", type: "auth_error", param: "None", code: "401" } } },
      { body: { detail: "Not authenticated" } },
      { body: { error: { message: "No auth credentials found", code: 401 } } },
      { body: { message: "No API key found in request" } },
    ],
  },
  {
    code: "key-refused",
    layer: "key",
    severity: "critical",
    owner: "workspace-admin",
    title: "The gateway refuses the key",
    cause:
      "The gateway does not accept the key {key} that Windmill sends: it is wrong, incomplete, deleted or missing, or it has `Bearer ` in front. Codex Pooler says the same for a good key whose pool is disabled or archived.",
    remedy: [
      "In Codex Pooler's admin pages look the key up by its prefix {key}. If it is there, look at the state of its pool.",
      "Else make a new Pool API key for Windmill alone.",
      STORE_KEY,
      RUN_CHECK,
    ],
    match: [
      { code: ["api_key_missing", "invalid_api_key", "invalid_authentication", "token_not_found_in_db", "authentication_failed", "unauthorized", "unauthenticated", "invalid_key", "no_auth_credentials"] },
      { type: ["token_not_found_in_db", "auth_error", "authentication_error", "invalid_authentication_error", "unauthorized", "unauthenticated", "authenticationerror", "unauthorizederror", "invalid_api_key"] },
      {
        text: /(?:incorrect|invalid|wrong|unknown|bad|malformed) (?:api[- ]?key|access token|bearer token|proxy server token|authentication (?:credentials|token)|token|subscription key|user key|x-api-key|key provided)|api[- ]?key (?:is )?(?:not valid|missing or invalid|invalid|incorrect|not found|is required)|(?:authentication|auth) (?:failed|fails|error)|access denied due to invalid subscription key|could not validate credentials|invalid credentials|user not found/i,
      },
      { said: [401] },
    ],
    tells_apart:
      "With `type: server_error` the same 401 is about an upstream account of the gateway, not about this key; `api_key_policy_limit_exceeded` is a limit, although it is a 401 too.",
    examples: [
      { body: error("api key is required", "api_key_missing") },
      { body: error("API key is missing or invalid", "api_key_missing") },
      { body: error("Incorrect API key provided: sk-abcd*****wxyz. You can find your API key at https://platform.openai.com/account/api-keys.", "invalid_api_key") },
      {
        body: {
          error: {
            message: "Authentication Error, Invalid proxy server token passed. Received API Key = sk-...8aSP, Key Hash (Token) =5699. Unable to find token in cache or `LiteLLM_VerificationTokenTable`",
            type: "token_not_found_in_db",
            param: "key",
            code: "401",
          },
        },
      },
      { body: { error: "Unauthorized" } },
      { body: "Unauthorized", content_type: "text/plain" },
      { body: { type: "error", error: { type: "authentication_error", message: "invalid x-api-key" } } },
      { body: [{ error: { code: 400, message: "API key not valid. Please pass a valid API key.", status: "INVALID_ARGUMENT" } }] },
      { body: { error: { code: "401", message: "Access denied due to invalid subscription key or wrong API endpoint." } } },
    ],
  },
  {
    code: "key-disabled",
    layer: "key",
    severity: "critical",
    owner: "gateway-operator",
    title: "The key is paused or revoked",
    cause: "The gateway knows the key {key}, and somebody has paused or revoked it there.",
    remedy: [
      "If it is paused: resume the key {key} in Codex Pooler's admin pages.",
      "If it is revoked: make a new Pool API key.",
      STORE_KEY,
    ],
    match: [
      { code: ["api_key_disabled", "api_key_paused", "api_key_revoked", "key_disabled", "api_key_blocked"] },
      { text: /(?:api[- ]?key|key|token) (?:is |has been |was )?(?:disabled|paused|revoked|blocked|deactivated|suspended)/i },
    ],
    examples: [
      { body: error("api key is disabled", "api_key_disabled") },
      { body: error("api key is paused", "api_key_paused") },
      { body: error("api key is revoked", "api_key_revoked") },
    ],
  },
  {
    code: "key-expired",
    layer: "key",
    severity: "critical",
    owner: "workspace-admin",
    title: "The key has expired",
    cause: "The gateway knows the key {key}, and its time is over.",
    remedy: ["Make a new Pool API key, or let the gateway's operator extend this one.", STORE_KEY],
    match: [
      { code: ["api_key_expired", "expired_key", "key_expired", "token_expired", "expired_api_key"] },
      { type: ["expired_key"] },
      { text: /(?:api[- ]?key|key|token) (?:is |has )?expired|expired key/i },
    ],
    examples: [
      { body: error("api key is expired", "api_key_expired") },
      { body: { error: { message: "Authentication Error - Expired Key. Key Expiry time 2026-01-01", type: "expired_key", param: "None", code: "400" } } },
    ],
  },
  {
    code: "key-changed",
    layer: "key",
    severity: "warning",
    owner: "wait",
    title: "The key was changed while the request was under way",
    cause: "The gateway's operator changed the key's state or policy between the request's acceptance and its execution.",
    remedy: ["Run the check again. If it stays, look at the key {key} in Codex Pooler's admin pages."],
    match: [{ code: ["api_key_runtime_epoch_stale"] }],
    examples: [{ body: error("api key runtime epoch is stale", "api_key_runtime_epoch_stale") }],
  },
  {
    code: "key-limit-below-reservation",
    layer: "key-policy",
    severity: "critical",
    owner: "gateway-operator",
    title: "The key's limit is smaller than what Windmill reserves per request",
    cause:
      "Codex Pooler counts the largest answer that a request allows against the key's limits before it runs. Windmill allows 128000 tokens for model ids with `gpt-5` in them, so a smaller limit refuses every chat, however short.",
    remedy: [
      LOWER_TOKENS,
      "Or raise the limits of key {key} in Codex Pooler's admin pages: tokens per request, per day and per week must leave room for the reservation.",
      RUN_CHECK,
    ],
    repairable: true,
    match: [
      { code: ["api_key_policy_limit_exceeded"], text: /attempted (?:12[89]|1[3-9]\d)\d{3}\b/ },
      { text: /api key policy .{0,200}attempted (?:12[89]|1[3-9]\d)\d{3}\b/ },
    ],
    tells_apart: "`attempted` is 128000 or a little more. With a small number there, the limit is used up.",
    toasts: [{ text: REDACTED_TOAST, rank: 2 }],
    examples: [
      {
        body: error(
          "api key policy max_tokens_per_day exceeded for total_tokens in daily window: attempted 128512, max 100000",
          "api_key_policy_limit_exceeded",
        ),
      },
    ],
  },
  {
    code: "key-limit-reached",
    layer: "key-policy",
    severity: "critical",
    owner: "gateway-operator",
    title: "A limit of the key is reached",
    cause:
      "The key is good, but its policy has a limit (requests per minute, tokens per day or week, tokens per request) that this request would exceed. It arrives as a 401 at the gateway and is no authentication failure.",
    remedy: [
      "Look at the key's limits and use in Codex Pooler's admin pages (key {key}), or at GET /v1/usage.",
      "Raise the limit, or wait until its window is over (a minute, a day, a week).",
      `If even a short question is refused: Windmill reserves up to 128000 tokens per request. ${LOWER_TOKENS}`,
    ],
    match: [
      { code: ["api_key_policy_limit_exceeded"] },
      { text: /^api key policy .{0,200} exceeded/i },
    ],
    tells_apart: "An exhausted quota of the upstream accounts has the code quota_exhausted; both say `upstream request failed` in a toast.",
    toasts: [{ text: REDACTED_TOAST, rank: 3 }],
    examples: [
      { body: redacted("api_key_policy_limit_exceeded") },
      {
        body: error(
          "api key policy max_requests_per_minute exceeded for requests in minute window: attempted 21, max 20",
          "api_key_policy_limit_exceeded",
        ),
      },
    ],
  },
  {
    code: "model-not-allowed",
    layer: "key-policy",
    severity: "critical",
    owner: "gateway-operator",
    title: "The key may not use {model}",
    cause: "The gateway serves {model}, but the policy of key {key} does not include it.",
    remedy: [
      "Allow {model} for key {key} in the gateway's admin pages.",
      "Or choose a model that the key may use: the gateway lists {served}.",
    ],
    match: [
      { code: ["model_not_allowed", "key_model_access_denied", "team_model_access_denied", "user_model_access_denied", "org_model_access_denied"] },
      { type: ["key_model_access_denied", "team_model_access_denied", "user_model_access_denied", "org_model_access_denied", "project_model_access_denied"] },
      { text: /(?:key|team|user|project|organization) (?:is )?not allowed to access model|not (?:allowed|permitted|authorized) to (?:use|access) (?:this |the )?model|does not have access to model|model .{1,200} is not allowed/i },
    ],
    toasts: [{ text: REDACTED_TOAST, rank: 7 }],
    examples: [
      { body: redacted("model_not_allowed") },
      {
        body: {
          error: {
            message: "key not allowed to access model. This key can only access models=['gpt-5']. Tried to access gpt-6",
            type: "key_model_access_denied",
            param: "model",
            code: "401",
          },
        },
      },
    ],
  },
  {
    code: "reasoning-not-allowed",
    layer: "key-policy",
    severity: "critical",
    owner: "gateway-operator",
    title: "The key's policy refuses the reasoning effort",
    cause:
      "The key allows certain reasoning efforts only. Windmill's pages send none; under an `allow up to` policy even that is refused when the model has no permitted level.",
    remedy: ["Change the reasoning policy of key {key} in Codex Pooler's admin pages, or remove reasoning_effort from the flow's agent step."],
    match: [{ code: ["reasoning_effort_not_allowed"] }, { text: /reasoning effort is not allowed/i }],
    examples: [{ body: error("reasoning effort is not allowed for this API key", "reasoning_effort_not_allowed", "invalid_request_error", "reasoning_effort") }],
  },
  {
    code: "key-policy-malformed",
    layer: "key-policy",
    severity: "critical",
    owner: "gateway-operator",
    title: "The gateway cannot read the key's policy",
    cause: "The stored policy of key {key} is damaged, so the gateway refuses everything.",
    remedy: ["Open key {key} in Codex Pooler's admin pages and save its policy anew."],
    match: [{ code: ["api_key_policy_malformed"] }],
    examples: [{ body: error("api key policy is malformed", "api_key_policy_malformed") }],
  },
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
      { code: ["quota_exhausted", "insufficient_quota", "usage_limit_reached", "usage_limit_exceeded", "billing_hard_limit_reached", "billing_not_active", "budget_exceeded", "insufficient_credits", "insufficient_balance", "credit_balance_too_low"] },
      { type: ["insufficient_quota", "budget_exceeded", "billing_error", "usage_limit_reached", "insufficient_credits"] },
      {
        text: /exceeded your current quota|budget has been exceeded|exceeded ?budget|over budget|crossed budget|insufficient (?:quota|balance|credits?|funds)|credit balance is too low|(?:quota|usage limit|credits?) (?:has been |is |was )?(?:exceeded|exhausted|reached|used up)|billing (?:hard limit|is not active)|payment required|out of (?:credits|quota)|never purchased credits/i,
      },
      { said: [402] },
    ],
    tells_apart: "A limit of the key itself has the code api_key_policy_limit_exceeded; both say `upstream request failed` in a toast.",
    toasts: [{ text: REDACTED_TOAST, rank: 1 }],
    examples: [
      { body: redacted("quota_exhausted") },
      { body: error("You exceeded your current quota, please check your plan and billing details.", "insufficient_quota", "insufficient_quota") },
      { body: { error: { message: "Budget has been exceeded! Current cost: 26.075, Max budget: 0.25", type: "budget_exceeded", param: null, code: "400" } } },
      { body: { error: { message: "Insufficient credits. Add more using https://openrouter.ai/credits", code: 402 } } },
      { body: { error: { message: "Insufficient Balance", type: "unknown_error", param: null, code: "invalid_request_error" } } },
    ],
  },
  {
    code: "quota-unknown",
    layer: "quota",
    severity: "critical",
    owner: "wait",
    title: "The gateway does not know its accounts' quota yet",
    cause: "The pool's accounts have no fresh quota figures: they were just added, or the gateway has just started.",
    remedy: ["Wait some minutes and run the check again.", "If it stays: reconcile the accounts in Codex Pooler's admin pages."],
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
      { code: ["rate_limit_exceeded", "rate_limit_reached", "too_many_requests", "rate_limited", "resource_exhausted", "throttled", "ratelimitreached", "tokens_per_minute_exceeded"] },
      { type: ["rate_limit_error", "rate_limit_exceeded", "rate_limit_reached_error", "throttling_error", "ratelimiterror", "tokens", "requests", "resource_exhausted", "too_many_requests", "throttlingexception"] },
      {
        text: /rate ?-?limit|too many requests|requests per (?:minute|second|day)|tokens per (?:minute|day)|crossed tpm|no deployments available for selected model|(?:exceeded|over) .{0,40}(?:tpm|rpm)\b|throttl/i,
      },
      { said: [429] },
      { code: ["upstream_status", "upstream_error"], said: [429] },
    ],
    examples: [
      { body: redacted("rate_limit_exceeded") },
      { body: error("Rate limit reached for gpt-5.5 in organization org-x on tokens per min (TPM): Limit 30000, Used 29000, Requested 2000.", "rate_limit_exceeded", "tokens") },
      { body: { error: { message: "Rate limit reached", type: "rate_limit_error" } } },
      { body: { error: { message: "No deployments available for selected model, Try again in 60 seconds. Passed model=gpt-5", type: "None", param: "None", code: "429" } } },
      { body: { message: "API rate limit exceeded" } },
      { body: [{ error: { code: 429, message: "Resource has been exhausted (e.g. check quota).", status: "RESOURCE_EXHAUSTED" } }] },
      { body: "Too Many Requests", content_type: "text/plain" },
    ],
  },
];
