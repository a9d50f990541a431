import { BuildError } from "./build/bundle.ts";
import { applyBuild, planBuild } from "./build/plan.ts";
import { readFlags } from "./shared/arguments.ts";
import { UsageError } from "./shared/errors.ts";
import { ROOT } from "./shared/programs.ts";

/**
 * `npm run build`: writes what is deployed from its source: one self-contained script per command with its form and its lock,
 * wmill.yaml, wmill-lock.yaml and the list of what releases have owned. `--check` writes nothing. Exit code 0: up to date or
 * written; 1: stale (with --check) or a problem that a person must correct; 2: unknown argument.
 */

const USAGE = "Usage: npm run build -- [--check] [--root <folder>]";

const { values, switches, slips } = readFlags(process.argv.slice(2), { values: ["root"], switches: ["check"] });
if (slips.length > 0) {
  console.error(new UsageError(slips, USAGE).message);
  process.exit(2);
}
const root = values.get("root") ?? ROOT;
const { writes, problems } = await planBuild(root).catch((error: unknown) => {
  if (!(error instanceof BuildError)) throw error;
  return { writes: [], problems: [{ file: "src", message: error.message }] };
});
for (const { file, message } of problems) console.error(`${file}: ${message}`);
if (problems.length > 0) {
  console.error(`\n${problems.length} problem(s) to correct by hand; nothing was written.`);
  process.exit(1);
}
for (const { file, text } of writes)
  console.log(`${text === null ? "belongs to nothing" : "not what its source says"}: ${file}`);
if (switches.has("check")) {
  if (writes.length > 0) console.error(`\n${writes.length} file(s) are stale. Run: npm run build`);
  else console.log("What is deployed is what its source says.");
  process.exit(writes.length > 0 ? 1 : 0);
}
await applyBuild(root, writes);
console.log(writes.length === 0 ? "Everything is up to date." : `Wrote ${writes.length} file(s).`);
