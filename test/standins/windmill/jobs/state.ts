import type { ExtraPerms, Store, Workspace } from "../store.ts";
import type { FlowStatus } from "./flow_status.ts";
import type { FlowValue } from "./flow_value.ts";

/** What a workspace has deployed and run: everything of it that the {@link Workspace} itself does not hold. */
export interface Deployed {
  /** Every version of every script, oldest first, by path. */
  readonly scripts: Map<string, Script[]>;
  readonly flows: Map<string, Flow>;
  readonly schedules: Map<string, Schedule>;
  readonly apps: Map<string, App>;
  /** By id, in the order in which they were created. */
  readonly jobs: Map<string, Job>;
}

/** One version of a script. */
export interface Script {
  path: string;
  /** 16 hexadecimal digits. */
  hash: string;
  parentHashes: string[];
  content: string;
  language: string;
  summary: string;
  description: string;
  kind: string;
  schema: unknown;
  /** Null until the dependency job has made it. */
  lock: string | null;
  /** Why the dependency job could not. */
  lockErrorLogs: string | null;
  /** `lib` when there is no `main`. */
  autoKind: string | null;
  /** Seconds; undefined = the instance's limit. */
  timeout: number | undefined;
  /** Further settings as they were sent (tag, envs, cache_ttl...), without those that were null. */
  settings: Record<string, unknown>;
  archived: boolean;
  createdBy: string;
  createdAt: string;
  extraPerms: ExtraPerms;
}

export interface Flow {
  path: string;
  /** Of the current version; versions are counted over the whole instance. */
  version: number;
  summary: string;
  description: string;
  value: FlowValue;
  schema: unknown;
  /** Further settings as they were sent (tag, labels...), without those that were null. */
  settings: Record<string, unknown>;
  archived: boolean;
  editedBy: string;
  editedAt: string;
  extraPerms: ExtraPerms;
}

export interface Schedule {
  path: string;
  /** Six fields, seconds first. */
  schedule: string;
  timezone: string;
  enabled: boolean;
  scriptPath: string;
  isFlow: boolean;
  args: unknown;
  noFlowOverlap: boolean;
  wsErrorHandlerMuted: boolean;
  summary: string | null;
  /** Further settings as they were sent (description, retry, tag...), without those that were null. */
  settings: Record<string, unknown>;
  cronVersion: string;
  editedBy: string;
  editedAt: string;
  email: string;
  /** `u/<user>`: whose rights its runs have. */
  permissionedAs: string;
  /** Why Windmill switched it off. */
  error: string | null;
  extraPerms: ExtraPerms;
}

/** An app. Tests put other people's apps here to see that a push leaves them alone. */
export interface App {
  path: string;
  summary: string;
  value: unknown;
  /** Whether it brings its own page ("full-code") instead of components. */
  raw: boolean;
  policy: AppPolicy;
  extraPerms: ExtraPerms;
  createdBy: string;
  createdAt: string;
  /** Oldest first; the bundles of raw apps are kept per version. */
  versions: AppVersion[];
}

/** Whose rights the runnables of an app have, and which there are. */
export interface AppPolicy {
  /** `publisher`: the rights of `on_behalf_of`, for whoever opens the app. `viewer`: their own. */
  execution_mode: string;
  on_behalf_of?: string;
  on_behalf_of_email?: string;
  /** By `<component>:script/<path>` or `<component>:flow/<path>`. */
  triggerables_v2?: Record<string, unknown>;
}

export interface AppVersion {
  id: number;
  /** What wmill or the editor bundled. */
  js: string;
  css: string;
}

/** The rights that a job runs with: a snapshot made when it was pushed. */
export interface Identity {
  email: string;
  username: string;
  isAdmin: boolean;
  groups: string[];
}

export type JobKind =
  | "script"
  | "flow"
  | "flownode"
  | "flowscript"
  | "dependencies"
  | "flowdependencies"
  | "appdependencies";

export interface Job {
  readonly id: string;
  readonly workspaceId: string;
  readonly kind: JobKind;
  readonly path: string;
  /**
   * Of the script, or the flow's or app's version as 16 hexadecimal digits. Undefined for inline code. A re-lock makes a version of
   * its own when it begins.
   */
  hash: string | undefined;
  /** As they were submitted: references stay references. */
  readonly args: Record<string, unknown>;
  /** A user name, or `schedule-<path with dashes>`. */
  readonly createdBy: string;
  readonly identity: Identity;
  readonly createdAt: string;
  readonly scheduledFor: string;
  readonly schedulePath: string | undefined;
  readonly parent: Job | undefined;
  /** Id of the module of the parent that this job is, if it is one. */
  readonly stepId: string | undefined;
  readonly isRetry: boolean;
  /** What a flow's job runs. */
  readonly flow: FlowValue | undefined;
  /** What a job of inline code runs. */
  readonly inline: { content: string; lock: string | null } | undefined;
  /** Seconds. */
  readonly timeout: number | undefined;
  /** E-mail of who uses the app that started the job; undefined for other jobs. */
  readonly endUserEmail: string | undefined;
  phase: "queued" | "running" | "completed";
  startedAt: string | undefined;
  completedAt: string | undefined;
  durationMs: number;
  success: boolean;
  result: unknown;
  logs: string;
  flowStatus: FlowStatus | undefined;
  isSkipped: boolean;
  canceled: { by: string; reason: string | null } | undefined;
  /** Kilobytes; undefined when it was over before anybody could measure. */
  memoryPeak: number | undefined;
  /** Percent that the script itself reported. */
  progress: number | undefined;
  /** Settled when the job is completed. */
  readonly done: Promise<void>;
  /** Ends the job now; undefined when nothing runs. */
  stop: (() => void) | undefined;
}

const states = new WeakMap<Workspace, Deployed>();

/** What a workspace has deployed and run. */
export function deployedIn(workspace: Workspace): Deployed {
  const known = states.get(workspace);
  if (known) return known;
  const state: Deployed = {
    scripts: new Map(),
    flows: new Map(),
    schedules: new Map(),
    apps: new Map(),
    jobs: new Map(),
  };
  states.set(workspace, state);
  return state;
}

/** The newest version of a script that is not archived. */
export function currentScript(workspace: Workspace, path: string): Script | undefined {
  const newest = deployedIn(workspace).scripts.get(path)?.at(-1);
  return newest?.archived ? undefined : newest;
}

/**
 * The version of a script that a run by path gets: the newest that has its lock, also an archived one. So the former version runs
 * while a new one is being locked, or when its lock could not be made (`get_latest_script_hash` in
 * backend/windmill-common/src/lib.rs, release 1.788, which does not ask whether it is archived).
 */
export function runnableScript(workspace: Workspace, path: string): Script | undefined {
  return deployedIn(workspace)
    .scripts.get(path)
    ?.findLast(({ lock, lockErrorLogs }) => lock !== null && lockErrorLogs === null);
}

/** The newest versions of all scripts that are not archived. */
export function currentScripts(workspace: Workspace): Script[] {
  return [...deployedIn(workspace).scripts.keys()].flatMap((path) => currentScript(workspace, path) ?? []);
}

/** The last number that was given to a version of a flow, by instance. */
const lastFlowVersions = new WeakMap<Store, number>();

/** The number of a new version of a flow: they are counted over the whole instance. */
export function nextFlowVersion(store: Store): number {
  const version = (lastFlowVersions.get(store) ?? 0) + 1;
  lastFlowVersions.set(store, version);
  return version;
}

/** The version of a script with a hash, archived or not. */
export function scriptByHash(workspace: Workspace, hash: string): Script | undefined {
  return [...deployedIn(workspace).scripts.values()].flat().find((script) => script.hash === hash);
}
