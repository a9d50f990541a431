import { mkdir, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { PROGRAMS, ROOT, runProgram } from "../tools/shared/programs.ts";
import { withTemporaryFolder } from "../tools/shared/sync_tree.ts";
import { announce, figures, repeat } from "./figures.ts";

/** What it costs to start each entry point: the size of its bundle, and its import beside that of an empty module. */

const ENTRY_POINTS = ["check", "connect", "explain", "notify", "remember"];
const RUNS = 15;

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
    const entries: Record<string, object> = {};
    for (const name of ENTRY_POINTS) {
      announce(`importing ${name}`);
      const bundle = join(folder, `${name}.js`);
      await bun("build", join(ROOT, "f/codex_pooler", `${name}.ts`), "--target", "bun", "--outfile", bundle);
      const importMs = await time(bundle);
      const over = Math.round((importMs.median - emptyMs.median) * 10) / 10;
      entries[name] = { bundle_bytes: (await stat(bundle)).size, import_ms: importMs, over_empty_ms: over };
    }
    return { empty_import_ms: emptyMs, entries };
  });
