import { posix } from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { PROGRAMS, runProgram } from "../shared/programs.ts";
import { type Problem, readIfThere } from "./bundle.ts";
import { pinned, type RuntimePackages } from "./packages.ts";
import { parseImports } from "./parser.ts";
import { isWorkspaceImport, packageOf, resolveImport } from "./specifiers.ts";

/** What an import leads to: another module of the bundle, or a package. */
export type Reference = { module: string } | { package: string };

/** A module of the bundle with what it imports by itself; the bare pins that the metadata command writes are left out. */
export interface Module {
  /** Windmill path, e.g. `f/codex_pooler/lib/shapes`. */
  path: string;
  /** The file's text without its bare pins. */
  source: string;
  /** Every import in source order, type-only ones too. */
  imports: Reference[];
  /** The imports that are left at run time, in source order. */
  runtime: Reference[];
}

/** A line such as `import "zod@4.6.7";`: it only tells Windmill which version to lock. */
const BARE_PIN = /^import\s+["'](?:@[\w.-]+\/)?[\w.-]+@[^"'/\s]+["'];?[ \t]*\n/gm;

/** The text without the lines that only pin a package. */
export const withoutPins = (text: string): string => text.replace(BARE_PIN, "");

/**
 * Base names that Windmill reads as something else: it takes `fetch`, `bun` and `deno` at the end for the language, cuts at
 * the first dot, and keeps `main` and `_wm_` for the job's own files.
 */
const RESERVED_NAME = /(fetch|bun|deno)$|\.|^main$|^_wm_/;

/** Windmill's worker reads modules that are imported as tsx (loader.bun.js in its sources). */
const NO_TYPESCRIPT =
  "is not valid TypeScript in the way in which Windmill reads modules, as .tsx: a generic arrow function `<T>(x: T) => x` has to " +
  "be a function declaration or say `<T extends ...>`, and `<Type>value` has to be `value as Type`.";

/** Reads the imports of all modules. Problems name the file and the fix. */
export async function readModules(
  root: string,
  paths: readonly string[],
  packages: RuntimePackages,
): Promise<{ modules: Map<string, Module>; problems: Problem[] }> {
  const problems: Problem[] = [];
  const sources = new Map<string, string>();
  for (const path of paths) {
    sources.set(path, withoutPins((await readIfThere(root, `${path}.ts`)) ?? ""));
    if (RESERVED_NAME.test(posix.basename(path))) {
      problems.push({
        file: `${path}.ts`,
        message: "has a name that Windmill reads as something else: no dots, and no fetch, bun or deno at the end.",
      });
    }
  }
  const kept = await scanRuntimeImports(sources);
  const modules = new Map<string, Module>();
  for (const [path, source] of sources) {
    const file = `${path}.ts`;
    const specifiers = parseImports(source);
    const runtime = kept[path] ?? null;
    if (specifiers === null || runtime === null) {
      problems.push({ file, message: NO_TYPESCRIPT });
      continue;
    }
    const all = inSourceOrder(source, new Set([...specifiers, ...runtime]));
    for (const specifier of all) {
      const message = specifierProblem(specifier, path, sources, packages);
      if (message !== null) problems.push({ file, message });
    }
    modules.set(path, { path, source, imports: references(all, path), runtime: references(runtime, path) });
  }
  return { modules, problems };
}

async function scanRuntimeImports(sources: ReadonlyMap<string, string>): Promise<Record<string, string[] | null>> {
  const script = fileURLToPath(new URL("scan_imports.mjs", import.meta.url));
  const input = JSON.stringify(Object.fromEntries(sources));
  const run = await runProgram([...PROGRAMS.bun, script], { cwd: process.cwd(), input });
  if (run.status !== 0) throw new Error(`bun could not scan the imports:\n${run.stderr}`);
  return z.record(z.string(), z.array(z.string()).nullable()).parse(JSON.parse(run.stdout));
}

/** The parser lists specifiers by name; the place of the first `from "x"` or `import "x"` gives back the source's order. */
function inSourceOrder(source: string, specifiers: ReadonlySet<string>): string[] {
  const place = (specifier: string): number => {
    const quoted = specifier.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
    return source.search(new RegExp(`(?:from|import)[\\s(]*["']${quoted}["']`));
  };
  const places = new Map([...specifiers].map((specifier) => [specifier, place(specifier)]));
  return [...specifiers].sort((a, b) => (places.get(a) ?? 0) - (places.get(b) ?? 0));
}

/** What is wrong with a specifier, with the fix; null when nothing is. */
function specifierProblem(
  specifier: string,
  from: string,
  known: ReadonlyMap<string, unknown>,
  packages: RuntimePackages,
): string | null {
  if (isWorkspaceImport(specifier)) {
    if (!specifier.endsWith(".ts")) {
      return `imports "${specifier}": write the .ts, without it Windmill rewrites the text by itself.`;
    }
    if (specifier.startsWith("/") || !known.has(resolveImport(from, specifier))) {
      return `imports "${specifier}", which is no file of the bundle: import its files by their relative path.`;
    }
    return null;
  }
  const name = packageOf(specifier);
  if (name === undefined) return null;
  const version = packages.get(name);
  if (version === undefined) {
    return `imports "${specifier}", which package.json does not list under dependencies (Node's own modules are written node:...).`;
  }
  if (specifier !== pinned(name, version)) {
    return `imports "${specifier}": write "${pinned(name, version)}", or Windmill locks another version than package.json's.`;
  }
  return null;
}

function references(specifiers: readonly string[], from: string): Reference[] {
  return specifiers.flatMap((specifier): Reference[] => {
    if (isWorkspaceImport(specifier)) return [{ module: resolveImport(from, specifier) }];
    const name = packageOf(specifier);
    return name === undefined ? [] : [{ package: name }];
  });
}
