import { HEALTH_HISTORY, HEALTH_LOCK, HEALTH_STATE } from "../core/paths.ts";
import { viewSettings } from "../observe/ai_settings.ts";
import { readIntent } from "../observe/intent.ts";
import { deleteVersions, readVersion, replaceVersion, type Version } from "../windmill/moving.ts";
import { deleteState, readState } from "../windmill/resources.ts";
import { readEffectiveAiSettings } from "../windmill/settings.ts";
import { orNull, type Windmill, WindmillError } from "../windmill/windmill.ts";
import type { History } from "./history.ts";
import { type Memory, readMemory, storedMemory, storedPair } from "./read_memory.ts";
import type { HealthState } from "./state.ts";

/**
 * The memory of the health flow where it is kept: state and history in one record, which moves with each change (windmill/moving.ts).
 * Everything that decides is pure.
 */

/** Where the memory was until release 0.1.0, and its lock. */
const BEFORE = [HEALTH_HISTORY, HEALTH_STATE, HEALTH_LOCK] as const;

interface Kept extends Memory {
  version: Version | null;
}

async function keptOf(windmill: Windmill): Promise<Kept> {
  const version = await readVersion(windmill, HEALTH_STATE);
  const value = version === null ? await readBefore(windmill) : version.value;
  return { version, ...readMemory(value, new Date().toISOString()) };
}

async function readBefore(windmill: Windmill): Promise<unknown> {
  const [state, history] = await Promise.all([readState(windmill, HEALTH_STATE), readState(windmill, HEALTH_HISTORY)]);
  return storedPair(state, history);
}

/**
 * The memory as it is stored; null when there is none. @throws WindmillError when Windmill refuses, e.g. who may not read the folder
 * of the product, or does not answer.
 */
export async function storedNow(windmill: Windmill): Promise<unknown> {
  const found = (await readVersion(windmill, HEALTH_STATE))?.value ?? (await readBefore(windmill));
  // Who may not read the folder is not shown what is in it, and is refused only at a path that he knows.
  if (found === null) await readIntent(windmill);
  return found;
}

/** How often a change begins anew because somebody else was faster. */
const ATTEMPTS = 50;

/** What a change makes of the memory: what is to be stored (null: nothing is to be changed), and what comes of it. */
export interface Decision<T> {
  store: { state: HealthState; history: History } | null;
  result: T;
}

/**
 * Changes the memory as one step: `decide` may be asked several times, each time with what is stored then.
 *
 * A workspace that is not connected any more gets no memory, unless told otherwise: a tick that was under way while somebody disconnected leaves nothing.
 *
 * @returns null when the workspace is not connected.
 */
export async function changeMemory<T>(
  windmill: Windmill,
  decide: (memory: Memory) => Decision<T> | Promise<Decision<T>>,
  { although_disconnected = false }: { although_disconnected?: boolean } = {},
): Promise<T | null> {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const kept = await keptOf(windmill);
    if (!although_disconnected && !(await isConnected(windmill, kept.version !== null))) return null;
    const { store, result } = await decide(kept);
    if (store === null) return result;
    if (!(await replaceVersion(windmill, HEALTH_STATE, kept.version, storedMemory(store)))) continue;
    if (kept.version !== null) return result;
    for (const path of BEFORE) await orNull(deleteState(windmill, path));
    // Whoever disconnects takes the intent away first and looks for a memory then: one of the two sees the other.
    if (although_disconnected || (await isConnected(windmill, false))) return result;
    await forgetMemory(windmill);
    return null;
  }
  throw new WindmillError(`Writing the state ${HEALTH_STATE}`, null, "too many runs write it at once");
}

/**
 * Whether there is anything to watch: somebody has connected the workspace, or its settings name a connection all the same.
 *
 * @param instead what to take it for where Windmill does not say.
 */
async function isConnected(windmill: Windmill, instead: boolean): Promise<boolean> {
  try {
    if ((await readIntent(windmill))?.active) return true;
    return viewSettings(await readEffectiveAiSettings(windmill)).connection !== null;
  } catch (error) {
    if (instead) return true;
    throw error;
  }
}

/**
 * Deletes the memory, wherever it has moved to. A disconnect calls it when the intent is gone: a tick that was under way may have
 * written it again after it was removed.
 */
export async function forgetMemory(windmill: Windmill): Promise<void> {
  await deleteVersions(windmill, HEALTH_STATE);
  for (const path of BEFORE) await orNull(deleteState(windmill, path));
}
