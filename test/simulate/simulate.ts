import { randomInt } from "node:crypto";
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { FOCUSES } from "./focus.ts";
import { MUTATIONS } from "./mutations.ts";
import { playAll } from "./pool.ts";
import { newTotals, takeIn, tellCoverage, tellTotals } from "./totals.ts";
import type { Done } from "./worker.ts";

/**
 * `npm run simulate -- [--seed N] [--histories N] [--seconds N] [--shrink] [--focus NAME] [--mutations] [--all]`: plays whole
 * histories of a workspace and says where the product did or said what it must not. One history by default when a seed is given,
 * else as many as fit into a minute, of seeds that nobody has chosen. It stops at the first history that fails, with its seed and the
 * history in words, unless `--all` is given; then it counts. Exit code 0 when every history held, 1 when one did not, 2 for wrong
 * arguments.
 */

const USAGE = `npm run simulate -- [--seed N] [--histories N] [--seconds N] [--shrink] [--focus NAME] [--mutations] [--all] [--log]
focuses: ${Object.keys(FOCUSES).join(", ")}
mutations: ${Object.keys(MUTATIONS).join(", ")}`;

const whole = (text: string | undefined, name: string): number | null => {
  if (text === undefined) return null;
  if (/^\d{1,15}$/.test(text)) return Number(text);
  console.error(`--${name} takes a whole number, not "${text}".\n${USAGE}`);
  process.exit(2);
};

function options() {
  try {
    const { values } = parseArgs({
      options: {
        ...{
          seed: { type: "string" },
          histories: { type: "string" },
          seconds: { type: "string" },
          focus: { type: "string" },
        },
        ...{
          shrink: { type: "boolean" },
          mutations: { type: "boolean" },
          all: { type: "boolean" },
          log: { type: "boolean" },
        },
      },
    });
    if (values.focus !== undefined && !(values.focus in FOCUSES))
      throw new Error(`There is no focus "${values.focus}".`);
    return values;
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n${USAGE}`);
    process.exit(2);
  }
}

const given = options();
const seed = whole(given.seed, "seed");
const first = seed ?? randomInt(1, 2 ** 31);
const seconds = whole(given.seconds, "seconds") ?? (seed === null && given.histories === undefined ? 60 : null);
const histories =
  whole(given.histories, "histories") ?? (seed !== null && seconds === null ? 1 : Number.POSITIVE_INFINITY);

/** Plays what the options say, and says how it went. */
async function simulate(): Promise<boolean> {
  const started = performance.now();
  const totals = newTotals();
  let nth = 0;
  const isOver = () => seconds !== null && performance.now() - started > seconds * 1000;
  const next = () => {
    if (nth >= histories || isOver()) return null;
    return { seed: first + nth++, focus: given.focus ?? null, mutation: null, shrink: given.shrink ?? false };
  };
  const onDone = (done: Done): boolean => {
    takeIn(totals, done);
    if (done.violations.length === 0 && done.broken === "") return true;
    if (!given.all || given.log) tellFailure(done);
    return given.all === true;
  };
  await playAll(Math.min(histories, availableParallelism()), next, onDone);
  console.log(tellTotals(totals, (performance.now() - started) / 1000));
  if (totals.histories > 1) console.log(tellCoverage(totals));
  return totals.failed === 0;
}

function tellFailure({ seed: failed, style, violations, log, broken }: Done): void {
  const again = `npm run simulate -- --seed ${failed}${given.focus ? ` --focus ${given.focus}` : ""}${given.shrink ? "" : " --shrink"}`;
  console.log(`\nSeed ${failed} (${style}) does not hold:`);
  if (broken !== "") console.log(broken);
  for (const { invariant, rule, says } of violations) console.log(`  ${invariant} (${rule}): ${says}`);
  console.log(
    `\nThe history${given.shrink ? " in its shortest form" : ""}:\n${log.map((line) => `  ${line}`).join("\n")}\n\nAgain: ${again}`,
  );
}

/** Makes the product wrong in each known way and sees who notices. */
async function mutate(): Promise<boolean> {
  const rows: string[] = [];
  let missed = 0;
  for (const [name, { about, breaks, focus }] of Object.entries(MUTATIONS)) {
    let nth = 0;
    let noticed: { seed: number; says: string } | null = null;
    const limit = histories === Number.POSITIVE_INFINITY ? 60 : histories;
    await playAll(
      Math.min(limit, availableParallelism()),
      () => (nth < limit ? { seed: first + nth++, focus, mutation: name, shrink: false } : null),
      (done) => {
        const violation = done.violations.find(({ invariant }) => invariant === breaks);
        if (violation) noticed = { seed: done.seed, says: violation.rule };
        return noticed === null;
      },
    );
    const found = noticed as { seed: number; says: string } | null;
    if (!found) missed += 1;
    rows.push(
      `${found ? "noticed" : "MISSED "}  ${breaks.padEnd(9)}  ${name}: ${about}${found ? ` (seed ${found.seed}: ${found.says})` : ""}`,
    );
    console.log(rows.at(-1));
  }
  console.log(`${rows.length - missed} of ${rows.length} noticed`);
  return missed === 0;
}

process.exitCode = (await (given.mutations ? mutate() : simulate())) ? 0 : 1;
