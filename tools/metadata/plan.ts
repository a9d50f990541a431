import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { PROGRAMS, runProgram } from "../shared/programs.ts";
import { copySyncTree, withTemporaryFolder } from "../shared/sync_tree.ts";
import { BUNDLE, type BundleFiles, listBundle, type Problem, readIfThere } from "./bundle.ts";
import { readModules } from "./imports.ts";
import { lockText } from "./lock_text.ts";
import { readPackages } from "./packages.ts";
import { parseSignature } from "./parser.ts";
import { planPins, writePins } from "./pins.ts";
import { scriptYaml } from "./script_yaml.ts";
import { FOLDER_META, wmillYaml } from "./wmill_yaml.ts";

/** A file that is not as it must be. */
export interface Write {
  file: string;
  text: string;
  /** What is stale about it, one line each. */
  why: string[];
}

export interface MetadataPlan {
  /** Files to write; empty when everything is up to date. */
  writes: Write[];
  /** What the command cannot put right; nothing may be written while there is one. */
  problems: Problem[];
}

/** Compares the pins, locks, forms and sync settings of the bundle with what its code asks for. Writes nothing. */
export async function planMetadata(root: string): Promise<MetadataPlan> {
  const files = await listBundle(root);
  const { packages, releases, problems } = await readPackages(root);
  const read = await readModules(root, files.modules, packages);
  problems.push(...read.problems, ...orphans(files));
  if (problems.length > 0) return { writes: [], problems };

  const writes: Write[] = [];
  const expect = async (file: string, text: string, why: string): Promise<void> => {
    if ((await readIfThere(root, file)) !== text) writes.push({ file, text, why: [why] });
  };
  for (const [path, { bare, packages: names }] of planPins(read.modules)) {
    const source = read.modules.get(path)?.source ?? "";
    const lock = lockText(new Map(names.map((name) => [name, packages.get(name) ?? "latest"])), releases);
    await expect(`${path}.ts`, writePins(source, bare, packages), `its pins must be: ${bare.join(", ") || "none"}`);
    await expect(`${path}.script.lock`, lock, `it must lock: ${names.join(", ") || "no package"}`);
    const signature = parseSignature(source);
    if (signature === null) continue;
    const file = `${path}.script.yaml`;
    const yaml = scriptYaml(path, source, signature, await readIfThere(root, file));
    problems.push(...yaml.problems.map((message) => ({ file, message })));
    if (yaml.stale.length > 0) writes.push({ file, text: yaml.text, why: yaml.stale });
  }
  await expect(`${BUNDLE}/folder.meta.yaml`, FOLDER_META, "it must hold the summary and the name, and nothing else");
  await expect("wmill.yaml", wmillYaml(files), "its includes must be exactly the files on disk");
  if (problems.length === 0) {
    await expect("wmill-lock.yaml", await contentHashes(root, writes), "its hashes must be those of the files");
  }
  return { writes, problems };
}

/** Writes the planned files. */
export async function applyMetadata(root: string, writes: readonly Write[]): Promise<void> {
  for (const { file, text } of writes) {
    await mkdir(dirname(join(root, file)), { recursive: true });
    await writeFile(join(root, file), text);
  }
}

/** Metadata and locks whose script is gone. A push would refuse the first and ignore the second. */
function orphans(files: BundleFiles): Problem[] {
  return files.others
    .filter((file) => /\.script\.(yaml|lock)$/.test(file))
    .filter((file) => !files.modules.includes(file.replace(/\.script\.(yaml|lock)$/, "")))
    .map((file) => ({ file, message: "belongs to no script: delete it, or bring its .ts back." }));
}

/**
 * The text of wmill-lock.yaml, wmill's record of what it has seen, as the real wmill writes it. Kept in the repository,
 * because every push of a tree without it writes it anew and calls all scripts stale.
 */
function contentHashes(root: string, writes: readonly Write[]): Promise<string> {
  return withTemporaryFolder(async (folder) => {
    const tree = join(folder, "tree");
    await copySyncTree(root, tree);
    await applyMetadata(tree, writes);
    await writeFile(join(tree, "wmill-lock.yaml"), "version: v2\nlocks: {}\n");
    const argv = [...PROGRAMS.wmill, "--config-dir", join(folder, "config"), "generate-metadata", "rehash"];
    const run = await runProgram(argv, { cwd: tree });
    if (run.status !== 0) throw new Error(`wmill generate-metadata rehash failed:\n${run.stdout}${run.stderr}`);
    return readFile(join(tree, "wmill-lock.yaml"), "utf8");
  });
}
