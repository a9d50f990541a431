import type { Action, History } from "./history.ts";

/** Whether a shorter history still fails in the same way. */
export type Fails = (history: History) => Promise<boolean>;

/** Milliseconds that are kept behind the last action. */
const TAIL_MS = 10 * 60_000;

/**
 * The shortest form of a history that fails: actions are left out in halves, quarters and so on, then one by one, then what befalls
 * the ones that are left, then time at the end. Each part of a history has randomness of its own, so that leaving out one does not
 * change the others.
 *
 * @param failedAt milliseconds of the history at which it failed; nothing later matters.
 */
export async function shrink(history: History, failedAt: number, fails: Fails, patience = 250): Promise<History> {
  let tries = 0;
  const tried = async (candidate: History): Promise<boolean> => ++tries <= patience && fails(candidate);
  let best = history;
  const cut = { ...history, actions: history.actions.filter(({ at }) => at <= failedAt) };
  if (await tried(cut)) best = cut;
  for (let size = Math.max(1, best.actions.length >> 1); size >= 1; size = size === 1 ? 0 : size >> 1) {
    for (let start = 0; start < best.actions.length && tries < patience; ) {
      const actions = best.actions.filter((_, index) => index < start || index >= start + size);
      const candidate = { ...best, actions };
      if (await tried(candidate)) best = candidate;
      else start += size;
    }
  }
  for (const { id } of best.actions) {
    for (const simpler of simplerForms) {
      const candidate = {
        ...best,
        actions: best.actions.map((action) => (action.id === id ? simpler(action) : action)),
      };
      if (JSON.stringify(candidate) !== JSON.stringify(best) && (await tried(candidate))) best = candidate;
    }
  }
  for (const simpler of simplerSetups) {
    const candidate = { ...best, setup: { ...best.setup, ...simpler(best) } };
    if (JSON.stringify(candidate) !== JSON.stringify(best) && (await tried(candidate))) best = candidate;
  }
  const last = Math.max(0, ...best.actions.map(({ at }) => at));
  const short = {
    ...best,
    setup: { ...best.setup, lengthMs: Math.min(best.setup.lengthMs, Math.max(last, failedAt) + TAIL_MS) },
  };
  return short.setup.lengthMs < best.setup.lengthMs && (await tried(short)) ? short : best;
}

const simplerForms: readonly ((action: Action) => Action)[] = [
  (action) =>
    action.kind === "command" || action.kind === "again" ? { ...action, kills: action.kills.slice(0, 1) } : action,
  (action) => (action.kind === "command" || action.kind === "again" ? { ...action, kills: [] } : action),
  (action) => (action.kind === "command" || action.kind === "again" ? { ...action, troubles: [] } : action),
  (action) =>
    action.kind === "gateway" && action.change.what === "fails"
      ? { ...action, change: { ...action.change, faults: action.change.faults.slice(0, 1) } }
      : action,
];

const simplerSetups: readonly ((history: History) => Partial<History["setup"]>)[] = [
  () => ({ noise: 0 }),
  () => ({ others: "none" }),
  () => ({ workers: [{ skewMs: 0 }] }),
  ({ setup }) => ({ models: { A: setup.models.A.slice(0, 3), B: setup.models.B.slice(0, 3) } }),
];
