import { isForbidden, type Windmill } from "../windmill/windmill.ts";
import { storedNow } from "./memory.ts";
import { readMemory } from "./read_memory.ts";
import type { HealthState } from "./state.ts";

/** The state, for a check to go by: null where there is none yet, or that it cannot be read. */
export async function recall(windmill: Windmill): Promise<HealthState | null | "hidden" | "unreadable"> {
  try {
    return readMemory(await storedNow(windmill), new Date().toISOString()).state;
  } catch (error) {
    return isForbidden(error) ? "hidden" : "unreadable";
  }
}
