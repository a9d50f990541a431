import { register } from "node:module";
import { MUTATIONS } from "./mutations.ts";
import type { Done, Order } from "./player.ts";

/**
 * A process that plays histories, one after the other: gets an {@link Order} per message and answers with a {@link Done}. The product
 * is loaded when the mutation of this process, if there is one, is in place.
 */

const { SIMULATE_MUTATION: name } = process.env;
const mutation = name === undefined ? undefined : MUTATIONS[name];
if (name !== undefined && !mutation) throw new Error(`There is no mutation "${name}".`);
if (mutation) {
  const { file, from, to } = mutation;
  register("./mutate.mjs", import.meta.url, { data: { file, from: from.source, to } });
}
const { answer } = await import("./player.ts");

process.on("message", async (order: Order) => {
  let done: Done;
  try {
    done = await answer(order);
  } catch (error) {
    const broken = error instanceof Error ? (error.stack ?? error.message) : String(error);
    const nothing = { style: "", actions: 0, violations: [], stats: null, coverage: [], log: [], cpuMs: 0 };
    done = { ...nothing, seed: order.seed, focus: order.focus, broken };
  }
  process.send?.(done);
});
process.on("disconnect", () => process.exit(0));
process.send?.("ready");
