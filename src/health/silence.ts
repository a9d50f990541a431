import { InputError } from "../inputs/parse.ts";
import { worse } from "./open.ts";
import { type Acknowledgement, type HealthState, type Incident, LIMITS, type Maintenance } from "./state.ts";

/**
 * Keeping quiet on purpose: who knows of an incident, and when nobody wants to be told. Times are ISO 8601 in UTC, which compare as texts.
 * Pure.
 */

/** Milliseconds that a maintenance may last: a longer one is no maintenance but a watch that is switched off. */
const LONGEST_MS = 7 * 24 * 3_600_000;

/** The window that a time lies in, the one that ends last where there are several; null outside of all. */
export function windowAt(windows: readonly Maintenance[], at: string): Maintenance | null {
  const within = windows.filter(({ from, until }) => from <= at && at < until);
  return within.sort((a, b) => (a.until < b.until ? 1 : -1))[0] ?? null;
}

/** Whether self-repair and everything else that acts by itself is to rest. */
export const isMaintained = (state: Pick<HealthState, "maintenance"> | null, at: string): boolean =>
  state !== null && windowAt(state.maintenance, at) !== null;

/** The acknowledgement that holds; null when there is none, when its time is over, or when the incident has become worse than it says. */
export function acknowledgementAt({ acknowledged, current }: Incident, at: string): Acknowledgement | null {
  if (acknowledged === null || (acknowledged.until !== null && acknowledged.until <= at)) return null;
  return worse(current.status, acknowledged.status) === acknowledged.status ? acknowledged : null;
}

/** Whether nobody needs to hear of the incident as it is, because somebody has said that they know. */
export const knownToSomebody = (incident: Incident, at: string): boolean => acknowledgementAt(incident, at) !== null;

/** Who does something, when and why. */
export interface Doing {
  by: string;
  at: string;
  reason: string;
}

/** A memory after something was done to it, and what was done, in sentences. */
export interface Done {
  state: HealthState;
  says: string[];
}

/**
 * Notes that somebody knows of the open incident. Saying so again changes reason and end.
 *
 * @param id of the incident; "" for the one that is open. An alert's link names it, and may be older than the present one.
 * @throws InputError when that incident is not open.
 */
export function acknowledge(state: HealthState, id: string, doing: Doing, until: string | null): Done {
  const { incident } = state;
  if (incident === null || (id !== "" && id !== incident.id)) {
    const past = state.incidents.find((one) => one.id === id);
    const now = incident === null ? "No incident is open" : `The open incident is ${incident.id}`;
    const over = past
      ? `it is over since ${momentOf(past.end ?? "")}. `
      : id === ""
        ? ""
        : "there is no such incident. ";
    throw new InputError([`id: ${over}${now}: there is nothing ${id === "" ? "" : "else "}to acknowledge.`]);
  }
  if (until !== null && until <= doing.at)
    throw new InputError(["until: lies in the past. Give a later time, or leave it blank."]);
  const acknowledged = { ...doing, until, status: incident.current.status };
  const end = until === null ? "until it is over" : `until ${momentOf(until)}, or until it is over`;
  return {
    state: { ...state, incident: { ...incident, acknowledged } },
    says: [
      `The incident ${incident.id} is acknowledged ${end}: no reminders, and no other cause of the same weight. If it gets worse, people are told.`,
    ],
  };
}

/** A window that somebody wants: its first occurrence, and how it comes again. */
export type Wanted = Pick<Maintenance, "from" | "until" | "again">;

/**
 * Plans a maintenance. One that overlaps another which comes once, too, becomes one with it.
 *
 * @throws InputError for a window that ends before it begins, lies in the past, lasts too long, or is one too many.
 */
export function planMaintenance(state: HealthState, wanted: Wanted, doing: Doing): Done {
  const { from, until, again } = wanted;
  const slips: string[] = [];
  if (until <= from)
    slips.push(`until: is not after the beginning (${momentOf(from)}). Give a later time, or a length such as 2 h.`);
  else if (until <= doing.at) slips.push("until: lies in the past. Give a later time.");
  if (slips.length > 0) throw new InputError(slips);
  const overlapping = state.maintenance.filter((one) => one.from <= until && from <= one.until);
  const merged = again === null ? overlapping.filter((one) => one.again === null) : [];
  const whole = {
    from: [from, ...merged.map((one) => one.from)].sort()[0] ?? from,
    until: [until, ...merged.map((one) => one.until)].sort().at(-1) ?? until,
  };
  const length = Date.parse(whole.until) - Date.parse(whole.from);
  if (length > LONGEST_MS) {
    const together =
      merged.length > 0 ? ` together with the one from ${momentOf(merged[0]?.from ?? from)} that it overlaps` : "";
    throw new InputError([
      `until: makes a maintenance of more than 7 days${together}. Plan a shorter one, or switch the schedule off.`,
    ]);
  }
  const rest = state.maintenance.filter((one) => !merged.includes(one));
  if (rest.length >= LIMITS.windows) {
    throw new InputError([
      `what: ${LIMITS.windows} windows are planned already. Lift one first: ${rest.map(({ id }) => id).join(", ")}.`,
    ]);
  }
  const reasons = [...new Set([...merged.map(({ reason }) => reason), doing.reason].filter(Boolean))];
  const id = newId(rest, whole.from);
  const planned: Maintenance = { ...doing, id, ...whole, again, reason: reasons.join("; ") };
  const others = overlapping.filter((one) => one.again !== null || again !== null);
  return {
    state: { ...state, maintenance: [...rest, planned].sort((a, b) => (a.from < b.from ? -1 : 1)) },
    says: [
      `Maintenance ${id}: ${momentOf(whole.from)} to ${momentOf(whole.until)}${again ? `, and again by "${again.cron}" in ${again.timezone}, ${again.minutes} min each` : ""}. Checks go on, and nobody is told. At its end people are told at once when it is not well.`,
      ...merged.map((one) => `It overlaps ${one.id}, and the two are one now.`),
      ...others.map((one) => `It overlaps ${one.id}: nobody is told until both are over.`),
    ],
  };
}

/**
 * Lifts what keeps quiet: the acknowledgement or the window with an id; without one what holds now, else the only window that is planned.
 *
 * @throws InputError when there is nothing, or not only one thing, that is meant.
 */
export function lift(state: HealthState, id: string, at: string): Done {
  const { incident, maintenance } = state;
  const isMeant = (one: { id: string; from: string; until: string }): boolean =>
    id === "" ? one.from <= at && at < one.until : one.id === id;
  const acknowledged = incident?.acknowledged != null && (id === "" || incident.id === id) ? incident : null;
  const now = maintenance.filter(isMeant);
  const windows =
    id === "" && now.length === 0 && acknowledged === null && maintenance.length === 1 ? maintenance : now;
  if (acknowledged === null && windows.length === 0) {
    const ids = maintenance.map((one) => `${one.id} (from ${momentOf(one.from)})`);
    throw new InputError([
      id === ""
        ? `id: nothing keeps quiet now.${ids.length > 0 ? ` Planned are ${ids.join(", ")}: give the id of one.` : ""}`
        : `id: no acknowledgement and no window has it.${ids.length > 0 ? ` Planned are ${ids.join(", ")}.` : ""}`,
    ]);
  }
  const lasted = windows.some(({ from }) => from <= at);
  return {
    state: {
      ...state,
      incident: acknowledged ? { ...acknowledged, acknowledged: null } : incident,
      maintenance: maintenance.filter((one) => !windows.includes(one)),
      // Whoever lifts a window that lasts wants to know how it is now.
      maintained: lasted ? at : state.maintained,
    },
    says: [
      ...(acknowledged
        ? [`The acknowledgement of the incident ${acknowledged.id} is lifted: people are told of it again.`]
        : []),
      ...windows.map((one) => `The maintenance ${one.id} is lifted${one.again ? ", and does not come again" : ""}.`),
    ],
  };
}

/** `2026-11-24 10:00 UTC`. */
export const momentOf = (at: string): string => `${at.slice(0, 16).replace("T", " ")} UTC`;

/** An id that says when it comes, which is not taken. */
function newId(taken: readonly Maintenance[], from: string): string {
  const base = `m${from.slice(0, 16).replace(/[-:]/g, "")}`;
  const free = ["", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k"].map((end) => base + end);
  return free.find((id) => taken.every((one) => one.id !== id)) ?? base;
}
