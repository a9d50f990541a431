// Built by "npm run build" from src/commands/notify.ts: change it there.

import { OpenAPI, JobService, ResourceService, VariableService, WorkspaceService } from "windmill-client@1.818.0";
import * as z from "zod@4.6.7";

/**
 * Last step of the health flow: tells people, through incoming webhooks and through a script or flow of the workspace. A target
 * that does not take the alert is named in the result and fails no tick; an alert that no target took is due again with the
 * next tick.
 *
 * @param report the result of f/codex_pooler/remember, or the error that ended that step: then people are told that, after as many
 *   failed runs as for a bad status.
 * @throws UnhealthyError when the flow's input `fail_job_when` says so, or when a step before this one failed, after all else is done.
 */
export async function main(
  report: object,
  alert_webhook_path?: string,
  webhook_format?: "auto" | "slack" | "discord" | "teams" | "mattermost" | "json",
  alert_runnable?: string,
  failures_before_alert?: number,
  remind_every?: number,
) {
  const targets = { alert_webhook_path, webhook_format, alert_runnable };
  return answerPage(renderHealth, async (windmill) => {
    const failed = whyFailed(report);
    if (failed !== null) {
      const rules = parseInputs(NotifyRules, { failures_before_alert, remind_every });
      await tellOfFailure(windmill, failed, rules, targets);
      throw new UnhealthyError(
        `What the health check found could not be remembered. ${failed}\nThe check's report is the result of the step check.`,
      );
    }
    const { report: health } = parseInputs(z.object({ report: HealthReport }), { report });
    const alert = await tellPeople(windmill, health, targets);
    if (health.telling.fail) throw new UnhealthyError(failureMessage(health));
    return alert ? { ...health, alert } : health;
  });
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
  "agent steps with tools",
  "agent steps with an output schema",
  "agent steps that set a temperature",
  "agent steps that limit their output",
  "code completion",
]);

/** For whom something works that depends on a person's rights. */
const Audience = z.object({
  scope: z.enum(["everybody", "readers", "admins", "nobody"]),
  /** With `readers`: those beside admins, as `u/<user>`, `g/<group>` or `f/<folder>` (who may read it), as far as they can be named. */
  who: z.array(z.string()),
  /** The same for people. */
  says: z.string(),
});

/** Whether a feature works for the workspace's users, in a report. */
const FeatureRow = z.object({
  feature: Feature,
  state: z.enum(["works", "not-tested", "broken"]),
  /** One or two sentences for an admin. */
  why: z.string(),
  /** `code` of the finding that says more; only when `state` is `broken`. */
  code: z.string().optional(),
  /** For whom, where it works; absent where it is not this connection's, or not known. */
  for_whom: Audience.optional(),
});

/**
 * How bad it is that a feature is broken: as bad as the finding that it names. One of which nothing is known is as bad as can be; one
 * that is for information only is a limit that people know of, and no reason to call anything broken.
 */
const severityOf = ({ code }, findings) => findings.find((one) => one.code === code)?.severity ?? "critical";

/** Plain JSON documents: comparing them, and finding where they differ. */
/** A JSON object as a record; anything else as an empty one. */
const asRecord = (value) => (typeof value === "object" && value !== null && !Array.isArray(value) ? value : {});

/** Whether two JSON values are the same, whatever the order of their keys: Windmill stores objects in its own order. */
const sameJson = (a, b) => canonical(a) === canonical(b);

/** JSON text with sorted keys; absent and `undefined` values are the same. */
function canonical(value) {
  return JSON.stringify(value, (_key, inner) =>
    typeof inner === "object" && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}

/**
 * How much space a result takes in Windmill's database. Windmill shows a result only while PostgreSQL's `pg_column_size` of it is
 * below 90,000 (backend/windmill-api/src/jobs.rs), and PostgreSQL compresses what is longer than 2 kB (pg_lzcompress.c: copies of at
 * least 3 bytes from the last 4,095). This is the same way of compressing with less effort, so that it never says less than
 * PostgreSQL would: it tries one earlier place per position, and takes the text of the JSON for its binary form.
 */
/** Bytes back that a copy can reach. */
const WINDOW$1 = 4_095;

/** Bytes that a copy may have, and from which on one takes a byte more. */
const COPY = { least: 3, long: 18, most: 273 };

/** Bits of the table of earlier places. */
const BITS = 13;

/** Items per control byte. */
const GROUP = 8;

/** PostgreSQL stores what it cannot make a quarter smaller as it is. */
const WORTH = 0.75;

/** Bytes that a JSON text takes at most when it is stored. */
function storedSize(json) {
  const bytes = new TextEncoder().encode(json);
  const { length } = bytes;
  const at = (index) => bytes[index] ?? 0;
  const places = new Int32Array(1 << BITS).fill(-1);
  const place = (index) =>
    (Math.imul(at(index) | (at(index + 1) << 8) | (at(index + 2) << 16), 2_654_435_761) >>> (32 - BITS)) &
    ((1 << BITS) - 1);
  let size = 0;
  let items = 0;
  for (let index = 0; index < length; ) {
    const slot = place(index);
    const before = places[slot] ?? -1;
    let copied = 0;
    if (before >= 0 && index - before <= WINDOW$1) {
      while (copied < COPY.most && index + copied < length && at(before + copied) === at(index + copied)) copied += 1;
    }
    const isCopy = copied >= COPY.least;
    const taken = isCopy ? copied : 1;
    for (let step = 0; step < taken; step++) places[place(index + step)] = index + step;
    index += taken;
    size += isCopy ? (copied >= COPY.long ? 3 : 2) : 1;
    items += 1;
  }
  const packed = size + Math.ceil(items / GROUP);
  return packed <= length * WORTH ? packed : length;
}

/** Keeps results showable: the one home of what Windmill and a browser can show. */
/**
 * Bytes of a result as Windmill's database stores it, by {@link storedSize}: Windmill shows none from 90,000 on, and lists of numbers
 * take up to a fifth more than that says.
 */
const STORED_LIMIT = 74_000;

/** Characters of a result as JSON: a browser has to parse and draw it, however well it compresses. */
const SHOWN_LIMIT = 600_000;

/** Whether Windmill shows a result. */
function isShowable(result) {
  const json = JSON.stringify(result);
  return json.length <= SHOWN_LIMIT && (json.length <= STORED_LIMIT || storedSize(json) <= STORED_LIMIT);
}

const listOf$1 = (report, key) => (Array.isArray(report[key]) ? report[key] : null);

/** Shortens a list of a report where it has one. */
const shorter = (key, change) => (report) => {
  const list = listOf$1(report, key);
  return list === null ? report : { ...report, [key]: change(list) };
};

const first = (count) => (list) => list.slice(0, count);

const failing = (list) => list.filter((one) => asRecord(one).ok !== true);

const withEvidence = (count) => (list) =>
  list.map((one) => {
    const { evidence, ...rest } = asRecord(one);
    return { ...rest, evidence: Array.isArray(evidence) ? evidence.slice(0, count) : [] };
  });

/** What can be spared of any report, least missed first. */
const SPARED = [
  shorter("probes", failing),
  shorter("probes", first(60)),
  shorter("findings", withEvidence(2)),
  shorter("probes", first(10)),
  shorter("models", first(60)),
  shorter("not_asked", first(20)),
  shorter("findings", withEvidence(1)),
  shorter("models", first(20)),
  (report) => ({
    ...report,
    ...(report.health ? { health: shorter("incidents", first(3))(asRecord(report.health)) } : {}),
  }),
  (report) => shorter("probes", first(0))(shorter("findings", first(5))(report)),
];

const LEFT_OUT = "Parts of the report were left out: it was too big to be shown.";

/** The report with a note that it is not whole, where it has a place for one. */
function noted(report) {
  const notes = listOf$1(report, "notes");
  if (notes !== null) return { ...report, notes: [...notes, LEFT_OUT] };
  return typeof report.summary === "string" ? { ...report, summary: `${report.summary} ${LEFT_OUT}` } : report;
}

/**
 * A report without what makes its result too big to be shown, and with a note that says so.
 *
 * @param whole what the result is then, with its page.
 */
function fitting(report, whole) {
  let smaller = report;
  for (const spare of SPARED) {
    if (isShowable(whole(smaller))) break;
    smaller = spare(smaller);
  }
  return smaller === report ? report : noted(smaller);
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

/**
 * Where the flow keeps its memory: a moving state, each version at a path below this one (windmill/moving.ts). Explicit, because
 * Windmill's default differs between manual and scheduled runs. Release 0.1.0 kept its state at this very path.
 */
const HEALTH_STATE = `${FOLDER}/health_state`;

/** Where release 0.1.0 kept its history, and what it held while it wrote. */
const HEALTH_HISTORY = `${FOLDER}/health_history`;

const HEALTH_LOCK = `${FOLDER}/health_lock`;

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
const INVISIBLE$1 = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}]|\u034f|\u115f|\u1160|\u17b4|\u17b5|\u3164|\uffa0/gu;

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
    .replace(INVISIBLE$1, "")
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

/** Addresses of Windmill's own pages, and what a page of ours leads to. The one place that composes them. Pure. */
/** What can be done next, as a link to a form that is filled in. */
const Link = z.object({
  does: z.enum(["apply", "undo", "repair"]),
  /** What stands on it. */
  label: z.string(),
  url: z.string(),
});

/** Characters of an address that browsers and Windmill's pages take without trouble; a longer one is left out. */
const LONGEST$1 = 16_000;

const pageOf = ({ pages_url, workspace }, path) => `${pages_url}${path}?workspace=${encodeURIComponent(workspace)}`;

/**
 * A script's form with these fields filled in: Windmill's page of a script reads what follows the `#` as a query whose values are JSON.
 *
 * @returns null where there is no address that would work, and for values that may hold a credential.
 */
function formLink(pages, script, fields) {
  if (!hasAddress(pages)) return null;
  const filled = Object.entries(fields).map(([name, value]) => [name, JSON.stringify(value)]);
  if (filled.some(([, text]) => text === undefined || looksLikeCredential(text))) return null;
  const query = new URLSearchParams(filled).toString();
  const url = `${pageOf(pages, `/scripts/get/${FOLDER}/${script}`)}${query === "" ? "" : `#${query}`}`;
  return url.length > LONGEST$1 ? null : url;
}

const hasAddress = ({ pages_url }) => /^https?:\/\/[^\s/]/.test(pages_url);

/** The link to a plan of the repair, where a script can repair something. */
function repairLinks(pages, findings, fields = {}) {
  const url = findings.some(({ repairable }) => repairable) ? formLink(pages, "repair", fields) : null;
  return url === null ? [] : [{ does: "repair", label: "Plan the repair", url }];
}

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
  /** What the headers tell of who sent it (as src/probe/sender.ts reads them); "" where they tell nothing. Absent when no answer came. */
  sender: z.string().optional(),
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
  "summary",
  "stream",
  "tools",
  "large",
  "strict-tools",
  "agent",
  "agent-tools",
  "agent-schema",
  "agent-temperature",
  "agent-max-tokens",
  "connection-check",
]);

/** The smallest depth at which each kind is sent. */
const PROBE_DEPTH = {
  models: "free",
  usage: "free",
  chat: "chat",
  metadata: "features",
  summary: "features",
  stream: "features",
  tools: "features",
  large: "features",
  "strict-tools": "features",
  agent: "features",
  "agent-tools": "features",
  "agent-schema": "features",
  "agent-temperature": "features",
  "agent-max-tokens": "features",
  "connection-check": "features",
};

/** One request as the report shows it: what was asked over which route, how it went, and which diagnosis it got. */
const Probe = z.object({
  /** Stable within a report, e.g. `server:chat:gpt-5.5`. */
  id: z.string(),
  kind: ProbeKind,
  route: Route,
  model: z.string().nullable(),
  /** True when the request named the resource (X-Resource-Path), so that it says nothing about what users get. */
  candidate: z.boolean(),
  /** True when Windmill sent it with the key or to the address of before: it says nothing about what is there now. */
  stale: z.boolean().optional(),
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
  /** The default model where it is another provider's, e.g. `openai:gpt-4o`: then chats do not go through the gateway. */
  default_elsewhere: z.string().nullable().optional(),
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
      /** True where it may have arrived although nobody said so; absent where it is certain. */
      unsure: z.boolean().optional(),
    }),
  ),
});

/** What a member got who was asked for, see `member_token_path` of `check`. */
const AsMember = z.object({
  who: z.string(),
  /** Whether their chat reaches the gateway. */
  chat: z.boolean(),
  /** Whether an AI agent step of theirs can use this connection's resource and key. */
  agent_steps: z.boolean(),
  /** Why not; "" where both do. */
  why: z.string(),
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
  /** A mark of settings, resource and intent as this check saw them, whatever its depth; absent when they could not be read. */
  fingerprint: z.string().optional(),
  /** Why this check could not even read what there is, so that it measured nothing; absent as a rule. */
  could_not_look: z.string().optional(),
  connection: ConnectionFacts,
  findings: z.array(Finding),
  probes: z.array(Probe),
  /** Ids of probes that this check had no time left for, so that they say nothing; absent when all were asked. */
  not_asked: z.array(z.string()).optional(),
  models: z.array(ModelRow),
  features: z.array(FeatureRow),
  /** Milliseconds. `probe` is the time of all probes together, which run side by side. */
  timings_ms: z.object({ observe: z.number(), probe: z.number(), slowest_probe: z.number(), total: z.number() }),
  /** Tokens that the gateway said this check used. */
  tokens: z.number().int(),
  /** What can be done next, as links to forms that are filled in. */
  links: z.array(Link).optional(),
  /** Only where a member's token was given. */
  as_member: AsMember.optional(),
  /** What the answers cannot vouch for, where address or key had just changed; absent when there is nothing of the kind. */
  proof: z.string().optional(),
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
  /** What can be done next, as links to forms that are filled in; none where a link would not work. */
  links: z.array(Link).optional(),
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
const INVISIBLE = /(?!\n)[\p{Cc}\p{Cf}\p{Cs}]/gu;

/**
 * A JSON value in which no text can be taken for a reference. Windmill resolves every text that starts with `$var:`, `$res:`
 * and the like when a flow hands it to the next step, so a gateway's error text could otherwise fetch a secret into a job's
 * arguments. Such texts get a leading blank, and what nobody can see is taken out of all of them.
 */
function inert(value) {
  const walk = (one) => {
    if (typeof one === "string") {
      const visible = one.replace(INVISIBLE, "");
      return visible.startsWith("$") ? ` ${visible}` : visible;
    }
    if (Array.isArray(one)) return one.map(walk);
    if (typeof one !== "object" || one === null) return one;
    return Object.fromEntries(Object.entries(one).map(([key, inner]) => [key, walk(inner)]));
  };
  return walk(value);
}

/** The finished result of an entry point: what may leave, small enough to be shown, and the page that is made of it. */
const finish = (report, render) => {
  const rendered = (one) => ({ ...one, wm_renderer: "html", html: render(one) });
  return rendered(fitting(inert(report), rendered));
};

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
function says(subject, predicate) {
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
      { gist: says("link", "late") },
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

const TOAST = /^Bad request: URL (?:targets|resolves to) a private/;

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
    toasts: [{ text: TOAST, rank: 1 }],
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
    toasts: [{ text: TOAST, rank: 2 }],
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
      { gist: says("prompt", "long") },
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
      { gist: says("body", "long") },
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
      { gist: says("model", "gone") },
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
      { gist: says("tools", "refused") },
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
      { gist: says("model", "needy") },
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
      { gist: says("field", "refused") },
      { gist: says("option", "confined") },
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
      { gist: says("server", "busy") },
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
      { gist: says("server", "starting") },
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
      { gist: says("memory", "short") },
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
      { gist: says("text", "unsafe") },
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
      { gist: says("provider", "broke") },
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

const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);

const objectIn = (value) => (isObject(value) ? value : {});

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
  if (!isObject(outer)) return null;
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
  ].find(isObject);
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
    raw: typeof metadata.raw === "string" ? metadata.raw : isObject(metadata.raw) ? JSON.stringify(metadata.raw) : "",
    provider: firstText(metadata.provider_name, outer.provider),
  };
}

const firstOf = (value) => (Array.isArray(value) ? value[0] : value);

/** The words of an error, wherever they stand. A title comes before what explains it. */
function words(source, outer, listed) {
  const own = firstText(
    ...WORD_FIELDS.map((name) => wordsOf$1(source[name])),
    wordsOf$1(source.error),
    source === outer ? "" : wordsOf$1(source.detail),
    wordsOf$1(outer.error),
  );
  const title = firstText(outer.title);
  const detail = wordsOf$1(outer.detail);
  return firstText(
    own,
    title !== "" && detail !== "" ? `${title}: ${detail}` : "",
    detail,
    ...WORD_FIELDS.map((name) => wordsOf$1(outer[name])),
    wordsOf$1(listed),
    source.description,
    wordsOf$1(source.reason),
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
function wordsOf$1(value) {
  if (typeof value === "string") return value;
  if (!Array.isArray(value) && !isObject(value)) return "";
  if (isObject(value)) return firstText(value.message, value.error, value.msg, listOf(value.detail));
  return listOf(value);
}

/** A list of errors as one text, each with the place that it is about. */
function listOf(value) {
  if (!Array.isArray(value)) return "";
  return value
    .slice(0, 5)
    .map((item) => {
      if (typeof item === "string") return item;
      if (!isObject(item)) return "";
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

/** Addresses as people may see them, and what must not be seen of them. Pure: texts that are no whole address are read too. */
function partsOf(text) {
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
  const { scheme, user, place, query } = partsOf(text);
  const [host = "", ...path] = place.split("/");
  const shown = [host, ...path.map((segment) => (isKeyLike(segment) ? "…" : segment))].join("/");
  const blanks = /^(\s*)[\s\S]*?(\s*)$/.exec(text);
  const tail = query === null ? (blanks?.[2] ?? "") : "?(a query)";
  return `${blanks?.[1] ?? ""}${scheme}${user === null ? "" : "…@"}${shown}${tail}`;
}

/** Parameters of a query that say how something is asked, not who asks. */
const HARMLESS_PARAMETER = /^(?:api-?version|version|v|model|deployment|region|format|stream)$/i;

/** Every part of an address that could be a credential, as it stands and decoded. */
function credentialsInAddress(text) {
  const { user, place, query } = partsOf(text);
  const password = user?.includes(":") ? user.slice(user.indexOf(":") + 1) : user;
  const parameters = (query ?? "").split(/[&#;]/).flatMap((parameter) => {
    const name = parameter.includes("=") ? parameter.slice(0, parameter.indexOf("=")) : "";
    return HARMLESS_PARAMETER.test(name) ? [] : [parameter.slice(name === "" ? 0 : name.length + 1)];
  });
  const [, ...path] = place.split("/");
  const found = [user, password, ...parameters, ...path.filter(isKeyLike)];
  return found.flatMap((one) => (one ? [one, decodedOf(one)] : []));
}

function decodedOf(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
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

/** What is wrong with a gateway's base URL before anybody calls it. One row per slip; the code is a row of the diagnosis table. */
const path$1 = (url) => url?.pathname.replace(/\/+$/, "") ?? "";

/** In the order in which a person would notice them; the first that applies is the one to report. */
const RULES$1 = [
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
  const rule = RULES$1.find((candidate) => candidate.applies(text, url));
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

/**
 * The workspace's AI settings as plain data, and the one change this product makes to them. They hold other people's
 * providers, prompts and limits, and keys of Windmill versions that this code does not know: all of that passes through.
 */
/** Windmill's name of the provider that this product owns. */
const PROVIDER = "customai";

const ModelRef = z.looseObject({ provider: z.string(), model: z.string() });

const Connection = z.looseObject({ resource_path: z.string(), models: z.array(z.string()) });

/** The parts of the AI settings that this product understands; everything else is only carried. */
const AiSettings = z.looseObject({
  providers: z.record(z.string(), z.unknown()).nullish(),
  default_model: ModelRef.nullish(),
  metadata_model: ModelRef.nullish(),
  code_completion_model: ModelRef.nullish(),
  max_tokens_per_model: z.record(z.string(), z.number()).nullish(),
  /** Newer servers: hides the AI features from the UI even when the proxy works. */
  copilot_disabled: z.boolean().nullish(),
});

/** Reads settings without ever failing: a part of an unknown shape counts as absent and is named in `unreadable`. */
function viewSettings(raw) {
  const unreadable = [];
  function read(key, schema, value) {
    const parsed = schema.safeParse(value);
    if (parsed.success) return parsed.data;
    unreadable.push(key);
    return null;
  }
  const shape = AiSettings.shape;
  const providers = read("providers", shape.providers, raw.providers) ?? {};
  const connection = read(`providers.${PROVIDER}`, Connection.optional(), providers[PROVIDER]);
  return {
    providers: Object.keys(providers),
    connection: connection ? { resource_path: connection.resource_path, models: connection.models } : null,
    default_model: read("default_model", shape.default_model, raw.default_model) ?? null,
    metadata_model: read("metadata_model", shape.metadata_model, raw.metadata_model) ?? null,
    code_completion_model:
      read("code_completion_model", shape.code_completion_model, raw.code_completion_model) ?? null,
    max_tokens_per_model: read("max_tokens_per_model", shape.max_tokens_per_model, raw.max_tokens_per_model) ?? {},
    ai_disabled: raw.copilot_disabled === true,
    unreadable,
  };
}

/** Ids that are there in another case count as there: the gateway compares so. */
const lower = (ids) => new Set(ids.map((id) => id.trim().toLowerCase()));

/** The ids of `ids` that are not in `others`, whatever their case. */
const without = (ids, others) => {
  const known = lower(others);
  return ids.filter((id) => !known.has(id.trim().toLowerCase()));
};

/** Characters shown of an id, a path or an address. */
const SHOWN$2 = 120;

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
  const show = (text) => excerpt(text, { limit: SHOWN$2, ...(clean ? { clean } : {}) });
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

/** Which names say that a credential stands under them, and what the credentials in a value are. Pure. */
/** Parts of a name, as they stand between its hyphens, underscores, dots and capitals. */
const PARTS =
  /^(?:.*keys?|.*tokens?|.*secrets?|.*auth|authorization|authentication|.*password|passwd|pwd|pass|passphrase|.*credentials?|signature|sig|subscription|.*cookies?|jwt|bearer|otp|pin|cert|certificate|sso|assertion)$/;

/** Pairs of parts that name a credential only together. */
const PAIRS = /(?:^|-)(?:access-client|client-id|account-id)(?:-|$)/;

/** The parts of a name, lower case, joined by hyphens: `apiKey` and `API_KEY` read the same. */
const parted = (name) =>
  name
    .replace(/([a-z0-9])([A-Z])/g, "$1-$2")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-");

/** Whether what stands under this name, of a header or of a field, may be a credential. */
function mayCarryCredential(name) {
  const parts = parted(name);
  return parts.split("-").some((part) => PARTS.test(part)) || PAIRS.test(parts);
}

/** Headers whose values are routing metadata and nothing else: only these are shown and kept. */
const HARMLESS =
  /^(?:x-)?(?:forwarded-(?:proto|port|prefix)|team|tenant(?:-id)?|org(?:anization)?(?:-id)?|project(?:-id)?|env(?:ironment)?|stage|region|zone|cluster|namespace|route|routing|service|source|app(?:lication)?(?:-name)?|client(?:-name)?|department|cost-center|workspace|title|priority)$|^(?:user-agent|accept-language|(?:openai|anthropic)-(?:beta|version)|api-version)$/i;

/** Whether a header's value may be shown and kept: by its name, and because nothing in it is made like a key. */
const isHarmlessHeader = (name, value) =>
  HARMLESS.test(name) && !value.split(/[\s,;=/]+/).some(isKeyLike) && !looksLikeCredential(value);

/** What Windmill fills in where a value is used: it names a secret and is none. */
const isReference = (text) => /^\$(?:var|res|jsonvar|encrypted):/.test(text);

/** Every credential in a value of a resource or in a run's arguments: by names of fields and headers, and in addresses. */
function credentialsIn(value, name = "") {
  if (typeof value === "string") {
    if (isReference(value)) return [];
    const own = mayCarryCredential(name) ? [value.trim()] : [];
    return [...own, ...(value.includes("://") || /url$/i.test(name) ? credentialsInAddress(value) : [])];
  }
  if (Array.isArray(value)) return value.flatMap((item) => credentialsIn(item, name));
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    key === "headers" ? credentialsInHeaders(inner) : credentialsIn(inner, key),
  );
}

/** What of the headers' values could be a credential: its words, and what a `Basic` one encodes. */
function credentialsInHeaders(headers) {
  if (typeof headers !== "object" || headers === null) return [];
  return Object.entries(headers).flatMap(([name, value]) => {
    if (typeof value !== "string" || isReference(value) || isHarmlessHeader(name, value)) return [];
    const words = value.split(/[\s,;=]+/);
    if (!mayCarryCredential(name) && !words.some(isKeyLike)) return [];
    return [...words, ...words.flatMap(userAndPassword)];
  });
}

/** The user name and the password behind the base64 text of HTTP's `Basic`. */
function userAndPassword(word) {
  if (!/^[A-Za-z0-9+/]{8,}={0,2}$/.test(word)) return [];
  try {
    const said = atob(word);
    return /^[\x20-\x7e]+$/.test(said) && said.includes(":") ? [said, said.slice(said.indexOf(":") + 1)] : [];
  } catch {
    return [];
  }
}

/**
 * Texts behind texts: what a text says once its escapes are resolved, with the place of each character in the original. A secret
 * can then be found and cut out wherever somebody has put it into JSON, an address or a page.
 */
const NAMED = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

const SHORT = { n: "\n", r: "\r", t: "\t", b: "\b", f: "\f" };

const codePoint = (code) => (code <= 0x10ffff ? String.fromCodePoint(code) : null);

/** In the order in which they are tried. The escapes of a sequence of UTF-8 bytes belong together. */
const WAYS = [
  {
    hint: /\\/,
    escapes: /\\(?:u[0-9a-f]{4}|x[0-9a-f]{2}|[^ux])/giu,
    resolve: (escaped) =>
      /^\\[ux]./iu.test(escaped)
        ? String.fromCharCode(Number.parseInt(escaped.slice(2), 16))
        : (SHORT[escaped.slice(1)] ?? escaped.slice(1)),
  },
  {
    hint: /%[0-9a-f]{2}/i,
    escapes:
      /%(?:[0-7][0-9a-f]|[cd][0-9a-f]%[89ab][0-9a-f]|e[0-9a-f](?:%[89ab][0-9a-f]){2}|f[0-7](?:%[89ab][0-9a-f]){3})/gi,
    resolve(escaped) {
      try {
        return decodeURIComponent(escaped);
      } catch {
        return null;
      }
    },
  },
  {
    hint: /&[a-z#]/i,
    escapes: /&(?:#x([0-9a-f]{1,6})|#(\d{1,7})|(amp|lt|gt|quot|apos));/gi,
    resolve(escaped) {
      const name = escaped.slice(1, -1).toLowerCase();
      if (name.startsWith("#x")) return codePoint(Number.parseInt(name.slice(2), 16));
      return name.startsWith("#") ? codePoint(Number(name.slice(1))) : (NAMED[name] ?? null);
    },
  },
];

/** How often escapes are resolved one after another: JSON in JSON in a page is seen, and a text costs no more than this often. */
const DEEPEST = 3;

/** The text itself, and everything that it says behind its escapes. */
function readings(text) {
  const all = [{ text, places: null }];
  const known = new Set([text]);
  let latest = all;
  for (let depth = 0; depth < DEEPEST && latest.length > 0; depth++) {
    const found = [];
    for (const one of latest) {
      for (const way of WAYS) {
        const next = way.hint.test(one.text) ? resolved(one, way) : null;
        if (next === null || known.has(next.text)) continue;
        known.add(next.text);
        found.push(next);
      }
    }
    all.push(...found);
    latest = found;
  }
  return all;
}

function resolved({ text, places }, { escapes, resolve }) {
  const parts = [];
  const starts = new Int32Array(text.length);
  const ends = new Int32Array(text.length);
  let length = 0;
  const put = (said, start, end) => {
    parts.push(said);
    for (let index = 0; index < said.length; index++, length++) {
      starts[length] = places ? places.starts[start] : start;
      ends[length] = places ? places.ends[end - 1] : end;
    }
  };
  let next = 0;
  for (const match of text.matchAll(escapes)) {
    const said = resolve(match[0]);
    if (said === null) continue;
    for (let index = next; index < match.index; index++) put(text[index], index, index + 1);
    next = match.index + match[0].length;
    put(said, match.index, next);
  }
  for (let index = next; index < text.length; index++) put(text[index], index, index + 1);
  return { text: parts.join(""), places: { starts: starts.subarray(0, length), ends: ends.subarray(0, length) } };
}

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

/** What a secret looks like when somebody repeats it: whole, encoded, cut or shortened. Pure. */
/** Characters of a secret that are hidden where they stand together; a shorter text is too common to be told from others. */
const PIECE = 8;

/** Characters of a secret that are looked for: the longest JWTs are shorter. */
const LONGEST = 8_192;

/** Letters of ordinary words from which on they count as a passphrase. */
const PASSPHRASE = 20;

/** Words as they stand in every text, e.g. `windmill` or `codex-pooler`: hiding them would tear texts apart. */
const ORDINARY = /^[A-Z]?[a-z]*(?:[ _-][A-Z]?[a-z]*)*$/;

/** References and paths of Windmill's items, which are shown everywhere. */
const ITEM = /^(?:\$(?:var|res|jsonvar|encrypted):|[ufg](?:\/[A-Za-z0-9_-]+){2,}$)/;

/** Whether a text can be told from others, so that it can be hidden wherever it stands. */
const isTellable = (text) =>
  text.length >= PIECE && !ITEM.test(text) && (text.length >= PASSPHRASE || !ORDINARY.test(text));

/** Whether a piece of a secret is unlike anything that stands in ordinary texts: alone it shows that a secret stands there. */
function isTelling(piece) {
  if (/[0-9]/.test(piece) && /[A-Za-z]/.test(piece)) return true;
  if (piece.length >= 2 * PIECE && !ORDINARY.test(piece)) return true;
  const turns = piece.match(/[a-z](?=[A-Z])|[A-Z](?=[a-z])/g)?.length ?? 0;
  return turns >= 3 || (piece.match(/[^A-Za-z0-9\s_./:-]/g)?.length ?? 0) >= 3;
}

/**
 * Every text that stands for the secret: itself, in one case (hex digits and host names lose theirs), in hex, and in base64 at
 * each of the three places at which it can begin, so that `Bearer <key>` and `user:password` are covered too. Escapes of JSON,
 * addresses and HTML need no form: they are resolved in the text.
 *
 * @param hidden the part that must not be seen; the rest of `secret` may be.
 */
function formsOf(secret, hidden) {
  const bytes = new TextEncoder().encode(secret.slice(0, LONGEST));
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  const own = hidden.slice(0, LONGEST);
  const base64 = [0, 1, 2].map((offset) => base64At(bytes, offset));
  return [
    ...[own, ...casesOf(own), own.replaceAll(" ", "+"), hex, hex.toUpperCase()],
    ...[...base64, ...base64.map((text) => text.replaceAll("+", "-").replaceAll("/", "_"))],
  ].filter((form, index, all) => form.length >= PIECE && all.indexOf(form) === index);
}

/** A short text without digits could be ordinary words in one case. */
const casesOf = (text) =>
  text.length >= PASSPHRASE || /[0-9]/.test(text) ? [text.toLowerCase(), text.toUpperCase()] : [];

/** The characters of the base64 text that depend on the secret alone when `offset` other bytes stand before it. */
function base64At(bytes, offset) {
  const padded = new Uint8Array(offset + bytes.length);
  padded.set(bytes, offset);
  let binary = "";
  for (const byte of padded) binary += String.fromCharCode(byte);
  const first = Math.ceil((offset * 8) / 6);
  return btoa(binary).slice(first, Math.floor((padded.length * 8) / 6));
}

/** What people and programs put in the place of the characters that they leave out. */
const GAPS = /\.{2,}|…+|\*{2,}|•{2,}|·{2,}|#{3,}|_{4,}|[xX]{4,}|<[^<>]{0,20}>|\[[^[\]]{0,20}\]|\([^()]{0,20}\)/g;

/** Characters on both sides of a gap, and on one side of it, that are too many to be chance; and how many are looked at. */
const BOTH_SIDES = 6;

const ONE_SIDE = 4;

const SHOWN$1 = 32;

/**
 * The stretches of a text that are a shortened secret (`3f9a…f4b6`) around a gap: with the gap where both ends are shown.
 *
 * @param from where the gap begins, `to` where it ends.
 */
function shortenedAround(text, from, to, secret) {
  const left = text[from - 1] === " " ? from - 1 : from;
  const right = text[to] === " " ? to + 1 : to;
  const head = longest(Math.min(left, SHOWN$1, secret.length - 1), (length) => ({
    likely: text[left - 1] === secret[length - 1],
    sure: () => text.startsWith(secret.slice(0, length), left - length),
  }));
  const tail = longest(Math.min(text.length - right, SHOWN$1, secret.length - 1), (length) => ({
    likely: text[right] === secret[secret.length - length],
    sure: () => text.startsWith(secret.slice(-length), right),
  }));
  if (head >= 2 && tail >= 2 && head + tail >= BOTH_SIDES) return [[left - head, right + tail]];
  const sides = [
    [left - head, left, secret.slice(0, head)],
    [right, right + tail, tail === 0 ? "" : secret.slice(-tail)],
  ];
  return sides.flatMap(([start, end, piece]) => (piece.length >= ONE_SIDE && isTelling(piece) ? [[start, end]] : []));
}

/** The greatest length from `most` down that is right; 0 when none is. What is unlikely is not looked at closely. */
function longest(most, at) {
  for (let length = most; length > 0; length--) {
    const { likely, sure } = at(length);
    if (likely && sure()) return length;
  }
  return 0;
}

/** A rolling hash over {@link PIECE} characters: the next character comes in, and the one before the first goes out. */
const BASE = 0x01000193;

const BASE_OUT = Array.from({ length: PIECE }).reduce((power) => Math.imul(power, BASE), 1);

const slot = (hash) => Math.imul(hash, 0x9e3779b1) >>> 16;

function hashOf(piece) {
  let hash = 0;
  for (let index = 0; index < piece.length; index++) hash = (Math.imul(hash, BASE) + piece.charCodeAt(index)) | 0;
  return hash;
}

/** Where pieces with one of these hashes may stand. This is the loop in which a text's time goes. */
function likelyPlaces(text, hashes) {
  const places = [];
  let hash = 0;
  for (let end = 1; end <= text.length; end++) {
    hash = (Math.imul(hash, BASE) + text.charCodeAt(end - 1)) | 0;
    if (end > PIECE) hash = (hash - Math.imul(text.charCodeAt(end - PIECE - 1), BASE_OUT)) | 0;
    if (end >= PIECE && hashes[slot(hash)] === 1) places.push(end - PIECE);
  }
  return places;
}

/** An address, which is no secret as a whole: others of the same host would be hidden too. */
const isAddress = (text) => /^[a-z][a-z0-9+.-]*:\/\//i.test(text);

/**
 * The secrets that a run has in its hands. Whatever leaves the run (results, errors, logs, states, alerts) goes through it, and
 * none of them is in it afterwards, in whatever form the world has repeated it. One register per run, opened with
 * {@link file://../windmill/windmill.ts}: it grows and ends with the run.
 */
class KnownSecrets {
  #known = new Map();
  /** Where each piece of {@link PIECE} characters stands in a form. */
  #pieces = new Map();
  /** Which hashes pieces have, so that a text is looked through in one go. */
  #hashes = new Uint8Array(1 << 16);
  /** Paths of the variables whose values are known. */
  #paths = new Set();
  /** Takes up a secret, with each word of one that holds several, and the credentials in it when it is an address. */
  learn(secret, path) {
    if (path !== undefined) this.#paths.add(path);
    const text = secret instanceof Secret ? secret.unwrap() : secret.trim();
    const words = text.split(/\s+/);
    const whole = words.some(isAddress) ? [] : [text];
    for (const one of new Set([...whole, ...words])) {
      if (!isAddress(one)) this.#add(one);
      else for (const credential of credentialsIn(one)) this.#add(credential);
    }
  }
  /** Takes up every credential in a value of a resource or in a run's arguments, by the names and forms of its fields. */
  learnFrom(value) {
    for (const one of credentialsIn(value)) this.#add(one);
  }
  /** Whether the value of the variable is known: then nobody needs to read it, which Windmill would audit. */
  knows(path) {
    return this.#paths.has(path);
  }
  /** The same value without secrets: texts and names of fields are cleaned, everything else stays. */
  clean(value) {
    return this.#known.size === 0 ? value : this.#walk(value);
  }
  /** The same error without secrets in its message, its stack and what hangs on it; what is no error becomes one. */
  cleanError(error) {
    if (!(error instanceof Error)) return new Error(this.clean(String(error)));
    for (const name of Object.getOwnPropertyNames(error)) {
      const held = Reflect.get(error, name);
      const value = held instanceof Error ? this.cleanError(held) : this.clean(held);
      if (value === held) continue;
      // Libraries lock properties of their errors: what cannot be cleaned does not leave.
      if (!Reflect.defineProperty(error, name, { value, configurable: true, writable: true }))
        return this.#words(error);
    }
    return error;
  }
  /** An error of the same name that says the same and holds nothing else. */
  #words({ name, message, stack }) {
    const words = new Error(this.clean(message));
    words.name = name;
    words.stack = this.clean(stack ?? "");
    return words;
  }
  #walk(value) {
    if (typeof value === "string") return this.#cleanText(value);
    if (Array.isArray(value)) return value.map((item) => this.#walk(item));
    if (value instanceof Secret) return value.prefix;
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [this.#cleanText(name), this.#walk(inner)]));
  }
  #add(secret) {
    if (!isTellable(secret) || this.#known.has(secret)) return;
    const safe = Secret.safePrefix(secret);
    const prefix = safe.endsWith("…") ? safe.slice(0, -1) : "";
    const hidden = secret.slice(prefix.length);
    this.#known.set(secret, { hidden, prefix });
    for (const form of formsOf(secret, hidden)) {
      for (let at = 0; at + PIECE <= form.length; at++) {
        const piece = form.slice(at, at + PIECE);
        if (this.#pieces.has(piece)) continue;
        this.#pieces.set(piece, { form, at });
        this.#hashes[slot(hashOf(piece))] = 1;
      }
    }
  }
  #cleanText(text) {
    const stretches = [...readings(text).flatMap((seen) => this.#repeated(seen)), ...this.#shortened(text)];
    if (stretches.length === 0) return text;
    let clean = "";
    let end = 0;
    for (const [from, to] of merged(stretches)) {
      clean += text.slice(end, from);
      const prefixed = [...this.#known.values()].some(({ prefix }) => prefix !== "" && clean.endsWith(prefix));
      clean += prefixed ? "…" : "(secret)";
      end = to;
    }
    return clean + text.slice(end);
  }
  /** The stretches of the original text in which a reading of it repeats a secret, or a telling piece of one. */
  #repeated({ text, places }) {
    const found = [];
    for (const at of likelyPlaces(text, this.#hashes)) {
      const stretch = this.#matchAt(text, at);
      if (stretch === null) continue;
      const [from, to] = stretch;
      found.push(places ? [places.starts[from], places.ends[to - 1]] : stretch);
    }
    return found;
  }
  /** The longest stretch around a place that a form has too; null when it tells nothing. */
  #matchAt(text, at) {
    const place = this.#pieces.get(text.slice(at, at + PIECE));
    if (place === undefined) return null;
    const { form } = place;
    let [from, to] = [at, at + PIECE];
    let [first, last] = [place.at, place.at + PIECE];
    while (from > 0 && first > 0 && text[from - 1] === form[first - 1]) {
      from--;
      first--;
    }
    while (to < text.length && last < form.length && text[to] === form[last]) {
      to++;
      last++;
    }
    return last - first === form.length || isTelling(text.slice(from, to)) ? [from, to] : null;
  }
  /** The stretches that show the ends of a secret. What may be shown of it stays. */
  #shortened(text) {
    return [...text.matchAll(GAPS)].flatMap((gap) =>
      [...this.#known].flatMap(([secret, { prefix }]) =>
        shortenedAround(text, gap.index, gap.index + gap[0].length, secret)
          .map(([from, to]) => [text.startsWith(prefix, from) ? from + prefix.length : from, to])
          .filter(([from, to]) => from < to),
      ),
    );
  }
}

/** Stretches in order, those that touch as one. */
function merged(stretches) {
  const all = [];
  for (const [from, to] of [...stretches].sort((a, b) => a[0] - b[0])) {
    const last = all.at(-1);
    if (last && from <= last[1]) last[1] = Math.max(last[1], to);
    else all.push([from, to]);
  }
  return all;
}

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
 * @param secrets the register of the run, where it has one already.
 * @throws Error when it does not run as a Windmill job.
 */
function openWindmill(environment = process.env, serverUrl = "", secrets = new KnownSecrets()) {
  const { WM_WORKSPACE: workspace, WM_TOKEN: token } = environment;
  if (!workspace || !token) {
    throw new Error(
      "This script runs as a Windmill job only: WM_WORKSPACE and WM_TOKEN are missing. Run it from Windmill's UI or with `wmill script run`.",
    );
  }
  const worker = trimSlashes(environment.BASE_INTERNAL_URL || environment.BASE_URL || "http://localhost:8000");
  const server = trimSlashes(serverUrl || environment.WM_BASE_URL || "http://localhost");
  const routes = { server, worker };
  const opened = performance.now();
  limitRequests();
  secrets.learn(token);
  return {
    workspace,
    permissionedAs: environment.WM_PERMISSIONED_AS || `u/${environment.WM_USERNAME ?? ""}`,
    jobId: environment.WM_JOB_ID ?? "",
    pages_url: trimSlashes(environment.WM_BASE_URL ?? ""),
    runUrl: `${trimSlashes(environment.WM_BASE_URL || server)}/run/${environment.WM_ROOT_FLOW_JOB_ID || environment.WM_JOB_ID || ""}?workspace=${encodeURIComponent(workspace)}`,
    routes,
    elapsedMs: () => performance.now() - opened,
    secrets,
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
        throw toWindmillError(what, error, (text) => secrets.clean(text));
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
function toWindmillError(what, error, clean) {
  if (error instanceof WindmillError) return error;
  if (error instanceof Error && "status" in error && typeof error.status === "number") {
    const body = "body" in error ? error.body : "";
    const said = typeof body === "string" ? body : JSON.stringify(body ?? "");
    return new WindmillError(what, error.status, excerpt(said, { clean }));
  }
  const name = error instanceof Error ? error.name : "";
  if (name === "TimeoutError" || name === "AbortError") {
    return new WindmillError(what, null, `no answer within ${API_TIMEOUT_MS / 1000} s`);
  }
  return new WindmillError(what, null, excerpt(error instanceof Error ? error.message : String(error), { clean }));
}

/** Runs of the workspace: one function per call, each answer parsed at this border. */
/** A run, as far as this product looks at it. */
z.looseObject({
  type: z.string().optional(),
  success: z.boolean().optional(),
  started_at: z.string().nullish(),
  running: z.boolean().optional(),
});

/** Runs in one answer; Windmill gives no more. */
const RUNS_SHOWN = 100;

/**
 * The last runs of a script or flow that are over, newest first, at most {@link RUNS_SHOWN}; steps of flows are among them.
 *
 * @param wish `after`: of these, only those queued after that time (ISO 8601). `succeeded`: only those that did, or did not.
 *   `count`: how many to look at.
 */
async function pastRuns(windmill, path, wish = {}) {
  const runs = await windmill.call(
    `Looking at the last runs of ${path}`,
    () =>
      JobService.listCompletedJobs({
        workspace: windmill.workspace,
        scriptPathExact: path,
        orderDesc: true,
        perPage: wish.count ?? RUNS_SHOWN,
        ...(wish.succeeded === undefined ? {} : { success: wish.succeeded }),
      }),
    z.array(z.looseObject({ id: z.string(), created_at: z.string(), success: z.boolean() })),
  );
  const after = Date.parse(wish.after ?? "1970-01-01T00:00:00Z");
  return runs
    .map(({ id, created_at, success }) => ({ id, at: created_at, succeeded: success }))
    .filter(({ at }) => Date.parse(at) > after);
}

/** Steps of the health flow that failed themselves: the flow goes on after them, and what comes next gets their error. */
/** What Windmill hands on of a step that failed, instead of its result. */
const StepError = z.object({
  error: z.looseObject({ name: z.string().nullish(), message: z.string().nullish() }),
});

/** Why a step failed, redacted and short; null for the result of one that did not. */
function whyFailed(result) {
  const failed = StepError.safeParse(result);
  if (!failed.success) return null;
  const { name, message } = failed.data.error;
  return excerpt([name, message].filter(Boolean).join(": ") || "no reason was given");
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

/** Beside a status that is not `healthy`: what goes on all the same. */
const spares = (status, elsewhere) =>
  elsewhere && status !== "healthy" && status !== "down"
    ? `The default model, ${elsewhere}, does not go through the gateway and was not checked.`
    : "";

/** Owners as people call them. */
const OWNERS = {
  "workspace-admin": "a workspace admin",
  "windmill-operator": "the operator of Windmill",
  "gateway-operator": "the operator of the gateway",
  wait: "nobody",
};

/** What an error says. */
const wordsOf = (error) => (error instanceof Error ? error.message : String(error));

/** Effects per name from the gateway's source (docs/windmill.md, Codex Pooler) and from Windmill's proxy. */
const RULES = [
  {
    code: "credential-header",
    says: "carries a credential that is sent instead of the pool key, or that belongs to one person",
    names: /^(authorization|proxy-authorization|cookie|set-cookie)$/,
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
  const rule = RULES.find(({ names }) => names.test(name.toLowerCase()));
  if (rule) return { code: rule.code, says: rule.says };
  // Under a name that is there for a credential it is meant; the gateway's own keys are meant nowhere.
  if (looksLikeCredential(value) && (!mayCarryCredential(name) || /[a-z]{2,3}-cxp-/i.test(value))) {
    return { code: "credential-header", says: "has a value that looks like a key" };
  }
  return null;
}

/** Texts that could be a key of any form, where nobody knows the key itself. */
/** Runs of 16 and more characters with digits and letters: what keys are made of, and hardly anything else. */
const RANDOM_RUN = /(?<![A-Za-z0-9_-])(?=[A-Za-z_-]*[0-9])(?=[0-9_-]*[A-Za-z])[A-Za-z0-9_-]{16,}/g;

/** The text without anything that could be a key. Costs names their ends, so it is for texts of others only. */
const maskRandom = (text, open) =>
  text.replace(RANDOM_RUN, (run) => (open.some((known) => known.includes(run)) ? run : "(hidden)"));

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

/**
 * What a key that was typed into a form is replaced by once it is stored where it belongs: "Run again" submits a reference to the
 * same short-lived variable. It means what a blank field means.
 */
const STORED_MARK = "(stored)";

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
      context.addIssue({
        code: "custom",
        message: `is "${excerpt(maskRandom(text, []), { limit: 40 })}". Choose one of: ${values.join(", ")}.`,
      });
    }
    return found ?? null;
  });

/** A whole number within bounds; null when it is not given. Forms send numbers, the CLI may send texts. */
const whole = (least, most) =>
  z
    .union([z.number(), z.string()])
    .nullish()
    .transform((given, context) => {
      if (given === null || given === undefined || given === "") return null;
      const number = Number(given);
      if (!Number.isInteger(number) || number < least || number > most) {
        context.addIssue({ code: "custom", message: `must be a whole number from ${least} to ${most}.` });
      }
      return number;
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

/** The gateway's address, tidied, or blank. */
blankable.transform(tidyBaseUrl).superRefine((text, context) => {
  const slip = text === "" ? null : baseUrlSlip(text);
  if (slip) context.addIssue({ code: "custom", message: `${slip.says}. ${slip.fix}` });
});

/** A key; null for a blank; `stored` where a run before this one has stored what was typed. */
checked((text) => {
  const slip = text === "" || text === STORED_MARK ? null : keySlip(text);
  return slip && `${slip.says}. ${slip.fix}`;
}).transform((text) => (text === "" ? null : text === STORED_MARK ? "stored" : new Secret(text)));

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

/** The name that stands for no headers at all: an empty field is one that nobody has filled in. */
const NO_HEADERS = "-";

/** Headers for a proxy in front of the gateway; null for a blank. */
z.record(z.string(), z.unknown())
  .nullish()
  .transform((given, context) => {
    const names = Object.keys(given ?? {});
    if (names.length === 0) return null;
    if (names.includes(NO_HEADERS)) {
      const message = `"${NO_HEADERS}" stands for no headers, so it stands alone. Remove it or the others.`;
      if (names.length > 1) context.addIssue({ code: "custom", message });
      return {};
    }
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

const HEADLINES = {
  opening: (states, _lasted, { status }) => states[status],
  cause: (states, lasted, { status, previous }) =>
    previous === null || previous === status
      ? `still ${states[status]}, now for another reason (for ${lasted})`
      : `now ${states[status]}; before: ${states[previous]} (incident for ${lasted})`,
  reminder: (states, lasted, { status }) => `still ${states[status]} (for ${lasted})`,
  recovery: (states, lasted) => `${states.healthy} again (after ${lasted})`,
};

const STATES = {
  healthy: "works",
  degraded: "works, with a problem",
  down: "does not work",
  unknown: "could not be checked",
};

/** Where the default model is another provider's, and goes another way. */
const GATEWAY_STATES = { ...STATES, healthy: "work", degraded: "have a problem", down: "do not work" };

/** Where it is the watch itself that fails: what people get is not known then. */
const WATCH_STATES = { ...STATES, unknown: "fails: nothing is known of it" };

/** The cause of news of the watch itself. */
const WATCH_FAILED = "memory-failed";

function subjectOf({ code }, elsewhere) {
  if (code === WATCH_FAILED) return ["The health check of Windmill AI", WATCH_STATES];
  return elsewhere ? ["The gateway's models", GATEWAY_STATES] : ["Windmill AI", STATES];
}

/** Findings in the text of one alert; the run shows all of them. */
const SHOWN = 3;

/** Characters of a title or a remedy in the text: longer ones are read in the run. */
const LINE_LIMIT = 240;

/** Composes the alert for an occasion from what the check found. */
function composeAlert(news, findings, place) {
  const { id, kind, incident, code, status, previous, since, at, repeated } = news;
  const { elsewhere = null, workspace, run_url } = place;
  const duration_s = Math.max(0, Math.round((Date.parse(at) - Date.parse(since)) / 1000));
  const [subject, states] = subjectOf(news, elsewhere);
  const headline = `${subject} in ${workspace} ${HEADLINES[kind](states, lasting(duration_s), news)}`;
  const telling = kind === "recovery" ? [] : findings.filter(({ severity }) => severity !== "info");
  const lines = telling.slice(0, SHOWN).flatMap(linesOf);
  const repair_url = repairLinks(place, telling)[0]?.url ?? "";
  if (telling.length > SHOWN) lines.push(`- and ${telling.length - SHOWN} more`);
  if (repeated) lines.push("Sent again: nobody said that it arrived.");
  if (kind !== "recovery" && spares(status, elsewhere) !== "") lines.push(spares(status, elsewhere));
  return {
    id,
    kind,
    incident,
    code,
    status,
    previous,
    since,
    at,
    ...(repeated ? { repeated } : {}),
    workspace,
    run_url,
    duration_s,
    headline,
    lines,
    findings: telling.map(({ code, title, owner, remedy }) => ({ code, title, owner, remedy })),
    repair_url,
    text: [
      headline,
      ...lines,
      ...(repair_url === "" ? [] : [`Plan the repair: ${repair_url}`]),
      ...(run_url === "" ? [] : [run_url]),
    ].join("\n"),
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

/** Resources, resource types and states: one function per call, each answer parsed at this border. */
/** A resource with its raw value: `$var:` references are not resolved. */
z.looseObject({
  path: z.string(),
  value: z.unknown(),
  resource_type: z.string(),
  description: z.string().nullish(),
  extra_perms: z.record(z.string(), z.unknown()).nullish(),
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

/** Makes a state at a path, without secrets; fails when the path is taken, atomically. */
const createState = (windmill, path, value) =>
  createResource(windmill, { path, value: windmill.secrets.clean(value), resource_type: STATE_TYPE });

/** Deletes a state whose value references no variable; {@link deleteResourceOnly} is for every other one. */
const deleteState = (windmill, path) =>
  windmill.call(
    `Deleting the state ${path}`,
    () => ResourceService.deleteResource({ workspace: windmill.workspace, path }),
    z.unknown(),
  );

/** Secret variables: one function per call, each answer parsed at this border. The only place that unwraps a key. */
/** A variable as far as this product looks at it. The value of a secret is never part of it. */
z.looseObject({
  path: z.string(),
  is_secret: z.boolean(),
  description: z.string().nullish(),
  extra_perms: z.record(z.string(), z.unknown()).nullish(),
  /** ISO 8601: when Windmill deletes it by itself. */
  expires_at: z.string().nullish(),
});

/** Decrypts a variable. Windmill writes an audit entry for it. */
async function readSecret(windmill, path) {
  const value = await windmill.call(
    `Reading the variable ${path}`,
    () => VariableService.getVariableValue({ workspace: windmill.workspace, path }),
    z.string(),
  );
  windmill.secrets.learn(value, path);
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

/** What an alert leads to: what can be done about it first. */
const doorsOf = ({ run_url, repair_url }) =>
  [
    { title: "Plan the repair", url: repair_url },
    { title: "Open the run", url: run_url },
  ].filter(({ url }) => url !== "");

/** Slack's own escapes; with them nothing is a manual link, a channel or a person. */
const slackText = (text) => text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");

/** Slack leaves addresses and names of channels in a verbatim text alone. */
const slackSection = (text) => ({ type: "section", text: { type: "mrkdwn", text, verbatim: true } });

const slackLinks = (alert) =>
  doorsOf(alert)
    .map(({ title, url }) => `<${slackText(url)}|${title}>`)
    .join("  ");

const markdownLinks = (alert) =>
  doorsOf(alert)
    .map(({ title, url }) => `[${title}](${url})`)
    .join(" · ");

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
    body: (alert) => {
      const { headline, lines } = alert;
      const link = slackLinks(alert);
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
    body: (alert) => ({
      content: fit(
        DISCORD_LIMIT,
        [`**${discordText(alert.headline)}**`, ...alert.lines.map(discordText)],
        doorsOf(alert)
          .map(({ title, url }) => `${title}: <${url}>`)
          .join("\n"),
      ),
      allowed_mentions: { parse: [] },
    }),
  },
  teams: {
    hosts:
      /(^|\.)(logic\.azure\.(com|us|cn)|api\.powerplatform\.com|powerplatform\.microsoft\.us|powerautomate\.com|webhook\.office\.com)$/,
    body: (alert) => ({
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
              teamsText(alert.headline, { weight: "Bolder", size: "Medium" }),
              ...alert.lines.map((line) => teamsText(line, { spacing: "Small" })),
            ],
            actions: doorsOf(alert).map((door) => ({ type: "Action.OpenUrl", ...door })),
          },
        },
      ],
    }),
  },
  mattermost: {
    hosts: /(^|\.)mattermost\./,
    body: (alert) => ({
      text: fit(
        MATTERMOST_LIMIT,
        [`**${mattermostText(alert.headline)}**\n`, ...alert.lines.map(mattermostText)],
        markdownLinks(alert),
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
const ATTEMPTS$1 = 2;

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
    const { problem, retryAfterMs, unsure } = await post(url, body, timeoutMs);
    const outcome = { target, delivered: problem === "", problem, ...(unsure ? { unsure } : {}) };
    if (outcome.delivered || retryAfterMs === null || attempt === ATTEMPTS$1) return outcome;
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
    return judge(response, excerpt(said, { clean: (text) => withoutAddress(text, url) }));
  } catch (error) {
    // The error's own text may repeat the address.
    if (signal.aborted) {
      const problem = `did not answer within ${Math.round(timeoutMs / 10) / 100} s. It may have got the alert all the same. Is the service up?`;
      return { problem, retryAfterMs: null, unsure: true };
    }
    if (neverLeft(error)) {
      const problem = "cannot be reached from the worker. Check the address and the worker's way out.";
      return { problem, retryAfterMs: PAUSE_MS };
    }
    return { problem: "broke the connection off before it answered.", retryAfterMs: null, unsure: true };
  }
}

/** Codes of connections that never came about, as Node and bun name them: nothing was sent then. */
const NO_CONNECTION =
  /^(?:ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|ConnectionRefused|FailedToOpenSocket|DNSResolveFailed|UNABLE_TO_VERIFY_LEAF_SIGNATURE|SELF_SIGNED_CERT_IN_CHAIN|DEPTH_ZERO_SELF_SIGNED_CERT|CERT_HAS_EXPIRED|ERR_TLS_CERT_ALTNAME_INVALID)$/;

function neverLeft(error) {
  const codeOf = (one) => (typeof one === "object" && one !== null && "code" in one ? String(one.code) : "");
  return NO_CONNECTION.test(codeOf(error)) || (error instanceof Error && NO_CONNECTION.test(codeOf(error.cause)));
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
  // It may have taken the alert before it failed: only where it asks for another attempt is there one in this run.
  if (status >= 500)
    return { problem: `${answered}.`, retryAfterMs: headers.has("retry-after") ? wait : null, unsure: true };
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

/** Characters from which on a part of the address is taken out; shorter ones are words of every text. */
const SHORTEST_PART = 6;

/** A text that repeats nothing of the address: not the whole, its path or query, nor any part of them. */
function withoutAddress(text, { href, host, pathname, search, username, password }) {
  const parts = [
    ...[href, username, password, `${pathname}${search}`, ...pathname.split("/")],
    ...[...new URLSearchParams(search).values(), ...host.split(".").slice(0, -2)],
  ].filter((part) => part.length >= SHORTEST_PART);
  const known = new KnownSecrets();
  for (const part of parts) known.learn(part);
  return parts.reduce((rest, part) => rest.replaceAll(part, "(secret)"), known.clean(text));
}

/** What the outcomes at all targets add up to. */
function outcomeOf(targets) {
  if (targets.some(({ delivered }) => delivered)) return "taken";
  return targets.some(({ unsure }) => unsure) ? "maybe" : "refused";
}

/** Tells every target, side by side. It never throws: an alert that cannot be delivered must not fail the tick. */
async function deliver(windmill, targets, alert) {
  const clean = windmill.secrets.clean(alert);
  const told = await Promise.all([tellWebhooks(windmill, targets, clean), tellRunnable(windmill, targets, clean)]);
  return told.flat();
}

async function tellWebhooks(windmill, { alert_webhook_path: path, webhook_format }, alert) {
  if (path === "") return [];
  try {
    const told = await postAlert((await readSecret(windmill, path)).secret, webhook_format ?? "auto", alert);
    return told.length > 0 ? told : [untold(path, "the variable is empty. Store the webhook's address in it.")];
  } catch (error) {
    return [untold(path, wordsOf(error))];
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
    // Without an answer nobody knows whether it was started.
    const unsure = error instanceof WindmillError && (error.status === null || error.status >= 500);
    return [{ ...untold(target, `could not be started. ${wordsOf(error)}`), ...(unsure ? { unsure } : {}) }];
  }
}

const untold = (target, problem) => ({ target, delivered: false, problem });

/** The caller, the server, and the AI settings: one function per call, each answer parsed at this border. */
z.looseObject({
  username: z.string(),
  is_admin: z.boolean(),
  is_super_admin: z.boolean().optional(),
});

/** The AI settings that users get: the workspace's own, else the instance's, else `{}`. Any member may read them. */
const readEffectiveAiSettings = (windmill) =>
  windmill.call(
    "Reading the AI settings that users get",
    () => WorkspaceService.getCopilotInfo({ workspace: windmill.workspace }),
    z.record(z.string(), z.unknown()),
  );

z.looseObject({
  uses_instance_ai_config: z.boolean(),
  instance_ai_summary: z
    .looseObject({
      providers: z.array(z.looseObject({ provider: z.string(), models: z.array(z.string()).optional() })).optional(),
    })
    .nullish(),
});

/**
 * Lets something of a run out: its answer, or the error that it ends with, without what the run knows to be secret. Every door leads
 * through here, and so does whoever runs a walk without one.
 */
async function leave({ secrets }, work) {
  try {
    return secrets.clean(await work());
  } catch (error) {
    throw secrets.cleanError(error);
  }
}

/**
 * Runs a script that is no command of a person's, such as a step of a flow, or what a form asks for.
 *
 * @param inputs its arguments, where they may hold a key.
 * @param serverUrl as for {@link openWindmill}.
 */
async function answer(work, inputs = {}, serverUrl = "") {
  const windmill = openWindmill(process.env, serverUrl);
  windmill.secrets.learnFrom(inputs);
  return leave(windmill, async () => inert(await work(windmill)));
}

/** The same for one that answers with a page, which is made of what may leave. */
const answerPage = async (render, work) => finish(await answer(work), render);

/** Writes a line into the run's log. */
const say = ({ secrets }, line) => console.log(secrets.clean(line));

/** What the admin asked for, kept in the workspace: what a check compares with, and what a disconnect may remove. */
const INTENT = `${FOLDER}/intent`;

/** Version of the stored intent. */
const INTENT_VERSION = 2;

/** What this product has made, and may therefore remove: nothing else. */
const Made = z.object({
  resource_type: z.boolean(),
  schedule: z.boolean(),
  /** Paths. */
  secrets: z.array(z.string()),
  resources: z.array(z.string()),
  /** Keys of `max_tokens_per_model` (`customai:<model>`). */
  limits: z.array(z.string()),
});

const Intent = z.object({
  version: z.literal(INTENT_VERSION),
  /** ISO 8601. */
  at: z.string(),
  by: z.string(),
  /** False once the connection was undone: nothing is asked for then, but what was made is still known. */
  active: z.boolean(),
  resource_path: z.string(),
  secret_path: z.string(),
  base_url: z.string(),
  models: z.array(z.string()),
  /** Null when the admin left the setting to another provider. */
  default_model: z.string().nullable(),
  metadata_model: z.string().nullable(),
  /** Ids that the gateway listed when the models were chosen, and that were not chosen: no repair enables them unasked. */
  left_out: z.array(z.string()).default([]),
  /** Whether the admin asked for the health check not to run. */
  schedule_off: z.boolean().default(false),
  /**
   * What a connect overwrites of the settings, as it was before the first one: whether there was any `providers`, and the models,
   * null where there was none or one of customai.
   */
  before: z.object({ providers: z.boolean(), default_model: z.unknown(), metadata_model: z.unknown() }),
  made: Made,
});

/** The first version told of one secret and one resource whether they were made, and nothing of before. */
const FirstVersion$1 = z.looseObject({
  version: z.literal(1),
  resource_path: z.string(),
  secret_path: z.string(),
  made: z.object({ resource_type: z.boolean(), secret: z.boolean(), resource: z.boolean(), schedule: z.boolean() }),
});

/** Brings an intent of the first version up to date; everything else stays as it is. */
function upgraded$1(stored) {
  const first = FirstVersion$1.safeParse(stored);
  if (!first.success) return stored;
  const { made, ...intent } = first.data;
  return {
    ...intent,
    version: INTENT_VERSION,
    active: true,
    before: { providers: false, default_model: null, metadata_model: null },
    made: {
      resource_type: made.resource_type,
      schedule: made.schedule,
      secrets: made.secret ? [intent.secret_path] : [],
      resources: made.resource ? [intent.resource_path] : [],
      limits: [],
    },
  };
}

/** Parses a stored intent; null for one that is damaged or of an unknown version. */
function parseIntent(stored) {
  const parsed = Intent.safeParse(upgraded$1(stored));
  return parsed.success ? parsed.data : null;
}

/** The intent; null when nobody has connected yet, or when it is damaged or of another version. */
const readIntent = async (windmill) => parseIntent(await readState(windmill, INTENT));

/** How often a reader looks where it has moved to while it reads. */
const READS = 20;

/** The present version; null when there is none that the caller may see. */
async function readVersion(windmill, base) {
  for (let attempt = 1; ; attempt++) {
    const [number] = await versionsOf(windmill, base);
    if (number === undefined) return null;
    const found = await orNull(
      windmill.call(
        `Reading the state ${at(base, number)}`,
        () => ResourceService.getResourceValue({ workspace: windmill.workspace, path: at(base, number) }),
        z.unknown().transform((value) => ({ value })),
      ),
    );
    if (found !== null) return { number, ...found };
    if (attempt === READS) throw new WindmillError(`Reading the state ${base}`, null, "it is changed all the time");
  }
}

const at = (base, number) => `${base}/${number}`;

/** The numbers of the versions that there are, the highest first; one as a rule. */
async function versionsOf(windmill, base) {
  const listed = await windmill.call(
    `Looking for the state ${base}`,
    () => ResourceService.listResource({ workspace: windmill.workspace, resourceType: "state", pathStart: base }),
    z.array(z.looseObject({ path: z.string() })),
  );
  const numbers = listed.flatMap(({ path }) => {
    const [, number] = path.startsWith(`${base}/`) ? (/^(\d{1,15})$/.exec(path.slice(base.length + 1)) ?? []) : [];
    return number === undefined ? [] : [Number(number)];
  });
  return numbers.sort((a, b) => b - a);
}

/**
 * Puts a value in the place of the version that was read; null for where there was none.
 *
 * @returns false when somebody else was faster: read again, and decide again. The very first change may have been taken although it
 *   says so, so it must be one that can be told when it comes again.
 * @throws WindmillError when Windmill refuses, or does not say whether it did it and did not.
 */
async function replaceVersion(windmill, base, before, value) {
  const number = before === null ? 0 : before.number + 1;
  const path = at(base, number);
  try {
    if (before === null) await createState(windmill, path, value);
    else await move(windmill, at(base, before.number), path, value);
    return await isLatest(windmill, base, number);
  } catch (error) {
    if (!(error instanceof WindmillError)) throw error;
    if (error.status === 404 || (error.status === 400 && error.said.includes("already exists"))) return false;
    if (error.status !== null && error.status < 500) throw error;
    // The answer may have got lost on the way back.
    const now = await readVersion(windmill, base);
    if (now?.number === before?.number) throw error;
    return now !== null && now.number === number && sameJson(now.value, value);
  }
}

/**
 * Whether a version that was just written is the latest. Only the first place can be taken twice, by one who read before there was any
 * version and makes it after the first one has moved on: what he made goes again, and he reads again.
 */
async function isLatest(windmill, base, number) {
  if (number > 1) return true;
  const [latest = number, ...older] = await versionsOf(windmill, base);
  for (const one of older) await orNull(deleteState(windmill, at(base, one)));
  return latest <= number;
}

const move = (windmill, from, to, value) =>
  windmill.call(
    `Writing the state ${to}`,
    () =>
      ResourceService.updateResource({ workspace: windmill.workspace, path: from, requestBody: { path: to, value } }),
    z.unknown(),
  );

/** Deletes every version, also one that moves meanwhile. Its value must reference no variable: Windmill would delete that too. */
async function deleteVersions(windmill, base) {
  for (let attempt = 1; attempt <= READS; attempt++) {
    const numbers = await versionsOf(windmill, base);
    if (numbers.length === 0) return;
    for (const number of numbers) await orNull(deleteState(windmill, at(base, number)));
  }
}

/**
 * What the health flow measured in the last 30 days, at {@link file://./paths.ts} HEALTH_HISTORY, in bounded space: the last ticks one
 * by one (two days of them at one each 5 minutes), and a bucket per hour. history_keep.ts writes it, history_view.ts reads it.
 */
const HISTORY_VERSION = 1;

const STATUSES = Status.options;

/**
 * A tick: when (milliseconds since 1970), status and depth as places in {@link STATUSES} and {@link DEPTHS}, milliseconds of the
 * model list over the server route (-1: none came), tokens.
 */
const TickRow = z.tuple([z.number(), z.number(), z.number(), z.number(), z.number()]);

/** An hour of UTC. */
const HourRow = z.object({
  /** Hours since 1970. */
  h: z.number().int(),
  /** Ticks per status, in the order of {@link STATUSES}. */
  n: z.tuple([z.number(), z.number(), z.number(), z.number()]),
  /** Seconds per status, in the same order, see spans.ts; absent in hours that release 0.1.0 wrote. */
  s: z.tuple([z.number(), z.number(), z.number(), z.number()]).optional(),
  /** Tokens. */
  t: z.number(),
  /** By place in `models`: how long answers took, one sign per answer, see {@link encodeMs}. Absent when none was asked. */
  l: z.record(z.string(), z.string()).optional(),
});

const History = z.object({
  version: z.literal(HISTORY_VERSION),
  /** Ids of the models whose answer times are kept. A place is reused only when its model has no answer left in any hour. */
  models: z.array(z.string()),
  /** Oldest first, see {@link BOUNDS}. */
  ticks: z.array(TickRow),
  /** Oldest first, see {@link BOUNDS}. */
  hours: z.array(HourRow),
});

/** What is kept at most. With 3 models asked hourly that is about 70 kB, with 20 models asked every 5 minutes about 300 kB. */
const BOUNDS = { ticks: 600 };

const emptyHistory = () => ({ version: HISTORY_VERSION, models: [], ticks: [], hours: [] });

/** Milliseconds of the first sign, and how much longer each next one is: 88 signs reach from 10 ms to 97 s, 11 % apart. */
const FIRST_MS = 10;

const STEP = 1.11;

/** Printable ASCII without the two signs that JSON would have to escape. */
const SIGNS = Array.from({ length: 94 }, (_, index) => String.fromCharCode(33 + index))
  .filter((sign) => sign !== '"' && sign !== "\\")
  .join("");

new Map([...SIGNS].map((sign, place) => [sign, Math.round(FIRST_MS * STEP ** place)]));

/** What there is to tell people, as the memory of the health flow knows it. */
const News = z.object({
  /** The same for each attempt, so that who gets it twice can tell: incident, occasion and number. */
  id: z.string(),
  /** Why people are told: an incident began, its status or cause changed, it still lasts, or it is over. */
  kind: z.enum(["opening", "cause", "reminder", "recovery"]),
  /** Id of the incident. */
  incident: z.string(),
  /** Of the cause that it is about; "" for a recovery. */
  code: z.string(),
  status: Status,
  /** What people were told before; null when nothing was. */
  previous: Status.nullable(),
  /** When the incident began. */
  since: z.iso.datetime(),
  /** The tick that gives the occasion. */
  at: z.iso.datetime(),
  /** How often it was sent before without anybody saying that it arrived. */
  repeated: z.number().int().optional(),
});

/**
 * What the health flow remembers from tick to tick. The rule behind its shape: **what is known is what was measured, when, and how
 * deep**. A check never says "nothing is wrong"; it says what it measured. So the memory holds
 *
 * - `open`: what was found wrong and has not been measured as well since. Each finding knows how deep a look it takes to see it and
 *   by which probes it was seen (its subjects: requests of one route, kind and model; none when the settings show it). A tick
 *   closes it only by measuring those subjects on their own merits: a shallower check, an edit, an outage in front of them, a
 *   blind moment or a check that ran out of time leave it open, with its age.
 * - `looks`: per depth, when it was measured last, under which settings; and `tried`, when it was asked for last, whatever came of it.
 * - `models`, `features`: the last answer per subject that people know, each with the time at which it was asked.
 * - `streaks`: ticks in a row that were at least so bad, at most so bad, blind, or had the same cause. They decide when a status
 *   counts; which causes made it does not matter for that.
 * - the incident, the closed ones, and what people were told of each.
 *
 * Times are ISO 8601 by the clock of Windmill's database, see {@link Tick}. It holds no secret: findings and facts are redacted
 * where they are made.
 */
const STATE_VERSION = 3;

/** Bounds that keep the state small whatever happens: about 60 kB at worst, a few kB as a rule. */
const LIMITS = {
  incidents: 50,
  open: 30,
  subjects: 130,
  models: 60,
  incident_findings: 20,
  causes: 12,
  turns: 12,
  ticks: 20,
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
  /** The status that the last alert named; null before the first. */
  status: Status.nullable(),
  /** `status/code` of the causes that were told, so that a cause that comes and goes is told once. */
  causes: z.array(z.string()),
  /** How many alerts people were sent of it. */
  count: z.number().int(),
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

/** A finding that was made and not yet measured away. */
const OpenFinding = z.object({
  /** As it was seen last; `probes` are the subjects that have not been measured as well since. */
  finding: Finding,
  /** How deep a look has to be to see it. */
  depth: Depth,
  /** When it was seen first and last. */
  first: Time,
  last: Time,
});

/** The last time a depth was measured. */
const Look = z.object({
  at: Time,
  /** Tokens that the check used which looked. */
  tokens: z.number().int(),
  /** Of the settings under which it looked; "" when not known. */
  fingerprint: z.string(),
});

/** A model with its last answers, and when it was asked for them; null when it never was under the present settings. */
const KnownModel = ModelRow.extend({ asked_at: Time.nullable() });

/** A feature with its last result, and when it was tried; null when it never was. */
const KnownFeature = FeatureRow.extend({ tried_at: Time.nullable() });

/** Consecutive ticks of a kind. A blind tick (`unknown`) neither ends nor lengthens any but `blind`. */
const Run = z.object({ count: z.number().int(), since: Time });

const Streaks = z.object({
  /** All is well. */
  well: Run.nullable(),
  /** At most `degraded`: people are served. */
  served: Run.nullable(),
  /** At least `degraded`. */
  ill: Run.nullable(),
  /** `down`. */
  down: Run.nullable(),
  /** Nothing could be measured. */
  blind: Run.nullable(),
  /** Something could. */
  seen: Run.nullable(),
  /** The same cause was the reason. */
  cause: Run.extend({ key: z.string() }).nullable(),
});

/** The last tick. */
const LastTick = z.object({
  at: Time,
  /** What it measured, together with what is still open, which is not yet the status that people go by. */
  status: Status,
  depth: Depth,
  /** Of settings, resource and intent, see observe/fingerprint.ts; "" when none was ever known. */
  fingerprint: z.string(),
  /** Where people see the run. */
  run_url: z.string(),
  /** The command and who ran it, for a check that a change made; "" for the flow's own. */
  by: z.string(),
  connection: ConnectionFacts.nullable(),
  server_version: z.string(),
});

/** Telling people without certainty that they got it. */
const Attempt = z.object({
  news: News,
  /** How often it was sent. */
  count: z.number().int(),
  /** When it may be sent again. */
  next: Time,
  /** Whether it may have arrived: then people count as told. */
  maybe: z.boolean(),
});

const HealthState = z.object({
  version: z.literal(STATE_VERSION),
  /** The status that people go by. */
  status: Status,
  /** When it began. */
  since: Time,
  /** Null when only the status is known, e.g. after an upgrade. */
  last: LastTick.nullable(),
  /** Ids of the last ticks, newest first, so that one that comes again is known. */
  ticks: z.array(z.string()),
  streaks: Streaks,
  open: z.array(OpenFinding),
  looks: z.object({ free: Look.nullable(), chat: Look.nullable(), features: Look.nullable() }),
  tried: z.object({ chat: Time.nullable(), features: Time.nullable() }),
  /** The last answers per model and per feature, whichever tick asked for them. */
  models: z.array(KnownModel),
  features: z.array(KnownFeature),
  /** Features as they were tried last while models answered: they are that again when models answer again. */
  features_tried: z.array(KnownFeature),
  /** Models that answered when they were asked last although the gateway did not list them. */
  unlisted: z.array(z.string()),
  /** The open incident. */
  incident: Incident.nullable(),
  /** The closed ones, newest first, at most {@link LIMITS}. */
  incidents: z.array(Incident),
  /** When the status turned for the better last after it had turned for the worse, newest first: what comes and goes is waited for. */
  turns: z.array(Time),
  /** Which way it turned last. */
  heading: z.enum(["better", "worse"]),
  /** The tick that is telling people right now, and its time: nobody else tells until it is over. */
  claim: z.object({ by: z.string(), at: Time }).nullable(),
  /** What was sent last and no target took for certain; null when one did. */
  attempt: Attempt.nullable(),
});

/** A state in which only the status is known. */
const newState = (status, since) => ({
  version: STATE_VERSION,
  status,
  since,
  last: null,
  ticks: [],
  streaks: { well: null, served: null, ill: null, down: null, blind: null, seen: null, cause: null },
  open: [],
  looks: { free: null, chat: null, features: null },
  tried: { chat: null, features: null },
  models: [],
  features: [],
  features_tried: [],
  unlisted: [],
  incident: null,
  incidents: [],
  turns: [],
  heading: "better",
  claim: null,
  attempt: null,
});

const DEPTHS = Depth.options;

const level = (depth) => DEPTHS.indexOf(depth);

/** The depth at which a probe is sent, by its id (`route:kind:model`). What is no probe needs none. */
function depthOfId(id) {
  const kind = ProbeKind.safeParse(id.split(":")[1]);
  return kind.success ? PROBE_DEPTH[kind.data] : "free";
}

/** The depth that a finding needs: that of the cheapest probe that shows it. What is read from settings needs none. */
function depthOf({ probes }) {
  const levels = probes.map((id) => level(depthOfId(id)));
  return DEPTHS[levels.length === 0 ? 0 : Math.min(...levels)] ?? "free";
}

/** The probes that show a finding by themselves: deeper ones fail as its consequence and say nothing of their own. */
function subjectsOf(finding) {
  const depth = depthOf(finding);
  return finding.probes.filter((id) => depthOfId(id) === depth);
}

/** `status/code`: what makes a cause another one. */
const keyOf = ({ status, code }) => `${status}/${code}`;

/** An incident's id from its start. */
const incidentId = (start) => `${start.slice(0, 19).replace(/[-:]/g, "")}Z`;

/** Memories that earlier versions stored, brought up to date. Pure. */
/** The state up to version 1. */
const FirstVersion = z.object({
  version: z.literal(1),
  status: Status,
  since: Time,
  announced: Status.nullable(),
  checked_at: Time,
});

function fromFirst({ status, since, announced, checked_at }) {
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
    told: { at: checked_at, opening: true, recovery: false, status: announced, causes: [`${announced}/`], count: 1 },
  };
  if (!known) return state;
  return status === "healthy" ? { ...state, incidents: [incident] } : { ...state, incident, heading: "worse" };
}

const SecondIncident = z
  .looseObject({ told: z.looseObject({ causes: z.array(z.string()) }) })
  .transform(({ told, ...rest }) => ({
    ...rest,
    told: { status: lastTold(told.causes), count: told.causes.length, ...told },
  }))
  .pipe(Incident);

/** The status of the last cause that people were told of. */
function lastTold(causes) {
  return Status.safeParse(causes.at(-1)?.split("/")[0]).data ?? null;
}

const SecondResult = z.object({
  at: Time,
  tokens: z.number().int(),
  findings: z.array(Finding),
  failing_since: Time.nullable(),
});

/** The state of version 2, that of release 0.1.0: the last result of each depth, and streaks of good and bad ticks. */
const SecondVersion = z.object({
  version: z.literal(2),
  status: Status,
  since: Time,
  last: z
    .object({
      at: Time,
      status: Status,
      depth: Depth,
      fingerprint: z.string(),
      run_url: z.string(),
      connection: ConnectionFacts.nullable(),
      server_version: z.string(),
    })
    .nullable()
    .catch(null),
  streaks: z
    .object({
      good: Run.nullable(),
      bad: Run.nullable(),
      blind: Run.nullable(),
      cause: Run.extend({ key: z.string() }).nullable(),
    })
    .catch({ good: null, bad: null, blind: null, cause: null }),
  results: z
    .object({ free: SecondResult.nullable(), chat: SecondResult.nullable(), features: SecondResult.nullable() })
    .catch({ free: null, chat: null, features: null }),
  models: z.array(ModelRow).catch([]),
  features: z.array(FeatureRow).catch([]),
  features_tried: z.array(FeatureRow).catch([]),
  unlisted: z.array(z.string()).catch([]),
  incident: SecondIncident.nullable().catch(null),
  incidents: z.array(SecondIncident).catch([]),
});

function fromSecond(old) {
  const { status, since, last, streaks, results, incident, incidents } = old;
  const { good, bad, blind, cause } = streaks;
  const fingerprint = last?.fingerprint ?? "";
  const look = ({ at, tokens }) => ({ at, tokens, fingerprint });
  const tried_at = results.features?.at ?? null;
  const rows = (all) => all.map((row) => ({ ...row, tried_at: row.state === "not-tested" ? null : tried_at }));
  const asked_at = results.chat?.at ?? null;
  const asked = ({ server, worker }) => server !== "not-tested" || worker !== "not-tested";
  return {
    ...newState(status, since),
    last: last && { ...last, by: "" },
    streaks: {
      ...{ well: good, ill: bad, blind, cause, seen: null },
      served: good ?? runOf("degraded", cause),
      down: runOf("down", cause),
    },
    open: Object.values(results).flatMap((result) => (result === null ? [] : result.findings.map(openOf(result)))),
    looks: {
      free: results.free && look(results.free),
      chat: results.chat && look(results.chat),
      features: results.features && look(results.features),
    },
    tried: { chat: results.chat?.at ?? null, features: results.features?.at ?? null },
    models: old.models.map((row) => ({ ...row, asked_at: asked(row) ? asked_at : null })),
    features: rows(old.features),
    features_tried: rows(old.features_tried),
    unlisted: old.unlisted,
    incident,
    incidents,
    turns: incidents.flatMap(({ end }) => end ?? []).slice(0, LIMITS.turns),
    heading: incident === null ? "better" : "worse",
  };
}

/** How long a status has lasted at least, by its cause. */
const runOf = (status, cause) =>
  cause?.key.startsWith(`${status}/`) ? { count: cause.count, since: cause.since } : null;

const openOf =
  ({ at, failing_since }) =>
  (finding) => ({
    finding: { ...finding, probes: subjectsOf(finding).slice(0, LIMITS.subjects) },
    depth: depthOf(finding),
    first: failing_since ?? at,
    last: at,
  });

/** A memory of an earlier version as this one has it; null for anything else. */
function upgraded(stored) {
  const second = SecondVersion.safeParse(stored);
  if (second.success) return fromSecond(second.data);
  const first = FirstVersion.safeParse(stored);
  return first.success ? fromFirst(first.data) : null;
}

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
  const older = size <= SIZE_LIMIT ? upgraded(stored) : null;
  if (older) return { value: bounded(older), repairs: [] };
  return repair(asRecord(stored), size, at);
}

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
    const list = Array.isArray(stored[key]) ? stored[key] : [];
    if (key === "incidents") return [key, readable(Incident, list)];
    if (key === "open") return [key, readable(OpenFinding, list)];
    return [key, fresh[key]];
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
    ticks: state.ticks.slice(0, LIMITS.ticks),
    open: state.open.slice(0, LIMITS.open),
    models: state.models.slice(0, LIMITS.models),
    turns: state.turns.slice(0, LIMITS.turns),
    unlisted: state.unlisted.slice(0, LIMITS.models),
    incident: state.incident && boundedIncident(state.incident),
    incidents: state.incidents.slice(0, LIMITS.incidents).map(boundedIncident),
  };
}

const boundedIncident = (incident) => ({
  ...incident,
  findings: incident.findings.slice(0, LIMITS.incident_findings),
});

/**
 * How long each status was so. A tick is a moment; it speaks for the time around it: half of the way to the tick before and half of
 * the way to the next one, but for no more than {@link REACH_MS} on either side. Before the first tick nothing is known; the latest
 * one speaks until now, as long as it reaches. Pure.
 */
/** Milliseconds that a tick speaks for on either side at most: the time between hourly checks is known, a night without any is not. */
const REACH_MS = 45 * 60_000;

const HOUR_MS$1 = 3_600_000;

/**
 * The spans of ticks that stand in order.
 *
 * @param now until when the last one may speak; milliseconds since 1970.
 */
function spansOf(ticks, now) {
  return ticks.flatMap(([at, status], index) => {
    const before = ticks[index - 1]?.[0];
    const after = ticks[index + 1]?.[0];
    const from = before === undefined ? at : Math.max((before + at) / 2, at - REACH_MS);
    const to =
      after === undefined ? Math.min(Math.max(now, at), at + REACH_MS) : Math.min((at + after) / 2, at + REACH_MS);
    return to > from ? [[from, to, status]] : [];
  });
}

/** What spans add up to between two times, in seconds. */
function secondsIn(spans, from, to) {
  const sum = [0, 0, 0, 0];
  for (const [start, end, status] of spans) {
    const ms = Math.min(end, to) - Math.max(start, from);
    if (ms > 0) sum[status] = (sum[status] ?? 0) + ms / 1000;
  }
  return sum;
}

/**
 * The hours with their seconds reckoned anew from the ticks that are known one by one. The time after the last one is the next tick's
 * business. Where earlier ticks are no longer known, the hour in which the known ones begin keeps what it has.
 *
 * @param from milliseconds since 1970; hours that are over by then stay as they are.
 */
function withSeconds(history, from = Number.NEGATIVE_INFINITY) {
  const first = history.ticks[0]?.[0] ?? 0;
  const last = history.ticks.at(-1)?.[0] ?? 0;
  const isWhole = history.ticks.length < BOUNDS.ticks;
  const spans = spansOf(history.ticks, last);
  const touched = new Set(history.ticks.map(([at]) => Math.floor(at / HOUR_MS$1)));
  for (const [start, end] of spans) {
    for (let h = Math.floor(start / HOUR_MS$1); h * HOUR_MS$1 < end; h++) touched.add(h);
  }
  const rows = new Map(history.hours.map((hour) => [hour.h, hour]));
  for (const h of touched) {
    if ((h + 1) * HOUR_MS$1 <= from || !(isWhole || h * HOUR_MS$1 > first)) continue;
    const s = secondsIn(spans, h * HOUR_MS$1, (h + 1) * HOUR_MS$1).map(Math.round);
    rows.set(h, { ...(rows.get(h) ?? { h, n: [0, 0, 0, 0], t: 0 }), s });
  }
  return { ...history, hours: [...rows.values()].sort((a, b) => a.h - b.h).slice(-720) };
}

/** Reads a stored history; what cannot be read of it is left out. */
function readHistory(stored) {
  if (stored === null || stored === undefined) return { value: emptyHistory(), repairs: [] };
  const whole = History.safeParse(stored);
  if (whole.success) {
    const isOld = whole.data.hours.some(({ s }) => s === undefined);
    return { value: isOld ? withSeconds(whole.data) : whole.data, repairs: [] };
  }
  const { version, models, ticks, hours } = asRecord(stored);
  const list = (value) => (Array.isArray(value) ? value : []);
  const named = list(models).every((model) => typeof model === "string") ? list(models) : [];
  if (version !== HISTORY_VERSION) return { value: emptyHistory(), repairs: [ANEW] };
  const value = {
    version: HISTORY_VERSION,
    models: named,
    ticks: readable(TickRow, list(ticks)),
    hours: readable(HourRow, list(hours)),
  };
  return { value, repairs: ["The history was damaged; what could not be read of it is lost."] };
}

const ANEW = "The history was damaged or of another version; it begins anew.";

/** A memory as it is stored: the state with the history in it. Windmill would resolve a text in it that looks like a reference. */
const storedMemory = ({ state, history }) => inert({ ...state, history });

/** A memory out of what is stored. @param at ISO 8601; the present, for what has lost its time. */
function readMemory(value, at) {
  if (value === null || value === undefined) return { state: null, history: emptyHistory(), repairs: [] };
  const { history: ticks = null, ...rest } = asRecord(value);
  const state = Object.keys(rest).length === 0 && isRecord(value) ? null : rest;
  const [first, second] = [readHealthState(isRecord(value) ? state : value, at), readHistory(ticks)];
  return { state: first.value, history: second.value, repairs: [...first.repairs, ...second.repairs] };
}

/** What release 0.1.0 stored apart, as it is stored now; null where there was neither. */
const storedPair = (state, history) => (state === null && history === null ? null : { ...asRecord(state), history });

const isRecord = (value) => typeof value === "object" && value !== null && !Array.isArray(value);

/**
 * The memory of the health flow where it is kept: state and history in one record, which moves with each change (windmill/moving.ts).
 * Everything that decides is pure.
 */
/** Where the memory was until release 0.1.0, and its lock. */
const BEFORE = [HEALTH_HISTORY, HEALTH_STATE, HEALTH_LOCK];

async function keptOf(windmill) {
  const version = await readVersion(windmill, HEALTH_STATE);
  const value = version === null ? await readBefore(windmill) : version.value;
  return { version, ...readMemory(value, new Date().toISOString()) };
}

async function readBefore(windmill) {
  const [state, history] = await Promise.all([readState(windmill, HEALTH_STATE), readState(windmill, HEALTH_HISTORY)]);
  return storedPair(state, history);
}

/** How often a change begins anew because somebody else was faster. */
const ATTEMPTS = 50;

/**
 * Changes the memory as one step: `decide` may be asked several times, each time with what is stored then.
 *
 * A workspace that is not connected any more gets no memory, unless told otherwise: a tick that was under way while somebody disconnected leaves nothing.
 *
 * @returns null when the workspace is not connected.
 */
async function changeMemory(windmill, decide, { although_disconnected = false } = {}) {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const kept = await keptOf(windmill);
    if (!although_disconnected && !(await isConnected(windmill, kept.version !== null))) return null;
    const { store, result } = await decide(kept);
    if (store === null) return result;
    if (!(await replaceVersion(windmill, HEALTH_STATE, kept.version, storedMemory(store)))) continue;
    if (kept.version !== null) return result;
    for (const path of BEFORE) await orNull(deleteState(windmill, path));
    // Whoever disconnects takes the intent away first and looks for a memory then: one of the two sees the other.
    if (although_disconnected || (await isConnected(windmill, false))) return result;
    await forgetMemory(windmill);
    return null;
  }
  throw new WindmillError(`Writing the state ${HEALTH_STATE}`, null, "too many runs write it at once");
}

/**
 * Whether there is anything to watch: somebody has connected the workspace, or its settings name a connection all the same.
 *
 * @param instead what to take it for where Windmill does not say.
 */
async function isConnected(windmill, instead) {
  try {
    if ((await readIntent(windmill))?.active) return true;
    return viewSettings(await readEffectiveAiSettings(windmill)).connection !== null;
  } catch (error) {
    if (instead) return true;
    throw error;
  }
}

/**
 * Deletes the memory, wherever it has moved to. A disconnect calls it when the intent is gone: a tick that was under way may have
 * written it again after it was removed.
 */
async function forgetMemory(windmill) {
  await deleteVersions(windmill, HEALTH_STATE);
  for (const path of BEFORE) await orNull(deleteState(windmill, path));
}

/** What people are still to be told, and what they were told. Pure. */
const MINUTE_MS = 60_000;

/**
 * Minutes from one attempt to the next. What certainly did not arrive is tried again with the next ticks and then each hour, as long
 * as it is so. What may have arrived is sent a few times more, ever later, and counts as told from the first time on.
 */
const PAUSES_MIN = { refused: [0, 0, 15, 60], maybe: [5, 15, 60, 240] };

/**
 * The state after somebody has tried to tell people.
 *
 * @param outcome `taken`: a target took it; `refused`: none did, for certain; `maybe`: nobody can say.
 * @param at ISO 8601; the time of the tick that told.
 */
function afterTelling(state, news, outcome, at) {
  const count = (state.attempt?.news.id === news.id ? state.attempt.count : 0) + 1;
  const known = outcome !== "refused" && !(state.attempt?.news.id === news.id && state.attempt.maybe);
  const told = (one) => (known && one.id === news.incident ? { ...one, told: toldOf(one, news, at) } : one);
  return {
    ...state,
    claim: null,
    attempt: attemptOf(news, outcome, count, at, state.attempt?.news.id === news.id && state.attempt.maybe),
    incident: state.incident && told(state.incident),
    incidents: state.incidents.map(told),
  };
}

/** What is to be tried again, and when; null for what was taken, and for what was sent often enough. */
function attemptOf(news, outcome, count, at, before) {
  if (outcome === "taken") return null;
  const maybe = before || outcome === "maybe";
  const pauses = PAUSES_MIN[maybe ? "maybe" : "refused"];
  if (maybe && count > pauses.length) return null;
  const pause = pauses[Math.min(count, pauses.length) - 1] ?? 0;
  const { repeated: _, ...first } = news;
  return { news: first, count, next: new Date(Date.parse(at) + pause * MINUTE_MS).toISOString(), maybe };
}

function toldOf({ told }, { kind, status, code }, at) {
  const count = told.count + 1;
  if (kind === "recovery") return { ...told, recovery: true, count };
  const key = keyOf({ status, code });
  const causes = told.causes.includes(key) ? told.causes : [...told.causes, key];
  return { ...told, at, opening: true, status, causes: causes.slice(0, LIMITS.causes), count };
}

/** The walk of `notify`. Nothing in it makes a tick fail. */
/** Tells what is due and notes in the memory that it was told; null when nothing is. */
async function tellPeople(
  windmill,
  { telling: { news, afterwards, announce }, findings, connection, health, checked_at },
  inputs,
) {
  if (!announce || news === null) return null;
  const place = {
    workspace: windmill.workspace,
    run_url: windmill.runUrl,
    pages_url: windmill.pages_url,
    elsewhere: connection.default_elsewhere ?? null,
  };
  const at = health.checked_at ?? checked_at;
  const first = await tellOne(windmill, composeAlert(news, findings, place), { news, at }, inputs);
  // What comes after something that nobody took waits for it.
  if (afterwards === null || !first.delivered) return first;
  const second = await tellOne(windmill, composeAlert(afterwards, findings, place), { news: afterwards, at }, inputs);
  return { delivered: second.delivered, targets: [...first.targets, ...second.targets] };
}

async function tellOne(windmill, alert, { news, at }, inputs) {
  const targets = await tell(windmill, alert, inputs);
  const delivered = targets.some((one) => one.delivered);
  try {
    await noteTold(windmill, news, outcomeOf(targets), at);
    return { delivered, targets };
  } catch (error) {
    const problem = `It could not be noted that people were told, so they may be told again. ${wordsOf(error)}`;
    return { delivered, targets: [...targets, { target: "memory", delivered: false, problem }] };
  }
}

const noteTold = (windmill, news, outcome, at) =>
  changeMemory(windmill, ({ state, history }) => ({
    store: state && { state: afterTelling(state, news, outcome, at), history },
    result: null,
  }));

/**
 * Tells every target, and says so in the log. Inputs that cannot be used are a target that was not told: the schedule's owner reads
 * it in the result.
 */
async function tell(windmill, alert, inputs) {
  try {
    const told = await deliver(windmill, parseInputs(AlertInput, inputs), alert);
    for (const { target, delivered, problem } of told) say(windmill, `${target}: ${delivered ? "told" : problem}`);
    return told;
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return [{ target: "alerts", delivered: false, problem: error.message }];
  }
}

/**
 * The one headline that every page shows. What is measured now and what counts are two facts: the first is the colour and the title,
 * the second is said beside it. What is green has been measured and has nothing broken below it. Pure.
 */
const Headline = z.object({
  /** The colour of what was measured last. */
  tone: z.enum(["good", "warn", "bad", "none"]),
  /** What was measured last. */
  title: z.string(),
  /** The same of a time that is past, for a check that is too old to be relied on; how long ago comes after it. */
  was: z.string(),
  /** Since when, and what counts beside it. Times stand in braces: `{2026-11-24T15:55:00.000Z}`. */
  says: z.array(z.string()),
});

/** A text with its times as a page writes them. */
const withTimes = (text, write) => text.replace(/\{(\d{4}-\d\d-\d\dT[\d:.]+Z)\}/g, (_all, iso) => write(iso));

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
  /** What people read first; the same on every page. */
  headline: Headline,
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
  /** When each depth was measured last, and whether nothing that it saw is open. */
  results: z.object({ free: ResultAge.nullable(), chat: ResultAge.nullable(), features: ResultAge.nullable() }),
  tokens_per_day: z.array(z.object({ day: z.string(), tokens: z.number().int() })),
  timeline: byRange(
    z.object({
      from: Time,
      cell_s: z.number(),
      cells: z.string(),
      parts: z.array(z.tuple([z.number(), z.number(), z.number(), z.number()])),
    }),
  ),
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
  /** Findings that an earlier check made and that this one did not measure: they stand until a check of that depth does. */
  standing: z.array(z.object({ code: z.string(), depth: Depth, at: z.string() })),
  /** What people should know about the memory, in sentences. */
  notes: z.array(z.string()),
  health: HealthView,
  /** Bytes of the stored memory and history. */
  kept_bytes: z.object({ state: z.number().int(), history: z.number().int() }),
  /** What there is to tell people, whether this run tells them, and whether it fails on purpose. */
  telling: z.object({
    news: News.nullable(),
    /** What is to be told after that: the next incident, where the end of the last one was not told yet. */
    afterwards: News.nullable(),
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

/** `2026-11-24 10:00 UTC`: results are shown in no particular time zone, so say which it is. */
const moment = (at) => `${at.slice(0, 16).replace("T", " ")} UTC`;

/** The message of a run that fails on purpose: cause and remedy come first, as nothing else of the report is shown. */
function failureMessage({ now, findings, could_not_look }) {
  const why =
    could_not_look === undefined
      ? "The run fails because fail_job_when says so."
      : "The run fails because its step check failed.";
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
    `${why} The report is the result of the step remember.`,
  ].join("\n");
}

/**
 * Telling people that the watch itself fails: what was found could not be remembered. There is no memory then that says whether they
 * were told, so Windmill's own list of runs decides.
 */
/** The step that remembers. */
const REMEMBER_STEP = `${FOLDER}/remember`;

const HOUR_MS = 3_600_000;

/** The failed runs in a row that the newest one ends, oldest first; none when it did not fail. @param runs newest first. */
function failedInARow(runs) {
  const good = runs.findIndex(({ succeeded }) => succeeded);
  return runs.slice(0, good < 0 ? runs.length : good).reverse();
}

/** How many failed runs after the first alert a second one is sent, in case that nobody took the first. */
const AGAIN_AFTER = 3;

/**
 * What is to be told of runs that failed in a row; null when nothing is. Once after as many as it takes for a bad status, once more a
 * little later, and then once in each span of `remind_every` hours.
 *
 * @param failed oldest first; the last one is the present run.
 */
function newsOfFailure(failed, { failures_before_alert: least, remind_every }) {
  const [first] = failed;
  const [before, now] = failed.slice(-2);
  if (!first || !now || failed.length < least) return null;
  const [since, at] = [first.at, now.at].map((one) => new Date(one).toISOString());
  const incident = incidentId(since);
  const news = (kind) => ({
    ...{ id: `${incident}/${kind}/${failed.length}`, kind, incident },
    ...{ code: WATCH_FAILED, status: "unknown", previous: null, since, at },
  });
  if (failed.length === least) return news("opening");
  // Where the first alert lies further back than the list reaches, spans are counted from 1970.
  const alerted = Date.parse(failed.length < RUNS_SHOWN ? (failed[least - 1]?.at ?? first.at) : "1970-01-01T00:00:00Z");
  const span = (at) => Math.floor((Date.parse(at) - alerted) / (remind_every * HOUR_MS));
  const remind = remind_every > 0 && before !== undefined && span(before.at) !== span(now.at);
  return remind || failed.length === least + AGAIN_AFTER ? news("reminder") : null;
}

/** Tells people that the watch fails, where it is time; null when it is not. @param why what the step that remembers said. */
async function tellOfFailure(windmill, why, rules, targets) {
  const news = newsOfFailure(failedInARow(await pastRuns(windmill, REMEMBER_STEP)), rules);
  if (news === null) return null;
  const findings = [finding$1(WATCH_FAILED, [{ text: why }])];
  const place = { workspace: windmill.workspace, run_url: windmill.runUrl, pages_url: windmill.pages_url };
  const told = await tell(windmill, composeAlert(news, findings, place), targets);
  return { delivered: told.some(({ delivered }) => delivered), targets: told };
}

/** From which status on the run of the health flow fails by itself, for those who watch runs. */
const FAIL_WHEN = ["never", "down", "degraded"];

/** How the health flow watches: what its own form asks for, and `connect` puts into the schedule. Null where nothing was given. */
const Watching = {
  /** Bad checks in a row. */
  failures_before_alert: whole(1, 100),
  /** Good checks in a row. */
  successes_before_recovery: whole(1, 100),
  /** Hours; 0 for no reminders. */
  remind_every: whole(0, 720),
  /** Minutes. */
  chat_every: whole(5, 1440),
  fail_job_when: choice(FAIL_WHEN),
};

/** The input `watch` of `connect`; names that nobody knows are slips. */
z.object(Watching)
  .partial()
  .catchall(
    z.unknown().superRefine((_, context) => {
      const message = `is not known. Known are: ${Object.keys(Watching).join(", ")}.`;
      context.addIssue({ code: "custom", message });
    }),
  )
  .nullish()
  .transform((given) => given ?? {});

/** Inputs of the step of the health flow that remembers, with the defaults of the flow's form. */
const RememberInput = z.object({
  failures_before_alert: Watching.failures_before_alert.transform((given) => given ?? 2),
  successes_before_recovery: Watching.successes_before_recovery.transform((given) => given ?? 2),
  remind_every: Watching.remind_every.transform((given) => given ?? 24),
  fail_job_when: Watching.fail_job_when.transform((given) => given ?? "never"),
  has_targets: z
    .boolean()
    .nullish()
    .transform((given) => given ?? false),
});

/** How sure the step that tells people must be where it cannot go by what the step before it says. */
const NotifyRules = RememberInput.pick({ failures_before_alert: true, remind_every: true });

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

/**
 * Words of a status: a dot in its colour, the words in the theme's own. No colour of text has enough contrast on white and on Windmill's
 * dark background, and a colour alone says nothing to those who do not see it.
 */
const dotted = (colour, words) =>
  html`<span style="font-weight:600;white-space:nowrap"><span style="display:inline-block;width:.65em;height:.65em;border-radius:50%;margin-right:.4em;background:${colour}"></span>${words}</span>`;

/** Links that look like buttons: what to do next stands out from what is to be read. */
const doors = (links) =>
  links.length === 0
    ? html``
    : html`<p style="margin:12px 0;display:flex;flex-wrap:wrap;gap:8px">${links.map(({ label, url }) => html`<a href="${url}" style="display:inline-block;padding:6px 14px;border:1px solid currentColor;border-radius:6px;font-weight:600;text-decoration:none">${label}</a>`)}</p>`;

/** The frame of every result: the toggle "Pretty | JSON" sits tight above it. */
const page = (...parts) =>
  html`<div style="font-size:14px;line-height:1.5;margin-top:12px;overflow-wrap:anywhere">${parts}</div>`.text;

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

/** Draws them. Every part has a tool tip; text has the theme's colour. */
function healthPicture(health) {
  const rows = ["h24", "d7", "d30"].map((range, index) => strip(health.timeline[range], LABELS[range], index * ROW));
  const height = rows.length * ROW + CHART + 20;
  return html`<svg viewBox="0 0 ${WIDTH} ${height}" style="width:100%;max-width:960px;display:block" role="img" aria-label="Statuses and answer times" font-size="11" fill="currentColor">${rows}${chart(health.latency_timeline, rows.length * ROW + 8)}</svg>`;
}

const LABELS = { h24: "24 hours", d7: "7 days", d30: "30 days" };

const stamp = (ms) => new Date(ms).toISOString().slice(0, 16).replace("T", " ");

/** A cell is a column: what held in it stands one above the other, for how much of it it held. Neighbours that are alike become one. */
function strip({ from, cell_s, cells, parts }, label, y) {
  const start = Date.parse(from);
  const step = (WIDTH - LEFT) / Math.max(1, cells.length);
  const columns = parts.map((part) => part.join(" "));
  const runs = [];
  columns.forEach((column, index) => {
    const last = runs.at(-1);
    if (last && columns[index - 1] === column) last.end = index + 1;
    else runs.push({ first: index, end: index + 1 });
  });
  const bars = runs.map(({ first, end }) => {
    const part = parts[first] ?? [0, 0, 0, 0];
    const held = STATUSES.map((status, place) => ({ status, share: part[place] ?? 0 })).filter(
      ({ share }) => share > 0,
    );
    const said = held.map(({ status, share }) => (share >= 99 ? status : `${status} ${share} %`)).join(", ");
    const times = `${stamp(start + first * cell_s * 1000)} to ${stamp(start + end * cell_s * 1000)} UTC`;
    const [x, width] = [fixed(LEFT + first * step), fixed((end - first) * step)];
    let bottom = y + BAR;
    const stack = held.map(({ status, share }) => {
      const height = fixed(Math.max(1, (share / 100) * BAR));
      bottom -= height;
      return html`<rect x="${x}" y="${fixed(bottom)}" width="${width}" height="${height}" fill="${COLOUR[status]}"></rect>`;
    });
    return html`<g><title>${times}: ${said || "no check"}</title><rect x="${x}" y="${y}" width="${width}" height="${BAR}" fill="#8883"></rect>${stack}</g>`;
  });
  return html`<text x="0" y="${y + 12}">${label}</text>${bars}`;
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

const heading = (words) => html`<h3 style="font-size:15px;font-weight:600;margin:16px 0 4px">${words}</h3>`;

const folded = (title, content) =>
  html`<details style="margin:8px 0"><summary style="cursor:pointer">${title}</summary>${content}</details>`;

const code = (text) => html`<code>${text}</code>`;

/** Rows of a table that are shown: who wants more reads the JSON. */
const ROWS = 60;

const FEATURE = {
  works: { colour: COLOURS.good, words: "works" },
  "not-tested": { colour: COLOURS.none, words: "not tested" },
  broken: { colour: COLOURS.bad, words: "does not work" },
};

/** Opens by itself when something was tested: at depth chat there is nothing to see. */
function features({ features: rows, findings }) {
  if (rows.length === 0) return html``;
  const colour = (row) =>
    row.state === "broken" ? SEVERITY[severityOf(row, findings)].colour : FEATURE[row.state].colour;
  const content = table(
    ["Feature", "State", "For whom", ""],
    rows.map((row) => [
      row.feature,
      dotted(colour(row), FEATURE[row.state].words),
      row.for_whom?.scope === "everybody" ? "every member" : (row.for_whom?.says ?? ""),
      row.why,
    ]),
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
        row.served === null ? "unknown" : row.served ? "yes" : dotted(COLOURS.bad, "no"),
        dotted(SIDE[row.server].colour, SIDE[row.server].words),
        dotted(SIDE[row.worker].colour, SIDE[row.worker].words),
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
          row.ok ? dotted(COLOURS.good, "ok") : dotted(COLOURS.bad, row.code ?? "failed"),
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
    head(health),
    [...report.notes, ...notTold(report)].map((note) => html`<p>${note}</p>`),
    doors(report.links ?? []),
    report.findings.map((one) => [finding(one), standing(report, one.code)]),
    heading("How it has been"),
    uptimes(health),
    healthPicture(health),
    incidents(health),
    features(report),
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

/** What was measured as colour and title, and what counts in words. */
const head = ({ headline: { tone, title: words, says } }) =>
  html`<h2 style="font-size:18px;font-weight:600">${dotted(COLOURS[tone], words)}</h2>${says.map((text) => html`<p>${withTimes(text, moment)}</p>`)}`;

const notTold = ({ alert }) =>
  (alert?.targets ?? [])
    .filter(({ delivered }) => !delivered)
    .map(({ target, problem }) => html`${dotted(COLOURS.warn, `Not told: ${target}`)} ${problem}`);

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
    one.end === null ? dotted(STATUS[one.current.status].colour, "lasts") : moment(one.end),
    lasting(one.duration_s),
    dotted(STATUS[one.worst].colour, one.worst),
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
    const state = one.ok ? dotted(COLOURS.good, "fine") : dotted(COLOURS.bad, "found something");
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

/** Windmill AI does not work as it should, or the watch does not, and the run says so by failing. */
class UnhealthyError extends Error {
  name = "UnhealthyError";
}
