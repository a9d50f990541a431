import { mkdir, stat, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { BUNDLE, listBundle } from "../tools/metadata/bundle.ts";
import { PROGRAMS, ROOT, runProgram } from "../tools/shared/programs.ts";
import { withTemporaryFolder } from "../tools/shared/sync_tree.ts";
import { announce, type Figures, figures, repeat } from "./figures.ts";

/** What it costs to start each entry point: the size of its bundle, and its import beside that of an empty module. */

const RUNS = 15;
/** Milliseconds that an entry point may take over an empty module (issue: watched for months). */
const GOAL_MS = 30;

/** Imports a module in a fresh process and prints how long that took, in ms. */
const TIMER = `const started = performance.now();
await import(process.argv[2]);
console.log(performance.now() - started);
process.exit(0);
`;

export const benchEntryPoints = (): Promise<object> =>
  withTemporaryFolder(async (folder) => {
    await mkdir(folder, { recursive: true });
    const timer = join(folder, "timer.mjs");
    const empty = join(folder, "empty.js");
    await writeFile(timer, TIMER);
    await writeFile(empty, "export async function main() {}\n");
    const bun = async (...args: string[]): Promise<string> => {
      const run = await runProgram([...PROGRAMS.bun, ...args], { cwd: ROOT });
      if (run.status !== 0) throw new Error(`bun ${args.join(" ")} failed: ${run.stderr}`);
      return run.stdout;
    };
    const time = async (file: string) => figures(await repeat(RUNS, async () => Number(await bun(timer, file))));
    announce("importing an empty module");
    const emptyMs = await time(empty);
    const entries: Record<string, { bundle_bytes: number; import_ms: Figures; over_empty_ms: number }> = {};
    const { modules } = await listBundle(ROOT);
    for (const name of modules.filter((path) => dirname(path) === BUNDLE).map((path) => basename(path))) {
      announce(`importing ${name}`);
      const bundle = join(folder, `${name}.js`);
      await bun("build", join(ROOT, BUNDLE, `${name}.ts`), "--target", "bun", "--outfile", bundle);
      const importMs = await time(bundle);
      const over = Math.round((importMs.median - emptyMs.median) * 10) / 10;
      entries[name] = { bundle_bytes: (await stat(bundle)).size, import_ms: importMs, over_empty_ms: over };
    }
    const slowest = Math.max(...Object.values(entries).map(({ over_empty_ms }) => over_empty_ms));
    const goal = {
      says: `at most ${GOAL_MS} ms over an empty module`,
      allowed_ms: GOAL_MS,
      measured_ms: slowest,
      met: slowest <= GOAL_MS,
    };
    return { empty_import_ms: emptyMs, goal, entries };
  });
