import "windmill-client@1.818.0";
import "zod@4.6.7";
import { INTENT } from "./intent.ts";
import { CHECK_NOW, HEALTH_HISTORY, HEALTH_STATE } from "./paths.ts";
import { SNAPSHOTS } from "./snapshots.ts";

/** Everything that the product keeps for itself in the workspace; the intent last, because it says what else there is. */
export const RECORDS: readonly string[] = [HEALTH_HISTORY, HEALTH_STATE, CHECK_NOW, SNAPSHOTS, INTENT];
