import { randomInt } from "node:crypto";
import { availableParallelism } from "node:os";
import { readFlags } from "../../tools/shared/arguments.ts";
import { UsageError } from "../../tools/shared/errors.ts";
import { FOCUSES } from "./focus.ts";
import { MUTATIONS } from "./mutations.ts";
import type { Done } from "./player.ts";
import { playAll } from "./pool.ts";
import { newTotals, takeIn, tellCoverage, tellTotals } from "./totals.ts";

/**
 * `npm run simulate`: plays whole histories of a workspace and says where the product did or said what it must not. With `--seed`
 * alone it plays that one history; else as many as fit into a minute, of seeds that nobody has chosen. It stops at the first history
 * that fails, with its seed and the history in words, unless `--all` is given: then it counts. `--mutations` makes the product wrong
 * in each known way and says who noticed. Exit code 0 when every history held (or every mutation was noticed), 1 when not, 2 for
 * wrong arguments.
 */

const USAGE = `Usage: npm run simulate -- [--seed <n>] [--histories <n>] [--seconds <n>] [--shrink] [--focus <name>] [--all] [--log] [--mutations]
Focuses: ${Object.keys(FOCUSES).join(", ")}`;

const { values, switches, slips } = readFlags(process.argv.slice(2), {
  values: ["seed", "histories", "seconds", "focus"],
  switches: ["shrink", "all", "log", "mutations"],
});
const number = (name: "seed" | "histories" | "seconds"): number | null => {
  const text = values.get(name);
  if (text === undefined) return null;
  if (!/^\d{1,15}$/.test(text)) slips.push(`--${name} takes a whole number.`);
  return Number(text);
};
const seed = number("seed");
const focus = values.get("focus") ?? null;
const seconds = number("seconds") ?? (seed === null && !values.has("histories") ? 60 : null);
const histories = number("histories") ?? (seed !== null && seconds === null ? 1 : Number.POSITIVE_INFINITY);
if (focus !== null && !(focus in FOCUSES)) slips.push(`--focus: there is no ${focus}.`);
if (slips.length > 0) {
  console.error(new UsageError(slips, USAGE).message);
  process.exit(2);
}
const first = seed ?? randomInt(1, 2 ** 31);

/** Plays what the options say, and says how it went. */
async function simulate(): Promise<boolean> {
  const started = performance.now();
  const totals = newTotals();
  let nth = 0;
  const isOver = () => seconds !== null && performance.now() - started > seconds * 1000;
  await playAll(
    Math.min(histories, availableParallelism()),
    () => {
      if (nth >= histories || isOver()) return null;
      return { seed: first + nth++, focus, shrink: switches.has("shrink"), log: switches.has("log") };
    },
    (done) => {
      takeIn(totals, done);
      const holds = done.violations.length === 0 && done.broken === "";
      if (switches.has("log") || (!holds && !switches.has("all"))) tellHistory(done, holds);
      return holds || switches.has("all");
    },
  );
  console.log(tellTotals(totals, (performance.now() - started) / 1000));
  if (totals.histories > 1) console.log(tellCoverage(totals));
  return totals.failed === 0;
}

function tellHistory({ seed: played, style, violations, log, broken }: Done, holds: boolean): void {
  console.log(`\nSeed ${played} (${style}) ${holds ? "holds" : "does not hold"}:`);
  if (broken !== "") console.log(broken);
  for (const { invariant, rule, says } of violations) console.log(`  ${invariant} (${rule}): ${says}`);
  const isShort = switches.has("shrink") && !holds;
  console.log(
    `\nThe history${isShort ? " in its shortest form" : ""}:\n${log.map((line) => `  ${line}`).join("\n")}\n`,
  );
  console.log(`Again: npm run simulate -- --seed ${played}${focus ? ` --focus ${focus}` : ""} --shrink`);
}

/** Histories in which a mutation has to be noticed. */
const MUTATED = 12;

/** What does not hold without any mutation, by seed: that proves nothing. */
async function heldWithout(limit: number, where: string | null): Promise<Map<number, string[]>> {
  const rules = new Map<number, string[]>();
  let nth = 0;
  await playAll(
    Math.min(limit, availableParallelism()),
    () => (nth < limit ? { seed: first + nth++, focus: where, shrink: false, log: false } : null),
    (done) =>
      rules.set(
        done.seed,
        done.violations.map(({ rule }) => rule),
      ).size > 0,
  );
  return rules;
}

/** Makes the product wrong in each known way and sees who notices. */
async function mutate(): Promise<boolean> {
  let missed = 0;
  for (const [name, { about, breaks, focus: where }] of Object.entries(MUTATIONS)) {
    let nth = 0;
    const limit = Math.min(histories, MUTATED);
    const noticed: string[] = [];
    const held = await heldWithout(limit, where);
    await playAll(
      Math.min(limit, availableParallelism()),
      () => (nth < limit ? { seed: first + nth++, focus: where, shrink: false, log: false } : null),
      (done) => {
        if (done.broken !== "") throw new Error(done.broken);
        const rules = done.violations.filter(({ invariant }) => invariant === breaks).map(({ rule }) => rule);
        const known = held.get(done.seed) ?? [];
        const [own] = rules.filter((rule) => !known.includes(rule));
        if (own) noticed.push(`seed ${done.seed}${where ? ` of ${where}` : ""}: ${own}`);
        return noticed.length === 0;
      },
      name,
    );
    if (noticed.length === 0) missed += 1;
    console.log(
      `${noticed.length > 0 ? "noticed" : "MISSED "}  ${breaks.padEnd(8)}  ${name}: ${about} (${noticed[0] ?? `${limit} histories`})`,
    );
  }
  const all = Object.keys(MUTATIONS).length;
  console.log(`${all - missed} of ${all} mutations noticed`);
  return missed === 0;
}

process.exitCode = (await (switches.has("mutations") ? mutate() : simulate())) ? 0 : 1;
