import type { News } from "../tell/alert.ts";
import { type HealthState, type Incident, LIMITS, type Told } from "./state.ts";
import { keyOf } from "./streaks.ts";

/** What people are still to be told, and what they were told. What nobody took stays due. Pure. */

const HOUR_MS = 3_600_000;
/** Milliseconds by which a tick may come before the hour that it is due at. */
const SLACK_MS = 60_000;

/** What is due, with the code of the cause that it is about. */
export interface Due extends News {
  code: string;
}

/**
 * What is due, in the order in which it is to be told; nothing when people know everything. Each incident has one opening and one
 * recovery, and those of the next come after them. In between, each turn of the status is told, for the worse and for the better;
 * how often it may turn is limited where it is decided (streaks.ts). A cause of the same status is told once per incident, and
 * after {@link LIMITS} causes no further one is. What nobody was told of needs no recovery.
 *
 * @param at ISO 8601; the tick that gives the occasion.
 * @param remind_every hours from one alert of an open incident to its reminder; 0 for none.
 */
export function dueNews(state: HealthState, at: string, remind_every: number): Due[] {
  const { incident } = state;
  const last = state.incidents[0];
  const over = last?.told.opening && !last.told.recovery ? [recoveryOf(last, at)] : [];
  const next = incident && newsOf(incident, at, remind_every);
  return next ? [...over, next] : over;
}

const recoveryOf = (over: Incident, at: string): Due => ({
  kind: "recovery",
  ...about(over),
  status: "healthy",
  previous: over.told.status ?? over.current.status,
  at: over.end ?? at,
  code: "",
});

function newsOf(incident: Incident, at: string, remind_every: number): Due | null {
  const { told, current, before } = incident;
  const open = { ...about(incident), status: current.status, code: current.code, at };
  if (!told.opening) return { kind: "opening", ...open, previous: before };
  const previous = told.status;
  const isNew = !told.causes.includes(keyOf(current)) && told.causes.length < LIMITS.causes;
  if (current.status !== previous || isNew) return { kind: "cause", ...open, previous };
  const waited = told.at === null ? 0 : Date.parse(at) - Date.parse(told.at);
  const remind = remind_every > 0 && waited >= remind_every * HOUR_MS - SLACK_MS;
  return remind ? { kind: "reminder", ...open, previous } : null;
}

const about = ({ id, start }: Incident): Pick<News, "incident" | "since"> => ({ incident: id, since: start });

/** Milliseconds after which who was telling people has given up: the last step of the flow ends before that. */
const CLAIM_MS = 180_000;

/** Whether another tick is telling people right now. @param now milliseconds since 1970. */
export const isClaimed = ({ claim }: HealthState, now: number): boolean =>
  claim !== null && Math.abs(now - Date.parse(claim.at)) < CLAIM_MS;

/** The state while somebody tells people: two ticks at once do not tell them twice. @param now milliseconds since 1970. */
export const claimed = (state: HealthState, due: readonly Due[], now: number): HealthState => ({
  ...state,
  claim: {
    what: due.map(({ incident, kind }) => `${incident} ${kind}`).join(", "),
    at: new Date(now).toISOString(),
  },
});

/**
 * The state after somebody has tried to tell people.
 *
 * @param taken whether any target took it; else it stays due.
 */
export function afterTelling(state: HealthState, news: Due, taken: boolean): HealthState {
  const free: HealthState = { ...state, claim: null };
  if (!taken) return free;
  const told = (one: Incident): Incident => (one.id === news.incident ? { ...one, told: toldOf(one, news) } : one);
  return { ...free, incident: free.incident && told(free.incident), incidents: free.incidents.map(told) };
}

function toldOf({ told }: Incident, { kind, at, status, code }: Due): Told {
  if (kind === "recovery") return { ...told, recovery: true };
  const key = keyOf({ status, code });
  const causes = told.causes.includes(key) ? told.causes : [...told.causes, key];
  return { ...told, at, opening: true, status, causes: causes.slice(0, LIMITS.causes) };
}
