import { type Actor, canRead, foldersOf } from "../access.ts";
import { notAuthorized, notFound } from "../errors.ts";
import type { Workspace } from "../store.ts";
import type { JobSpec } from "./job.ts";
import { deployedIn, type Flow, type Identity, runnableScript, type Script } from "./state.ts";

/** The rights that a job gets which this actor starts. */
export function identityOf({ email, username, isAdmin, groups }: Actor): Identity {
  return { email, username, isAdmin, groups: [...groups] };
}

/** The script that a run by path gets. @throws ApiError 404 when there is none, 401 when the actor may not read it */
export function scriptToRun(workspace: Workspace, actor: Actor, path: string): Script {
  const script = runnableScript(workspace, path);
  if (!script) throw notFound(`script not found at name ${path} (lib.rs:1854)`);
  if (!canRead(workspace, actor, path, script.extraPerms)) throw hidden("script", workspace, actor, path);
  return script;
}

/** The flow that a run by path gets. @throws ApiError 404 when there is none, 401 when the actor may not read it */
export function flowToRun(workspace: Workspace, actor: Actor, path: string): Flow {
  const flow = deployedIn(workspace).flows.get(path);
  if (!flow || flow.archived) throw notFound(`flow not found at name ${path} (lib.rs:2115)`);
  if (!canRead(workspace, actor, path, flow.extraPerms)) throw hidden("flow", workspace, actor, path);
  return flow;
}

/** What a job of a script is made of, beside who starts it and with what. */
export function scriptSpec({ path, hash, timeout }: Script): Pick<JobSpec, "kind" | "path" | "hash" | "timeout"> {
  return { kind: "script", path, hash, timeout };
}

/** What a job of a flow is made of, beside who starts it and with what. */
export function flowSpec({ path, version, value }: Flow): Pick<JobSpec, "kind" | "path" | "hash" | "flow"> {
  return { kind: "flow", path, hash: version.toString(16).padStart(16, "0"), flow: value };
}

function hidden(kind: string, workspace: Workspace, actor: Actor, path: string) {
  const { read, written, owned } = foldersOf(workspace, actor);
  const folders = read.map((name) => `("${name}", ${written.includes(name)}, ${owned.includes(name)})`);
  const fields = [
    `email: "${actor.email}"`,
    `username: "${actor.username}"`,
    `is_admin: ${actor.isAdmin}`,
    `is_operator: ${actor.isOperator}`,
    `groups: [${actor.groups.map((group) => `"${group}"`).join(", ")}]`,
    `folders: [${folders.join(", ")}]`,
    "scopes: None",
    `token_prefix: Some("${actor.token.slice(0, 10)}")`,
  ];
  return notAuthorized(
    `You are not authorized to access this ${kind}: ${path} (but it exists). Your permissions are: AuthedRef { ${fields.join(", ")} }`,
  );
}
