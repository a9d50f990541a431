import { randomBytes, randomUUID } from "node:crypto";
import type { Clock } from "./clock.ts";
import { RELOCKING, type Relocking } from "./relocking.ts";

/**
 * What the Windmill stand-in remembers: one store under both of its processes. Tests read and change it directly.
 *
 * Scripts, flows, schedules and jobs are not here: `jobs/` keeps them in a WeakMap whose key is the {@link Workspace} (or the
 * {@link Store}) object. Folders are here, because the rights of every item depend on them; their endpoints are in `jobs/`.
 */
export interface Store {
  /** The release whose behaviour is modelled; the differences are those of `older-server-1.743-differences.json`. */
  readonly release: Release;
  /** What `GET /api/version` answers. A build from source says a git description here. */
  version: string;
  readonly clock: Clock;
  /** Accounts of the instance, by e-mail. */
  readonly users: Map<string, User>;
  /** By the token itself. */
  readonly tokens: Map<string, Token>;
  readonly workspaces: Map<string, Workspace>;
  /** Instance settings (`/api/settings/global/<key>`): `ai_config`, `base_url`. */
  readonly settings: Map<string, unknown>;
  /** The last number that was given to a resource version. */
  lastVersion: number;
  /** How the instance re-locks what imports a changed script. */
  readonly relocking: Relocking;
}

export type Release = "1.795.0" | "1.788.0" | "1.743.0";

export interface User {
  email: string;
  username: string;
  name: string;
  superAdmin: boolean;
  createdAt: string;
}

/** A user's row in a workspace. */
export interface Member {
  email: string;
  username: string;
  isAdmin: boolean;
  operator: boolean;
  disabled: boolean;
  groups: string[];
  createdAt: string;
}

/** A token of a user, or, with `job`, the `jwt_` token of a job: a snapshot of rights that holds in one workspace. */
export interface Token {
  email: string;
  job?: JobIdentity;
  /** What it was made for, see scopes.ts; absent for one that may do what its user may. */
  scopes?: string[];
}

export interface JobIdentity {
  jobId: string;
  workspace: string;
  /** Whose rights the job has: the user name of `permissioned_as`. */
  username: string;
  isAdmin: boolean;
  groups: string[];
}

export interface Workspace {
  readonly id: string;
  name: string;
  /** E-mail of who created it. */
  owner: string;
  /** By user name. */
  readonly members: Map<string, Member>;
  /** The raw `ai_config` column; undefined = NULL. */
  aiConfig: unknown;
  /** AES-256 key of this workspace's secrets. */
  key: Buffer;
  readonly variables: Map<string, Variable>;
  readonly resources: Map<string, Resource>;
  /** Oldest first. */
  readonly resourceVersions: ResourceVersion[];
  readonly resourceTypes: Map<string, ResourceType>;
  readonly folders: Map<string, Folder>;
}

/** Who may do what beyond the owner: `u/<user>` or `g/<group>` -> may write. */
export type ExtraPerms = Record<string, boolean>;

export interface Variable {
  path: string;
  /** Base64 ciphertext when `isSecret`. */
  value: string;
  isSecret: boolean;
  description: string;
  extraPerms: ExtraPerms;
  expiresAt: string | null;
  editedAt: string;
  editedBy: string;
}

export interface Resource {
  path: string;
  /** JSON; undefined = SQL NULL. */
  value: unknown;
  resourceType: string;
  description: string | null;
  extraPerms: ExtraPerms;
  createdBy: string;
  editedAt: string;
}

export interface ResourceVersion {
  id: number;
  path: string;
  value: unknown;
  createdAt: string;
  createdBy: string;
}

export interface ResourceType {
  name: string;
  schema: unknown;
  description: string | null;
  createdBy: string;
  editedAt: string;
}

export interface Folder {
  name: string;
  displayName: string;
  /** `u/<user>` or `g/<group>`. */
  owners: string[];
  extraPerms: ExtraPerms;
  summary: string | null;
  createdBy: string;
  editedAt: string;
}

/** An empty instance: no users, and the workspace `admins` that every instance has. */
export function createStore(release: Release, version: string, clock: Clock): Store {
  const store: Store = {
    release,
    version,
    clock,
    users: new Map(),
    tokens: new Map(),
    workspaces: new Map(),
    settings: new Map(),
    lastVersion: 0,
    relocking: { ...RELOCKING },
  };
  addWorkspace(store, "admins", "admin@windmill.dev", "Admins");
  return store;
}

/** Adds an empty workspace without members. */
export function addWorkspace(store: Store, id: string, owner: string, name = id): Workspace {
  const workspace: Workspace = {
    id,
    name,
    owner,
    members: new Map(),
    aiConfig: undefined,
    key: randomBytes(32),
    variables: new Map(),
    resources: new Map(),
    resourceVersions: [],
    resourceTypes: new Map(),
    folders: new Map(),
  };
  store.workspaces.set(id, workspace);
  return workspace;
}

/** Adds an account. The user name is the e-mail's part before the `@`, the display name the same with a capital. */
export function addUser(store: Store, email: string, superAdmin = false): User {
  const username = email.split("@")[0] ?? email;
  const name = username.charAt(0).toUpperCase() + username.slice(1);
  const user: User = { email, username, name, superAdmin, createdAt: store.clock.iso() };
  store.users.set(email, user);
  return user;
}

/** Makes an account a member of a workspace, in the group `all` as every member is. */
export function addMember(store: Store, workspace: Workspace, user: User, rights: Partial<Member> = {}): Member {
  const member: Member = {
    email: user.email,
    username: user.username,
    isAdmin: false,
    operator: false,
    disabled: false,
    groups: ["all"],
    createdAt: store.clock.iso(),
    ...rights,
  };
  workspace.members.set(member.username, member);
  return member;
}

/** A new token of a user; with scopes for these purposes only. */
export function issueToken(store: Store, email: string, scopes?: string[]): string {
  const token = randomBytes(24).toString("base64url");
  store.tokens.set(token, { email, ...(scopes ? { scopes } : {}) });
  return token;
}

/** A new token of a job (`WM_TOKEN`): the given rights, whatever becomes of the user afterwards. */
export function issueJobToken(
  store: Store,
  email: string,
  job: Omit<JobIdentity, "jobId"> & { jobId?: string },
): string {
  const token = `jwt_${randomBytes(48).toString("base64url")}`;
  store.tokens.set(token, { email, job: { jobId: randomUUID(), ...job } });
  return token;
}
