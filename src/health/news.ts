import { WATCH_FAILED } from "../tell/alert.ts";
import type { TellingOutcome } from "../tell/deliver.ts";
import type { News } from "../tell/news.ts";
import { knownToSomebody, windowAt } from "./silence.ts";
import { type HealthState, type Incident, LIMITS, type Told } from "./state.ts";
import { keyOf } from "./streaks.ts";

/** What people are still to be told, and what they were told. Pure. */

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** Milliseconds by which a tick may come before the time that something is due at. */
const SLACK_MS = MINUTE_MS;

/**
 * What is due, in the order in which it is to be told; nothing when people know everything. Each incident has one opening and one
 * recovery, and those of the next come after them. In between, each turn of the status is told, for the worse and for the better;
 * how often it may turn is limited where it is decided (streaks.ts). A cause of the same status is told once per incident, and
 * after {@link LIMITS} causes no further one is. What nobody was told of needs no recovery. What may have arrived is sent again
 * a few times, unless there is something newer to tell. Of an incident that somebody has acknowledged only what is worse is told, and
 * its end. In a maintenance nothing is due; after it, what is then, and what lasted through it once more.
 *
 * @param at ISO 8601; the tick that gives the occasion.
 * @param remind_every hours from one alert of an open incident to its reminder; 0 for none.
 */
export function dueNews(state: HealthState, at: string, remind_every: number): News[] {
  const { incident, attempt } = state;
  if (windowAt(state.maintenance, at) !== null) return [];
  // Those that nobody was told of may lie in between: a maintenance hides whole incidents.
  const over = state.incidents
    .filter(({ told }) => told.opening)
    .slice(0, LATEST)
    .filter(({ told }) => !told.recovery)
    .reverse()
    .map((one) => recoveryOf(one, at));
  const next = incident && newsOf(incident, at, { remind_every, maintained: state.maintained });
  const due = next ? [...over, next] : over;
  const waits = attempt !== null && Date.parse(at) + SLACK_MS < Date.parse(attempt.next);
  if (due.length === 0) return attempt?.maybe && !waits ? [{ ...attempt.news, repeated: attempt.count }] : [];
  return waits && attempt.news.id === due[0]?.id ? [] : due;
}

/** Closed incidents whose end is still worth telling: two can end with one tick, that of the watch and one of what it watches. */
const LATEST = 2;

const recoveryOf = (over: Incident, at: string): News => ({
  ...about(over, "recovery"),
  status: "healthy",
  previous: over.told.status ?? over.current.status,
  code: over.cause.code === WATCH_FAILED ? WATCH_FAILED : "",
  at: over.end ?? at,
  acknowledged: knownBy(over),
});

function newsOf(
  incident: Incident,
  at: string,
  { remind_every, maintained }: { remind_every: number; maintained: string | null },
): News | null {
  const { told, current, before } = incident;
  const open = { status: current.status, code: current.code, at, acknowledged: knownBy(incident) };
  if (!told.opening) return { ...about(incident, "opening"), ...open, previous: before };
  const previous = told.status;
  if (knownToSomebody(incident, at)) return null;
  const isNew = !told.causes.includes(keyOf(current)) && told.causes.length < LIMITS.causes;
  if (current.status !== previous || isNew) return { ...about(incident, "cause"), ...open, previous };
  const waited = told.at === null ? 0 : Date.parse(at) - Date.parse(told.at);
  const outlasted = maintained !== null && told.at !== null && maintained > told.at;
  const remind = outlasted || (remind_every > 0 && waited >= remind_every * HOUR_MS - SLACK_MS);
  return remind ? { ...about(incident, "reminder"), ...open, previous } : null;
}

/** Who has said that they know, as news say it. */
export const knownBy = ({ acknowledged: known }: Incident): News["acknowledged"] =>
  known && { by: known.by, at: known.at, reason: known.reason };

const about = <K extends News["kind"]>({ id, start, told }: Incident, kind: K) => ({
  id: `${id}/${kind}/${told.count + 1}`,
  kind,
  incident: id,
  since: start,
});

/** Milliseconds after which who was telling people has given up: check, memory and the last step of the flow end before that. */
const CLAIM_MS = 600_000;

/** Whether another tick is telling people right now. @param at ISO 8601; the time of the tick that asks. */
export const isClaimed = ({ claim }: HealthState, by: string, at: string): boolean =>
  claim !== null && claim.by !== by && Math.abs(Date.parse(at) - Date.parse(claim.at)) < CLAIM_MS;

/** The state while a tick tells people: two ticks at once do not tell them twice. */
export const claimed = (state: HealthState, by: string, at: string): HealthState => ({ ...state, claim: { by, at } });

/**
 * Minutes from one attempt to the next. What certainly did not arrive is tried again with the next ticks and then each hour, as long
 * as it is so. What may have arrived is sent a few times more, ever later, and counts as told from the first time on.
 */
const PAUSES_MIN = { refused: [0, 0, 15, 60], maybe: [5, 15, 60, 240] } as const;

/**
 * The state after somebody has tried to tell people.
 *
 * @param outcome `taken`: a target took it; `refused`: none did, for certain; `maybe`: nobody can say.
 * @param at ISO 8601; the time of the tick that told.
 */
export function afterTelling(state: HealthState, news: News, outcome: TellingOutcome, at: string): HealthState {
  const count = (state.attempt?.news.id === news.id ? state.attempt.count : 0) + 1;
  const known = outcome !== "refused" && !(state.attempt?.news.id === news.id && state.attempt.maybe);
  const told = (one: Incident): Incident =>
    known && one.id === news.incident ? { ...one, told: toldOf(one, news, at) } : one;
  return {
    ...state,
    claim: null,
    attempt: attemptOf(news, outcome, count, at, state.attempt?.news.id === news.id && state.attempt.maybe),
    incident: state.incident && told(state.incident),
    incidents: state.incidents.map(told),
  };
}

/** What is to be tried again, and when; null for what was taken, and for what was sent often enough. */
function attemptOf(
  news: News,
  outcome: TellingOutcome,
  count: number,
  at: string,
  before: boolean,
): HealthState["attempt"] {
  if (outcome === "taken") return null;
  const maybe = before || outcome === "maybe";
  const pauses: readonly number[] = PAUSES_MIN[maybe ? "maybe" : "refused"];
  if (maybe && count > pauses.length) return null;
  const pause = pauses[Math.min(count, pauses.length) - 1] ?? 0;
  const { repeated: _, ...first } = news;
  return { news: first, count, next: new Date(Date.parse(at) + pause * MINUTE_MS).toISOString(), maybe };
}

function toldOf({ told }: Incident, { kind, status, code }: News, at: string): Told {
  const count = told.count + 1;
  if (kind === "recovery") return { ...told, recovery: true, count };
  const key = keyOf({ status, code });
  const causes = told.causes.includes(key) ? told.causes : [...told.causes, key];
  return { ...told, at, opening: true, status, causes: causes.slice(0, LIMITS.causes), count };
}
