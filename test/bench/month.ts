import { setImmediate as nextTurn } from "node:timers/promises";
import type { CheckReport } from "../../src/core/report.ts";
import type { Depth } from "../../src/core/shapes.ts";
import { chooseDepth } from "../../src/health/depth.ts";
import { emptyHistory, type History } from "../../src/health/history.ts";
import { keepTick, readHistory } from "../../src/health/history_keep.ts";
import { readHealthState } from "../../src/health/read_state.ts";
import type { HealthState } from "../../src/health/state.ts";
import { takeTick } from "../../src/health/tick.ts";
import { viewHealth } from "../../src/health/view.ts";
import { type Figures, figures } from "./figures.ts";

/** Ticks on a moved clock: what they leave in the memory, and what taking one costs on the first day, after thirty and beyond. */

/** Longer than the history reaches, so that it shows that nothing grows any more. */
const DAYS = 40;
const SHOWN_DAYS = [1, 7, 14, 30, DAYS];
const MINUTES = 5;
const TICKS_PER_DAY = 1_440 / MINUTES;
const TICKS_PER_HOUR = 60 / MINUTES;
/** Every third day the gateway is down for half an hour. */
const OUTAGE = { every_days: 3, from_tick: 100, ticks: 6 } as const;
const RULES = { failures_before_alert: 2, successes_before_recovery: 2 } as const;
const CHAT_EVERY = 60;

/** Real reports of the check, per depth: of a connection that works, and of one that does not. */
export type Reports = Record<"works" | "fails", Record<Depth, CheckReport>>;

/** What is stored after a time. */
interface Stored {
  state: string;
  history: string;
}

export interface Month {
  stored: { state: HealthState; history: History };
  figures: object;
}

/** Takes the ticks, the last one just before `end` (milliseconds since 1970). */
export async function takeMonth(reports: Reports, end: number): Promise<Month> {
  const start = end - DAYS * 86_400_000;
  let stored: Stored = { state: "null", history: JSON.stringify(emptyHistory()) };
  const days: { bytes: { state: number; history: number }; take_ms: Figures; view_ms: Figures; tokens: number }[] = [];
  const depths: Record<string, number> = {};
  for (let day = 0; day < DAYS; day++) {
    const times: number[] = [];
    const views: number[] = [];
    let tokens = 0;
    for (let tick = 0; tick < TICKS_PER_DAY; tick++) {
      const now = start + (day * TICKS_PER_DAY + tick) * MINUTES * 60_000;
      const started = performance.now();
      const taken = take(stored, reports, isOut(day, tick), now);
      times.push(performance.now() - started);
      if (tick % TICKS_PER_HOUR === 0) views.push(view(taken.stored, now));
      stored = taken.stored;
      tokens += taken.check.tokens;
      depths[taken.check.depth] = (depths[taken.check.depth] ?? 0) + 1;
    }
    // Servers of this process are waiting too.
    await nextTurn();
    days.push({
      bytes: { state: Buffer.byteLength(stored.state), history: Buffer.byteLength(stored.history) },
      take_ms: figures(times),
      view_ms: figures(views),
      tokens,
    });
  }
  return {
    stored: { state: JSON.parse(stored.state), history: JSON.parse(stored.history) },
    figures: {
      ticks: DAYS * TICKS_PER_DAY,
      minutes: MINUTES,
      depths,
      tokens_per_day: Math.round(days.reduce((sum, one) => sum + one.tokens, 0) / DAYS),
      after_days: Object.fromEntries(SHOWN_DAYS.map((day) => [day, days[day - 1]])),
      largest_bytes: {
        state: Math.max(...days.map(({ bytes }) => bytes.state)),
        history: Math.max(...days.map(({ bytes }) => bytes.history)),
      },
    },
  };
}

const isOut = (day: number, tick: number): boolean =>
  day % OUTAGE.every_days === OUTAGE.every_days - 1 &&
  tick >= OUTAGE.from_tick &&
  tick < OUTAGE.from_tick + OUTAGE.ticks;

/** A tick as the step `remember` takes it, from the stored text to the stored text. */
function take({ state, history }: Stored, reports: Reports, out: boolean, now: number) {
  const at = new Date(now).toISOString();
  const before = readHealthState(JSON.parse(state), at).value;
  const past = readHistory(JSON.parse(history)).value;
  const { depth } = chooseDepth({ memory: before, fingerprint: "same", now, chat_every: CHAT_EVERY });
  const check = reports[out ? "fails" : "works"][depth];
  const after = takeTick(before, { ...check, id: at, at, by: "", fingerprint: "same", run_url: "" }, RULES);
  const answers = check.probes.flatMap(({ kind, route, model, ok, ms }, index) =>
    kind === "chat" && route === "server" && ok && model !== null
      ? [{ model, ms: ms + ((now / 60_000 + index) % 97) }]
      : [],
  );
  const measured = { at, status: check.status, depth, ms: 40 + ((now / 60_000) % 31), tokens: check.tokens, answers };
  const kept = keepTick(past, measured);
  return { check, stored: { state: JSON.stringify(after), history: JSON.stringify(kept) } };
}

/** Milliseconds for what people get to see of a memory. */
function view({ state, history }: Stored, now: number): number {
  const [memory, kept] = [JSON.parse(state), JSON.parse(history)];
  const started = performance.now();
  viewHealth(memory, kept, now);
  return performance.now() - started;
}
