import { HEALTH_STATE } from "../core/paths.ts";
import { readState } from "../windmill/resources.ts";
import { isForbidden, type Windmill } from "../windmill/windmill.ts";
import { readHealthState } from "./read_state.ts";
import type { HealthState } from "./state.ts";

/** The memory, for a check to go by: null where there is none yet, or that it cannot be read. */
export async function recall(windmill: Windmill): Promise<HealthState | null | "hidden" | "unreadable"> {
  try {
    return readHealthState(await readState(windmill, HEALTH_STATE), new Date().toISOString()).value;
  } catch (error) {
    return isForbidden(error) ? "hidden" : "unreadable";
  }
}
