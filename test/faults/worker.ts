import { KINDS } from "./kinds.ts";
import type { Trial } from "./plan.ts";
import { SCENARIOS } from "./scenarios.ts";
import { startGateways } from "./scene.ts";
import { type Prepared, prepare, tryFault } from "./trial.ts";

/** A process that tries faults one after the other: gets a {@link Trial} per message and answers with what is wrong. */

const gateways = await startGateways();
const prepared = new Map<string, Promise<Prepared>>();

async function problemsOf({ scenario: name, call, kind: kindName }: Trial): Promise<string[]> {
  const scenario = SCENARIOS.find((one) => one.name === name);
  const kind = KINDS.find((one) => one.name === kindName);
  if (!scenario || !kind) throw new Error(`There is no ${scenario ? kindName : name}.`);
  const ready = prepared.get(name) ?? prepare(gateways, scenario);
  prepared.set(name, ready);
  return tryFault(gateways, await ready, call, kind);
}

process.on("message", async (trial: Trial) => {
  let problems: string[];
  try {
    problems = await problemsOf(trial);
  } catch (error) {
    problems = [`the trial itself failed: ${error instanceof Error ? error.stack : String(error)}`];
  }
  process.send?.(problems);
});
process.on("disconnect", () => process.exit(0));
process.send?.("ready");
