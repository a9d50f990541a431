import { asRecord } from "../core/json.ts";
import { inert } from "../core/report.ts";
import { emptyHistory, type History } from "./history.ts";
import { readHistory } from "./history_keep.ts";
import { readHealthState } from "./read_state.ts";
import type { HealthState } from "./state.ts";

/** The memory as it is stored: the state with the history in it. Pure. */

/** What is remembered. */
export interface Memory {
  /** Null before the first tick. */
  state: HealthState | null;
  history: History;
  /** What had to be repaired, in sentences. */
  repairs: string[];
}

/** A memory as it is stored: the state with the history in it. Windmill would resolve a text in it that looks like a reference. */
export const storedMemory = ({ state, history }: { state: HealthState; history: History }): unknown =>
  inert({ ...state, history });

/** A memory out of what is stored. @param at ISO 8601; the present, for what has lost its time. */
export function readMemory(value: unknown, at: string): Memory {
  if (value === null || value === undefined) return { state: null, history: emptyHistory(), repairs: [] };
  const { history: ticks = null, ...rest } = asRecord(value);
  const state = Object.keys(rest).length === 0 && isRecord(value) ? null : rest;
  const [first, second] = [readHealthState(isRecord(value) ? state : value, at), readHistory(ticks)];
  return { state: first.value, history: second.value, repairs: [...first.repairs, ...second.repairs] };
}

/** What release 0.1.0 stored apart, as it is stored now; null where there was neither. */
export const storedPair = (state: unknown, history: unknown): unknown =>
  state === null && history === null ? null : { ...asRecord(state), history };

const isRecord = (value: unknown): boolean => typeof value === "object" && value !== null && !Array.isArray(value);
