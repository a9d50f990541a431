import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, posix } from "node:path";
import { NODE_MODULES, runBun } from "./bun.ts";
import { isWorkspaceImport, resolveImport, rewriteImports, stripPins } from "./imports.ts";
import { importedModules, type Sources } from "./modules.ts";

/** A script could not be bundled; the message is what bun printed. */
export class BundleError extends Error {}

/** A worker's cache of bundles, by a hash of everything that goes into one. */
export interface BundleCache {
  /**
   * The bundle of the script at `path`, built if it is not there yet.
   * @param sources every module that it may import, and itself
   * @throws BundleError
   */
  get(path: string, lock: string | null, sources: Sources): Promise<{ file: string; cached: boolean }>;
  /** Deletes the cache's files. */
  close(): Promise<void>;
}

/** What bun made of a set of sources, for all workers that this process plays: a test suite starts many with the same scripts. */
const built = new Map<string, Promise<string>>();

/** An empty cache in a temporary folder of its own. */
export function createBundleCache(): BundleCache {
  // Made when the first bundle is: an instance that runs no code leaves no folder.
  let made: Promise<string> | undefined;
  const folder = (): Promise<string> => (made ??= mkdtemp(join(tmpdir(), "windmill-bundles-")));
  const files = new Map<string, Promise<string>>();
  return {
    async get(path, lock, sources) {
      const modules = [path, ...importedModules(path, sources)].flatMap((module) => {
        const source = sources.get(module);
        return source === undefined ? [] : [[module, source] as const];
      });
      const hash = createHash("sha256")
        .update(JSON.stringify([modules, lock]))
        .digest("hex");
      const present = files.get(hash);
      if (present) return { file: await present, cached: true };
      const bundle = built.get(hash) ?? buildBundle(path, new Map(modules));
      built.set(hash, bundle);
      const file = (async () => {
        const target = join(await folder(), hash);
        await writeFile(target, await bundle);
        return target;
      })();
      files.set(hash, file);
      file.catch(() => {
        built.delete(hash);
        files.delete(hash);
      });
      return { file: await file, cached: false };
    },
    async close() {
      await Promise.allSettled(files.values());
      if (made) await rm(await made, { recursive: true, force: true });
    },
  };
}

async function buildBundle(path: string, modules: Sources): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "windmill-build-"));
  try {
    await symlink(NODE_MODULES, join(folder, "node_modules"), "junction");
    // Like the worker's loader, which takes the script itself for ts and whatever it imports for tsx.
    const fileOf = (module: string) => `${module}.${module === path ? "ts" : "tsx"}`;
    for (const [module, source] of modules) await writeModule(folder, module, source, fileOf);
    const output: string[] = [];
    const { PATH, HOME } = process.env;
    const args = ["build", `./${path}.ts`, "--target=bun", "--minify-syntax", "--outfile=out/main.js"];
    const { code } = await runBun(args, { cwd: folder, env: { PATH, HOME }, onLine: (line) => output.push(line) });
    if (code !== 0) throw new BundleError(output.join("\n"));
    return await readFile(join(folder, "out/main.js"), "utf8");
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Writes a module so that bun finds its imports: no pins, every workspace import relative and with its ending. */
async function writeModule(
  folder: string,
  module: string,
  source: string,
  fileOf: (module: string) => string,
): Promise<void> {
  const file = join(folder, fileOf(module));
  await mkdir(dirname(file), { recursive: true });
  const text = rewriteImports(stripPins(source), (specifier) => {
    if (!isWorkspaceImport(specifier)) return specifier;
    const relative = posix.relative(posix.dirname(module), fileOf(resolveImport(module, specifier)));
    return `${relative.startsWith(".") ? "" : "./"}${relative}`;
  });
  await writeFile(file, text);
}
