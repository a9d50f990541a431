import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { listBundle } from "../../tools/metadata/bundle.ts";
import { applyMetadata, planMetadata } from "../../tools/metadata/plan.ts";
import { ROOT } from "../../tools/shared/programs.ts";

/** A copy of what this repository deploys, which a test may change. */
export interface RepositoryCopy {
  root: string;
  /** Paths of its scripts and libraries, its flow folders and its app folders. */
  modules: string[];
  flows: string[];
  apps: string[];
  read(file: string): Promise<string>;
  /** Changes a file and brings the metadata up to date, as a release does. */
  upgrade(file: string, text: string): Promise<void>;
  /** Scripts whose files are no longer those of the copy as it was made, sorted by path. */
  changedItems(): Promise<string[]>;
  /** Deletes the copy. */
  end(): Promise<void>;
}

/** Copies the bundle and what its metadata depends on. */
export async function repositoryCopy(): Promise<RepositoryCopy> {
  const root = await mkdtemp(join(tmpdir(), "codex-pooler-copy-"));
  for (const file of ["f", "package.json", "package-lock.json", "tsconfig.json", "wmill.yaml", "wmill-lock.yaml"]) {
    await cp(join(ROOT, file), join(root, file), { recursive: true });
  }
  const read = (file: string): Promise<string> => readFile(join(root, file), "utf8");
  const bringUpToDate = async (): Promise<void> => {
    const { writes, problems } = await planMetadata(root);
    if (problems.length > 0) {
      throw new Error(problems.map((problem) => `${problem.file}: ${problem.message}`).join("\n"));
    }
    await applyMetadata(root, writes);
  };
  const contents = (path: string): Promise<string[]> =>
    Promise.all(["ts", "script.yaml", "script.lock"].map((ending) => read(`${path}.${ending}`)));

  // Whether the repository's own metadata is up to date is another test's question.
  await bringUpToDate();
  const { modules, flows, apps } = await listBundle(root);
  const released = new Map<string, string>();
  for (const path of modules) released.set(path, (await contents(path)).join());
  return {
    root,
    modules,
    flows,
    apps,
    read,
    async upgrade(file, text) {
      await writeFile(join(root, file), text);
      await bringUpToDate();
    },
    async changedItems() {
      const now = await Promise.all(modules.map(contents));
      return modules.filter((path, index) => now[index]?.join() !== released.get(path));
    },
    end: () => rm(root, { recursive: true, force: true }),
  };
}
