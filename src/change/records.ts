import { CHECK_NOW, HEALTH_HISTORY, HEALTH_STATE } from "../core/paths.ts";
import { intentPath } from "../observe/intent.ts";
import type { Windmill } from "../windmill/windmill.ts";
import { snapshotsPath } from "./snapshot_store.ts";

/** Everything that the product keeps for itself in the workspace; the intent last, because it says what else there is. */
export const recordPaths = (windmill: Pick<Windmill, "instance">): string[] => [
  HEALTH_HISTORY,
  HEALTH_STATE,
  CHECK_NOW,
  snapshotsPath(windmill),
  intentPath(windmill),
];
