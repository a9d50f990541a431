import { type Actor, canRead, canWrite, foldersOf } from "./access.ts";
import { notAuthorized, notFound } from "./errors.ts";
import { mapStrings } from "./jsonb.ts";
import { plainValue } from "./secrets.ts";
import type { ExtraPerms, Release, Resource, Variable, Workspace } from "./store.ts";

/**
 * The resource at `path` under the actor's rights.
 * @throws ApiError 404 when there is none, 401 when the actor may not read it
 */
export function readableResource(release: Release, workspace: Workspace, actor: Actor, path: string): Resource {
  const resource = workspace.resources.get(path);
  if (!resource) throw notFound(`Resource ${path} not found`);
  if (canRead(workspace, actor, path, resource.extraPerms)) return resource;
  throw hidden("Resource", workspace, path, resource.extraPerms, `authed as: ${debugActor(release, workspace, actor)}`);
}

/** The resource at `path` if the actor may change it. */
export function writableResource(workspace: Workspace, actor: Actor, path: string): Resource | undefined {
  const resource = workspace.resources.get(path);
  return resource && canWrite(workspace, actor, path, resource.extraPerms) ? resource : undefined;
}

/**
 * The variable at `path` under the actor's rights.
 * @throws ApiError 404 when there is none, 401 when the actor may not read it
 */
export function readableVariable(release: Release, workspace: Workspace, actor: Actor, path: string): Variable {
  const variable = workspace.variables.get(path);
  if (!variable) throw notFound(`Variable ${path} not found`);
  if (canRead(workspace, actor, path, variable.extraPerms)) return variable;
  const { username, email } = actor;
  const who = `authed as: username: ${username}, email: ${email}, groups: ${debugGroups(actor)}, folders: ${debugFolders(workspace, actor)}`;
  throw hidden("Variable", workspace, path, variable.extraPerms, release === "1.743.0" ? undefined : who);
}

/**
 * A JSON value with every `$var:` and `$res:` in it replaced, under the actor's rights.
 * @throws ApiError as reading the referenced items does
 */
export function interpolated(release: Release, workspace: Workspace, actor: Actor, value: unknown): unknown {
  return mapStrings(value, (string) => {
    const [, kind, path = ""] = /^\$(var|res):(.*)$/s.exec(string) ?? [];
    if (kind === "var") return plainValue(workspace, readableVariable(release, workspace, actor, path));
    if (kind === undefined) return string;
    return interpolated(release, workspace, actor, readableResource(release, workspace, actor, path).value);
  });
}

/** The refusal to show an item that exists. */
function hidden(kind: string, workspace: Workspace, path: string, perms: ExtraPerms, who: string | undefined) {
  const folder = path.startsWith("f/") ? workspace.folders.get(path.split("/")[1] ?? "") : undefined;
  const lines = [
    `${kind} exists but you don't have access to it:`,
    `${kind.toLowerCase()} perms: ${JSON.stringify(perms, null, 2)}`,
    ...(folder ? [`folder perms: ${JSON.stringify(folder.extraPerms, null, 2)}`] : []),
    ...(who === undefined ? [] : [who]),
  ];
  return notAuthorized(lines.join("\n"));
}

function debugGroups({ groups }: Actor): string {
  return `[${groups.map((group) => `"${group}"`).join(", ")}]`;
}

function debugFolders(workspace: Workspace, actor: Actor): string {
  const { read, written, owned } = foldersOf(workspace, actor);
  return `[${read.map((name) => `("${name}", ${written.includes(name)}, ${owned.includes(name)})`).join(", ")}]`;
}

/** The actor as Windmill prints it for debugging. */
function debugActor(release: Release, workspace: Workspace, actor: Actor): string {
  const fields = [
    `email: "${actor.email}"`,
    `username: "${actor.username}"`,
    `is_admin: ${actor.isAdmin}`,
    `is_operator: ${actor.isOperator}`,
    `groups: ${debugGroups(actor)}`,
    `folders: ${debugFolders(workspace, actor)}`,
    "scopes: None",
    "username_override: None",
    ...(release === "1.743.0"
      ? []
      : ["username_override_is_token_label: false", `is_session_token: ${actor.jobId === undefined}`]),
    `token_prefix: Some("${actor.token.slice(0, 10)}")`,
    "read_only: false",
  ];
  return `ApiAuthed { ${fields.join(", ")} }`;
}
