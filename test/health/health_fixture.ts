import { Depth, type Finding, PROBE_DEPTH, type ProbeKind, type Status } from "../../src/core/shapes.ts";
import { chooseDepth } from "../../src/health/depth.ts";
import { emptyHistory, type History } from "../../src/health/history.ts";
import { keepTick } from "../../src/health/history_keep.ts";
import { afterTelling, claimed, dueNews, isClaimed } from "../../src/health/news.ts";
import { isMaintained } from "../../src/health/silence.ts";
import type { HealthState } from "../../src/health/state.ts";
import type { Thresholds } from "../../src/health/streaks.ts";
import { orderOf, placed, type Tick, takeTick } from "../../src/health/tick.ts";
import { rolled } from "../../src/health/windows.ts";
import type { TellingOutcome } from "../../src/tell/deliver.ts";
import type { News } from "../../src/tell/news.ts";
import { finding } from "../tell/alert_fixture.ts";

/** Ticks and whole lives of a health flow, without a server. */

export const DEFAULTS: Thresholds & { remind_every: number } = {
  failures_before_alert: 2,
  successes_before_recovery: 2,
  remind_every: 24,
};

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;
/** When the simulated times begin. */
export const START = Date.parse("2026-03-01T00:00:00.000Z");

export const iso = (ms: number): string => new Date(ms).toISOString();

/** Trouble: which probe shows it (null: the settings), and how bad it is. */
export interface Trouble {
  code: string;
  seen?: ProbeKind | null;
  severity?: "critical" | "warning" | "info";
  lasting?: boolean;
  blind?: boolean;
}

const reachOf = (kind: ProbeKind | null): number => (kind === null ? -1 : Depth.options.indexOf(PROBE_DEPTH[kind]));
const isObstacle = ({ seen = "models", severity = "critical", blind = false }: Trouble): boolean =>
  (severity === "critical" || blind) && seen !== null;

/** A finding: it holds the probe that shows it, and those behind an obstacle, as the diagnosis gives them to their root cause. */
const findingOf = (trouble: Trouble, kinds: readonly ProbeKind[]): Finding => {
  const { code, seen = "models", severity = "critical", lasting } = trouble;
  const behind = isObstacle(trouble) ? kinds.filter((kind) => reachOf(kind) > reachOf(seen)) : [];
  return finding({
    code,
    title: `Title of ${code}`,
    severity,
    probes: seen ? [seen, ...behind].map(idOf) : [],
    ...(lasting ? { lasting } : {}),
  });
};

const idOf = (kind: ProbeKind): string => `server:${kind}${kind === "models" || kind === "usage" ? "" : ":gpt-5.5"}`;

const statusOf = (troubles: readonly Trouble[]): Status => {
  if (troubles.some(({ blind }) => blind)) return "unknown";
  if (troubles.some(({ severity = "critical" }) => severity === "critical")) return "down";
  return troubles.some(({ severity }) => severity === "warning") ? "degraded" : "healthy";
};

/** A tick at a depth, as the check would report it: it sees the troubles that its depth shows and that no obstacle hides. */
export function tick(at: number, troubles: readonly Trouble[] = [], change: Partial<Tick> = {}): Tick {
  const depth = change.depth ?? "chat";
  const kinds = (Object.keys(PROBE_DEPTH) as ProbeKind[]).filter(
    (kind) => reachOf(kind) <= Depth.options.indexOf(depth),
  );
  const first = Math.min(...troubles.filter(isObstacle).map(({ seen = "models" }) => reachOf(seen)));
  const seen = troubles.filter(
    ({ seen: kind = "models" }) => kind === null || (kinds.includes(kind) && reachOf(kind) <= first),
  );
  return {
    id: iso(at),
    at: iso(at),
    status: statusOf(seen),
    depth,
    findings: seen.map((one) => findingOf(one, kinds)),
    probes: kinds.map((kind) => ({ id: idOf(kind), kind })),
    models: [],
    features: [],
    tokens: { free: 0, chat: 60, features: 900 }[depth],
    fingerprint: "settings",
    run_url: "https://windmill.example.com/run/1",
    by: "",
    connection: null,
    server_version: "CE v1.788.0",
    ...change,
  };
}

/** What happens in a simulated life. */
export interface Life {
  /** When ticks come, in ms since 1970, in any order. */
  ticks: readonly number[];
  /** What is wrong at a time. */
  troubles: (at: number) => readonly Trouble[];
  rules?: Partial<typeof DEFAULTS>;
  wish?: Depth;
  chat_every?: number;
  /** Whether a target takes an alert at that time; true by default. */
  takes?: (at: number) => boolean;
  /** What telling people gives at that time; by `takes` where it is absent. What may have arrived counts as an alert here. */
  outcome?: (at: number) => TellingOutcome;
  fingerprint?: (at: number) => string;
  /** What people do to the memory just before a tick: acknowledge, plan a maintenance. */
  does?: (at: number, state: HealthState) => HealthState;
  /** A life that it goes on from. */
  from?: Lived;
}

export interface Lived {
  state: HealthState;
  history: History;
  /** The alerts that a target took, in order. */
  alerts: (News & { told_at: number })[];
  depths: { at: number; depth: Depth; why: string }[];
  tokens: number;
  /** Characters of the two stored things at their largest. */
  largest: { state: number; history: number };
}

/** Lives through it, step by step as the flow does. */
export function live(life: Life): Lived {
  const rules = { ...DEFAULTS, ...life.rules };
  let state: HealthState | null = life.from?.state ?? null;
  let history = life.from?.history ?? emptyHistory();
  const lived: Omit<Lived, "state" | "history"> = {
    alerts: [],
    depths: [],
    tokens: 0,
    largest: { state: 0, history: 0 },
  };
  life.ticks.forEach((at, index) => {
    const fingerprint = life.fingerprint?.(at) ?? "settings";
    const choice = chooseDepth({ memory: state, fingerprint, now: at, chat_every: life.chat_every ?? 60 });
    const { depth, why } = life.wish ? { depth: life.wish, why: "It was asked for." } : choice;
    lived.depths.push({ at, depth, why });
    const one = tick(at, life.troubles(at), { depth, fingerprint });
    lived.tokens += one.tokens;
    const order = orderOf(state, one);
    if (state !== null) state = life.does?.(at, state) ?? state;
    let next: HealthState = rolled(takeTick(state, one, rules), one.at);
    history = keepTick(history, {
      at: order === "next" ? placed(state, one).at : one.at,
      status: next.last?.status ?? one.status,
      depth,
      ms: 40,
      tokens: one.tokens,
      maintained: isMaintained(next, one.at),
      answers: depth === "free" ? [] : [{ model: "gpt-5.5", ms: 800 + (at % 7) * 100 }],
    });
    const now = next.last?.at ?? one.at;
    const due = order === "next" ? dueNews(next, now, rules.remind_every) : [];
    if (due.length > 0 && !isClaimed(next, one.id, now)) {
      const outcome = life.outcome?.(at) ?? ((life.takes?.(at) ?? true) ? "taken" : "refused");
      next = claimed(next, one.id, now);
      for (const news of outcome === "taken" ? due : due.slice(0, 1)) {
        if (outcome !== "refused") lived.alerts.push({ ...news, told_at: at });
        next = afterTelling(next, news, outcome, now);
      }
    }
    state = next;
    // Storing turns it into JSON and back. Measuring each size would take longer than the life.
    if (index % 50 === 0) {
      state = JSON.parse(JSON.stringify(state)) as HealthState;
      lived.largest.state = Math.max(lived.largest.state, JSON.stringify(state).length);
      lived.largest.history = Math.max(lived.largest.history, JSON.stringify(history).length);
    }
  });
  if (state === null) throw new Error("a life without ticks");
  return { ...lived, state, history };
}

/** Ticks every so many minutes, from a time on, for so many days. */
export const every = (minutes: number, days: number, from = START): number[] =>
  Array.from({ length: Math.floor((days * DAY) / (minutes * MINUTE)) }, (_, index) => from + index * minutes * MINUTE);
