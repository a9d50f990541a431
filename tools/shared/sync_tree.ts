import { cp, mkdir, readdir, readFile, symlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { z } from "zod";
import { BUNDLE, filesOfScript, listDeployed } from "../build/deployed.ts";

/** Every file that a push sends or reads, as sorted paths relative to the root. Files that are missing are listed all the same. */
export async function syncFiles(root: string): Promise<string[]> {
  const { scripts, flows, apps } = await listDeployed(root);
  const inFolders = await Promise.all([...flows, ...apps].map((folder) => filesIn(root, folder)));
  return [
    "wmill.yaml",
    "wmill-lock.yaml",
    `${BUNDLE}/folder.meta.yaml`,
    ...scripts.flatMap(filesOfScript),
    ...inFolders.flat(),
  ].sort();
}

/** The files of a flow or an app; packages that somebody installed beside an app's page are not part of it. */
async function filesIn(root: string, folder: string): Promise<string[]> {
  const entries = await readdir(join(root, folder), { withFileTypes: true });
  const files = entries.map((entry) => {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) return entry.name === "node_modules" ? [] : filesIn(root, path);
    return entry.isFile() ? [path] : [];
  });
  return (await Promise.all(files)).flat();
}

/**
 * Copies what a push needs, and nothing else, so that wmill sees neither the git branch nor stray files and writes nothing
 * into the repository.
 *
 * @returns the files that were missing in `root`.
 */
export async function copySyncTree(root: string, target: string): Promise<string[]> {
  const missing: string[] = [];
  for (const file of await syncFiles(root)) {
    await mkdir(dirname(join(target, file)), { recursive: true });
    await cp(join(root, file), join(target, file)).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "ENOENT") throw error;
      missing.push(file);
    });
  }
  return missing;
}

const Manifest = z.looseObject({ dependencies: z.record(z.string(), z.string()) });

/**
 * Gives the apps of a copied tree the repository's own packages, so that wmill does not install them: for tests, where it would
 * cost seconds per push and need a registry. The versions are the same (test/unit/dashboard_page.test.ts).
 */
export async function linkPackages(root: string, tree: string): Promise<void> {
  for (const app of (await listDeployed(tree)).apps) {
    const { dependencies } = Manifest.parse(JSON.parse(await readFile(join(tree, app, "package.json"), "utf8")));
    // wmill never looks into a folder of this name, but it would take a link of this name for a file.
    await mkdir(join(tree, app, "node_modules"));
    for (const name of Object.keys(dependencies)) {
      await symlink(join(root, "node_modules", name), join(tree, app, "node_modules", name), "junction");
    }
  }
}
