/** When the schedule runs next. Pure. */

// Every n minutes, or once an hour: what connect makes.
const MINUTES = /^0 (?:\*\/(\d{1,2})|(\d{1,2})) \* \* \* \*$/;
const MINUTE_MS = 60_000;

/**
 * The next run of a schedule as ISO 8601; null when it is off, or when its cron expression is none that connect makes: people may
 * write any, and only Windmill knows all their forms.
 *
 * @param now milliseconds since 1970.
 */
export function nextCheck(
  schedule: { cron: string; enabled: boolean; timezone?: string | undefined } | null,
  now: number,
): string | null {
  const [, every, at] = (schedule?.enabled && MINUTES.exec(schedule.cron)) || [];
  if (!schedule || (every === undefined && at === undefined)) return null;
  const matches = (minute: number): boolean =>
    every === undefined ? minute === Number(at) : Number(every) > 0 && minute % Number(every) === 0;
  const first = Math.floor(now / MINUTE_MS) + 1;
  for (let minute = first; minute < first + 60; minute++) {
    if (matches(minuteOfHour(minute * MINUTE_MS, schedule.timezone))) return new Date(minute * MINUTE_MS).toISOString();
  }
  return null;
}

/** Milliseconds that a schedule waits from one run to the next; null where {@link nextCheck} does not know the next one. */
export function intervalOf(schedule: Parameters<typeof nextCheck>[0], now: number): number | null {
  const next = nextCheck(schedule, now);
  const after = next === null ? null : nextCheck(schedule, Date.parse(next));
  return next === null || after === null ? null : Date.parse(after) - Date.parse(next);
}

/** Time zones differ in their minutes too, e.g. by 5 h 30 min. */
function minuteOfHour(ms: number, timeZone = "Etc/UTC"): number {
  try {
    return Number(new Intl.DateTimeFormat("en", { timeZone, minute: "numeric" }).format(ms));
  } catch {
    return new Date(ms).getUTCMinutes();
  }
}
