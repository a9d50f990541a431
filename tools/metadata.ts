import { applyMetadata, planMetadata } from "./metadata/plan.ts";
import { readFlags } from "./shared/arguments.ts";
import { UsageError } from "./shared/errors.ts";
import { ROOT } from "./shared/programs.ts";

/**
 * `npm run metadata`: writes what follows from the code under f/ (pins of packages, script locks, forms, wmill.yaml,
 * wmill-lock.yaml). `--check` writes nothing. Exit code 0: up to date or written; 1: stale (with --check) or a problem that
 * a person must correct; 2: unknown argument.
 */

const USAGE = "Usage: npm run metadata -- [--check] [--root <folder>]";

const { values, switches, slips } = readFlags(process.argv.slice(2), { values: ["root"], switches: ["check"] });
if (slips.length > 0) {
  console.error(new UsageError(slips, USAGE).message);
  process.exit(2);
}
const root = values.get("root") ?? ROOT;
const { writes, problems } = await planMetadata(root);
for (const { file, message } of problems) console.error(`${file}: ${message}`);
if (problems.length > 0) {
  console.error(`\n${problems.length} problem(s) to correct by hand; nothing was written.`);
  process.exit(1);
}
for (const { file, why } of writes) for (const line of why) console.log(`${file}: ${line}`);
if (switches.has("check")) {
  if (writes.length > 0) console.error(`\n${writes.length} file(s) are stale. Run: npm run metadata`);
  else console.log("Pins, locks, forms and sync settings are up to date.");
  process.exit(writes.length > 0 ? 1 : 0);
}
await applyMetadata(root, writes);
console.log(writes.length === 0 ? "Everything is up to date." : `Wrote ${writes.length} file(s).`);
