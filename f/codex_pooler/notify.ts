// Built by "npm run build" from src/commands/notify.ts: change it there.

import { JobService, OpenAPI, VariableService, ResourceService } from "windmill-client@1.818.0";
import * as z from "zod@4.6.7";

/**
 * Last step of the health flow: tells people, through incoming webhooks and through a script or flow of the workspace. A target
 * that does not take the alert is named in the result and fails no tick; an alert that no target took is due again with the
 * next tick.
 *
 * @param report the result of f/codex_pooler/remember.
 * @throws UnhealthyError when the flow's input `fail_job_when` says so, after all else is done.
 */
export async function main(
  report: object,
  alert_webhook_path?: string,
  webhook_format?: "auto" | "slack" | "discord" | "teams" | "mattermost" | "json",
  alert_runnable?: string,
) {
  const health = HealthReport.parse(report);
  const alert = await tellPeople(openWindmill(), health, { alert_webhook_path, webhook_format, alert_runnable });
  if (health.telling.fail) throw new UnhealthyError(failureMessage(health));
  return finish(alert ? { ...health, alert } : health, renderHealth);
}

/** A change as the report shows it: nothing secret, values short enough to read. */
const ChangeView = z.object({
  action: z.enum(["create", "change", "delete"]),
  target: z.string(),
  /** What differs, place by place. `before` is null for something new, `after` for something deleted. */
  differences: z.array(z.object({ path: z.string(), before: z.unknown(), after: z.unknown() })),
  /** What it takes to make the change. */
  needs: z.string(),
  /** How a person undoes it by hand. */
  undo: z.string(),
});

/** What people know of Windmill AI. */
const Feature = z.enum([
  "chat",
  "AI sessions",
  "fix",
  "summaries and metadata",
  "form filling",
  "flow chat with optional inputs",
  "agent steps",
  "code completion",
]);

/** Whether a feature works for the workspace's users, in a report. */
const FeatureRow = z.object({
  feature: Feature,
  state: z.enum(["works", "not-tested", "broken"]),
  /** One or two sentences for an admin. */
  why: z.string(),
  /** `code` of the finding that says more; only when `state` is `broken`. */
  code: z.string().optional(),
});

/**
 * The shapes of the data that walks through the product (see docs/architecture.md): outcome -> probe -> finding -> report.
 * All of it is plain JSON: what a job returns, what a stand-in test compares and what the state keeps.
 */
/** The way a probe takes. `server` = WM_BASE_URL, what browsers use; `worker` = BASE_URL, the worker's own embedded API. */
const Route = z.enum(["server", "worker"]);

/** How much a check may cost: `free` uses no tokens, `chat` one completion per model, `features` the shapes of Windmill's features. */
const Depth = z.enum(["free", "chat", "features"]);

/** `healthy`; `degraded` = works, with a finding that will hurt; `down` = users are refused; `unknown` = could not be measured. */
const Status = z.enum(["healthy", "degraded", "down", "unknown"]);

/** `critical` makes the status `down`, `warning` makes it `degraded`, `info` leaves it. */
const Severity = z.enum(["critical", "warning", "info"]);

/** Who can fix it. `wait` = it heals by itself, or nobody can hurry it. */
const Owner = z.enum(["workspace-admin", "windmill-operator", "gateway-operator", "wait"]);

/** Where on the way from Windmill to the model it broke. */
const Layer = z.enum([
  "token",
  "workspace-settings",
  "resource",
  "secret",
  "url-guard",
  "name-resolution",
  "connection",
  "tls",
  "redirect",
  "gateway-path",
  "key",
  "key-policy",
  "quota",
  "model",
  "upstream",
  "protocol",
  "latency",
  "schedule",
  "unrecognised",
]);

/**
 * What came back from one request, before anybody judges it. Bodies are cut to {@link BODY_LIMIT} characters when they are
 * read; nothing here is redacted yet, so an outcome never leaves the job: probes and findings carry a redacted excerpt.
 */
z.object({
  /** HTTP status, or null when no HTTP answer arrived (see `failure`). */
  status: z.number().int().nullable(),
  /** Lower-case media type without parameters, "" when absent. */
  content_type: z.string(),
  /** The `Location` header of a redirect. Redirects are never followed. */
  location: z.string().optional(),
  /** The gateway's `x-request-id`, which its operator can search for. Windmill passes it on for 2xx and 3xx answers only. */
  request_id: z.string().optional(),
  /** The body as text, cut. For a stream: the raw server-sent events. */
  body: z.string(),
  /** True when the body was longer than what `body` holds. */
  truncated: z.boolean(),
  /** Why there is no (complete) answer: our own time-out, a connection that failed, or a body that broke off. */
  failure: z.object({ kind: z.enum(["timeout", "network", "aborted"]), message: z.string() }).optional(),
  /** Milliseconds from sending the request to the last byte read. */
  ms: z.number(),
  /** Milliseconds to the first byte of the body; streams only. */
  first_byte_ms: z.number().optional(),
});

/** What a probe asked for. `models` = GET /models, `usage` = GET /usage, `chat` = one plain completion; the rest are feature probes. */
const ProbeKind = z.enum([
  "models",
  "usage",
  "chat",
  "metadata",
  "stream",
  "tools",
  "strict-tools",
  "agent",
  "connection-check",
]);

/** One request as the report shows it: what was asked over which route, how it went, and which diagnosis it got. */
const Probe = z.object({
  /** Stable within a report, e.g. `server:chat:gpt-5.5`. */
  id: z.string(),
  kind: ProbeKind,
  route: Route,
  model: z.string().nullable(),
  /** True when the request named the resource (X-Resource-Path), so that it says nothing about what users get. */
  candidate: z.boolean(),
  ok: z.boolean(),
  status: z.number().int().nullable(),
  ms: z.number(),
  first_byte_ms: z.number().optional(),
  request_id: z.string().optional(),
  /** `code` of the diagnosis when `ok` is false. */
  code: z.string().nullable(),
  /** Redacted, single-line, short. Empty when `ok`. */
  excerpt: z.string(),
  /** Tokens the gateway said it used; absent when it did not say. */
  tokens: z.number().int().optional(),
});

/** A diagnosis with its evidence: one per cause, not one per failed probe. */
const Finding = z.object({
  /** Stable, kebab-case; a row of the diagnosis table. */
  code: z.string(),
  layer: Layer,
  severity: Severity,
  owner: Owner,
  /** One line for a list or an alert. */
  title: z.string(),
  /** What happened and why, in plain words. */
  cause: z.string(),
  /** What to do: exact steps, in order. */
  remedy: z.array(z.string()),
  /** Whether the repair script can do it. */
  repairable: z.boolean(),
  /** Whether it never heals by itself, so that there is nothing to wait for before people are told. */
  lasting: z.boolean().optional(),
  evidence: z.array(
    z.object({
      route: Route.nullable(),
      model: z.string().nullable(),
      status: z.number().int().nullable(),
      excerpt: z.string(),
      request_id: z.string().optional(),
    }),
  ),
  /** Ids of the probes that this cause explains. */
  probes: z.array(z.string()),
});

/** What is known of one model id: what the settings use it for, what the gateway lists, and how it answered per route. */
const ModelRow = z.object({
  id: z.string(),
  /** Enabled in the workspace AI settings (`providers.customai.models`). */
  configured: z.boolean(),
  is_default: z.boolean(),
  is_metadata: z.boolean(),
  /** Listed by the gateway; null when the list could not be read. */
  served: z.boolean().nullable(),
  server: z.enum(["ok", "failed", "not-tested"]),
  worker: z.enum(["ok", "failed", "not-tested"]),
  /** Milliseconds of the slowest completion over the server route; null when none was measured. */
  ms: z.number().nullable(),
});

/** What the connection is made of, as far as everybody who sees the run may know. Paths come without `$var:` in front. */
const ConnectionFacts = z.object({
  /** Whose AI settings users get. */
  settings: z.enum(["workspace", "instance", "none"]),
  resource_path: z.string().nullable(),
  base_url: z.string().nullable(),
  secret_path: z.string().nullable(),
  default_model: z.string().nullable(),
  metadata_model: z.string().nullable(),
  schedule: z.object({ cron: z.string(), enabled: z.boolean(), timezone: z.string().optional() }).nullable(),
});

/** What a run answers: one JSON object with a stable shape, which Windmill shows by the HTML it carries. */
/** Raised when a field changes its meaning or goes; new fields do not raise it. */
const REPORT_VERSION = 1;

/** How telling people went. */
const AlertOutcome = z.object({
  /** Whether at least one target took it; else it is tried again with the next tick. */
  delivered: z.boolean(),
  targets: z.array(
    z.object({
      /** What people know it by, e.g. `webhook at hooks.slack.com (slack)`. Never an address. */
      target: z.string(),
      delivered: z.boolean(),
      /** Why not, and what to do; "" when delivered. */
      problem: z.string(),
    }),
  ),
});

/** What `check` returns, and what the health flow hands from step to step. */
const CheckReport = z.object({
  version: z.literal(REPORT_VERSION),
  status: Status,
  /** One line: the status and its first cause. */
  summary: z.string(),
  workspace: z.string(),
  /** ISO 8601. */
  checked_at: z.string(),
  server_version: z.string(),
  depth: Depth,
  /** Only where the depth was chosen by the memory of the health flow: why, and a mark of the settings that it saw. */
  chosen: z.object({ why: z.string(), fingerprint: z.string() }).optional(),
  connection: ConnectionFacts,
  findings: z.array(Finding),
  probes: z.array(Probe),
  models: z.array(ModelRow),
  features: z.array(FeatureRow),
  /** Milliseconds. `probe` is the time of all probes together, which run side by side. */
  timings_ms: z.object({ observe: z.number(), probe: z.number(), slowest_probe: z.number(), total: z.number() }),
  /** Tokens that the gateway said this check used. */
  tokens: z.number().int(),
});

/** What a command that changes something returns. */
z.object({
  version: z.literal(REPORT_VERSION),
  command: z.string(),
  mode: z.enum(["plan", "apply"]),
  /** The connection's status after applying; null for a plan, which changes and proves nothing. */
  status: Status.nullable(),
  applied: z.boolean(),
  summary: z.string(),
  /** Give it to mode "apply" to have exactly this plan or none; "" where there is nothing to hold on to. */
  plan_id: z.string(),
  workspace: z.string(),
  changes: z.array(ChangeView),
  /** What people should know beside the changes. */
  notes: z.array(z.string()),
  findings: z.array(Finding),
  probes: z.array(Probe),
  models: z.array(ModelRow),
  /** What a repair mends, and the findings that called for it; only `repair` says it. */
  repairs: z.array(z.object({ codes: z.array(z.string()), does: z.string() })).optional(),
  /** What can be undone, the newest first; only `undo` says it. */
  snapshots: z
    .array(
      z.object({
        id: z.string(),
        /** ISO 8601. */
        at: z.string(),
        by: z.string(),
        command: z.string(),
        touches: z.array(z.string()),
        undone: z.boolean(),
      }),
    )
    .optional(),
});

/** Controls but for line ends, signs without a shape such as text direction overrides, and halves of signs, which no database
 * takes: model ids may hold anything. */
const INVISIBLE$1 = /(?!\n)[\p{Cc}\p{Cf}\p{Cs}]/gu;

/**
 * A JSON value in which no text can be taken for a reference. Windmill resolves every text that starts with `$var:`, `$res:`
 * and the like when a flow hands it to the next step, so a gateway's error text could otherwise fetch a secret into a job's
 * arguments. Such texts get a leading blank, and what nobody can see is taken out of all of them.
 */
function inert(value) {
  const walk = (one) => {
    if (typeof one === "string") {
      const visible = one.replace(INVISIBLE$1, "");
      return visible.startsWith("$") ? ` ${visible}` : visible;
    }
    if (Array.isArray(one)) return one.map(walk);
    if (typeof one !== "object" || one === null) return one;
    return Object.fromEntries(Object.entries(one).map(([key, inner]) => [key, walk(inner)]));
  };
  return walk(value);
}

/** The finished result of an entry point. */
const finish = (report, render) => {
  const safe = inert(report);
  return { ...safe, wm_renderer: "html", html: render(safe) };
};

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

/** Below this, replacing every occurrence would destroy the text without hiding anything. */
const SHORTEST_SECRET = 6;

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
  const { secrets = [], limit = TEXT_LIMIT } = options;
  const known = secrets.filter((secret) => secret.length >= SHORTEST_SECRET);
  const longest = Math.max(RAGGED_END, ...known.map((secret) => 3 * secret.length));
  const window = text.slice(0, WINDOW);
  let clean = window
    .replace(ANSI, "")
    .replace(BLANKS, " ")
    .replace(INVISIBLE, "")
    .replace(ESCAPED_ASCII, (_escape, hex) => String.fromCharCode(Number.parseInt(hex, 16)));
  for (const secret of known) {
    const safe = safePrefix(secret);
    for (const form of new Set([secret, JSON.stringify(secret).slice(1, -1), encodeURIComponent(secret)])) {
      clean = clean.replaceAll(form, safe);
    }
  }
  for (const [pattern, instead] of CREDENTIALS) clean = clean.replace(pattern, instead);
  // The cut may have gone through a credential: what is left of it stands at the very end.
  if (window.length < text.length) clean = clean.slice(0, Math.max(0, clean.length - longest));
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

/** What may be shown of a credential: the gateway's own prefix for a Pool API key, nothing of any other. */
function safePrefix(secret) {
  const prefix = /^sk-cxp-[0-9a-f]{12}(?=-)/.exec(secret)?.[0];
  return prefix ? `${prefix}${ELLIPSIS}` : `(secret)`;
}

/** Whether {@link redact} would take something out of the text: a header with such a value carries a credential. */
function looksLikeCredential(text) {
  return CREDENTIALS.some(([pattern]) => new RegExp(pattern.source, pattern.flags.replace("g", "")).test(text));
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

/** Effects per name from the gateway's source (docs/windmill.md, Codex Pooler) and from Windmill's proxy. */
const RULES$1 = [
  {
    code: "credential-header",
    says: "carries a credential, which everybody who may read the resource would see; authorization also replaces the pool key",
    names:
      /^(authorization|proxy-authorization|cookie|set-cookie|(x-)?api[-_]?key|(x-)?(auth|access)[-_]?token|x-goog-api-key)$/,
  },
  {
    code: "session-header",
    says: "pins the requests of all users to one session or upstream account",
    names:
      /^(x-codex-.+|(x-)?session[-_]id|x-session-affinity|idempotency-key|x-request-id|x-client-request-id|conversation[-_]id)$/,
  },
  {
    code: "forbidden-header",
    says: "belongs to the request itself and breaks it when it is set by hand",
    names:
      /^(host|content-type|content-length|content-encoding|transfer-encoding|connection|upgrade|te|trailer|accept|accept-encoding|expect|x-forwarded-(for|host)|x-real-ip|forwarded)$/,
  },
];

/** Header names and values that HTTP allows; anything else makes Windmill fail with `builder error`. */
const NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

/** What is wrong with one static header, or null when it may stay. */
function headerSlip(name, value) {
  if (!NAME.test(name) || !VALUE.test(value)) {
    return { code: "malformed-header", says: "is not a valid HTTP header" };
  }
  const rule = RULES$1.find(({ names }) => names.test(name.toLowerCase()));
  if (rule) return { code: rule.code, says: rule.says };
  if (looksLikeCredential(value)) {
    return { code: "credential-header", says: "has a value that looks like a key" };
  }
  return null;
}

/** Windmill's rules for paths and the paths that this product uses. */
/** Windmill's own rule (`proper_id`): u/, f/ or g/, then at least two segments of letters, digits, `_` and `-`. */
const PATH = /^[ufg](\/[A-Za-z0-9_-]+){2,}$/;

/** Characters; Windmill's columns hold no more. */
const PATH_LIMIT = 255;

/** Whether Windmill would accept the path for a variable or resource. */
const isPath = (path) => path.length <= PATH_LIMIT && PATH.test(path);

/** Reads `script/<path>` or `flow/<path>`; null for anything else. */
function readRunnable(text) {
  const [, kind, path = ""] = /^(script|flow)\/(.+)$/.exec(text) ?? [];
  return (kind === "script" || kind === "flow") && isPath(path) ? { kind, path } : null;
}

/** Folder of the bundle in the workspace. */
const FOLDER = "f/codex_pooler";

/** Where the flow keeps its state: explicit, because Windmill's default differs between manual and scheduled runs. */
const HEALTH_STATE = `${FOLDER}/health_state`;

/** Held while a tick is taken into the two. */
const HEALTH_LOCK = `${FOLDER}/health_lock`;

/**
 * A credential that cannot be printed by accident: string conversion, JSON and the console see its safe prefix. The value is
 * taken out by {@link Secret.unwrap} at the one place that sends it to Windmill.
 */
class Secret {
  #value;
  /** Blanks and line breaks around the value are dropped: Windmill's form stores a newline after Ctrl+Enter. */
  constructor(value) {
    this.#value = value.trim();
  }
  /** What may be shown: `sk-cxp-0123456789ab…` for a Pool API key, `(secret)` for anything else. */
  get prefix() {
    return safePrefix(this.#value);
  }
  /** The credential itself. */
  unwrap() {
    return this.#value;
  }
  /** Whether both hold the same credential. */
  equals(other) {
    return this.#value === other.#value;
  }
  toString() {
    return this.prefix;
  }
  toJSON() {
    return this.prefix;
  }
  [Symbol.for("nodejs.util.inspect.custom")]() {
    return this.prefix;
  }
  /** What may be shown of a credential that is still a plain text. */
  static safePrefix(value) {
    return safePrefix(value.trim());
  }
}

/** What is wrong with a gateway's base URL before anybody calls it. One row per slip; the code is a row of the diagnosis table. */
const path$1 = (url) => url?.pathname.replace(/\/+$/, "") ?? "";

/** In the order in which a person would notice them; the first that applies is the one to report. */
const RULES = [
  {
    code: "base-url-unresolved",
    says: "is a reference to a variable or resource",
    fix: "Write the address itself: Windmill resolves references in api_key only, not in base_url.",
    applies: (text) => /^\$(var|res|jsonvar|encrypted):/.test(text),
  },
  {
    code: "base-url-blanks",
    says: "has blanks or line breaks in it",
    fix: "Remove them.",
    applies: (text) => /\s/.test(text),
  },
  {
    code: "base-url-not-http",
    says: "is not an http or https address",
    fix: "Write the whole address, e.g. https://codex-pooler.example.com/v1.",
    applies: (_text, url) => url === null || !/^https?:$/.test(url.protocol),
  },
  {
    code: "base-url-credentials",
    says: "has a user name or password in it",
    fix: "Remove the part before the @. The key belongs into api_key.",
    applies: (_text, url) => url !== null && (url.username !== "" || url.password !== ""),
  },
  {
    code: "base-url-query",
    says: "has a query or a fragment",
    fix: "Remove everything from the ? or # on: Windmill appends the request's path to the text as it stands.",
    applies: (text) => /[?#]/.test(text),
  },
  {
    code: "base-url-endpoint",
    says: "names one endpoint instead of the gateway's base",
    fix: "End it at /v1: Windmill appends /chat/completions and /models itself.",
    applies: (_text, url) => /\/(chat(\/completions)?|completions|models|responses|embeddings)$/.test(path$1(url)),
  },
  {
    code: "base-url-no-v1",
    says: "does not end in /v1",
    fix: "Append /v1: that is where Codex Pooler serves its OpenAI-compatible API.",
    applies: (_text, url) => !path$1(url).endsWith("/v1"),
  },
];

/** The first slip of a base URL, or null when it is well-formed. A trailing slash is no slip: Windmill trims it. */
function baseUrlSlip(text) {
  const url = parseUrl$1(text);
  const rule = RULES.find((candidate) => candidate.applies(text, url));
  return rule ? { code: rule.code, says: rule.says, fix: rule.fix } : null;
}

/** `URL.parse` for Node 20. */
function parseUrl$1(text) {
  try {
    return new URL(text);
  } catch {
    return null;
  }
}

/** A base URL without the blanks around it and the slashes at its end. */
const tidyBaseUrl = (text) => text.trim().replace(/\/+$/, "");

/** What can be said of a credential by its form alone, before anybody sends it. */
const POOL_KEY_FIX = "Create a Pool API key in Codex Pooler's admin pages and use the whole text, sk-cxp- and all.";

/**
 * Credentials that can never work on `/v1`: the gateway answers 401 `api_key_missing` to each of them. Forms from the
 * gateway's source (docs/windmill.md, Codex Pooler).
 */
const NEVER_WORKS = [
  {
    form: /^bearer\s/i,
    says: 'starts with "Bearer "',
    fix: "Leave that word out: Windmill adds it, and the gateway refuses it twice.",
  },
  {
    form: /\s/,
    says: "has blanks or line breaks inside",
    fix: "Copy the key again, in one piece.",
  },
  {
    form: /^\$(var|res|jsonvar|encrypted):/,
    says: "is a reference that was not resolved",
    fix: "Give the key itself, or name its variable in secret_path.",
  },
  {
    form: /^mcp-cxp-/,
    says: "is an operator MCP token, which /v1 refuses",
    fix: POOL_KEY_FIX,
  },
  {
    form: /^eyJ[A-Za-z0-9_-]*\./,
    says: "is a JWT (a browser session or an upstream account token), which /v1 refuses",
    fix: POOL_KEY_FIX,
  },
  {
    form: /^sk-cxp-[0-9a-f]{12}-?$/,
    says: "is only the prefix of a Pool API key, the part that is shown in lists",
    fix: "Use the whole key. It is shown once, when it is made; if it is lost, make a new one.",
  },
  {
    form: /[^\x21-\x7e]/,
    says: "has characters that cannot stand in an HTTP header",
    fix: "Copy the key again, without the text around it.",
  },
];

/** Why a (trimmed) credential cannot be a working Pool API key, or null when it may be one. */
function keySlip(key) {
  const slip = NEVER_WORKS.find(({ form }) => form.test(key));
  return slip ? { says: slip.says, fix: slip.fix } : null;
}

/** Fields that many forms have. */
/** Text fields arrive as "", null or undefined when a person leaves them alone. */
const blankable = z
  .string()
  .nullish()
  .transform((text) => text?.trim() ?? "");

/** One of some words; null for a blank. */
const choice = (values) =>
  blankable.transform((text, context) => {
    if (text === "") return null;
    const found = values.find((value) => value === text);
    if (found === undefined) {
      context.addIssue({ code: "custom", message: `is "${text.slice(0, 40)}". Choose one of: ${values.join(", ")}.` });
    }
    return found ?? null;
  });

/** A field with a rule: `rule` returns what is wrong and what to do, or null. */
const checked = (rule) =>
  blankable.superRefine((text, context) => {
    const slip = rule(text);
    if (slip !== null) context.addIssue({ code: "custom", message: slip });
  });

/** A path of the workspace, or blank. */
const path = checked((text) =>
  text === "" || isPath(text)
    ? null
    : text.startsWith("$")
      ? "Write the path alone, without $var: or $res: in front."
      : "is not a path that Windmill accepts. Use u/<user>/<name> or f/<folder>/<name>, with letters, digits, _ and - only.",
);

/** The gateway's address, tidied. */
blankable.transform(tidyBaseUrl).superRefine((text, context) => {
  const slip =
    text === "" ? { says: "is missing", fix: "Give the gateway's address, ending in /v1." } : baseUrlSlip(text);
  if (slip) context.addIssue({ code: "custom", message: `${slip.says}. ${slip.fix}` });
});

/** A key, or null for a blank. */
checked((text) => {
  const slip = text === "" ? null : keySlip(text);
  return slip && `${slip.says}. ${slip.fix}`;
}).transform((text) => (text === "" ? null : new Secret(text)));

/** An address of a Windmill server, or blank. */
checked((text) =>
  text === "" || /^https?:\/\/[^\s/?#@]+(\/[^\s?#]*)?$/.test(text)
    ? null
    : "is not an http(s) address without query. Write e.g. http://windmill_server:8000, or leave it blank.",
).transform(tidyBaseUrl);

/** Model ids: trimmed, without blanks and repetitions, in the given order. */
z.array(z.string())
  .nullish()
  .transform((ids) => [...new Set((ids ?? []).map((id) => id.trim()).filter((id) => id !== ""))]);

/** Headers for a proxy in front of the gateway. */
z.record(z.string(), z.unknown())
  .nullish()
  .transform((given, context) => {
    const kept = {};
    for (const [name, value] of Object.entries(given ?? {})) {
      if (typeof value !== "string") {
        context.addIssue({ code: "custom", message: `${name} has a value that is not a text. Put it in quotes.` });
        continue;
      }
      const slip = headerSlip(name, value);
      if (slip) context.addIssue({ code: "custom", message: `${name} ${slip.says}. Remove it.` });
      kept[name] = value;
    }
    return kept;
  });

/** A script or a flow of the workspace, or blank. */
const runnable = checked((text) =>
  text === "" || readRunnable(text)
    ? null
    : "is neither a script nor a flow. Write script/ or flow/ and its path, e.g. script/f/team/page_oncall.",
);

/** Inputs of every command that changes something. */
({
  mode: choice(["plan", "apply"]).transform((mode) => mode ?? "plan"),
});

/** A switch; off when it is left alone. */
z.boolean()
  .nullish()
  .transform((value) => value ?? false);

/** Whose body a webhook gets; `auto`: by its host, and plain JSON for a host that nobody knows. */
const WEBHOOK_FORMATS = ["auto", "slack", "discord", "teams", "mattermost", "json"];

/** Whom the health flow tells. */
const AlertInput = z.object({
  /** Path of the secret variable with the webhooks' addresses, one per line; "" for none. */
  alert_webhook_path: path,
  /** Null where nothing was chosen. */
  webhook_format: choice(WEBHOOK_FORMATS),
  /** `script/<path>` or `flow/<path>`; "" for none. */
  alert_runnable: runnable,
});

/** Reads inputs against their schema. All slips are collected, so that nobody fixes a form field by field. */
/** The input cannot be used. The message names each field, what is wrong with it and the fix; nothing has been changed. */
class InputError extends Error {
  name = "InputError";
  constructor(slips) {
    super(["Nothing was changed, because of this input:", ...slips.map((slip) => `- ${slip}`)].join("\n"));
  }
}

/**
 * Parses a script's inputs.
 *
 * @throws InputError that names every field in trouble; values are not repeated, since one of them may be a key.
 */
function parseInputs(schema, inputs) {
  const parsed = schema.safeParse(inputs);
  if (parsed.success) return parsed.data;
  throw new InputError(
    parsed.error.issues.map((issue) => {
      const field = issue.path.join(".") || "input";
      return issue.code === "custom" ? `${field}: ${issue.message}` : `${field}: has a value of the wrong kind.`;
    }),
  );
}

/** The words and colours that pages, alerts and the dashboard share. */
/** Colours that keep a contrast of at least 3:1 on white and on Windmill's dark background. */
const COLOURS = { good: "#16a34a", warn: "#d97706", bad: "#dc2626", none: "#8a8f98" };

/** A status as people read it. */
const STATUS = {
  healthy: { colour: COLOURS.good, words: "Windmill AI works" },
  degraded: { colour: COLOURS.warn, words: "Windmill AI works, with a problem" },
  down: { colour: COLOURS.bad, words: "Windmill AI does not work" },
  unknown: { colour: COLOURS.none, words: "Windmill AI could not be checked" },
};

/** Owners as people call them. */
const OWNERS = {
  "workspace-admin": "a workspace admin",
  "windmill-operator": "the operator of Windmill",
  "gateway-operator": "the operator of the gateway",
  wait: "nobody",
};

const HEADLINES = {
  opening: (state) => state,
  cause: (state, lasted, { status, previous }) =>
    previous === null || previous === status
      ? `still ${state}, now for another reason (for ${lasted})`
      : `went from ${previous} to ${status} (incident for ${lasted})`,
  reminder: (state, lasted) => `still ${state} (for ${lasted})`,
  recovery: (_state, lasted) => `works again (after ${lasted})`,
};

const STATES = {
  healthy: "works",
  degraded: "works, with a problem",
  down: "does not work",
  unknown: "could not be checked",
};

/** Findings in the text of one alert; the run shows all of them. */
const SHOWN = 3;

/** Characters of a title or a remedy in the text: longer ones are read in the run. */
const LINE_LIMIT = 240;

/** Composes the alert for an occasion from what the check found. */
function composeAlert(news, findings, place) {
  const { kind, incident, status, previous, since, at } = news;
  const duration_s = Math.max(0, Math.round((Date.parse(at) - Date.parse(since)) / 1000));
  const headline = `Windmill AI in ${place.workspace} ${HEADLINES[kind](STATES[status], lasting(duration_s), news)}`;
  const telling = kind === "recovery" ? [] : findings.filter(({ severity }) => severity !== "info");
  const lines = telling.slice(0, SHOWN).flatMap(linesOf);
  if (telling.length > SHOWN) lines.push(`- and ${telling.length - SHOWN} more`);
  return {
    kind,
    incident,
    status,
    previous,
    since,
    at,
    ...place,
    duration_s,
    headline,
    lines,
    findings: telling.map(({ code, title, owner, remedy }) => ({ code, title, owner, remedy })),
    text: [headline, ...lines, ...(place.run_url ? [place.run_url] : [])].join("\n"),
  };
}

function linesOf({ title, owner, remedy, repairable }) {
  // The shortest way first: an alert has room for one.
  const [step = ""] = repairable ? ["Run f/codex_pooler/repair."] : (remedy[0]?.split("\n") ?? []);
  const who = owner === "wait" ? "Nobody has to repair it. What helps" : `To be done by ${OWNERS[owner]}`;
  return [`- ${short(title)}`, ...(step === "" ? [] : [`  ${who}: ${short(step)}`])];
}

const short = (text) => excerpt(text, { limit: LINE_LIMIT });

/** A length of time in its two largest units, e.g. `2 h 5 min`. */
function lasting(seconds) {
  const minutes = Math.round(seconds / 60);
  if (minutes < 1) return "less than a minute";
  const parts = [
    [Math.floor(minutes / 1440), "d"],
    [Math.floor(minutes / 60) % 24, "h"],
    [minutes % 60, "min"],
  ];
  const first = parts.findIndex(([count]) => count > 0);
  return parts
    .slice(first, first + 2)
    .filter(([count]) => count > 0)
    .map(([count, unit]) => `${count} ${unit}`)
    .join(" ");
}

/** Starts a script or flow as the caller and returns the id of its job, without waiting for it. */
const startRunnable = (windmill, { kind, path }, args) => {
  const run = { workspace: windmill.workspace, path, requestBody: args };
  return windmill.call(
    `Starting the ${kind} ${path}`,
    () => (kind === "script" ? JobService.runScriptByPath(run) : JobService.runFlowByPath(run)),
    z.string(),
  );
};

/**
 * The one door to Windmill's API. It owns time-outs, redirects and error conversion, so that nothing else has to: every
 * call of `windmill-client` goes through {@link Windmill.call}, and every error that leaves it is a {@link WindmillError}
 * that holds no request. (An `ApiError` carries the request body, so an uncaught one would put a key into the job's
 * stored result.)
 */
/** Milliseconds for one call of Windmill's API. They answer in a few ms; a server that needs longer is in trouble. */
const API_TIMEOUT_MS = 15_000;

/** What to do about a call that failed, by the status of the answer. */
function remedyFor(status) {
  if (status === 401 || status === 403) {
    return "Run it again as an admin of the workspace; if you are one, the job's token has ended: run it again.";
  }
  if (status === null || status >= 500)
    return "Run it again; if it keeps failing, look at the log of Windmill's server.";
  return "Run it again: it starts from what is there now.";
}

/** Windmill refused or did not answer. `message` is fit for people; `said` is Windmill's own text, redacted and short. */
class WindmillError extends Error {
  name = "WindmillError";
  /** HTTP status, or null when there was no answer. */
  status;
  said;
  constructor(what, status, said) {
    const happened =
      status === null
        ? `Windmill did not answer (${said || "no reason given"})`
        : `Windmill answered ${status}${said ? ` "${said}"` : ""}`;
    super(`${what}: ${happened}. ${remedyFor(status)}`);
    this.status = status;
    this.said = said;
  }
}

/** True when Windmill says that the item is not there. Hidden items of others answer 401 or 404, depending on the endpoint. */
const isNotFound = (error) => error instanceof WindmillError && error.status === 404;

/** Answers null for what is not there; every other error stays one. */
async function orNull(promise) {
  try {
    return await promise;
  } catch (error) {
    if (isNotFound(error)) return null;
    throw error;
  }
}

/**
 * Opens Windmill's API for the running job.
 *
 * @param serverUrl where this job reaches the server that people's browsers use; blank = the instance's own base URL
 *   (WM_BASE_URL), which is not reachable from every worker.
 * @throws Error when it does not run as a Windmill job.
 */
function openWindmill(environment = process.env, serverUrl = "") {
  const { WM_WORKSPACE: workspace, WM_TOKEN: token } = environment;
  if (!workspace || !token) {
    throw new Error(
      "This script runs as a Windmill job only: WM_WORKSPACE and WM_TOKEN are missing. Run it from Windmill's UI or with `wmill script run`.",
    );
  }
  const worker = trimSlashes(environment.BASE_INTERNAL_URL || environment.BASE_URL || "http://localhost:8000");
  const server = trimSlashes(serverUrl || environment.WM_BASE_URL || "http://localhost");
  const routes = { server, worker };
  limitRequests();
  return {
    workspace,
    permissionedAs: environment.WM_PERMISSIONED_AS || `u/${environment.WM_USERNAME ?? ""}`,
    jobId: environment.WM_JOB_ID ?? "",
    runUrl: `${trimSlashes(environment.WM_BASE_URL || server)}/run/${environment.WM_ROOT_FLOW_JOB_ID || environment.WM_JOB_ID || ""}?workspace=${encodeURIComponent(workspace)}`,
    routes,
    authorization: () => ({ authorization: `Bearer ${token}` }),
    async call(what, run, schema, via = "worker") {
      // The client keeps its base URL in one global. It is read before the call's first await, so two calls that run at
      // the same time over different routes do not disturb each other.
      OpenAPI.BASE = `${routes[via]}/api`;
      OpenAPI.TOKEN = token;
      let answer;
      try {
        answer = await run();
      } catch (error) {
        throw toWindmillError(what, error);
      }
      const parsed = schema.safeParse(answer);
      if (parsed.success) return parsed.data;
      const where = parsed.error.issues.map((issue) => issue.path.join(".") || "answer").slice(0, 3);
      throw new WindmillError(what, 200, `an answer of an unexpected shape (${where.join(", ")})`);
    },
  };
}

const trimSlashes = (url) => url.replace(/\/+$/, "");

const addLimits = (request) => ({
  ...request,
  redirect: "manual",
  signal: AbortSignal.timeout(API_TIMEOUT_MS),
});

/** Gives every request of the client a time-out and forbids redirects, which would carry the job's token along. */
function limitRequests() {
  OpenAPI.interceptors.request.eject(addLimits);
  OpenAPI.interceptors.request.use(addLimits);
}

/** Keeps status and text of whatever the client threw, and drops the rest: it holds the request with its body. */
function toWindmillError(what, error) {
  if (error instanceof WindmillError) return error;
  if (error instanceof Error && "status" in error && typeof error.status === "number") {
    const body = "body" in error ? error.body : "";
    return new WindmillError(what, error.status, excerpt(typeof body === "string" ? body : JSON.stringify(body ?? "")));
  }
  const name = error instanceof Error ? error.name : "";
  if (name === "TimeoutError" || name === "AbortError") {
    return new WindmillError(what, null, `no answer within ${API_TIMEOUT_MS / 1000} s`);
  }
  return new WindmillError(what, null, excerpt(error instanceof Error ? error.message : String(error)));
}

/** Secret variables: one function per call, each answer parsed at this border. The only place that unwraps a key. */
/** A variable as far as this product looks at it. The value of a secret is never part of it. */
z.looseObject({
  path: z.string(),
  is_secret: z.boolean(),
  description: z.string().nullish(),
  extra_perms: z.record(z.string(), z.unknown()).nullish(),
});

/** Decrypts a variable. Windmill writes an audit entry for it. */
async function readSecret(windmill, path) {
  const value = await windmill.call(
    `Reading the variable ${path}`,
    () => VariableService.getVariableValue({ workspace: windmill.workspace, path }),
    z.string(),
  );
  return { secret: new Secret(value), padded: value !== value.trim(), slip: keySlip(value.trim()) };
}

/** What services that read Markdown make a link of without being asked. */
const ADDRESS = String.raw`(?:\b[a-z][a-z0-9+.-]*:\/\/|\bwww\.|\bmailto:|\btel:)\S*[^\s.,;:!?'")\]]`;

/** Texts in which Markdown finds nothing to do: its signs are escaped, and addresses are code, which is shown as it is. */
const plainMarkdown = (signs) => {
  const special = new RegExp(`(${ADDRESS})|([${signs}])`, "gi");
  return (text) =>
    text.replaceAll("`", "'").replace(special, (_all, address, sign) => (address ? `\`${address}\`` : `\\${sign}`));
};

/** Slack's own escapes; with them nothing is a manual link, a channel or a person. */
const slackText = (text) => text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");

/** Slack leaves addresses and names of channels in a verbatim text alone. */
const slackSection = (text) => ({ type: "section", text: { type: "mrkdwn", text, verbatim: true } });

const slackLink = (url) => `<${slackText(url)}|Open the run>`;

const discordText = plainMarkdown("\\\\*_~|[\\]<>#");

/** Mattermost tells everybody for `@channel`, `@all` and `@here`: a word joiner after the sign keeps it from being one. */
const mattermostText = (text) => plainMattermost(text).replaceAll("@", "@\u2060");

const plainMattermost = plainMarkdown("\\\\*_~|[\\]>#");

/** Cards know no escapes on every device, but only these two ways to a link. */
const teamsText = (text, look = {}) => ({
  type: "TextBlock",
  text: text.replaceAll("](", "] (").replace(/<(?=\S)/g, "< "),
  wrap: true,
  ...look,
});

/** Joins as many whole lines as fit, with `end` after them: a cut alert still leads to its run. */
function fit(limit, [first = "", ...lines], end = "") {
  const tail = end === "" ? "" : `\n${end}`;
  let text = first.slice(0, limit - tail.length);
  for (const line of lines) {
    if (text.length + 1 + line.length + tail.length > limit) break;
    text += `\n${line}`;
  }
  return text + tail;
}

/** Characters of a Slack text object; a longer one is refused. */
const SLACK_LIMIT = 3_000;

/** Characters of Discord's `content`; a longer one is refused. */
const DISCORD_LIMIT = 2_000;

/** Characters of a post on a Mattermost whose database is old; a newer one takes 16,383, which nobody reads. */
const MATTERMOST_LIMIT = 4_000;

/**
 * Sources: Slack "Sending messages using incoming webhooks", "Text object" and "Formatting message text"; Discord "Execute Webhook"
 * and "Allowed Mentions"; Microsoft "Create incoming webhooks with Workflows", which take adaptive cards only, and the Adaptive
 * Cards schema (a card may have 28 kB, which is far away); Mattermost "Incoming webhooks".
 */
const FORMATS = {
  slack: {
    hosts: /(^|\.)(slack|slack-gov)\.com$/,
    body: ({ headline, lines, run_url }) => {
      const link = run_url && slackLink(run_url);
      const body = lines.length > 0 ? [slackSection(fit(SLACK_LIMIT, lines.map(slackText)))] : [];
      return {
        // What notifications show, and servers that take Slack's messages without its blocks.
        text: fit(SLACK_LIMIT, [headline, ...lines].map(slackText), link),
        blocks: [slackSection(`*${slackText(headline)}*`), ...body, ...(link ? [slackSection(link)] : [])],
        unfurl_links: false,
        unfurl_media: false,
      };
    },
  },
  discord: {
    hosts: /(^|\.)discord(app)?\.com$/,
    body: ({ headline, lines, run_url }) => ({
      content: fit(
        DISCORD_LIMIT,
        [`**${discordText(headline)}**`, ...lines.map(discordText)],
        run_url && `<${run_url}>`,
      ),
      allowed_mentions: { parse: [] },
    }),
  },
  teams: {
    hosts:
      /(^|\.)(logic\.azure\.(com|us|cn)|api\.powerplatform\.com|powerplatform\.microsoft\.us|powerautomate\.com|webhook\.office\.com)$/,
    body: ({ headline, lines, run_url }) => ({
      type: "message",
      attachments: [
        {
          contentType: "application/vnd.microsoft.card.adaptive",
          contentUrl: null,
          content: {
            $schema: "http://adaptivecards.io/schemas/adaptive-card.json",
            type: "AdaptiveCard",
            version: "1.4",
            body: [
              teamsText(headline, { weight: "Bolder", size: "Medium" }),
              ...lines.map((line) => teamsText(line, { spacing: "Small" })),
            ],
            actions: run_url ? [{ type: "Action.OpenUrl", title: "Open the run", url: run_url }] : [],
          },
        },
      ],
    }),
  },
  mattermost: {
    hosts: /(^|\.)mattermost\./,
    body: ({ headline, lines, run_url }) => ({
      text: fit(
        MATTERMOST_LIMIT,
        [`**${mattermostText(headline)}**\n`, ...lines.map(mattermostText)],
        run_url && `[Open the run](${run_url})`,
      ),
    }),
  },
  json: { hosts: null, body: (alert) => alert },
};

/** The service that a host belongs to; null for one that nobody knows. */
function serviceAt(host) {
  const known = Object.entries(FORMATS).find(([, { hosts }]) => hosts?.test(host.toLowerCase()));
  return known?.[0] ?? null;
}

/** The service whose body a webhook gets: the chosen one, else by its host, else plain JSON. */
const serviceOf = (format, host) => (format === "auto" ? (serviceAt(host) ?? "json") : format);

/** The body of an alert for a service, as JSON. */
const webhookBody = (service, alert) => FORMATS[service].body(alert);

/** Posting an alert to incoming webhooks. Their addresses are credentials: only the host is ever named, see {@link nameOf}. */
/** Milliseconds for one attempt, from the connection to the end of the answer. */
const TIMEOUT_MS = 10_000;

/** Attempts per target and tick. An alert that no target took is tried again with the next tick. */
const ATTEMPTS = 2;

/** Milliseconds before another attempt where the target names none. */
const PAUSE_MS = 1_000;

/** Milliseconds for attempts and pauses together: far below the time-out of the flow's step, which also asks Windmill. */
const BUDGET_MS = 25_000;

/** Milliseconds below which another attempt is not worth while. */
const SHORTEST_ATTEMPT_MS = 1_000;

/** Webhooks in one variable. */
const LIMIT = 5;

const PATIENCE = {
  timeoutMs: TIMEOUT_MS,
  now: () => performance.now(),
  pause: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
};

/** Posts an alert to every address that the secret holds, one per line, side by side. It never throws. */
async function postAlert(addresses, format, alert, patience = PATIENCE) {
  const lines = [...new Set(addresses.unwrap().split(/\s+/).filter(Boolean))];
  const told = await Promise.all(lines.slice(0, LIMIT).map((line) => postTo(line, format, alert, patience)));
  if (lines.length <= LIMIT) return told;
  const problem = `the variable holds ${lines.length} addresses, of which the first ${LIMIT} are told. Use one script for the rest.`;
  return [...told, { target: "further webhooks", delivered: false, problem }];
}

async function postTo(address, format, alert, patience) {
  const url = parseUrl(address);
  if (!url || !/^https?:$/.test(url.protocol)) {
    const problem = "the variable does not hold a web address. Store the webhook's whole address in it, with https://.";
    return { target: "webhook", delivered: false, problem };
  }
  const service = serviceOf(format, url.hostname);
  const target = `webhook at ${nameOf(url)} (${service})`;
  const body = JSON.stringify(webhookBody(service, alert));
  const deadline = patience.now() + BUDGET_MS;
  for (let attempt = 1; ; attempt++) {
    const timeoutMs = Math.min(patience.timeoutMs, deadline - patience.now());
    const { problem, retryAfterMs } = await post(url, body, timeoutMs);
    const outcome = { target, delivered: problem === "", problem };
    if (outcome.delivered || retryAfterMs === null || attempt === ATTEMPTS) return outcome;
    if (patience.now() + retryAfterMs + SHORTEST_ATTEMPT_MS > deadline) {
      const wait = `It asks to wait ${Math.ceil(retryAfterMs / 1000)} s, longer than a run has.`;
      return { ...outcome, problem: `${problem} ${wait}` };
    }
    await patience.pause(retryAfterMs);
  }
}

const TAKEN = { problem: "", retryAfterMs: null };

async function post(url, body, timeoutMs) {
  const signal = AbortSignal.timeout(timeoutMs);
  try {
    const response = await fetch(url, {
      method: "POST",
      redirect: "manual",
      signal,
      headers: { "content-type": "application/json" },
      body,
    });
    if (response.ok) {
      response.body?.cancel().catch(() => undefined);
      return TAKEN;
    }
    // What a status means is known without the words that come with it, which may never come.
    const said = await beginning(response).catch(() => "");
    return judge(response, excerpt(said, { secrets: secretsOf(url) }));
  } catch {
    // The error's own text may repeat the address.
    return signal.aborted
      ? {
          problem: `did not answer within ${Math.round(timeoutMs / 10) / 100} s. Is the service up?`,
          retryAfterMs: null,
        }
      : {
          problem: "cannot be reached from the worker. Check the address and the worker's way out.",
          retryAfterMs: PAUSE_MS,
        };
  }
}

/** What an answer that is not a success means. */
function judge({ status, headers }, said) {
  const answered = `answered ${status}${said ? ` "${said}"` : ""}`;
  if (status >= 300 && status < 400) {
    const to = parseUrl(headers.get("location") ?? "");
    const problem = `redirects${to ? ` to ${nameOf(to)}` : ""} (${status}). An alert does not follow: store the webhook's own address.`;
    return { problem, retryAfterMs: null };
  }
  const wait = retryAfter(headers.get("retry-after"));
  if (status === 429) return { problem: `${answered}: too many messages.`, retryAfterMs: wait };
  if (status >= 500) return { problem: `${answered}.`, retryAfterMs: wait };
  return { problem: `${answered}. Is the address still valid, and is it for this format?`, retryAfterMs: null };
}

/** Milliseconds that a `Retry-After` asks for: seconds or a date (RFC 9110, 10.2.3). */
function retryAfter(header) {
  if (header === null) return PAUSE_MS;
  const ms = /^\d+(\.\d+)?$/.test(header) ? Number(header) * 1000 : Date.parse(header) - Date.now();
  return Number.isNaN(ms) ? PAUSE_MS : Math.max(0, ms);
}

/** The first part of an answer; the rest is not wanted. */
async function beginning(response) {
  const reader = response.body?.getReader();
  if (!reader) return "";
  const { value } = await reader.read();
  reader.cancel().catch(() => undefined);
  return new TextDecoder().decode(value);
}

function parseUrl(text) {
  try {
    return new URL(text);
  } catch {
    return null;
  }
}

/** What a webhook is called: the host, as far as it is no credential itself. Some services put one into its first part. */
function nameOf({ host, hostname }) {
  const labels = host.split(".");
  const open = serviceAt(hostname) !== null || labels.length < 3 || /^[\d.]+$|^\[/.test(hostname);
  return open ? host : `….${labels.slice(-2).join(".")}`;
}

/** What of an address must not be repeated: it, its path and query, and each part of them. */
const secretsOf = ({ href, host, pathname, search, username, password }) => [
  href,
  username,
  password,
  `${pathname}${search}`,
  ...pathname.split("/"),
  ...new URLSearchParams(search).values(),
  ...host.split(".").slice(0, -2),
];

/** Telling people, whoever is to be told. */
/** Tells every target, side by side. It never throws: an alert that cannot be delivered must not fail the tick. */
async function deliver(windmill, targets, alert) {
  const told = await Promise.all([tellWebhooks(windmill, targets, alert), tellRunnable(windmill, targets, alert)]);
  return told.flat();
}

async function tellWebhooks(windmill, { alert_webhook_path: path, webhook_format }, alert) {
  if (path === "") return [];
  try {
    const told = await postAlert((await readSecret(windmill, path)).secret, webhook_format ?? "auto", alert);
    return told.length > 0 ? told : [untold(path, "the variable is empty. Store the webhook's address in it.")];
  } catch (error) {
    return [untold(path, wordsOf$1(error))];
  }
}

/**
 * Starts the script or flow with `{ alert }` and does not wait for its end: on an instance with one worker it cannot begin before
 * this job is over. Whether it did its work shows in its own run.
 */
async function tellRunnable(windmill, { alert_runnable }, alert) {
  const runnable = readRunnable(alert_runnable);
  if (!runnable) return [];
  const target = `${runnable.kind} ${runnable.path}`;
  try {
    // Windmill would resolve a text of the gateway that begins with `$var:` in the arguments of the run.
    await startRunnable(windmill, runnable, { alert: inert(alert) });
    return [{ target, delivered: true, problem: "" }];
  } catch (error) {
    return [untold(target, `could not be started. ${wordsOf$1(error)}`)];
  }
}

const untold = (target, problem) => ({ target, delivered: false, problem });

const wordsOf$1 = (error) => (error instanceof Error ? error.message : String(error));

/** Runs of the workspace: one function per call, each answer parsed at this border. */
/** A run, as far as this product looks at it. */
const JobInfo = z.looseObject({ type: z.string().optional(), success: z.boolean().optional() });

/** How far a run is; null when there is none that the caller may see. */
async function findJob(windmill, id) {
  const job = await orNull(
    windmill.call(
      `Looking at the job ${id}`,
      () => JobService.getJob({ workspace: windmill.workspace, id, noLogs: true }),
      JobInfo,
    ),
  );
  return job && { over: job.type === "CompletedJob", succeeded: job.type === "CompletedJob" && job.success === true };
}

/** Resources, resource types and states: one function per call, each answer parsed at this border. */
/** A resource with its raw value: `$var:` references are not resolved. */
z.looseObject({
  path: z.string(),
  value: z.unknown(),
  resource_type: z.string(),
  description: z.string().nullish(),
});

/** Creates a resource; fails when the path is taken, atomically. */
const createResource = (windmill, resource) =>
  windmill.call(
    `Creating the resource ${resource.path}`,
    () => ResourceService.createResource({ workspace: windmill.workspace, requestBody: resource }),
    z.unknown(),
  );

/** The resource type under which Windmill keeps states: no history, not exported by `wmill sync`. */
const STATE_TYPE = "state";

/** Reads a state kept at a path; null when there is none yet. */
const readState = (windmill, path) =>
  orNull(
    windmill.call(
      `Reading the state ${path}`,
      () => ResourceService.getResourceValue({ workspace: windmill.workspace, path }),
      z.unknown(),
    ),
  );

/** Makes a state at a path; fails when the path is taken, atomically. */
const createState = (windmill, path, value) => createResource(windmill, { path, value, resource_type: STATE_TYPE });

/** Deletes a state whose value references no variable; {@link deleteResourceOnly} is for every other one. */
const deleteState = (windmill, path) =>
  windmill.call(
    `Deleting the state ${path}`,
    () => ResourceService.deleteResource({ workspace: windmill.workspace, path }),
    z.unknown(),
  );

/** Writes a state at a path, creating it when needed. */
const writeState = (windmill, path, value) =>
  windmill.call(
    `Writing the state ${path}`,
    () =>
      ResourceService.createResource({
        workspace: windmill.workspace,
        updateIfExists: true,
        requestBody: { path, value, resource_type: STATE_TYPE },
      }),
    z.unknown(),
  );

/** Held by a job that changes the connection. Most changes are over in a few seconds; none of our scripts runs for longer. */
const CHANGE = {
  path: `${FOLDER}/change_lock`,
  doing: "is changing the connection",
  patience_ms: 60_000,
  poll_ms: 2_000,
  lifetime_ms: 20 * 60_000,
};

/** Held for the milliseconds in which a tick is taken into the memory: four calls of Windmill's API, 15 s each at worst. */
const MEMORY = {
  path: HEALTH_LOCK,
  doing: "is writing the memory of the health flow",
  patience_ms: 120_000,
  poll_ms: 200,
  lifetime_ms: 90_000,
};

/** Held while a lock of a dead job is replaced, so that of two jobs that find it only one removes it. */
const takeover = ({ path }) => `${path}_takeover`;

const Holder = z.object({
  job: z.string(),
  by: z.string(),
  command: z.string(),
  /** ISO 8601. */
  since: z.string(),
});

/** Another job holds the lock. */
class LockedError extends Error {
  name = "LockedError";
  constructor(holder, { doing }) {
    super(
      `${holder.command} ${doing} (run by ${holder.by} since ${holder.since}, job ${holder.job}). Nothing was changed. Wait for it to end, or cancel that job, and run this again.`,
    );
  }
}

/**
 * Runs `work` while nobody else holds the lock: that of changes unless told otherwise.
 *
 * @throws LockedError when another job holds it for longer than one waits.
 */
async function withLock(windmill, command, progress, work, lock = CHANGE) {
  const me = { job: windmill.jobId, by: windmill.permissionedAs, command, since: new Date().toISOString() };
  await acquire(windmill, lock, me);
  try {
    return await work();
  } finally {
    // A lock that cannot be released is that of a dead job soon, and taken over.
    await release(windmill, lock.path, me).catch(() => undefined);
  }
}

async function acquire(windmill, lock, me, progress) {
  const until = performance.now() + lock.patience_ms;
  for (;;) {
    if (await create(windmill, lock.path, me)) return;
    const holder = await holderOf(windmill, lock.path);
    if (holder === null) continue;
    if (await isDead(windmill, lock, holder)) await evict(windmill, lock, holder, me);
    else if (performance.now() > until) throw new LockedError(holder, lock);
    else {
      await sleep(lock.poll_ms);
    }
  }
}

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Makes the resource; false when it is there already. */
async function create(windmill, path, me) {
  try {
    await createState(windmill, path, me);
    return true;
  } catch (error) {
    if (error instanceof WindmillError && error.status === 400 && error.said.includes("already exists")) return false;
    // The answer may have got lost on the way back.
    if ((await holderOf(windmill, path).catch(() => null))?.job === me.job) return true;
    throw error;
  }
}

/** Who holds a lock; null when nobody does. One that cannot be read belongs to nobody alive. */
async function holderOf(windmill, path) {
  const value = await readState(windmill, path);
  if (value === null) return null;
  const parsed = Holder.safeParse(value);
  return parsed.success
    ? parsed.data
    : { job: "", by: "somebody", command: "another version", since: "1970-01-01T00:00:00Z" };
}

async function isDead(windmill, { lifetime_ms }, holder) {
  if (Date.now() - Date.parse(holder.since) > lifetime_ms || holder.job === "") return true;
  const job = await findJob(windmill, holder.job);
  return job === null || job.over;
}

/** Removes the lock of a dead job, unless somebody else is about to, or has done it. */
async function evict(windmill, lock, dead, me) {
  if (!(await create(windmill, takeover(lock), me))) {
    const rival = await holderOf(windmill, takeover(lock));
    if (rival !== null && (await isDead(windmill, lock, rival))) await release(windmill, takeover(lock), rival);
    await sleep(lock.poll_ms);
    return;
  }
  try {
    await release(windmill, lock.path, dead);
  } finally {
    await release(windmill, takeover(lock), me);
  }
}

/** Removes a lock if it is still that holder's. */
async function release(windmill, path, holder) {
  const current = await holderOf(windmill, path);
  if (current?.job === holder.job && current.since === holder.since) await deleteState(windmill, path);
}

/** For jobs whose progress nobody watches. */
const SILENT = {};

/** Plain JSON documents: comparing them, and finding where they differ. */
/** A JSON object as a record; anything else as an empty one. */
const asRecord = (value) => (typeof value === "object" && value !== null && !Array.isArray(value) ? value : {});

/**
 * What the health flow remembers from tick to tick, at {@link file://./paths.ts} HEALTH_STATE: the status that people go by, the
 * streaks that decide when it changes, the last picture of the connection, and the incidents. Times are ISO 8601. It holds no
 * secret: findings and facts are redacted where they are made.
 */
const STATE_VERSION = 2;

/** Bounds that keep the state small whatever happens: about 60 kB at worst, a few kB as a rule. */
const LIMITS = {
  incidents: 50,
  models: 60,
  incident_findings: 20,
  causes: 12,
};

/** ISO 8601 in UTC, as `toISOString` writes it. */
const Time = z.iso.datetime();

/** What makes the status what it is: the first finding of the severity that counts. */
const Cause = z.object({ status: Status, code: z.string(), title: z.string() });

/** What people were told of an incident. */
const Told = z.object({
  /** When the last alert was taken; null before the first. */
  at: Time.nullable(),
  opening: z.boolean(),
  recovery: z.boolean(),
  /** `status/code` of the causes that were told, so that a cause that comes and goes is told once. */
  causes: z.array(z.string()),
});

/** A time in which the status was not `healthy`. */
const Incident = z.object({
  /** Its start as `20261124T100000Z`. */
  id: z.string(),
  /** The first bad tick. */
  start: Time,
  /** The tick at which it counted: after `failures_before_alert` bad ones, or at once. */
  opened: Time,
  /** The first good tick of those that ended it; null while it lasts. */
  end: Time.nullable(),
  /** The status before it; null when it was there from the start. */
  before: Status.nullable(),
  /** The worst status in it: down > degraded > unknown. */
  worst: Status,
  /** What it began with. */
  cause: Cause,
  /** What it is now, or was at its end, and since when. */
  current: Cause.extend({ since: Time }),
  /** Findings that came and went: when each was seen first and last. */
  findings: z.array(z.object({ code: z.string(), title: z.string(), severity: Severity, first: Time, last: Time })),
  told: Told,
});

/** The last result of one depth. */
const DepthResult = z.object({
  at: Time,
  /** Tokens that the check used which gave it. */
  tokens: z.number().int(),
  /** What this depth sees and no shallower one does: it stands until it is measured again. */
  findings: z.array(Finding),
  /** Since when it has been finding something worse than information; null when it does not. */
  failing_since: Time.nullable(),
});

/** Consecutive ticks of a kind. A blind tick (`unknown`) neither ends nor lengthens the other two. */
const Run = z.object({ count: z.number().int(), since: Time });

const Streaks = z.object({
  good: Run.nullable(),
  bad: Run.nullable(),
  blind: Run.nullable(),
  /** How often the same cause was the reason without a break. */
  cause: Run.extend({ key: z.string() }).nullable(),
});

/** The last tick. */
const LastTick = z.object({
  at: Time,
  /** What it measured, which is not yet the status that people go by. */
  status: Status,
  depth: Depth,
  /** Of settings, resource and intent, see lib/depth.ts; "" when unknown. */
  fingerprint: z.string(),
  /** Where people see the run. */
  run_url: z.string(),
  connection: ConnectionFacts.nullable(),
  server_version: z.string(),
});

const HealthState = z.object({
  version: z.literal(STATE_VERSION),
  /** The status that people go by. */
  status: Status,
  /** When it began. */
  since: Time,
  /** Null when only the status is known, e.g. after an upgrade. */
  last: LastTick.nullable(),
  streaks: Streaks,
  results: z.object({
    free: DepthResult.nullable(),
    chat: DepthResult.nullable(),
    features: DepthResult.nullable(),
  }),
  /** The last answers per model and per feature, whichever tick asked for them. */
  models: z.array(ModelRow),
  features: z.array(FeatureRow),
  /** Features as they were tried last while models answered: they are that again when models answer again. */
  features_tried: z.array(FeatureRow),
  /** Models that answered when they were asked last although the gateway did not list them. */
  unlisted: z.array(z.string()),
  /** The open incident. */
  incident: Incident.nullable(),
  /** The closed ones, newest first, at most {@link LIMITS}. */
  incidents: z.array(Incident),
  /** Who is telling people right now: `what` is told by nobody else until it is over. */
  claim: z.object({ what: z.string(), at: Time }).nullable(),
});

/** A state in which only the status is known. */
const newState = (status, since) => ({
  version: STATE_VERSION,
  status,
  since,
  last: null,
  streaks: { good: null, bad: null, blind: null, cause: null },
  results: { free: null, chat: null, features: null },
  models: [],
  features: [],
  features_tried: [],
  unlisted: [],
  incident: null,
  incidents: [],
  claim: null,
});

/** Characters of a state as JSON; {@link LIMITS} keep it far below. */
const SIZE_LIMIT = 262_144;

/**
 * Reads a stored state; null when there is none, or nothing of it can be used.
 *
 * @param at ISO 8601; the present, for what has lost its time.
 */
function readHealthState(stored, at) {
  if (stored === null || stored === undefined) return { value: null, repairs: [] };
  const size = JSON.stringify(stored).length;
  const whole = HealthState.safeParse(stored);
  if (whole.success && size <= SIZE_LIMIT) return { value: bounded(whole.data), repairs: [] };
  const first = FirstVersion.safeParse(stored);
  if (first.success) {
    return { value: migrate(first.data), repairs: ["The memory was that of an older version; it was taken over."] };
  }
  return repair(asRecord(stored), size, at);
}

/** The state up to version 1. */
const FirstVersion = z.object({
  version: z.literal(1),
  status: Status,
  since: z.iso.datetime(),
  announced: Status.nullable(),
  checked_at: z.iso.datetime(),
});

function migrate({ status, since, announced, checked_at }) {
  const state = newState(status, since);
  const cause = { status, code: "", title: "Found by an older version" };
  const known = announced !== null && announced !== "healthy";
  const incident = {
    id: incidentId(since),
    start: since,
    opened: since,
    end: status === "healthy" ? since : null,
    before: null,
    worst: known ? announced : status,
    cause,
    current: { ...cause, since },
    findings: [],
    told: { at: checked_at, opening: true, recovery: false, causes: [`${announced}/`] },
  };
  if (!known) return state;
  return status === "healthy" ? { ...state, incidents: [incident] } : { ...state, incident };
}

/** An incident's id from its start. */
const incidentId = (start) => `${start.slice(0, 19).replace(/[-:]/g, "")}Z`;

/** Keeps what can be read, field by field. */
function repair(stored, size, at) {
  const status = Status.safeParse(stored.status);
  if (!status.success) return { value: null, repairs: ["The memory could not be read; it begins anew."] };
  const since = HealthState.shape.since.safeParse(stored.since);
  const fresh = newState(status.data, since.success ? since.data : at);
  const lost = [];
  const fields = Object.entries(HealthState.shape).map(([key, schema]) => {
    const kept = schema.safeParse(stored[key]);
    if (kept.success) return [key, kept.data];
    if (key === "version") return [key, STATE_VERSION];
    lost.push(key);
    const list = key === "incidents" && Array.isArray(stored[key]) ? stored[key] : [];
    return [key, key === "incidents" ? readable(Incident, list) : fresh[key]];
  });
  const value = bounded({ ...fresh, ...Object.fromEntries(fields) });
  const repairs = [
    ...(stored.version === STATE_VERSION ? [] : ["The memory was written by another version."]),
    ...(lost.length > 0 ? [`The memory was damaged and lost: ${lost.join(", ")}.`] : []),
    ...(size > SIZE_LIMIT ? [`The memory was too big (${Math.round(size / 1024)} kB) and was cut.`] : []),
  ];
  // Too big in spite of the limits: something in it is not what it should be.
  return JSON.stringify(value).length > SIZE_LIMIT ? { value: fresh, repairs } : { value, repairs };
}

/** The items of a list that can be read. */
function readable(schema, list) {
  return list
    .flatMap((one) => {
      const parsed = schema.safeParse(one);
      return parsed.success ? [{ item: parsed.data }] : [];
    })
    .map(({ item }) => item);
}

/** Cuts every list to its limit. */
function bounded(state) {
  return {
    ...state,
    models: state.models.slice(0, LIMITS.models),
    unlisted: state.unlisted.slice(0, LIMITS.models),
    incident: state.incident && boundedIncident(state.incident),
    incidents: state.incidents.slice(0, LIMITS.incidents).map(boundedIncident),
  };
}

const boundedIncident = (incident) => ({
  ...incident,
  findings: incident.findings.slice(0, LIMITS.incident_findings),
});

/** Changes the stored state, if there is one. */
const changeState = (windmill, change) =>
  alone(windmill, async () => {
    const { value } = readHealthState(await readState(windmill, HEALTH_STATE), new Date().toISOString());
    if (value) await writeState(windmill, HEALTH_STATE, change(value));
  });

/** Windmill cannot change a state only if it is as it was read, so that two ticks at once would lose one of them. */
function alone(windmill, work) {
  return withLock(windmill, "f/codex_pooler/health", SILENT, work, MEMORY);
}

/**
 * The state after somebody has tried to tell people.
 *
 * @param taken whether any target took it; else it stays due.
 */
function afterTelling(state, news, taken) {
  const free = { ...state, claim: null };
  if (!taken) return free;
  const told = (one) => (one.id === news.incident ? { ...one, told: toldOf(one, news) } : one);
  return { ...free, incident: free.incident && told(free.incident), incidents: free.incidents.map(told) };
}

function toldOf({ told }, { kind, at, status, code }) {
  if (kind === "recovery") return { ...told, recovery: true };
  const key = `${status}/${code}`;
  const causes = told.causes.includes(key) ? told.causes : [...told.causes, key];
  return { ...told, at, opening: true, causes: causes.slice(0, LIMITS.causes) };
}

/** The walk of `notify`. Nothing in it makes a tick fail. */
/** Tells what is due and notes in the memory that it was told; null when nothing is. */
async function tellPeople(windmill, { telling: { news, announce }, findings }, inputs) {
  if (!announce || news === null) return null;
  const targets = await tell(windmill, composeAlert(news, findings, placeOf(windmill)), inputs);
  for (const { target, delivered, problem } of targets) console.log(`${target}: ${delivered ? "told" : problem}`);
  const delivered = targets.some((one) => one.delivered);
  try {
    await changeState(windmill, (state) => afterTelling(state, news, delivered));
    return { delivered, targets };
  } catch (error) {
    const problem = `It could not be noted that people were told, so they may be told again. ${wordsOf(error)}`;
    return { delivered, targets: [...targets, { target: "memory", delivered: false, problem }] };
  }
}

const placeOf = ({ workspace, runUrl }) => ({ workspace, run_url: runUrl });

/** Inputs that cannot be used are a target that was not told: the schedule's owner reads it in the result. */
async function tell(windmill, alert, inputs) {
  try {
    return await deliver(windmill, parseInputs(AlertInput, inputs), alert);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return [{ target: "alerts", delivered: false, problem: error.message }];
  }
}

const wordsOf = (error) => (error instanceof Error ? error.message : String(error));

/** Signs of a timeline's cells. */
const CELL_SIGNS = { healthy: "h", degraded: "g", down: "d", unknown: "u" };

/** What the memory and the history add up to, for the flow's result and for the dashboard. Pure. */
const Percentiles = z.object({ p50: z.number(), p95: z.number(), count: z.number().int() });

/** A schema for each range. */
function byRange(one) {
  return z.object({ h24: one, d7: one, d30: one });
}

const IncidentView = z.object({
  id: z.string(),
  start: Time,
  /** Null while it lasts. */
  end: Time.nullable(),
  /** Seconds, until now while it lasts. */
  duration_s: z.number().int(),
  worst: Status,
  /** What it began with, and what it is or was last. */
  cause: Cause,
  current: Cause,
  findings: z.array(z.object({ code: z.string(), title: z.string(), severity: Severity, first: Time, last: Time })),
  /** Whether any target took an alert of it. */
  told: z.boolean(),
});

const ResultAge = z.object({ at: Time, age_s: z.number().int(), tokens: z.number().int(), ok: z.boolean() });

const HealthView = z.object({
  /** The status that people go by, and when it began. */
  status: Status,
  since: Time,
  /** What the last tick measured, and when; null before the first. */
  measured: Status.nullable(),
  checked_at: Time.nullable(),
  incident: IncidentView.nullable(),
  /** The last closed ones, newest first. */
  incidents: z.array(IncidentView),
  uptime: byRange(
    z.object({
      percent: z.number().nullable(),
      measured_hours: z.number().int(),
      unknown_hours: z.number().int(),
      silent_hours: z.number().int(),
    }),
  ),
  /** Answer times over the server route, in ms. */
  latency: z.array(z.object({ model: z.string(), ...byRange(Percentiles.nullable()).shape })),
  /** How old the last result of each depth is. */
  results: z.object({ free: ResultAge.nullable(), chat: ResultAge.nullable(), features: ResultAge.nullable() }),
  tokens_per_day: z.array(z.object({ day: z.string(), tokens: z.number().int() })),
  timeline: byRange(z.object({ from: Time, cell_s: z.number(), cells: z.string() })),
  /** Answer times of all models over 7 days. */
  latency_timeline: z.object({ from: Time, cell_s: z.number(), cells: z.array(Percentiles.nullable()) }),
  /** Null when the schedule is off, or when only Windmill can tell. */
  next_check: Time.nullable(),
});

/** What the health flow returns: the picture that its checks of all depths add up to, with the memory's and the history's view. */
const HealthReport = CheckReport.extend({
  /** One line: the status and for how long. */
  now: z.string(),
  /** The status that people go by, which changes after several checks in a row. */
  status: Status,
  /** When it began; ISO 8601. */
  since: z.string(),
  /** What this check measured, together with what deeper ones found before. */
  measured: Status,
  /** Findings that an earlier, deeper check made and that stand until it is repeated. */
  standing: z.array(z.object({ code: z.string(), depth: Depth, at: z.string() })),
  /** What people should know about the memory, in sentences. */
  notes: z.array(z.string()),
  health: HealthView,
  /** Bytes of the stored memory and history. */
  kept_bytes: z.object({ state: z.number().int(), history: z.number().int() }),
  /** What there is to tell people, whether this run tells them, and whether it fails on purpose. */
  telling: z.object({
    news: z
      .object({
        kind: z.enum(["opening", "cause", "reminder", "recovery"]),
        incident: z.string(),
        code: z.string(),
        status: Status,
        previous: Status.nullable(),
        since: z.string(),
        at: z.string(),
      })
      .nullable(),
    announce: z.boolean(),
    fail: z.boolean(),
    /** Whether the flow's last step has anything to do. */
    needed: z.boolean(),
  }),
  /** Who took the alert; only where one was due. */
  alert: AlertOutcome.optional(),
  /** The same in a few lines; Windmill stores short keys first, so that a terminal shows this one last. */
  what_to_know_and_do: z.array(z.string()),
});

/** The message of a run that fails on purpose: cause and remedy come first, as nothing else of the report is shown. */
function failureMessage({ now, findings }) {
  const telling = findings.filter(({ severity }) => severity !== "info");
  return [
    now,
    ...telling
      .slice(0, 3)
      .flatMap(({ title, cause, owner, remedy }) => [
        `${title}: ${cause}`,
        ...remedy.map((step, index) => `  ${index + 1}. ${step.split("\n").join("\n     ")}`),
        `  (to be done by: ${OWNERS[owner]})`,
      ]),
    "The run fails because fail_job_when says so. The report is the result of the step remember.",
  ].join("\n");
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
const html = (strings, ...parts) => new Html(strings.map((string, index) => string + render(parts[index])).join(""));

function render(part) {
  if (part === null || part === undefined) return "";
  if (part instanceof Html) return part.text;
  if (typeof part === "string" || typeof part === "number") return escapeHtml(String(part));
  return part.map(render).join("");
}

const CELL = "padding:4px 12px 4px 0;border-bottom:1px solid #8884;text-align:left;vertical-align:top";

/** A table; Windmill's Markdown has none, and its own object table sorts columns by itself. */
const table = (head, rows) =>
  rows.length === 0
    ? html``
    : html`<div style="overflow-x:auto"><table style="width:100%;border-collapse:collapse;margin:8px 0;font-size:inherit"><thead><tr>${head.map((title) => html`<th style="${CELL};font-weight:600">${title}</th>`)}</tr></thead><tbody>${rows.map((row) => html`<tr>${row.map((cell) => html`<td style="${CELL}">${cell}</td>`)}</tr>`)}</tbody></table></div>`;

/** A sentence in which `code` between backticks is set as such. */
const prose = (text) =>
  html`${text.split(/`([^`]{1,400})`/).map((part, index) => (index % 2 === 1 ? html`<code>${part}</code>` : part))}`;

/** Steps in order; a step with line breaks has its lines after the first shown as code to copy. */
const steps = (texts) =>
  html`<ol style="margin:4px 0 4px 20px;list-style:decimal">${texts.map((text) => {
    const [first, ...code] = text.split("\n");
    return html`<li style="margin:2px 0">${prose(first ?? "")}${
      code.length > 0
        ? html`<pre style="background:#8882;padding:8px;border-radius:4px;overflow-x:auto">${code.join("\n")}</pre>`
        : null
    }</li>`;
  })}</ol>`;

/** The frame of every result: the toggle "Pretty | JSON" sits tight above it. */
const page = (...parts) => html`<div style="font-size:14px;line-height:1.5;margin-top:12px">${parts}</div>`.text;

/** The statuses of the last day, week and month, and the answer times of the week, as one small inline SVG. */
const WIDTH = 720;

const LEFT = 64;

const BAR = 16;

const ROW = 28;

const CHART = 64;

const COLOUR = {
  healthy: COLOURS.good,
  degraded: COLOURS.warn,
  down: COLOURS.bad,
  unknown: COLOURS.none,
};

const STATUS_OF = new Map(Object.entries(CELL_SIGNS).map(([status, sign]) => [sign, status]));

/** Draws them. Every part has a tool tip; text has the theme's colour. */
function healthPicture(health) {
  const rows = ["h24", "d7", "d30"].map((range, index) => strip(health.timeline[range], LABELS[range], index * ROW));
  const height = rows.length * ROW + CHART + 20;
  return html`<svg viewBox="0 0 ${WIDTH} ${height}" style="width:100%;max-width:960px;display:block" role="img" aria-label="Statuses and answer times" font-size="11" fill="currentColor">${rows}${chart(health.latency_timeline, rows.length * ROW + 8)}</svg>`;
}

const LABELS = { h24: "24 hours", d7: "7 days", d30: "30 days" };

const stamp = (ms) => new Date(ms).toISOString().slice(0, 16).replace("T", " ");

/** Neighbouring cells of one status become one bar. */
function strip({ from, cell_s, cells }, label, y) {
  const start = Date.parse(from);
  const step = (WIDTH - LEFT) / Math.max(1, cells.length);
  const runs = [...cells.matchAll(/(.)\1*/g)].map(({ 0: run, index }) => {
    const status = STATUS_OF.get(run.charAt(0));
    const end = start + (index + run.length) * cell_s * 1000;
    const words = `${stamp(start + index * cell_s * 1000)} to ${stamp(end)} UTC: ${status ?? "no check"}`;
    const fill = status ? COLOUR[status] : "#8883";
    return html`<rect x="${fixed(LEFT + index * step)}" y="${y}" width="${fixed(run.length * step)}" height="${BAR}" fill="${fill}"><title>${words}</title></rect>`;
  });
  return html`<text x="0" y="${y + 12}">${label}</text>${runs}`;
}

const fixed = (value) => Math.round(value * 10) / 10;

/** Per cell a translucent bar up to p95, and a solid mark at p50. */
function chart({ from, cell_s, cells }, top) {
  const highest = Math.max(0, ...cells.map((cell) => cell?.p95 ?? 0));
  const label = html`<text x="0" y="${top + 10}">answers</text><text x="0" y="${top + 24}">7 days</text>`;
  if (highest === 0) return html`${label}<text x="${LEFT}" y="${top + 10}" opacity=".6">no model was asked</text>`;
  const step = (WIDTH - LEFT) / cells.length;
  const base = top + CHART;
  const length = (ms) => fixed(Math.max(1, (ms / highest) * CHART));
  const place = (index) => fixed(LEFT + index * step);
  const bars = cells.map((cell, index) => {
    if (cell === null) return null;
    const words = `${stamp(Date.parse(from) + index * cell_s * 1000)} UTC: half of ${cell.count} within ${cell.p50} ms, 95 % within ${cell.p95} ms`;
    const height = length(cell.p95);
    return html`<rect x="${place(index)}" y="${fixed(base - height)}" width="${fixed(step - 1)}" height="${height}"><title>${words}</title></rect>`;
  });
  const marks = cells.map((cell, index) =>
    cell === null ? "" : `M${place(index)} ${fixed(base - length(cell.p50))}h${fixed(step - 1)}`,
  );
  return html`${label}<text x="0" y="${base}" opacity=".7">max ${seconds(highest)}</text><line x1="${LEFT}" x2="${WIDTH}" y1="${base}" y2="${base}" stroke="#8886"></line><g fill="#3b82f6" fill-opacity=".35">${bars}</g><path d="${marks.join("")}" stroke="#3b82f6" stroke-width="2"></path>`;
}

const seconds = (ms) => (ms < 1000 ? `${ms} ms` : `${(ms / 1000).toFixed(1)} s`);

/** The page of a report: what is wrong and what to do first, the measurements below. */
const SEVERITY = {
  critical: { colour: COLOURS.bad, words: "people are affected" },
  warning: { colour: COLOURS.warn, words: "needs a look" },
  info: { colour: COLOURS.none, words: "for information" },
};

const toBeDone = (owner) =>
  owner === "wait" ? html`Nobody has to repair it. What helps:` : html`To be done by <b>${OWNERS[owner]}</b>:`;

const coloured = (colour, words) =>
  html`<span style="color:${colour};font-weight:600;white-space:nowrap">${words}</span>`;

const heading = (words) => html`<h3 style="font-size:15px;font-weight:600;margin:16px 0 4px">${words}</h3>`;

const folded = (title, content) =>
  html`<details style="margin:8px 0"><summary style="cursor:pointer">${title}</summary>${content}</details>`;

const code = (text) => html`<code>${text}</code>`;

/** Rows of a table that are shown; a result beyond about 90 kB is no longer shown at all by Windmill. */
const ROWS = 60;

const FEATURE = {
  works: { colour: COLOURS.good, words: "works" },
  "not-tested": { colour: COLOURS.none, words: "not tested" },
  broken: { colour: COLOURS.bad, words: "does not work" },
};

/** Opens by itself when something was tested: at depth chat there is nothing to see. */
function features(rows) {
  if (rows.length === 0) return html``;
  const content = table(
    ["Feature", "State", ""],
    rows.map((row) => [row.feature, coloured(FEATURE[row.state].colour, FEATURE[row.state].words), row.why]),
  );
  return rows.some(({ state }) => state !== "not-tested")
    ? html`${heading("Features")}${content}`
    : folded("Features (not tested at this depth)", content);
}

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

const title = (status, beside = null) =>
  html`<h2 style="font-size:18px;font-weight:600">${coloured(STATUS[status].colour, STATUS[status].words)}${beside}</h2>`;

const SIDE = {
  ok: { colour: COLOURS.good, words: "ok" },
  failed: { colour: COLOURS.bad, words: "failed" },
  "not-tested": { colour: COLOURS.none, words: "not tested" },
};

/** @param times more columns, in the order of `heads`, by model. */
function models(rows, heads = [], times = () => []) {
  if (rows.length === 0) return html``;
  const uses = (row) =>
    [row.is_default ? "default" : "", row.is_metadata ? "metadata" : "", row.configured ? "" : "not enabled"]
      .filter(Boolean)
      .join(", ");
  return html`${heading("Models")}${table(
    ["Model", "Use", "Served", "Server route", "Worker route", "Time", ...heads],
    rows
      .slice(0, ROWS)
      .map((row) => [
        code(row.id),
        uses(row),
        row.served === null ? "unknown" : row.served ? "yes" : coloured(COLOURS.bad, "no"),
        coloured(SIDE[row.server].colour, SIDE[row.server].words),
        coloured(SIDE[row.worker].colour, SIDE[row.worker].words),
        row.ms === null ? "" : `${row.ms} ms`,
        ...times(row.id),
      ]),
  )}${rows.length > ROWS ? html`<p>and ${rows.length - ROWS} more</p>` : null}`;
}

/** What the connection is made of, folded. */
function connection({ connection: facts, workspace }) {
  const { schedule } = facts;
  const content = table(
    ["", ""],
    [
      ["Workspace", workspace],
      ["AI settings", facts.settings === "none" ? "none" : `of the ${facts.settings}`],
      ["Gateway", facts.base_url ?? "not known"],
      ["Resource", facts.resource_path ?? "none"],
      ["Secret variable", facts.secret_path ?? "not known"],
      ["Default model", facts.default_model ?? "none"],
      ["Metadata model", facts.metadata_model ?? "none"],
      [
        "Schedule",
        schedule ? `${schedule.cron} ${schedule.timezone ?? ""}, ${schedule.enabled ? "on" : "off"}` : "none",
      ],
    ],
  );
  return folded("Connection", content);
}

function probes(rows) {
  if (rows.length === 0) return html``;
  return folded(
    `Probes (${rows.length})`,
    table(
      ["Probe", "Outcome", "Status", "Time", "Answer"],
      rows
        .slice(0, ROWS)
        .map((row) => [
          code(row.id),
          row.ok ? coloured(COLOURS.good, "ok") : coloured(COLOURS.bad, row.code ?? "failed"),
          row.status ?? "none",
          `${row.ms} ms`,
          row.excerpt,
        ]),
    ),
  );
}

/** The page of the health flow: the status and what to do first, then how it has been, then the measurements. */
function renderHealth(report) {
  const { health } = report;
  const latency = new Map(health.latency.map((one) => [one.model, one]));
  return page(
    title(report.status, html` <small style="opacity:.7;font-weight:400">since ${moment(report.since)}</small>`),
    [...report.notes, ...notTold(report)].map((note) => html`<p>${note}</p>`),
    report.findings.map((one) => [finding(one), standing(report, one.code)]),
    heading("How it has been"),
    uptimes(health),
    healthPicture(health),
    incidents(health),
    features(report.features),
    models(report.models, ["p50 / p95, 24 h", "30 d"], (model) => [
      pair(latency.get(model)?.h24),
      pair(latency.get(model)?.d30),
    ]),
    results(health),
    tokens(health),
    connection(report),
    probes(report.probes),
    html`<p style="opacity:.7">${footer(report)}</p>`,
  );
}

/** `2026-11-24 10:00 UTC`: Windmill shows results in no particular time zone, so say which it is. */
const moment = (at) => `${at.slice(0, 16).replace("T", " ")} UTC`;

const notTold = ({ alert }) =>
  (alert?.targets ?? [])
    .filter(({ delivered }) => !delivered)
    .map(({ target, problem }) => html`${coloured(COLOURS.warn, `Not told: ${target}`)} ${problem}`);

function standing({ standing: all, checked_at }, code) {
  const one = all.find((other) => other.code === code);
  if (!one) return null;
  const age = lasting(Math.max(0, (Date.parse(checked_at) - Date.parse(one.at)) / 1000));
  return html`<p style="opacity:.7;margin:-8px 0 12px 15px">Found ${age} ago by a check of depth ${one.depth}; it stands until that is repeated.</p>`;
}

const RANGE_WORDS = { h24: "24 hours", d7: "7 days", d30: "30 days" };

function uptimes({ uptime }) {
  const cell = (range) => {
    const { percent, measured_hours, unknown_hours } = uptime[range];
    const blind = unknown_hours > 0 ? `, ${unknown_hours} h unknown left out` : "";
    return html`<div><div style="font-size:18px;font-weight:600">${percent === null ? "–" : `${percent} %`}</div><div style="opacity:.7">served in ${RANGE_WORDS[range]}<br>${measured_hours} h measured${blind}</div></div>`;
  };
  return html`<div style="display:flex;flex-wrap:wrap;gap:8px 32px;margin:4px 0 8px">${cell("h24")}${cell("d7")}${cell("d30")}</div>`;
}

function incidents({ incident, incidents: closed }) {
  const rows = [...(incident ? [incident] : []), ...closed].map((one) => [
    moment(one.start),
    one.end === null ? coloured(STATUS[one.current.status].colour, "lasts") : moment(one.end),
    lasting(one.duration_s),
    coloured(STATUS[one.worst].colour, one.worst),
    causes(one),
  ]);
  return rows.length === 0
    ? html``
    : html`${heading("Incidents")}${table(["Began", "Ended", "Lasted", "At worst", "Cause"], rows)}`;
}

function causes({ cause, current, findings }) {
  const titles = [cause.title, current.title, ...findings.map(({ title: one }) => one)].filter(Boolean);
  const [first = "", ...more] = [...new Set(titles)];
  return more.length === 0 ? first : `${first}; then ${more.slice(0, 2).join("; ")}${more.length > 2 ? "; ..." : ""}`;
}

const pair = (one) => (one ? `${one.p50} / ${one.p95} ms` : "");

const SEES = {
  free: "settings, resource, model list, limits of the key",
  chat: "one answer per model and route",
  features: "what each feature sends",
};

function results({ results: all }) {
  const rows = ["free", "chat", "features"].map((depth) => {
    const one = all[depth];
    if (one === null) return [depth, SEES[depth], "never", ""];
    const state = one.ok ? coloured(COLOURS.good, "fine") : coloured(COLOURS.bad, "found something");
    return [depth, SEES[depth], one.age_s < 60 ? "now" : `${lasting(one.age_s)} ago`, state];
  });
  return html`${heading("Last results")}${table(["Depth", "Sees", "Measured", ""], rows)}`;
}

function tokens({ tokens_per_day }) {
  const rows = [...tokens_per_day].reverse().map(({ day, tokens: used }) => [day, used]);
  const today = tokens_per_day.at(-1)?.tokens ?? 0;
  return folded(`Tokens used by checks: ${today} today (UTC)`, table(["Day (UTC)", "Tokens"], rows));
}

function footer({ checked_at, timings_ms, depth, tokens: used, chosen, server_version, health, kept_bytes }) {
  const next = health.next_check === null ? "as the schedule says, if it is on" : moment(health.next_check);
  const kept = Math.ceil((kept_bytes.state + kept_bytes.history) / 1024);
  return `Checked ${moment(checked_at)} in ${timings_ms.total} ms at depth ${depth} (${used} tokens). ${chosen?.why ?? ""} Next check: ${next}. Memory and history: ${kept} kB. ${server_version}.`;
}

/** Windmill AI does not work as it should, and the run says so by failing. */
class UnhealthyError extends Error {
  name = "UnhealthyError";
}
