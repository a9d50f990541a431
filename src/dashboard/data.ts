import * as z from "zod";
import { intervalOf } from "../core/next_check.ts";
import { excerpt } from "../core/redact.ts";
import { Depth, Finding, Status } from "../core/shapes.ts";
import type { History } from "../health/history.ts";
import { latencyTimeline, type Range } from "../health/history_view.ts";
import { type Memory, readMemory } from "../health/read_memory.ts";
import { currentFindings, type HealthState, KnownFeature, KnownModel, Time } from "../health/state.ts";
import type { Thresholds } from "../health/streaks.ts";
import { HealthView, viewHealth } from "../health/view.ts";
import { RememberInput } from "../inputs/remember.ts";

/**
 * What the dashboard shows: the border between the script that reads and the page. Everything in it may be known to every member
 * of the workspace: the script runs with the rights of who deployed the app, whoever opens it. Pure.
 */

/** Raised when a field changes its meaning or goes; the page refuses a version that it does not know. */
export const DASHBOARD_VERSION = 1;

/** Median and 95th percentile of answer times per cell, in ms; null for a cell without an answer. */
const Series = z.object({
  from: Time,
  /** Seconds per cell. */
  cell_s: z.number(),
  models: z.array(
    z.object({ model: z.string(), p50: z.array(z.number().nullable()), p95: z.array(z.number().nullable()) }),
  ),
});

/** A look at the gateway that somebody asked for from the page. */
export const Look = z.object({
  /** ISO 8601; when it began. */
  at: Time,
  status: Status,
  summary: z.string(),
  findings: z.array(Finding),
  /** The first characters of the key that was in use then; null when it is none of Codex Pooler's, or may not be read. */
  key_prefix: z.string().nullable(),
});
export type Look = z.infer<typeof Look>;

export const DashboardData = z.object({
  version: z.literal(DASHBOARD_VERSION),
  /** When it was read, by the worker's clock. */
  at: Time,
  workspace: z.string(),
  /** Windmill's own address, for links where the page does not know it. */
  windmill_url: z.string(),
  /** E-mail of who looks; "" when nobody is signed in. */
  viewer: z.string(),
  /** `hidden`: who deployed the app may no longer read it. `damaged`: only a part of it, or nothing, can be read. */
  memory: z.enum(["ok", "none", "damaged", "hidden"]),
  /** Whether anybody has connected the workspace with this bundle; null when it may not be read. */
  connected: z.boolean().nullable(),
  health: HealthView.nullable(),
  /** The last tick. */
  last: z.object({ depth: Depth, job: z.string().nullable(), server_version: z.string() }).nullable(),
  /** The most severe first. */
  findings: z.array(Finding),
  features: z.array(KnownFeature),
  models: z.array(KnownModel),
  latency: z.object({ h24: Series, d7: Series, d30: Series }).nullable(),
  connection: z
    .object({
      /** Whose AI settings people get; null when no check has read them yet. */
      settings: z.enum(["workspace", "instance", "none"]).nullable(),
      /** Host and port of the gateway; null when unknown. */
      gateway: z.string().nullable(),
      resource_path: z.string().nullable(),
      /** The first characters of the key, which the gateway's own pages show; null when nobody has looked at the present key. */
      key_prefix: z.string().nullable(),
      default_model: z.string().nullable(),
      metadata_model: z.string().nullable(),
      /** When the resource was last changed: for a minute after that, Windmill may go on using what it had cached. */
      changed_at: Time.nullable(),
    })
    .nullable(),
  /** Whether anybody still watches. */
  watch: z.object({
    /** Seconds from one check to the next, as the schedule or the last checks have it; null when nobody knows. */
    interval_s: z.number().nullable(),
    /** Runs that failed after the last check that is remembered, ten at most, and the latest of them; null when there is none. */
    failed: z.object({ count: z.number().int(), at: Time, job: z.string() }).nullable(),
  }),
  /** Null when there is none, or when it may not be read. */
  schedule: z
    .object({
      cron: z.string(),
      timezone: z.string(),
      enabled: z.boolean(),
      /** Why Windmill switched it off; "" otherwise. */
      error: z.string(),
      /** The next run that Windmill has queued, or that the expression names. */
      next: Time.nullable(),
    })
    .nullable(),
  /** The last look that anybody asked for, whoever it was. */
  look: Look.nullable(),
});
export type DashboardData = z.infer<typeof DashboardData>;

/** What was found at one of the bundle's states: its value (null = none), or that it may not be read. */
export type Sight = { value: unknown } | "hidden";

/** What the page needs to know of the intent. */
interface Wanted {
  active: boolean;
  base_url: string;
  resource_path: string;
  default_model: string | null;
  metadata_model: string | null;
}

/** What the script has read. */
export interface Sources {
  /** Milliseconds since 1970. */
  now: number;
  workspace: string;
  windmill_url: string;
  viewer: string;
  /** The memory of the health flow. */
  memory: Sight;
  /** What the admin asked for; null when nobody has connected. */
  intent: Wanted | null | "hidden";
  /** ISO 8601; null when not known. */
  resource_changed_at: string | null;
  secret_changed_at: string | null;
  schedule: {
    cron: string;
    timezone: string;
    enabled: boolean;
    error: string;
    queued: string | null;
    /** What it gives the flow. */
    args: Record<string, unknown>;
  } | null;
  /** Runs of the flow that failed after the last check that is remembered, newest first. */
  failed: readonly { id: string; at: string }[];
  look: unknown;
}

/** Closed incidents that are shown, and findings per incident. */
const INCIDENTS = { count: 50, findings: 6 } as const;

/** Puts together what the page shows. Never fails for what is stored: what cannot be read is left out, and said. */
export function dashboardData(sources: Sources): DashboardData {
  const { now, intent } = sources;
  const at = new Date(now).toISOString();
  const read = readMemory(sources.memory === "hidden" ? null : sources.memory.value, at);
  const { state, history } = read;
  const memory = sources.memory === "hidden" ? "hidden" : memoryOf(read);
  const rules = rulesOf(sources.schedule?.args);
  const health = state ? viewHealth(state, history, now, { shown: INCIDENTS.count, rules }) : null;
  const look = Look.safeParse(sources.look).data ?? null;
  return {
    version: DASHBOARD_VERSION,
    at,
    workspace: sources.workspace,
    windmill_url: sources.windmill_url,
    viewer: sources.viewer,
    memory,
    connected: intent === "hidden" ? null : intent?.active === true,
    health: health && { ...health, incidents: health.incidents.map(shortened) },
    last: lastOf(state),
    findings: state ? currentFindings(state.open) : [],
    features: state?.features ?? [],
    models: state?.models ?? [],
    latency: health && {
      h24: seriesOf(history, now, "h24"),
      d7: seriesOf(history, now, "d7"),
      d30: seriesOf(history, now, "d30"),
    },
    connection: connectionOf(sources, state, look),
    watch: watchOf(sources, history),
    schedule: scheduleOf(sources, health),
    look,
  };
}

function memoryOf({ state, repairs }: Memory): DashboardData["memory"] {
  if (repairs.length > 0) return "damaged";
  return state ? "ok" : "none";
}

/** The rules by which a status counts, as the schedule gives them to the flow. */
function rulesOf(args: Record<string, unknown> = {}): Thresholds {
  const { failures_before_alert, successes_before_recovery } = RememberInput.partial().catch({}).parse(args);
  return {
    failures_before_alert: failures_before_alert ?? 2,
    successes_before_recovery: successes_before_recovery ?? 2,
  };
}

function watchOf({ schedule, failed, now }: Sources, history: History): DashboardData["watch"] {
  const [latest] = failed;
  return {
    interval_s: seconds(intervalOf(schedule, now) ?? usualInterval(history)),
    failed: latest ? { count: failed.length, at: new Date(latest.at).toISOString(), job: latest.id } : null,
  };
}

const seconds = (ms: number | null): number | null => ms && ms / 1000;

/** Ticks from which the usual time between two of them is taken. */
const LAST_TICKS = 12;

function usualInterval({ ticks }: History): number | null {
  const times = ticks.slice(-LAST_TICKS).map(([at]) => at);
  const gaps = times
    .slice(1)
    .map((at, index) => at - (times[index] ?? at))
    .sort((a, b) => a - b);
  const middle = gaps[Math.floor(gaps.length / 2)];
  return middle ?? null;
}

/** An incident without the long tail of its findings: fifty of them would make the data too big to show. */
const shortened = (incident: HealthView["incidents"][number]): HealthView["incidents"][number] => ({
  ...incident,
  findings: incident.findings.slice(0, INCIDENTS.findings),
});

/** The id of a job at the end of a run's address. */
const RUN = /\/run\/([0-9a-f-]{36})(?:\?|$)/;

const lastOf = (state: HealthState | null): DashboardData["last"] =>
  state?.last
    ? {
        depth: state.last.depth,
        job: RUN.exec(state.last.run_url)?.[1] ?? null,
        server_version: state.last.server_version,
      }
    : null;

function seriesOf(history: History, now: number, range: Range): z.infer<typeof Series> {
  const all = history.models.map((model) => ({ model, ...latencyTimeline(history, model, now, range) }));
  const shown = all.filter(({ cells }) => cells.some((cell) => cell !== null));
  const { from, cell_s } = latencyTimeline(history, null, now, range);
  return {
    from,
    cell_s,
    models: shown.map(({ model, cells }) => ({
      model,
      p50: cells.map((cell) => cell?.p50 ?? null),
      p95: cells.map((cell) => cell?.p95 ?? null),
    })),
  };
}

function connectionOf(
  { intent, resource_changed_at, secret_changed_at }: Sources,
  state: HealthState | null,
  look: Look | null,
): DashboardData["connection"] {
  const facts = state?.last?.connection ?? null;
  const wanted = intent !== "hidden" && intent?.active ? intent : null;
  if (facts === null && wanted === null) return null;
  // A key that was put there after the look is another one.
  const seen = look && !(Date.parse(secret_changed_at ?? "") > Date.parse(look.at)) ? look.key_prefix : null;
  return {
    settings: facts?.settings ?? null,
    gateway: hostOf(facts?.base_url ?? wanted?.base_url ?? ""),
    resource_path: facts?.resource_path ?? wanted?.resource_path ?? null,
    key_prefix: seen,
    default_model: facts ? facts.default_model : (wanted?.default_model ?? null),
    metadata_model: facts ? facts.metadata_model : (wanted?.metadata_model ?? null),
    changed_at: Time.safeParse(resource_changed_at).data ?? null,
  };
}

/** Host and port of an address, and nothing else of it; null when it is none. */
function hostOf(url: string): string | null {
  try {
    return excerpt(new URL(url.trim()).host) || null;
  } catch {
    return null;
  }
}

function scheduleOf({ schedule }: Sources, health: HealthView | null): DashboardData["schedule"] {
  if (schedule === null) return null;
  const { queued, error, args: _, ...rest } = schedule;
  const next = Time.safeParse(queued).data ?? (schedule.enabled ? (health?.next_check ?? null) : null);
  return { ...rest, error: excerpt(error), next };
}
