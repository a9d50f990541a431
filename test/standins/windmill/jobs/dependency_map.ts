import type { Workspace } from "../store.ts";

/** What can import a script, and so be locked again when the script changes. */
export type ImporterKind = "script" | "flow" | "app";

/** Somebody who imports a script. */
export interface Importer {
  kind: ImporterKind;
  path: string;
  /** Ids of the flow's steps, or of the app's components, that import it; `[""]` for a script. */
  nodes: string[];
}

/**
 * Who imports what in a workspace, as far as the server has noticed: an importer's imports are recorded when its own dependency
 * job is over, or ten seconds after a push that brought the lock. Modelled on `ScopedDependencyMap`
 * (backend/windmill-dep-map/src/scoped_dependency_map.rs, release 1.788).
 */
export interface DependencyMap {
  /** Replaces what is known of an importer: the paths that each of its nodes imports. */
  record(kind: ImporterKind, path: string, imports: ReadonlyMap<string, readonly string[]>): void;
  /** Forgets an importer that is no longer there. */
  forget(kind: ImporterKind, path: string): void;
  /** Those that import the script at `path` themselves, sorted by path. */
  importersOf(path: string): Importer[];
  /** Notes the lock that a dependency job has given a script. A push that brings a lock is not noted. */
  locked(path: string, lock: string): void;
  /**
   * Whether every import of a node has the lock that it had when the node was recorded. An import whose lock came with a push
   * never has: there is nothing to compare with.
   */
  isUnchanged(kind: ImporterKind, path: string, node: string): boolean;
}

const maps = new WeakMap<Workspace, DependencyMap>();

/** The dependency map of a workspace. */
export function dependencyMapOf(workspace: Workspace): DependencyMap {
  const known = maps.get(workspace);
  if (known) return known;
  /** The locks of imports when they were recorded, by import, by node. */
  type Nodes = Map<string, Map<string, string | undefined>>;
  const importers = new Map<string, { kind: ImporterKind; path: string; nodes: Nodes }>();
  const locks = new Map<string, string>();
  const keyOf = (kind: ImporterKind, path: string) => `${kind}:${path}`;

  const map: DependencyMap = {
    record(kind, path, imports) {
      const nodes: Nodes = new Map();
      for (const [node, paths] of imports) {
        if (paths.length > 0) nodes.set(node, new Map(paths.map((imported) => [imported, locks.get(imported)])));
      }
      if (nodes.size === 0) map.forget(kind, path);
      else importers.set(keyOf(kind, path), { kind, path, nodes });
    },
    forget(kind, path) {
      importers.delete(keyOf(kind, path));
    },
    importersOf(imported) {
      const found = [...importers.values()].map(({ kind, path, nodes }) => ({
        kind,
        path,
        nodes: [...nodes].flatMap(([node, imports]) => (imports.has(imported) ? [node] : [])),
      }));
      return found.filter(({ nodes }) => nodes.length > 0).sort((a, b) => (a.path < b.path ? -1 : 1));
    },
    locked(path, lock) {
      locks.set(path, lock);
    },
    isUnchanged(kind, path, node) {
      const imports = importers.get(keyOf(kind, path))?.nodes.get(node) ?? new Map<string, string | undefined>();
      return [...imports].every(([imported, lock]) => lock !== undefined && lock === locks.get(imported));
    },
  };
  maps.set(workspace, map);
  return map;
}
