import { incidentId } from "./read_state.ts";
import {
  type Checked,
  measuredStatus,
  type Reason,
  reasonOf,
  takeFeatures,
  takeModels,
  takeResults,
  worse,
} from "./results.ts";
import {
  currentFindings,
  type HealthState,
  type Incident,
  type LastTick,
  LIMITS,
  newState,
  type Streaks,
} from "./state.ts";

/** Takes ticks into the memory: when a status begins to count, and when an incident begins and ends. Pure. */

/** How sure a change must be. */
export interface Thresholds {
  /** Bad ticks in a row before the status changes; causes that never heal by themselves count at once. */
  failures_before_alert: number;
  /** Good ticks in a row before an incident is over. */
  successes_before_recovery: number;
}

/** A tick: a check, and what was seen beside it. */
export interface Tick extends Checked {
  fingerprint: string;
  run_url: string;
  connection: LastTick["connection"];
  server_version: string;
}

/** Where a tick stands beside those that were taken before: `late` came after a later one, `again` was taken already. */
export type Order = "next" | "late" | "again";

/**
 * Milliseconds by which a tick may be older than the last one and be late: the steps of the flow end within this time. One that is
 * older by more comes from a clock that was set back, and is the present.
 */
const LATE_MS = 600_000;

export function orderOf(state: HealthState | null, at: string): Order {
  const behind = state?.last ? Date.parse(state.last.at) - Date.parse(at) : -1;
  if (behind === 0) return "again";
  return behind > 0 && behind <= LATE_MS ? "late" : "next";
}

/** Takes a tick. One that is late, or was taken already, changes nothing: the status is that of the latest. */
export function takeTick(before: HealthState | null, tick: Tick, thresholds: Thresholds): HealthState {
  if (before && orderOf(before, tick.at) !== "next") return before;
  const known = before && notAfter(before, tick.at);
  const changed = known?.last ? known.last.fingerprint !== tick.fingerprint : false;
  const results = takeResults(known?.results ?? newState("unknown", tick.at).results, tick, changed);
  const status = measuredStatus(tick, results);
  const reason = reasonOf(status, results);
  // Nothing came before the first tick that its status could be held against.
  const state = known ?? newState(status, tick.at);
  const { at, depth, fingerprint, run_url, connection, server_version } = tick;
  const next: HealthState = {
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

const unlistedOf = ({ models }: Tick): string[] =>
  models.filter(({ served, server }) => served === false && server === "ok").map(({ id }) => id);

const keyOf = ({ status, code }: Pick<Reason, "status" | "code">): string => `${status}/${code}`;

type Run = { count: number; since: string };
const longer = (run: Run | null, at: string): Run => ({ count: (run?.count ?? 0) + 1, since: run?.since ?? at });

function takeStreaks({ good, bad, blind, cause }: Streaks, reason: Reason, at: string): Streaks {
  if (reason.status === "healthy") return { good: longer(good, at), bad: null, blind: null, cause: null };
  if (reason.status === "unknown") return { good, bad, blind: longer(blind, at), cause };
  const key = keyOf(reason);
  const same = cause?.key === key ? cause : null;
  return { good: null, bad: longer(bad, at), blind: null, cause: { key, ...longer(same, at) } };
}

/** Without an open incident: opens one when enough ticks in a row were bad, or blind. */
function open(state: HealthState, reason: Reason, rules: Thresholds, before: HealthState["status"] | null) {
  const { at } = state.last ?? { at: state.since };
  const { good, bad, blind } = state.streaks;
  if (reason.status === "healthy") {
    const well = state.status !== "healthy" && (good?.count ?? 0) >= rules.successes_before_recovery;
    return well ? { ...state, status: reason.status, since: good?.since ?? at } : state;
  }
  const streak = reason.status === "unknown" ? blind : bad;
  if (!streak || (streak.count < rules.failures_before_alert && !reason.lasting)) return state;
  const { lasting: _, ...cause } = reason;
  const incident: Incident = {
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
function goOn(state: HealthState, incident: Incident, reason: Reason, rules: Thresholds): HealthState {
  const { at } = state.last ?? { at: state.since };
  const { good, blind, cause } = state.streaks;
  if (reason.status === "healthy") {
    const well = good !== null && good.count >= rules.successes_before_recovery;
    const calm = well && Date.parse(at) - Date.parse(good.since) >= calmMs(state.incidents, at);
    if (!calm) return state;
    const closed: Incident = { ...incident, end: good.since };
    const incidents = [closed, ...state.incidents].slice(0, LIMITS.incidents);
    return { ...state, status: "healthy", since: good.since, incident: null, incidents };
  }
  const noted = seen({ ...incident, worst: worse(incident.worst, reason.status) }, state);
  const run = reason.status === "unknown" ? blind : cause;
  const sure = run !== null && (run.count >= rules.failures_before_alert || reason.lasting);
  if (!sure || keyOf(reason) === keyOf(incident.current)) return { ...state, incident: noted };
  const { lasting: _, ...current } = reason;
  return {
    ...state,
    status: reason.status,
    since: reason.status === state.status ? state.since : run.since,
    incident: { ...noted, current: { ...current, since: run.since } },
  };
}

/** Closed incidents in 24 h up to which recovery needs no extra time, and how that time grows after that. */
const FLAPPING = { window_ms: 86_400_000, free: 2, first_ms: 900_000, longest_ms: 14_400_000 } as const;

/**
 * Milliseconds for which all must be well before an incident is over: none as a rule. A connection that comes and goes has to hold
 * for 15 min, then 30, and so on up to 4 h, so that it makes one long incident instead of a storm of alerts.
 */
export function calmMs(closed: readonly Incident[], at: string): number {
  const recent = closed.filter(
    ({ end }) => end !== null && Math.abs(Date.parse(at) - Date.parse(end)) < FLAPPING.window_ms,
  );
  const excess = recent.length - FLAPPING.free;
  return excess < 0 ? 0 : Math.min(FLAPPING.longest_ms, FLAPPING.first_ms * 2 ** excess);
}

/** The incident with the present findings in it. */
function seen(incident: Incident, { results, last }: HealthState): Incident {
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
function notAfter(state: HealthState, at: string): HealthState {
  if (!state.last || Date.parse(state.last.at) <= Date.parse(at)) return state;
  const early = (value: unknown): unknown => {
    if (typeof value === "string" && TIME.test(value)) return Date.parse(value) > Date.parse(at) ? at : value;
    if (Array.isArray(value)) return value.map(early);
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, early(inner)]));
  };
  const { streaks, results, incident, since, claim } = state;
  return { ...state, ...(early({ streaks, results, incident, since, claim }) as Partial<HealthState>) };
}

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/;
