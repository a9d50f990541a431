import { openError } from "./examples.ts";
import { says } from "./phrases.ts";
import { RUN_CHECK, STORE_KEY } from "./remedies.ts";
import type { Row } from "./row.ts";

/** The gateway's key: whether it counts at all. */
export const KEY_ROWS: readonly Row[] = [
  {
    code: "key-not-sent",
    layer: "key",
    severity: "critical",
    owner: "workspace-admin",
    lasting: true,
    title: "The gateway got no key",
    cause:
      "The gateway says that the request had no key: api_key in {resource} is empty, or a header of the resource is sent instead of it.",
    remedy: [
      "Open Resources > {resource_path} > Edit: api_key must be `$var:<path of the secret variable>`, and headers must hold no `authorization`.",
      "Check that {secret} has a value.",
      RUN_CHECK,
    ],
    behind: "upstream-account-rejected",
    match: [
      {
        text: /didn't provide an api key|no (?:cookie )?(?:api[- ]key|auth(?:entication|orization)? (?:credentials?|header|token))(?: was| were)? (?:passed in|found|provided|supplied|present|sent|given)|missing (?:api[- ]?key|bearer|authorization header|access token|credentials|subscription key|auth)|(?:api[- ]?key|authorization header|credentials?) (?:is |was |were )?(?:missing|not provided|not present|not found in (?:the )?(?:request|headers?)|required)(?! or invalid)|^not authenticated|no authorization header|must provide an api key|x-api-key header is required|\bjwt (?:is missing|not present)|unregistered callers|failed to (?:get|read|find) the authorization header|failed to resolve api key variable|api_key client option must be set|missing subscription key|未提供(?:令牌|token|api|密钥)|缺少(?:令牌|api|密钥|authorization)|未登录且未提供/i,
      },
      { gist: says("key", "absent") },
    ],
    examples: [
      {
        body: openError(
          "You didn't provide an API key. You need to provide your API key in an Authorization header using Bearer auth.",
          null,
        ),
      },
      {
        body: {
          error: {
            message: "Authentication Error, No api key passed in.",
            type: "auth_error",
            param: "None",
            code: "401",
          },
        },
      },
      { body: { detail: "Not authenticated" } },
      { body: { error: { message: "No auth credentials found", code: 401 } } },
      { body: { message: "No API key found in request" } },
    ],
  },
  {
    code: "key-disabled",
    layer: "key",
    severity: "critical",
    owner: "gateway-operator",
    lasting: true,
    title: "The key is paused or revoked",
    cause: "The gateway knows {key}, and somebody has paused or revoked it there.",
    remedy: [
      "If it is paused: resume {key} in Codex Pooler's admin pages.",
      "If it is revoked: make a new Pool API key.",
      STORE_KEY,
    ],
    behind: "upstream-account-rejected",
    match: [
      { code: ["api_key_disabled", "api_key_paused", "api_key_revoked", "key_disabled", "api_key_blocked"] },
      {
        text: /\b(?:api[- ]?key|key|token|credential)s? (?:is |has been |was |are |have been )?(?:currently )?(?:disabled|paused|revoked|blocked|deactivated|suspended|inactive|banned|switched off)|reported as leaked|\b(?:user|account|team|customer)\b\S{0,60} (?:is |has been )(?:banned|blocked)|令牌状态不可用|(?:令牌|密钥|key)\s?(?:已被|被|已)(?:禁用|封禁|吊销|停用)|用户已被封禁/i,
      },
      { gist: says("key", "disabled") },
    ],
    examples: [
      { body: openError("api key is disabled", "api_key_disabled") },
      { body: openError("api key is paused", "api_key_paused") },
      { body: openError("api key is revoked", "api_key_revoked") },
    ],
  },
  {
    code: "key-expired",
    layer: "key",
    severity: "critical",
    owner: "workspace-admin",
    lasting: true,
    title: "The key has expired",
    cause: "The gateway knows {key}, and its time is over.",
    remedy: ["Make a new Pool API key, or let the gateway's operator extend this one.", STORE_KEY],
    behind: "upstream-account-rejected",
    covers: ["key"],
    match: [
      { code: ["api_key_expired", "expired_key", "key_expired", "token_expired", "expired_api_key"] },
      { sort: ["expired_key"] },
      {
        text: /\b(?:api[- ]?key|key|token|jwt|credential)s?(?: is| has| was| have)? expired|expired (?:api[- ]?)?(?:key|token)|(?:令牌|密钥|token|key)\s?(?:已经|已)?过期/i,
      },
      { gist: says("key", "expired") },
    ],
    examples: [
      { body: openError("api key is expired", "api_key_expired") },
      {
        body: {
          error: {
            message: "Authentication Error - Expired Key. Key Expiry time 2026-01-01",
            type: "expired_key",
            param: "None",
            code: "400",
          },
        },
      },
    ],
  },
  {
    code: "key-refused",
    layer: "key",
    severity: "critical",
    owner: "workspace-admin",
    lasting: true,
    title: "The gateway refuses the key",
    cause:
      "The gateway does not accept {key} that Windmill sends: it is wrong, incomplete, deleted or missing, or it has `Bearer ` in front. Codex Pooler says the same for a good key whose pool is disabled or archived.",
    remedy: [
      "In Codex Pooler's admin pages look the key up by its prefix {key_prefix}. If it is there, look at the state of its pool.",
      "Else make a new Pool API key for Windmill alone.",
      STORE_KEY,
      RUN_CHECK,
    ],
    behind: "upstream-account-rejected",
    covers: ["key"],
    match: [
      { code: ["api_key_missing", "invalid_api_key", "token_not_found_in_db", "no_auth_credentials"] },
      {
        sort: [
          "invalid_authentication",
          "authentication_failed",

          "invalid_key",
          "api_key_invalid",
          "invalidapikey",
          "unrecognizedclientexception",
        ],
      },
      {
        type: [
          "token_not_found_in_db",
          "auth_error",
          "authentication_error",
          "invalid_authentication_error",
          "unauthorized",
          "unauthenticated",
          "authenticationerror",
          "unauthorizederror",
          "invalid_api_key",
        ],
      },
      {
        text: /missing(?: or|, ?) ?(?:invalid|incorrect|expired|malformed)|(?:incorrect|invalid|wrong|unknown|bad|malformed) (?:api[- ]?key|api token|access token|bearer token|proxy server token|authentication (?:credentials|token|header)|authorization header|token|subscription key|user key|x-api-key|key provided|credentials)|missing or invalid (?:api[- ]?key|authorization|credentials|token)|api[- ]?key (?:is )?(?:not valid|missing or invalid|invalid|incorrect|not found|is required)|\b(?:authentication|auth) (?:failed|fails)|access denied due to invalid subscription key|could not validate credentials|user not found|jwt (?:verification fails|is not in the form|issuer is not configured)|virtual key expected|jwks doesn't have|audiences? in jwt|signature verification failed|鉴权失败|(?:security|access) token .{0,40}is invalid|无效的(?:令牌|token|api|密钥|key)|(?:令牌|密钥|api.?key)\s?(?:无效|错误|不正确|验证失败)|身份验证失败|(?:认证|鉴权|验证)失败|access token 无效|認証に失敗|(?:api.?)?キーが(?:無効|正しく)|неверный (?:api.?)?(?:ключ|токен)|(?:ung\u00fcltiger|falscher) (?:api.?)?(?:schl\u00fcssel|key)|cl\u00e9 (?:api )?(?:invalide|incorrecte)|clave (?:de )?(?:api )?(?:no v\u00e1lida|inv\u00e1lida|incorrecta)/i,
      },
      { said: [401] },
      { gist: says("key", "invalid") },
    ],
    tells_apart:
      "With `type: server_error` the same 401 is about an upstream account of the gateway, not about this key; `api_key_policy_limit_exceeded` is a limit, although it is a 401 too.",
    examples: [
      { body: openError("api key is required", "api_key_missing") },
      { body: openError("API key is missing or invalid", "api_key_missing") },
      {
        body: openError(
          "Incorrect API key provided: sk-abcd*****wxyz. You can find your API key at https://platform.openai.com/account/api-keys.",
          "invalid_api_key",
        ),
      },
      {
        body: {
          error: {
            message:
              "Authentication Error, Invalid proxy server token passed. Received API Key = sk-...8aSP, Key Hash (Token) =5699. Unable to find token in cache or `LiteLLM_VerificationTokenTable`",
            type: "token_not_found_in_db",
            param: "key",
            code: "401",
          },
        },
      },
      { body: { error: "Unauthorized" } },
      { body: "Unauthorized", content_type: "text/plain" },
      { body: { type: "error", error: { type: "authentication_error", message: "invalid x-api-key" } } },
      {
        body: [
          {
            error: {
              code: 400,
              message: "API key not valid. Please pass a valid API key.",
              status: "INVALID_ARGUMENT",
            },
          },
        ],
      },
      {
        body: {
          error: { code: "401", message: "Access denied due to invalid subscription key or wrong API endpoint." },
        },
      },
    ],
  },
  {
    code: "key-changed",
    layer: "key",
    severity: "warning",
    owner: "wait",
    title: "The key was changed while the request was under way",
    cause:
      "The gateway's operator changed the key's state or policy between the request's acceptance and its execution.",
    remedy: ["Run the check again. If it stays, look at {key} in Codex Pooler's admin pages."],
    match: [{ code: ["api_key_runtime_epoch_stale"] }],
    examples: [{ body: openError("api key runtime epoch is stale", "api_key_runtime_epoch_stale") }],
  },
];
