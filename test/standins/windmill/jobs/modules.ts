import { isWorkspaceImport, parsePackage, resolveImport, scanImports } from "./imports.ts";

/** Contents of modules by workspace path without `.ts`, e.g. `f/codex_pooler/lib/shapes`. */
export type Sources = ReadonlyMap<string, string>;

/** What an import of the module at `from` leads to: a module of the workspace, by its path, or a package, by its specifier. */
export type Reference = { from: string; module: string; dynamic: boolean } | { from: string; specifier: string };

/** References by source and path: a re-lock looks at the same module once for every way that leads to it. */
const known = new Map<string, Map<string, readonly Reference[]>>();

/** The imports of one module, in the order in which bun's bundler follows them. */
function referencesOf(path: string, source: string): readonly Reference[] {
  const ofSource = known.get(source) ?? new Map<string, readonly Reference[]>();
  known.set(source, ofSource);
  const found = ofSource.get(path);
  if (found) return found;
  const references = scanImports(source).map(
    ({ specifier, dynamic }): Reference =>
      isWorkspaceImport(specifier)
        ? { from: path, module: resolveImport(path, specifier), dynamic }
        : { from: path, specifier },
  );
  ofSource.set(path, references);
  return references;
}

/**
 * Follows the imports of the module at `path`, depth first and in source order, into every module once. A module that does not
 * exist is yielded and leads nowhere.
 */
export function* reach(path: string, sources: Sources, seen = new Set([path])): Generator<Reference> {
  const source = sources.get(path);
  for (const reference of source === undefined ? [] : referencesOf(path, source)) {
    if (!("module" in reference)) yield reference;
    else if (!seen.has(reference.module)) {
      seen.add(reference.module);
      yield reference;
      yield* reach(reference.module, sources, seen);
    }
  }
}

/** The modules that the one at `path` imports, directly or not, also those that do not exist; itself excluded. */
export function importedModules(path: string, sources: Sources): Set<string> {
  return new Set([...reach(path, sources)].flatMap((reference) => ("module" in reference ? [reference.module] : [])));
}

/**
 * The modules that the server takes a source to import by itself: its dependency map is made of these. Sorted, each once.
 * Imports of nothing but types are none, nor is `import()` (`parse_expr_for_imports` in backend/parsers/windmill-parser-ts/src/lib.rs, called with
 * `skip_type_only` in backend/windmill-dep-map/src/lib.rs).
 */
export function directImports(path: string, source: string): string[] {
  const modules = referencesOf(path, source).flatMap((reference) =>
    "module" in reference && !reference.dynamic ? [reference.module] : [],
  );
  return [...new Set(modules)].sort();
}

/**
 * The packages that the script at `path` reaches, in the order of the walk. Its own pins count, those of the modules that it
 * imports do not, and a package without a pin is `latest` (measured on a real server, 1.788.0).
 * @returns also the first import that leads nowhere, which no lock survives
 */
export function packagesOf(path: string, sources: Sources): { packages: Map<string, string>; missing?: Reference } {
  const packages = new Map<string, string>();
  for (const reference of reach(path, sources)) {
    if ("module" in reference) {
      if (!sources.has(reference.module)) return { packages, missing: reference };
      continue;
    }
    const found = parsePackage(reference.specifier);
    if (!found) continue;
    const pin = reference.from === path ? found.version : undefined;
    packages.set(found.name, pin ?? packages.get(found.name) ?? "latest");
  }
  return { packages };
}
