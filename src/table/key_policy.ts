import { openError, REDACTED_TOAST, redacted } from "./examples.ts";
import { says } from "./phrases.ts";
import { LOWER_TOKENS, RUN_CHECK, STORE_KEY } from "./remedies.ts";
import type { Row } from "./row.ts";

/** What the key may do: limits, models, reasoning. */
export const KEY_POLICY_ROWS: readonly Row[] = [
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
      "Or raise the limits of {key} in Codex Pooler's admin pages: tokens per request, per day and per week must leave room for the reservation.",
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
        body: openError(
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
      "Look at the key's limits and use in the gateway's admin pages ({key}); with Codex Pooler also at GET /v1/usage.",
      "Raise the limit, or wait until its window is over (a minute, a day, a week).",
      `If even a short question is refused: Windmill reserves up to 128000 tokens per request. ${LOWER_TOKENS}`,
    ],
    narrows: ["quota-exhausted"],
    match: [
      { code: ["api_key_policy_limit_exceeded"] },
      {
        text: /^api key policy .{0,200} exceeded|\bkey limit exceeded|\b(?:api[- ]?key|key|virtual key)(?:'s)? (?:usage |spend(?:ing)? |request )?limit (?:is |was |has been )?(?:exceeded|reached)|(?:limit|quota) (?:of|for) (?:this|the|your) (?:api )?key (?:is |was |has been )?(?:exceeded|reached|exhausted|used up)|(?:令牌|密钥)额度(?:已用尽|不足|已用完)/i,
      },
    ],
    tells_apart:
      "An exhausted quota of the upstream accounts has the code quota_exhausted; both say `upstream request failed` in a toast.",
    toasts: [{ text: REDACTED_TOAST, rank: 3 }],
    examples: [
      { body: redacted("api_key_policy_limit_exceeded") },
      {
        body: openError(
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
    cause:
      "The gateway knows {model}, but what {key} may use, or its team, project or organisation, does not include it.",
    remedy: [
      "Allow {model} for {key} in the gateway's admin pages. LiteLLM: `models` of the key or its team; one-api: the models of the token; Groq and OpenAI: the limits of the project or organisation.",
      "Or choose a model that the key may use: {served}.",
    ],
    covers: ["model", "permission"],
    match: [
      {
        code: [
          "model_not_allowed",
          "key_model_access_denied",
          "team_model_access_denied",
          "user_model_access_denied",
          "org_model_access_denied",
          "project_model_access_denied",
          "model.accessdenied",
        ],
      },
      {
        sort: [
          "key_model_access_denied",
          "team_model_access_denied",
          "user_model_access_denied",
          "org_model_access_denied",
          "project_model_access_denied",
          "model_permission_blocked_org",
          "model_permission_blocked_project",
        ],
      },
      {
        text: /(?:key|team|user|project|organization) (?:is )?not allowed to access model|not (?:allowed|permitted|authorized) to (?:use|access|call) (?:this |the )?model|\bdoes not have access to (?:the )?model|model .{1,200} is not allowed|model .{1,200} is blocked at the (?:organization|project|team) level|model access (?:is )?denied|invalid model for (?:team|key|user)|(?:no|without) permission to (?:use|access) (?:this |the )?model|无权(?:使用|访问)(?:该|此)?模型|没有(?:使用|访问)?(?:该|此)?模型的?权限/i,
      },
      { gist: says("model", "barred") },
    ],
    toasts: [{ text: REDACTED_TOAST, rank: 7 }],
    examples: [
      { body: redacted("model_not_allowed") },
      {
        body: {
          error: {
            message:
              "key not allowed to access model. This key can only access models=['gpt-5']. Tried to access gpt-6",
            type: "key_model_access_denied",
            param: "model",
            code: "401",
          },
        },
      },
    ],
  },
  {
    code: "key-lacks-rights",
    layer: "key-policy",
    severity: "critical",
    owner: "gateway-operator",
    lasting: true,
    title: "The key is known but may not do this",
    cause:
      "The gateway knows {key} and says that it lacks a right for chat completions: a scope, a role, a membership, or the API itself is not among those that it may call.",
    remedy: [
      "Give {key} the right that the message names: OpenAI: the scope model.request and a role in the project; Azure: the role Cognitive Services OpenAI User; Google: the API among those that the key is restricted to; LiteLLM: the route among the key's allowed routes; Kong: the consumer in an allowed group.",
      "Or make a key without restrictions for Windmill.",
      STORE_KEY,
      RUN_CHECK,
    ],
    behind: "upstream-account-rejected",
    match: [
      {
        code: [
          "missing_scope",
          "insufficient_scope",
          "insufficient_permissions",
          "api_key_service_blocked",
          "no_access",
        ],
      },
      {
        text: /project .{0,60}(?:has been )?archived|access to this api has been disallowed|permission ['"`]?[\w.]{3,80}['"`]? denied on|insufficient (?:permissions?|scopes?|privileges)|missing scopes?\b|must be a member of an organization|lacks the required (?:data )?(?:action|permission|role|scope)|\bpermission is required|(?:does|do) not have (?:the )?(?:required |necessary |sufficient )?permissions? to (?:use|access|call|perform)|(?:api )?key does not have (?:the )?(?:permission|access|right)|requests to this api .{1,200} are blocked|cannot consume this service|not (?:authorized|allowed) to (?:perform|call|invoke|access) (?:this )?(?:route|endpoint|operation|action|:|execute-api)|is not authorized to perform|not allowed to call this route|access to the \w+ endpoint is denied|permission (?:is )?denied on resource|权限不足|无权(?:限)?(?:访问|进行|调用)/i,
      },
      { gist: says("rights", "lacking") },
    ],
    tells_apart: "A key that may chat, but not with this model, is model-not-allowed.",
    examples: [
      {
        body: openError(
          "You have insufficient permissions for this operation. Missing scopes: model.request.",
          "missing_scope",
        ),
      },
      {
        body: {
          type: "error",
          error: {
            type: "permission_error",
            message: "Your API key does not have permission to use the specified resource",
          },
        },
      },
      { body: { message: "You cannot consume this service" } },
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
    remedy: [
      "Change the reasoning policy of {key} in Codex Pooler's admin pages, or remove reasoning_effort from the flow's agent step.",
    ],
    match: [{ code: ["reasoning_effort_not_allowed"] }, { text: /reasoning effort is not allowed/i }],
    examples: [
      {
        body: openError(
          "reasoning effort is not allowed for this API key",
          "reasoning_effort_not_allowed",
          "invalid_request_error",
          "reasoning_effort",
        ),
      },
    ],
  },
  {
    code: "key-policy-malformed",
    layer: "key-policy",
    severity: "critical",
    owner: "gateway-operator",
    title: "The gateway cannot read the key's policy",
    cause: "The stored policy of {key} is damaged, so the gateway refuses everything.",
    remedy: ["Open {key} in Codex Pooler's admin pages and save its policy anew."],
    match: [{ code: ["api_key_policy_malformed"] }],
    examples: [{ body: openError("api key policy is malformed", "api_key_policy_malformed") }],
  },
];
