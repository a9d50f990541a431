import * as z from "zod";

/**
 * The shapes of the data that walks through the product (see docs/architecture.md): outcome -> probe -> finding -> report.
 * All of it is plain JSON: what a job returns, what a stand-in test compares and what the state keeps.
 */

/** The way a probe takes. `server` = WM_BASE_URL, what browsers use; `worker` = BASE_URL, the worker's own embedded API. */
export const Route = z.enum(["server", "worker"]);
export type Route = z.infer<typeof Route>;

/** How much a check may cost: `free` uses no tokens, `chat` one completion per model, `features` the shapes of Windmill's features. */
export const Depth = z.enum(["free", "chat", "features"]);
export type Depth = z.infer<typeof Depth>;

/** `healthy`; `degraded` = works, with a finding that will hurt; `down` = users are refused; `unknown` = could not be measured. */
export const Status = z.enum(["healthy", "degraded", "down", "unknown"]);
export type Status = z.infer<typeof Status>;

/** `critical` makes the status `down`, `warning` makes it `degraded`, `info` leaves it. */
export const Severity = z.enum(["critical", "warning", "info"]);
export type Severity = z.infer<typeof Severity>;

/** Who can fix it. `wait` = it heals by itself, or nobody can hurry it. */
export const Owner = z.enum(["workspace-admin", "windmill-operator", "gateway-operator", "wait"]);
export type Owner = z.infer<typeof Owner>;

/** Where on the way from Windmill to the model it broke. */
export const Layer = z.enum([
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
export type Layer = z.infer<typeof Layer>;

/**
 * What came back from one request, before anybody judges it. Bodies are cut to {@link BODY_LIMIT} characters when they are
 * read; nothing here is redacted yet, so an outcome never leaves the job: probes and findings carry a redacted excerpt.
 */
export const Outcome = z.object({
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
export type Outcome = z.infer<typeof Outcome>;

/** What is wrong with an answer that says "200, all is well". */
export type Problem =
  | "html"
  | "not-json"
  | "empty-object"
  | "error-object-in-200"
  | "no-choices"
  | "empty-content"
  | "not-a-stream"
  | "error-frame"
  | "stream-cut"
  | "no-tool-call"
  | "bad-arguments"
  | "no-list"
  | "empty-list"
  | "refused";

/** Characters of a body that are kept for judging. Long enough for a model list of some hundred ids. */
export const BODY_LIMIT = 262_144;

/** What a probe asked for. `models` = GET /models, `usage` = GET /usage, `chat` = one plain completion; the rest are feature probes. */
export const ProbeKind = z.enum([
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
export type ProbeKind = z.infer<typeof ProbeKind>;

/** The smallest depth at which each kind is sent. */
export const PROBE_DEPTH: Readonly<Record<ProbeKind, Depth>> = {
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
export const Probe = z.object({
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
export type Probe = z.infer<typeof Probe>;

/** A diagnosis with its evidence: one per cause, not one per failed probe. */
export const Finding = z.object({
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
export type Finding = z.infer<typeof Finding>;

/** What is known of one model id: what the settings use it for, what the gateway lists, and how it answered per route. */
export const ModelRow = z.object({
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
export type ModelRow = z.infer<typeof ModelRow>;

/** What the connection is made of, as far as everybody who sees the run may know. Paths come without `$var:` in front. */
export const ConnectionFacts = z.object({
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
export type ConnectionFacts = z.infer<typeof ConnectionFacts>;
