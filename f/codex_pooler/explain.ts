// Built by "npm run build" from src/commands/explain.ts: change it there.

import { createParser } from "eventsource-parser@3.1.1";

/**
 * Explains an error text that somebody pastes: what it means, who can fix it and how. Asks nobody and changes nothing.
 *
 * @throws Error when there is no text.
 */
export async function main(text: string) {
  const explained = explainText(typeof text === "string" ? text : "");
  return { ...explained, wm_renderer: "html", html: render(explained) };
}

/** Addresses as people may see them, and what must not be seen of them. Pure: texts that are no whole address are read too. */
function partsOf$1(text) {
  const [, scheme = "", rest = ""] = /^([a-z][a-z0-9+.-]*:\/\/)?([\s\S]*)$/i.exec(text.trim()) ?? [];
  const at = rest.lastIndexOf("@");
  const after = rest.slice(at + 1);
  const end = after.search(/[?#]/);
  return {
    scheme,
    user: at < 0 ? null : rest.slice(0, at),
    place: end < 0 ? after : after.slice(0, end),
    query: end < 0 ? null : after.slice(end + 1),
  };
}

/** Characters of a key, and changes between letters, digits and capitals inside its words: `gpt-4o-mini-2024-07-18` has one. */
const KEY_LENGTH = 16;

const KEY_TURNS = 4;

/** Whether a word is made like a key: long, and mixed as no name is. */
const isKeyLike = (word) =>
  word.length >= KEY_LENGTH &&
  (word.match(/[A-Za-z](?=[0-9])|[0-9](?=[A-Za-z])|[a-z](?=[A-Z])/g)?.length ?? 0) >= KEY_TURNS;

/**
 * An address that may be shown to everybody: scheme, host, port and path. A user name and a password are cut out, a query is only
 * named, and segments of the path that could be keys are left out. References (`$var:...`) stay as they are.
 */
function showableAddress(text) {
  if (/^\s*\$(?:var|res|jsonvar|encrypted):/.test(text)) return text;
  const { scheme, user, place, query } = partsOf$1(text);
  const [host = "", ...path] = place.split("/");
  const shown = [host, ...path.map((segment) => (isKeyLike(segment) ? "…" : segment))].join("/");
  const blanks = /^(\s*)[\s\S]*?(\s*)$/.exec(text);
  const tail = query === null ? (blanks?.[2] ?? "") : "?(a query)";
  return `${blanks?.[1] ?? ""}${scheme}${user === null ? "" : "…@"}${shown}${tail}`;
}

/** Texts that could be a key of any form, where nobody knows the key itself. */
/** Runs of 16 and more characters with digits and letters: what keys are made of, and hardly anything else. */
const RANDOM_RUN = /(?<![A-Za-z0-9_-])(?=[A-Za-z_-]*[0-9])(?=[0-9_-]*[A-Za-z])[A-Za-z0-9_-]{16,}/g;

/** The text without what is surely made like a key: for texts that somebody shows us to have them explained. */
const maskKeyLike = (text) => text.replace(RANDOM_RUN, (run) => (isKeyLike(run) ? "(hidden)" : run));

/**
 * What foreign text must go through before it may leave the job: gateway bodies, headers, URLs, model names, error messages.
 * It takes credentials out, removes what could disturb a terminal or a page, and keeps the text short. Every step is linear
 * in the kept window, so a body of 10 MB costs no more than one of 64 KiB.
 */
/** Characters that {@link redact} keeps unless told otherwise. */
const TEXT_LIMIT = 4_000;

/** Characters that {@link excerpt} keeps: enough for the longest of Windmill's own refusals. */
const EXCERPT_LIMIT = 300;

/** Characters of the text that are looked at. */
const WINDOW = 65_536;

/** Characters dropped at a cut window: a credential that begins there could be recognised only in part. */
const RAGGED_END = 512;

const ELLIPSIS = "…";

/** Terminal sequences: CSI (colours, cursor), OSC (titles, links) and the two-character ones. */
const ANSI = /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]{0,512}(?:\u0007|\u001b\\)|[@-Z\\-_])/g;

/** White space in all its forms, among them the separators that end a line in JavaScript and JSON viewers. */
const BLANKS = /[\s\u0085]+/g;

/** Controls, zero-width characters, text direction overrides, tags and lone surrogates: invisible, and able to mislead. */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}]|\u034f|\u115f|\u1160|\u17b4|\u17b5|\u3164|\uffa0/gu;

/** JSON escapes of printable ASCII characters, which could hide a key from the patterns below. */
const ESCAPED_ASCII = /\\u00([2-7][0-9a-f])/gi;

/** The gateway's keys: `sk-cxp-` and 12 hex digits are the prefix that its pages and logs show, the rest is the secret. */
const POOL_KEY = /(sk-cxp-[0-9a-f]{12})-[A-Za-z0-9_-]+/gi;

/** Pattern and what stands in its place, in this order. Sources: docs/windmill.md, Codex Pooler; RFC 9110 for headers. */
const CREDENTIALS = [
  [POOL_KEY, `$1${ELLIPSIS}`],
  [/mcp-cxp-[A-Za-z0-9_-]*/gi, `mcp-cxp-${ELLIPSIS}`],
  [/(?<![A-Za-z0-9])sk-(?!cxp-[0-9a-f]{12}(?![A-Za-z0-9_-]))[A-Za-z0-9_*-]{8,}/gi, `sk-${ELLIPSIS}`],
  [/(?<![A-Za-z0-9])jwt_[A-Za-z0-9._-]{8,}/g, `jwt_${ELLIPSIS}`],
  [/(?<![A-Za-z0-9-])eyJ[A-Za-z0-9_-]{4,}(?:\.[A-Za-z0-9_-]*){0,4}/g, `eyJ${ELLIPSIS}`],
  [
    /\b((?:proxy-)?authorization)(["']?\s{0,4}[:=]\s{0,4}["']?)(?:(?:bearer|basic|digest|token)\s{1,4})?(?!sk-cxp-[0-9a-f]{12}…)[^\s"',;<>{}]{4,}/gi,
    `$1$2${ELLIPSIS}`,
  ],
  [
    /\b(bearer)\s{1,4}(?!sk-cxp-[0-9a-f]{12}…|(?:auth\w*|credentials?|tokens?)\b)[A-Za-z0-9._~+/=-]{8,}/gi,
    `$1 ${ELLIPSIS}`,
  ],
  [/\b(basic)\s{1,4}(?=[A-Za-z+/]{0,40}[0-9=])[A-Za-z0-9+/]{8,}={0,2}/gi, `$1 ${ELLIPSIS}`],
  [/([a-z][a-z0-9+.-]{1,20}:\/\/)[^\s/?#"'<>@]{1,512}@/gi, `$1${ELLIPSIS}@`],
  [/([?&](?:api[-_]?key|key|token|access_token|sig|signature|code)=)[^\s&"'<>#]+/gi, `$1${ELLIPSIS}`],
  [
    /\b((?:x-)?api[-_]key|apikey|access[-_]token|refresh[-_]token|client[-_]secret|password|(?:set-)?cookie)(["']?\s{0,4}[:=]\s{0,4}["']?)(?!\$(?:var|res):|sk-cxp-[0-9a-f]{12}…)[^\s"',;<>{}]{8,}/gi,
    `$1$2${ELLIPSIS}`,
  ],
];

/**
 * A text without credentials, controls and line breaks, cut to a length. The 19-character prefix of a Pool API key stays: it is
 * what the gateway's operator searches for.
 */
function redact(text, options = {}) {
  const { clean: withoutKnown = (known) => known, limit = TEXT_LIMIT } = options;
  const window = text.slice(0, WINDOW);
  const seen = window
    .replace(ANSI, "")
    .replace(BLANKS, " ")
    .replace(INVISIBLE, "")
    .replace(ESCAPED_ASCII, (_escape, hex) => String.fromCharCode(Number.parseInt(hex, 16)));
  let clean = withoutKnown(seen);
  for (const [pattern, instead] of CREDENTIALS) clean = clean.replace(pattern, instead);
  // The cut may have gone through a credential: what is left of it stands at the very end.
  if (window.length < text.length) clean = clean.slice(0, Math.max(0, clean.length - RAGGED_END));
  clean = clean.replace(/ {2,}/g, " ").trim();
  return clean.length > limit || window.length < text.length ? `${cut(clean, limit - 1)}${ELLIPSIS}` : clean;
}

/** One line of at most {@link EXCERPT_LIMIT} characters: the form in which evidence is shown. */
const excerpt = (text, options = {}) => redact(text, { limit: EXCERPT_LIMIT, ...options });

/** Cuts between characters: half of a surrogate pair is no text. */
function cut(text, length) {
  const head = text.slice(0, Math.max(0, length));
  return /[\ud800-\udbff]$/.test(head) ? head.slice(0, -1) : head;
}

const HTML_ESCAPES = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Text as HTML text or attribute value. */
const escapeHtml = (text) => text.replace(/[&<>"']/g, (sign) => HTML_ESCAPES[sign] ?? sign);

/** Characters of a web page that are looked at: its title and its first lines say what it is, and styles may stand before them. */
const PAGE_LIMIT = 24_000;

const PAGE_TEXT_LIMIT = 900;

/** The JSON value of a text, or undefined. A JSON object that was cut off still gives up its first fields. */
function asJson(text) {
  const trimmed = text.trim();
  if (!/^[[{]/.test(trimmed)) return undefined;
  try {
    return JSON.parse(trimmed);
  } catch {
    return salvage(trimmed);
  }
}

const CUT_FIELD =
  /["'](code|type|message|detail|status)["']\s{0,9}:\s{0,9}(?:"((?:[^"\\]|\\.){0,2000})|'((?:[^'\\]|\\.){0,2000})|(\d{1,9}))/g;

/** What can be read of a JSON error whose end is missing, or of one that Python printed: a cut toast, a body over the limit. */
function salvage(text) {
  const head = text.slice(0, 4_000);
  if (!/["'](?:error|message|detail)["']\s*:/.test(head)) return undefined;
  const error = {};
  for (const [, name = "", double, single, number] of head.matchAll(CUT_FIELD)) {
    error[name] ??= number === undefined ? (double ?? single) : Number(number);
  }
  return Object.keys(error).length > 0 ? { error } : undefined;
}

const isObject$1 = (value) => typeof value === "object" && value !== null && !Array.isArray(value);

const objectIn = (value) => (isObject$1(value) ? value : {});

/** The first of the values that is a text with something in it. Python's "None" is nothing. */
const firstText = (...values) =>
  values.find((value) => typeof value === "string" && value !== "" && value !== "None") ?? "";

const firstStatus = (...values) => {
  for (const value of values) {
    const number = typeof value === "string" && /^[45]\d\d$/.test(value) ? Number(value) : value;
    if (typeof number === "number" && number >= 400 && number <= 599) return number;
  }
  return null;
};

/** Fields that hold an error's status or code, by product: OpenAI, Google, Nest, Azure, one's own, MiniMax, Baidu and Huawei. */
const STATUS_FIELDS = ["code", "status", "statusCode", "status_code", "http_code", "error_code"];

/** Fields that hold the words, likeliest first. */
const WORD_FIELDS = ["message", "msg", "faultstring", "status_msg", "error_msg", "errmsg", "err", "errorMessage"];

/**
 * The error in a JSON body, or null when it holds none. Shapes: `{error:{...}}` (OpenAI, Anthropic, Google in an array),
 * `{error:"..."}` (Ollama, TGI, LM Studio, xAI beside a `code`), `{object:"error",...}` (vLLM), `{detail}` (FastAPI), `{message}`
 * (Kong, AWS), `{msg}` (gateways of Chinese make), `{errors}` (Phoenix, Cloudflare), `{title,status}` (RFC 9457), `{fault}`
 * (Apigee), `{base_resp}` (MiniMax, with status 200).
 */
function errorIn(json) {
  const outer = Array.isArray(json) ? json[0] : json;
  if (!isObject$1(outer)) return null;
  const listed = firstOf(outer.errors);
  const base = objectIn(outer.base_resp);
  const inner = [
    firstOf(outer.error),
    listed,
    outer.detail,
    outer.fault,
    base.status_code ? base : undefined,
    objectIn(outer.response).error,
    outer.header,
  ].find(isObject$1);
  const source = inner ?? outer;
  const message = words(source, outer, listed);
  // Google puts a word like RESOURCE_EXHAUSTED into `status`; outside an error object it is no code.
  const code = firstText(source.code, outer.code, inner?.status, source.error_code);
  const isPhrase = /\s/.test(code);
  const type = firstText(
    source.type,
    source.error_type,
    outer.error_type,
    outer === source ? "" : outer.type,
    source.__type,
    outer.__type,
    source.name,
    isPhrase ? code : "",
  );
  const isAnswer = [outer.choices, outer.data, outer.models].some((part) => part !== undefined && part !== null);
  const isError = inner !== undefined || outer.object === "error" || Boolean(outer.error) || !isAnswer;
  if (!isError || (message === "" && code === "" && inner === undefined)) return null;
  const metadata = objectIn(source.metadata);
  return {
    code: isPhrase || /^\d+$/.test(code) ? "" : code,
    type: isPhrase ? code : type,
    reason: reasonIn(source),
    message,
    said: firstStatus(...STATUS_FIELDS.flatMap((name) => [source[name], outer[name]])),
    raw: typeof metadata.raw === "string" ? metadata.raw : isObject$1(metadata.raw) ? JSON.stringify(metadata.raw) : "",
    provider: firstText(metadata.provider_name, outer.provider),
  };
}

const firstOf = (value) => (Array.isArray(value) ? value[0] : value);

/** The words of an error, wherever they stand. A title comes before what explains it. */
function words(source, outer, listed) {
  const own = firstText(
    ...WORD_FIELDS.map((name) => wordsOf(source[name])),
    wordsOf(source.error),
    source === outer ? "" : wordsOf(source.detail),
    wordsOf(outer.error),
  );
  const title = firstText(outer.title);
  const detail = wordsOf(outer.detail);
  return firstText(
    own,
    title !== "" && detail !== "" ? `${title}: ${detail}` : "",
    detail,
    ...WORD_FIELDS.map((name) => wordsOf(outer[name])),
    wordsOf(listed),
    source.description,
    wordsOf(source.reason),
    outer.error_description,
    title,
    outer.Message,
  );
}

/** What a body says for programs beside its code. */
function reasonIn(source) {
  const details = Array.isArray(source.details) ? source.details.map(objectIn) : [];
  return firstText(
    ...details.map(({ reason }) => reason),
    objectIn(source.innererror).code,
    objectIn(source.inner_error).code,
    objectIn(source.detail).errorcode,
    objectIn(source.metadata).error_type,
    objectIn(source.metadata).provider_error_code,
  );
}

/** The words in a message that may be a text, a list of validation errors (FastAPI) or an object around a text (LiteLLM). */
function wordsOf(value) {
  if (typeof value === "string") return value;
  if (!Array.isArray(value) && !isObject$1(value)) return "";
  if (isObject$1(value)) return firstText(value.message, value.error, value.msg, listOf(value.detail));
  return listOf(value);
}

/** A list of errors as one text, each with the place that it is about. */
function listOf(value) {
  if (!Array.isArray(value)) return "";
  return value
    .slice(0, 5)
    .map((item) => {
      if (typeof item === "string") return item;
      if (!isObject$1(item)) return "";
      const place = Array.isArray(item.loc) ? `${item.loc.join(".")}: ` : "";
      return `${place}${firstText(item.msg, item.message, item.description)}`;
    })
    .filter((text) => text !== "")
    .join("; ");
}

/** Whether the body is a web page, by its first tag; a content type alone proves nothing about the text. */
function isPage({ body, content_type }) {
  const head = body.slice(0, 900).trimStart();
  return (
    /^(?:<\?xml[^>]{0,200}>\s{0,20})?(?:<!--[^>]{0,400}-->\s{0,20})*<(?:!doctype|html|head|body|title|center|h[1-3]|script|meta|div|p|pre|a\s)\b/i.test(
      head,
    ) ||
    (content_type === "text/html" && head.startsWith("<"))
  );
}

/** What a person would see on a page: the title, then the first words. A password field leaves a mark. */
function pageText(body) {
  const head = body.slice(0, PAGE_LIMIT);
  const title = /<title[^>]{0,200}>([^<]{0,200})/i.exec(head)?.[1]?.trim() ?? "";
  const text = head
    .replace(/<(script|style|title)\b[\s\S]*?(?:<\/\1>|$)/gi, " ")
    .replace(/<!--[\s\S]*?(?:-->|$)/g, " ")
    .replace(/<[^>]{0,2000}>/g, " ")
    .replace(/&#(\d{1,5});/g, (_, number) => String.fromCharCode(Number(number)))
    .replace(/&(?:nbsp|quot|amp);/g, " ")
    .replace(/\s+/g, " ")
    .trim()
    .slice(0, PAGE_TEXT_LIMIT);
  const field = /<input[^>]{0,300}type=["']?password/i.test(head) ? " [password field]" : "";
  return `${title}${title === "" ? "" : ": "}${text}${field}`;
}

/** Bodies that several rows show as examples, in the shapes that gateways send. */
/** An error in OpenAI's envelope, which Codex Pooler uses too. */
const openError = (message, code, type = "invalid_request_error", param = null) => ({
  error: { message, type, code, param },
});

/** Codex Pooler's envelope for 401, 403, 429 and 5xx on chat: only the code says what happened. */
const redacted = (code) => ({
  error: { message: "upstream request failed", type: "server_error", code },
});

/** What a person sees of a redacted error. */
const REDACTED_TOAST = /^upstream request failed$/i;

/** A server's own error page. */
const webPage = (title, words = title) =>
  `<html><head><title>${title}</title></head><body><center><h1>${words}</h1></center></body></html>`;

/** Steps that several rows share. A step's first line is a sentence; what follows it is a block to copy. */
const RUN_CHECK = "Run f/codex_pooler/check again to see that it is gone.";

const RUN_REPAIR =
  "Or run f/codex_pooler/repair: it shows what it would change, and does it when you choose mode apply.";

const OPEN_AI_SETTINGS = "Open Workspace settings > Windmill AI.";

const ALLOW_PRIVATE_SERVER = [
  "Set ALLOW_PRIVATE_AI_BASE_URLS=true in the environment of the Windmill server (the app), which reads it at start only.",
  `Docker Compose: add it to the service windmill_server, then run \`docker compose up -d windmill_server\`.
services:
  windmill_server:
    environment:
      - ALLOW_PRIVATE_AI_BASE_URLS=true`,
  `Helm: add it to the values of the app, then run \`helm upgrade\` and wait for the roll-out of every replica.
windmill:
  app:
    extraEnv:
      - name: ALLOW_PRIVATE_AI_BASE_URLS
        value: "true"`,
];

const ALLOW_PRIVATE_WORKER = [
  "Set ALLOW_PRIVATE_AI_BASE_URLS=true in the environment of the Windmill workers that run flows, which read it at start only.",
  `Docker Compose: add it to the service windmill_worker, then run \`docker compose up -d windmill_worker\`.
services:
  windmill_worker:
    environment:
      - ALLOW_PRIVATE_AI_BASE_URLS=true`,
  `Helm: add it to every worker group whose workers run flows, then run \`helm upgrade\`.
windmill:
  workerGroups:
    - name: default
      extraEnv:
        - name: ALLOW_PRIVATE_AI_BASE_URLS
          value: "true"`,
];

const WHAT_IT_OPENS =
  "Know what this opens: every AI resource of every workspace may then name an internal host, so whoever may edit a resource can send requests there. If that is too much, give the gateway a public address instead.";

const FROM_INSIDE = `Try it from inside {process}.
docker compose exec {service} curl -sS -o /dev/null -w '%{http_code}\\n' '{base_url}/models'
kubectl exec deploy/{deployment} -- curl -sS -o /dev/null -w '%{http_code}\\n' '{base_url}/models'`;

const FIND_REQUEST =
  "In Codex Pooler's admin pages open Request logs and find the row by its time, model and {key}; it names the account and the upstream's own error.";

const STORE_KEY =
  "Store the new key: run f/codex_pooler/connect with api_key and replace_secret, which proves the key before users get it; or put it into Variables > {secret_path} > Edit. Windmill may go on using the old one for up to 60 s.";

const LOWER_TOKENS = `In Workspace settings > Windmill AI, under the model's token limits, set a lower maximum for {model}, e.g. 16384.
max_tokens_per_model:
  "customai:{model_id}": 16384`;

/** The gateway's upstream accounts. */
const ACCOUNT_ROWS = [
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

const EDIT_BASE_URL$2 = "Open Resources > {resource_path} > Edit and correct base_url.";

const EDIT_HEADERS = "Open Resources > {resource_path} > Edit and remove the header.";

/** Slips of the base URL and of the static headers. The rows without a match are raised by base_url.ts and headers.ts. */
const ADDRESS_ROWS = [
  {
    code: "base-url-missing",
    layer: "resource",
    severity: "critical",
    owner: "workspace-admin",
    title: "{resource} has no base URL",
    cause:
      "Windmill needs base_url in the customai resource. It is empty, or the resource has the OAuth fields client_id, client_secret and token_url, which customai does not support.",
    remedy: [EDIT_BASE_URL$2, "It must be the gateway's address with /v1 at its end.", RUN_CHECK],
    match: [{ windmill: /^Bad request: \w{0,40} ?provider requires a base URL/i, status: [400] }],
    examples: [
      { body: "Bad request: CustomAI provider requires a base URL in the resource", content_type: "text/plain" },
    ],
  },
  {
    code: "base-url-invalid",
    layer: "resource",
    severity: "critical",
    owner: "workspace-admin",
    title: "Windmill cannot read the base URL as an address",
    cause:
      "base_url is not a whole http(s) address. Typical: `https://` is missing, or it is a reference such as $var:..., which Windmill resolves in api_key only.",
    remedy: [EDIT_BASE_URL$2, "Write the whole address, e.g. https://codex-pooler.example.com/v1.", RUN_CHECK],
    match: [
      {
        windmill: /^Bad request: (?:Invalid URL|URL must have a host|URL scheme '[^']{0,100}' is not allowed)/,
        status: [400],
      },
      {
        transport: /relative URL without a base|URL scheme is not allowed|invalid (?:port|domain|IPv[46])|empty host/i,
      },
    ],
    examples: [
      { body: "Bad request: Invalid URL: relative URL without a base", content_type: "text/plain" },
      {
        body: "Bad request: URL scheme 'ftp' is not allowed, only http and https are permitted",
        content_type: "text/plain",
      },
      { body: "Bad request: URL must have a host", content_type: "text/plain" },
      {
        status: 500,
        body: "Error: builder error: relative URL without a base @ai.rs:948:20",
        content_type: "text/plain",
      },
    ],
  },
  {
    code: "request-not-built",
    layer: "resource",
    severity: "critical",
    owner: "workspace-admin",
    title: "Windmill cannot build the request from the resource",
    cause:
      "A header in the resource has a name or value that HTTP does not allow (a line break, a blank in the name), the key has such characters, or base_url is no address.",
    remedy: [
      "Open Resources > {resource_path} > Edit and look at headers, then at base_url.",
      "Store the key again without blanks and line breaks (Variables > {secret_path} > Edit).",
      RUN_CHECK,
    ],
    match: [{ transport: /^builder error/ }],
    examples: [{ status: 500, body: "Error: builder error @ai.rs:948:20", content_type: "text/plain" }],
  },
  ...slips([
    [
      "base-url-unresolved",
      "is a reference to a variable or resource",
      "Write the address itself: Windmill resolves references in api_key only.",
      ["base-url-invalid", "request-not-built"],
    ],
    [
      "base-url-blanks",
      "has blanks or line breaks in it",
      "Remove them.",
      ["base-url-invalid", "request-not-built", "endpoint-not-found"],
    ],
    [
      "base-url-not-http",
      "is not an http or https address",
      "Write the whole address, e.g. https://codex-pooler.example.com/v1.",
      ["base-url-invalid", "request-not-built"],
    ],
    [
      "base-url-credentials",
      "has a user name or password in it",
      "Remove the part before the @. The key belongs into api_key.",
      ["key-refused"],
    ],
    [
      "base-url-query",
      "has a query or a fragment",
      "Remove everything from the ? or # on: Windmill appends the request's path to the text as it stands.",
      ["endpoint-not-found", "unsupported-parameter"],
    ],
    [
      "base-url-endpoint",
      "names one endpoint instead of the gateway's base",
      "End it at /v1: Windmill appends /chat/completions and /models itself.",
      ["endpoint-not-found", "endpoint-unsupported"],
    ],
  ]),
  {
    code: "base-url-no-v1",
    layer: "resource",
    severity: "warning",
    owner: "workspace-admin",
    title: "The base URL does not end in /v1",
    cause:
      "Codex Pooler, like most gateways, serves its OpenAI-compatible API under /v1. Windmill appends /chat/completions and /models to base_url as it stands.",
    remedy: [EDIT_BASE_URL$2, "Append /v1, unless your gateway really serves /chat/completions without it."],
    repairable: true,
    match: [],
    explains: ["endpoint-not-found", "html-page", "not-json", "wrong-base-path"],
    examples: [],
  },
  {
    code: "base-url-slash",
    layer: "resource",
    severity: "info",
    owner: "workspace-admin",
    title: "The base URL ends in a slash",
    cause:
      "Windmill drops the slash at the end of base_url, but not everything that uses the resource does: //chat/completions is another path for many servers.",
    remedy: [EDIT_BASE_URL$2, "Remove the slash at its end."],
    repairable: true,
    match: [],
    examples: [],
  },
  {
    code: "credential-header",
    layer: "resource",
    severity: "critical",
    owner: "workspace-admin",
    title: "A header of the resource carries a credential",
    cause:
      "A header in {resource} holds a credential that is sent instead of the pool key (`authorization`, on older servers beside it), that belongs to one person (a cookie), or that is a key of the gateway in the wrong place. Everybody who may read the resource sees it.",
    remedy: [
      EDIT_HEADERS,
      "Make the credential invalid where it came from: it was readable.",
      "The key belongs into a secret variable that api_key references.",
    ],
    repairable: true,
    match: [],
    explains: ["key-refused", "key-not-sent"],
    examples: [],
  },
  {
    code: "readable-header",
    layer: "resource",
    severity: "info",
    owner: "workspace-admin",
    title: "A header of the resource holds a credential that readers of the resource see",
    cause:
      "A proxy in front of the gateway seems to ask for a credential of its own. Windmill sends the headers of {resource} as they stand and resolves no $var: in them, so there is no secret place for it: whoever may read the resource, or its history, sees it.",
    remedy: [
      "Keep {resource} where few may read it, e.g. at u/<you>/: people need no right to it to use Windmill AI.",
      "Use a credential that opens this gateway and nothing else, and change it from time to time.",
      "If nothing asks for it any more, open Resources > {resource_path} > Edit and remove the header.",
    ],
    match: [],
    examples: [],
  },
  {
    code: "session-header",
    layer: "resource",
    severity: "warning",
    owner: "workspace-admin",
    title: "A header of the resource pins all requests to one session",
    cause:
      "The header makes the gateway treat the requests of all users as one session, bound to one upstream account: they wait for each other, and fail together when that account does.",
    remedy: [EDIT_HEADERS],
    repairable: true,
    match: [],
    explains: ["pinned-session"],
    examples: [],
  },
  {
    code: "forbidden-header",
    layer: "resource",
    severity: "warning",
    owner: "workspace-admin",
    title: "A header of the resource breaks the request",
    cause: "The header belongs to the request itself (its length, type, host or origin) and must not be set by hand.",
    remedy: [EDIT_HEADERS],
    repairable: true,
    match: [],
    explains: ["not-acceptable"],
    examples: [],
  },
  {
    code: "malformed-header",
    layer: "resource",
    severity: "critical",
    owner: "workspace-admin",
    title: "A header of the resource is not a valid HTTP header",
    cause: "Its name or value has characters that HTTP does not allow, so Windmill cannot build any request.",
    remedy: [EDIT_HEADERS],
    repairable: true,
    match: [],
    explains: ["request-not-built"],
    examples: [],
  },
];

/** Slips that all read the same: what base_url is, and what to write instead. */
function slips(rows) {
  return rows.map(([code, says, fix, explains]) => ({
    code,
    layer: "resource",
    severity: "critical",
    owner: "workspace-admin",
    title: `The base URL ${says}`,
    cause: `base_url in {resource} ${says}, so Windmill's requests cannot reach the gateway's API.`,
    remedy: [EDIT_BASE_URL$2, fix],
    repairable: true,
    match: [],
    explains,
    examples: [],
  }));
}

/** A 200 that is no answer. People see "The model returned no response", or nothing at all. */
const NO_RESPONSE = /^The model returned no response\b/i;

const message = (content) => ({
  id: "chatcmpl-1",
  object: "chat.completion",
  choices: [{ index: 0, message: { role: "assistant", content }, finish_reason: "stop" }],
});

const chunk = (delta, finish = null) =>
  `data: ${JSON.stringify({ object: "chat.completion.chunk", choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`;

const json = { status: 200, content_type: "application/json", kind: "chat" };

const sse = { status: 200, content_type: "text/event-stream", kind: "stream" };

const ANSWER_ROWS = [
  {
    code: "sign-in-page",
    layer: "protocol",
    severity: "critical",
    owner: "gateway-operator",
    title: "A sign-in page answers in place of the gateway",
    cause:
      "The answer is a web page that asks to sign in, with status 200. Something in front of the gateway (single sign-on, a captive portal), or a web application at base_url, took the request.",
    remedy: [
      "Exempt the gateway's path /v1 from the sign-in: the gateway checks its own keys there.",
      "Check base_url in Resources > {resource_path}: it must be the gateway's API (…/v1), not a web page.",
      FROM_INSIDE,
    ],
    match: [
      {
        page: true,
        problem: ["html"],
        text: /sign[ -]?in|log[ -]?in|log[ -]?on|single sign|password|authenticat|anmeld|einloggen|connectez-vous|connexion|se connecter|iniciar sesi\u00f3n|acceder a su cuenta|accedi\b|entrar na|fazer login|登录|登入|ログイン|로그인|войти|вход в/i,
      },
      {
        page: true,
        words:
          /\[password field\]|sign[ -]?in (?:to|with)|log[ -]?in to|please (?:sign|log)[ -]?in|oauth2 proxy|cloudflare access|captive portal|need to be logged in|(?:bei|mit) ihrem konto anmelden|connectez-vous/i,
      },
      {
        page: true,
        text: /^[^:]{0,80}(?:\b(?:sign|log)[ -]?(?:in|on)\b|single sign|anmeld|einloggen|connexion|connectez|iniciar sesi|entrar|accedi|登录|登入|ログイン|로그인|войти|вход)|\b(?:sign|log)[ -]?in$|\bwelcome to .{0,40}log in/i,
      },
      { text: /invalid iap credentials/i },
      { page: true, text: /^\W{0,3}(?:401 unauthorized|302 found)\W*$/i },
    ],
    tells_apart:
      "If people get the same page before they see Windmill, it stands in front of Windmill; then every check over the server route ends there, whatever the gateway does.",
    toasts: [{ text: NO_RESPONSE, rank: 2 }],
    examples: [
      {
        status: 200,
        body: "<!doctype html><html><body>Sign in</body></html>",
        content_type: "text/html",
        kind: "chat",
      },
      {
        status: 200,
        body: '<html><head><title>Welcome</title></head><body><form><input name="p" type="password"></form></body></html>',
        content_type: "text/html",
      },
    ],
  },
  {
    code: "html-page",
    layer: "protocol",
    severity: "critical",
    owner: "workspace-admin",
    title: "A web page came back instead of an answer",
    cause:
      "The server at base_url answered with a web page and status 200: base_url leads to a web site or to the gateway's own pages, not to its API.",
    remedy: ["Open Resources > {resource_path} > Edit: base_url must end in /v1.", FROM_INSIDE],
    repairable: true,
    match: [{ problem: ["html"] }],
    toasts: [{ text: NO_RESPONSE, rank: 3 }],
    examples: [
      {
        status: 200,
        body: "<!doctype html><html><body>Welcome to the gateway</body></html>",
        content_type: "text/html",
        kind: "chat",
      },
    ],
  },
  {
    code: "error-page",
    layer: "protocol",
    severity: "critical",
    owner: "gateway-operator",
    title: "A web page came back with an error",
    cause:
      "The gateway, or something in front of it, answered with a web page that this table does not know; a gateway's own errors are JSON.",
    remedy: ["Look at the page's words in the evidence: they usually name the product that sent it.", FROM_INSIDE],
    match: [{ page: true, last: true }],
    examples: [
      {
        body: "<html><head><title>Oops</title></head><body>Something went wrong</body></html>",
        content_type: "text/plain",
      },
    ],
  },
  {
    code: "not-json",
    layer: "protocol",
    severity: "critical",
    owner: "workspace-admin",
    title: "The answer is not JSON",
    cause:
      "The server answered with status 200 and a text that is neither JSON nor a stream: base_url leads to something else than the gateway's API.",
    remedy: ["Open Resources > {resource_path} > Edit: base_url must end in /v1.", FROM_INSIDE],
    match: [{ problem: ["not-json"] }],
    toasts: [{ text: NO_RESPONSE, rank: 6 }],
    examples: [
      { ...json, body: "ok" },
      { ...json, body: "" },
    ],
  },
  {
    code: "empty-object",
    layer: "protocol",
    severity: "critical",
    owner: "gateway-operator",
    title: "The gateway answers with an empty object",
    cause:
      "The answer is JSON with nothing in it. Windmill's `Test key` calls such a key valid, yet no feature gets a text.",
    remedy: [
      "Look at what answers at base_url: a mock, a half-configured proxy or a gateway without models does this.",
      FROM_INSIDE,
    ],
    match: [{ problem: ["empty-object"] }],
    toasts: [{ text: NO_RESPONSE, rank: 7 }],
    examples: [{ ...json, body: {} }],
  },
  {
    code: "error-in-200",
    layer: "protocol",
    severity: "critical",
    owner: "gateway-operator",
    title: "The gateway reports an error but says 200",
    cause:
      "The answer has status 200 and holds an error object, so Windmill takes it for a success without text. The object's code is not in this table; see the evidence.",
    remedy: ["Look at the error's code and message in the evidence.", FIND_REQUEST],
    match: [{ problem: ["error-object-in-200"] }],
    toasts: [{ text: NO_RESPONSE, rank: 5 }],
    examples: [{ ...json, body: { error: { message: "no", type: "server_error", code: "x" } } }],
  },
  {
    code: "no-choices",
    layer: "protocol",
    severity: "critical",
    owner: "gateway-operator",
    title: "The gateway's answer is not a chat completion",
    cause:
      "The answer is JSON without `choices[0].message`: the gateway speaks another API (Responses, Ollama's own, Anthropic's) at this path, or failed half-way.",
    remedy: [
      "Check that base_url is the OpenAI-compatible base, ending in /v1.",
      "Windmill uses /chat/completions only; a gateway that offers only /responses does not work.",
    ],
    match: [{ problem: ["no-choices"] }],
    toasts: [
      { text: NO_RESPONSE, rank: 8 },
      { text: /Cannot read propert(?:y|ies) of undefined \(reading '(?:content|message)'\)/, rank: 1 },
    ],
    examples: [
      { ...json, body: { id: "x", object: "chat.completion", choices: [] } },
      { ...json, body: { message: { role: "assistant", content: "hi" }, done: true, model: "llama3" } },
    ],
  },
  {
    code: "empty-content",
    layer: "protocol",
    severity: "critical",
    owner: "gateway-operator",
    title: "The model answers without a text",
    cause:
      "The answer is well-formed and empty. With Codex Pooler this is how an upstream failure after the beginning of an answer looks: status 200, finish_reason stop, no text.",
    remedy: [
      FIND_REQUEST,
      "Try another model; if only {model} is silent, take it out of the enabled models.",
      RUN_CHECK,
    ],
    match: [{ problem: ["empty-content"] }],
    toasts: [{ text: NO_RESPONSE, rank: 1 }],
    examples: [
      { ...json, body: message("") },
      { ...json, body: message(null) },
      { ...sse, body: `${chunk({ role: "assistant" })}${chunk({}, "stop")}data: [DONE]\n\n` },
    ],
  },
  {
    code: "stream-ignored",
    layer: "protocol",
    severity: "critical",
    owner: "gateway-operator",
    title: "The gateway does not stream",
    cause:
      "Windmill asked for a stream and got one JSON answer. Chat then shows nothing, and an AI agent step succeeds with an empty text, while `Test key` and summaries work.",
    remedy: ["Enable streaming (server-sent events) on the gateway, and on the proxy in front of it."],
    match: [{ problem: ["not-a-stream"] }],
    toasts: [{ text: NO_RESPONSE, rank: 4 }],
    examples: [{ ...json, kind: "stream", body: message("ok") }],
  },
  {
    code: "stream-error",
    layer: "protocol",
    severity: "critical",
    owner: "gateway-operator",
    title: "The stream ends with an error",
    cause:
      "The answer began, then the gateway sent an error inside the stream. Chat shows it; an AI agent step ignores it and succeeds with what came before, perhaps nothing.",
    remedy: [FIND_REQUEST, "Read the gateway's log at the time of the check: the upstream provider broke off."],
    match: [
      { problem: ["error-frame"] },
      {
        problem: ["error-frame"],
        code: ["upstream_error", "upstream_status", "upstream_request_failed", "upstream_response_missing"],
      },
      { problem: ["error-frame"], text: /^upstream request failed/i },
      { text: /stream interrupted before terminal response event/i },
    ],
    tells_apart: "The toast has no number before the words: the error came inside the stream.",
    toasts: [{ text: /^upstream request failed(?:: stream interrupted.{0,60})?$/i, rank: 11 }],
    examples: [
      {
        ...sse,
        body: `${chunk({ role: "assistant" })}data: ${JSON.stringify({ error: { message: "upstream request failed", type: "server_error", code: "upstream_error", param: null } })}\n\n`,
      },
      {
        ...sse,
        body: `${chunk({ content: "o" })}data: ${JSON.stringify({ error: { message: "upstream request failed: stream interrupted before terminal response event", type: "server_error", code: "server_error" } })}\n\n`,
      },
    ],
  },
  {
    code: "stream-cut",
    layer: "protocol",
    severity: "critical",
    owner: "gateway-operator",
    title: "The answer breaks off",
    cause:
      "The answer began and ended before its end: the gateway, or a proxy on the way, closed the connection. Chat shows the part that came and no error at all.",
    remedy: [
      "Raise the read and idle time-outs of every proxy between Windmill and the gateway, e.g. to 600 s, and switch buffering off for /v1.\nproxy_read_timeout 600s;\nproxy_buffering off;",
      "Read the gateway's log at the time of the check: it may have been restarted.",
    ],
    match: [{ problem: ["stream-cut"] }, { failure: ["aborted"] }],
    examples: [
      {
        status: 200,
        body: chunk({ content: "o" }),
        content_type: "text/event-stream",
        failure: { kind: "aborted", message: "terminated" },
        kind: "stream",
      },
      { status: null, failure: { kind: "aborted", message: "TypeError: terminated" } },
      { ...sse, body: chunk({ content: "o" }) },
    ],
  },
  {
    code: "tools-ignored",
    layer: "protocol",
    severity: "critical",
    owner: "workspace-admin",
    title: "{model} does not use the tools it is given",
    cause:
      "Asked to call a tool, the model answered with text, or the gateway dropped the tools. Windmill's chat can then talk, but do nothing.",
    remedy: ["Choose a model with reliable tool calls as default model.", "Check that the gateway passes `tools` on."],
    match: [{ problem: ["no-tool-call"] }],
    examples: [
      {
        ...sse,
        kind: "tools",
        problem: "no-tool-call",
        body: `${chunk({ content: "I cannot call tools." }, "stop")}data: [DONE]\n\n`,
      },
    ],
  },
  {
    code: "tool-arguments-broken",
    layer: "protocol",
    severity: "critical",
    owner: "gateway-operator",
    title: "The arguments of tool calls arrive damaged",
    cause:
      "A tool call came whose arguments are no valid JSON: cut off or mixed up by the model or the gateway. Windmill's chat tells the model so, and goes round in circles.",
    remedy: ["Try another model. If all do it, look at how the gateway splits tool calls in streams.", FIND_REQUEST],
    match: [{ problem: ["bad-arguments"] }, { code: ["tool_use_failed"] }, { text: /failed to call a function/i }],
    examples: [
      {
        ...sse,
        kind: "tools",
        problem: "bad-arguments",
        body: `${chunk({ tool_calls: [{ index: 0, id: "c", type: "function", function: { name: "report", arguments: '{"value": "o' } }] })}data: [DONE]\n\n`,
      },
    ],
  },
];

/**
 * Windmill could not get to the gateway: name resolution and connection. The wordings are those of reqwest and hyper with the
 * system's errors, on Linux, macOS and Windows.
 */
const CONNECTION_ROWS = [
  {
    code: "host-not-found",
    layer: "name-resolution",
    severity: "critical",
    owner: "workspace-admin",
    title: "{process} cannot find the host {host}",
    cause:
      "The name in base_url does not exist for {process}: a typing mistake, or a name that is known elsewhere only.",
    remedy: [
      "Check the host in Resources > {resource_path} > base_url.",
      `Ask for it from inside {process}.
docker compose exec {service} getent hosts {host}
kubectl exec deploy/{deployment} -- getent hosts {host}`,
      "With Docker Compose the gateway must share a network with {process}; with Kubernetes use <service>.<namespace>.svc.",
    ],
    match: [
      {
        transport:
          /dns error[\s\S]*(?:not known|no such host|nodename nor servname|no (?:addresses|address|records?|data)\b|nxdomain|no record found|not found|non-existent domain|11001)|failed to lookup address information: (?!temporary|try again)/i,
      },
      {
        windmill:
          /^Bad request: (?:Failed to resolve host '(?!.*(?:temporary failure|try again|timed out))|Host '[^']{0,300}' did not resolve)/is,
        status: [400],
      },
    ],
    tells_apart:
      "The server and the workers may use different name servers: one can find the host while the other does not.",
    examples: [
      {
        status: 500,
        body: "Error: error sending request for url (http://no-such-host.invalid/v1/chat/completions): client error (Connect): dns error: failed to lookup address information: Name or service not known @ai.rs:950:20",
        content_type: "text/plain",
      },
      {
        status: 500,
        body: 'Error: error sending request for url (https://gw.internal/v1/models): client error (Connect): dns error: no record found for Query { name: Name("gw.internal."), query_type: AAAA, query_class: IN } @ai.rs:950:20',
        content_type: "text/plain",
      },
      {
        body: "Bad request: Failed to resolve host 'gw.internal': failed to lookup address information: Name or service not known",
        content_type: "text/plain",
      },
      { body: "Bad request: Host 'gw.internal' did not resolve to any addresses", content_type: "text/plain" },
    ],
  },
  {
    code: "name-resolution-failed",
    layer: "name-resolution",
    severity: "critical",
    owner: "windmill-operator",
    title: "Name resolution fails on {process}",
    cause: "{process} got no answer from its name server, so it does not know whether {host} exists.",
    remedy: [
      `Look at the name server from inside {process}.
docker compose exec {service} cat /etc/resolv.conf
docker compose exec {service} getent hosts {host}`,
      "If it heals by itself within minutes, the name server was overloaded or restarting.",
    ],
    match: [
      {
        transport:
          /(?:dns error|lookup address)[\s\S]*(?:temporary failure|try again|timed out|timeout|refused|servfail|server failure|EAI_AGAIN|request timed out|proto error)/i,
      },
      { transport: /dns error/i, last: true },
      {
        windmill: /^Bad request: Failed to resolve host '.*(?:temporary failure|try again|timed out)/is,
        status: [400],
      },
    ],
    examples: [
      {
        status: 500,
        body: "Error: error sending request for url (https://gw.example.com/v1/models): client error (Connect): dns error: failed to lookup address information: Temporary failure in name resolution @ai.rs:950:20",
        content_type: "text/plain",
      },
      {
        body: "Bad request: Failed to resolve host 'gw.example.com': failed to lookup address information: Temporary failure in name resolution",
        content_type: "text/plain",
      },
    ],
  },
  {
    code: "connection-refused",
    layer: "connection",
    severity: "critical",
    owner: "gateway-operator",
    title: "Nothing listens at {host}",
    cause:
      "The host is there, but refused the connection: the gateway is down, listens on another port, or listens on localhost only. Inside a container, localhost is the container itself, not the machine.",
    remedy: [
      "Check that the gateway runs and on which port.\ndocker compose ps",
      "Check host and port in Resources > {resource_path} > base_url. From a container use the gateway's service name, or host.docker.internal, instead of localhost.",
      FROM_INSIDE,
    ],
    match: [{ transport: /connection refused|actively refused|ECONNREFUSED|os error (?:111|61|10061)\b/i }],
    examples: [
      {
        status: 500,
        body: "Error: error sending request for url (http://127.0.0.1:9/v1/chat/completions): client error (Connect): tcp connect error: Connection refused (os error 111) @ai.rs:950:20",
        content_type: "text/plain",
      },
      {
        status: 500,
        body: "Error: error sending request for url (http://[fd00::5]:4000/v1/models): client error (Connect): tcp connect error: Connection refused (os error 111) @ai.rs:950:20",
        content_type: "text/plain",
      },
      {
        status: 500,
        body: "Error: error sending request for url (http://10.0.0.7:4000/v1/models): client error (Connect): tcp connect error: No connection could be made because the target machine actively refused it. (os error 10061) @ai.rs:950:20",
        content_type: "text/plain",
      },
    ],
  },
  {
    code: "no-route",
    layer: "connection",
    severity: "critical",
    owner: "windmill-operator",
    title: "There is no network route from {process} to {host}",
    cause:
      "The system of {process} says that the host or its network cannot be reached: no route, a firewall that rejects, a VPN that is down, or an IPv6 address without IPv6.",
    remedy: [
      FROM_INSIDE,
      "Check routes, firewall and network policies between {process} and the gateway.",
      "If the name resolves to an IPv6 address, give it an IPv4 address too.",
    ],
    match: [
      {
        transport:
          /no route to host|(?:network|host) (?:is )?(?:unreachable|down)|EHOSTUNREACH|ENETUNREACH|cannot assign requested address|address family not supported|unreachable (?:network|host)|os error (?:99|97|101|113|51|65|10051|10065)\b/i,
      },
    ],
    examples: [
      {
        status: 500,
        body: "Error: error sending request for url (http://10.9.8.7:4000/v1/models): client error (Connect): tcp connect error: No route to host (os error 113) @ai.rs:950:20",
        content_type: "text/plain",
      },
      {
        status: 500,
        body: "Error: error sending request for url (http://[fe80::1]:4000/v1/models): client error (Connect): tcp connect error: Network is unreachable (os error 101) @ai.rs:950:20",
        content_type: "text/plain",
      },
    ],
  },
  {
    code: "connection-timeout",
    layer: "connection",
    severity: "critical",
    owner: "windmill-operator",
    title: "{host} does not answer connection attempts of {process}",
    cause:
      "The connection was never established: a firewall or network policy drops the packets, the host is off, or the port is wrong.",
    remedy: [FROM_INSIDE, "Check firewall, security groups and network policies between {process} and the gateway."],
    match: [
      {
        transport:
          /(?:connect|tcp)[\s\S]*(?:timed out|timeout|deadline has elapsed)|ETIMEDOUT|did not properly respond|os error (?:110|60|10060)\b/i,
      },
    ],
    tells_apart:
      "A gateway that accepts the connection and then takes too long says `operation timed out` without `Connect`.",
    examples: [
      {
        status: 500,
        body: "Error: error sending request for url (http://10.9.8.7:4000/v1/models): client error (Connect): tcp connect error: Connection timed out (os error 110) @ai.rs:950:20",
        content_type: "text/plain",
      },
      {
        status: 500,
        body: "Error: error sending request for url (http://10.9.8.7:4000/v1/models): client error (Connect): operation timed out @ai.rs:950:20",
        content_type: "text/plain",
      },
    ],
  },
  {
    code: "answer-broken",
    layer: "connection",
    severity: "critical",
    owner: "gateway-operator",
    title: "The gateway's answer could not be read to its end",
    cause:
      "An answer began but was not complete or not decodable: the gateway or a proxy in front of it closed the connection half-way, or announced a compression that it did not use.",
    remedy: ["Read the log of the gateway and of the proxy in front of it at the time of the check.", RUN_CHECK],
    match: [
      {
        transport:
          /^error (?:decoding response body|reading a body)|^request or response body error|incomplete message|invalid gzip/i,
      },
    ],
    examples: [
      {
        status: 500,
        body: "Error: error decoding response body: request or response body error: unexpected EOF during chunk size line @ai.rs:975:14",
        content_type: "text/plain",
      },
    ],
  },
  {
    code: "connection-lost",
    layer: "connection",
    severity: "critical",
    owner: "gateway-operator",
    title: "{host} accepts the connection and closes it without an answer",
    cause:
      "The connection was closed or reset before an HTTP answer: the gateway or a proxy in front of it crashed, was restarted, limits connections, or speaks something else than HTTP on this port.",
    remedy: [
      "Read the log of the gateway and of the proxy in front of it at the time of the check.",
      "Check the port in Resources > {resource_path} > base_url.",
      RUN_CHECK,
    ],
    match: [
      {
        transport:
          /connection reset|broken pipe|connection closed before message completed|connection aborted|unexpected (?:end of file|eof)|channel closed|connection was not ready|ECONNRESET|EPIPE|invalid HTTP version parsed|invalid status-line|invalid header|http2 error|operation was canceled|os error (?:104|54|32|103|10053|10054)\b/i,
      },
    ],
    examples: [
      {
        status: 500,
        body: "Error: error sending request for url (http://gw.example.com/v1/models): client error (SendRequest): connection closed before message completed @ai.rs:950:20",
        content_type: "text/plain",
      },
      {
        status: 500,
        body: "Error: error sending request for url (http://gw.example.com/v1/models): client error (SendRequest): connection error: Connection reset by peer (os error 104) @ai.rs:950:20",
        content_type: "text/plain",
      },
    ],
  },
  {
    code: "gateway-unreachable",
    layer: "connection",
    severity: "critical",
    owner: "windmill-operator",
    title: "{process} cannot reach the gateway",
    cause: "Windmill could not send the request to {host}. Its words do not say more precisely why.",
    remedy: [FROM_INSIDE, "The whole error stands in the log of {process} at the time of the check."],
    match: [{ transport: /./, last: true }],
    examples: [
      {
        status: 500,
        body: "Error: error sending request for url (http://gw.example.com/v1/models) @ai.rs:950:20",
        content_type: "text/plain",
      },
    ],
  },
];

/**
 * Sentences of any wording: a subject and what is said of it, near each other in one sentence, in either order. Rows use them as their
 * `gist`, below words that they know for certain; two gists that fit equally well are no knowledge.
 */
/** What errors are about. Other languages stand behind English. */
const SUBJECTS = {
  key: "\\b(?:api|access|auth\\w*|bearer|secret|subscription|virtual|id)?[ _-]?(?:keys?|apikeys?)\\b|\\b(?:access |bearer |auth\\w* |id |this |the |your )?token\\b|\\bcredentials?\\b|\\bauthori[sz]ation\\b|\\bauthentication\\b|\\bjwt\\b|密钥|令牌|キー|키|ключ|токен|schl[üu]ssel|\\bcl[ée]\\b|\\bclave\\b|\\bchiave\\b|\\bchave\\b",
  model:
    "(?:^|[^\\p{L}\\d/])(?:gpt|claude|gemini|gemma|llama|qwen|mistral|mixtral|deepseek|grok|kimi|glm|phi)-?\\d[\\w.:-]*|\\bmodels?\\b|\\bdeployment\\b|模型|モデル|모델|модел|\\bmodell\\b|\\bmod[èe]le\\b|\\bmodelo\\b|\\bmodello\\b",
  money:
    "\\bcredits?\\b|\\bbalance\\b|\\bquota\\b|\\bfunds\\b|\\bprepaid\\b|\\bbudget\\b|\\bspend(?:ing)? cap\\b|\\bsubscription\\b|\\bpayment(?: method)?\\b|\\bbilling\\b|余额|额度|残高|잔액|баланс|средств|guthaben|kontingent|\\bsaldo\\b|\\bcrédits?\\b|\\bcréditos\\b|\\bcard\\b|\\bfonds\\b|\\bfondos\\b",
  requests:
    "\\brequests?\\b|\\bconcurren\\w*|\\bcalls?\\b|\\brate\\b|\\b[rt]p[md]\\b|\\btokens per\\b|请求|リクエスト|요청|запрос|\\banfragen\\b|\\brequêtes\\b|\\bsolicitudes\\b|\\bpeticiones\\b|\\brequisições\\b|\\brichieste\\b|\\bzapyta\\w*",
  rights:
    "\\broles?\\b|\\bpermissions?\\b|\\bscopes?\\b|\\bprivileges?\\b|\\brights\\b|权限|権限|права|berechtigung\\w*|\\bdroits\\b|\\bpermisos?\\b",
  provider: "\\bprovider\\b|\\bupstream\\b",
  tools: "\\btools?\\b|\\bfunction[ -]?call\\w*\\b|\\btool[ -]?(?:use|choice|call\\w*)\\b|工具|ツール",
  prompt:
    "\\bprompt\\b|\\binput\\b|\\bcontext\\b|\\bconversation\\b|\\bmessages?\\b|\\btokens\\b|上下文|输入|コンテキスト|kontext|\\bcontexte\\b|\\bcontexto\\b",
  server:
    "\\bservers?\\b|\\bservice\\b|\\bmodels?\\b|\\bengine\\b|\\bbackend\\b|\\bcapacity\\b|\\bsystem\\b|服务|サーバー|서버|сервер|\\bdienst\\b|\\bserveur\\b|\\bservidor\\b",
  memory:
    "\\bmemory\\b|\\bvram\\b|\\bkv cache\\b|\\bcuda\\d*\\b|\\bgpu\\b|内存|显存|メモリ|메모리|памят|speicher|\\bmémoire\\b|\\bmemoria\\b",
  body: "\\brequest body\\b|\\bpayload\\b|\\brequest size\\b|\\bbody size\\b",
  link: "\\brequest\\b|\\bupstream\\b|\\bresponse\\b|\\bconnection\\b|\\bmodel\\b|\\bbackend\\b|\\bserver\\b|请求|连接",
  text: "\\bcontent\\b|\\bprompt\\b|\\binput\\b|\\brequest\\b|\\bmessage\\b|\\bcontenu\\b|\\bcontenido\\b|\\bconteúdo\\b|\\binhalt\\b|内容|输入|コンテンツ|контент",
  option:
    "\\b(?:temperature|top_p|stream_options|tool_choice|response_format|reasoning_effort|parallel_tool_calls|thinking)\\b",
  field:
    "\\bparameters?\\b|\\bfields?\\b|\\barguments?\\b|\\bproperty\\b|[`'\"](?:temperature|top_p|stop|stream_options|tool_choice|response_format|reasoning_effort|parallel_tool_calls|seed|n|user)[`'\"]|\\b(?:temperature|top_p|stream_options|tool_choice|response_format|reasoning_effort|parallel_tool_calls|thinking)\\b|参数|パラメータ|параметр",
};

/** What is said of them. */
const PREDICATES = {
  absent:
    "\\bmissing\\b|\\bno (?=\\S{0,8} ?\\b(?:api|key|token|auth))|not (?:provided|supplied|sent|given|set|present|specified)|\\babsent\\b|\\bempty\\b|未提供|缺少|fehlt|ausente|manquante?|\\bfalta\\b|отсутствует",
  invalid:
    "\\binvalid\\b|\\bincorrect\\b|not (?:valid|recogni[sz]ed|accepted)|\\bwrong\\b|malformed|\\bunknown\\b|\\bfail(?:ed|ure|s)?\\b|(?:supply|use|provide|enter|pass) (?:a |your )?valid|\\binvalido\\b|\\brejected\\b|should match|not found|does(?: not|n't) exist|不正确|无效|错误|無効|正しくありません|유효하지|잘못된|неверн|недействит|ungültig|falsch|invalide|non valide|incorrecte|inválid[oa]|no válid[oa]|incorrect[oa]|non valid[oa]",
  lacking:
    "do(?:es)? not (?:permit|allow|have|include)|\\black(?:s|ing)?\\b|insufficient|not (?:granted|sufficient|enough)|\\bmissing\\b|不足|fehl\\w*|insuffisants?",
  needy:
    "requires? (?:\\S+ ){0,3}(?:approval|access|acceptance|subscription|agreement|application)|wait ?list|\\bgated\\b|not (?:been )?(?:enabled|activated|opened) for your|未开通|未激活",
  broke:
    "\\bclosed\\b|unexpected(?:ly)?|not valid|malformed|interrupted|disconnected|invalid response|returned (?:an? )?(?:error|empty|invalid)|\\bcrashed\\b",
  expired: "\\bexpired\\b|过期|期限切れ|만료|истек|abgelaufen|expirée?|expirad[oa]|caducad[oa]|scadut[oa]",
  disabled:
    "\\bdisabled\\b|\\bblocked\\b|\\brevoked\\b|\\bsuspended\\b|\\bbanned\\b|\\bdeactivated\\b|\\bpaused\\b|禁用|封禁|停用|заблокирован|gesperrt|deaktiviert|désactivée?|bloqueada?",
  gone: "(?:could not|cannot) be found|(?:was|been|is) (?:removed|withdrawn|sunset|shut down)|\\bsunset\\b|\\bdeleted\\b|not found|\\boffline\\b|does(?: not|n't) exist|\\bunknown\\b|\\bdeprecated\\b|\\bretired\\b|decommissioned|end of (?:its )?life|no longer|(?:shut|switched) (?:down|off)|not (?:available|served|installed|deployed)|no such|不存在|未找到|已下线|見つかりません|存在しません|찾을 수 없|не найден|не существует|nicht (?:gefunden|verfügbar)|existiert nicht|introuvable|n'existe pas|no (?:existe|encontrad[oa])|não (?:existe|encontrad[oa])|non (?:esiste|trovato)",
  barred:
    "no access|(?:limited|restricted|reserved) (?:to|for)|not (?:have )?(?:access|permission|allowed|permitted|authori[sz]ed|entitled|include|included)|does not include access|无权|没有权限|权限不足|kein(?:en)? zugriff|pas accès|sin acceso|нет доступа",
  spent:
    "no (?:remaining|more)|\\blapsed\\b|\\bno .{0,20} left\\b|\\breached\\b|\\bdeclined\\b|\\bupdate\\b|\\brecharge\\b|insufficient|exceeded|exhausted|used up|run(?:s|ning)? out|out of|depleted|not enough|too low|negative|\\benter\\b|\\badd\\b|\\bincluded\\b.{0,20}for|不足|用尽|用完|부족|недостаточно|исчерпан|aufgebraucht|erschöpft|nicht ausreichend|insuffisants?|épuisé|insuficiente|agotad[oa]|insufficiente|esaurito",
  many: "limit of \\d[\\d,.]*\\b|may only send|too fast|limit (?:hit|reached)|przekroczon\\w*|too many|(?:reached|hit|exceeded) (?:\\S+ ){0,4}limits?\\b|limit(?:s|ed)? (?:was |is |has been )?(?:exceeded|reached|hit)|\\bexceeded\\b|\\blimiting\\b|hit the limit|slow down|throttl\\w*|arrest|过于频繁|过多|频率|多すぎ|너무 많|слишком много|zu viele|überschritten|trop de|dépassée?|demasiad[oa]s|excedid[oa]|superado|troppe",
  refused:
    "not (?:currently )?(?:supported|enabled|available|implemented|allowed)|unsupported|do(?:es)?(?: not|n't) support|cannot be used|\\bhas no\\b|can(?:not|'t) (?:use|call)|\\bdisabled\\b|不支持|サポートされていません|지원하지|не поддержива|nicht unterstützt|pas (?:supportée?|pris en charge)|no (?:es )?compatible|não suporta",
  long: "too long|too large|exceed(?:s|ed)?|longer than|window is|too small|larger than|over the (?:maximum|limit)|maximum|过长|超出|超过|超えて|слишком длин|zu lang|trop long|demasiado larg[oa]",
  busy: "overload\\w*|\\bbusy\\b|high demand|maximum load|too many users|at capacity|capacity constraints|no capacity|too much traffic|saturat\\w*|繁忙|饱和|混雑|과부하|перегруж|überlastet|ausgelastet|surchargé|saturad[oa]|sobrecargad[oa]",
  starting:
    "not (?:loaded|ready|started) yet|being (?:downloaded|pulled|deployed|loaded|started)|cold start|provisioning|spinning up|\\bloading\\b|\\bstarting\\b|warming up|scal(?:ed|ing) up|initiali[sz]ing|not ready|正在加载|启动中|загружается|wird geladen|en cours de chargement",
  late: "timed[ -]?out|超时|タイムアウト|délai .{0,10}dépassé|zeitüberschreitung|tiempo de espera",
  unsafe:
    "\\bflagged\\b|violat\\w*|injection|\\bpii\\b|safety|guardrails?|moderation|inappropriate|harmful|sicherheitsfilter|filtre de sécurité|filtro de seguridad|敏感|违规|不当",
  confined:
    "must be|\\binvalid\\b|only .{0,30}(?:allowed|supported|accepted)|not (?:supported|allowed|permitted)|\\bforbidden\\b|only accepts?|unsupported",
  short:
    "\\bneeds\\b|\\bonly\\b.{0,24}(?:free|available|left)|not enough|out of|insufficient|unable to allocate|alloc_failed|failed to allocate|cannot allocate|no (?:free )?space|free space|exceeded|exhausted|不足|부족|не хватает|reicht nicht|insuffisante?|insuficiente",
};

/** Characters of one sentence that may stand between a subject and what is said of it. */
const NEAR = 50;

/** Things that have keys, limits and terms too, and are none of a chat's: files, disks, pictures, audio. */
const ELSEWHERE =
  /\b(?:disk|storage|volume|file|files|upload|attachment|image|audio|sample|certificate of|webhook|cookie|email|username|vector store|batch|fine-?tun)/i;

/** The edge of a word in any script: `\\b` knows the letters of English only. */
const EDGE = "(?:(?<![\\p{L}\\d_])(?=[\\p{L}\\d_])|(?<=[\\p{L}\\d_])(?![\\p{L}\\d_]))";

/** Matches of one side that are looked at. */
const MOST = 40;

const SENTENCE_END = /[.;!?\n。！？](?:\s|$)/;

/** Whether a text says this of that: both stand in one sentence, not far from each other. */
function says$1(subject, predicate) {
  const [about, said] = [SUBJECTS[subject], PREDICATES[predicate]].map(
    (words) => new RegExp(words.replaceAll("\\b", EDGE), "giu"),
  );
  return {
    test(text) {
      const places = placesOf(text, about);
      if (places.length === 0 || ELSEWHERE.test(text)) return false;
      return placesOf(text, said).some((one) => places.some((other) => isNear(text, one, other)));
    },
  };
}

const placesOf = (text, words) => {
  const places = [];
  for (const { index, 0: found } of text.matchAll(words)) {
    places.push([index, index + found.length]);
    if (places.length === MOST) break;
  }
  return places;
};

function isNear(text, a, b) {
  const [first, second] = a[0] <= b[0] ? [a, b] : [b, a];
  return second[0] - first[1] <= NEAR && !SENTENCE_END.test(text.slice(first[1], Math.max(first[1], second[0])));
}

/** What stands in front of the gateway: address lists, firewalls, reverse proxies. */
const FRONT_ROWS = [
  {
    code: "ip-not-allowed",
    layer: "gateway-path",
    severity: "critical",
    owner: "gateway-operator",
    title: "The gateway does not allow the address that {process} calls from",
    cause:
      "The gateway has a list of allowed client addresses, and that of {process} is not on it. The key was not looked at.",
    remedy: [
      "Add the outgoing address of {process} to the gateway's allowed addresses. The server and the workers may have different ones.",
      "Behind a reverse proxy: check that the gateway trusts its X-Forwarded-For, else it sees the proxy's address.",
    ],
    behind: "upstream-account-rejected",
    match: [
      {
        code: ["access_denied", "ip_not_authorized", "ip_not_allowed", "ip_blocked", "api_key_ip_address_blocked"],
        text: /\bip\b|address|network/i,
      },
      { code: ["ip_not_authorized", "ip_not_allowed", "ip_blocked", "api_key_ip_address_blocked"] },
      {
        words:
          /(?<!direct )\bip (?:address )?:?\S{0,45} ?(?:is )?not (?:allowed|authorized|permitted|whitelisted)|client ip|your ip\b.{0,60}(?:blocked|not allowed|denied|not authorized)|virtual network\/firewall rules|public (?:network )?access is disabled|configure private endpoint|只能在指定网段|ip .{0,20}(?:不在|未在).{0,10}(?:白名单|允许)/i,
      },
    ],
    examples: [
      {
        body: {
          error: {
            message: "client IP is not allowed",
            type: "invalid_request_error",
            code: "access_denied",
            param: null,
          },
        },
      },
    ],
  },
  {
    code: "challenge-page",
    layer: "gateway-path",
    severity: "critical",
    owner: "gateway-operator",
    title: "A firewall in front of the gateway blocks Windmill",
    cause:
      "A web application firewall or bot protection (Cloudflare and the like) answered with its own page. It takes Windmill's requests for those of a robot.",
    remedy: [
      "In the firewall, let requests to the gateway's /v1 path pass without challenge: they carry a key and the user agent `windmill/beta`.",
      "Or use an address in base_url that does not go through it.",
    ],
    match: [
      {
        text: /just a moment|attention required|checking your browser|cf-chl|captcha|access denied.{0,200}(?:reference\s?#|akamai|sucuri|imperva|incident id|used cloudflare)|error code: 10(?:06|07|08|09|10|12|20)\b|error 10(?:06|07|08|09|10|12|20)\b|enable javascript and cookies|request unsuccessful\. incapsula|security check|web application firewall|the request is blocked\.|request blocked\..{0,400}cloudfront|the requested url was rejected\. please consult|you have been blocked|mod_security|ddos-guard/is,
      },
    ],
    examples: [
      { body: webPage("Just a moment...", "Enable JavaScript and cookies to continue"), content_type: "text/plain" },
      { body: "error code: 1020", content_type: "text/plain" },
      { body: webPage("Attention Required! | Cloudflare", "Sorry, you have been blocked"), content_type: "text/plain" },
    ],
  },
  {
    code: "filtering-proxy",
    layer: "gateway-path",
    severity: "critical",
    owner: "windmill-operator",
    title: "A filtering proxy of the network blocks the way to {host}",
    cause:
      "The answer is a block page of a company's web filter or outgoing proxy (Squid, Zscaler, FortiGuard, Palo Alto, Umbrella, Netskope and the like), between {process} and the gateway. The gateway was not asked; AI services are a category that such filters block.",
    remedy: [
      "Let those who run the filter allow {host} for the machines of {process}; the page in the evidence names the category or rule.",
      "If the gateway is inside the company: make {process} go there without the proxy.\\nNO_PROXY={host_name}",
      FROM_INSIDE,
    ],
    match: [
      {
        words:
          /zscaler|fortiguard|fortigate|cisco umbrella|netskope|forcepoint|websense|blue ?coat|barracuda web|sophos (?:web|firewall)|web page blocked|cache access denied|access control configuration prevents your request|p\u00e1gina web bloqueada|seite (?:wurde )?(?:gesperrt|blockiert)|page web bloqu\u00e9e|(?:der angeforderte url|zugriffskontrolle) .{0,200}(?:verweigert|verbietet)|网页(?:已被)?(?:阻止|拦截)/is,
      },
      {
        page: true,
        words:
          /^[^:]{0,60}access blocked|page (?:you have requested )?has been blocked|(?:site|page|url|access) (?:is |was |has been )?blocked (?:by|due to|because|in accordance)|blocked (?:by your|by the) (?:network|organi[sz]ation|administrator|company)|(?:internet|web|acceptable)[- ](?:usage|use) policy|url blocked\b|richtlinie .{0,80}(?:gesperrt|blockiert)|usercheck|(?:url|web|content) filter(?:ing)?\b.{0,60}block|policy does not allow/is,
      },
    ],
    tells_apart: "A sign-in page wants a person; a block page names a policy, a category or an administrator.",
    examples: [
      {
        body: webPage(
          "Web Page Blocked",
          "The page you have requested has been blocked because the URL is banned. Category: Artificial Intelligence",
        ),
        content_type: "text/plain",
      },
      {
        body: webPage(
          "ERROR: Cache Access Denied",
          "Sorry, you are not currently allowed to request http://gw.example.com/v1 from this cache until you have authenticated yourself.",
        ),
        content_type: "text/plain",
      },
    ],
  },
  {
    code: "tunnel-down",
    layer: "gateway-path",
    severity: "critical",
    owner: "gateway-operator",
    title: "The tunnel to the gateway is down",
    cause:
      "base_url is the public end of a tunnel (Cloudflare Tunnel, ngrok, localtunnel, a dev tunnel), and its other end, beside the gateway, is not connected: its program is not running, or got another address when it was started again.",
    remedy: [
      "Start the tunnel's program beside the gateway and keep it running as a service. Cloudflare: `cloudflared tunnel list` shows it as healthy; ngrok: `ngrok http <port> --url <your domain>`.",
      "If the tunnel has another address now: correct base_url in Resources > {resource_path}. Free tunnels change it with every start; a fixed name avoids that.",
      RUN_CHECK,
    ],
    narrows: ["gateway-proxy-error"],
    match: [
      {
        words:
          /error code: 1033\b|error 1033\b|(?:argo|cloudflare) tunnel error|tunnel (?:is )?(?:unavailable|not (?:found|active|running|connected)|offline|closed|expired)|\bERR_NGROK_(?:3200|3802|810)\b|endpoint \S{1,200} is offline|tunnel \S{1,120} not found|no host connected|tunnel_error/i,
      },
    ],
    examples: [
      { body: "error code: 1033", content_type: "text/plain" },
      {
        body: "The endpoint 128598868da9.ngrok-free.app is offline.\\r\\n\\r\\nERR_NGROK_3200\\r\\n",
        content_type: "text/plain",
      },
    ],
  },
  {
    code: "tunnel-warning",
    layer: "gateway-path",
    severity: "critical",
    owner: "workspace-admin",
    title: "The tunnel shows its warning page instead of the gateway",
    cause:
      "A free tunnel asks visitors once whether they trust the site, and takes Windmill's requests for those of a visitor.",
    remedy: [
      "Open Resources > {resource_path} > Edit and add a header: ngrok: `ngrok-skip-browser-warning`: `true`; localtunnel: `bypass-tunnel-reminder`: `true`.",
      "Or use a paid plan, or a tunnel without such a page.",
      RUN_CHECK,
    ],
    narrows: ["sign-in-page"],
    match: [
      {
        words:
          /\bERR_NGROK_6024\b|you are about to visit|tunnel website ahead|website is served (?:for free|via a localtunnel)/i,
      },
    ],
    examples: [
      {
        status: 200,
        body: webPage(
          "ngrok",
          "You are about to visit abc.ngrok-free.app. This website is served for free through ngrok.com. (ERR_NGROK_6024)",
        ),
        content_type: "text/html",
      },
    ],
  },
  {
    code: "mesh-denied",
    layer: "gateway-path",
    severity: "critical",
    owner: "gateway-operator",
    title: "A policy of the service mesh denies the request",
    cause:
      "The mesh between {process} and the gateway (Istio, Linkerd, Tailscale and the like) has a policy that does not allow this caller, path or method. The gateway and its keys were not asked.",
    remedy: [
      "Allow {process} in the policy. Istio: an AuthorizationPolicy with action ALLOW for its service account or namespace, paths /v1/*, methods GET and POST; Linkerd: a ServerAuthorization or AuthorizationPolicy; Tailscale: the ACL and its nodeAttrs.",
      "See which one denies. Istio:\\nkubectl logs deploy/<gateway> -c istio-proxy | grep rbac",
    ],
    match: [
      {
        words:
          /\brbac: (?:access|permission) denied|rbac_access_denied|unauthorized (?:connection|request) on (?:server|route)|no ingress cap|permission_denied:handler/i,
      },
    ],
    examples: [{ body: "RBAC: access denied", content_type: "text/plain" }],
  },
  {
    code: "client-certificate",
    layer: "gateway-path",
    severity: "critical",
    owner: "gateway-operator",
    title: "The proxy in front of the gateway wants a client certificate",
    cause:
      "The proxy accepts callers with a certificate of their own only (mutual TLS). Windmill's AI features cannot present one.",
    remedy: [
      "Exempt the gateway's path /v1 from the client certificate: the gateway checks its own keys there. nginx: ssl_verify_client optional;",
      "Or give the gateway a second address without it, for Windmill alone.",
    ],
    match: [
      {
        words:
          /no required ssl certificate was sent|ssl certificate error|client certificate (?:is )?(?:required|missing|not (?:sent|provided))/i,
      },
    ],
    examples: [{ body: webPage("400 No required SSL certificate was sent"), content_type: "text/plain" }],
  },
  {
    code: "host-not-served",
    layer: "gateway-path",
    severity: "critical",
    owner: "workspace-admin",
    title: "The server at base_url does not serve the name {host}",
    cause:
      "A proxy answers at this address and knows no service under this name: base_url has another name than the proxy's rule, uses an IP address, or a header `host` of the resource says something else.",
    remedy: [
      "Use the name in base_url that the proxy's rule has, and remove `host` from the headers of {resource}.",
      "Or let the gateway's operator add the name: server_name, Host rule or ingress host.",
      FROM_INSIDE,
    ],
    match: [
      {
        words:
          /misdirected request|default backend - 404|invalid host header|no such app\b|direct ip access not allowed|host (?:is )?not (?:configured|found in)|unknown (?:host|domain)\b|there's nothing here, yet/i,
      },
      { said: [421] },
    ],
    examples: [
      { body: "Misdirected Request\\n", content_type: "text/plain" },
      { body: "default backend - 404", content_type: "text/plain" },
    ],
  },
  {
    code: "header-missing",
    layer: "gateway-path",
    severity: "critical",
    owner: "workspace-admin",
    title: "The gateway needs a header that tells it where to send requests",
    cause:
      "The gateway serves many providers and chooses by a header, as Portkey does. The resource has none, or one with a value that the gateway does not know.",
    remedy: [
      "Open Resources > {resource_path} > Edit and add the header that the message names. Portkey: `x-portkey-provider`: the provider's name, or `x-portkey-config`: the id of a config. Put no secret into it: headers are read by everybody who may read the resource.",
      RUN_CHECK,
    ],
    match: [
      {
        words:
          /\bx-[\w-]{1,60}(?: or x-[\w-]{1,60})? header is required|missing (?:required )?header:? ['"`]?x-|^invalid (?:provider|config|custom host) passed/i,
      },
    ],
    examples: [
      { body: { status: "failure", message: "Either x-portkey-config or x-portkey-provider header is required" } },
    ],
  },
  {
    code: "front-asks-password",
    layer: "gateway-path",
    severity: "critical",
    owner: "gateway-operator",
    title: "A reverse proxy in front of the gateway asks for its own password",
    cause:
      "The answer is a web page with status 401, not the gateway's JSON: a proxy in front of it wants its own authentication.",
    remedy: [
      "Exempt the gateway's path /v1 from the proxy's authentication: the gateway checks its own keys there.",
      "Or use an address in base_url that does not go through that proxy.",
    ],
    covers: ["key", "permission"],
    match: [
      { page: true, said: [401, 407] },
      { page: true, text: /valid user and password/i },
    ],
    examples: [{ body: webPage("401 Authorization Required"), content_type: "text/plain" }],
  },
  {
    code: "gateway-forbidden",
    layer: "gateway-path",
    severity: "critical",
    owner: "gateway-operator",
    title: "The gateway, or something in front of it, forbids the request",
    cause:
      "The answer is `403 Forbidden` without a reason that this table knows: an address list, a firewall rule, or a key without the right to this path.",
    remedy: [
      "If the answer is a web page: look at the proxy or firewall in front of the gateway.",
      "If it is JSON: look at what {key} may do, in the gateway's admin pages.",
    ],
    covers: ["permission", "path"],
    behind: "upstream-account-rejected",
    match: [
      { said: [403] },
      {
        type: [
          "permission_error",
          "permission_denied",
          "permissions_error",
          "forbidden",
          "accessdenied",
          "permissiondenied",
        ],
      },
      { text: /\bext_authz|external authorization (?:denied|failed)/i },
      {
        page: true,
        text: /^\W{0,3}(?:403 )?forbidden|client does not have permission to get url|forbidden by administrative rules/i,
      },
    ],
    examples: [{ body: webPage("403 Forbidden"), content_type: "text/plain" }, { body: { detail: "Forbidden" } }],
  },
  {
    code: "gateway-proxy-error",
    layer: "gateway-path",
    severity: "critical",
    owner: "gateway-operator",
    title: "The proxy in front of the gateway cannot reach it",
    cause:
      "A reverse proxy, load balancer or CDN answered with its own error: the gateway behind it is down, restarting, too slow, or unknown to it.",
    remedy: [
      "Check that the gateway runs behind the proxy.\ndocker compose ps",
      "Read the proxy's error log at the time of the check; it names the upstream that it tried.",
      RUN_CHECK,
    ],
    covers: ["link", "load"],
    behind: "upstream-failed",
    narrows: ["upstream-unreachable"],
    match: [
      { page: true, said: [500, 502, 503, 520, 521, 522, 523, 527, 530] },
      {
        page: true,
        text: /service (?:temporarily )?unavailable|bad gateway|this web app is stopped|service (?:has been )?suspended|application error.{0,200}heroku|proxy error/is,
      },
      { said: [502, 520, 521, 522, 523, 530] },
      {
        text: /^(?:upstream connect error|no healthy upstream|no available server|invalid response was received from the upstream|\W{0,3}502 bad gateway|\W{0,3}bad gateway|error code: 5(?:0[23]|2[0-37-9]|30)|error code: 1016|upstream prematurely closed|upstream_reset_before|error 52[0-37-9]\b|no server is available to handle|the origin web server|the upstream server is currently unavailable)|failure to get a peer from the ring-balancer|an? invalid (?:or incomplete )?(?:http )?response.{0,40}(?:from (?:an? |the )?upstream server)?$|origin dns error|web server is down|application failed to respond|dial tcp \S{1,200} connect: connection refused|no server is available to handle this request|(?:wasn't|unable|not able) (?:able )?to connect to the origin|failed to establish a connection to the upstream|\bERR_NGROK_(?:8012|3004)\b|connection to \S{1,80} failed|unable to determine ip address from host name|unable to forward this request|server encountered a temporary error|error code 52[0-37-9]\b|unable to reach the origin service/i,
      },
    ],
    tells_apart:
      "If the error page stands in front of Windmill itself, it arrives as 502 or 503; the gateway's arrives as 400.",
    examples: [
      { body: `${webPage("502 Bad Gateway")}\n<hr><center>nginx/1.27.2</center>`, content_type: "text/plain" },
      { body: "Bad Gateway", content_type: "text/plain" },
      { body: "no available server\n", content_type: "text/plain" },
      {
        body: "upstream connect error or disconnect/reset before headers. reset reason: connection failure",
        content_type: "text/plain",
      },
      { body: webPage("503 Service Temporarily Unavailable"), content_type: "text/plain" },
      { body: "error code: 502", content_type: "text/plain" },
    ],
  },
  {
    code: "gateway-timeout",
    layer: "latency",
    severity: "critical",
    owner: "gateway-operator",
    title: "The gateway did not answer in time",
    cause:
      "The request got through, but the answer took longer than something on the way allows: the proxy in front of the gateway (504, often 60 s), the gateway itself, or Windmill (AI_REQUEST_TIMEOUT_SECONDS, 3600 s unless changed).",
    remedy: [
      "Raise the read time-out of the proxy in front of the gateway above the longest answer, e.g. 600 s, and switch its buffering off for /v1.",
      "If only long answers fail, use a faster model or lower the model's token limit in Workspace settings > Windmill AI.",
    ],
    covers: ["time", "link", "load"],
    match: [
      { transport: /timed out|timeout|deadline has elapsed/i },
      { said: [408, 504, 524, 598, 599] },
      {
        code: [
          "request_timeout",
          "upstream_timeout",
          "gateway_timeout",
          "request_decompression_timeout",
          "function_invocation_timeout",
        ],
      },
      { sort: ["deadline_exceeded"] },
      { type: ["timeout_error", "timeout", "request_timeout", "apitimeouterror"] },
      {
        text: /litellm\.Timeout|APITimeoutError|gateway time-?out|upstream (?:request|response) time-?d? ?out|(?:request|operation|endpoint request|timeout error:?.{0,40}) timed out|timeout exceeded|context deadline exceeded|read timed? ?out|^stream timeout|deadline expired|server is timing out|server didn't respond in time|timeout occurred|FUNCTION_INVOCATION_TIMEOUT|(?:请求|响应|连接)超时|error code: (?:504|524)/i,
      },
      { gist: says$1("link", "late") },
    ],
    examples: [
      { body: webPage("504 Gateway Time-out"), content_type: "text/plain" },
      { body: "upstream request timeout", content_type: "text/plain" },
      {
        body: {
          error: {
            message: "litellm.Timeout: APITimeoutError - Request timed out",
            type: "None",
            param: "None",
            code: "408",
          },
        },
      },
      {
        status: 500,
        body: "Error: error sending request for url (https://gw.example.com/v1/chat/completions): operation timed out @ai.rs:950:20",
        content_type: "text/plain",
      },
      { body: { message: "Endpoint request timed out" } },
    ],
  },
];

/** The gateway's paths: its /v1 API, and what is not there. */
const EDIT_BASE_URL$1 = "Open Resources > {resource_path} > Edit and correct base_url.";

const GATEWAY_ROWS = [
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
      EDIT_BASE_URL$1,
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
    remedy: [
      EDIT_BASE_URL$1,
      "It must end in /v1: Windmill appends /chat/completions and /models itself.",
      FROM_INSIDE,
    ],
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

/** Windmill's guard against private addresses. Server and workers decide each for itself, with the same words. */
const GUARD = {
  windmill: /^Bad request: URL (?:targets|resolves to) a private\/internal IP address/,
  status: [400],
};

const TOAST$1 = /^Bad request: URL (?:targets|resolves to) a private/;

const TEXT =
  "If you need to use private/internal AI endpoints, set the ALLOW_PRIVATE_AI_BASE_URLS=true environment variable";

const GUARD_ROWS = [
  {
    code: "private-address-server",
    layer: "url-guard",
    severity: "critical",
    owner: "windmill-operator",
    lasting: true,
    title: "The Windmill server refuses the gateway's private address",
    cause:
      "{host} is, or resolves to, a private, link-local or loopback address, and the Windmill server, which serves everybody's browser, does not allow these for AI providers.",
    remedy: [...ALLOW_PRIVATE_SERVER, WHAT_IT_OPENS, RUN_CHECK],
    match: [GUARD],
    tells_apart:
      "The server and the workers use the same words. It is the server when people's chat fails; it is a worker when AI agent steps of flows fail, or the worker route of f/codex_pooler/check.",
    toasts: [{ text: TOAST$1, rank: 1 }],
    examples: [
      {
        body: `Bad request: URL targets a private/internal IP address. ${TEXT}`,
        content_type: "text/plain",
        route: "server",
      },
      { body: `Bad request: URL resolves to a private/internal IP address. ${TEXT}`, content_type: "text/plain" },
    ],
  },
  {
    code: "private-address-worker",
    layer: "url-guard",
    severity: "critical",
    owner: "windmill-operator",
    lasting: true,
    title: "The Windmill workers refuse the gateway's private address",
    cause:
      "{host} is, or resolves to, a private, link-local or loopback address, and the Windmill workers, which run AI agent steps, do not allow these for AI providers. People's chat does not depend on it.",
    remedy: [...ALLOW_PRIVATE_WORKER, WHAT_IT_OPENS, RUN_CHECK],
    match: [{ ...GUARD, route: "worker" }],
    tells_apart:
      "The server and the workers use the same words. It is a worker when AI agent steps of flows fail, or the worker route of f/codex_pooler/check; it is the server when people's chat fails.",
    toasts: [{ text: TOAST$1, rank: 2 }],
    examples: [
      {
        body: `Bad request: URL targets a private/internal IP address. ${TEXT}`,
        content_type: "text/plain",
        route: "worker",
      },
    ],
  },
];

/** Time, mixed answers, AI agent steps, the schedule, and what nothing else fits. */
const HEALTH_ROWS = [
  {
    code: "timeout",
    layer: "latency",
    severity: "critical",
    owner: "gateway-operator",
    title: "No answer within the time limit",
    cause:
      "The request was sent and nothing complete came back in time: the gateway, the provider behind it or a proxy on the way hangs or is very slow.",
    remedy: [
      "Run f/codex_pooler/check again. If the model list answers and chat does not, the provider behind the gateway is slow.",
      "Look at the gateway's log and at its accounts' state.",
    ],
    match: [{ failure: ["timeout"] }],
    tells_apart:
      "The limit is the checker's own (10 s for `Test key`), so a slow model can hit it while patient people get answers.",
    toasts: [
      { text: /^Could not validate key within 10 ?s/i, rank: 1 },
      { text: /^Request timed out\.?$/i, rank: 1 },
      { text: /^Request was aborted\.?$/i, rank: 1 },
    ],
    examples: [
      { status: null, failure: { kind: "timeout", message: "TimeoutError: The operation was aborted due to timeout" } },
    ],
  },
  {
    code: "check-failed",
    layer: "token",
    severity: "warning",
    owner: "windmill-operator",
    title: "The check itself failed, so nobody knows what people get",
    cause:
      "Windmill did not let the check read what there is, or the check was ended before it could report: Windmill's API failed or answered something unexpected, the user that the schedule runs as lost its rights, or the worker was stopped or could not load the script. What stopped it is in the evidence.",
    remedy: [
      "Open the run and read its error; run f/codex_pooler/check by hand as an admin.",
      "If that works, look under Schedules > f/codex_pooler/health at the user it runs as: it must be an admin of this workspace.",
      "If it does not, read the logs of Windmill's server and worker.\ndocker compose logs --tail 100 windmill_server windmill_worker",
    ],
    match: [],
    blind: true,
    examples: [],
  },
  {
    code: "memory-failed",
    layer: "token",
    severity: "warning",
    owner: "workspace-admin",
    title: "What the health check found could not be remembered",
    cause:
      "The check may have worked, but its result could not be stored in the folder f/codex_pooler, so that nothing is known of it and no status can change: the user that the schedule runs as lost its right to write there, or Windmill's API failed. What stopped it is in the evidence.",
    remedy: [
      "Open the run and read the error of its step remember.",
      "Look under Schedules > f/codex_pooler/health at the user it runs as: it must be an admin of this workspace.",
    ],
    match: [],
    blind: true,
    examples: [],
  },
  {
    code: "slow",
    layer: "latency",
    severity: "warning",
    owner: "gateway-operator",
    title: "{model} answers slowly",
    cause:
      "The answer is right but took long. Windmill gives up a `Test key` after 10 s and a chat's title after 15 s.",
    remedy: [
      "Choose a faster model as default or metadata model.",
      "Look at the gateway's queue and at the load of its accounts.",
    ],
    match: [],
    examples: [],
  },
  {
    code: "stale-credentials",
    layer: "workspace-settings",
    severity: "warning",
    owner: "wait",
    title: "Requests through {process} still use what was before, until {until} at most",
    cause:
      "Each process of Windmill keeps the gateway's address and the key for 60 s, and saving the AI settings empties the memory of one process only. Users' requests got another answer than the same requests by the resource's path, which pass that memory by. So what {process} answered says nothing about the connection as it is now.",
    remedy: ["Wait until {until}, then run f/codex_pooler/check again. Nobody needs to do anything."],
    match: [],
    examples: [],
  },
  {
    code: "agent-worker-unsupported",
    layer: "workspace-settings",
    severity: "warning",
    owner: "windmill-operator",
    title: "This worker cannot run AI agent steps",
    cause: "The step landed on an agent worker (one connected over HTTP), and those refuse AI agent steps.",
    remedy: ["Give the AI agent step a tag that normal workers serve, or remove `flow` from the agent worker's tags."],
    match: [{ windmill: /^(?:\w{0,30}: )?Agent worker does not support/ }],
    examples: [{ status: null, body: "Agent worker does not support ai agent jobs" }],
  },
  {
    code: "agent-step-misused",
    layer: "protocol",
    severity: "warning",
    owner: "workspace-admin",
    title: "The AI agent step asks for something customai cannot do",
    cause:
      "The model called a tool that the step does not have, or the step asks for an image, which this provider does not return.",
    remedy: [
      "`Tool not found`: name the step's tools so that the model cannot mistake them, or choose another model.",
      "`Image response not supported`: set the step's output type to text.",
    ],
    match: [{ windmill: /^(?:\w{0,30}: )?(?:Tool not found: |Image response not supported)/ }],
    examples: [
      { status: null, body: "Tool not found: search_web" },
      { status: null, body: "Image response not supported" },
    ],
  },
  {
    code: "schedule-missing",
    layer: "schedule",
    severity: "info",
    owner: "workspace-admin",
    title: "The health check is not scheduled",
    cause: "Nothing runs f/codex_pooler/health by itself, so nobody is told when the connection breaks.",
    remedy: ["Run f/codex_pooler/connect with a schedule, or create one for the flow under Schedules."],
    match: [],
    examples: [],
  },
  {
    code: "schedule-off",
    layer: "schedule",
    severity: "info",
    owner: "workspace-admin",
    title: "The schedule of the health check is switched off",
    cause: "The schedule exists but is disabled, so nobody is told when the connection breaks.",
    remedy: ["Open Schedules > f/codex_pooler/health and enable it."],
    repairable: true,
    match: [],
    examples: [],
  },
  {
    code: "schedule-error",
    layer: "schedule",
    severity: "warning",
    owner: "workspace-admin",
    title: "Windmill switched the schedule of the health check off",
    cause:
      "Windmill could not queue the next run and disabled the schedule: the flow was deleted or archived, the user it runs as left the workspace, or a quota was reached. Its error is in the evidence.",
    remedy: ["Correct what the error names.", "Open Schedules > f/codex_pooler/health and enable it again.", RUN_CHECK],
    repairable: true,
    match: [],
    explains: ["schedule-off"],
    examples: [],
  },
  {
    code: "schedule-refused",
    layer: "schedule",
    severity: "warning",
    owner: "workspace-admin",
    title: "Windmill refuses this schedule",
    cause:
      "The cron expression has not six fields (seconds first), the time zone is unknown, or the schedule uses something of the enterprise edition only.",
    remedy: ["Use six fields, e.g. `0 */10 * * * *`, a time zone such as Europe/Berlin, and no recovery handler."],
    match: [{ windmill: /^Bad request: (?:cron:|failed to parse timezone|.{0,80}only available in enterprise)/ }],
    examples: [
      { body: "Bad request: cron: */10 * * * *\n            ^\n", content_type: "text/plain" },
      { body: "Bad request: failed to parse timezone", content_type: "text/plain" },
      { body: "Bad request: on_recovery is only available in enterprise version", content_type: "text/plain" },
    ],
  },
  {
    code: "no-code-block",
    layer: "protocol",
    severity: "info",
    owner: "workspace-admin",
    title: "The model answered without a code block",
    cause:
      "Windmill's code generation in apps takes the first fenced code block of the answer, and there was none. The connection works.",
    remedy: ["Ask again, or choose a stronger model as default model."],
    match: [{ text: /^(?:failed to generate code: )?no code block found/i }],
    toasts: [{ text: /no code block found/i, rank: 1 }],
    examples: [{ status: null, body: "No code block found" }],
  },
  {
    code: "job-failed",
    layer: "unrecognised",
    severity: "warning",
    owner: "workspace-admin",
    title: "A script of the workspace failed",
    cause: "The answer is the error of a script or flow that was run, not of an AI request.",
    remedy: [
      "Open the run in Windmill and read its error; paste that text into f/codex_pooler/explain if it is about AI.",
    ],
    match: [
      {
        text: /./,
        status: [422],
        type: ["error", "apierror", "executionerr", "typeerror", "syntaxerror", "referenceerror"],
      },
    ],
    examples: [
      { status: 422, body: { error: { name: "Error", message: "no such table" } }, content_type: "application/json" },
    ],
  },
  {
    code: "windmill-words-in-400",
    layer: "unrecognised",
    severity: "critical",
    owner: "gateway-operator",
    title: "The gateway's answer reads like one of Windmill's own errors",
    cause:
      "Windmill sends these words with another status; in a 400 they come from the gateway, which repeats them or is a Windmill itself. What they say about this Windmill is not to be trusted.",
    remedy: ["Look at what answers at base_url.", "Run f/codex_pooler/check, which asks over both routes."],
    match: [
      {
        windmill:
          /^(?:Internal: AI resource not configured|Internal: Error decrypting|Not found: (?:Could not find the resource|Variable|Resource)|Not authorized: |Permission denied: |Require Admin)/,
        status: [400],
      },
    ],
    examples: [{ body: "Internal: AI resource not configured @ai.rs:734:48", content_type: "text/plain" }],
  },
  {
    code: "unrecognised",
    layer: "unrecognised",
    severity: "critical",
    owner: "workspace-admin",
    title: "An answer that this table does not know",
    cause:
      "The request failed in a way that is not in the diagnosis table. The evidence shows what came back; everything else would be a guess.",
    remedy: [
      "Run f/codex_pooler/check with depth `features`: which requests fail and which work narrows it down.",
      "Search the gateway's log for the words in the evidence, at the time of the check.",
      "If the words are the gateway's, its operator knows more; if they begin with `Internal:`, the operator of Windmill does.",
    ],
    match: [],
    examples: [],
  },
];

/** The gateway's key: whether it counts at all. */
const KEY_ROWS = [
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
      { gist: says$1("key", "absent") },
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
      { gist: says$1("key", "disabled") },
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
      { gist: says$1("key", "expired") },
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
      { gist: says$1("key", "invalid") },
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

/** What the key may do: limits, models, reasoning. */
const KEY_POLICY_ROWS = [
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
      { gist: says$1("model", "barred") },
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
      { gist: says$1("rights", "lacking") },
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

/** The gateway refuses the size of a request: tokens, context, body, tools. */
const LIMIT_ROWS = [
  {
    code: "token-limit-refused",
    layer: "protocol",
    severity: "critical",
    owner: "workspace-admin",
    title: "The gateway refuses the number of tokens that Windmill allows",
    cause:
      "Windmill sends max_tokens with every chat: 128000 for model ids with `gpt-5` in them, 8192 for unknown ones. The gateway or the model accepts less. Only `Test key` and summaries send 4096 at most and may work; AI agent steps send a limit only where the step sets one.",
    remedy: [OPEN_AI_SETTINGS, LOWER_TOKENS],
    repairable: true,
    covers: ["size"],
    narrows: ["unsupported-parameter", "request-refused", "context-too-long"],
    match: [
      {
        words:
          /range of max_tokens|max_(?:completion_)?tokens['"`]? is too (?:large|high|big)|valid range of max_tokens|max_tokens.{0,20} cannot be greater than max_model_len|maximum allowed number of output tokens|max_tokens .{0,60}integer above maximum/i,
      },
      {
        text: /(?<!\+ [`'"]?)\bmax_?(?:completion_|output_|new_)?tokens\b.{0,60}(?:too large|too high|too big|must be (?:at most|less|between|smaller|<=|≤)|exceeds?(?! (?:the )?(?:model'?s? )?context)|above maximum|maximum|greater than|out of range|valid range|should be \[|is invalid|not valid)|max(?:imum)? (?:output |completion )?tokens must be (?:between|at most|less)|invalid max_tokens|max_tokens.{0,10} must be at least|supports at most \d+ (?:completion |output )?tokens|output token limit|max(?:imum)? output (?:is|of|limit)|(?:maximum|max)(?: number of)? output tokens|max_tokens: input should be|最大(?:输出)?(?:token|长度).{0,20}(?:超出|超过)/i,
      },
    ],
    tells_apart: "A message about the name max_tokens (use max_completion_tokens) is not about the number.",
    examples: [
      {
        body: openError(
          "max_tokens is too large: 128000. This model supports at most 16384 completion tokens, whereas you provided 128000.",
          "invalid_value",
          "invalid_request_error",
          "max_tokens",
        ),
      },
      {
        body: openError(
          "max_tokens is too large: this model supports at most 32768 completion tokens",
          "unsupported_parameter",
          "invalid_request_error",
          "max_tokens",
        ),
      },
      {
        body: {
          code: "validation_failed",
          description: "Validation failed",
          errors: [{ code: "validation_rule_between", description: "The max tokens must be between 1 and 5000." }],
        },
      },
      {
        body: {
          error: {
            message: "Invalid max_tokens value, the valid range of max_tokens is [1, 8192]",
            type: "invalid_request_error",
          },
        },
      },
    ],
  },
  {
    code: "token-field-refused",
    layer: "protocol",
    severity: "critical",
    owner: "gateway-operator",
    title: "The gateway refuses the field max_tokens or max_completion_tokens",
    cause:
      "Windmill's pages always send max_tokens, its AI agent steps max_completion_tokens when a limit is set. The gateway must accept both names and this one does not, for this model.",
    remedy: [
      "Let the gateway translate the field (LiteLLM: drop_params: true), or use a model that accepts it.",
      "For an AI agent step: remove the step's limit for output tokens.",
    ],
    narrows: ["unsupported-parameter", "token-limit-refused"],
    match: [
      {
        words:
          /max_(?:completion_)?tokens['"`]? is not supported|use ['"`]?max_(?:completion_)?tokens['"`]? instead|(?:unsupported|unrecognized|unknown|unexpected|extra) .{0,60}max_(?:completion_)?tokens/i,
      },
    ],
    examples: [
      {
        body: openError(
          "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
          "unsupported_parameter",
          "invalid_request_error",
          "max_tokens",
        ),
      },
      {
        body: openError(
          "Unrecognized request argument supplied: max_completion_tokens",
          "unsupported_parameter",
          "invalid_request_error",
          "max_completion_tokens",
        ),
      },
    ],
  },
  {
    code: "context-too-long",
    layer: "protocol",
    severity: "warning",
    owner: "workspace-admin",
    title: "The conversation is longer than the model's context",
    cause:
      "Question, history, tools and the reserved answer together exceed what the model can hold. Windmill guesses a model's window by its name and cannot be told otherwise.",
    remedy: [
      "Start a new chat, or use /compact.",
      LOWER_TOKENS,
      "Or choose a model with a larger window; for a local server raise its context size.",
    ],
    covers: ["size"],
    match: [
      { code: ["context_length_exceeded", "exceed_context_size", "model_max_prompt_tokens_exceeded"] },
      {
        sort: [
          "exceed_context_size_error",
          "context_length_exceeded",
          "contextwindowexceedederror",
          "tokens_limit_reached",
          "string_above_max_length",
        ],
      },
      {
        words:
          /(?:input length and|prompt and) [`'"]?max_tokens[`'"]? exceed context|maximum context length|range of input length|maximum prompt length|max size: \d+ tokens|[`'"]?inputs[`'"]? tokens \+ [`'"]?max_new_tokens/i,
      },
      {
        text: /context (?:length|window|size|limit).{0,80}exceed|exceed\w* .{0,40}\bcontext\b|exceeds? the (?:available |model'?s? )?(?:context|maximum (?:input|number of tokens))|(?:prompt|input|conversation|message)s? (?:\(\d+ tokens\) )?(?:is |are )?too long|longer than the model'?s? (?:maximum )?context|too many input tokens|reduce the length of|n_ctx too small|greater than the context length|too large for model with|exceeded model token limit|token count .{0,40}exceeds|input tokens? .{0,40}exceeds?|(?:上下文|输入)(?:长度)?.{0,10}(?:超出|超过|过长)|kontext.{0,30}überschr/i,
      },
      { gist: says$1("prompt", "long") },
    ],
    examples: [
      {
        body: openError(
          "This model's maximum context length is 4096 tokens. However, you requested 12000 tokens.",
          "context_length_exceeded",
          "invalid_request_error",
          "messages",
        ),
      },
      {
        body: { error: { message: "upstream request failed", type: "server_error", code: "context_length_exceeded" } },
      },
      {
        body: {
          error: {
            code: 400,
            message: "request (4390 tokens) exceeds the available context size (4096 tokens), try increasing it",
            type: "exceed_context_size_error",
          },
        },
      },
    ],
  },
  {
    code: "body-too-large",
    layer: "protocol",
    severity: "critical",
    owner: "gateway-operator",
    title: "The request is larger than the gateway accepts",
    cause:
      "One chat turn of Windmill is about 80 kB (68 tools and a long prompt), and up to 16 MB with pictures. The gateway, or the proxy in front of it, accepts less.",
    remedy: [
      "Raise the body limit of the proxy in front of the gateway to 20 MB. nginx:\nclient_max_body_size 20m;",
      "Others: Traefik: maxRequestBodyBytes of the buffering middleware; Caddy: request_body max_size; HAProxy: tune.bufsize where a rule reads the body; Kong: allowed_payload_size of request-size-limiting; Envoy: per_connection_buffer_limit_bytes; Squid: request_body_max_size. AWS API Gateway (10 MB) and Vercel (4.5 MB) cannot be raised.",
    ],
    covers: ["size"],
    match: [
      { said: [413] },
      {
        code: [
          "compressed_request_too_large",
          "decompressed_request_too_large",
          "decompression_ratio_exceeded",
          "payload_too_large",
          "function_payload_too_large",
        ],
      },
      { sort: ["request_too_large"] },
      {
        text: /request (?:entity|body) too large|(?:payload|body|content|request entity) (?:is )?too large|request size limit|request (?:exceeds the maximum size|too long)\b|request entity exceeds the maximum|request or reply is too large|FUNCTION_PAYLOAD_TOO_LARGE|maximum (?:request )?(?:body|payload) size/i,
      },
      { gist: says$1("body", "long") },
    ],
    examples: [
      { body: "Request Entity Too Large", content_type: "text/plain" },
      {
        body: "<html><head><title>413 Request Entity Too Large</title></head><body><center>nginx</center></body></html>",
        content_type: "text/plain",
      },
    ],
  },
  {
    code: "too-many-tools",
    layer: "protocol",
    severity: "critical",
    owner: "gateway-operator",
    title: "The gateway accepts fewer tools than Windmill sends",
    cause: "Windmill's AI sessions send about 70 tools with every message. The gateway or model has a lower limit.",
    remedy: ["Raise the limit on the gateway to at least 128, or choose a model without it."],
    match: [
      {
        words:
          /too many (?:tools|functions)|['"`]?(?:tools|functions)['"`]?.{0,60}(?:maximum|at most|array too long|exceeds?|no more than)|\btools\b.{0,40}\blimit\b|(?:maximum|at most|no more than) .{0,40}\b(?:tools|functions)\b/i,
      },
    ],
    examples: [
      {
        body: openError(
          "Invalid 'tools': array too long. Expected an array with maximum length 64, but got an array with length 68 instead.",
          "array_above_max_length",
          "invalid_request_error",
          "tools",
        ),
      },
    ],
  },
];

/** The model that was asked for, and the gateway's list of models. */
const MODEL_ROWS = [
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
      { gist: says$1("model", "gone") },
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
      { gist: says$1("tools", "refused") },
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
      { gist: says$1("model", "needy") },
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

/** What the gateway's list of models and its answers say together. Neither is said where only one of them was seen. */
const MODEL_SEEN_ROWS = [
  {
    code: "model-refused",
    layer: "model",
    severity: "critical",
    owner: "gateway-operator",
    title: "The gateway has {model} and refuses requests for it",
    cause:
      "The gateway lists {model}, or has answered with it in this very check, and refused another request for it as unknown or not available: no account behind it offers the model at the moment, or not all of its servers know it. {gateway_lists}",
    remedy: [
      "In Codex Pooler's admin pages see that the model is active and that an account of the pool offers it.",
      OPEN_AI_SETTINGS,
      "If it lasts, replace {model} by {nearest}, also where it is the default or metadata model, and save.",
      RUN_CHECK,
    ],
    repairable: true,
    match: [],
    examples: [],
  },
  {
    code: "model-unlisted",
    layer: "model",
    severity: "info",
    owner: "gateway-operator",
    title: "{model} answers, but the gateway does not list it",
    cause:
      "Requests for {model} are answered, so people are served. Windmill's settings page and its pickers offer what the gateway lists, so nobody can choose it there. {gateway_lists}",
    remedy: ["Nothing needs to be done while it answers. The gateway's operator can add it to the list."],
    match: [],
    examples: [],
  },
];

/** Words of a rate limit that this request breaks alone: by what they say, or by the numbers in them. */
const LARGER_THAN_ITS_LIMIT = {
  test(text) {
    if (/\b(?:request|input) (?:is )?too large\b.{0,200}(?:per min|\btpm\b|per day|\btpd\b)/is.test(text)) return true;
    const [, limit, requested] = /\blimit:? ([\d,]{1,15})\b.{0,60}\brequested:? ([\d,]{1,15})\b/i.exec(text) ?? [];
    const count = (digits) => Number(digits.replaceAll(",", ""));
    if (/(?:larger|greater|more) than .{0,40}limit .{0,60}per minute/is.test(text)) return true;
    if (!/per (?:min|hour|day)|\b[rt]p[md]\b|rate/i.test(text)) return false;
    return limit !== undefined && requested !== undefined && count(requested) > count(limit);
  },
};

/** What is left behind the gateway: quota, credit, rates. */
const QUOTA_ROWS = [
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
      { gist: says$1("money", "spent") },
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
      { gist: says$1("requests", "many") },
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

/** Redirects, which Windmill does not follow. */
const EDIT_BASE_URL = "Open Resources > {resource_path} > Edit and correct base_url.";

const REDIRECTS = [301, 302, 303, 307, 308];

const REDIRECT_ROWS = [
  {
    code: "sign-in-redirect",
    layer: "redirect",
    severity: "critical",
    owner: "gateway-operator",
    title: "The gateway sends requests to a sign-in page",
    cause:
      "Something in front of the gateway (a single sign-on proxy, a captive portal) redirects to {location} instead of letting the request through. Windmill follows no redirects and cannot sign in.",
    remedy: [
      "Exempt the gateway's path /v1 from the sign-in proxy: the gateway checks its own keys there.",
      "Or use an address in base_url that does not go through it, e.g. the gateway's internal one.",
    ],
    match: [
      {
        location:
          /\b(?:log-?in|sign-?in|sign_in|sso|saml|oauth2?|oidc|authorize|authn?|realms|cdn-cgi\/access|accounts\.google|portal|captive)\b/i,
        status: REDIRECTS,
      },
    ],
    toasts: [{ text: /^Connection error\.?$/i, rank: 2 }],
    examples: [
      { status: 302, body: "", location: "https://sso.example.com/login?next=%2Fv1%2Fchat%2Fcompletions" },
      { status: 307, body: "", location: "https://captive.example.net/portal" },
    ],
  },
  {
    code: "redirect",
    layer: "redirect",
    severity: "critical",
    owner: "workspace-admin",
    title: "The gateway redirects instead of answering",
    cause:
      "The gateway answered with a redirect to {location}, and Windmill follows none. Most often base_url says http and the gateway insists on https (Codex Pooler does so for every host but localhost), or the host or path has moved.",
    remedy: [
      `${EDIT_BASE_URL} Set it to where the redirect leads, without /chat/completions or /models at its end.`,
      "If that is not an address of your gateway (example.com, localhost): its public host name is not set; the operator of Codex Pooler sets PHX_HOST.",
      "If Windmill must talk plain http to the gateway inside a trusted network: add the header `x-forwarded-proto: https` to the resource.",
      RUN_CHECK,
    ],
    repairable: true,
    match: [{ status: REDIRECTS, location: /./ }],
    tells_apart: "f/codex_pooler/check shows where the redirect leads; a toast says only `Connection error.`",
    toasts: [{ text: /^Connection error\.?$/i, rank: 1 }],
    examples: [
      { status: 307, body: "", location: "https://codex-pooler.example.com/redirect/v1/chat/completions" },
      { status: 301, body: "", location: "https://codex-pooler.example.com/v1/models" },
      { status: 308, body: "", location: "/v1/chat/completions/" },
    ],
  },
  {
    code: "redirect-without-target",
    layer: "redirect",
    severity: "critical",
    owner: "gateway-operator",
    title: "The gateway answers with a redirect that leads nowhere",
    cause: "The answer has a redirect status but no Location header, so nothing says where the request should go.",
    remedy: ["Look at the proxy in front of the gateway, and at base_url.", FROM_INSIDE],
    match: [{ status: [300, ...REDIRECTS] }],
    examples: [{ status: 302, body: "" }],
  },
];

/** The gateway refuses the form of a request: fields, schemas, headers. Each breaks some of Windmill's features, not all. */
const REQUEST_ROWS = [
  {
    code: "strict-schema-refused",
    layer: "protocol",
    severity: "info",
    owner: "wait",
    title: "The gateway refuses the flow chat's tool schema",
    cause:
      "In the chat of the flow editor Windmill sends a flow's input form as a strict tool schema. The gateway enforces OpenAI's strict rules (every property required, nothing additional), so that chat fails for flows with optional inputs. Other chats are not affected.",
    remedy: [
      "Use the AI sessions chat instead of the chat docked in the flow editor.",
      "Or mark all inputs of the flow as required while working on it there.",
    ],
    match: [
      { code: ["invalid_function_parameters"] },
      {
        text: /invalid schema for function|strict json_schema|additionalProperties.{0,40}(?:required|must be|false)|'required' is required to be supplied/i,
      },
    ],
    tells_apart: "It names the function, usually test_run_flow.",
    examples: [
      {
        body: openError(
          "Invalid schema for function 'test_run_flow': strict json_schema additionalProperties must be false",
          "invalid_function_parameters",
          "invalid_request_error",
          "tools",
        ),
      },
    ],
  },
  {
    code: "output-schema-refused",
    layer: "protocol",
    severity: "warning",
    owner: "workspace-admin",
    title: "The gateway refuses the agent step's output schema",
    cause:
      "An AI agent step asks for structured output with a strict schema, and the gateway does not accept that schema, or the model no schema at all. Only AI agent steps with an output schema send one: chats, summaries and other steps work.",
    remedy: [
      "In the flow's agent step, make every property of the output schema required, allow no additional ones, and use plain types.",
    ],
    match: [
      { code: ["invalid_json_schema"] },
      {
        words: /invalid schema for response_format/i,
      },
      {
        text: /json schema .{0,60}not supported by|response_?format.{0,80}(?:invalid|not supported|unsupported|unavailable)|(?:does not|doesn't) support (?:json output|structured outputs?|json[_ ]schema|response_?format|json mode)/i,
      },
    ],
    examples: [
      {
        body: openError(
          "strict json_schema properties must all be required",
          "invalid_json_schema",
          "invalid_request_error",
          "response_format",
        ),
      },
    ],
  },
  {
    code: "images-refused",
    layer: "protocol",
    severity: "info",
    owner: "workspace-admin",
    title: "The model takes no pictures",
    cause:
      "A picture was sent to a model that reads text only. Windmill then removes pictures from the chat and goes on.",
    remedy: ["Choose a model that reads pictures, or leave them out."],
    narrows: ["model-not-served", "model-not-allowed"],
    match: [
      { code: ["unsupported_input_image_format"] },
      {
        text: /(?:\bimage|\bvision|multimodal|image_url).{0,80}(?:not supported|unsupported|not support|invalid|only text|may be provided)|(?:does not|doesn't|do not) support (?:image|vision|multimodal)|support image input|at most \d+ images?|cannot (?:process|accept|handle|read) images?|不支持(?:图片|图像|视觉)/i,
      },
    ],
    examples: [
      {
        body: openError(
          "Invalid content type. image_url is only supported by certain models; images are not supported here.",
          null,
          "invalid_request_error",
          "messages",
        ),
      },
    ],
  },
  {
    code: "unsupported-parameter",
    layer: "protocol",
    severity: "critical",
    owner: "gateway-operator",
    title: "The gateway refuses {refused_field}",
    cause:
      "The gateway, or the model behind it, does not accept the field or value that its message names. {who_sends_it}",
    remedy: [
      "{without_it}.",
      "Or let the gateway drop what a model does not take. LiteLLM: `drop_params: true` in litellm_settings; Codex Pooler refuses stop, seed, n, logprobs, penalties and every field that it does not know.",
    ],
    covers: ["field"],
    by_field: true,
    narrows: ["request-refused"],
    match: [
      {
        sort: [
          "unsupported_parameter",
          "unknown_parameter",
          "unsupported_value",
          "extra_forbidden",
          "unknown_field",
          "unsupportedparamserror",
        ],
      },
      {
        text: /(?:unsupported|unknown|unrecognized|unexpected|invalid|disallowed) (?:request )?(?:parameter|field|argument|key|property|name ["'])|extra (?:inputs|fields) (?:are )?not permitted|additional properties are not allowed|is not a valid (?:parameter|field)|unrecognized request argument|property .{1,100} is unsupported|(?:does not|doesn't|do not) support (?:the )?(?:parameter|field|argument|param)s?\b|(?:argument|parameter|param|field|property) ['"`]?[\w.]{0,60}['"`]? ?(?:is |was )?(?:not|un) ?(?:supported|permitted|allowed|recognized)|does(?:n't| not) support (?:this )?(?:temperature|top_p|tool_choice|stream_options|reasoning_effort|parallel_tool_calls|stop)\b|['"`]?(?:temperature|top_p|tool_choice|stream_options|reasoning_effort|parallel_tool_calls|stop|seed|strict)['"`]? (?:does not support|(?:is|are) (?:not|only) (?:supported|allowed)|cannot both|is deprecated)|不支持(?:的)?参数|参数.{0,30}不支持/i,
      },
      { gist: says$1("field", "refused") },
      { gist: says$1("option", "confined") },
    ],
    examples: [
      {
        body: openError(
          "unsupported parameter: logprobs",
          "unsupported_parameter",
          "invalid_request_error",
          "logprobs",
        ),
      },
      {
        body: {
          detail: [
            {
              type: "extra_forbidden",
              loc: ["body", "stream_options"],
              msg: "Extra inputs are not permitted",
              input: {},
            },
          ],
        },
      },
      {
        body: openError(
          "messages.2.tool_calls.0.index: Extra inputs are not permitted",
          "unsupported_parameter",
          "invalid_request_error",
          "messages",
        ),
      },
    ],
  },
  {
    code: "tool-schema-refused",
    layer: "protocol",
    severity: "critical",
    owner: "gateway-operator",
    title: "The gateway refuses the schema of one of Windmill's tools",
    cause:
      "Windmill's chats and AI agent steps with tools describe each tool by a JSON schema, and the provider does not accept one of them: it knows a smaller part of JSON Schema, or another draft. Questions without tools, summaries and steps without tools work.",
    remedy: [
      "Choose another model as default model: the providers differ in what they accept.",
      "Or let the gateway's operator translate tool schemas for this provider, e.g. with LiteLLM in between.",
    ],
    narrows: ["unsupported-parameter", "request-refused"],
    match: [
      {
        words:
          /tools?\[\d{1,3}\]\.function\.(?:name|parameters)|tools?[.[]\d{1,3}\]?\.[\w.[\]]{0,80}(?:input_schema|parameters)\b|json schema is invalid|schema .{0,80}should be non-empty for object|tool (?:schema|parameters?)\b.{0,60}(?:invalid|not valid|not supported)/i,
      },
    ],
    tells_apart:
      "`Invalid schema for function` with strict rules is strict-schema-refused: only the flow editor's chat fails then.",
    examples: [
      {
        body: {
          type: "error",
          error: {
            type: "invalid_request_error",
            message: "tools.12.custom.input_schema: JSON schema is invalid. It must match JSON Schema draft 2020-12",
          },
        },
      },
    ],
  },
  {
    code: "replay-refused",
    layer: "protocol",
    severity: "critical",
    owner: "gateway-operator",
    title: "The gateway refuses the second turn of chats that use tools",
    cause:
      "After a tool call Windmill sends the model's own call back with its result, as every client of chat completions does. This provider wants a part in it that chat completions do not have (thought_signature, reasoning_content). First answers, summaries and steps without tools work.",
    remedy: [
      "Choose a model without this need as default model, e.g. one that does not think before it calls tools.",
      "Or let the gateway keep that part and put it back: newer versions of LiteLLM and new-api do.",
    ],
    narrows: ["unsupported-parameter", "request-refused"],
    match: [
      {
        words:
          /missing (?:a |the )?[`'"]?(?:thought_signature|reasoning_content|reasoning|thinking)[`'"]?|(?:reasoning_content|thought_signature|thinking)[`'"]? .{0,60}(?:is required|must be (?:passed|provided|included)|missing)|expected [`'"]?thinking[`'"]? .{0,80}but found/i,
      },
    ],
    examples: [
      {
        body: openError(
          "Missing `reasoning_content` field in the assistant message at message index 2.",
          "invalid_request_error",
        ),
      },
    ],
  },
  {
    code: "chat-template-refused",
    layer: "protocol",
    severity: "critical",
    owner: "gateway-operator",
    title: "The model server cannot turn Windmill's chats into a prompt",
    cause:
      "The server has no chat template for {model}, or one that does not know system messages, tool messages or two messages of one role in a row, and all of these are in Windmill's chats.",
    remedy: [
      "Give the server a template that knows tools: vLLM: --chat-template; llama.cpp: --jinja with --chat-template-file; Ollama: TEMPLATE of the Modelfile.",
      "Or choose an instruction model that brings its own.",
    ],
    match: [
      {
        words:
          /chat template|conversation roles must alternate|(?:system|tool) role (?:is )?not supported|only user(?:, | and )assistant roles|jinja exception|template error/i,
      },
    ],
    examples: [
      {
        body: {
          error: {
            message: "Conversation roles must alternate user/assistant/user/assistant/...",
            type: "BadRequestError",
            code: 400,
          },
        },
      },
    ],
  },
  {
    code: "not-acceptable",
    layer: "protocol",
    severity: "critical",
    owner: "workspace-admin",
    title: "The gateway refuses the request's headers",
    cause:
      "The gateway does not accept the request's Accept, Content-Type or Content-Encoding. Windmill sends good ones: a static header of the resource is in the way.",
    remedy: [
      "Open Resources > {resource_path} > Edit and remove accept, content-type, content-encoding and host from headers.",
    ],
    repairable: true,
    covers: ["form"],
    match: [
      { said: [406, 415] },
      { code: ["unsupported_content_encoding", "unsupported_media_type"] },
      {
        text: /^\W{0,3}(?:not acceptable|unsupported media type)|invalid content type passed|content-type .{0,40}(?:not supported|must be)/i,
      },
    ],
    examples: [
      { body: openError("unsupported content encoding", "unsupported_content_encoding") },
      { body: "Unsupported Media Type", content_type: "text/plain" },
    ],
  },
  {
    code: "request-refused",
    layer: "protocol",
    severity: "critical",
    owner: "gateway-operator",
    title: "The gateway takes the request for malformed",
    cause:
      "The gateway read the request and refused its form. Its message says which part; Windmill sends plain chat completions.",
    remedy: [
      "Look at the gateway's message in the evidence, then at its documentation: it may not speak the chat completions API in full.",
      FIND_REQUEST,
    ],
    covers: ["form"],
    match: [
      {
        type: [
          "invalid_request",
          "invalid_value",
          "missing_required_parameter",
          "invalid_type",
          "bad_request",
          "invalid_request_message_order",
          "invalid_request_prompt",
          "badrequesterror",
        ],
      },
      { said: [422] },
      {
        text: /^(?:\W{0,3}(?:400 )?bad request\W*$|.{0,60}field required|.{0,60}validation error)|must be followed by tool messages|expected last role|messages must contain|(?:in)?valid (?:role|message)|messages? .{0,60}(?:must (?:be|have|contain|alternate)|should (?:be|have))|could not parse the json|invalid json|unexpected token .{0,20} in json|were found without .{0,20}tool_result|failed to parse (?:the )?(?:request|json|body)/i,
      },
      { type: ["validation_error"] },
    ],
    examples: [
      {
        body: openError(
          "messages must contain role/content objects",
          "invalid_request",
          "invalid_request_error",
          "messages",
        ),
      },
      { body: "Bad Request", content_type: "text/plain" },
      { body: { detail: [{ type: "missing", loc: ["body", "messages"], msg: "Field required" }] } },
    ],
  },
  {
    code: "empty-error",
    layer: "protocol",
    severity: "critical",
    owner: "gateway-operator",
    title: "The gateway refuses the request without a word",
    cause:
      "The gateway, or a proxy in front of it, answered with an error status and an empty body; Windmill loses the status, so nothing is left that says why.",
    remedy: [
      "Ask the gateway directly, to see its status.\ncurl -sS -i -H \"Authorization: Bearer <pool key>\" '{base_url}/models'",
      "Read the log of the gateway and of the proxy in front of it at the time of the check.",
    ],
    match: [{ status: [400], empty: true, last: true }],
    toasts: [{ text: /^\(?(?:no )?status code (?:\(no body\)|or body)\)?$/i, rank: 1 }],
    examples: [{ body: "", content_type: "text/plain" }],
  },
];

const EDIT_RESOURCE = "Open Resources > {resource_path} > Edit.";

/** The customai resource: where it is, its shape, and what its value says apart from the base URL and the headers. */
const RESOURCE_ROWS = [
  {
    code: "resource-missing",
    layer: "resource",
    severity: "critical",
    owner: "workspace-admin",
    title: "{resource} is not there",
    cause:
      "The AI settings name a resource that does not exist, was moved, or, for a request that names the resource itself (X-Resource-Path), is hidden from its caller.",
    remedy: [
      "Look for it under Resources. If it was moved, choose it in Workspace settings > Windmill AI > Custom AI and save.",
      "If it is gone, run f/codex_pooler/connect; deleting a resource also deletes the secret variable that it references, so have a key at hand.",
    ],
    repairable: true,
    match: [{ windmill: /^Not found: Could not find the resource/, unless_status: [400] }],
    tells_apart:
      "If users' chat works and only a check with X-Resource-Path fails, the resource is there and the caller may not read it.",
    explains: ["secret-missing"],
    examples: [
      {
        status: 404,
        body: "Not found: Could not find the resource u/admin/absent, update the resource path in the workspace settings",
        content_type: "text/plain",
      },
    ],
  },
  {
    code: "resource-path-empty",
    layer: "resource",
    severity: "critical",
    owner: "workspace-admin",
    title: "The AI settings name no resource for customai",
    cause: "The provider customai is enabled, but its resource path is empty.",
    remedy: [
      "Choose the customai resource in Workspace settings > Windmill AI > Custom AI and save, or run f/codex_pooler/connect.",
    ],
    repairable: true,
    match: [{ windmill: /^Bad request: Resource path is empty/, status: [400] }],
    examples: [{ body: "Bad request: Resource path is empty", content_type: "text/plain" }],
  },
  {
    code: "resource-empty",
    layer: "resource",
    severity: "critical",
    owner: "workspace-admin",
    title: "{resource} has no value",
    cause: "The resource exists, but nothing was ever stored in it.",
    remedy: [EDIT_RESOURCE, "Fill in base_url and api_key, or run f/codex_pooler/connect.", RUN_CHECK],
    repairable: true,
    match: [{ windmill: /^Bad request: Empty resource value/, status: [400] }],
    examples: [{ body: "Bad request: Empty resource value for u/admin/pooler", content_type: "text/plain" }],
  },
  {
    code: "resource-malformed",
    layer: "resource",
    severity: "critical",
    owner: "workspace-admin",
    title: "The value of {resource} has the wrong shape",
    cause:
      "Windmill cannot read the resource: its value is not an object, or a field has a value of the wrong kind. `headers` must be an object whose values are all texts.",
    remedy: [
      EDIT_RESOURCE,
      `Give it this shape and save.
base_url: https://codex-pooler.example.com/v1
api_key: $var:<path of the secret variable>
headers: {}`,
      RUN_CHECK,
    ],
    match: [{ windmill: /^Bad request: .*\bAIResource\b/, status: [400] }],
    examples: [
      { body: "Bad request: data did not match any variant of untagged enum AIResource", content_type: "text/plain" },
    ],
  },
  {
    code: "resource-type-missing",
    layer: "resource",
    severity: "warning",
    owner: "workspace-admin",
    title: "The resource type customai is missing",
    cause:
      "Windmill gets the resource type from its Hub. Without it requests work, but no page offers the resource for choosing.",
    remedy: [
      "Run f/codex_pooler/connect, which creates the type, or let the instance sync resource types from the Hub.",
    ],
    repairable: true,
    match: [],
    examples: [],
  },
  {
    code: "resource-type-other",
    layer: "resource",
    severity: "warning",
    owner: "workspace-admin",
    title: "{resource} is not of the type customai",
    cause:
      "Windmill's proxy does not mind the type, but its pages list only resources of type customai: the next person who opens the AI settings does not see this one.",
    remedy: [
      "Run f/codex_pooler/connect with another resource_path: Windmill cannot change the type of a resource, and this one may be somebody else's.",
    ],
    match: [],
    examples: [],
  },
  {
    code: "resource-unreadable",
    layer: "resource",
    severity: "info",
    owner: "workspace-admin",
    title: "The caller may not read {resource}",
    cause:
      "The resource belongs to someone else, so its base URL, headers and key could not be looked at. Users' requests work all the same: Windmill reads it with its own rights.",
    remedy: ["Run the check as an admin to have these parts looked at."],
    match: [],
    examples: [],
  },
  {
    code: "item-exists",
    layer: "resource",
    severity: "warning",
    owner: "workspace-admin",
    title: "Something with this path exists already",
    cause: "A variable, resource, resource type or schedule could not be created, because one of that path is there.",
    remedy: ["Choose another path, or edit the one that is there."],
    match: [{ windmill: /^Bad request: (?:Variable|Resource|Resource type|Schedule|Folder) \S{1,300} already exists/ }],
    examples: [{ body: "Bad request: Variable u/admin/recorded_secret already exists", content_type: "text/plain" }],
  },
  {
    code: "path-refused",
    layer: "resource",
    severity: "warning",
    owner: "workspace-admin",
    title: "Windmill refuses this path",
    cause:
      "A path must have the form u/<user>/<name>, f/<folder>/<name> or g/<group>/<name>, with letters, digits, _ and - only.",
    remedy: ["Choose a path of that form."],
    match: [
      { windmill: /^Bad request: Invalid path/ },
      { windmill: /^SqlErr: .*check constraint "proper_(?:id|name)/ },
    ],
    examples: [
      {
        body: "Bad request: Invalid path: it must be of the form u/<user>/<name>, f/<folder>/<name> or g/<group>/<name>",
        content_type: "text/plain",
      },
      {
        body: 'SqlErr: error returned from database: new row for relation "variable" violates check constraint "proper_id" @variables.rs:628:5',
        content_type: "text/plain",
      },
    ],
  },
  {
    code: "item-missing",
    layer: "resource",
    severity: "info",
    owner: "workspace-admin",
    title: "Windmill has no item of this path",
    cause:
      "The variable, resource, script, flow, folder, schedule or job that was asked for does not exist, or its caller may not see it. Before something is created for the first time this is the normal answer.",
    remedy: ["Check the path, and that the caller may read it."],
    match: [{ windmill: /^Not found: /, unless_status: [400], last: true }],
    examples: [
      { status: 404, body: "Not found: Script not found at path f/sample/inspect", content_type: "text/plain" },
      { status: 404, body: "Not found: Resource u/admin/recorded_resource not found", content_type: "text/plain" },
      {
        status: 404,
        body: "Not found: Variable not found at name u/admin/absent (variables.rs:1301)",
        content_type: "text/plain",
      },
    ],
  },
];

/** The secret variable that holds the gateway's key. */
const SECRET_ROWS = [
  {
    code: "secret-missing",
    layer: "secret",
    severity: "critical",
    owner: "workspace-admin",
    title: "{secret} is not there",
    cause:
      "The resource's api_key references a variable that does not exist, was moved, or, for a request that names the resource itself (X-Resource-Path), is hidden from its caller.",
    remedy: [
      "Look for it under Variables. If it was moved, correct api_key in {resource} to `$var:<its path>`.",
      "If it is gone, make a new Pool API key and run f/codex_pooler/connect with it.",
      RUN_CHECK,
    ],
    match: [{ windmill: /^Not found: Variable not found when resolving/, unless_status: [400] }],
    examples: [
      {
        status: 404,
        body: "Not found: Variable not found when resolving `$var:u/admin/absent`",
        content_type: "text/plain",
      },
    ],
  },
  {
    code: "secret-undecryptable",
    layer: "secret",
    severity: "critical",
    owner: "workspace-admin",
    title: "Windmill cannot decrypt {secret}",
    cause:
      "The variable was stored with another encryption key than the workspace has now: the key was changed without re-encrypting, or the variable came from another instance.",
    remedy: [
      "Store the key again: Variables > {secret_path} > Edit.",
      "Every other secret variable of the workspace is affected too.",
      RUN_CHECK,
    ],
    match: [{ windmill: /^Internal: Error decrypting variable/, unless_status: [400] }],
    examples: [
      {
        status: 500,
        body: "Internal: Error decrypting variable u/admin/pooler: invalid padding @variables.rs:812:9",
        content_type: "text/plain",
      },
    ],
  },
  {
    code: "key-not-set",
    layer: "secret",
    severity: "critical",
    owner: "workspace-admin",
    title: "{resource} has no key",
    cause: "api_key is empty, so Windmill sends no key and the gateway refuses every request.",
    remedy: ["Run f/codex_pooler/connect with a Pool API key.", RUN_CHECK],
    match: [],
    explains: ["key-refused", "key-not-sent"],
    examples: [],
  },
  {
    code: "literal-key-in-resource",
    layer: "secret",
    severity: "warning",
    owner: "workspace-admin",
    title: "The key stands in the resource in plain text",
    cause:
      "api_key in {resource} holds the key itself. Everybody who may read the resource sees it, and a sync writes it into files.",
    remedy: [
      "Store the key in a secret variable and set api_key in {resource} to `$var:<its path>`.",
      "Then make a new Pool API key with f/codex_pooler/rotate_key, since the old one was readable and stays in the resource's history.",
      "Revoke the old key in Codex Pooler's admin pages.",
    ],
    repairable: true,
    match: [],
    examples: [],
  },
  {
    code: "secret-not-secret",
    layer: "secret",
    severity: "warning",
    owner: "workspace-admin",
    title: "{secret} is not marked as secret",
    cause: "Windmill stores and shows a variable that is not secret in plain text, so the key is readable.",
    remedy: ["Open Variables > {secret_path} > Edit, switch Secret on, and save.", STORE_KEY],
    match: [],
    examples: [],
  },
  {
    code: "secret-shared",
    layer: "secret",
    severity: "warning",
    owner: "workspace-admin",
    title: "More people than needed may read {secret}",
    cause:
      "Windmill reads the secret with its own rights, so nobody but its owner needs to. Whoever may read the variable can take the gateway's key away.",
    remedy: ["Open Variables > {secret_path} > Share and remove the extra permissions, or move it to u/<owner>/."],
    match: [],
    examples: [],
  },
  {
    code: "old-key-kept",
    layer: "secret",
    severity: "warning",
    owner: "workspace-admin",
    title: "An old key is still stored beside {secret}",
    cause:
      "A run of f/codex_pooler/rotate_key was cut short, so the key that it was to replace is still kept in a variable of its own. It goes on working until somebody revokes it; Windmill deletes the variable a week after it was made.",
    remedy: [
      "Run f/codex_pooler/rotate_key again with the same new key: it brings the rotation to its end.",
      "Revoke the old key in Codex Pooler's admin pages.",
      RUN_REPAIR,
    ],
    repairable: true,
    match: [],
    examples: [],
  },
  {
    code: "key-malformed",
    layer: "secret",
    severity: "warning",
    owner: "workspace-admin",
    title: "The stored credential does not look like a Pool API key",
    cause:
      "A Pool API key is sk-cxp-, 12 hex digits, a hyphen and 43 characters. An MCP token, a browser or upstream account token, or the bare prefix can never work on /v1.",
    remedy: ["Make a Pool API key for Windmill alone in Codex Pooler's admin pages.", STORE_KEY],
    match: [],
    explains: ["key-refused"],
    examples: [],
  },
];

/** The workspace's AI settings: what Windmill reads before it looks at any resource. */
const SETTINGS_ROWS = [
  {
    code: "ai-not-configured",
    layer: "workspace-settings",
    severity: "critical",
    owner: "workspace-admin",
    title: "Windmill AI is not configured",
    cause: "Neither this workspace nor the instance has AI settings, so Windmill does not know any AI provider.",
    remedy: [
      "Run f/codex_pooler/connect with the gateway's base URL and a Pool API key.",
      "Or by hand: Workspace settings > Windmill AI > Custom AI, choose the customai resource, enable models, save.",
    ],
    match: [{ windmill: /^Internal: AI resource not configured/, unless_status: [400] }],
    explains: ["no-default-model", "default-model-not-enabled", "provider-missing"],
    examples: [
      { status: 500, body: "Internal: AI resource not configured @ai.rs:734:48", content_type: "text/plain" },
      { status: 500, body: "Internal: AI resource not configured @ai.rs:698:21", content_type: "text/plain" },
    ],
  },
  {
    code: "provider-missing",
    layer: "workspace-settings",
    severity: "critical",
    owner: "workspace-admin",
    title: "The AI settings do not have the provider customai",
    cause:
      "AI settings exist, but without the provider customai: somebody removed it on the settings page, or the settings in effect are others than you think (a fork keeps its own copy, the instance has its own).",
    remedy: [
      "Run f/codex_pooler/connect; it adds the provider and leaves the others alone.",
      "Or by hand: Workspace settings > Windmill AI > Custom AI, choose the customai resource, enable models, save.",
    ],
    repairable: true,
    match: [{ windmill: /^Bad request: Provider \w{0,40} ?not configured/i, status: [400] }],
    explains: ["no-default-model", "default-model-not-enabled"],
    examples: [{ body: "Bad request: Provider CustomAI not configured", content_type: "text/plain" }],
  },
  {
    code: "provider-header",
    layer: "workspace-settings",
    severity: "critical",
    owner: "workspace-admin",
    title: "The request does not name the provider customai",
    cause: "Windmill's AI proxy needs the header X-Provider; it was missing or had another value than it knows.",
    remedy: ["Send the header `X-Provider: customai`. Windmill's own pages do; this comes from a script or from curl."],
    match: [
      { windmill: /^Bad request: Provider is required/, status: [400] },
      { windmill: /^Bad request: Invalid AI provider/, status: [400] },
    ],
    examples: [
      { body: "Bad request: Provider is required", content_type: "text/plain" },
      {
        body: "Bad request: Invalid AI provider: unknown variant `nope`, expected one of `openai`, `customai`",
        content_type: "text/plain",
      },
    ],
  },
  {
    code: "settings-unreadable",
    layer: "workspace-settings",
    severity: "critical",
    owner: "workspace-admin",
    title: "Windmill cannot read its AI settings",
    cause:
      "The stored AI settings have a shape that this Windmill does not understand: a key is missing or has a value of the wrong kind. Settings of the workspace that do not parse are silently replaced by the instance's.",
    remedy: [
      OPEN_AI_SETTINGS,
      "Save the page once: it writes all keys anew. Or run f/codex_pooler/connect.",
      "If the instance's settings are in effect: Instance settings > AI, save there.",
    ],
    match: [
      {
        windmill:
          /^Bad request: (?:missing field|unknown variant|unknown field|invalid type|invalid value|duplicate field|data did not match any variant|expected )/,
        status: [400],
        last: true,
      },
    ],
    tells_apart: "The same message with `AIResource` in it is about the resource, not about the settings.",
    examples: [
      { body: "Bad request: missing field `models` at line 1 column 82", content_type: "text/plain" },
      { body: 'Bad request: invalid type: string "x", expected a map', content_type: "text/plain" },
    ],
  },
  {
    code: "settings-refused",
    layer: "workspace-settings",
    severity: "warning",
    owner: "workspace-admin",
    title: "Windmill refuses these AI settings",
    cause:
      "A request to change something had a body that this Windmill does not accept: an unknown provider, a missing field, a token limit that is no whole number, or no JSON. Nothing was changed.",
    remedy: ["Correct the part that the message names and save again."],
    match: [
      { windmill: /^Failed to (?:deserialize the JSON body|parse the request body as JSON)/ },
      { windmill: /^Bad request: Custom prompt for mode/ },
    ],
    examples: [
      {
        status: 422,
        body: "Failed to deserialize the JSON body into the target type: providers.?: missing field `models` at line 1 column 82",
        content_type: "text/plain",
      },
      {
        status: 400,
        body: "Failed to parse the request body as JSON: EOF while parsing an object at line 1 column 1",
        content_type: "text/plain",
      },
      {
        status: 400,
        body: "Bad request: Custom prompt for mode 'ask' exceeds maximum length of 5000 characters (current: 6021)",
        content_type: "text/plain",
      },
    ],
  },
  {
    code: "ai-disabled",
    layer: "workspace-settings",
    severity: "critical",
    owner: "workspace-admin",
    title: "Windmill AI is switched off for this workspace",
    cause:
      "The setting copilot_disabled is on: Windmill hides its AI features from people, although the connection may work.",
    remedy: [OPEN_AI_SETTINGS, "Switch AI on for the workspace and save."],
    match: [],
    examples: [],
  },
  {
    code: "no-default-model",
    layer: "workspace-settings",
    severity: "warning",
    owner: "workspace-admin",
    title: "No default model is set for customai",
    cause:
      "The AI settings have no default model of this provider. Chat then takes the first model of the first provider, which may be another provider's.",
    remedy: [OPEN_AI_SETTINGS, "Choose a default chat model and save."],
    repairable: true,
    match: [],
    examples: [],
  },
  {
    code: "default-model-not-enabled",
    layer: "workspace-settings",
    severity: "warning",
    owner: "workspace-admin",
    title: "{model} is a default or metadata model but not enabled",
    cause:
      "The model {model} is used as default or metadata model but is not in the list of enabled models. It works for now, but the settings page drops it as soon as somebody opens and saves it.",
    remedy: [OPEN_AI_SETTINGS, "Add {model} to the enabled models of Custom AI, or choose another default, and save."],
    repairable: true,
    match: [],
    examples: [],
  },
  {
    code: "default-model-nowhere",
    layer: "workspace-settings",
    severity: "warning",
    owner: "workspace-admin",
    title: "The default or metadata model is one of a provider that is not configured",
    cause:
      "The AI settings name a default or metadata model of a provider that they do not have, so what uses it has nobody to ask. It is in the evidence.",
    remedy: [OPEN_AI_SETTINGS, "Choose another default or metadata model and save."],
    repairable: true,
    match: [],
    examples: [],
  },
  {
    code: "no-metadata-model",
    layer: "workspace-settings",
    severity: "info",
    owner: "workspace-admin",
    title: "No metadata model is set",
    cause:
      "Windmill then takes the default model for summaries, names and form filling, and its settings page cannot be saved before one is chosen.",
    remedy: [OPEN_AI_SETTINGS, "Choose a metadata model and save."],
    repairable: true,
    match: [],
    examples: [],
  },
  {
    code: "duplicate-model-id",
    layer: "workspace-settings",
    severity: "warning",
    owner: "workspace-admin",
    title: "{model} is enabled under two providers",
    cause:
      "The settings page remembers defaults by model id only. With the same id under two providers, the next save there can silently move the default to the other provider.",
    remedy: [OPEN_AI_SETTINGS, "Disable {model} under one of the providers and save."],
    match: [],
    examples: [],
  },
  {
    code: "code-completion-on-customai",
    layer: "workspace-settings",
    severity: "warning",
    owner: "workspace-admin",
    title: "A code completion model is set on customai",
    cause:
      "Windmill's code completion sends a `stop` field that Codex Pooler refuses, and Windmill's editor uses it with codestral models only. The setting brings nothing but failing requests.",
    remedy: [OPEN_AI_SETTINGS, "Switch code completion off, or choose a provider with a codestral model, and save."],
    repairable: true,
    match: [],
    examples: [],
  },
  {
    code: "instance-settings-in-use",
    layer: "workspace-settings",
    severity: "info",
    owner: "workspace-admin",
    title: "The workspace uses the instance's AI settings",
    cause:
      "This workspace has no AI settings of its own, so those of the instance are in effect; their resource lives in the workspace `admins`.",
    remedy: [
      "Nothing needs to be done. To give this workspace its own connection, run f/codex_pooler/connect; its settings then hide all of the instance's providers.",
    ],
    match: [],
    examples: [],
  },
  {
    code: "fork-keeps-copy",
    layer: "workspace-settings",
    severity: "info",
    owner: "workspace-admin",
    title: "This workspace is a fork with its own copy of the AI settings",
    cause: "A fork copies the AI settings once. Later changes in the parent workspace do not reach it.",
    remedy: ["After a change in the parent, run f/codex_pooler/connect here too, or make a new fork."],
    match: [],
    examples: [],
  },
  {
    code: "settings-drift",
    layer: "workspace-settings",
    severity: "warning",
    owner: "workspace-admin",
    title: "The AI settings are no longer what connect was asked for",
    cause: "Somebody changed the AI settings or the resource since the last f/codex_pooler/connect.",
    remedy: [
      "If the change was meant: run f/codex_pooler/repair with accept_drift, so that the present state counts as wanted.",
      "If not: put back by hand what the evidence names.",
    ],
    repairable: true,
    match: [],
    examples: [],
  },
];

/** TLS between Windmill and the gateway: rustls and OpenSSL wordings. Each needs its own remedy, so none is merged. */
const SHOW_CERTIFICATE = `Look at the certificate from inside {process}.
docker compose exec {service} sh -c "openssl s_client -connect {host_port} -servername {host_name} </dev/null | openssl x509 -noout -subject -issuer -dates -ext subjectAltName"`;

const failed = (why, url = "https://gw.example.com/v1/models") => ({
  status: 500,
  body: `Error: error sending request for url (${url}): client error (Connect): ${why} @ai.rs:950:20`,
  content_type: "text/plain",
});

const TLS_ROWS = [
  {
    code: "certificate-expired",
    layer: "tls",
    severity: "critical",
    owner: "gateway-operator",
    title: "The certificate of {host} is out of date",
    cause:
      "The certificate is expired or not valid yet. The latter can also mean that the clock of {process} is wrong.",
    remedy: [
      SHOW_CERTIFICATE,
      "Renew the certificate on the gateway's proxy and reload it; check why the renewal did not happen by itself.",
    ],
    match: [
      {
        transport:
          /(?:certificate|peer certificate:?)[\s\S]{0,80}(?:expired|not valid yet|NotValidYet|not yet valid)|CERT_HAS_EXPIRED|CERT_NOT_YET_VALID|\bCertExpired\b/i,
      },
    ],
    examples: [
      failed("invalid peer certificate: Expired"),
      failed(
        "invalid peer certificate: certificate expired: verification time 1795440000 (UNIX), but certificate is not valid after 1795000000 (440000 seconds ago)",
      ),
      failed("error:0A000086:SSL routines::certificate verify failed: (certificate has expired)"),
    ],
  },
  {
    code: "certificate-wrong-name",
    layer: "tls",
    severity: "critical",
    owner: "gateway-operator",
    title: "The certificate is not for the name {host}",
    cause:
      "The server that answers has a certificate for other names: base_url uses an IP address or an internal name, or the request landed on another server.",
    remedy: [
      SHOW_CERTIFICATE,
      "Use a name in base_url that the certificate lists, or issue one for the name that you use.",
    ],
    match: [
      {
        transport:
          /NotValidForName|not valid for name|hostname mismatch|host ?name .{0,100}does not match|IP address mismatch|ALTNAME_INVALID|InvalidDnsName|invalid dnsname|UnsupportedNameType/i,
      },
    ],
    examples: [
      failed("invalid peer certificate: NotValidForName"),
      failed(
        'invalid peer certificate: certificate not valid for name "gw.internal"; certificate is only valid for DnsName("gw.example.com")',
        "https://gw.internal/v1/models",
      ),
      failed("error:0A000086:SSL routines::certificate verify failed: (hostname mismatch)"),
    ],
  },
  {
    code: "certificate-untrusted",
    layer: "tls",
    severity: "critical",
    owner: "windmill-operator",
    title: "{process} does not trust the certificate of {host}",
    cause:
      "The certificate is self-signed, comes from an authority that {process} does not know (a company's own), or the gateway does not send the whole chain.",
    remedy: [
      SHOW_CERTIFICATE,
      "If the chain is incomplete: let the gateway's proxy send the intermediate certificates too.",
      "If the authority is your own: make {process} trust it (mount the authority's certificate and set SSL_CERT_FILE to a bundle that contains it), then restart it. Or give the gateway a certificate from a public authority.",
    ],
    match: [
      {
        transport:
          /UnknownIssuer|unknown (?:ca|issuer|certificate)|self[- ]signed|unable to (?:get (?:local )?issuer|verify the first)|DEPTH_ZERO|UNABLE_TO_VERIFY|CaUsedAsEndEntity|BadSignature|unhandled critical extension|certificate verify failed|invalid peer certificate|not trusted/i,
      },
    ],
    examples: [
      failed("invalid peer certificate: UnknownIssuer"),
      failed(
        "error:0A000086:SSL routines:tls_post_process_server_certificate:certificate verify failed:../ssl/statem/statem_clnt.c:1889: (self-signed certificate in certificate chain)",
      ),
    ],
  },
  {
    code: "https-to-http-port",
    layer: "tls",
    severity: "critical",
    owner: "workspace-admin",
    title: "base_url says https, but the port speaks plain http",
    cause: "Windmill began a TLS handshake and got something else back: {host} serves http on this port.",
    remedy: [
      "Change base_url in Resources > {resource_path} to http://, or to the port that serves https.",
      "Codex Pooler itself serves http only (port 4000): https comes from the proxy in front of it.",
    ],
    repairable: false,
    match: [
      {
        transport:
          /InvalidContentType|wrong version number|corrupt message|packet length too long|http request|unknown protocol|record overflow/i,
      },
    ],
    examples: [
      failed("received corrupt message of type InvalidContentType", "https://gw.internal:4000/v1/models"),
      failed(
        "error:0A00010B:SSL routines:tls_validate_record_header:wrong version number:../ssl/record/methods/tlsany_meth.c:77:",
      ),
    ],
  },
  {
    code: "http-to-https-port",
    layer: "tls",
    severity: "critical",
    owner: "workspace-admin",
    title: "base_url says http, but the port speaks https",
    cause: "The server at {host} expects TLS on this port and got a plain http request.",
    remedy: ["Change base_url in Resources > {resource_path} to https://."],
    match: [
      {
        text: /plain HTTP request was sent to HTTPS port|HTTP request to an HTTPS server|speaking plain HTTP to an SSL-enabled|please use https protocol/i,
      },
    ],
    examples: [
      {
        body: "<html><head><title>400 The plain HTTP request was sent to HTTPS port</title></head><body><center>nginx</center></body></html>",
        content_type: "text/plain",
      },
      { body: "Client sent an HTTP request to an HTTPS server.\n", content_type: "text/plain" },
    ],
  },
  {
    code: "tls-failed",
    layer: "tls",
    severity: "critical",
    owner: "gateway-operator",
    title: "The TLS handshake with {host} fails",
    cause:
      "Windmill and the server at {host} found no common way to encrypt: the server wants a client certificate, does not know this name, or offers only old protocols; or a firewall broke the handshake.",
    remedy: [
      SHOW_CERTIFICATE,
      "Check on the gateway's proxy that it serves this name, TLS 1.2 or newer, and asks for no client certificate.",
    ],
    match: [
      {
        transport:
          /handshake|fatal alert|\balert\b|SSL routines|TLS|ssl error|PeerIncompatible|PeerMisbehaved|no cipher|protocol version|unrecogni[sz]ed.?name|revoked/i,
      },
    ],
    examples: [
      failed("received fatal alert: HandshakeFailure"),
      failed("tls handshake eof"),
      failed(
        "error:0A000410:SSL routines:ssl3_read_bytes:sslv3 alert handshake failure:../ssl/record/rec_layer_s3.c:1605:SSL alert number 40",
      ),
    ],
  },
];

/** The way from the browser or the job to Windmill: the token, and what stands in front of Windmill. */
const TOKEN_ROWS = [
  {
    code: "windmill-token-refused",
    layer: "token",
    severity: "critical",
    owner: "workspace-admin",
    title: "Windmill refuses the token of the request",
    cause:
      "Windmill did not accept the Windmill token (not the gateway's key): it is missing, expired, deleted, or its user has no access to this workspace. The gateway was not asked.",
    remedy: [
      "In a browser: sign in to Windmill again.",
      "In a script or with curl: make a new token under Account settings > Tokens and send it as `Authorization: Bearer <token>`.",
      "In a scheduled job: check that the user it runs as still exists in this workspace (Workspace settings > Users).",
    ],
    match: [
      { windmill: /^Unauthorized$/, status: [401] },
      { windmill: /^Not authorized: (?:Unauthorized|Invalid token|Token|.*\bexpired)/i, status: [401] },
    ],
    tells_apart:
      "A refusal of the gateway's key never arrives as 401: Windmill turns every error of the gateway into 400.",
    blind: true,
    examples: [
      { status: 401, body: "Unauthorized", content_type: "text/plain" },
      { status: 401, body: "Not authorized: Unauthorized", content_type: "text/plain" },
    ],
  },
  {
    code: "windmill-token-scope",
    layer: "token",
    severity: "critical",
    owner: "workspace-admin",
    title: "The Windmill token lacks the scope for AI requests",
    cause:
      "The token is valid but limited: AI requests need the scopes ai:read (model list) and ai:write (chat), and a read-only token cannot chat.",
    remedy: [
      "Make a token with the scopes ai:read and ai:write under Account settings > Tokens, or one without limits.",
      "A request that names a resource (X-Resource-Path) also needs resources:read:<path>.",
    ],
    match: [{ windmill: /^Permission denied: (?:Required scope|Token is read-only)/, status: [403] }],
    blind: true,
    examples: [
      { status: 403, body: "Permission denied: Required scope: ai:write", content_type: "text/plain" },
      { status: 403, body: "Permission denied: Token is read-only and cannot be used", content_type: "text/plain" },
    ],
  },
  {
    code: "job-token-confined",
    layer: "token",
    severity: "critical",
    owner: "workspace-admin",
    title: "A job's own token does not reach beyond its workspace",
    cause:
      "The request went out with the token that Windmill gives to a job, and such a token is good for the workspace of its job only: not for other workspaces, and not for the settings of the instance. Windmill confines it since August 2026, whoever runs the job.",
    remedy: [
      "Make a token of a person who may do it under Account settings > Tokens, store it in a secret variable, and give its path where the script asks for one.",
    ],
    match: [{ windmill: /^Permission denied: A job token\b/, status: [403] }],
    tells_apart: "Another workspace's own routes answer such a token with 401 `Unauthorized`.",
    blind: true,
    examples: [
      {
        status: 403,
        body: "Permission denied: A job token ($WM_TOKEN) is confined to the workspace of its job and cannot be used on /api/settings/global/ai_config, which is not workspace-scoped",
        content_type: "text/plain",
      },
    ],
  },
  {
    code: "not-admin",
    layer: "token",
    severity: "warning",
    owner: "workspace-admin",
    title: "This needs an admin of the workspace",
    cause: "Only admins of the workspace may read or change its AI settings, and the caller is not one.",
    remedy: ["Run it as an admin, or ask one: Workspace settings > Users lists them."],
    match: [{ windmill: /^Require Admin privileges/, status: [403] }],
    examples: [{ status: 403, body: "Require Admin privileges for member", content_type: "text/plain" }],
  },
  {
    code: "no-access",
    layer: "token",
    severity: "warning",
    owner: "workspace-admin",
    title: "The caller has no right to this item of the workspace",
    cause:
      "The item exists, or its path belongs to someone else, and the caller may not read or write it. Users' AI requests are not affected: Windmill reads the configured resource and its secret with its own rights.",
    remedy: [
      "Run it as an admin or as the item's owner, or share the item: open it under Resources or Variables > Share.",
    ],
    match: [
      { windmill: /^Not authorized: .*\b(?:but you don't have access|but it exists|You don't have write permission)/ },
      { windmill: /^SqlErr: .*violates row-level security policy/ },
      { windmill: /^Not authorized: /, unless_status: [400], last: true },
    ],
    tells_apart: "Servers before 1.788 say it as a 400 with `row-level security policy`; some reads say 404 instead.",
    examples: [
      {
        status: 401,
        body: "Not authorized: Variable exists but you don't have access to it:\nvariable perms: {}",
        content_type: "text/plain",
      },
      {
        status: 400,
        body: 'SqlErr: error returned from database: new row violates row-level security policy for table "variable" @variables.rs:628:5',
        content_type: "text/plain",
      },
    ],
  },
  {
    code: "workspace-missing",
    layer: "token",
    severity: "critical",
    owner: "workspace-admin",
    title: "There is no such workspace",
    cause:
      "Windmill found no workspace with the id in the request's address. A superadmin gets as far as this even for ids that do not exist.",
    remedy: ["Check the workspace id: it is the part after /api/w/ and stands in Workspace settings > General."],
    match: [
      { windmill: /^SqlErr: .*no rows returned/, status: [400, 404, 500] },
      { windmill: /^Not found: workspace settings not found/ },
      { windmill: /^Internal: getting ai config: no rows returned/ },
    ],
    blind: true,
    examples: [
      {
        status: 404,
        body: "Not found: workspace settings not found at name nosuch (workspaces.rs:1044)",
        content_type: "text/plain",
      },
      {
        status: 500,
        body: "Internal: getting ai config: no rows returned by a query that expected to return at least one row @workspaces.rs:190:9",
        content_type: "text/plain",
      },
      {
        status: 400,
        body: "SqlErr: no rows returned by a query that expected to return at least one row @ai.rs:712:10",
        content_type: "text/plain",
      },
    ],
  },
  {
    code: "windmill-sign-in",
    layer: "token",
    severity: "warning",
    owner: "windmill-operator",
    title: "A sign-in page stands in front of Windmill",
    cause:
      "Something in front of Windmill (a single sign-on proxy, an access gateway) answered in its place. The request never reached Windmill, so this says nothing about the gateway.",
    remedy: [
      "In a browser: reload the page and sign in again.",
      "For checks from a job: set the input server_url of f/codex_pooler/check to an address that reaches the Windmill server from inside, e.g. http://windmill_server:8000.",
      "Or exempt /api/ from the sign-in proxy: Windmill checks its own tokens there.",
    ],
    match: [
      { front: true, page: true, status: [401, 403, 407] },
      { front: true, text: /sign[ -]?in|log[ -]?in|single sign|authenticat/i, status: [401, 403, 407] },
      { location: /(?:%2F|\/)api(?:%2F|\/)w(?:%2F|\/)/i, status: [301, 302, 303, 307, 308] },
    ],
    tells_apart:
      "A page of the gateway arrives as 200 or 400. With 401 or 403 it cannot come from there: Windmill turns the gateway's errors into 400.",
    toasts: [{ text: /^Connection error\.?$/i, rank: 4 }],
    blind: true,
    examples: [
      {
        status: 401,
        body: "<html><head><title>401 Authorization Required</title></head><body><center>nginx</center></body></html>",
        content_type: "text/html",
      },
      { status: 302, body: "", location: "/oauth2/sign_in?rd=%2Fapi%2Fw%2Fdemo", content_type: "text/html" },
    ],
  },
  {
    code: "windmill-front-error",
    layer: "connection",
    severity: "warning",
    owner: "windmill-operator",
    title: "The reverse proxy in front of Windmill answers with an error",
    cause:
      "The answer comes from the reverse proxy or load balancer in front of Windmill, not from Windmill: its server is down, restarting, overloaded, or the proxy's own limit was hit. The gateway was not asked.",
    remedy: [
      "Look whether the Windmill server runs.\ndocker compose ps windmill_server\nkubectl get pods -l app=windmill-app",
      "A 504 on long chats: raise the proxy's read time-out for /api/ above the longest answer. A 413: raise its body limit to 16 MB or more.",
      RUN_CHECK,
    ],
    match: [{ front: true }],
    tells_apart: "The gateway's own 502, 503 and 504 arrive as 400.",
    blind: true,
    examples: [
      {
        status: 502,
        body: "<html><head><title>502 Bad Gateway</title></head><body><center><h1>502 Bad Gateway</h1></center></body></html>",
        content_type: "text/html",
      },
      { status: 503, body: "no available server", content_type: "text/plain" },
    ],
  },
  {
    code: "windmill-route-missing",
    layer: "connection",
    severity: "warning",
    owner: "windmill-operator",
    title: "The address answers, but it is not Windmill's API",
    cause:
      "The answer is a 404 or 405 without Windmill's words: the address leads to another server, a reverse proxy does not pass /api/ on, or this Windmill is too old to have the AI proxy.",
    remedy: [
      "Open <address>/api/version in a browser: it must show Windmill's version.",
      "If it does not, correct the base URL of the instance (Instance settings > Core > Base url) or the input server_url of the check.",
    ],
    match: [{ front: true, status: [404, 405, 410] }],
    blind: true,
    examples: [{ status: 404, body: "404 page not found", content_type: "text/plain" }],
  },
  {
    code: "browser-lost-connection",
    layer: "connection",
    severity: "warning",
    owner: "windmill-operator",
    title: "The browser lost its connection to Windmill",
    cause:
      "The page got no answer from Windmill: the network broke off, Windmill was restarted, or something between browser and Windmill closed the connection.",
    remedy: [
      "Reload the page and try again.",
      "If it comes back: look whether the Windmill server restarts.\ndocker compose ps windmill_server",
    ],
    match: [],
    tells_apart: "It passes by itself; a redirect of the gateway does not, and f/codex_pooler/check shows it.",
    toasts: [{ text: /^Connection error\.?$/i, rank: 3 }],
    examples: [],
  },
  {
    code: "server-url-unreachable",
    layer: "connection",
    severity: "warning",
    owner: "windmill-operator",
    title: "The job could not reach Windmill's own server",
    cause:
      "The job that ran the check could not open {server_url}, the address that people's browsers use. Whether users are served is unknown: they may well reach it from where they are.",
    remedy: [
      "Set the input server_url of f/codex_pooler/check to an address of the Windmill server that workers reach, e.g. http://windmill_server:8000 with Docker Compose or http://windmill-app:8000 with Helm.",
      "Or let workers reach the public address: its name must resolve there, and its certificate must be trusted there.",
    ],
    match: [{ failure: ["network"] }, { failure: ["network"], route: "server" }],
    tells_apart:
      "A failure between Windmill and the gateway arrives as a 500 with `error sending request for url`; here not even Windmill answered.",
    blind: true,
    examples: [
      {
        status: null,
        failure: {
          kind: "network",
          message: "ConnectionRefused: Unable to connect. Is the computer able to access the url?",
        },
        route: "server",
      },
      {
        status: null,
        failure: { kind: "network", message: "fetch failed <- ENOTFOUND: getaddrinfo ENOTFOUND windmill.example.com" },
      },
    ],
  },
  {
    code: "worker-url-unreachable",
    layer: "connection",
    severity: "warning",
    owner: "windmill-operator",
    title: "The job could not reach its own worker",
    cause:
      "The job could not open the worker's embedded API. The worker is being stopped or is overloaded; whether agent steps work is unknown.",
    remedy: [
      "Run the check again. If it stays, read the worker's log.\ndocker compose logs --tail 100 windmill_worker",
    ],
    match: [{ failure: ["network"], route: "worker" }],
    blind: true,
    examples: [
      {
        status: null,
        failure: { kind: "network", message: "ECONNREFUSED: connect ECONNREFUSED 127.0.0.1:8001" },
        route: "worker",
      },
    ],
  },
];

/** Settings of a shape that this product does not know. They are left alone, and what they mean is not guessed. */
const UNDERSTOOD_ROWS = [
  {
    code: "connection-not-understood",
    layer: "workspace-settings",
    severity: "critical",
    owner: "workspace-admin",
    title: "The AI settings describe the connection in a way that this product does not know",
    cause:
      "The provider customai is in the AI settings, but its resource path or its list of models has another shape than Windmill's settings page writes: settings written by a script, or by a newer Windmill. So it is not known what people's requests go through, and nothing was asked.",
    remedy: [
      OPEN_AI_SETTINGS,
      "Choose the resource and the models of Custom AI once more and save: the page writes both anew.",
      "If that does not help, install a newer version of this bundle.",
    ],
    match: [],
    blind: true,
    explains: ["no-default-model", "default-model-not-enabled", "no-metadata-model"],
    examples: [],
  },
  {
    code: "own-settings-ignored",
    layer: "workspace-settings",
    severity: "warning",
    owner: "workspace-admin",
    title: "Windmill does not use this workspace's own AI settings",
    cause:
      "The workspace has AI settings, and people get others: Windmill could not read those of the workspace and took the instance's without a word. The providers that nobody gets are in the evidence.",
    remedy: [
      OPEN_AI_SETTINGS,
      "Save the page once: it writes all keys anew. Or run f/codex_pooler/connect.",
      "If the instance's settings are meant: remove the workspace's own providers on that page.",
    ],
    match: [],
    explains: ["instance-settings-in-use"],
    examples: [],
  },
  {
    code: "settings-not-understood",
    layer: "workspace-settings",
    severity: "info",
    owner: "workspace-admin",
    title: "A part of the AI settings has a shape that this product does not know",
    cause:
      "The part that the evidence names was written by a newer Windmill or by a script. It is left as it is; what depends on it was checked as if it were not set.",
    remedy: ["Nothing needs to be done while Windmill AI works. A newer version of this bundle may know the shape."],
    match: [],
    examples: [],
  },
  {
    code: "signs-contradict",
    layer: "unrecognised",
    severity: "warning",
    owner: "workspace-admin",
    title: "What was seen does not fit together",
    cause:
      "The check saw signs that contradict each other, so it names no cause. What it saw is in the evidence and in the list of requests.",
    remedy: [
      "Run f/codex_pooler/check again: what was in motion is then at rest.",
      "If it comes back, the evidence shows which requests were answered and which were not; please report it with them.",
    ],
    match: [],
    examples: [],
  },
];

/** Behind the gateway: its provider, its own load and its own faults. */
const UPSTREAM_ROWS = [
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
    covers: ["load", "time"],
    narrows: ["gateway-proxy-error", "upstream-unreachable"],
    match: [
      { code: ["server_is_overloaded"] },
      {
        sort: [
          "overloaded",
          "overloaded_error",
          "model_overloaded",
          "server_overloaded",
          "capacity_exceeded",
          "engine_overloaded",
          "engine_overloaded_error",
          "slow_down",
        ],
      },
      {
        type: [
          "overloaded_error",
          "overloaded",
          "service_unavailable",
          "unavailable",
          "service_unavailable_error",
          "serviceunavailableerror",
          "modeloverloaded",
        ],
      },
      {
        text: /overloaded|(?:no|at|over|insufficient) capacity|capacity constraints?|capacity (?:is )?exceeded|(?:server|model|service|system) (?:is )?(?:currently )?(?:too )?busy|maximum pending requests|queue (?:is )?full|no slots? available|too many (?:concurrent|pending) |reset reason: overflow|服务(?:器)?繁忙|访问量过大|使用人数较多|系统繁忙|сервер перегружен|(?:server|dienst) (?:ist )?(?:\u00fcberlastet|ausgelastet)|混雑して/i,
      },
      { said: [503, 529] },
      { gist: says$1("server", "busy") },
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
    covers: ["load", "inside"],
    narrows: ["model-not-served"],
    match: [
      { code: ["settings_unavailable", "model_loading", "warming_up"] },
      {
        text: /loading model|cold start|model is (?:currently |still )?(?:loading|warming)|runtime settings are temporarily unavailable|no_db_connection|db not connected|no connected db|not (?:loaded|ready|started) yet|still (?:starting|initiali[sz]ing|warming)|starting up|not (?:yet )?ready/i,
      },
      { sort: ["no_db_connection", "unavailable_error"] },
      { gist: says$1("server", "starting") },
    ],
    examples: [
      { body: openError("runtime settings are temporarily unavailable", "settings_unavailable") },
      { body: { error: { code: 503, message: "Loading model", type: "unavailable_error" } } },
    ],
  },
  {
    code: "gateway-maintenance",
    layer: "upstream",
    severity: "critical",
    owner: "wait",
    title: "The gateway is down for maintenance",
    cause: "The gateway, or the provider behind it, says that it is being worked on.",
    remedy: ["Wait until it is over; the gateway's operator knows when.", RUN_CHECK],
    match: [
      {
        text: /(?:under|down for|undergoing|scheduled|in) maintenance|maintenance (?:mode|window|in progress|break)|wartungsarbeiten|wartungsmodus|en (?:cours de )?maintenance|en mantenimiento|em manutenção|维护中|メンテナンス中|점검 중|технические работы/i,
      },
    ],
    examples: [{ body: webPage("Site under maintenance", "We will be back soon."), content_type: "text/plain" }],
  },
  {
    code: "out-of-memory",
    layer: "upstream",
    severity: "critical",
    owner: "gateway-operator",
    title: "The model server has not enough memory for {model}",
    cause:
      "The machine that runs the model ran out of main memory or of memory on its graphics card, while loading {model} or while answering. Long chats need more of it than short questions.",
    remedy: [
      "Use a smaller model or a smaller quantisation of it, or unload what else is loaded (Ollama: `ollama ps`, `ollama stop <model>`).",
      "Give it a smaller context: Ollama: OLLAMA_CONTEXT_LENGTH or num_ctx; llama.cpp: -c; vLLM: --max-model-len and --gpu-memory-utilization; LM Studio: the context length of the load settings.",
      "Or give the machine, or the container's limit, more memory.",
    ],
    covers: ["memory"],
    narrows: ["model-load-failed", "gateway-starting", "gateway-crashed", "upstream-failed", "gateway-overloaded"],
    match: [
      {
        words:
          /out of memory|(?:unable to|failed to|cannot) allocate|requires more (?:system |gpu |video )?memory|insufficient (?:system )?(?:memory|resources|vram)|not enough (?:memory|vram|gpu memory)|(?:cuda|hip|metal|vulkan)\w* .{0,40}(?:malloc|alloc)\w* failed|\bOOM(?:-?killed|error)?\b|outofmemory|cannot allocate memory|terminated: signal: killed|kv cache .{0,60}(?:not enough|insufficient)|(?:内存|显存)不足/i,
      },
      { gist: says$1("memory", "short") },
    ],
    examples: [
      {
        body: {
          error: {
            message: "model requires more system memory (7.5 GiB) than is available (5.2 GiB)",
            type: "api_error",
            param: null,
            code: null,
          },
        },
      },
      {
        body: {
          error: {
            message: "CUDA out of memory. Tried to allocate 50.00 MiB.",
            type: "InternalServerError",
            code: 500,
          },
        },
      },
    ],
  },
  {
    code: "region-refused",
    layer: "upstream",
    severity: "critical",
    owner: "gateway-operator",
    lasting: true,
    title: "The provider does not serve the region that the gateway calls from",
    cause:
      "The provider looks at the address that the request comes from and does not serve its country. It is the gateway's outgoing address, or Windmill's where base_url is the provider itself. Key, quota and model are not to blame.",
    remedy: [
      "Let the gateway call from a region that the provider serves: another machine or outgoing proxy (Codex Pooler and LiteLLM read HTTPS_PROXY).",
      "Or use the model through a provider that serves your region, e.g. Azure, Vertex or Bedrock.",
      FIND_REQUEST,
    ],
    match: [
      { code: ["unsupported_country_region_territory"] },
      {
        words:
          /(?:country|region|territory|location) (?:is )?(?:not|un)(?: ?supported| available| allowed)|requests from \w{3,30} are not (?:accepted|allowed|served)|not (?:supported|available|offered) in your (?:country|region|location)|\buser location is not supported|(?:unavailable|blocked|restricted) in your (?:country|region)|(?:不支持|无法在)(?:您|你)?所在的?(?:国家|地区|区域)|(?:地区|区域|国家)(?:暂)?不(?:受)?支持/i,
      },
    ],
    examples: [
      {
        body: openError(
          "Country, region, or territory not supported",
          "unsupported_country_region_territory",
          "request_forbidden",
        ),
      },
      {
        body: [
          {
            error: {
              code: 400,
              message: "User location is not supported for the API use.",
              status: "FAILED_PRECONDITION",
            },
          },
        ],
      },
    ],
  },
  {
    code: "organisation-not-verified",
    layer: "upstream",
    severity: "critical",
    owner: "gateway-operator",
    lasting: true,
    title: "The provider wants the organisation to be verified first",
    cause:
      "OpenAI gives some models, and streams and reasoning summaries of others, to verified organisations only. The account behind the gateway belongs to one that is not. Windmill's chats and AI agent steps always stream, so they fail; `Test key` and summaries may work.",
    remedy: [
      "The owner of the provider's account opens platform.openai.com/settings/organization/general and verifies the organisation; it takes up to 15 minutes to count.",
      "Until then choose a model that needs no verification as default model in Workspace settings > Windmill AI.",
      RUN_CHECK,
    ],
    narrows: ["unsupported-parameter", "model-not-allowed", "model-not-served"],
    match: [
      {
        words:
          /organi[sz]ation must be verified|verify (?:your )?organi[sz]ation|organi[sz]ation (?:is )?(?:not|un)(?: ?verified| been verified)|(?:identity|account) verification (?:is )?required|complete .{0,20}verification|请先完成实名认证|实名认证/i,
      },
    ],
    examples: [
      {
        body: openError(
          "Your organization must be verified to stream this model. Please go to: https://platform.openai.com/settings/organization/general and click on Verify Organization.",
          "unsupported_value",
          "invalid_request_error",
          "stream",
        ),
      },
    ],
  },
  {
    code: "provider-api-off",
    layer: "upstream",
    severity: "critical",
    owner: "gateway-operator",
    title: "The provider's API is switched off for the account's project",
    cause:
      "The provider's account is good, and the project that the key belongs to has not switched this API on. It is no matter of rights of the key.",
    remedy: [
      "Open the address in the message as the owner of the project and enable the API; wait some minutes. Google: Generative Language API, or Vertex AI API.",
      RUN_CHECK,
    ],
    match: [
      { code: ["service_disabled"] },
      {
        words:
          /api has not been used in project|\bapi (?:is |has been )?(?:disabled|not enabled)\b.{0,120}(?:project|enable it|account)|enable (?:it|the api) by visiting/i,
      },
    ],
    examples: [
      {
        body: [
          {
            error: {
              code: 403,
              message:
                "Generative Language API has not been used in project 12345 before or it is disabled. Enable it by visiting https://console.developers.google.com/apis/api/generativelanguage.googleapis.com/overview?project=12345 then retry.",
              status: "PERMISSION_DENIED",
            },
          },
        ],
      },
    ],
  },
  {
    code: "routing-excludes-all",
    layer: "upstream",
    severity: "critical",
    owner: "gateway-operator",
    title: "The gateway's own routing rules leave no provider for {model}",
    cause:
      "Providers of {model} exist, and the settings of the gateway's account exclude all of them: a privacy or data policy, a guardrail, or lists of allowed and ignored providers.",
    remedy: [
      "OpenRouter: open openrouter.ai/settings/privacy (data policy) and openrouter.ai/settings/preferences (allowed and ignored providers) and allow one that serves the model.",
      "Or choose a model that an allowed provider serves: {served}.",
    ],
    match: [
      {
        words:
          /no (?:endpoints|providers?) (?:found|available) (?:matching|that match|that can handle)|matching your (?:data policy|guardrail)|no allowed providers? (?:are|is) available|all providers have been ignored/i,
      },
    ],
    examples: [
      {
        body: {
          error: {
            message:
              "No endpoints found matching your data policy (Paid model training). Configure: https://openrouter.ai/settings/privacy",
            code: 404,
          },
        },
      },
    ],
  },
  {
    code: "inner-certificate",
    layer: "upstream",
    severity: "critical",
    owner: "gateway-operator",
    title: "A hop behind base_url fails for a certificate",
    cause:
      "Windmill reached the server at base_url, and that server could not make a TLS connection to the next one: the proxy to the gateway, or the gateway to its provider. The certificate there is expired, self-signed or for another name, or one side speaks plain http.",
    remedy: [
      "Look at the certificate of the server behind the proxy.\\nopenssl s_client -connect <gateway>:<port> -servername <name> </dev/null",
      "Correct it, or make the hop before it trust it: Cloudflare: SSL mode Full with an origin certificate; nginx: proxy_ssl_trusted_certificate; Envoy and Istio: the trusted CA of the upstream's TLS context; Python gateways such as LiteLLM: SSL_CERT_FILE or `ssl_verify`.",
      "If the next server speaks http, say http:// there (WRONG_VERSION_NUMBER).",
    ],
    covers: ["trust"],
    narrows: ["gateway-proxy-error", "upstream-unreachable", "gateway-timeout"],
    match: [
      {
        words:
          /certificate[ _]verify[ _]failed|self[ -]signed certificate|unable to get (?:local )?issuer|certificate .{0,40}is not trusted|unable to verify the first certificate|UNABLE_TO_VERIFY|(?:ssl|tls) handshake (?:error|fail\w+)|tls: handshake|certificate (?:has expired|is not valid|is not trusted|signed by unknown authority)|x509: |X509_V_ERR|TLS_error|SSL routines|wrong[ _]version[ _]number|error code:? 52[56]\b|52[56]: (?:ssl handshake failed|invalid ssl certificate)|ssl handshake (?:failed|with remote server)|failed to establish a secure connection|tls: (?:failed to verify|handshake failure)|invalid ssl certificate/i,
      },
      { said: [525, 526] },
    ],
    tells_apart:
      "A certificate that Windmill itself refuses comes as `error sending request` with status 500, never in a 400.",
    examples: [
      { body: "error code: 526", content_type: "text/plain" },
      {
        body: "upstream connect error or disconnect/reset before headers. retried and the latest reset reason: remote connection failure, transport failure reason: TLS_error:|268435581:SSL routines:OPENSSL_internal:CERTIFICATE_VERIFY_FAILED:TLS_error_end",
        content_type: "text/plain",
      },
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
    covers: ["link"],
    match: [
      { code: ["upstream_request_failed", "upstream_unreachable", "upstream_connect_error"] },
      { sort: ["connection_error"] },
      { type: ["apiconnectionerror", "connection_error"] },
      {
        text: /cannot connect to host|(?:^|[:-] )connection error\.{0,2}$|error sending request for url|connect ECONNREFUSED|connect call failed|dial tcp|name or service not known|getaddrinfo|max retries exceeded with url|server connection error|no such host|could not resolve|connection (?:refused|reset)|ECONNRE\w+|socket hang up|connection attempts failed|disconnected without sending|network is unreachable|i\/o timeout|EAI_AGAIN|broken pipe|failed to (?:connect|reach) (?:to )?(?:the )?(?:provider|upstream|backend|model|ollama)|fetch failed$/i,
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
    title: "A content filter refused the text of the request",
    cause:
      "A safety policy, content filter or guardrail of the provider or of the gateway refused this text. The connection works.",
    remedy: [
      "Word the request differently. If harmless texts are refused, the gateway's operator can loosen the filter (Azure: content filters of the deployment; LiteLLM, Portkey and Kong: the guardrail) or ask the provider.",
    ],
    match: [
      {
        code: [
          "misalignment_policy_violation",
          "content_filter",
          "content_policy_violation",
          "responsibleaipolicyviolation",
          "cyber_policy_violation",
          "data_inspection_failed",
          "datainspectionfailed",
        ],
      },
      { sort: ["contentpolicyviolationerror", "hooks_failed", "moderation_blocked"] },
      {
        text: /content (?:management )?polic(?:y|ies)|safety (?:policy|system|reasons|filter)|content[_ ]filter(?!ing\b)|inappropriate content|guardrail|\bmoderation\b|(?:usage|acceptable use) policy|prompt injection|flagged (?:for|as)|violat\w+ (?:of )?(?:our |the |provider )?(?:usage|terms|content|acceptable|guardrail|policy|polic)|sensitive[_ ](?:content|words)|(?:敏感|违规|不安全|不适当)(?:内容|信息|词)?|内容(?:审核|安全)/i,
      },
      { gist: says$1("text", "unsafe") },
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
    covers: ["inside"],
    behind: "upstream-failed",
    match: [
      { said: [500, 501] },
      { type: ["internal_server_error", "internal_error", "internalservererror", "api_error", "internal"] },
      {
        text: /^\W{0,3}(?:500 )?internal server error\W*$|panic detected|runtime error: |engine ?core encountered an issue|engine ?dead|nil pointer dereference|'NoneType' object|cannot read propert|undefined is not|(?:model|server|engine|backend) (?:has )?crashed|internal error has occurred|returned (?:an )?unexpected response|traceback \(most recent call last\)/i,
      },
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
    covers: ["link", "inside"],
    match: [
      { code: ["upstream_error", "upstream_status", "upstream_response_missing", "upstream_failed"] },
      { type: ["server_error", "upstream_error", "upstreamerror"] },
      { type: ["bad_response_status_code"] },
      {
        text: /^upstream request failed$|the server had an error (?:while )?processing|^upstream error\W*$|invalid response received from|provider disconnected|no (?:response|answer) from (?:the )?(?:provider|upstream)/i,
      },
      { gist: says$1("provider", "broke") },
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

/** The diagnosis table, in the order of a request's way: an earlier row wins among equally strong matches. */
const TABLE$1 = [
  ...TOKEN_ROWS,
  ...SETTINGS_ROWS,
  ...UNDERSTOOD_ROWS,
  ...RESOURCE_ROWS,
  ...ADDRESS_ROWS,
  ...SECRET_ROWS,
  ...GUARD_ROWS,
  ...CONNECTION_ROWS,
  ...TLS_ROWS,
  ...REDIRECT_ROWS,
  ...FRONT_ROWS,
  ...GATEWAY_ROWS,
  ...KEY_ROWS,
  ...KEY_POLICY_ROWS,
  ...QUOTA_ROWS,
  ...MODEL_ROWS,
  ...MODEL_SEEN_ROWS,
  ...ACCOUNT_ROWS,
  ...UPSTREAM_ROWS,
  ...LIMIT_ROWS,
  ...REQUEST_ROWS,
  ...ANSWER_ROWS,
  ...HEALTH_ROWS,
];

const BY_CODE = new Map(TABLE$1.map((row) => [row.code, row]));

/** The code of what nothing fits. */
const UNRECOGNISED = "unrecognised";

/**
 * The row of a code.
 *
 * @throws Error for a code that no row has: a mistake in the program, not in its input.
 */
function rowOf(code) {
  const row = BY_CODE.get(code);
  if (!row) throw new Error(`There is no row "${code}" in the diagnosis table.`);
  return row;
}

/**
 * How much a fulfilled condition counts: whose words it is > an exact code > words that mean one thing > words > their gist > a sort > a type >
 * circumstances. A `sort` counts as a code where the message is silent. A clause without words yields to a message about something
 * that its row does not cover ({@link Row.covers}).
 */
const STRENGTH = {
  windmill: 64,
  transport: 64,
  failure: 64,
  code: 32,
  front: 24,
  words: 22,
  location: 15,
  text: 15,
  gist: 13,
  sort: 12,
  problem: 8,
  type: 4,
  page: 2,
  empty: 2,
  said: 2,
  upstream: 1,
  status: 1,
  unless_status: 0,
  route: 1,
  kind: 1,
  last: -1,
};

/** The events of a whole stream. Comments such as keepalives are skipped, and an event that no empty line ends does not count. */
function parseEvents(text) {
  const events = [];
  const parser = createParser({ onEvent: ({ event, data }) => events.push({ event: event ?? "", data }) });
  // A text is complete, so its line ends can be evened out first: the parser holds back a final CR, which might become CRLF.
  parser.feed(text.replace(/^\uFEFF/, "").replace(/\r\n?/g, "\n"));
  return events;
}

const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);

const wrong = (kind, detail, error) => ({
  ok: false,
  problem: { kind, detail, ...(error ? { error } : {}) },
});

const REFUSED = wrong("refused", "");

/** No answer of the gateway's to judge: refused, redirected, unreachable or late. A body that broke off is one to judge. */
function isRefused({ status, failure }) {
  return status === null || status < 200 || status > 299 || (failure !== undefined && failure.kind !== "aborted");
}

/** The JSON object of a 200, or what stands in its place. */
function readObject(outcome) {
  if (isRefused(outcome)) return REFUSED;
  if (isPage(outcome) || outcome.content_type === "text/html") return wrong("html", "a web page came instead of JSON");
  if (outcome.failure) return wrong("stream-cut", "the body broke off before its end");
  const json = parse(outcome.body);
  if (json === undefined) {
    return wrong(
      "not-json",
      outcome.body.trim() === "" ? "the body is empty" : describe(outcome, "the body is not JSON"),
    );
  }
  const error = errorIn(json);
  if (error) return wrong("error-object-in-200", "an error came with status 200", error);
  if (!isObject(json)) return wrong("not-json", "the body is JSON, but not an object");
  if (Object.keys(json).length === 0) return wrong("empty-object", "the body is {}");
  return { json };
}

function describe(outcome, what) {
  return outcome.truncated ? `${what} within its first ${outcome.body.length} characters` : what;
}

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The gateway's own count of a completion's tokens. */
function tokensIn(json) {
  const usage = isObject(json) ? json.usage : undefined;
  const total = isObject(usage) ? usage.total_tokens : undefined;
  return typeof total === "number" && Number.isInteger(total) ? { tokens: total } : {};
}

/** GET /models: a list with at least one id. */
function judgeModels(outcome) {
  const read = readObject(outcome);
  if (!("json" in read)) return read;
  const { data } = read.json;
  if (!Array.isArray(data))
    return wrong("no-list", "there is no `data` list, so this is not the OpenAI-shaped address");
  if (data.length === 0) return wrong("empty-list", "the list of models is empty");
  const models = data.map((row) => (isObject(row) ? row.id : undefined));
  if (!models.every((id) => typeof id === "string")) return wrong("no-list", "an entry of `data` has no `id`");
  return { ok: true, models };
}

/** GET /usage: any JSON object that is no error. */
function judgeUsage(outcome) {
  const read = readObject(outcome);
  return "json" in read ? { ok: true } : read;
}

/** A plain completion with text in it. */
function judgeCompletion(outcome) {
  const read = readObject(outcome);
  if (!("json" in read)) return read;
  const choice = Array.isArray(read.json.choices) ? read.json.choices[0] : undefined;
  const message = isObject(choice) ? choice.message : undefined;
  if (!isObject(message)) return wrong("no-choices", "there is no `choices[0].message`");
  const text = contentText(message.content);
  if (text.trim() === "") return wrong("empty-content", "`choices[0].message.content` is empty");
  return { ok: true, ...tokensIn(read.json) };
}

/** Text of a message or delta: a string, or parts as Mistral sends them. */
function contentText(content) {
  if (typeof content === "string") return content;
  if (!Array.isArray(content)) return "";
  return content.map((part) => (isObject(part) && typeof part.text === "string" ? part.text : "")).join("");
}

/**
 * Reads a stream as the UI's client does, except that an end without `finish_reason` and without `[DONE]` counts as cut: the UI shows
 * such a half answer as a whole one. Text and tool calls may both be missing; the caller knows which it needs.
 */
function readStream(outcome) {
  if (isRefused(outcome)) return REFUSED;
  const events = parseEvents(outcome.body);
  if (outcome.content_type !== "text/event-stream") return notAStream(outcome, events.length > 0);
  const reply = { ok: true, text: "", calls: [] };
  let ended = false;
  for (const { data } of events) {
    if (data.trim() === "[DONE]") {
      ended = true;
      continue;
    }
    const frame = parse(data);
    const error = errorIn(frame);
    if (error) return wrong("error-frame", "the stream carries an error", error);
    // The UI's client gives up at a frame that is not JSON, and at `choices: null`.
    if (!isObject(frame) || frame.choices === null) return wrong("stream-cut", "a frame of the stream is damaged");
    ended = takeFrame(frame, reply) || ended;
  }
  if (outcome.failure) return wrong("stream-cut", "the connection broke off during the stream");
  if (events.length === 0) return wrong("empty-content", "the stream carries no event");
  if (!ended && !outcome.truncated)
    return wrong("stream-cut", "the stream stops without finish_reason and without [DONE]");
  return reply;
}

function notAStream(outcome, hasEvents) {
  if (hasEvents) {
    return wrong(
      "not-a-stream",
      "events came, but not as text/event-stream: Windmill then sends no keepalives, and idle answers are cut",
    );
  }
  const read = readObject(outcome);
  return "json" in read ? wrong("not-a-stream", "one JSON body came instead of a stream") : read;
}

/** Adds one frame to the reply. @returns whether it says that the answer is complete */
function takeFrame(frame, reply) {
  Object.assign(reply, tokensIn(frame));
  const choice = Array.isArray(frame.choices) ? frame.choices[0] : undefined;
  if (!isObject(choice)) return false;
  const delta = isObject(choice.delta) ? choice.delta : {};
  reply.text += contentText(delta.content);
  for (const part of Array.isArray(delta.tool_calls) ? delta.tool_calls : []) {
    if (isObject(part)) takeCall(part, reply.calls);
  }
  return typeof choice.finish_reason === "string";
}

/** A call begins with the first delta of its index, which is kept as it came; later deltas only add argument text. */
function takeCall(part, calls) {
  const named = isObject(part.function) ? part.function : {};
  const args = typeof named.arguments === "string" ? named.arguments : "";
  const known = calls.find((call) => call.index === part.index);
  if (known) known.function.arguments += args;
  else calls.push({ ...part, function: { ...named, name: String(named.name ?? ""), arguments: args } });
}

/** A streamed answer with text in it. */
function judgeStream(outcome) {
  const reply = readStream(outcome);
  if (!reply.ok) return reply;
  if (reply.text.trim() === "") return wrong("empty-content", "the stream ends without any text");
  return said(reply);
}

/** A streamed answer that was accepted at all: text or a tool call, whichever the model chose. */
function judgeAccepted(outcome) {
  const reply = readStream(outcome);
  if (!reply.ok) return reply;
  if (reply.text.trim() === "" && reply.calls.length === 0) {
    return wrong("empty-content", "the stream ends without text and without a tool call");
  }
  return said(reply);
}

function said({ tokens }) {
  return { ok: true, ...(tokens === undefined ? {} : { tokens }) };
}

/** The HTTP status that a text mentions, as a number or as its reason phrase: Windmill makes every error of a gateway a 400. */
/** Reason phrases that servers put into a page or a plain body, in the languages that Apache, Tomcat and IIS come in. */
const REASONS = [
  [/(?:unauthorized|authorization required|nicht autorisiert|non autorisé|no autorizado)(?!\p{L})/giu, 401],
  [/payment required(?!\p{L})/giu, 402],
  [
    /(?:forbidden|(?:access|permission) (?:is )?denied|(?:zugriff|zugang) verweigert|accès (?:refusé|interdit)|acceso (?:denegado|prohibido)|accesso negato|acesso negado)(?!\p{L})/giu,
    403,
  ],
  [
    /(?:(?:page |file )?not found|(?:objekt )?nicht gefunden|(?:objet )?non trouvé|no encontrado|non trovato|não encontrado)(?!\p{L})/giu,
    404,
  ],
  [/(?:method )?not allowed(?!\p{L})/giu, 405],
  [/proxy authentication required(?!\p{L})/giu, 407],
  [/(?:(?:request entity|payload|content|request) too (?:large|long)|anfrage zu groß)(?!\p{L})/giu, 413],
  [/(?:too many requests|zu viele anfragen|trop de requêtes|demasiadas (?:solicitudes|peticiones))(?!\p{L})/giu, 429],
  [
    /(?:internal server error|interner serverfehler|erreur interne(?: du serveur)?|error interno(?: del servidor)?|服务器内部错误|内部服务器错误|サーバー内部エラー)(?!\p{L})/giu,
    500,
  ],
  [/(?:bad gateway|proxy error|passerelle (?:incorrecte|invalide)|pasarela (?:no válida|incorrecta))(?!\p{L})/giu, 502],
  [
    /(?:service (?:temporarily )?unavailable|dienst nicht verfügbar|service (?:non disponible|indisponible)|servicio no disponible)(?!\p{L})/giu,
    503,
  ],
  [/gateway time-?out(?!\p{L})/giu, 504],
];

/** A text without the reason phrases of statuses: they say no more than a number does. */
const withoutReasons = (text) => REASONS.reduce((rest, [phrase]) => rest.replace(phrase, " "), text);

/** Whether a text begins with a reason phrase. */
const beginsWith = (head, phrase) => head.search(phrase) === 0;

const PUNCTUATION = /^[^\p{L}\p{N}]{0,3}/u;

/** What may stand before a status at the beginning of a text. */
const LEAD =
  /^(?:HTTP(?:\/[\d.]{1,3})?\s|HTTP (?:error|status) |error(?: code)?:? |status(?: code)?:? |bad response status code |request failed with status code |\p{L}{1,20} HTTP )?([45]\d\d)\b(?![.:]\d|\s*(?:tokens|ms|s\b|requests))/iu;

const LATER = /\b(?:error|status|fehler|erreur)(?: code)?:? ([45]\d\d)\b|\bHTTP(?: error)? ([45]\d\d)\b/i;

/** The HTTP status that a message mentions in its first words, or null. */
function statusIn(message) {
  const head = message.slice(0, 300).replace(PUNCTUATION, "");
  const number = LEAD.exec(head)?.[1] ?? LATER.exec(head)?.slice(1).find(Boolean);
  if (number) return Number(number);
  return REASONS.find(([phrase]) => beginsWith(head, phrase))?.[1] ?? null;
}

/** How deep errors are looked for in one another: Windmill > gateway > second gateway > provider, and one to spare. */
const DEPTH = 6;

/** Characters of a message that are searched for an inner error. */
const SEARCHED$1 = 8_000;

/** What stands before another's words in a text. `upstream`: the rest is the provider's. `type` and `said` name its class and status. */
const LEADS = [
  { lead: /^litellm\.(?<type>[A-Z]\w{2,50}):\s+/, upstream: true },
  { lead: /^(?:[A-Z]\w{1,40})Exception(?: (?:- |error: )|:\s)/, upstream: true },
  { lead: /^(?<type>[A-Z][A-Za-z]{2,40}(?:Error|Exception|Timeout)):\s+/ },
  { lead: /^Error code: (?<said>\d{3}) - / },
  { lead: /^(?:Failed to generate tokens: )?HTTP error: (?<said>\d{3}) - (?:Error generating chat completion: )?/ },
  { lead: /^Upstream error from [^:]{1,60}: /i, upstream: true },
  {
    lead: /^(?:error from (?:the )?provider|provider (?:returned )?error|upstream (?:provider )?(?:error|returned(?: an?)? error|returned|responded with))(?: \([^)]{1,60}\))?(?:[ ,:]+(?:status(?: code)? )?(?<said>[45]\d\d))?\s?[:,]\s+(?:body: )?/i,
    upstream: true,
  },
  { lead: /^<(?<said>[45]\d\d)>\s+(?:InternalError\.Algo\.)?(?<type>[A-Z][\w.]{2,60}):\s+/ },
  {
    lead: /^An error occurred \((?<type>\w{3,60})\) when calling the \w{3,60} operation(?: \([^)]{1,80}\))?:\s+/,
    upstream: true,
  },
  { lead: /^\[[\w./:-]{1,120}\]\s+\[(?<said>[45]\d\d)\]:\s+/, upstream: true },
  { lead: /^(?:HTTP )?(?<said>[45]\d\d):? (?=[{[])/ },
  { lead: /^(?:Input|Output)?\s?validation error: (?=[`'"]\w+[`'"] tokens)/i },
];

/** What gateways put behind another's words: ids, their own routing, advice about themselves. */
const TAILS = [
  /\s*\(request id: [\w-]{1,80}\)\s*$/i,
  /[.,]?\s*(?:request[_ ]id|trace[_ ]id|correlation[_ ]id): ?[\w-]{4,80}\.?\s*$/i,
  /\n?\s*(?:No fallback model group found|Received Model Group=|Available Model Group Fallbacks=|LiteLLM Retried:|Fallbacks=\[)[\s\S]*$/,
  /\s*\nmodel=[\s\S]{0,400}content_policy_fallback[\s\S]*$/,
];

const ROUTING_MARK = /\(request id: [\w-]{1,80}\)\s*$/i;

/** Types that one-api and its descendants give to errors of their own; behind other types the words are the provider's. */
const OWN_TYPES = /^(?:one|new|v|shell|chat)_?api_(?:error|panic)$|^(?:None)?$/i;

/** The parts of an error, innermost first: the last one to speak knows the cause. */
function layersOf(error) {
  const layers = [];
  let current = { ...error, upstream: false };
  while (current !== null && layers.length < DEPTH) {
    const { own, inner } = split(current);
    layers.unshift(own);
    current = inner;
  }
  return layers;
}

/** A layer without what it quotes, and what it quotes. */
function split(layer) {
  const passed = isPassedOn(layer);
  if (layer.raw !== "") {
    return { own: { ...layer, raw: "" }, inner: quoted({ ...layer, code: "", type: "" }, layer.raw, {}, true) };
  }
  const message = trimmed(layer.message);
  const own = { ...layer, message, upstream: layer.upstream || passed };
  const provider = providerLead(message, layer.provider);
  if (provider !== null) return { own, inner: quoted(own, message.slice(provider), {}, true) };
  for (const { lead, upstream } of LEADS) {
    const found = lead.exec(message);
    if (!found) continue;
    const rest = message.slice(found[0].length);
    return { own: { ...own, message: found[0] }, inner: quoted(own, rest, found.groups ?? {}, upstream) };
  }
  const json = embedded(message);
  if (json === null) return { own, inner: null };
  const inner = errorIn(json.value);
  const before = message.slice(0, json.start).trim();
  if (inner === null || (inner.message === "" && inner.code === "" && inner.type === "")) return { own, inner: null };
  return {
    own: { ...own, message: before },
    inner: { ...inner, said: inner.said ?? own.said, upstream: own.upstream || inner.raw !== "" },
  };
}

/** The quoted part of a layer; it has the layer's class and status until it says one of its own. */
function quoted(own, text, { type, said }, upstream) {
  const status = said ? Number(said) : own.said;
  const speaker = { upstream: own.upstream || upstream === true };
  const error = errorIn(asJson(balanced(text)));
  if (error) return { ...error, said: error.said ?? status, ...speaker };
  const message = isPage({ body: text, content_type: "" }) ? pageText(text) : text;
  return { ...own, type: type ?? own.type, message, raw: "", provider: "", said: status, ...speaker };
}

function trimmed(message) {
  let text = message;
  for (const tail of TAILS) text = text.replace(tail, "");
  return text.trim();
}

/** Whether the gateway passes on what a provider said: it says so by the type, or its id stands behind another's type. */
function isPassedOn({ type, message }) {
  return (
    /^upstream_error$/i.test(type) ||
    /^provider returned error\W*$/i.test(message) ||
    (ROUTING_MARK.test(message) && !OWN_TYPES.test(type))
  );
}

/** Where the provider's words begin in `openai error: ...`, or null. */
function providerLead(message, provider) {
  const found = /^([a-z][a-z0-9-]{1,40}) error: /.exec(message);
  if (!found) return null;
  return provider === "" || found[1] === provider.toLowerCase() ? found[0].length : null;
}

/** Where an object or a list of objects begins that may be an error; Python prints bytes as `b'...'`. */
const QUOTED_ERROR = /b?['"]?(?=[[{]{1,2}\s{0,20}["'](?:error|message|detail|code|type|object|status|errors)["']\s?:)/g;

const CANDIDATES$1 = 5;

/** The first JSON or Python value in a text that holds an error, and where it begins. */
function embedded(message) {
  const text = message.slice(0, SEARCHED$1);
  for (const { index } of [...text.matchAll(QUOTED_ERROR)].slice(0, CANDIDATES$1)) {
    const start = index + text.slice(index).search(/[[{]/);
    const value = asJson(balanced(text.slice(start)));
    if (value !== undefined) return { value, start: index };
  }
  return null;
}

/** The text up to where its first bracket closes; all of it when it never does. Quotes of either kind hide brackets. */
function balanced(text) {
  let depth = 0;
  let quote = "";
  for (let at = 0; at < text.length; at += 1) {
    const sign = text[at] ?? "";
    if (quote !== "") {
      if (sign === "\\") at += 1;
      else if (sign === quote) quote = "";
    } else if (sign === '"' || sign === "'") quote = sign;
    else if (sign === "{" || sign === "[") depth += 1;
    else if (sign === "}" || sign === "]") {
      depth -= 1;
      if (depth === 0) return text.slice(0, at + 1);
    }
  }
  return text;
}

/**
 * What the words of an error can be about. A row that matches less than words (a type, a status, a page) names the topics that it
 * explains, and yields to a message about anything else: then nothing is known, and that is what is said.
 */
const TOPICS = {
  rate: /\brate|\blimit(?:s|ed)? (?:exceeded|reached)|too many (?!tokens)|throttl|slow down|frequen|per (?:minute|second|hour|day)\b|\b[rt]p[md]\b|concurren|频率|限流|限速|速率|频繁/i,
  money:
    /quota|credit(?!ential)|balance|billing|budget|spend|payment|\bpaid\b|subscri|arrears|overdue|recharge|top.?up|purchas|upgrade|funds|\bplan\b|余额|额度|欠费|充值|баланс|средств|guthaben|残高/i,
  key: /\b(?:api|access|auth\w*|bearer|secret|subscription|virtual)?[ _-]?keys?\b|\btokens?\b(?= (?:is|has|was|not|invalid|expired|missing))|auth|credential|bearer|\bjwt\b|sign.?in|log.?(?:in|on)\b|password|令牌|密钥|认证|身份|登录|認証|キー|schlüssel|anmeld|ключ/i,
  permission:
    /permission|permitted|forbidden|denied|\bnot allowed|not authori[sz]ed|\baccess\b|scope|\brole\b|\brights?\b|restrict|\bpolicy\b|blocked|prohibit|权限|无权|禁止|verweigert|verboten|refusé|denegado|запрещ/i,
  model: /model|deployment|\bengine\b|checkpoint|模型|模型|модел/i,
  tools: /\btools?\b|function.?call|工具/i,
  size: /\bcontext|max_?(?:completion_|output_|new_)?tokens|\btokens\b|too (?:long|large|big)|\blength\b|\bsize\b|exceeds?\b|\bbytes\b|\blonger\b|\blarger\b|过长|超出/i,
  field:
    /parameter|\bfield|argument|propert|unsupported|unrecogni[sz]ed|\bunknown (?:name|key|input)|temperature|top_p|stream_options|reasoning|extra input|参数/i,
  form: /messages?\b(?=.{0,40}(?:must|role|content|should|order|array))|\brole|content.?type|\bjson\b|\bbody\b|pars(?:e|ing)|malformed|syntax|validation|required|missing|\bschema\b|format|invalid request|格式/i,
  content:
    /safety|moderat|flagged|harmful|inappropriate|guardrail|sensitive|content (?:policy|filter|management)|terms of service|violat|敏感|违规|审核/i,
  place: /region|country|territory|\blocation|geograph|地区|区域/i,
  identity: /verif(?:y|ied|ication)|organi[sz]ation|\bproject\b|\baccount\b|账户|账号|аккаунт|konto/i,
  memory: /memory|\boom\b|\bgpu\b|cuda|vram|insufficient .{0,20}resources|内存|显存|speicher/i,
  trust: /certificate|\bssl\b|\btls\b|handshake|x509|self.signed/i,
  tunnel: /tunnel|ngrok/i,
  time: /time.?d?.?out|deadline|too long to|超时/i,
  load: /overload|\bbusy|capacity|unavailable|maintenance|queue|saturat|饱和|繁忙|wartung/i,
  link: /connect|upstream|backend|unreachable|\breset\b|\bdns\b|resolv|origin\b|proxy|gateway|\bpeer\b|\bhost\b/i,
  path: /\bpath\b|\broutes?\b|\burl\b|endpoint|not found|\bmethod\b|ressource|resource|recurso|risorsa|operation/i,
  address: /\bip\b|client address|allow.?list|white.?list|网段/i,
  inside: /exception|crash|panic|traceback|database|\bsql|null pointer|assert|stack trace|数据库/i,
  robots: /captcha|challenge|\bbots?\b|robot|javascript|firewall|\bwaf\b/i,
};

/**
 * Words that carry no cause: courtesy, advice to wait, names of servers, a status and its reason phrase. A message of these alone says
 * no more than its status does.
 */
const EMPTY_WORDS = new Set(
  `a an and the this that is are was were be been being has have had do does did not no or of on in at to for from by with as it its you your we our us i
   can could cannot may might will would should must please sorry about again later soon now some any more than there here when while if but so then
   error errors err fault failure failed fail failing http https html status code codes message msg title type none null undefined unknown_error
   server servers service services api request requests response responses result client web site page website
   bad internal gateway proxy unavailable temporarily temporary time out timeout forbidden unauthorized authorization required found many too large long
   entity payload content allowed acceptable media unsupported method conflict gone payment implemented version http_error unprocessable
   try retry retrying wait seconds second minutes minute moment few help contact support administrator admin operator information details detail see visit
   side end our us fulfil unexpected unexpectedly occurred occurs occur happened wrong something went encountered complete completed processing process processed handle handled
   handling fulfill serve perform performing able unable problem problems issue issues generic general unknown other ok back go
   nginx openresty apache debian ubuntu caddy traefik envoy haproxy iis kong cloudflare cloudfront tomcat jetty gunicorn uvicorn microsoft azure application
   access accessing squid powered copyright état estado stato statut der die das le la les el los fehler erreur
   reference ref id request_id ray trace host port utc gmt`
    .split(/\s+/)
    .filter(Boolean),
);

/** Addresses, ids, versions and numbers: they say where or which, not why. */
const MARKS =
  /https?:\/\/\S+|\b[\w-]+(?:\.[\w-]+)+(?::\d+)?(?:\/\S*)?|\/[\w./-]+|\b(?=\w*\d)[\w-]{6,}\b|\b\d[\d.,:%-]*\b|\breq[_-]\w+/gi;

/** What Codex Pooler puts in place of a message that it hides, and what OpenRouter says of every provider's error. */
const STAND_IN = /^(?:upstream request failed|provider returned error)\.?$/i;

const WORD = /[\p{L}_]{2,}/gu;

/** Reads a message for its topics. Linear in its length. */
function sayingOf(message) {
  const bare = withoutReasons(message).replace(MARKS, " ").toLowerCase();
  const words = bare.match(WORD) ?? [];
  const silent = STAND_IN.test(message.trim()) || words.every((word) => EMPTY_WORDS.has(word));
  const topics = Object.keys(TOPICS).filter((topic) => TOPICS[topic].test(message));
  return { silent, topics: new Set(silent ? [] : topics) };
}

/** Whether a row that covers these topics explains a message, as far as its topics tell. */
const explains = ({ silent, topics }, covered) =>
  silent || (topics.size > 0 && [...topics].every((topic) => covered.includes(topic)));

/** Whether a message is about something that these topics have no part in. */
const isForeign = ({ silent, topics }, covered) =>
  !silent && topics.size > 0 && ![...topics].some((topic) => covered.includes(topic));

/** Characters of a message that patterns are tried on: keeps every pattern's cost small whatever a gateway sends. */
const READ_LIMIT = 4_000;

/** Release-specific ends of Windmill's errors: ` @ai.rs:734:48`, ` (variables.rs:1301)`. */
const SOURCE_SUFFIX = /\s*(?:@[\w./-]{1,80}\.rs:\d+(?::\d+)?|\([\w./-]{1,80}\.rs:\d+(?::\d+)?\))\s*$/;

/** How Windmill's own error texts begin (backend/windmill-common/src/error.rs, axum's extractors, the token check). */
const WINDMILL_WORDS =
  /^(?:Bad request: |Internal: |Error: |Not found: |Not authorized: |Permission denied: |SqlErr: |Bad gateway: |Quota exceeded: |Unauthorized$|Require Admin privileges|Failed to deserialize the JSON body|Failed to parse the request body as JSON|Failed to call API: |Agent worker does not support|Tool not found: |Image response not supported|Execution error: |ExecutionErr: )/;

/** What reqwest, the HTTP client in Windmill, says when a request did not get through. */
const TRANSPORT =
  /^(?:Error: |Internal: |Failed to call API: |ExecutionErr: |Execution error: ){1,3}((?:error sending request|error decoding response body|error following redirect|request or response body error|error reading a body|connection error|builder error)[\s\S]*)/;

const SENT_URL = /^error sending request(?: for url \(\S{0,2000}?\))?:?\s*/;

/** An AI agent step's failure: the one place where the gateway's status survives. */
const AGENT_ERROR =
  /API error calling \S{1,2000}: HTTP status (?:client|server) error \((\d{3})[^)]{0,80}\)(?: for url \(\S{0,2000}\))?\s*-\s*([\s\S]*)/;

/** Takes an answer apart. Linear in the body's length. */
function read(signal) {
  const agent = AGENT_ERROR.exec(signal.outcome.body.slice(0, 2 * READ_LIMIT));
  const outcome = agent ? { ...signal.outcome, status: null, body: agent[2] ?? "", content_type: "" } : signal.outcome;
  const route = signal.route ?? (agent ? "worker" : null);
  const json = asJson(outcome.body);
  const page = json === undefined && isPage(outcome);
  const plain = json === undefined && !page ? outcome.body.slice(0, READ_LIMIT).replace(SOURCE_SUFFIX, "").trim() : "";
  const windmill = WINDMILL_WORDS.test(plain) && !isAnswered(outcome) ? plain : "";
  const transport = TRANSPORT.exec(windmill)?.[1];
  // Windmill passes a gateway's errors on as 400, so anything else that is neither its own words nor JSON is not from there.
  const front =
    outcome.status !== null && outcome.status > 400 && windmill === "" && json === undefined && !outcome.failure;
  const known = signal.gateway_status ?? (agent ? Number(agent[1]) : null);
  const parts = partsOf(
    readError(outcome, json, page, plain),
    (error) => known ?? (front ? null : saidStatus(outcome, error)),
  );
  return {
    status: outcome.status,
    route,
    kind: signal.kind,
    failure: outcome.failure?.kind ?? null,
    windmill,
    transport: transport === undefined ? "" : transport.replace(SENT_URL, "") || "no reason given",
    parts,
    saying: sayingOf(parts[0]?.text ?? ""),
    page,
    front,
    problem:
      signal.problem && signal.problem.kind !== "refused" ? signal.problem.kind : problemOf(outcome, signal.kind),
    location: outcome.location ?? "",
    empty: outcome.body.trim() === "",
  };
}

const isAnswered = ({ status }) => status !== null && status >= 200 && status < 300;

const NOTHING = { code: "", type: "", reason: "", message: "", said: null, raw: "", provider: "" };

function readError(outcome, json, page, plain) {
  if (page) return { ...NOTHING, message: pageText(outcome.body) };
  if (json !== undefined) return errorIn(json) ?? NOTHING;
  const framed = frameError(outcome.body);
  if (framed) return framed;
  return isAnswered(outcome) ? NOTHING : { ...NOTHING, message: plain };
}

const brief = (text) => text.toLowerCase().slice(0, READ_LIMIT);

function partsOf(error, saidIn) {
  return layersOf(error).map((layer, index) => ({
    code: brief(layer.code),
    reason: brief(layer.reason),
    type: brief(layer.type),
    // Words that only introduce another's are none: what was introduced may say that it is something else.
    text: index > 0 && sayingOf(layer.message).silent ? "" : layer.message.slice(0, READ_LIMIT),
    said: saidIn(layer),
    upstream: layer.upstream,
  }));
}

/** The error in a stream's frames, if any. */
function frameError(body) {
  const suspects = body.split("\n").filter((line) => line.startsWith("data:") && line.includes("error"));
  for (const line of suspects.slice(-50)) {
    const error = errorIn(asJson(line.slice("data:".length)));
    if (error) return error;
  }
  return null;
}

function saidStatus(outcome, error) {
  const visible = outcome.status !== null && outcome.status > 400 ? outcome.status : null;
  return visible ?? error.said ?? statusIn(error.message);
}

/** Who judges an answer that no feature probe has judged: recordings and pasted exchanges. Tool probes judge for themselves. */
const JUDGES = {
  models: judgeModels,
  usage: judgeUsage,
  stream: judgeStream,
  tools: judgeAccepted,
  "strict-tools": judgeAccepted,
  agent: judgeAccepted,
};

/** What is wrong with a 200, or null when it is sound or no 200. */
function problemOf(outcome, kind) {
  if (!isAnswered(outcome)) return null;
  const streamed = outcome.content_type === "text/event-stream" && (kind === null || kind === "chat");
  const judge = streamed ? judgeAccepted : ((kind && JUDGES[kind]) ?? judgeCompletion);
  const verdict = judge(outcome);
  return verdict.ok || verdict.problem.kind === "refused" ? null : verdict.problem.kind;
}

/**
 * The rows that fit an answer, best first. The innermost words that any row knows decide: a provider's own text wins over what the
 * gateway wrapped around it.
 */
function rank(signal) {
  const reading = read(signal);
  for (const part of reading.parts) {
    const ranked = rankPart(reading, part);
    if (ranked.length > 0) return ranked;
  }
  return [];
}

function rankPart(reading, part) {
  const fitting = TABLE$1.map((row) => ({ row, strength: fit(row, reading, part) })).filter(
    ({ strength }) => strength > 0,
  );
  const ranked = narrowed(fitting).sort((a, b) => b.strength - a.strength);
  if (isGuess(ranked)) return [];
  return ranked.map(({ row, strength }) => ({ row: part.upstream && row.behind ? rowOf(row.behind) : row, strength }));
}

/** Whether two readings of the gist fit equally well and nothing better does. */
const isGuess = ([first, second]) =>
  first !== undefined && second !== undefined && first.strength === second.strength && isGist(first.strength);

const isGist = (strength) => strength >= STRENGTH.gist && strength < STRENGTH.text;

/** Puts a wider cause behind the narrower one whose words fit too, unless they are less certain. */
function narrowed(fitting) {
  return fitting.map((one) => {
    const narrower = fitting.filter(
      ({ row, strength }) => row.narrows?.includes(one.row.code) && strength >= floor(one),
    );
    return { ...one, strength: Math.min(one.strength, ...narrower.map(({ strength }) => strength - 1)) };
  });
}

/** How certain a narrower row's words must be at least to stand before this one. */
const floor = ({ strength }) => [STRENGTH.words, STRENGTH.text].find((grade) => strength >= grade) ?? STRENGTH.gist;

const fit = (row, reading, part) => Math.max(0, ...row.match.map((match) => strengthOf(match, row, reading, part)));

/** Conditions that know the cause. Without one of them a clause knows a class of causes at most. */
const TELLING = [
  "windmill",
  "transport",
  "failure",
  "code",
  "words",
  "text",
  "gist",
  "problem",
  "front",
  "location",
  "empty",
];

/** The sum of a clause's fulfilled conditions, or 0 when one does not hold or the message is about something else. */
function strengthOf(match, row, reading, part) {
  let strength = 0;
  for (const name of Object.keys(match)) {
    if (!CONDITIONS[name](match, reading, part)) return 0;
    // An unknown status contradicts nothing, and it proves nothing either.
    strength += name === "status" && reading.status === null ? 0 : STRENGTH[name];
  }
  return TELLING.some((name) => name in match) ? strength : general(match, row, reading, strength);
}

/** What a clause without words is worth: nothing when the message is about what the row does not explain. */
function general(match, row, { saying }, strength) {
  if (match.sort) {
    if (isForeign(saying, row.covers ?? [])) return 0;
    return saying.silent ? strength + STRENGTH.code - STRENGTH.sort : strength;
  }
  if (match.last || (!match.type && !match.said && !match.page)) return strength;
  return explains(saying, row.covers ?? []) ? strength : 0;
}

/** `words` is "" when nobody spoke: a pattern must not match that. */
const says = (words, pattern) => words !== "" && pattern?.test(words) === true;

function among(value, list) {
  return value !== null && list?.includes(value) === true;
}

const CONDITIONS = {
  windmill: (match, reading) => says(reading.windmill, match.windmill),
  // In a 400 these words are the gateway's, about a connection of its own.
  transport: (match, reading) => reading.status !== 400 && says(reading.transport, match.transport),
  failure: (match, reading) => among(reading.failure, match.failure),
  code: (match, _, part) => among(part.code, match.code) || among(part.reason, match.code),
  sort: (match, _, part) => [part.code, part.reason, part.type].some((said) => among(said, match.sort)),
  type: (match, _, part) => among(part.type, match.type) || among(part.code, match.type),
  words: (match, _, part) => says(part.text, match.words),
  text: (match, _, part) => says(part.text, match.text),
  gist: (match, { saying }, part) => !saying.silent && says(part.text, match.gist),
  problem: (match, reading) => among(reading.problem, match.problem),
  said: (match, _, part) => among(part.said, match.said),
  page: (match, reading) => reading.page === match.page,
  front: (match, reading) => reading.front === match.front,
  empty: (match, reading) => reading.empty === match.empty && reading.failure === null,
  location: (match, reading) => says(reading.location, match.location),
  upstream: (match, _, part) => part.upstream === match.upstream,
  status: (match, reading) => reading.status === null || among(reading.status, match.status),
  unless_status: (match, reading) => !among(reading.status, match.unless_status),
  route: (match, reading) => reading.route === match.route,
  kind: (match, reading) => among(reading.kind, match.kind),
  last: () => true,
};

const ONLY_STEPS = "chats, summaries, `Test key` and steps without it do not and work.";

const SCRIPTS =
  "None of Windmill's features sends it: it comes from a query in base_url, from defaults that the gateway adds for this model, or from a script of your own.";

/** By field, the most telling first. The senders are those of Windmill's source: pages, agent steps (windmill-ai), completion. */
const FIELDS = [
  {
    field: /stream_options|include_usage/,
    name: "the field stream_options",
    senders: `Only AI agent steps send it; chats, summaries and \`Test key\` do not and work. Windmill repeats a step's request without it when the gateway answers 400 and names it; with another status, such as 422, the step fails.`,
    without: "Let the gateway accept stream_options, or answer 400 to it",
    owner: "gateway-operator",
    spares_chat: true,
  },
  {
    field: /temperature/,
    name: "the temperature that an AI agent step sets",
    senders: `Only AI agent steps that set a temperature send it, and code completion; ${ONLY_STEPS}`,
    without: "Leave the temperature of the AI agent step empty, or choose another model for the step",
    owner: "workspace-admin",
    spares_chat: true,
  },
  {
    field: /reasoning_effort|reasoning\.effort/,
    name: "the reasoning effort that an AI agent step sets",
    senders: `Only AI agent steps that set a reasoning effort send it; ${ONLY_STEPS}`,
    without: "Remove reasoning_effort from the AI agent step, or choose another model for the step",
    owner: "workspace-admin",
    spares_chat: true,
  },
  {
    field: /response_format|json_schema/,
    name: "the output schema of an AI agent step",
    senders: `Only AI agent steps with an output schema send response_format; ${ONLY_STEPS}`,
    without: "Remove the output schema from the AI agent step, or choose another model for the step",
    owner: "workspace-admin",
    spares_chat: true,
  },
  {
    field: /tool_choice/,
    name: "the field tool_choice",
    senders: `Only AI agent steps with an output schema send it, and only for model ids with \`claude\` in them; ${ONLY_STEPS}`,
    without: "Remove the output schema from the AI agent step, or choose another model for the step",
    owner: "workspace-admin",
    spares_chat: true,
  },
  {
    field: /\bstop\b/,
    name: "the field stop",
    senders:
      "Only code completion sends it: a code completion model is set on customai. Chats, summaries and AI agent steps work.",
    without: "Unset the code completion model in Workspace settings > Windmill AI",
    owner: "workspace-admin",
    spares_chat: true,
  },
  {
    field: /reasoning_content|tool_calls\W{0,3}\d*\W{0,3}index|\bindex\b/,
    name: "a part of the model's own tool calls that Windmill sends back",
    senders:
      "Chats send it from their second turn on, after a tool call. First answers, summaries and steps without tools work.",
    without: "Let the gateway ignore what it does not know in `messages`, or choose another model as default model",
    owner: "gateway-operator",
    spares_chat: false,
  },
  {
    field: /\bstrict\b|additionalProperties|function_declarations|\btools?\b|\bfunctions?\b/,
    name: "a part of the tools that a chat sends",
    senders:
      "Chats and AI agent steps with tools send it. Plain questions, summaries, `Test key` and steps without tools work.",
    without: "Let the gateway ignore what it does not know in `tools`, or choose another model as default model",
    owner: "gateway-operator",
    spares_chat: false,
  },
  {
    field: /max_(?:completion_|output_)?tokens/,
    name: "the limit of output tokens",
    senders:
      "Chats and summaries always send max_tokens, AI agent steps max_completion_tokens where the step sets a limit.",
    without: "Let the gateway accept both names",
    owner: "gateway-operator",
    spares_chat: false,
  },
  {
    field:
      /\b(?:top_p|top_k|seed|n|logprobs|top_logprobs|logit_bias|(?:presence|frequency)_?penalty|user|parallel_tool_calls|system_prompt|metadata|store|service_tier|safety_identifier|modalities|prediction|web_search_options|thinking)\b/i,
    name: "a field that Windmill does not send by itself",
    senders: SCRIPTS,
    without:
      "Remove everything from the ? on in base_url, and look at the parameters that the gateway adds to this model",
    owner: "gateway-operator",
    spares_chat: true,
  },
];

const UNKNOWN = {
  name: "a field of the request",
  senders: "Which features break depends on the field: a check at depth `features` shows which ones work.",
  without: "Look which field the message names, and remove everything from the ? on in base_url",
  owner: "gateway-operator",
  spares_chat: false,
};

/** The field that an error's innermost words name, or the one that its `param` names. */
function refusedField(body) {
  const error = errorIn(asJson(body));
  const message = error ? (layersOf(error)[0]?.message ?? "") : body;
  const named = /["']param["']\s?:\s?["']([\w.[\]]{1,80})["']/.exec(body)?.[1] ?? "";
  // What a message advises stands behind what it complains of: the field that is named first is meant.
  const first = (text) =>
    FIELDS.map((row) => ({ row, at: text.search(row.field) }))
      .filter(({ at }) => at >= 0)
      .sort((a, b) => a.at - b.at)[0]?.row;
  return first(named) ?? first(message) ?? UNKNOWN;
}

/** Characters of an id that count for its nearness: keeps the cost small whatever a gateway lists. */
const COMPARED = 64;

/** Served ids that are compared; a longer list is cut. */
const CANDIDATES = 500;

/**
 * The served ids, nearest to `id` first: same family (the text up to the last hyphen) before others, then fewest edits, then
 * the gateway's own order. Ids are compared in lower case, as Codex Pooler does.
 */
function nearest(id, served) {
  const wanted = id.slice(0, COMPARED).toLowerCase();
  const family = familyOf(wanted);
  return served
    .slice(0, CANDIDATES)
    .map((candidate, order) => {
      const name = candidate.slice(0, COMPARED).toLowerCase();
      return {
        candidate,
        order,
        kin: familyOf(name) === family ? 0 : 1,
        edits: wanted ? editDistance(wanted, name) : 0,
      };
    })
    .sort((a, b) => a.kin - b.kin || a.edits - b.edits || a.order - b.order)
    .map(({ candidate }) => candidate);
}

const familyOf = (id) => (id.includes("-") ? id.slice(0, id.lastIndexOf("-")) : id);

/** Levenshtein distance: insertions, deletions and replacements. */
function editDistance(a, b) {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replace = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, replace));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}

/** Ids that are there in another case count as there: the gateway compares so. */
const lower = (ids) => new Set(ids.map((id) => id.trim().toLowerCase()));

/** The ids of `ids` that are not in `others`, whatever their case. */
const without = (ids, others) => {
  const known = lower(others);
  return ids.filter((id) => !known.has(id.trim().toLowerCase()));
};

/** Characters shown of an id, a path or an address. */
const SHOWN = 120;

/** Ids shown of the gateway's list, and of the models that a finding is about. */
const LISTED = 8;

const NAMED$1 = 4;

/** Fills the `{placeholders}` of a row's text. An unknown one stands for what it is, so the sentence stays readable. */
function fill(template, values) {
  const text = template.replace(/\{(\w{1,30})\}/g, (whole, name) => values.get(name) ?? whole);
  return text.startsWith("the ") ? `T${text.slice(1)}` : text;
}

/** The values for one finding. All foreign text in them is redacted and short. */
function valuesFor(subject, context) {
  const { clean } = context;
  const show = (text) => excerpt(text, { limit: SHOWN, ...(clean ? { clean } : {}) });
  const showAll = (texts, most) => listed(texts.slice(0, most + 1).map(show), texts.length, most);
  const { routes, models, text, location } = subject;
  const workersOnly = routes.has("worker") && !routes.has("server");
  const resource = context.resource_path ?? /\bresource (?:value for )?([ufg]\/[\w/-]{1,250})/.exec(text)?.[1];
  const secret = context.secret_path ?? /(?:\$var:|\bvariable )([ufg]\/[\w/-]{1,250})/i.exec(text)?.[1];
  const served = context.served ? nearest(models[0] ?? context.default_model ?? "", context.served) : null;
  const known = served && (served.length === 0 ? "nothing" : showAll(served, LISTED));
  // What takes the place of a model is never one that needs a replacement itself.
  const stand_in = served && without(served, models)[0];
  return new Map([
    ...addressValues(context.base_url ?? null, text, show),
    ["process", processName(routes)],
    ["service", workersOnly ? "windmill_worker" : "windmill_server"],
    ["deployment", workersOnly ? "windmill-workers-default" : "windmill-app"],
    ["resource", resource ? `the resource ${show(resource)}` : "the customai resource"],
    ["resource_path", resource ? show(resource) : "<the customai resource>"],
    ["secret", secret ? `the secret variable ${show(secret)}` : "the secret variable"],
    ["secret_path", secret ? show(secret) : "<the secret variable>"],
    ["key", context.key_prefix ? `the key ${show(context.key_prefix)}` : "the pool key"],
    ["key_prefix", context.key_prefix ? show(context.key_prefix) : "(sk-cxp- and 12 hex digits)"],
    ["model", models.length > 0 ? showAll(models, NAMED$1) : "the model"],
    ["model_id", models[0] ? show(models[0]) : "<model>"],
    ["served", known ?? "its model list names them"],
    ["gateway_lists", known === null ? "Its model list is not known here." : `The gateway lists: ${known}.`],
    ["nearest", stand_in ? show(stand_in) : "another model that the gateway serves"],
    ["location", location ? show(asBase(location)) : "another address"],
    ["until", context.until ? `${context.until.slice(11, 19)} UTC` : "a minute from now"],
    ...fieldValues(text),
    ["server_url", context.server_url ? show(context.server_url) : "the server's address"],
  ]);
}

/** What is known of the field that a gateway refuses. */
function fieldValues(text) {
  const { name, senders, without } = refusedField(text);
  return [
    ["refused_field", name],
    ["who_sends_it", senders],
    ["without_it", without],
  ];
}

function processName(routes) {
  if (routes.size === 2) return "the Windmill server and workers";
  if (routes.has("worker")) return "the Windmill workers";
  return routes.has("server") ? "the Windmill server" : "Windmill";
}

/** The gateway's address: from the settings, else from the URL or host that Windmill's error names. */
function addressValues(baseUrl, text, show) {
  const url = safeUrl(baseUrl ?? /for url \((\S{1,2000}?)\)/.exec(text)?.[1] ?? "");
  if (url === null) {
    const host = plain(show(/resolve host '([^']{1,255})'/.exec(text)?.[1] ?? ""));
    return [
      ["host", host || "the gateway's host"],
      ["host_name", host || "<host>"],
      ["host_port", "<host>:<port>"],
      ["base_url", "<base_url>"],
    ];
  }
  const port = url.port || (url.protocol === "https:" ? "443" : "80");
  const base = asBase(showableAddress(url.href)).replace(/\/$/, "");
  return [
    ["host", plain(show(url.host))],
    ["host_name", plain(show(url.hostname))],
    ["host_port", plain(show(`${url.hostname}:${port}`))],
    ["base_url", plain(show(base))],
  ];
}

/** The first `most` of the shown texts, and how many more there are. */
const listed = (shown, count, most) =>
  count > most ? `${shown.slice(0, most).join(", ")} and ${count - most} more` : shown.join(", ");

function safeUrl(text) {
  try {
    const url = new URL(text);
    return /^https?:$/.test(url.protocol) ? url : null;
  } catch {
    return null;
  }
}

/** Only what can stand in a host or path without meaning anything to a shell: these values go into commands to copy. */
const plain = (text) => text.replace(/[^A-Za-z0-9._~:/[\]%-]/g, "");

/** An address as a base URL: without the query and without what Windmill appended. */
const asBase = (location) => (location.split(/[?#]/)[0] ?? "").replace(/\/(?:chat\/completions|models|usage)\/?$/, "");

/** Entries of evidence that a finding carries. */
const EVIDENCE_LIMIT = 5;

/** Characters of a text that hosts and paths are looked for in. */
const SEARCHED = 4_000;

/** Characters kept of ids. */
const ID_LIMIT = 120;

/** Added to a cause when only a 400 vouches for the words: the gateway's errors arrive as 400 too. */
const IN_A_400 =
  "The text came in a 400, as the gateway's own errors do, so a gateway could send it too; Windmill uses exactly these words.";

/**
 * Words a finding: fills the row's texts with what is known and redacts the evidence.
 *
 * @param probes ids of the probes that the cause explains.
 * @throws Error for a code that no row has.
 */
function finding$1(code, evidence, context = {}, probes = []) {
  const row = rowOf(code);
  const models = [...new Set(evidence.flatMap(({ model }) => (model ? [model] : [])))];
  const text = evidence.find(({ text }) => text)?.text?.slice(0, SEARCHED) ?? "";
  const values = valuesFor(
    {
      routes: new Set(evidence.flatMap(({ route }) => (route ? [route] : []))),
      models,
      text,
      location: evidence.find(({ location }) => location)?.location ?? "",
    },
    context,
  );
  return {
    code,
    layer: row.layer,
    severity: severityFor(row, models, context, text),
    owner: row.by_field && text !== "" ? refusedField(text).owner : row.owner,
    title: fill(row.title, values),
    cause: isImitable(row, evidence) ? `${fill(row.cause, values)} ${IN_A_400}` : fill(row.cause, values),
    remedy: [...row.remedy, ...(row.repairable ? [RUN_REPAIR] : [])].map((step) => fill(step, values)),
    repairable: row.repairable === true,
    ...(row.lasting ? { lasting: true } : {}),
    evidence: varied(evidence).map((item) => show(item, context)),
    probes: [...probes],
  };
}

const isImitable = (row, evidence) =>
  row.match.some(({ windmill, status }) => windmill && status?.includes(400)) &&
  evidence.some(({ status }) => status === 400);

function show(item, { clean }) {
  const known = clean ? { clean } : {};
  const words = [item.text, item.location && `Location: ${item.location}`].filter(Boolean).join(" ");
  return {
    route: item.route ?? null,
    model: item.model ? excerpt(item.model, { ...known, limit: ID_LIMIT }) : null,
    status: item.status ?? null,
    excerpt: excerpt(words, known),
    ...(item.request_id ? { request_id: excerpt(item.request_id, { ...known, limit: ID_LIMIT }) } : {}),
  };
}

/** A finding about models that are not the default one, or about a field that chats do not send, hurts only those who use them. */
function severityFor(row, models, { default_model: main }, text) {
  if (row.by_field && text !== "" && refusedField(text).spares_chat) return "warning";
  const others = row.layer === "model" && models.length > 0 && typeof main === "string" && !models.includes(main);
  return row.severity === "critical" && others ? "warning" : row.severity;
}

/** The first entry per route and model, then other answers, each once, up to the limit. */
function varied(evidence) {
  const seen = new Set();
  const first = [];
  const rest = [];
  for (const item of evidence) {
    const place = `${item.route}|${item.model}`;
    const whole = `${place}|${item.status}|${item.text?.slice(0, 200)}`;
    if (seen.has(whole)) continue;
    (seen.has(place) ? rest : first).push(item);
    seen.add(whole).add(place);
  }
  return [...first, ...rest].slice(0, EVIDENCE_LIMIT);
}

/** Characters of a pasted text that are read; a longer one is cut. */
const PASTE_LIMIT = 1_000_000;

/** Causes that are named. */
const NAMED = 12;

/** A match on less than words (a type, a bare status) is not trusted while a log's other lines say more. */
const WORDS = 12;

/** Characters that a cut-off text must have to be compared with the beginnings of known ones. */
const SHORTEST_HEAD = 12;

const NEXT =
  "Run f/codex_pooler/check: it sees the status and the code that a toast hides, over the server route and the worker route.";

/**
 * Explains a pasted error text.
 *
 * @throws Error when there is no text.
 */
function explainText(text) {
  const pasted = text.slice(0, PASTE_LIMIT).trim();
  if (pasted === "") {
    throw new Error(
      "There is no text to explain. Paste the error as Windmill shows it: the words of the red toast, or the lines of the job's log.",
    );
  }
  const seen = fragments(pasted).map((fragment) => ({ fragment, causes: causesOf(fragment) }));
  const [whole, ...lines] = seen;
  // A page or a JSON body is one thing however many lines it has; other texts are logs, whose lines stand for themselves.
  const parts = whole && /^[[{<]/.test(whole.fragment.text) && isTelling(whole.causes) ? [whole] : lines;
  const telling = [
    ...parts.filter(({ causes }) => isTelling(causes)),
    ...(whole && isTelling(whole.causes) ? [whole] : []),
  ];
  const chosen = telling.length > 0 ? telling : seen.filter(({ causes }) => causes.length > 0).slice(0, 1);
  const found = new Map();
  for (const { fragment, causes } of chosen) {
    for (const { row } of causes) if (!found.has(row.code)) found.set(row.code, explanation(row, fragment));
  }
  const findings = [...found.values()].slice(0, NAMED);
  if (findings.length === 0) findings.push(explanation(rowOf(UNRECOGNISED), toFragment(pasted)));
  const status = findings[0]?.code === UNRECOGNISED ? "unrecognised" : findings.length > 1 ? "ambiguous" : "explained";
  return { status, summary: summarise(status, findings), findings, next: NEXT };
}

/** The whole paste, then its lines, the last first. */
function fragments(pasted) {
  const lines = pasted.split(/\r\n|\r|\n/).filter((line) => line.trim() !== "");
  return [pasted, ...(lines.length > 1 ? lines.slice(-400).reverse() : [])].map(toFragment);
}

const TOAST = /^\W{0,3}(?:Failed to send request|Invalid key|Failed to generate code)\s*:\s*/i;

const ERROR_NAME = /^(?:Uncaught )?[A-Z]\w{0,40}Error:\s+/;

const CUT_TAIL = /\s*(?:\.\.\.|…)\s*(?:show (?:more|less))?\s*$/i;

/** What an error text begins with, wherever a log puts it. */
const BEGINNINGS =
  /Bad request: |Internal: |Not found: (?:Could|Variable|Resource)|Not authorized: |Permission denied: |(?:Failed to call API: )?(?:Error: )?error sending request|API error calling |Agent worker does not support|Tool not found: |Image response not supported|\[?\{"(?:error|detail|object|type|message|errors)"\s*:/;

function toFragment(piece) {
  const bare = piece.trim().replace(CUT_TAIL, "");
  const toast = TOAST.test(bare);
  let text = bare
    .replace(TOAST, "")
    .replace(/^Error:\s+(?!error sending|builder error)/, "")
    .replace(ERROR_NAME, "");
  const status = /^(\d{3})\s+(?=\S)/.exec(text)?.[1];
  if (status && Number(status) >= 300 && Number(status) <= 599) text = text.slice(status.length).trim();
  text = insideJobError(text);
  const start = text.slice(0, 4_000).search(BEGINNINGS);
  if (start > 0 && !/^\s*[[{<]/.test(text)) text = text.slice(start);
  return {
    text: unquoted(text),
    status: status ? Number(status) : null,
    toast,
    cut: CUT_TAIL.test(piece.trim()),
  };
}

/** A failed job stores its error as JSON; what went wrong stands in its message. */
function insideJobError(text) {
  const message = errorIn(asJson(text))?.message ?? "";
  return /API error calling|Failed to call API|error sending request/.test(message) ? message : text;
}

/** The client library shows an error that is a text as JSON, in quotes. */
function unquoted(text) {
  const inner = /^"([\s\S]*)"?$/.exec(text)?.[1];
  return inner === undefined ? text : inner.replace(/\\"/g, '"').replace(/"$/, "");
}

const isTelling = (causes) => causes.some(({ strength }) => strength >= WORDS);

/** The causes that a fragment may mean, likeliest first. */
function causesOf(fragment) {
  const toasts = toastRows(fragment.text);
  const best = signals(fragment)
    .flatMap((signal) => rank(signal).slice(0, 1))
    .sort((a, b) => b.strength - a.strength);
  const sure = best.filter(({ row, strength }) => toasts.length === 0 || strength >= SURE || toasts.includes(row));
  const certain = sure.some(({ row, strength }) => strength >= SURE && !toasts.includes(row));
  const listed = certain ? [] : toasts.map((row) => ({ row, strength: WORDS }));
  const causes = [...listed, ...sure.filter(({ row }) => !listed.some((other) => other.row === row))];
  return causes.length > 0 || !fragment.cut ? causes : beginningWith(fragment.text);
}

/** From an exact code on, a match is beyond doubt. */
const SURE = 32;

/** The rows whose toast has these words, by likelihood. */
const toastRows = (text) =>
  TABLE$1.flatMap((row) =>
    (row.toasts ?? []).filter(({ text: words }) => words.test(text)).map(({ rank }) => ({ row, rank })),
  )
    .sort((a, b) => a.rank - b.rank)
    .map(({ row }) => row);

/** A status in front of the words is Windmill's on its own pages; in other texts it may be the gateway's own. */
function signals({ text, status, toast }) {
  const about = { route: null, kind: null, model: null };
  const outcome = { content_type: "", body: text, truncated: false, ms: 0 };
  const seen = [{ ...about, outcome: { ...outcome, status } }];
  if (status === null || status <= 400 || toast) return seen;
  return [{ ...about, outcome: { ...outcome, status: null }, gateway_status: status }, ...seen];
}

/** For a text without its end: the rows with an example that begins like it. */
function beginningWith(text) {
  if (text.length < SHORTEST_HEAD) return [];
  return TABLE$1.filter(({ examples }) =>
    examples.some(({ body }) => typeof body === "string" && body.startsWith(text)),
  ).map((row) => ({ row, strength: WORDS }));
}

function explanation(row, { text, status }) {
  return { ...finding$1(row.code, [{ text, status }], { clean: maskKeyLike }), tells_apart: row.tells_apart ?? "" };
}

function summarise(status, findings) {
  const title = redact(findings[0]?.title ?? "");
  if (status === "explained") return `${title}.`;
  if (status === "unrecognised") return "These words are not in the diagnosis table.";
  return `These words fit ${findings.length} causes; the likeliest: ${title}.`;
}

/**
 * HTML for Windmill's result view. It goes through DOMPurify there: `<style>`, scripts and event handlers are dropped, inline
 * styles, tables, `<details>`, `<pre>` and `<svg>` stay. Text inherits the theme's colour, so nothing here sets one except for
 * status colours that read on light and dark.
 */
/** Markup that is safe to show: it can only be made by {@link html}, which escapes every text put into it. */
class Html {
  text;
  constructor(text) {
    this.text = text;
  }
}

/** A template whose texts are escaped; {@link Html} values and lists of them are taken as they are, null is left out. */
const html = (strings, ...parts) => new Html(strings.map((string, index) => string + render$1(parts[index])).join(""));

function render$1(part) {
  if (part === null || part === undefined) return "";
  if (part instanceof Html) return part.text;
  if (typeof part === "string" || typeof part === "number") return escapeHtml(String(part));
  return part.map(render$1).join("");
}

const CELL = "padding:4px 12px 4px 0;border-bottom:1px solid #8884;text-align:left;vertical-align:top";

/** A column is as wide as its longest word, so that none is cut in the middle on a small screen; the table scrolls instead. */
const TABLE = "width:100%;border-collapse:collapse;margin:8px 0;font-size:inherit;overflow-wrap:break-word";

/** A table, which scrolls with the keyboard too; Windmill's Markdown has none, and its own object table sorts columns by itself. */
const table = (head, rows) =>
  rows.length === 0
    ? html``
    : html`<div style="overflow-x:auto" tabindex="0"><table style="${TABLE}"><thead><tr>${head.map((title) => html`<th style="${CELL};font-weight:600;white-space:nowrap">${title}</th>`)}</tr></thead><tbody>${rows.map((row) => html`<tr>${row.map((cell) => html`<td style="${CELL}">${cell}</td>`)}</tr>`)}</tbody></table></div>`;

/** A sentence in which `code` between backticks is set as such. */
const prose = (text) =>
  html`${text.split(/`([^`]{1,400})`/).map((part, index) => (index % 2 === 1 ? html`<code>${part}</code>` : part))}`;

/** Steps in order; a step with line breaks has its lines after the first shown as code to copy. */
const steps = (texts) =>
  html`<ol style="margin:4px 0 4px 20px;list-style:decimal">${texts.map((text) => {
    const [first, ...code] = text.split("\n");
    return html`<li style="margin:2px 0">${prose(first ?? "")}${
      code.length > 0
        ? html`<pre style="background:#8882;padding:8px;border-radius:4px;white-space:pre-wrap;overflow-wrap:anywhere">${code.join("\n")}</pre>`
        : null
    }</li>`;
  })}</ol>`;

/** The frame of every result: the toggle "Pretty | JSON" sits tight above it. */
const page = (...parts) =>
  html`<div style="font-size:14px;line-height:1.5;margin-top:12px;overflow-wrap:anywhere">${parts}</div>`.text;

/** The words and colours that pages, alerts and the dashboard share. */
/** Colours that keep a contrast of at least 3:1 on white and on Windmill's dark background. */
const COLOURS = { warn: "#d97706", bad: "#dc2626", none: "#8a8f98" };

/** Owners as people call them. */
const OWNERS = {
  "workspace-admin": "a workspace admin",
  "windmill-operator": "the operator of Windmill",
  "gateway-operator": "the operator of the gateway",
  wait: "nobody",
};

/** The page of a report: what is wrong and what to do first, the measurements below. */
const SEVERITY = {
  critical: { colour: COLOURS.bad, words: "people are affected" },
  warning: { colour: COLOURS.warn, words: "needs a look" },
  info: { colour: COLOURS.none, words: "for information" },
};

const toBeDone = (owner) =>
  owner === "wait" ? html`Nobody has to repair it. What helps:` : html`To be done by <b>${OWNERS[owner]}</b>:`;

const folded = (title, content) =>
  html`<details style="margin:8px 0"><summary style="cursor:pointer">${title}</summary>${content}</details>`;

/** The page of a single finding, or of several that a text may mean. */
const finding = (one) =>
  html`<div style="border-left:3px solid ${SEVERITY[one.severity].colour};padding:2px 0 2px 12px;margin:12px 0"><div style="font-weight:600">${prose(one.title)}</div><div>${prose(one.cause)}</div><div style="margin-top:4px">${toBeDone(one.owner)}</div>${steps(one.remedy)}${evidence(one)}</div>`;

function evidence(one) {
  const telling = one.evidence.filter(
    ({ route, model, excerpt }) => route !== null || model !== null || excerpt !== "",
  );
  const rows = telling.map((item) => [
    item.route ?? "",
    item.model ?? "",
    item.status ?? "",
    item.excerpt,
    item.request_id ?? "",
  ]);
  return rows.length === 0
    ? html``
    : folded(`Evidence (${one.code})`, table(["Route", "Model", "Status", "Answer", "Request id"], rows));
}

const render = ({ summary, findings, next }) =>
  page(
    html`<h2 style="font-size:18px;font-weight:600">${summary}</h2>`,
    findings.map((one, index) => [
      findings.length > 1
        ? html`<div style="margin-top:12px;opacity:.7">Cause ${index + 1} of ${findings.length}</div>`
        : null,
      finding(one),
      one.tells_apart ? html`<p><i>To tell it apart:</i> ${one.tells_apart}</p>` : null,
    ]),
    html`<p style="margin-top:12px">To make sure: ${next}</p>`,
  );
