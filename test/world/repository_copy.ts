import { cp, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { filesOfScript, listDeployed } from "../../tools/build/deployed.ts";
import { applyBuild, planBuild } from "../../tools/build/plan.ts";
import { ROOT } from "../../tools/shared/programs.ts";

/** A copy of what this repository deploys, which a test may change. */
export interface RepositoryCopy {
  root: string;
  /** Paths of its scripts, its flow folders and its app folders. */
  scripts: string[];
  flows: string[];
  apps: string[];
  read(file: string): Promise<string>;
  /** Changes a file and builds, as a release does. */
  upgrade(file: string, text: string): Promise<void>;
  /** Scripts whose files are no longer those of the copy as it was made, sorted by path. */
  changedItems(): Promise<string[]>;
  /** Deletes the copy. */
  end(): Promise<void>;
}

const FILES = [
  ...["f", "src", "package.json", "package-lock.json", "tsconfig.json", "biome.json", "wmill.yaml", "wmill-lock.yaml"],
  "tools/build/releases.json",
];

/** Copies the bundle and what it is built from. */
export async function repositoryCopy(): Promise<RepositoryCopy> {
  const root = await mkdtemp(join(tmpdir(), "codex-pooler-copy-"));
  for (const file of FILES) {
    await cp(join(ROOT, file), join(root, file), { recursive: true });
  }
  await symlink(join(ROOT, "node_modules"), join(root, "node_modules"), "junction");
  const read = (file: string): Promise<string> => readFile(join(root, file), "utf8");
  const bringUpToDate = async (): Promise<void> => {
    const { writes, problems } = await planBuild(root);
    if (problems.length > 0) {
      throw new Error(problems.map((problem) => `${problem.file}: ${problem.message}`).join("\n"));
    }
    await applyBuild(root, writes);
  };
  const contents = (path: string): Promise<string[]> => Promise.all(filesOfScript(path).map(read));

  // Whether the repository itself is built is another test's question.
  await bringUpToDate();
  const { scripts, flows, apps } = await listDeployed(root);
  const released = new Map<string, string>();
  for (const path of scripts) released.set(path, (await contents(path)).join());
  return {
    root,
    scripts,
    flows,
    apps,
    read,
    async upgrade(file, text) {
      await writeFile(join(root, file), text);
      await bringUpToDate();
    },
    async changedItems() {
      const now = await Promise.all(scripts.map(contents));
      return scripts.filter((path, index) => now[index]?.join() !== released.get(path));
    },
    end: () => rm(root, { recursive: true, force: true }),
  };
}
