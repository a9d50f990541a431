// Built by "npm run build" from src/commands/remember.ts: change it there.

import { OpenAPI, ScheduleService, JobService, ResourceService } from "windmill-client@1.818.0";
import * as z from "zod@4.6.7";

/**
 * Second step of the health flow: takes a check's report into the flow's memory and history, and says what people should be told.
 * Returns a {@link HealthReport} with its rendering. Blank inputs are the defaults of the flow's form.
 *
 * @param report the result of f/codex_pooler/check.
 * @param failures_before_alert bad checks in a row, 2 by default.
 * @param successes_before_recovery good checks in a row, 2 by default.
 * @param remind_every hours, 24 by default, 0 for never.
 * @param has_targets whether there is anybody to tell.
 * @throws InputError for input that cannot be used; WindmillError when the memory cannot be written.
 */
export async function main(
  report: object,
  failures_before_alert?: number,
  successes_before_recovery?: number,
  remind_every?: number,
  fail_job_when?: "never" | "down" | "degraded",
  has_targets?: boolean,
) {
  const rules = { failures_before_alert, successes_before_recovery, remind_every, fail_job_when, has_targets };
  const input = parseInputs(RememberInput, rules);
  const health = await remember(openWindmill(), CheckReport.parse(report), input);
  console.log(health.now);
  return finish(fitting(health), renderHealth);
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

/** The smallest depth at which each kind is sent. */
const PROBE_DEPTH = {
  models: "free",
  usage: "free",
  chat: "chat",
  metadata: "features",
  stream: "features",
  tools: "features",
  "strict-tools": "features",
  agent: "features",
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

/** From which status on the run of the health flow fails by itself, for those who watch runs. */
const FAIL_WHEN = ["never", "down", "degraded"];

const FAILING = {
  never: [],
  down: ["down"],
  degraded: ["down", "degraded"],
};

/** Whether the run is to fail at this status. A status that is not known fails no run. */
const failsAt = (status, when) => FAILING[when].includes(status);

/** When the schedule runs next. Pure. */
// Every n minutes, or once an hour: what connect makes.
const MINUTES = /^0 (?:\*\/(\d{1,2})|(\d{1,2})) \* \* \* \*$/;

const MINUTE_MS = 60_000;

/**
 * The next run of a schedule as ISO 8601; null when it is off, or when its cron expression is none that connect makes: people may
 * write any, and only Windmill knows all their forms.
 *
 * @param now milliseconds since 1970.
 */
function nextCheck(schedule, now) {
  const [, every, at] = (schedule?.enabled && MINUTES.exec(schedule.cron)) || [];
  if (!schedule || (every === undefined && at === undefined)) return null;
  const matches = (minute) =>
    every === undefined ? minute === Number(at) : Number(every) > 0 && minute % Number(every) === 0;
  const first = Math.floor(now / MINUTE_MS) + 1;
  for (let minute = first; minute < first + 60; minute++) {
    if (matches(minuteOfHour(minute * MINUTE_MS, schedule.timezone))) return new Date(minute * MINUTE_MS).toISOString();
  }
  return null;
}

/** Time zones differ in their minutes too, e.g. by 5 h 30 min. */
function minuteOfHour(ms, timeZone = "Etc/UTC") {
  try {
    return Number(new Intl.DateTimeFormat("en", { timeZone, minute: "numeric" }).format(ms));
  } catch {
    return new Date(ms).getUTCMinutes();
  }
}

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

/** Schedules: one function per call, each answer parsed at this border. */
z.looseObject({
  path: z.string(),
  schedule: z.string(),
  timezone: z.string(),
  enabled: z.boolean(),
  script_path: z.string(),
  is_flow: z.boolean(),
  args: z.record(z.string(), z.unknown()).nullish(),
  no_flow_overlap: z.boolean().nullish(),
  summary: z.string().nullish(),
  /** Set by Windmill when it could not queue the next run and switched the schedule off. */
  error: z.string().nullish(),
});

/** When a cron expression is due next, as Windmill reads it: five times at most, ISO 8601, soonest first. */
const previewRuns = (windmill, cron, timezone) =>
  windmill.call(
    `Asking when "${cron}" is due`,
    () => ScheduleService.previewSchedule({ requestBody: { schedule: cron, timezone } }),
    z.array(z.string()),
  );

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

/** Where the flow keeps what it measured in the last 30 days, apart from the state that every tick decides by. */
const HEALTH_HISTORY = `${FOLDER}/health_history`;

/** Held while a tick is taken into the two. */
const HEALTH_LOCK = `${FOLDER}/health_lock`;

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
 * What the health flow measured in the last 30 days, at {@link file://./paths.ts} HEALTH_HISTORY, in bounded space: the last ticks one
 * by one (two days of them at one each 5 minutes), and a bucket per hour. history_keep.ts writes it, history_view.ts reads it.
 */
const HISTORY_VERSION = 1;

const STATUSES = Status.options;

const DEPTHS$1 = Depth.options;

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
const BOUNDS = { ticks: 600, hours: 720, models: 20, answers_per_hour: 12 };

const emptyHistory = () => ({ version: HISTORY_VERSION, models: [], ticks: [], hours: [] });

/** Milliseconds of the first sign, and how much longer each next one is: 88 signs reach from 10 ms to 97 s, 11 % apart. */
const FIRST_MS = 10;

const STEP = 1.11;

/** Printable ASCII without the two signs that JSON would have to escape. */
const SIGNS = Array.from({ length: 94 }, (_, index) => String.fromCharCode(33 + index))
  .filter((sign) => sign !== '"' && sign !== "\\")
  .join("");

/** A time as one sign, so that an hour of answers takes a few bytes and percentiles stay exact to 6 %. */
const encodeMs = (ms) =>
  SIGNS[Math.min(SIGNS.length - 1, Math.max(0, Math.round(Math.log(Math.max(ms, 1) / FIRST_MS) / Math.log(STEP))))] ??
  "!";

const TIMES = new Map([...SIGNS].map((sign, place) => [sign, Math.round(FIRST_MS * STEP ** place)]));

/** The time that a sign stands for, in ms; null for a sign that stands for none. */
const decodeMs = (sign) => TIMES.get(sign) ?? null;

/**
 * What the health flow remembers from tick to tick, at {@link file://./paths.ts} HEALTH_STATE: the status that people go by, the
 * streaks that decide when it changes, the last picture of the connection, and the incidents. Times are ISO 8601. It holds no
 * secret: findings and facts are redacted where they are made.
 */
const STATE_VERSION = 2;

/** Bounds that keep the state small whatever happens: about 60 kB at worst, a few kB as a rule. */
const LIMITS = {
  incidents: 50,
  findings: 12,
  evidence: 3,
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

const SEVERITIES = Severity.options;

/** What is wrong now: the findings of every depth's last result, one per code, the most severe first. */
function currentFindings({ free, chat, features }) {
  const all = [free, chat, features].flatMap((result) => result?.findings ?? []);
  return all
    .filter(({ code }, index) => all.findIndex((one) => one.code === code) === index)
    .sort((a, b) => SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity));
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

const HOUR_MS$2 = 3_600_000;

/** Reads a stored history; what cannot be read of it is left out. */
function readHistory(stored) {
  if (stored === null || stored === undefined) return { value: emptyHistory(), repairs: [] };
  const whole = History.safeParse(stored);
  if (whole.success) return { value: whole.data, repairs: [] };
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

/** The history with a tick in it. */
function keepTick(history, tick) {
  const at = Date.parse(tick.at);
  if (history.ticks.some(([time]) => time === at)) return history;
  const row = [at, STATUSES.indexOf(tick.status), DEPTHS$1.indexOf(tick.depth), tick.ms ?? -1, tick.tokens];
  const models = named(history, tick.answers);
  const hour = Math.floor(at / HOUR_MS$2);
  const before = history.hours.find(({ h }) => h === hour) ?? { h: hour, n: [0, 0, 0, 0], t: 0 };
  return {
    version: HISTORY_VERSION,
    models,
    ticks: kept(history.ticks, row, ([time]) => time, BOUNDS.ticks),
    hours: kept(
      history.hours.filter(({ h }) => h !== hour),
      inHour(before, tick, models),
      ({ h }) => h,
      BOUNDS.hours,
    ),
  };
}

/**
 * The rows with one more, in order; where that is too many, without the one that is furthest from it. So a clock that is wrong for
 * once pushes out one row and no more, and what it wrote is the first to go when it is right again.
 */
function kept(rows, row, time, limit) {
  const place = rows.findLastIndex((one) => time(one) <= time(row)) + 1;
  const all = [...rows.slice(0, place), row, ...rows.slice(place)];
  while (all.length > limit) {
    const [first, last] = [all[0], all.at(-1)].map((one) => (one ? Math.abs(time(one) - time(row)) : 0));
    if ((first ?? 0) >= (last ?? 0)) all.shift();
    else all.pop();
  }
  return all;
}

function inHour(before, tick, models) {
  const n = before.n.map((count, index) => count + (STATUSES[index] === tick.status ? 1 : 0));
  const l = { ...before.l };
  for (const { model, ms } of tick.answers) {
    const place = models.indexOf(model);
    const signs = l[place] ?? "";
    if (place >= 0 && signs.length < BOUNDS.answers_per_hour) l[place] = signs + encodeMs(ms);
  }
  return { h: before.h, n, t: before.t + tick.tokens, ...(Object.keys(l).length > 0 ? { l } : {}) };
}

/** The names with a place for every model that answered, as far as there is one. */
function named(history, answers) {
  const models = [...history.models];
  for (const { model } of answers) {
    if (models.includes(model)) continue;
    const free = models.findIndex(
      (old, place) =>
        !answers.some((one) => one.model === old) && history.hours.every(({ l }) => l?.[place] === undefined),
    );
    if (models.length < BOUNDS.models) models.push(model);
    else if (free >= 0) models[free] = model;
  }
  return models;
}

const DEPTHS = Depth.options;

const LEVEL = { healthy: 0, unknown: 1, degraded: 2, down: 3 };

/** The worse of two statuses: down > degraded > unknown > healthy. */
const worse = (a, b) => (LEVEL[a] >= LEVEL[b] ? a : b);

/**
 * Milliseconds for which trouble that only a deeper check can see stands without being measured again. It is out of reach while
 * the depth is chosen by the flow; it ends what a single deep run by hand has left behind.
 */
const STANDING_MS = 2 * 3_600_000;

/** The depth that a finding needs: that of the cheapest probe that shows it. What is read from settings needs none. */
function depthOf(finding, probes) {
  const places = probes
    .filter(({ id }) => finding.probes.includes(id))
    .map(({ kind }) => DEPTHS.indexOf(PROBE_DEPTH[kind]));
  return DEPTHS[places.length === 0 ? 0 : Math.min(...places)] ?? "free";
}

/** Whether a finding is more than information. */
const hurts = ({ severity }) => severity !== "info";

/**
 * The results of all depths after a check: those that it measured are new, the deeper ones stand.
 *
 * @param changed whether the settings are others than before, so that what deeper checks found says nothing any more.
 */
function takeResults(before, check, changed) {
  const reached = DEPTHS.indexOf(check.depth);
  const result = (depth) => {
    const old = before[depth];
    if (DEPTHS.indexOf(depth) > reached) return old && standing$1(old, check.at, changed);
    const own = check.findings.filter((finding) => depthOf(finding, check.probes) === depth).slice(0, LIMITS.findings);
    return {
      at: check.at,
      tokens: check.tokens,
      findings: own.map((one) => ({ ...one, evidence: one.evidence.slice(0, LIMITS.evidence) })),
      failing_since: own.some(hurts) ? (old?.failing_since ?? check.at) : null,
    };
  };
  return { free: result("free"), chat: result("chat"), features: result("features") };
}

function standing$1(old, at, changed) {
  const over = changed || Date.parse(at) - Date.parse(old.at) > STANDING_MS;
  return over && old.failing_since !== null
    ? { ...old, failing_since: null, findings: old.findings.filter((one) => !hurts(one)) }
    : old;
}

/** The status of a check together with what deeper ones found before. A blind check stays blind. */
function measuredStatus(check, results) {
  if (check.status === "unknown") return "unknown";
  const deeper = DEPTHS.slice(DEPTHS.indexOf(check.depth) + 1).flatMap((depth) => results[depth]?.findings ?? []);
  const statuses = deeper.filter(hurts).map(({ severity }) => (severity === "critical" ? "down" : "degraded"));
  return statuses.reduce(worse, check.status);
}

/** Why the status is what it is: of the findings that weigh most, one that never heals by itself, else the first. */
function reasonOf(status, results) {
  // What deeper checks found before is no reason for being blind now.
  const weighing = (status === "unknown" ? (results.free?.findings ?? []) : currentFindings(results)).filter(hurts);
  const heaviest = status === "down" ? weighing.filter(({ severity }) => severity === "critical") : weighing;
  const first = heaviest.find(({ lasting }) => lasting) ?? heaviest[0];
  return { status, code: first?.code ?? "", title: first?.title ?? "", lasting: first?.lasting === true };
}

/** Model rows with the last answers of models that this check did not ask. */
function takeModels(before, now) {
  return now.slice(0, LIMITS.models).map((row) => {
    const old = before.find(({ id }) => id === row.id);
    const asked = row.server !== "not-tested" || row.worker !== "not-tested";
    return asked || !old ? row : { ...row, server: old.server, worker: old.worker, ms: old.ms };
  });
}

/**
 * Feature rows with the last results of features that this check did not try. What fails because models fail is no result of the
 * features: it ends when models answer again.
 *
 * @param results those of all depths after this check.
 */
function takeFeatures(before, check, results) {
  const untried = ({ state }) => state === "not-tested";
  const old = (rows, { feature }) => rows.find((row) => row.feature === feature && !untried(row));
  const known = check.depth === "free" ? before.features : before.features_tried;
  const features = check.features.map((row) => (untried(row) ? (old(known, row) ?? row) : row));
  if (check.depth !== "features") return { features, features_tried: before.features_tried };
  const deeper = new Set((results.features?.findings ?? []).map(({ code }) => code));
  const ofModels = ({ state, code = "" }) => state === "broken" && !deeper.has(code);
  const tried = check.features.flatMap((row) => (ofModels(row) ? (old(before.features_tried, row) ?? []) : row));
  return { features, features_tried: tried };
}

/**
 * Milliseconds by which a tick may be older than the last one and be late: the steps of the flow end within this time. One that is
 * older by more comes from a clock that was set back, and is the present.
 */
const LATE_MS = 600_000;

function orderOf(state, at) {
  const behind = state?.last ? Date.parse(state.last.at) - Date.parse(at) : -1;
  if (behind === 0) return "again";
  return behind > 0 && behind <= LATE_MS ? "late" : "next";
}

/** Takes a tick. One that is late, or was taken already, changes nothing: the status is that of the latest. */
function takeTick(before, tick, thresholds) {
  if (before && orderOf(before, tick.at) !== "next") return before;
  const known = before && notAfter(before, tick.at);
  const changed = known?.last ? known.last.fingerprint !== tick.fingerprint : false;
  const results = takeResults(known?.results ?? newState("unknown", tick.at).results, tick, changed);
  const status = measuredStatus(tick, results);
  const reason = reasonOf(status, results);
  // Nothing came before the first tick that its status could be held against.
  const state = known ?? newState(status, tick.at);
  const { at, depth, fingerprint, run_url, connection, server_version } = tick;
  const next = {
    ...state,
    last: { at, status, depth, fingerprint, run_url, connection, server_version },
    streaks: takeStreaks(state.streaks, reason, at),
    results,
    models: takeModels(state.models, tick.models),
    ...takeFeatures(state, tick, results),
    unlisted: depth === "free" ? state.unlisted : unlistedOf(tick),
  };
  return next.incident === null
    ? open(next, reason, thresholds, known?.status ?? null)
    : goOn(next, next.incident, reason, thresholds);
}

const unlistedOf = ({ models }) =>
  models.filter(({ served, server }) => served === false && server === "ok").map(({ id }) => id);

const keyOf$1 = ({ status, code }) => `${status}/${code}`;

const longer = (run, at) => ({ count: (run?.count ?? 0) + 1, since: run?.since ?? at });

function takeStreaks({ good, bad, blind, cause }, reason, at) {
  if (reason.status === "healthy") return { good: longer(good, at), bad: null, blind: null, cause: null };
  if (reason.status === "unknown") return { good, bad, blind: longer(blind, at), cause };
  const key = keyOf$1(reason);
  const same = cause?.key === key ? cause : null;
  return { good: null, bad: longer(bad, at), blind: null, cause: { key, ...longer(same, at) } };
}

/** Without an open incident: opens one when enough ticks in a row were bad, or blind. */
function open(state, reason, rules, before) {
  const { at } = state.last ?? { at: state.since };
  const { good, bad, blind } = state.streaks;
  if (reason.status === "healthy") {
    const well = state.status !== "healthy" && (good?.count ?? 0) >= rules.successes_before_recovery;
    return well ? { ...state, status: reason.status, since: good?.since ?? at } : state;
  }
  const streak = reason.status === "unknown" ? blind : bad;
  if (!streak || (streak.count < rules.failures_before_alert && !reason.lasting)) return state;
  const { lasting: _, ...cause } = reason;
  const incident = {
    id: incidentId(streak.since),
    start: streak.since,
    opened: at,
    end: null,
    before: before === reason.status ? null : before,
    worst: reason.status,
    cause,
    current: { ...cause, since: streak.since },
    findings: [],
    told: { at: null, opening: false, recovery: false, causes: [] },
  };
  // Good ticks from before do not count as its end.
  const streaks = { ...state.streaks, good: null };
  return { ...state, status: reason.status, since: streak.since, streaks, incident: seen(incident, state) };
}

/** With an open incident: notes what is found, changes its cause when it is sure, closes it when all is well for long enough. */
function goOn(state, incident, reason, rules) {
  const { at } = state.last ?? { at: state.since };
  const { good, blind, cause } = state.streaks;
  if (reason.status === "healthy") {
    const well = good !== null && good.count >= rules.successes_before_recovery;
    const calm = well && Date.parse(at) - Date.parse(good.since) >= calmMs(state.incidents, at);
    if (!calm) return state;
    const closed = { ...incident, end: good.since };
    const incidents = [closed, ...state.incidents].slice(0, LIMITS.incidents);
    return { ...state, status: "healthy", since: good.since, incident: null, incidents };
  }
  const noted = seen({ ...incident, worst: worse(incident.worst, reason.status) }, state);
  const run = reason.status === "unknown" ? blind : cause;
  const sure = run !== null && (run.count >= rules.failures_before_alert || reason.lasting);
  if (!sure || keyOf$1(reason) === keyOf$1(incident.current)) return { ...state, incident: noted };
  const { lasting: _, ...current } = reason;
  return {
    ...state,
    status: reason.status,
    since: reason.status === state.status ? state.since : run.since,
    incident: { ...noted, current: { ...current, since: run.since } },
  };
}

/** Closed incidents in 24 h up to which recovery needs no extra time, and how that time grows after that. */
const FLAPPING = { window_ms: 86_400_000, free: 2, first_ms: 900_000, longest_ms: 14_400_000 };

/**
 * Milliseconds for which all must be well before an incident is over: none as a rule. A connection that comes and goes has to hold
 * for 15 min, then 30, and so on up to 4 h, so that it makes one long incident instead of a storm of alerts.
 */
function calmMs(closed, at) {
  const recent = closed.filter(
    ({ end }) => end !== null && Math.abs(Date.parse(at) - Date.parse(end)) < FLAPPING.window_ms,
  );
  const excess = recent.length - FLAPPING.free;
  return excess < 0 ? 0 : Math.min(FLAPPING.longest_ms, FLAPPING.first_ms * 2 ** excess);
}

/** The incident with the present findings in it. */
function seen(incident, { results, last }) {
  const at = last?.at ?? incident.opened;
  const findings = [...incident.findings];
  for (const { code, title, severity } of currentFindings(results).filter((one) => one.severity !== "info")) {
    const place = findings.findIndex((one) => one.code === code);
    const old = findings[place];
    if (old) findings[place] = { ...old, title, severity, last: at };
    else if (findings.length < LIMITS.incident_findings) findings.push({ code, title, severity, first: at, last: at });
  }
  return { ...incident, findings };
}

/** A clock that was set back leaves no time in the future, which would make everything wait for it. */
function notAfter(state, at) {
  if (!state.last || Date.parse(state.last.at) <= Date.parse(at)) return state;
  const early = (value) => {
    if (typeof value === "string" && TIME.test(value)) return Date.parse(value) > Date.parse(at) ? at : value;
    if (Array.isArray(value)) return value.map(early);
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, early(inner)]));
  };
  const { streaks, results, incident, since, claim } = state;
  return { ...state, ...early({ streaks, results, incident, since, claim }) };
}

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/;

/** Takes a tick into the memory. `decide` gives the state to store, e.g. with a claim on telling people. */
const rememberTick = (windmill, tick, measured, thresholds, decide) =>
  alone(windmill, async () => {
    const [stored, kept] = await Promise.all([readState(windmill, HEALTH_STATE), readState(windmill, HEALTH_HISTORY)]);
    const before = readHealthState(stored, tick.at);
    const past = readHistory(kept);
    const order = orderOf(before.value, tick.at);
    const state = decide(takeTick(before.value, tick, thresholds), order);
    const history = keepTick(past.value, measured(state));
    // The history first: a tick that comes again after a crash in between is known to it.
    await writeState(windmill, HEALTH_HISTORY, history);
    await writeState(windmill, HEALTH_STATE, state);
    return { state, history, order, repairs: [...before.repairs, ...past.repairs] };
  });

/** Windmill cannot change a state only if it is as it was read, so that two ticks at once would lose one of them. */
function alone(windmill, work) {
  return withLock(windmill, "f/codex_pooler/health", SILENT, work, MEMORY);
}

/** What people are still to be told, and what they were told. What nobody took stays due. Pure. */
const HOUR_MS$1 = 3_600_000;

/** Milliseconds by which a tick may come before the hour that it is due at. */
const SLACK_MS = 60_000;

/** `status/code`: what makes a cause another one. */
const keyOf = ({ current }) => `${current.status}/${current.code}`;

/**
 * What is due; null when people know everything. Each incident has one opening and one recovery. A cause is told once per incident,
 * and after {@link LIMITS} causes no further one is. What nobody was told of needs no recovery.
 *
 * @param at ISO 8601; the tick that gives the occasion.
 * @param remind_every hours from one alert of an open incident to its reminder; 0 for none.
 */
function dueNews(state, at, remind_every) {
  const { incident } = state;
  if (incident === null) {
    const last = state.incidents[0];
    return last?.told.opening && !last.told.recovery
      ? {
          kind: "recovery",
          ...about(last),
          status: "healthy",
          previous: last.current.status,
          at: last.end ?? at,
          code: "",
        }
      : null;
  }
  const { told, current, before } = incident;
  const open = { ...about(incident), status: current.status, code: current.code, at };
  if (!told.opening) return { kind: "opening", ...open, previous: before };
  const previous = told.causes.at(-1)?.split("/")[0] ?? null;
  if (!told.causes.includes(keyOf(incident)) && told.causes.length < LIMITS.causes) {
    return { kind: "cause", ...open, previous };
  }
  const waited = told.at === null ? 0 : Date.parse(at) - Date.parse(told.at);
  const remind = remind_every > 0 && waited >= remind_every * HOUR_MS$1 - SLACK_MS;
  return remind ? { kind: "reminder", ...open, previous } : null;
}

const about = ({ id, start }) => ({ incident: id, since: start });

/** Milliseconds after which who was telling people has given up: the last step of the flow ends before that. */
const CLAIM_MS = 180_000;

/** Whether another tick is telling people right now. @param now milliseconds since 1970. */
const isClaimed = ({ claim }, now) => claim !== null && Math.abs(now - Date.parse(claim.at)) < CLAIM_MS;

/** The state while somebody tells people: two ticks at once do not tell them twice. @param now milliseconds since 1970. */
const claimed = (state, news, now) => ({
  ...state,
  claim: { what: `${news.incident} ${news.kind}`, at: new Date(now).toISOString() },
});

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

/** What the history says, for reports and for the dashboard. Pure: `now` is in milliseconds since 1970. */
/** The ranges that people look at, and the cells that a timeline of each has. */
const RANGES = {
  h24: { hours: 24, cell_s: 1800, words: "24 h" },
  d7: { hours: 168, cell_s: 3 * 3600, words: "7 d" },
  d30: { hours: 720, cell_s: 12 * 3600, words: "30 d" },
};

const HOUR_MS = 3_600_000;

/** The hours of a range, the current one included. */
const hoursOf = (history, now, range) => {
  const last = Math.floor(now / HOUR_MS);
  return history.hours.filter(({ h }) => h <= last && h > last - RANGES[range].hours);
};

/** Uptime over a range of whole hours, the current one included. */
function uptime(history, now, range) {
  const rows = hoursOf(history, now, range);
  const shares = rows.flatMap(({ n: [healthy, degraded, down] }) => {
    const measured = healthy + degraded + down;
    return measured === 0 ? [] : [(healthy + degraded) / measured];
  });
  const sum = shares.reduce((total, share) => total + share, 0);
  return {
    percent: shares.length === 0 ? null : Math.floor((sum / shares.length) * 10_000) / 100,
    measured_hours: shares.length,
    unknown_hours: rows.length - shares.length,
    silent_hours: RANGES[range].hours - rows.length,
  };
}

/** By nearest rank; null without a value. */
function percentiles(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share) => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
  return sorted.length === 0 ? null : { p50: at(0.5), p95: at(0.95), count: sorted.length };
}

/** Answer times by the place of their model in the list, of the hours that `within` takes. */
function answers(history, within) {
  const found = new Map();
  for (const { h, l } of history.hours) {
    if (l === undefined || !within(h)) continue;
    for (const [place, signs] of Object.entries(l)) {
      const times = found.get(place) ?? [];
      for (const sign of signs) {
        const ms = decodeMs(sign);
        if (ms !== null) times.push(ms);
      }
      found.set(place, times);
    }
  }
  return found;
}

/** Answer times over the server route per model; models without an answer in the range are left out. */
function latencies(history, now, range) {
  const last = Math.floor(now / HOUR_MS);
  const found = answers(history, (hour) => hour <= last && hour > last - RANGES[range].hours);
  return history.models.flatMap((model, place) => {
    const times = percentiles(found.get(String(place)) ?? []);
    return times ? [{ model, ...times }] : [];
  });
}

/** Signs of a timeline's cells. */
const CELL_SIGNS = { healthy: "h", degraded: "g", down: "d", unknown: "u" };

/** The worst first: what nobody could measure says less than what was. */
const WORST = ["down", "degraded", "unknown", "healthy"];

const cellsOf = (now, range) => {
  const { hours, cell_s } = RANGES[range];
  const size = cell_s * 1000;
  const count = Math.round((hours * HOUR_MS) / size);
  return { first: (Math.floor(now / size) - count + 1) * size, size, count };
};

const statusesOf = (counts) => STATUSES.filter((_, index) => (counts[index] ?? 0) > 0);

/** The statuses over a range: the day by its ticks, longer ranges by their hours. */
function timeline(history, now, range) {
  const { first, size, count } = cellsOf(now, range);
  const seen = Array.from({ length: count }, () => new Set());
  const see = (at, status) => {
    if (status !== undefined) seen[Math.floor((at - first) / size)]?.add(status);
  };
  if (range === "h24") for (const [at, status] of history.ticks) see(at, STATUSES[status]);
  else for (const { h, n } of history.hours) for (const status of statusesOf(n)) see(h * HOUR_MS, status);
  const sign = (cell) => {
    const worst = WORST.find((status) => cell.has(status));
    return worst === undefined ? "." : CELL_SIGNS[worst];
  };
  const cells = seen.map(sign).join("");
  // An hourly check speaks for the half hour after its own too.
  const filled = range === "h24" ? cells.replace(/([^.])\.(?!$)/g, "$1$1") : cells;
  return { from: new Date(first).toISOString(), cell_s: size / 1000, cells: filled };
}

/** Answer times per cell of a range, of one model or of all (null); null for a cell without an answer. Cells are at least an hour. */
function latencyTimeline(history, model, now, range) {
  const size = Math.max(1, RANGES[range].cell_s / 3600);
  const count = RANGES[range].hours / size;
  const first = (Math.floor(now / HOUR_MS / size) - count + 1) * size;
  const cells = Array.from({ length: count }, () => []);
  for (const hour of history.hours) {
    const cell = cells[Math.floor((hour.h - first) / size)];
    if (cell === undefined) continue;
    const found = answers({ hours: [hour] }, () => true);
    for (const [key, times] of found) cell.push(...times);
  }
  return { from: new Date(first * HOUR_MS).toISOString(), cell_s: size * 3600, cells: cells.map(percentiles) };
}

/** Tokens per day of UTC, oldest first, for the days that have hours in the history. */
function tokensPerDay(history, now) {
  const days = new Map();
  for (const { h, t } of hoursOf(history, now, "d30")) {
    const day = new Date(h * HOUR_MS).toISOString().slice(0, 10);
    days.set(day, (days.get(day) ?? 0) + t);
  }
  return [...days].map(([day, tokens]) => ({ day, tokens })).sort((a, b) => (a.day < b.day ? -1 : 1));
}

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

/** Incidents in a view unless asked for more. */
const SHOWN = 10;

/**
 * The view of a memory and a history.
 *
 * @param now milliseconds since 1970.
 * @param shown closed incidents to show at most.
 */
function viewHealth(state, history, now, shown = SHOWN) {
  const perModel = each((range) => latencies(history, now, range));
  const of = (range, model) => {
    const found = perModel[range].find((one) => one.model === model);
    return found ? { p50: found.p50, p95: found.p95, count: found.count } : null;
  };
  return {
    status: state.status,
    since: state.since,
    measured: state.last?.status ?? null,
    checked_at: state.last?.at ?? null,
    incident: state.incident && viewIncident(state.incident, now),
    incidents: state.incidents.slice(0, shown).map((one) => viewIncident(one, now)),
    uptime: each((range) => uptime(history, now, range)),
    latency: perModel.d30.map(({ model }) => ({ model, ...each((range) => of(range, model)) })),
    results: {
      free: ageOf(state.results.free, now),
      chat: ageOf(state.results.chat, now),
      features: ageOf(state.results.features, now),
    },
    tokens_per_day: tokensPerDay(history, now),
    timeline: each((range) => timeline(history, now, range)),
    latency_timeline: latencyTimeline(history, null, now, "d7"),
    next_check: nextCheck(state.last?.connection?.schedule ?? null, now),
  };
}

/** The same for each range. */
function each(one) {
  return { h24: one("h24"), d7: one("d7"), d30: one("d30") };
}

const seconds$1 = (from, to) => Math.max(0, Math.round((to - Date.parse(from)) / 1000));

function ageOf(result, now) {
  if (result === null) return null;
  const { at, tokens, failing_since } = result;
  return { at, age_s: seconds$1(at, now), tokens, ok: failing_since === null };
}

/** An incident as people see it. */
function viewIncident(incident, now) {
  const { id, start, end, worst, cause, current, findings, told } = incident;
  const { since: _, ...last } = current;
  return {
    id,
    start,
    end,
    duration_s: seconds$1(start, end === null ? now : Date.parse(end)),
    worst,
    cause,
    current: last,
    findings,
    told: told.opening,
  };
}

/** What the health flow returns: the picture that its checks of all depths add up to, with the memory's and the history's view. */
CheckReport.extend({
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

/** The status and for how long, as one line. @param now milliseconds since 1970. */
function headline({ status, since }, now) {
  const seconds = Math.max(0, Math.round((now - Date.parse(since)) / 1000));
  return `${STATUS[status].words}, for ${lasting(seconds)}.`;
}

/** What to know and do, for a terminal: status, findings with their first remedy, uptime, next check. */
function inShort(now, findings, health, notes) {
  const telling = findings.filter(({ severity }) => severity !== "info");
  const percent = (one) => (one.percent === null ? "?" : `${one.percent} %`);
  const { h24, d7, d30 } = health.uptime;
  return [
    now,
    ...telling.flatMap(({ title, owner, remedy }) => [`- ${title}`, `  ${OWNERS[owner]}: ${remedy[0] ?? ""}`]),
    ...notes,
    `Up: 24 h ${percent(h24)}, 7 d ${percent(d7)}, 30 d ${percent(d30)}.`,
    `Next check: ${health.next_check ?? "not known"}.`,
  ];
}

/** The walk of `remember`: takes a check into the memory and the history, and makes the flow's report of them. */
async function remember(windmill, check, input) {
  const tick = tickOf(check, windmill.runUrl);
  let news = null;
  let announce = false;
  const remembered = await rememberTick(
    windmill,
    tick,
    (state) => measuredOf(check, state),
    input,
    (state, order) => {
      news = order === "next" ? dueNews(state, tick.at, input.remind_every) : null;
      announce = news !== null && input.has_targets && !isClaimed(state, Date.now());
      return announce && news ? claimed(state, news, Date.now()) : state;
    },
  );
  const next_check = await nextRun(windmill, check);
  return reportOf(check, remembered, input, { news, announce, next_check });
}

/** When the schedule is due; Windmill is asked only for cron expressions that somebody wrote by hand. */
async function nextRun(windmill, { connection: { schedule }, checked_at }) {
  const known = nextCheck(schedule, Date.parse(checked_at));
  if (known !== null || !schedule?.enabled) return known;
  // Windmill refuses some expressions of its own older schedules; then it is not known.
  const [next] = await previewRuns(windmill, schedule.cron, schedule.timezone ?? "Etc/UTC").catch(() => []);
  return next === undefined || Number.isNaN(Date.parse(next)) ? null : new Date(next).toISOString();
}

const tickOf = (check, run_url) => ({
  ...check,
  at: check.checked_at,
  fingerprint: check.chosen?.fingerprint ?? "",
  run_url,
});

/** What the check leaves in the history. */
function measuredOf(check, state) {
  const mine = check.probes.filter(({ route, candidate, ok }) => route === "server" && !candidate && ok);
  const tick = tickOf(check, "");
  return {
    at: check.checked_at,
    status: measuredStatus(tick, state.results),
    depth: check.depth,
    ms: mine.find(({ kind }) => kind === "models")?.ms ?? null,
    tokens: check.tokens,
    answers: mine.flatMap(({ kind, model, ms }) => (kind === "chat" && model !== null ? [{ model, ms }] : [])),
  };
}

function reportOf(check, { state, history, order, repairs }, input, { news, announce, next_check }) {
  const now = Date.parse(check.checked_at);
  const findings = currentFindings(state.results);
  const health = { ...viewHealth(state, history, now), next_check };
  const notes = [...repairs, ...notesOf(state, order, input)];
  const line = headline(state, now);
  const fail = failsAt(state.status, input.fail_job_when);
  return {
    ...check,
    now: line,
    status: state.status,
    since: state.since,
    measured: state.last?.status ?? check.status,
    summary: findings.length > 0 && state.status !== "healthy" ? `${line} ${findings[0]?.title}.` : line,
    findings,
    standing: standingOf(state),
    models: state.models,
    features: state.features,
    notes,
    health,
    kept_bytes: { state: JSON.stringify(state).length, history: JSON.stringify(history).length },
    telling: { news, announce, fail, needed: announce || fail },
    what_to_know_and_do: inShort(line, findings, health, notes),
  };
}

/** Findings of deeper checks than the last one. */
function standingOf({ last, results }) {
  const deeper = Depth.options.slice(Depth.options.indexOf(last?.depth ?? "free") + 1);
  return deeper.flatMap((depth) =>
    (results[depth]?.findings ?? []).map(({ code }) => ({ code, depth, at: results[depth]?.at ?? "" })),
  );
}

/** What is under way, in sentences. */
function notesOf(state, order, input) {
  const { last, status, streaks, incident } = state;
  if (order === "late")
    return ["A later check was remembered before this one. It is in the history; the status stays."];
  if (order === "again") return ["This check was remembered already."];
  if (last === null || last.status === status) return [];
  if (last.status === "healthy") {
    const calm = Math.round(calmMs(state.incidents, last.at) / 60_000);
    const patience = calm > 0 ? ` and for ${calm} min, because it came and went several times in 24 h` : "";
    const count = `${streaks.good?.count ?? 0} of ${input.successes_before_recovery}`;
    return [`All is well in this check. The status changes when it is so in a row (${count})${patience}.`];
  }
  const run = last.status === "unknown" ? streaks.blind : incident ? streaks.cause : streaks.bad;
  const count = `${run?.count ?? 0} of ${input.failures_before_alert}`;
  return [`This check found: ${last.status}. The status changes when it is so in a row (${count}).`];
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
const path = (url) => url?.pathname.replace(/\/+$/, "") ?? "";

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
    applies: (_text, url) => /\/(chat(\/completions)?|completions|models|responses|embeddings)$/.test(path(url)),
  },
  {
    code: "base-url-no-v1",
    says: "does not end in /v1",
    fix: "Append /v1: that is where Codex Pooler serves its OpenAI-compatible API.",
    applies: (_text, url) => !path(url).endsWith("/v1"),
  },
];

/** The first slip of a base URL, or null when it is well-formed. A trailing slash is no slip: Windmill trims it. */
function baseUrlSlip(text) {
  const url = parseUrl(text);
  const rule = RULES.find((candidate) => candidate.applies(text, url));
  return rule ? { code: rule.code, says: rule.says, fix: rule.fix } : null;
}

/** `URL.parse` for Node 20. */
function parseUrl(text) {
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
checked((text) =>
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
checked((text) =>
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

/** Keeps a report showable: Windmill does not show results beyond about 90 kB. */
/** Characters of a report with its page. */
const RESULT_LIMIT = 85_000;

/** What can be spared, least missed first. */
const SPARED = [
  (report) => ({ ...report, probes: report.probes.filter(({ ok }) => !ok) }),
  (report) => ({ ...report, probes: report.probes.slice(0, 10) }),
  (report) => ({ ...report, findings: report.findings.map((one) => ({ ...one, evidence: one.evidence.slice(0, 1) })) }),
  (report) => ({ ...report, models: report.models.slice(0, 20) }),
  (report) => ({ ...report, health: { ...report.health, incidents: report.health.incidents.slice(0, 3) } }),
  (report) => ({ ...report, findings: report.findings.slice(0, 5), probes: [] }),
];

/** The report without what makes it too big, and with a note that says so. */
function fitting(report) {
  let smaller = report;
  for (const spare of SPARED) {
    if (sizeOf(smaller) <= RESULT_LIMIT) break;
    smaller = spare(smaller);
  }
  return smaller === report
    ? report
    : { ...smaller, notes: [...smaller.notes, "Parts of the report were left out: it was too big to be shown."] };
}

const sizeOf = (report) => JSON.stringify({ ...report, html: renderHealth(report) }).length;
