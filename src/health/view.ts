import * as z from "zod";
import { nextCheck } from "../core/next_check.ts";
import { type Depth, Severity, Status } from "../core/shapes.ts";
import { Headline, headlineOf } from "./headline.ts";
import type { History } from "./history.ts";
import { latencies, latencyTimeline, type Range, timeline, tokensPerDay, uptime } from "./history_view.ts";
import { failingSince } from "./open.ts";
import { Cause, type HealthState, type Incident, Time } from "./state.ts";
import type { Thresholds } from "./streaks.ts";

/** What the memory and the history add up to, for the flow's result and for the dashboard. Pure. */

const Percentiles = z.object({ p50: z.number(), p95: z.number(), count: z.number().int() });
/** A schema for each range. */
function byRange<T extends z.ZodType>(one: T) {
  return z.object({ h24: one, d7: one, d30: one });
}

export const IncidentView = z.object({
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
export type IncidentView = z.infer<typeof IncidentView>;

const ResultAge = z.object({ at: Time, age_s: z.number().int(), tokens: z.number().int(), ok: z.boolean() });

export const HealthView = z.object({
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
export type HealthView = z.infer<typeof HealthView>;

/** Incidents in a view unless asked for more. */
const SHOWN = 10;

/** As the flow's form has them. */
const DEFAULT_RULES: Thresholds = { failures_before_alert: 2, successes_before_recovery: 2 };

/**
 * The view of a memory and a history.
 *
 * @param now milliseconds since 1970.
 * @param wish `shown`: closed incidents to show at most. `rules`: those by which a status counts.
 */
export function viewHealth(
  state: HealthState,
  history: History,
  now: number,
  { shown = SHOWN, rules = DEFAULT_RULES }: { shown?: number; rules?: Thresholds } = {},
): HealthView {
  const perModel = each((range) => latencies(history, now, range));
  const of = (range: Range, model: string) => {
    const found = perModel[range].find((one) => one.model === model);
    return found ? { p50: found.p50, p95: found.p95, count: found.count } : null;
  };
  return {
    headline: headlineOf(state, rules),
    status: state.status,
    since: state.since,
    measured: state.last?.status ?? null,
    checked_at: state.last?.at ?? null,
    incident: state.incident && viewIncident(state.incident, now),
    incidents: state.incidents.slice(0, shown).map((one) => viewIncident(one, now)),
    uptime: each((range) => uptime(history, now, range)),
    latency: perModel.d30.map(({ model }) => ({ model, ...each((range) => of(range, model)) })),
    results: {
      free: ageOf(state, "free", now),
      chat: ageOf(state, "chat", now),
      features: ageOf(state, "features", now),
    },
    tokens_per_day: tokensPerDay(history, now),
    timeline: each((range) => timeline(history, now, range)),
    latency_timeline: latencyTimeline(history, null, now, "d7"),
    next_check: nextCheck(state.last?.connection?.schedule ?? null, now),
  };
}

/** The same for each range. */
function each<T>(one: (range: Range) => T): Record<Range, T> {
  return { h24: one("h24"), d7: one("d7"), d30: one("d30") };
}

const seconds = (from: string, to: number): number => Math.max(0, Math.round((to - Date.parse(from)) / 1000));

function ageOf({ looks, open }: HealthState, depth: Depth, now: number): z.infer<typeof ResultAge> | null {
  const look = looks[depth];
  if (look === null) return null;
  const { at, tokens } = look;
  return { at, age_s: seconds(at, now), tokens, ok: failingSince(open, depth) === null };
}

/** An incident as people see it. */
export function viewIncident(incident: Incident, now: number): IncidentView {
  const { id, start, end, worst, cause, current, findings, told } = incident;
  const { since: _, ...last } = current;
  return {
    id,
    start,
    end,
    duration_s: seconds(start, end === null ? now : Date.parse(end)),
    worst,
    cause,
    current: last,
    findings,
    told: told.opening,
  };
}
