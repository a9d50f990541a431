import { asRecord } from "../core/json.ts";
import type { Depth, Status } from "../core/shapes.ts";
import {
  BOUNDS,
  DEPTHS,
  emptyHistory,
  encodeMs,
  HISTORY_VERSION,
  History,
  HourRow,
  STATUSES,
  TickRow,
} from "./history.ts";
import { type Reading, readable } from "./read_state.ts";
import { withSeconds } from "./spans.ts";

/** Taking ticks into the history. Their order does not matter, and a tick that comes twice counts once. Pure. */

/** What a tick leaves in the history. */
export interface Measured {
  /** ISO 8601. */
  at: string;
  status: Status;
  depth: Depth;
  /** Milliseconds of the model list over the server route; null when none came. */
  ms: number | null;
  tokens: number;
  /** Whether it came in a maintenance. */
  maintained?: boolean;
  /** How long models took to answer over the server route, in ms. */
  answers: readonly { model: string; ms: number }[];
}

const HOUR_MS = 3_600_000;

/** Reads a stored history; what cannot be read of it is left out. */
export function readHistory(stored: unknown): Reading<History> {
  if (stored === null || stored === undefined) return { value: emptyHistory(), repairs: [] };
  const whole = History.safeParse(stored);
  if (whole.success) {
    const isOld = whole.data.hours.some(({ s }) => s === undefined);
    return { value: isOld ? withSeconds(whole.data) : whole.data, repairs: [] };
  }
  const { version, models, ticks, hours, ...ahead } = asRecord(stored);
  const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
  const named = list(models).every((model) => typeof model === "string") ? (list(models) as string[]) : [];
  if (version !== HISTORY_VERSION) return { value: emptyHistory(), repairs: [ANEW] };
  const value = {
    version: HISTORY_VERSION,
    models: named,
    ticks: readable(TickRow, list(ticks)),
    hours: readable(HourRow, list(hours)),
    ...Ahead.catch({}).parse(ahead),
  } as const;
  return { value, repairs: ["The history was damaged; what could not be read of it is lost."] };
}

/** What a forecast goes by. */
const Ahead = History.pick({ limits: true, listed: true, certificate: true });

const ANEW = "The history was damaged or of another version; it begins anew.";

/** The history with a tick in it. */
export function keepTick(history: History, tick: Measured): History {
  const at = Date.parse(tick.at);
  if (history.ticks.some(([time]) => time === at)) return history;
  const row: TickRow = [at, STATUSES.indexOf(tick.status), DEPTHS.indexOf(tick.depth), tick.ms ?? -1, tick.tokens];
  const models = named(history, tick.answers);
  const hour = Math.floor(at / HOUR_MS);
  const before = history.hours.find(({ h }) => h === hour) ?? { h: hour, n: [0, 0, 0, 0], t: 0 };
  const ticks = kept(history.ticks, row, ([time]) => time, BOUNDS.ticks);
  const hours = kept(
    history.hours.filter(({ h }) => h !== hour),
    inHour(before, tick, models),
    ({ h }) => h,
    BOUNDS.hours,
  );
  // The tick before speaks for less than it would have without this one.
  const from = ticks[ticks.indexOf(row) - 1]?.[0] ?? at;
  return withSeconds({ ...history, models, ticks, hours }, from);
}

/**
 * The rows with one more, in order; where that is too many, without the one that is furthest from it. So a clock that is wrong for
 * once pushes out one row and no more, and what it wrote is the first to go when it is right again.
 */
function kept<T>(rows: readonly T[], row: T, time: (row: T) => number, limit: number): T[] {
  const place = rows.findLastIndex((one) => time(one) <= time(row)) + 1;
  const all = [...rows.slice(0, place), row, ...rows.slice(place)];
  while (all.length > limit) {
    const [first, last] = [all[0], all.at(-1)].map((one) => (one ? Math.abs(time(one) - time(row)) : 0));
    if ((first ?? 0) >= (last ?? 0)) all.shift();
    else all.pop();
  }
  return all;
}

function inHour(before: HourRow, tick: Measured, models: readonly string[]): HourRow {
  const n = before.n.map((count, index) => count + (STATUSES[index] === tick.status ? 1 : 0)) as HourRow["n"];
  const m = tick.maintained
    ? n.map((count, index) => (before.m?.[index] ?? 0) + count - (before.n[index] ?? 0))
    : before.m;
  const l = { ...before.l };
  for (const { model, ms } of tick.answers) {
    const place = models.indexOf(model);
    const signs = l[place] ?? "";
    if (place >= 0 && signs.length < BOUNDS.answers_per_hour) l[place] = signs + encodeMs(ms);
  }
  const { l: _, ...rest } = before;
  return {
    ...rest,
    n,
    t: before.t + tick.tokens,
    ...(m ? { m: m as NonNullable<HourRow["m"]> } : {}),
    ...(Object.keys(l).length > 0 ? { l } : {}),
  };
}

/** The names with a place for every model that answered, as far as there is one. */
function named(history: History, answers: Measured["answers"]): string[] {
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
