import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

/** Where the bundle lives in the repository and, under the same name, in a workspace. */
export const BUNDLE = "f/codex_pooler";

/** Where the commands stand, one file for each script that Windmill gets. */
export const COMMANDS = "src/commands";

/** A sentence that stops the build: a file and what is wrong with it, with the fix. */
export interface Problem {
  file: string;
  message: string;
}

/** What is deployed, as sorted paths relative to the root. */
export interface Deployed {
  /** Paths of scripts without `.ts`: what Windmill calls their path. */
  scripts: string[];
  /** Flow folders, e.g. `f/codex_pooler/health__flow`. */
  flows: string[];
  /** Folders of raw apps, e.g. `f/codex_pooler/dashboard__raw_app`. */
  apps: string[];
  /** Files of the bundle's folder that belong to none of these. */
  others: string[];
}

/** Lists what is deployed. A repository without commands has no scripts. */
export async function listDeployed(root: string): Promise<Deployed> {
  const entries = async (folder: string) => {
    const found = await readdir(join(root, folder), { withFileTypes: true }).catch(() => []);
    return found.sort((a, b) => (a.name < b.name ? -1 : 1));
  };
  const commands = (await entries(COMMANDS)).filter(({ name }) => name.endsWith(".ts"));
  const names = commands.map(({ name }) => name.slice(0, -".ts".length));
  const scripts = names.map((name) => `${BUNDLE}/${name}`);
  const ours = new Set(["folder.meta.yaml", ...names.flatMap(filesOfScript)]);
  const found: Deployed = { scripts, flows: [], apps: [], others: [] };
  for (const entry of await entries(BUNDLE)) {
    const path = `${BUNDLE}/${entry.name}`;
    if (entry.isDirectory() && entry.name.endsWith("__flow")) found.flows.push(path);
    else if (entry.isDirectory() && entry.name.endsWith("__raw_app")) found.apps.push(path);
    else if (!ours.has(entry.name)) found.others.push(path);
  }
  return found;
}

/** The three files of a script. */
export const filesOfScript = (path: string): string[] => [`${path}.ts`, `${path}.script.yaml`, `${path}.script.lock`];

/** Reads a file of the repository as text; undefined when there is none. */
export async function readIfThere(root: string, path: string): Promise<string | undefined> {
  return readFile(join(root, path), "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });
}
