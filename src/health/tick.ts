import type { FeatureRow } from "../core/features.ts";
import type { ModelRow } from "../core/shapes.ts";
import { hurts, looked, type Measured, measuredStatus, type Reason, reasonOf, takeFindings, worse } from "./open.ts";
import { forgetAnswers, forgetWorking, takeFeatures, takeModels } from "./rows.ts";
import {
  currentFindings,
  type HealthState,
  type Incident,
  type LastTick,
  LIMITS,
  type Look,
  newState,
  type Run,
} from "./state.ts";
import { keyOf, type Sure, surely, type Thresholds, takeStreaks } from "./streaks.ts";

/** Takes ticks into the memory: when a status begins to count, and when an incident begins and ends. Pure. */

/** A tick: a check, and what was seen beside it. */
export interface Tick extends Measured {
  /** What tells it from every other tick, so that one that comes again is known. */
  id: string;
  /** ISO 8601 by the clock of Windmill's database: workers' clocks may differ, and then the order of ticks would be lost. */
  at: string;
  models: readonly ModelRow[];
  features: readonly FeatureRow[];
  tokens: number;
  /** Of settings, resource and intent; "" when not known, which is no change. */
  fingerprint: string;
  run_url: string;
  /** The command and who ran it, for a check that a change made: it counts by itself. "" for the flow's own. */
  by: string;
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

export function orderOf(state: HealthState | null, { id, at, by }: Pick<Tick, "id" | "at" | "by">): Order {
  if (state?.ticks.includes(id)) return "again";
  const behind = state?.last ? Date.parse(state.last.at) - Date.parse(at) : -1;
  // What a change measured at its end is what there is: whoever looked meanwhile saw it half done.
  return behind > 0 && behind <= LATE_MS && by === "" ? "late" : "next";
}

/** The tick with a time after that of the last one, where it is not older by more than {@link LATE_MS}. */
export function placed<T extends Pick<Tick, "at">>(state: HealthState | null, tick: T): T {
  const last = Date.parse(state?.last?.at ?? "");
  const behind = last - Date.parse(tick.at);
  return behind >= 0 && behind <= LATE_MS ? { ...tick, at: new Date(last + 1).toISOString() } : tick;
}

/** Takes a tick. One that is late, or was taken already, changes nothing: the status is that of the latest. */
export function takeTick(before: HealthState | null, given: Tick, rules: Thresholds): HealthState {
  if (before && orderOf(before, given) !== "next") return before;
  const tick = placed(before, given);
  const { at, depth } = tick;
  const known = before && settled(notAfter(before, at), tick);
  // Nothing came before the first tick that its status could be held against.
  const state = known ?? newState("unknown", at);
  const open = takeFindings(state.open, tick);
  const status = measuredStatus(tick, open);
  const reason = reasonOf(status, open);
  const next: HealthState = {
    ...state,
    ...(known ? {} : { status }),
    last: lastOf(tick, state.last, status),
    ticks: [tick.id, ...state.ticks].slice(0, LIMITS.ticks),
    streaks: takeStreaks(state.streaks, reason, at),
    open,
    looks: looksOf(state.looks, tick),
    tried: {
      chat: depth === "free" ? state.tried.chat : at,
      features: depth === "features" ? at : state.tried.features,
    },
    ...rowsOf(state, tick, open, status),
  };
  const decisive = tick.by !== "" && status !== "unknown";
  return next.incident === null
    ? begin(next, reason, { at, decisive }, rules, known?.status ?? null)
    : goOn(next, next.incident, reason, { at, decisive }, rules);
}

/** The memory as it is when the settings are others than at the last tick: how they answered under others is not how they answer. */
function settled(state: HealthState, { fingerprint, at }: Tick): HealthState {
  const before = state.last?.fingerprint ?? "";
  if (fingerprint === "" || before === "" || fingerprint === before) return state;
  return {
    ...state,
    models: forgetAnswers(state.models),
    features: forgetWorking(state.features),
    features_tried: forgetWorking(state.features_tried),
    unlisted: [],
    changed_at: at,
  };
}

/** A check that could not read the settings says nothing of them: what was known stays. */
function lastOf(tick: Tick, before: LastTick | null, status: LastTick["status"]): LastTick {
  const { at, depth, run_url, by, fingerprint, connection, server_version } = tick;
  const blind = tick.could_not_look !== undefined;
  return {
    ...{ at, status, depth, run_url, by },
    fingerprint: fingerprint || (before?.fingerprint ?? ""),
    connection: blind ? (before?.connection ?? null) : connection,
    server_version: server_version || (before?.server_version ?? ""),
  };
}

function looksOf(before: HealthState["looks"], tick: Tick): HealthState["looks"] {
  const { at, tokens, fingerprint } = tick;
  const look = (depth: keyof HealthState["looks"]): Look | null =>
    looked(tick, depth) ? { at, tokens, fingerprint } : before[depth];
  return { free: look("free"), chat: look("chat"), features: look("features") };
}

type Rows = Pick<HealthState, "models" | "features" | "features_tried" | "unlisted">;

function rowsOf(state: HealthState, tick: Tick, open: HealthState["open"], status: LastTick["status"]): Rows {
  if (tick.could_not_look !== undefined) {
    const { models, features, features_tried, unlisted } = state;
    return { models, features, features_tried, unlisted };
  }
  const answering = tick.models.filter(({ served, server }) => served === false && server === "ok");
  return {
    models: takeModels(state.models, tick),
    ...takeFeatures(state, tick, open, status),
    unlisted: tick.depth === "free" ? state.unlisted : answering.map(({ id }) => id).slice(0, LIMITS.models),
  };
}

/** When a tick came, and whether it counts by itself. */
interface Moment {
  at: string;
  decisive: boolean;
}

/** Without an open incident: begins one when it is sure that not all is well. */
function begin(
  state: HealthState,
  reason: Reason,
  moment: Moment,
  rules: Thresholds,
  before: HealthState["status"] | null,
): HealthState {
  if (reason.status === "healthy") {
    const { well } = state.streaks;
    const counts = moment.decisive || (well?.count ?? 0) >= rules.successes_before_recovery;
    return state.status !== "healthy" && counts
      ? { ...state, status: "healthy", since: well?.since ?? moment.at }
      : state;
  }
  const sure = surely("healthy", reason, state, moment, rules);
  if (sure === null) return state;
  const { lasting: _, ...cause } = reason;
  const incident: Incident = {
    id: incidentId(sure.since),
    start: sure.since,
    opened: moment.at,
    end: null,
    before: before === reason.status ? null : before,
    worst: reason.status,
    cause,
    current: { ...cause, since: sure.since },
    findings: [],
    told: { at: null, opening: false, recovery: false, status: null, causes: [], count: 0 },
    acknowledged: null,
  };
  // Good ticks from before do not count as its end.
  const streaks = { ...state.streaks, well: null, served: null };
  return { ...turned(state, "worse", moment.at), ...sure, streaks, incident: seen(incident, state) };
}

/** An incident's id from its start. */
export const incidentId = (start: string): string => `${start.slice(0, 19).replace(/[-:]/g, "")}Z`;

/** With an open incident: notes what is found, changes status and cause when they are sure, ends it when all is well for long enough. */
function goOn(state: HealthState, open: Incident, reason: Reason, moment: Moment, rules: Thresholds): HealthState {
  const { at, decisive } = moment;
  const incident =
    reason.status === "healthy" ? open : seen({ ...open, worst: worse(open.worst, reason.status) }, state);
  const sure = surely(state.status, reason, state, moment, rules);
  if (sure?.status === "healthy") return ended(turned(state, "better", at), { ...incident, end: sure.since }, sure);
  const { lasting, ...cause } = reason;
  if (sure !== null) {
    const next = turned(state, isBetter(state.status, sure.status) ? "better" : "worse", at);
    return { ...next, ...sure, incident: { ...incident, current: { ...cause, since: sure.since } } };
  }
  const run: (Run & { key: string }) | null = reason.status === state.status ? state.streaks.cause : null;
  const counts = run !== null && (run.count >= rules.failures_before_alert || lasting || decisive);
  if (!counts || run.key === keyOf(incident.current)) return { ...state, incident };
  return { ...state, incident: { ...incident, current: { ...cause, since: run.since } } };
}

const ended = (state: HealthState, incident: Incident, sure: Sure): HealthState => ({
  ...state,
  ...sure,
  incident: null,
  incidents: [incident, ...state.incidents].slice(0, LIMITS.incidents),
});

/** Losing sight of trouble counts as a turn for the better: otherwise a monitor that is blind now and then would tell each time. */
const isBetter = (from: HealthState["status"], to: HealthState["status"]): boolean =>
  to === "unknown" || (from !== "unknown" && worse(from, to) === from);

/** The state with a turn of the status noted: one for each time that it got better after it had got worse. */
function turned(state: HealthState, heading: HealthState["heading"], at: string): HealthState {
  const turns = heading === "better" && state.heading === "worse" ? [at, ...state.turns] : state.turns;
  return { ...state, heading, turns: turns.slice(0, LIMITS.turns) };
}

/** The incident with the present findings in it. */
function seen(incident: Incident, { open, last }: HealthState): Incident {
  const at = last?.at ?? incident.opened;
  const findings = [...incident.findings];
  for (const { code, title, severity } of currentFindings(open).filter(hurts)) {
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
  // A window that was planned lies in the future on purpose.
  const { incidents: _closed, last: _last, ticks: _ticks, maintenance: _planned, ...rest } = state;
  return { ...state, ...(early(rest) as Partial<HealthState>) };
}

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/;
