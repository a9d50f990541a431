import { generate } from "./generate.ts";
import type { History } from "./history.ts";
import { allInvariants } from "./invariants.ts";
import { MUTATIONS } from "./mutations.ts";
import { type Played, play } from "./play.ts";
import { shrink } from "./shrink.ts";

/** A process that plays histories, one after the other: gets an {@link Order} per message and answers with a {@link Done}. */

export interface Order {
  seed: number;
  focus: string | null;
  /** Name of a way in which the product is made wrong; null for the product as it is. */
  mutation: string | null;
  /** Whether a history that fails is shortened. */
  shrink: boolean;
}

export interface Done extends Omit<Played, "log"> {
  seed: number;
  style: string;
  /** The whole history in words, where it failed. */
  log: string[];
  /** Milliseconds of this process's time. */
  cpuMs: number;
  /** What broke down, if not the product. */
  broken: string;
}

async function answer(order: Order): Promise<Done> {
  const begin = process.cpuUsage();
  let history = generate(order.seed, order.focus);
  const undo = order.mutation === null ? () => undefined : await MUTATIONS[order.mutation]?.apply();
  try {
    let played = await play(history, allInvariants(), order.mutation !== null);
    const [first] = played.violations;
    if (first && order.shrink) {
      const fails = async (candidate: History) =>
        (await play(candidate, allInvariants())).violations.some(({ rule }) => rule === first.rule);
      history = await shrink(history, first.at, fails);
      played = await play(history, allInvariants());
    }
    const used = process.cpuUsage(begin);
    return {
      ...{ ...played, seed: order.seed, style: history.setup.style, broken: "" },
      log: played.violations.length > 0 ? played.log : [],
      cpuMs: Math.round((used.user + used.system) / 1000),
    };
  } finally {
    undo?.();
  }
}

process.on("message", async (order: Order) => {
  try {
    process.send?.(await answer(order));
  } catch (error) {
    const broken = error instanceof Error ? (error.stack ?? error.message) : String(error);
    process.send?.({
      seed: order.seed,
      style: "",
      violations: [],
      stats: null,
      coverage: [],
      log: [],
      cpuMs: 0,
      broken,
    });
  }
});
process.on("disconnect", () => process.exit(0));
process.send?.("ready");
