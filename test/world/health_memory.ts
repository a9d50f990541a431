import { HEALTH_HISTORY, HEALTH_STATE } from "../../src/core/paths.ts";
import { seedResource } from "../standins/windmill/seed.ts";
import type { Resource, Store, Workspace } from "../standins/windmill/store.ts";

/** The memory of the health flow in a workspace, as a test looks at it and changes it. */

const isMemory = ({ path }: Resource): boolean => path === HEALTH_STATE || path.startsWith(`${HEALTH_STATE}/`);

/** Where the memory is: one resource as a rule; none before the first tick. */
export const memoriesIn = (workspace: Workspace): Resource[] => [...workspace.resources.values()].filter(isMemory);

/** What is remembered; undefined before the first tick. */
export const memoryIn = (workspace: Workspace): Record<string, unknown> | undefined =>
  memoriesIn(workspace)[0]?.value as Record<string, unknown> | undefined;

/** Puts a memory in the place of the one that is there; null for none. */
export function putMemory(store: Store, workspace: Workspace, value: unknown): void {
  for (const { path } of memoriesIn(workspace)) workspace.resources.delete(path);
  workspace.resources.delete(HEALTH_HISTORY);
  if (value !== null) seedResource(store, workspace, `${HEALTH_STATE}/0`, value, { resourceType: "state" });
}
