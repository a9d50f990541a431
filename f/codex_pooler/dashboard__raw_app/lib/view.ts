import type { Status } from "../../../../src/core/shapes.ts";
import type { DashboardData } from "../../../../src/dashboard/data.ts";
import { ago, duration, moment, until } from "./time.ts";
import { OWNER, STATUS, type Tone } from "./words.ts";

/** What the data add up to at a moment, in words. Pure: `now` is in milliseconds since 1970. */

/** Milliseconds that a run may be late before nobody can rely on it any more: workers are busy at times. */
const GRACE_MS = 5 * 60_000;
/** Milliseconds without a check after which a status is only a memory, where no schedule says when the next one is due. */
const OLD_MS = 30 * 60_000;

/** Whether somebody still watches: why not, or null. */
export function staleness(
  { health, schedule }: Pick<DashboardData, "health" | "schedule">,
  now: number,
): string | null {
  const last = health?.checked_at ?? null;
  const age = last === null ? Number.POSITIVE_INFINITY : now - Date.parse(last);
  if (schedule === null) return age > OLD_MS ? "there is no schedule" : null;
  if (schedule.error !== "") return `Windmill switched the schedule off: ${schedule.error}`;
  if (!schedule.enabled) return age > OLD_MS ? "the schedule is off" : null;
  if (schedule.next !== null) {
    const late = now - Date.parse(schedule.next);
    return late > GRACE_MS ? `the check that was due ${duration(late / 1000)} ago has not run` : null;
  }
  return age > 2 * OLD_MS + GRACE_MS ? "no check is waiting to run" : null;
}

export interface Headline {
  tone: Tone;
  title: string;
  /** Since when, and how old that is. */
  since: string;
  /** Why, and who does what about it; "" when there is nothing to do. */
  why: string;
  who: string;
  /** Why the status is not to be relied on; "" when it is. */
  stale: string;
}

/** The first five seconds. Only for data that has a status. */
export function headline(
  data: DashboardData & { health: NonNullable<DashboardData["health"]> },
  now: number,
): Headline {
  const { health, findings } = data;
  const stale = staleness(data, now);
  const { tone, words, was } = STATUS[health.status];
  const first = findings.find(({ severity }) => severity !== "info");
  const checked = health.checked_at;
  return {
    tone: stale ? "none" : tone,
    title: stale && checked ? `${was} ${ago(checked, now)}` : words,
    since: sinceWords(health.status, health.since, now),
    why: health.status === "healthy" ? "" : (first?.title ?? health.incident?.current.title ?? ""),
    who: health.status === "healthy" || !first ? "" : whoWords(first),
    stale: stale && checked ? `Last check ${ago(checked, now)}: ${stale}.` : stale ? `Never checked: ${stale}.` : "",
  };
}

function sinceWords(status: Status, since: string, now: number): string {
  const length = duration((now - Date.parse(since)) / 1000);
  return Number.isNaN(Date.parse(since)) ? STATUS[status].short : `since ${moment(since, now)} (${length})`;
}

const whoWords = ({ owner, remedy }: DashboardData["findings"][number]): string =>
  owner === "wait" ? "Nobody has to repair it." : `To be done by ${OWNER[owner]}${remedy.length > 0 ? ", below" : ""}.`;

/** When the next check comes, in words. */
export function nextCheck({ schedule }: Pick<DashboardData, "schedule">, now: number): string {
  if (schedule === null) return "Not scheduled";
  if (schedule.error !== "" || !schedule.enabled) return "Schedule is off";
  if (schedule.next === null) return "When the schedule says";
  return Date.parse(schedule.next) < now - GRACE_MS ? "Overdue" : `Next ${until(schedule.next, now)}`;
}

/** When a schedule runs, in words for the expressions that connect makes; else the expression itself. */
export function scheduleWords({ cron, timezone }: { cron: string; timezone: string }): string {
  const [, every, minute] = /^0 (?:\*\/(\d{1,2})|(\d{1,2})) \* \* \* \*$/.exec(cron) ?? [];
  if (every !== undefined) return Number(every) === 1 ? "Every minute" : `Every ${every} minutes`;
  return minute === undefined ? `${cron} (${timezone})` : "Every hour";
}

/** Milliseconds for which Windmill goes on using credentials that it has cached (verified on real servers). */
const CACHE_MS = 60_000;

/** Whether an answer may still come from what Windmill had cached before the connection was last changed. */
export function cacheWords(changedAt: string | null, now: number): string {
  if (changedAt === null) return "up to 60 s old";
  const age = now - Date.parse(changedAt);
  return age < CACHE_MS
    ? `changed ${ago(changedAt, now)}: Windmill may use the old one for another ${duration((CACHE_MS - age) / 1000)}`
    : `up to date: last changed ${ago(changedAt, now)}`;
}
