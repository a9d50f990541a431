/** Windmill's rules for paths and the paths that this product uses. */

/** Windmill's own rule (`proper_id`): u/, f/ or g/, then at least two segments of letters, digits, `_` and `-`. */
const PATH = /^[ufg](\/[A-Za-z0-9_-]+){2,}$/;
/** Characters; Windmill's columns hold no more. */
const PATH_LIMIT = 255;

/** Whether Windmill would accept the path for a variable or resource. */
export const isPath = (path: string): boolean => path.length <= PATH_LIMIT && PATH.test(path);

/** A script or a flow of the workspace. */
export interface Runnable {
  kind: "script" | "flow";
  path: string;
}

/** Reads `script/<path>` or `flow/<path>`; null for anything else. */
export function readRunnable(text: string): Runnable | null {
  const [, kind, path = ""] = /^(script|flow)\/(.+)$/.exec(text) ?? [];
  return (kind === "script" || kind === "flow") && isPath(path) ? { kind, path } : null;
}

/** A path with another last segment: what belongs to an item for a while stands beside it, where the same people may write. */
export const besidePath = (path: string, name: string): string => `${path.slice(0, path.lastIndexOf("/"))}/${name}`;

/** Last segment of the default paths: Windmill's own convention, `<provider>_windmill_codegen`. */
export const CONNECTION_NAME = "codex_pooler_windmill_codegen";

/** Folder of the bundle in the workspace. */
export const FOLDER = "f/codex_pooler";

/** The scheduled flow, and its schedule, which Windmill keeps apart although they share a path. */
export const HEALTH_FLOW = `${FOLDER}/health`;
export const HEALTH_SCHEDULE = `${FOLDER}/health`;

/**
 * Where the flow keeps its memory: a moving state, each version at a path below this one (windmill/moving.ts). Explicit, because
 * Windmill's default differs between manual and scheduled runs. Release 0.1.0 kept its state at this very path.
 */
export const HEALTH_STATE = `${FOLDER}/health_state`;
/** Where release 0.1.0 kept its history, and what it held while it wrote. */
export const HEALTH_HISTORY = `${FOLDER}/health_history`;
export const HEALTH_LOCK = `${FOLDER}/health_lock`;

/** The last look that somebody asked for from the dashboard, and what is held while one goes on. */
export const CHECK_NOW = `${FOLDER}/check_now`;
export const CHECK_NOW_LOCK = `${FOLDER}/check_now_lock`;

/**
 * Default path of the secret variable and the resource for an identity such as `u/admin`; null when Windmill would refuse
 * it, e.g. for a superadmin whose name in this workspace is an e-mail address.
 */
export function defaultPath(permissionedAs: string): string | null {
  const path = `${permissionedAs}/${CONNECTION_NAME}`;
  return isPath(path) ? path : null;
}

/**
 * Where the key of a resource is stored when somebody else's resource stands at the path that both would share: Windmill could not
 * delete the variable any more without that resource.
 */
export const apartFrom = (path: string): string => `${path}_key`;
