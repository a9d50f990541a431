import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join, relative } from "node:path";
import { type Plugin, type RollupCache, rollup } from "rollup";
import type * as TypeScript from "typescript-6";

/** Turns a command and everything that it uses into one module, with npm packages left outside under their pins. */

/** The compiler's interface. The compiler that checks types is a newer one, which has none. */
export const ts = createRequire(import.meta.url)("typescript-6") as typeof TypeScript;

/** Something in the source that stops the build; the message says what to correct. */
export class BuildError extends Error {
  override readonly name = "BuildError";
}

/** Bundles modules of one repository, and keeps what it has read for the next one: commands share most of their modules. */
export interface Bundler {
  /**
   * The text of one module with all that it uses. Its own exports keep their names.
   *
   * @param entry path relative to the root.
   * @throws BuildError for an import that no script may have.
   */
  bundle(entry: string): Promise<string>;
}

/**
 * Opens a bundler.
 *
 * @param root the repository's folder, absolute.
 * @param pins the exact version of each npm package that may be imported, by name.
 */
export function openBundler(root: string, pins: ReadonlyMap<string, string>): Bundler {
  const read = new Map<string, Promise<string>>();
  const sources: Plugin = {
    name: "sources",
    resolveId(source, importer) {
      if (importer === undefined) return join(root, source);
      if (source.startsWith(".")) return join(importer, "..", source);
      if (source.startsWith("node:")) return { id: source, external: true, moduleSideEffects: false };
      const version = pins.get(source);
      if (version !== undefined) return { id: `${source}@${version}`, external: true, moduleSideEffects: false };
      const known = [...pins.keys()].join(", ");
      throw new BuildError(
        `${relative(root, importer)} imports "${source}". A script may import files of src/, node: modules and ${known} (dependencies of package.json).`,
      );
    },
    load(path) {
      const code = read.get(path) ?? withoutTypes(path);
      read.set(path, code);
      return code;
    },
  };
  let cache: RollupCache | undefined;
  return {
    async bundle(entry) {
      const built = await rollup({
        input: entry,
        plugins: [sources],
        ...(cache ? { cache } : {}),
        // Our modules do nothing by being imported, so what a command does not use stays out of its script.
        treeshake: { moduleSideEffects: false, propertyReadSideEffects: false },
        onwarn: ({ message }) => {
          throw new BuildError(`${entry}: ${message}`);
        },
      });
      cache = built.cache;
      try {
        const { output } = await built.generate({ format: "es", generatedCode: "es2015" });
        return output[0].code;
      } finally {
        await built.close();
      }
    },
  };
}

/** The module without its types; comments stay. */
async function withoutTypes(path: string): Promise<string> {
  const compilerOptions = {
    target: ts.ScriptTarget.ES2023,
    module: ts.ModuleKind.ESNext,
    verbatimModuleSyntax: true,
    removeComments: false,
  };
  return ts.transpileModule(await readFile(path, "utf8"), { compilerOptions, fileName: path }).outputText;
}
