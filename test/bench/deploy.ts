import { stat } from "node:fs/promises";
import { join } from "node:path";
import { filesOfScript } from "../../tools/build/deployed.ts";
import { copySyncTree, linkPackages, syncFiles } from "../../tools/shared/sync_tree.ts";
import { withTemporaryFolder } from "../../tools/shared/temporary.ts";
import { runWmill } from "../../tools/shared/wmill.ts";
import { dependencyJobs, settle } from "../standins/windmill/jobs/run.ts";
import { startWindmill, type WindmillStandin } from "../standins/windmill/server.ts";
import { repositoryCopy } from "../world/repository_copy.ts";
import { announce } from "./figures.ts";

/** One push. */
interface Push {
  seconds: number;
  /** Dependency jobs that Windmill made for it, until it had no more to do: `<kind> <path>`. */
  dependency_jobs: string[];
}

/** What the bundle is for Windmill, and what a first push, one that changes nothing and one of a changed module cost. */
export interface DeployFigures {
  scripts: number;
  /** Files beside the app's. */
  files: number;
  /** Of the scripts' code, their forms and locks. */
  bytes: number;
  first: Push;
  again: Push;
  changed: Push;
}

const WORKSPACE = "bench";

/** Pushes the bundle with the real wmill into the stand-in. */
export async function benchDeploy(): Promise<DeployFigures> {
  announce("Deploying the bundle three times");
  const windmill = await startWindmill();
  const repository = await repositoryCopy();
  try {
    windmill.createWorkspace(WORKSPACE);
    const files = (await syncFiles(repository.root)).filter(
      (file) => file.startsWith("f/") && !file.includes("__raw_app"),
    );
    const sizes = repository.scripts.flatMap(filesOfScript).map((file) => stat(join(repository.root, file)));
    const bytes = (await Promise.all(sizes)).reduce((sum, { size }) => sum + size, 0);
    const first = await push(windmill, repository.root);
    const again = await push(windmill, repository.root);
    const words = "src/core/words.ts";
    await repository.upgrade(words, (await repository.read(words)).replace('"nobody"', '"nobody at all"'));
    const changed = await push(windmill, repository.root);
    return { scripts: repository.scripts.length, files: files.length, bytes, first, again, changed };
  } finally {
    await repository.end();
    await windmill.close();
  }
}

async function push(windmill: WindmillStandin, root: string): Promise<Push> {
  const before = jobs(windmill);
  const target = { baseUrl: windmill.url, workspace: WORKSPACE, token: windmill.admin.token };
  const seconds = await withTemporaryFolder(async (folder) => {
    await copySyncTree(root, join(folder, "tree"));
    await linkPackages(root, join(folder, "tree"));
    const started = performance.now();
    const run = await runWmill(target, folder, ["sync", "push", "--yes", "--locks-required"]);
    if (run.status !== 0) throw new Error(`wmill failed:\n${run.stdout}${run.stderr}`);
    return Math.round((performance.now() - started) / 100) / 10;
  });
  await settle(windmill);
  return {
    seconds,
    dependency_jobs: [...jobs(windmill)].flatMap(([job, made]) =>
      Array<string>(made - (before.get(job) ?? 0)).fill(job),
    ),
  };
}

/** How many dependency jobs there were so far, by kind and path. */
const jobs = (windmill: WindmillStandin): Map<string, number> =>
  new Map(dependencyJobs(windmill, WORKSPACE).items.map(({ kind, path, made }) => [`${kind} ${path}`, made]));
