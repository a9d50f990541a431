import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Form } from "../../src/inputs/form.ts";
import { PROGRAMS, runProgram } from "../shared/programs.ts";
import { copySyncTree } from "../shared/sync_tree.ts";
import { withTemporaryFolder } from "../shared/temporary.ts";
import { BuildError, openBundler } from "./bundle.ts";
import { BUNDLE, COMMANDS, type Deployed, listDeployed, type Problem, readIfThere } from "./deployed.ts";
import { formatted } from "./format.ts";
import { importedPackages, lockText, type Packages, readPackages } from "./packages.ts";
import { parseSignature } from "./parser.ts";
import { RELEASES_FILE, readReleases, withRelease } from "./releases.ts";
import { scriptText } from "./script.ts";
import { scriptYaml } from "./script_yaml.ts";
import { FOLDER_META, wmillYaml } from "./wmill_yaml.ts";

/** A file that is not as it must be; `text` is null for one that must go. */
export interface Write {
  file: string;
  text: string | null;
}

export interface BuildPlan {
  /** Files to write; empty when everything is up to date. */
  writes: Write[];
  /** What the build cannot put right; nothing may be written while there is one. */
  problems: Problem[];
}

/** Compares what is deployed (scripts, forms, locks, wmill.yaml, wmill-lock.yaml) with what its source says. Writes nothing. */
export async function planBuild(root: string): Promise<BuildPlan> {
  const deployed = await listDeployed(root);
  const { version, packages, problems } = await readPackages(root);
  const texts = await buildScripts(root, deployed, packages).catch((error: unknown) => {
    if (!(error instanceof BuildError)) throw error;
    problems.push({ file: COMMANDS, message: error.message });
    return new Map<string, string>();
  });
  if (problems.length > 0) return { writes: [], problems };

  const wanted = new Map<string, string | null>(deployed.others.map((file) => [file, null]));
  for (const [path, text] of texts) {
    const name = path.slice(BUNDLE.length + 1);
    const parameters = parseSignature(text);
    if (parameters === null || parameters === "library") {
      problems.push({ file: `${COMMANDS}/${name}.ts`, message: "has no main that Windmill's parser can read." });
      continue;
    }
    const yaml = scriptYaml(path, await formOf(root, name), parameters, text);
    problems.push(...yaml.problems.map((message) => ({ file: `src/inputs/${name}.ts`, message })));
    wanted.set(`${path}.ts`, text);
    wanted.set(`${path}.script.yaml`, yaml.text);
    wanted.set(`${path}.script.lock`, lockText(importedPackages(text, packages), packages));
  }
  wanted.set(`${BUNDLE}/folder.meta.yaml`, FOLDER_META);
  wanted.set("wmill.yaml", wmillYaml(deployed));
  const releases = withRelease(await readReleases(root), version, texts);
  wanted.set(RELEASES_FILE, `${JSON.stringify(releases, null, 2)}\n`);

  const writes: Write[] = [];
  const compare = async (file: string, text: string | null): Promise<void> => {
    const stale = text === null || (await readIfThere(root, file)) !== text;
    if (stale) writes.push({ file, text });
  };
  for (const [file, text] of wanted) await compare(file, text);
  if (problems.length === 0) await compare("wmill-lock.yaml", await contentHashes(root, writes));
  return { writes, problems };
}

/** Makes the planned changes. */
export async function applyBuild(root: string, writes: readonly Write[]): Promise<void> {
  for (const { file, text } of writes) {
    if (text === null) {
      await rm(join(root, file), { recursive: true });
      continue;
    }
    await mkdir(dirname(join(root, file)), { recursive: true });
    await writeFile(join(root, file), text);
  }
}

/** The texts of the scripts by their path in Windmill. @throws BuildError */
async function buildScripts(root: string, { scripts }: Deployed, packages: Packages): Promise<Map<string, string>> {
  const pins = new Map([...packages].map(([name, { version }]) => [name, version]));
  const bundler = openBundler(root, pins);
  const raw = new Map<string, string>();
  for (const path of scripts) {
    const entry = `${COMMANDS}/${path.slice(BUNDLE.length + 1)}.ts`;
    raw.set(`${path}.ts`, scriptText(entry, await readFile(join(root, entry), "utf8"), await bundler.bundle(entry)));
  }
  const pretty = await formatted(raw, root);
  return new Map(scripts.map((path) => [path, pretty.get(`${path}.ts`) ?? ""]));
}

/** The description of a command's form. It is read from the repository that is built, which may be a copy. */
async function formOf(root: string, name: string): Promise<Form> {
  const file = pathToFileURL(join(root, `src/inputs/${name}.ts`)).href;
  const { form } = (await import(file)) as { form?: Form };
  if (form === undefined) throw new BuildError(`src/inputs/${name}.ts exports no form, which every command needs.`);
  return form;
}

/**
 * The text of wmill-lock.yaml, wmill's record of what it has seen, as the real wmill writes it. Kept in the repository,
 * because every push of a tree without it writes it anew and calls all scripts stale.
 */
function contentHashes(root: string, writes: readonly Write[]): Promise<string> {
  return withTemporaryFolder(async (folder) => {
    const tree = join(folder, "tree");
    await copySyncTree(root, tree);
    await applyBuild(
      tree,
      writes.filter(({ text }) => text !== null),
    );
    await writeFile(join(tree, "wmill-lock.yaml"), "version: v2\nlocks: {}\n");
    const argv = [...PROGRAMS.wmill, "--config-dir", join(folder, "config"), "generate-metadata", "rehash"];
    const run = await runProgram(argv, { cwd: tree });
    if (run.status !== 0) throw new Error(`wmill generate-metadata rehash failed:\n${run.stdout}${run.stderr}`);
    return readFile(join(tree, "wmill-lock.yaml"), "utf8");
  });
}
