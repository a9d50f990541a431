import { availableParallelism } from "node:os";
import { readFlags } from "../../tools/shared/arguments.ts";
import { UsageError } from "../../tools/shared/errors.ts";
import { planTrials } from "./plan.ts";
import { runTrials } from "./pool.ts";
import { SCENARIOS } from "./scenarios.ts";
import { tellFailures } from "./tell.ts";

/**
 * `npm run faults`: every call that every command makes, failing in every way, once each. Exit code 0 when all were survived, 1
 * when not, 2 for a wrong option.
 */

const USAGE = `Usage: npm run faults -- [--only <part of a scenario's name>] [--call <part of a call>] [--kind <part of a kind of fault>] [--workers <processes>]
Scenarios: ${SCENARIOS.map(({ name }) => name).join(" | ")}`;

const { values, slips } = readFlags(process.argv.slice(2), {
  values: ["only", "call", "kind", "workers"],
  switches: [],
});
const part = (name: string): string => values.get(name) ?? "";
const workers = Number(values.get("workers") ?? Math.min(availableParallelism(), 4));
if (!Number.isInteger(workers) || workers < 1) slips.push("--workers must be a number of processes.");
const scenarios = SCENARIOS.filter(({ name }) => name.includes(part("only")));
if (scenarios.length === 0) slips.push("--only fits no scenario.");
if (slips.length > 0) {
  console.error(new UsageError(slips, USAGE).message);
  process.exit(2);
}

const started = performance.now();
const plan = await planTrials(scenarios);
const trials = plan.trials.filter(({ call, kind }) => call.includes(part("call")) && kind.includes(part("kind")));
for (const { name } of scenarios) {
  const faults = trials.filter(({ scenario }) => scenario === name).length;
  console.log(`${String(faults).padStart(5)} faults  ${name}`);
}
let done = 0;
const results = await runTrials(trials, workers, () => {
  done += 1;
  if (process.stdout.isTTY) process.stdout.write(`\r${done} of ${trials.length} `);
});
if (process.stdout.isTTY) process.stdout.write("\r\u001b[K");

const failures = results.filter(({ problems }) => problems.length > 0);
const undisturbed = [...plan.undisturbed].flatMap(([name, problems]) =>
  problems.map((problem) => `${name}, undisturbed: ${problem}`),
);
for (const text of [...undisturbed, tellFailures(failures)].filter((one) => one !== "")) console.log(`\n${text}`);
const seconds = Math.round((performance.now() - started) / 1000);
console.log(`\n${results.length} faults, ${results.length - failures.length} survived (${seconds} s)`);
process.exitCode = failures.length === 0 && undisturbed.length === 0 ? 0 : 1;
