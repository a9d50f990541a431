import type { DashboardData } from "../../../../src/dashboard/data.ts";
import { ago, duration, moment, until } from "./time.ts";
import { FEATURE, OWNER, SEVERITY, type Tone } from "./words.ts";

/** What the data add up to at a moment, in words. Pure: `now` is in milliseconds since 1970. */

/** Milliseconds that a run may be late before nobody can rely on it any more: workers are busy at times. */
const GRACE_MS = 5 * 60_000;
/** Milliseconds without a check after which a status is only a memory, where nothing says when the next one is due. */
const OLD_MS = 30 * 60_000;

/**
 * Whether somebody still watches: why not, or null. A status counts while its check is not older than two intervals and some grace:
 * Windmill queues the next run of a schedule also when all of them fail.
 */
export function staleness(
  { health, schedule, watch }: Pick<DashboardData, "health" | "schedule" | "watch">,
  now: number,
): string | null {
  const last = health?.checked_at ?? null;
  const age = last === null ? Number.POSITIVE_INFINITY : now - Date.parse(last);
  if (schedule === null) return age > OLD_MS ? "there is no schedule" : null;
  if (schedule.error !== "") return `Windmill switched the schedule off: ${schedule.error}`;
  if (!schedule.enabled) return age > OLD_MS ? "the schedule is off" : null;
  const late = schedule.next === null ? 0 : now - Date.parse(schedule.next);
  if (late > GRACE_MS) return `the check that was due ${duration(late / 1000)} ago has not run`;
  const patience = watch.interval_s === null ? OLD_MS : watch.interval_s * 1000;
  if (age <= 2 * patience + GRACE_MS) return null;
  const { failed } = watch;
  if (failed === null) return schedule.next === null ? "no check is waiting to run" : "no later check was remembered";
  return failed.count === 1 ? "the run since then failed" : `the last ${failed.count} runs failed`;
}

export interface Headline {
  tone: Tone;
  title: string;
  /** Since when, and what counts beside what was measured. */
  says: readonly string[];
  /** Why, and who does what about it; "" when there is nothing to do. */
  why: string;
  who: string;
  /** Why the status is not to be relied on; "" when it is. */
  stale: string;
  /** The latest run that failed since the last check, where that is why; null otherwise. */
  failed: string | null;
}

/** A time in a text that the data bring along, e.g. `{2026-11-24T15:55:00.000Z}`. */
const TIME = /\{(\d{4}-\d\d-\d\dT[\d:.]+Z)\}/g;

/** A text with its times as people say them; how long ago the first one is stands beside it. */
export function withTimes(text: string, now: number): string {
  let first = true;
  return text.replace(TIME, (_all, iso: string) => {
    const ago = first ? ` (${duration((now - Date.parse(iso)) / 1000)})` : "";
    first = false;
    return `${moment(iso, now)}${ago}`;
  });
}

/** The first five seconds. Only for data that has a status. */
export function headline(
  data: DashboardData & { health: NonNullable<DashboardData["health"]> },
  now: number,
): Headline {
  const { health, findings, watch } = data;
  const { tone, title, was, says } = health.headline;
  const stale = staleness(data, now);
  const first = findings.find(({ severity }) => severity !== "info");
  const checked = health.checked_at;
  const isWell = tone === "good";
  return {
    tone: stale ? "none" : tone,
    title: stale && checked ? `${was} ${ago(checked, now)}` : title,
    says: says.map((text) => withTimes(text, now)),
    why: isWell ? "" : (first?.title ?? health.incident?.current.title ?? ""),
    who: isWell || !first ? "" : whoWords(first),
    stale: stale && checked ? `Last check ${ago(checked, now)}: ${stale}.` : stale ? `Never checked: ${stale}.` : "",
    failed: stale ? (watch.failed?.job ?? null) : null,
  };
}

const whoWords = ({ owner, remedy }: DashboardData["findings"][number]): string =>
  owner === "wait" ? "Nobody has to repair it." : `To be done by ${OWNER[owner]}${remedy.length > 0 ? ", below" : ""}.`;

/** A feature's tone: one that is broken is as bad as its cause, and a limit that is for information only is not red. */
export function featureTone(
  { state, code }: Pick<DashboardData["features"][number], "state" | "code">,
  findings: readonly Pick<DashboardData["findings"][number], "code" | "severity">[],
): Tone {
  const cause = state === "broken" ? findings.find((one) => one.code === code) : undefined;
  return cause ? SEVERITY[cause.severity].tone : FEATURE[state].tone;
}

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
