import { CHECK_NOW, HEALTH_HISTORY, HEALTH_STATE } from "../core/paths.ts";
import { INTENT } from "../observe/intent.ts";
import { SNAPSHOTS } from "./snapshot_store.ts";

/** Everything that the product keeps for itself in the workspace; the intent last, because it says what else there is. */
export const RECORDS: readonly string[] = [HEALTH_HISTORY, HEALTH_STATE, CHECK_NOW, SNAPSHOTS, INTENT];
