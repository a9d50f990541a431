import { InputError } from "../inputs/parse.ts";
import type { Observation } from "../observe/observe.ts";
import type { Windmill } from "../windmill/windmill.ts";
import { COPY_DESCRIPTION, copyPath, type Live } from "./detour.ts";
import { type Change, shown, viewChange } from "./handlers.ts";
import { removeTemporary } from "./leftovers.ts";

/** Plans: what is shown before anything is made, and made exactly so or not at all. */

/** Changes that are ready to be shown and made. */
export interface Plan {
  changes: readonly Change[];
  /** What users' requests go through before; null where nothing readable serves them. */
  live: Live | null;
}

/**
 * Makes a plan of changes: adds what clears away the copy that a run which died on its detour has left.
 *
 * @param paths of resources beside which a copy may stand.
 */
export async function planOf(
  windmill: Windmill,
  observation: Observation,
  changes: readonly Change[],
  paths: readonly string[],
): Promise<Plan> {
  const live = liveOf(observation);
  const places = [...new Set([...paths, ...(live ? [live.resource.path] : [])].map(copyPath))];
  const found = await Promise.all(places.map((path) => removeTemporary(windmill, path, COPY_DESCRIPTION)));
  // Users may be on that copy still: then it goes when they have been moved away from it, else before it is in the way.
  const [after, before] = [found.flat().filter(isIn(live)), found.flat().filter((one) => !isIn(live)(one))];
  return { changes: [...before, ...changes, ...after], live };
}

const isIn =
  (live: Live | null) =>
  (change: Change): boolean =>
    "path" in change && (change.path === live?.resource.path || change.path === live?.secret_path);

function liveOf({ settings, resource, secret }: Observation): Live | null {
  if (settings.own === null || settings.source !== "workspace" || resource?.state !== "ok") return null;
  const { path, value } = resource;
  return { settings: settings.own, resource: { path, value }, secret_path: secret?.path ?? null };
}

/** Identifies a plan: the same changes from the same starting point. "" for a plan that changes nothing. */
export async function planId({ changes }: Plan): Promise<string> {
  const views = shown(changes).map(viewChange);
  if (views.length === 0) return "";
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(JSON.stringify(views)));
  return [...new Uint8Array(digest)]
    .slice(0, 6)
    .map((byte) => byte.toString(16).padStart(2, "0"))
    .join("");
}

/**
 * Refuses to apply another plan than the one that was shown.
 *
 * @param wanted the plan's id; "" accepts whatever the workspace needs now.
 */
export async function requirePlan(plan: Plan, wanted: string): Promise<void> {
  if (wanted === "" || wanted === (await planId(plan))) return;
  throw new InputError([
    `plan_id: the workspace or the input has changed since the plan${/^[0-9a-f]{12}$/.test(wanted) ? ` ${wanted}` : " with that id"} was made, so it is not the same plan any more. Run mode "plan" again and look at the new one.`,
  ]);
}
