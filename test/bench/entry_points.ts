import { copyFile, mkdir, readFile, stat, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { BUNDLE, listDeployed } from "../../tools/build/deployed.ts";
import { ROOT } from "../../tools/shared/programs.ts";
import { withTemporaryFolder } from "../../tools/shared/temporary.ts";
import { runBun } from "../standins/windmill/jobs/bun.ts";
import { createBundleCache } from "../standins/windmill/jobs/bundle.ts";
import { announce, type Figures, figures } from "./figures.ts";

/** What it costs to start each entry point, beside an empty job in the same run, and how large its bundle is. */

const ROUNDS = 21;
/** Milliseconds that an entry point may take over an empty job (issue: watched for months). */
const GOAL_MS = 30;

const EMPTY = "empty";

/** What a worker's job process does before it calls `main`: it imports the bundle and looks for it. */
const STARTER = `const started = performance.now();
const { main } = await import("./main.js");
if (typeof main !== "function") throw new Error("main function is missing");
const { user, system } = process.cpuUsage();
console.log(JSON.stringify({ import: performance.now() - started, cpu: (user + system) / 1000 }));
process.exit(0);
`;

interface Start {
  /** From the start of the process to its end. */
  process: number;
  /** The import alone, as the process itself measures it. */
  import: number;
  /** Time of processors; what a busy machine makes longer least. */
  cpu: number;
}

interface Entry {
  bundle_bytes: number;
  process_ms: Figures;
  import_ms: Figures;
  cpu_ms: Figures;
  /** The median of what its process took longer than that of the empty job in the same round. */
  over_empty_ms: number;
  /** The same in time of processors. */
  cpu_over_empty_ms: number;
}

/** Bundles every script beside the library, as a worker does, and starts them in turns with an empty job. */
export const benchEntryPoints = (): Promise<object> =>
  withTemporaryFolder(async (folder) => {
    const bundles = await bundle(folder);
    const starts = new Map<string, Start[]>([...bundles.keys()].map((name) => [name, []]));
    announce(`starting ${bundles.size} entry points ${ROUNDS} times each`);
    for (const [name, home] of bundles) await start(name, home);
    // In turns: whatever else the machine does meets all of them alike.
    for (let round = 0; round < ROUNDS; round++) {
      for (const [name, home] of bundles) starts.get(name)?.push(await start(name, home));
    }
    const empty = starts.get(EMPTY) ?? [];
    const entries: Record<string, Entry> = {};
    for (const [name, home] of bundles) {
      const mine = starts.get(name) ?? [];
      const over = (what: keyof Start): number =>
        figures(mine.map((one, round) => one[what] - (empty[round]?.[what] ?? Number.NaN))).median;
      entries[name] = {
        bundle_bytes: (await stat(join(home, "main.js"))).size,
        process_ms: figures(mine.map((one) => one.process)),
        import_ms: figures(mine.map((one) => one.import)),
        cpu_ms: figures(mine.map((one) => one.cpu)),
        over_empty_ms: over("process"),
        cpu_over_empty_ms: over("cpu"),
      };
    }
    const slowest = Math.max(...Object.values(entries).map(({ over_empty_ms }) => over_empty_ms));
    return {
      goal: {
        says: `import and start of each at most ${GOAL_MS} ms over an empty job`,
        allowed_ms: GOAL_MS,
        measured_ms: slowest,
        met: slowest <= GOAL_MS,
      },
      entries,
    };
  });

/** Makes a folder with bundle and starter for every entry point and for an empty job; returns them by name. */
async function bundle(folder: string): Promise<Map<string, string>> {
  const { scripts } = await listDeployed(ROOT);
  const sources = new Map<string, string>([[`u/admin/${EMPTY}`, "export async function main() {}\n"]]);
  for (const path of scripts) sources.set(path, await readFile(join(ROOT, `${path}.ts`), "utf8"));
  const cache = createBundleCache();
  const homes = new Map<string, string>();
  try {
    for (const path of [...sources.keys()].filter((one) => [BUNDLE, "u/admin"].includes(dirname(one)))) {
      const name = basename(path);
      announce(`bundling ${name}`);
      const home = join(folder, name);
      await mkdir(home, { recursive: true });
      await copyFile((await cache.get(path, null, sources)).file, join(home, "main.js"));
      await writeFile(join(home, "start.mjs"), STARTER);
      homes.set(name, home);
    }
  } finally {
    await cache.close();
  }
  return homes;
}

async function start(name: string, home: string): Promise<Start> {
  const { PATH, HOME } = process.env;
  const lines: string[] = [];
  const started = performance.now();
  const { code } = await runBun(["run", "start.mjs"], {
    cwd: home,
    env: { PATH, HOME },
    onLine: (line) => lines.push(line),
  });
  const took = performance.now() - started;
  if (code !== 0) throw new Error(`${name} does not start: ${lines.join("\n")}`);
  return { process: took, ...(JSON.parse(lines.at(-1) ?? "") as Omit<Start, "process">) };
}
