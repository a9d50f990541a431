import { generate } from "./generate.ts";
import type { History } from "./history.ts";
import { allInvariants } from "./invariants.ts";
import { type Played, play } from "./play.ts";
import { shrink } from "./shrink.ts";

/** Plays the history of an order, and shortens it when it fails. */

export interface Order {
  seed: number;
  focus: string | null;
  /** Whether a history that fails is shortened. */
  shrink: boolean;
  /** Whether the whole history in words is wanted, also where it holds. */
  log: boolean;
}

export interface Done extends Omit<Played, "log"> {
  seed: number;
  focus: string | null;
  style: string;
  /** Actions that are in it. */
  actions: number;
  /** The whole history in words, where it failed or where it is wanted. */
  log: string[];
  /** Milliseconds of this process's time. */
  cpuMs: number;
  /** What broke down, if not the product. */
  broken: string;
}

export async function answer(order: Order): Promise<Done> {
  const begin = process.cpuUsage();
  let history = generate(order.seed, order.focus);
  let played = await play(history, allInvariants());
  const [first] = played.violations;
  if (first && order.shrink) {
    const fails = async (candidate: History) =>
      (await play(candidate, allInvariants())).violations.some(({ rule }) => rule === first.rule);
    history = await shrink(history, first.at, fails);
    played = await play(history, allInvariants());
  }
  const used = process.cpuUsage(begin);
  return {
    ...{
      ...played,
      seed: order.seed,
      focus: order.focus,
      style: history.setup.style,
      actions: history.actions.length,
      broken: "",
    },
    log: order.log || played.violations.length > 0 ? played.log : [],
    cpuMs: Math.round((used.user + used.system) / 1000),
  };
}
