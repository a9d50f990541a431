import { type Actor, canRead } from "../access.ts";
import type { Workspace } from "../store.ts";
import type { Sources } from "./modules.ts";
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
