import { type Actor, canRead } from "../access.ts";
import type { Workspace } from "../store.ts";
import { importedModules, type Sources } from "./relock.ts";
import { currentScripts, type Script } from "./state.ts";

/** Whether a script is TypeScript that bun runs, so that others can import it. */
export function isBun({ language }: Pick<Script, "language">): boolean {
  return language === "bun" || language === "bunnative";
}

/** The current sources of a workspace by path; with an actor, those that they may read. */
export function sourcesFor(workspace: Workspace, actor?: Actor): Sources {
  const readable = currentScripts(workspace).filter(
    (script) => isBun(script) && (!actor || canRead(workspace, actor, script.path, script.extraPerms)),
  );
  return new Map(readable.map(({ path, content }) => [path, content]));
}

/** The current scripts that import the one at `path`, directly or not. */
export function importersOf(workspace: Workspace, path: string): Script[] {
  const sources = sourcesFor(workspace);
  return currentScripts(workspace).filter(
    (script) => isBun(script) && script.path !== path && importedModules(script.path, sources).has(path),
  );
}
