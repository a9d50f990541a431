import { RESOURCE_DESCRIPTION } from "../core/resource_type.ts";
import { COPY_DESCRIPTION, copyPath } from "../core/temporary.ts";
import { InputError } from "../inputs/parse.ts";
import type { RawAiSettings } from "../observe/ai_settings.ts";
import type { Observation } from "../observe/observe.ts";
import type { Windmill } from "../windmill/windmill.ts";
import { type Live, withDetour } from "./detour.ts";
import { type Change, shown, viewChange } from "./handlers.ts";
import { findLeftover, type Leftover } from "./leftovers.ts";

/** Plans: what is shown before anything is made, and made exactly so or not at all. */

/** Changes that are ready to be shown and made. */
export interface Plan {
  changes: readonly Change[];
  /** Changes that are made only when the connection has proven itself with the others. */
  in_the_end: readonly Change[];
  /** The workspace's own AI settings as they are before. */
  settings: RawAiSettings;
  /** What users' requests go through before; null where nothing readable serves them. */
  live: Live | null;
}

/** Everything that a plan makes, in order. */
export const allChanges = ({ changes, in_the_end }: Plan): Change[] => [...changes, ...in_the_end];

/** What goes into a plan. */
interface Wanted {
  changes: readonly Change[];
  in_the_end?: readonly Change[];
  /** Resources beside which the copy of a run that died may stand. */
  beside: readonly string[];
}

/**
 * Makes a plan: adds what clears away the copy that a run which died on its detour has left.
 *
 * @throws InputError when the plan needs a copy and something of somebody else's stands in its place.
 */
export async function planOf(windmill: Windmill, observation: Observation, wanted: Wanted): Promise<Plan> {
  const live = liveOf(observation);
  const places = [...new Set([...wanted.beside, ...(live ? [live.resource.path] : [])].map(copyPath))];
  // Version 0.1.0 could make such a copy anew, as if it were a connection.
  const left = await Promise.all(
    places.map((path) => findLeftover(windmill, path, COPY_DESCRIPTION, RESOURCE_DESCRIPTION)),
  );
  requireRoom(wanted.changes, live, left);
  const found = left.flatMap(({ changes }) => changes);
  // Users may be on that copy still: then it goes when they have been moved away from it, else before it is in the way.
  const [after, before] = [found.filter(isIn(live)), found.filter((one) => !isIn(live)(one))];
  const ofScope = (change: Change): Change =>
    windmill.instance !== null && change.kind === "save-ai-settings" ? { ...change, of_instance: true } : change;
  return {
    changes: [...before, ...wanted.changes, ...after].map(ofScope),
    in_the_end: wanted.in_the_end ?? [],
    settings: observation.settings.own ?? {},
    live,
  };
}

function requireRoom(changes: readonly Change[], live: Live | null, left: readonly Leftover[]): void {
  const needed = withDetour(changes, live).flatMap((change) =>
    change.kind === "create-resource" ? [change.path] : [],
  );
  const taken = left.find(({ path, foreign }) => foreign && needed.includes(path));
  if (taken === undefined) return;
  throw new InputError([
    `${taken.path} is somebody else's, and this change needs that path for a temporary copy of the connection. Rename or delete it first.`,
  ]);
}

const isIn =
  (live: Live | null) =>
  (change: Change): boolean =>
    "path" in change && (change.path === live?.resource.path || change.path === live?.secret_path);

/** What users' requests go through; null where nothing readable serves them. */
export function liveOf({ settings, resource, secret }: Observation): Live | null {
  if (settings.own === null || settings.source !== "workspace" || resource?.state !== "ok") return null;
  const { path, value } = resource;
  return { settings: settings.own, resource: { path, value }, secret_path: secret?.path ?? null };
}

/** Identifies a plan: the same changes from the same starting point. "" for a plan that changes nothing. */
export async function planId(plan: Plan): Promise<string> {
  const views = shown(allChanges(plan)).map(viewChange);
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
