import type * as z from "zod";
import { asRecord } from "../core/json.ts";
import { Status } from "../core/shapes.ts";
import { HealthState, Incident, LIMITS, newState, OpenFinding, STATE_VERSION } from "./state.ts";
import { upgraded } from "./upgrade.ts";

/** Reading what is stored: a state that is damaged, too big or of another version is repaired, and what was done is said. Pure. */

/** A stored thing that was read, and what had to be repaired, one sentence each. */
export interface Reading<T> {
  value: T;
  repairs: string[];
}

/** Characters of a state as JSON; {@link LIMITS} keep it far below. */
const SIZE_LIMIT = 262_144;

/**
 * Reads a stored state; null when there is none, or nothing of it can be used.
 *
 * @param at ISO 8601; the present, for what has lost its time.
 */
export function readHealthState(stored: unknown, at: string): Reading<HealthState | null> {
  if (stored === null || stored === undefined) return { value: null, repairs: [] };
  const size = JSON.stringify(stored).length;
  const whole = HealthState.safeParse(stored);
  if (whole.success && size <= SIZE_LIMIT) return { value: bounded(whole.data), repairs: [] };
  const older = size <= SIZE_LIMIT ? upgraded(stored) : null;
  if (older) return { value: bounded(older), repairs: [] };
  return repair(asRecord(stored), size, at);
}

/** Keeps what can be read, field by field. */
function repair(stored: Record<string, unknown>, size: number, at: string): Reading<HealthState | null> {
  const status = Status.safeParse(stored.status);
  if (!status.success) return { value: null, repairs: ["The memory could not be read; it begins anew."] };
  const since = HealthState.shape.since.safeParse(stored.since);
  const fresh = newState(status.data, since.success ? since.data : at);
  const lost: string[] = [];
  const fields = Object.entries(HealthState.shape).map(([key, schema]) => {
    const kept = schema.safeParse(stored[key]);
    if (kept.success) return [key, kept.data];
    if (key === "version") return [key, STATE_VERSION];
    lost.push(key);
    const list = Array.isArray(stored[key]) ? stored[key] : [];
    if (key === "incidents") return [key, readable(Incident, list)];
    if (key === "open") return [key, readable(OpenFinding, list)];
    return [key, fresh[key as keyof HealthState]];
  });
  const value = bounded({ ...fresh, ...Object.fromEntries(fields) } as HealthState);
  const repairs = [
    ...(stored.version === STATE_VERSION ? [] : ["The memory was written by another version."]),
    ...(lost.length > 0 ? [`The memory was damaged and lost: ${lost.join(", ")}.`] : []),
    ...(size > SIZE_LIMIT ? [`The memory was too big (${Math.round(size / 1024)} kB) and was cut.`] : []),
  ];
  // Too big in spite of the limits: something in it is not what it should be.
  return JSON.stringify(value).length > SIZE_LIMIT ? { value: fresh, repairs } : { value, repairs };
}

/** The items of a list that can be read. */
export function readable<T>(schema: z.ZodType<T>, list: readonly unknown[]): T[] {
  return list
    .flatMap((one) => {
      const parsed = schema.safeParse(one);
      return parsed.success ? [{ item: parsed.data }] : [];
    })
    .map(({ item }) => item);
}

/** Cuts every list to its limit. */
function bounded(state: HealthState): HealthState {
  return {
    ...state,
    ticks: state.ticks.slice(0, LIMITS.ticks),
    open: state.open.slice(0, LIMITS.open),
    models: state.models.slice(0, LIMITS.models),
    turns: state.turns.slice(0, LIMITS.turns),
    mended: state.mended.slice(0, LIMITS.mended),
    notices: state.notices.slice(0, LIMITS.notices),
    unlisted: state.unlisted.slice(0, LIMITS.models),
    incident: state.incident && boundedIncident(state.incident),
    incidents: state.incidents.slice(0, LIMITS.incidents).map(boundedIncident),
  };
}

const boundedIncident = (incident: Incident): Incident => ({
  ...incident,
  findings: incident.findings.slice(0, LIMITS.incident_findings),
});
