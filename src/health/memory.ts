import { HEALTH_HISTORY, HEALTH_STATE } from "../core/paths.ts";
import type { Finding } from "../core/shapes.ts";
import { MEMORY, withLock } from "../windmill/lock.ts";
import { SILENT } from "../windmill/progress.ts";
import { readState, writeState } from "../windmill/resources.ts";
import type { Windmill } from "../windmill/windmill.ts";
import { lookAhead, type Seen } from "./ahead.ts";
import type { History } from "./history.ts";
import { keepTick, type Measured, readHistory } from "./history_keep.ts";
import { hurts } from "./open.ts";
import { type Reading, readHealthState } from "./read_state.ts";
import type { HealthState } from "./state.ts";
import type { Thresholds } from "./streaks.ts";
import { type Order, orderOf, type Tick, takeTick } from "./tick.ts";

/** The memory of the health flow where it is kept. Everything that decides is in health_tick.ts, health_news.ts and history_keep.ts. */

/** The memory after a tick. */
export interface Remembered {
  state: HealthState;
  history: History;
  order: Order;
  /** What had to be repaired, in sentences. */
  repairs: string[];
}

/**
 * Takes a tick into the memory.
 *
 * @param seen what the check saw of what comes.
 * @param decide gives the state to store, e.g. with a claim on telling people; `fresh` are the models that are new.
 */
export const rememberTick = (
  windmill: Windmill,
  tick: Tick,
  seen: Pick<Seen, "limits" | "certificate">,
  measured: (state: HealthState) => Measured,
  thresholds: Thresholds,
  decide: (state: HealthState, order: Order, fresh: readonly string[]) => HealthState,
): Promise<Remembered> =>
  alone(windmill, async () => {
    const [stored, kept] = await Promise.all([readState(windmill, HEALTH_STATE), readState(windmill, HEALTH_HISTORY)]);
    const before: Reading<HealthState | null> = readHealthState(stored, tick.at);
    const past = readHistory(kept);
    const order = orderOf(before.value, tick);
    const { at, models, findings, connection } = tick;
    const base_url = connection?.base_url ?? null;
    const ahead = lookAhead(past.value, { ...seen, at, base_url, models, findings }, before.value?.models ?? []);
    const state = decide(takeTick(before.value, foreseeing(tick, ahead.findings), thresholds), order, ahead.fresh);
    const history = keepTick(ahead.history, measured(state));
    // The history first: a tick that comes again after a crash in between is known to it.
    await writeState(windmill, HEALTH_HISTORY, history);
    await writeState(windmill, HEALTH_STATE, state);
    return { state, history, order, repairs: [...before.repairs, ...past.repairs] };
  });

/** The tick with what is foreseen: what will hurt makes of a status in which all is well one that has a problem. */
export const foreseeing = (tick: Tick, findings: readonly Finding[]): Tick => ({
  ...tick,
  findings,
  status: tick.status === "healthy" && findings.some(hurts) ? "degraded" : tick.status,
});

/** Changes the stored state, if there is one. */
export const changeState = (windmill: Windmill, change: (state: HealthState) => HealthState): Promise<void> =>
  alone(windmill, async () => {
    const { value } = readHealthState(await readState(windmill, HEALTH_STATE), new Date().toISOString());
    if (value) await writeState(windmill, HEALTH_STATE, change(value));
  });

/** Windmill cannot change a state only if it is as it was read, so that two ticks at once would lose one of them. */
function alone<T>(windmill: Windmill, work: () => Promise<T>): Promise<T> {
  return withLock(windmill, "f/codex_pooler/health", SILENT, work, MEMORY);
}
