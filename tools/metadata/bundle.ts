import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

/** Where the bundle lives in the repository and, under the same name, in a workspace. */
export const BUNDLE = "f/codex_pooler";

/** A sentence that stops the metadata command: a file and what is wrong with it, with the fix. */
export interface Problem {
  file: string;
  message: string;
}

/** What lies on disk under {@link BUNDLE}, as paths relative to the root, sorted. */
export interface BundleFiles {
  /** Paths of scripts and libraries without `.ts`: what Windmill calls their path. */
  modules: string[];
  /** Flow folders, e.g. `f/codex_pooler/health__flow`. */
  flows: string[];
  /** Folders of raw apps, e.g. `f/codex_pooler/dashboard__raw_app`. */
  apps: string[];
  /** Every other file that stands beside the modules, e.g. `.script.yaml`. */
  others: string[];
}

/** Folders that hold one item each: their files are part of that item and not scripts of their own. */
const ITEM_FOLDER = /__(flow|app|raw_app|mod)$/;

/** Lists the bundle's files. A missing folder reads as an empty bundle. */
export async function listBundle(root: string): Promise<BundleFiles> {
  const found: BundleFiles = { modules: [], flows: [], apps: [], others: [] };
  const visit = async (folder: string): Promise<void> => {
    const entries = await readdir(join(root, folder), { withFileTypes: true }).catch(() => []);
    for (const entry of entries) {
      const path = `${folder}/${entry.name}`;
      if (entry.isDirectory() && entry.name.endsWith("__flow")) found.flows.push(path);
      else if (entry.isDirectory() && entry.name.endsWith("__raw_app")) found.apps.push(path);
      else if (entry.isDirectory() && !ITEM_FOLDER.test(entry.name)) await visit(path);
      else if (entry.name.endsWith(".ts")) found.modules.push(path.slice(0, -".ts".length));
      else if (entry.isFile()) found.others.push(path);
    }
  };
  await visit(BUNDLE);
  for (const list of Object.values(found)) list.sort();
  return found;
}

/** Reads a file of the repository as text; undefined when there is none. */
export async function readIfThere(root: string, path: string): Promise<string | undefined> {
  return readFile(join(root, path), "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });
}
