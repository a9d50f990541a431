import type { Module } from "./imports.ts";
import { pinned, type RuntimePackages } from "./packages.ts";

/** What the imports of one module come to. */
export interface Pins {
  /** Names of the packages to pin by a bare import at the top, sorted. */
  bare: string[];
  /** Names of all packages that the module reaches, in the order in which Windmill's worker lists them in the lock. */
  packages: string[];
}

type Modules = ReadonlyMap<string, Module>;

/**
 * Packages in the order in which the worker meets them: imports depth first, in source order (verified fact 18).
 *
 * @param bare the bare pins of each module, which stand before its other imports.
 * @param follow which imports count: all, or those that are left at run time.
 */
function walk(
  entry: Module,
  modules: Modules,
  bare: ReadonlyMap<string, readonly string[]>,
  follow: "imports" | "runtime",
): string[] {
  const packages = new Set<string>();
  const seen = new Set<Module>();
  const visit = (module: Module): void => {
    if (seen.has(module)) return;
    seen.add(module);
    for (const name of bare.get(module.path) ?? []) packages.add(name);
    for (const reference of module[follow]) {
      if ("package" in reference) packages.add(reference.package);
      else {
        const next = modules.get(reference.module);
        if (next !== undefined) visit(next);
      }
    }
  };
  visit(entry);
  return [...packages];
}

const importsItself = (module: Module, name: string): boolean =>
  module.runtime.some((reference) => "package" in reference && reference.package === name);

/**
 * Decides which bare pins each module needs. Windmill strips the versions from imported modules before it locks a script,
 * so every module has to pin every package that it reaches. Type-only imports count as reaching, so that nothing depends on
 * whether a server follows them; where following them would change the order in the lock, the module pins all of its
 * packages, which fixes the order.
 */
export function planPins(modules: Modules): Map<string, Pins> {
  const all = [...modules.values()];
  const reached = (module: Module): string[] => walk(module, modules, new Map(), "imports").sort();
  const bare = new Map(
    all.map((module) => [module.path, reached(module).filter((name) => !importsItself(module, name))]),
  );
  const order = (module: Module, follow: "imports" | "runtime"): string[] => walk(module, modules, bare, follow);
  const undecided = (): Module[] =>
    all.filter((module) => order(module, "imports").join() !== order(module, "runtime").join());
  // Again and again, because pinning all in one module can change the order in those that import it.
  for (let open = undecided(); open.length > 0; open = undecided()) {
    for (const module of open) bare.set(module.path, reached(module));
  }
  return new Map(
    all.map((module) => [module.path, { bare: bare.get(module.path) ?? [], packages: order(module, "runtime") }]),
  );
}

/** The module's text with its bare pins: before the first import, after comments that stand at the top of the file. */
export function writePins(source: string, bare: readonly string[], packages: RuntimePackages): string {
  const lines = bare.flatMap((name) => {
    const version = packages.get(name);
    return version === undefined ? [] : [`import "${pinned(name, version)}";\n`];
  });
  const at = pinPlace(source);
  return source.slice(0, at) + lines.join("") + source.slice(at);
}

const LEADING_COMMENTS = /^(?:\s+|\/\/[^\n]*\n|\/\*[\s\S]*?\*\/)*/;
/** Line comments at the very top: Windmill reads its annotations there. */
const LEADING_LINES = /^(?:\/\/[^\n]*\n|[ \t]*\n)*/;

/** A comment that is not followed by an import belongs to what it stands on, so the pins go before it. */
function pinPlace(source: string): number {
  const comments = LEADING_COMMENTS.exec(source)?.[0].length ?? 0;
  if (/^import\b/.test(source.slice(comments))) return comments;
  return LEADING_LINES.exec(source)?.[0].length ?? 0;
}
