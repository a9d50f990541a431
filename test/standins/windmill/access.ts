import { ApiError, notAuthorized, requireAdminFailed, tokenMissing } from "./errors.ts";
import type { ExtraPerms, Store, Workspace } from "./store.ts";

/** Who makes a request, with the rights that they have in the request's workspace. */
export interface Actor {
  email: string;
  username: string;
  /** Of the workspace, or of the instance. */
  isAdmin: boolean;
  isSuperAdmin: boolean;
  isOperator: boolean;
  groups: string[];
  /** Whether the user has a row in the workspace. False for a superadmin who is not a member, and on global routes. */
  isMember: boolean;
  token: string;
  /** What the token was made for, see scopes.ts. */
  scopes?: string[];
  /** The job whose token this is. */
  jobId?: string;
}

/**
 * Finds out who a bearer token belongs to. `workspaceId` is that of a `/api/w/` route. A superadmin passes for any workspace,
 * also one that does not exist; a job's token passes only for its own workspace and for global routes.
 * @throws ApiError 401
 */
export function authenticate(store: Store, header: string | undefined, workspaceId: string | undefined): Actor {
  if (!header) throw tokenMissing();
  const token = header.replace(/^Bearer\s+/i, "");
  const known = store.tokens.get(token);
  const user = known && store.users.get(known.email);
  if (!known || !user) throw notAuthorized("Unauthorized");
  const { job } = known;
  const { scopes } = known;
  const base = { email: user.email, isSuperAdmin: user.superAdmin, token, ...(scopes ? { scopes } : {}) };
  if (job && (workspaceId === undefined || workspaceId === job.workspace)) {
    const { username, isAdmin, groups, jobId } = job;
    return { ...base, username, isAdmin, groups, jobId, isOperator: false, isMember: true };
  }
  if (job) throw notAuthorized("Unauthorized");
  const member = workspaceId === undefined ? undefined : findMember(store, workspaceId, user.email);
  if (member && !member.disabled) {
    const isAdmin = member.isAdmin || user.superAdmin;
    return {
      ...base,
      username: member.username,
      isAdmin,
      groups: member.groups,
      isOperator: member.operator,
      isMember: true,
    };
  }
  if (!user.superAdmin && workspaceId !== undefined) throw notAuthorized("Unauthorized");
  const username = store.release === "1.743.0" && workspaceId !== undefined ? user.email : user.username;
  return { ...base, username, isAdmin: user.superAdmin, groups: [], isOperator: false, isMember: false };
}

function findMember(store: Store, workspaceId: string, email: string) {
  return [...(store.workspaces.get(workspaceId)?.members.values() ?? [])].find((member) => member.email === email);
}

/** Global routes that a job's token may read, and call, of those that this stand-in has. */
const OPEN_TO_JOBS = [
  "GET /api/users/whoami",
  "GET /api/users/email",
  "POST /api/workspaces/exists",
  "POST /api/schedules/preview",
];

/**
 * A job's token stays in its workspace: since August 2026 it is refused on global routes, whoever runs the job. Tried on a 1.795.0
 * and read in `check_job_token_for_global_route` (windmill-api-auth/src/scopes.rs); not recorded.
 * @throws ApiError 403
 */
export function confine(release: Store["release"], { jobId }: Actor, method: string, path: string): void {
  if (release !== "1.795.0" || jobId === undefined || OPEN_TO_JOBS.includes(`${method} ${path}`)) return;
  if (method === "GET" && /^\/api\/(?:scripts|flows|apps)\/hub\//.test(path)) return;
  throw new ApiError(
    403,
    `Permission denied: A job token ($WM_TOKEN) is confined to the workspace of its job and cannot be used on ${path}, which is not workspace-scoped. Use an API token created for the user instead.`,
  );
}

/** @throws ApiError 403 */
export function requireAdmin(actor: Actor): void {
  if (!actor.isAdmin) throw requireAdminFailed(actor.username);
}

/** Whether row-level security shows the actor the item at `path` in `workspace`. */
export function canRead(workspace: Workspace, actor: Actor, path: string, extraPerms: ExtraPerms = {}): boolean {
  return allowed(workspace, actor, path, extraPerms, false);
}

/** Whether row-level security lets the actor create, change or delete the item at `path` in `workspace`. */
export function canWrite(workspace: Workspace, actor: Actor, path: string, extraPerms: ExtraPerms = {}): boolean {
  return allowed(workspace, actor, path, extraPerms, true);
}

function allowed(workspace: Workspace, actor: Actor, path: string, extraPerms: ExtraPerms, write: boolean): boolean {
  if (actor.isAdmin) return true;
  const [kind, owner = ""] = path.split("/");
  const mine = [`u/${actor.username}`, ...actor.groups.map((group) => `g/${group}`)];
  const granted = (perms: ExtraPerms) => mine.some((who) => (write ? perms[who] === true : who in perms));
  if (granted(extraPerms)) return true;
  if (kind === "u") return owner === actor.username;
  if (kind === "g") return actor.groups.includes(owner);
  const folder = kind === "f" ? workspace.folders.get(owner) : undefined;
  return folder !== undefined && (folder.owners.some((who) => mine.includes(who)) || granted(folder.extraPerms));
}

/** Names of the folders that the actor owns, may write and may read, as `whoami` and refusals list them. */
export function foldersOf(workspace: Workspace | undefined, actor: Actor) {
  const mine = [`u/${actor.username}`, ...actor.groups.map((group) => `g/${group}`)];
  const folders = [...(workspace?.folders.values() ?? [])];
  const owned = folders.filter((folder) => folder.owners.some((who) => mine.includes(who)));
  const written = folders.filter(
    (folder) => owned.includes(folder) || mine.some((who) => folder.extraPerms[who] === true),
  );
  const read = folders.filter((folder) => written.includes(folder) || mine.some((who) => who in folder.extraPerms));
  const names = (list: typeof folders) => list.map((folder) => folder.name);
  return { owned: names(owned), written: names(written), read: names(read) };
}

/** Paths as Windmill allows them: `u/<user>/<name>`, `f/<folder>/<name>`, `g/<group>/<name>`, at most 255 characters. */
export function isValidPath(path: string): boolean {
  return path.length <= 255 && /^[ufg](\/[A-Za-z0-9_-]+){2,}$/.test(path);
}
