import "windmill-client@1.818.0";
import "zod@4.6.7";
import { readHealthState } from "./health_read.ts";
import type { HealthState } from "./health_state.ts";
import { HEALTH_STATE } from "./paths.ts";
import { isForbidden, type Windmill } from "./windmill.ts";
import { readState } from "./workspace/resources.ts";

/** The state, for a check to go by; null where there is none yet, and for those who may not read it. */
export async function recall(windmill: Windmill): Promise<HealthState | null> {
  try {
    return readHealthState(await readState(windmill, HEALTH_STATE), new Date().toISOString()).value;
  } catch (error) {
    if (isForbidden(error)) return null;
    throw error;
  }
}
