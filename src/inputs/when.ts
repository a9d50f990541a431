import { Cron } from "croner";

/** Points of time and lengths of time as people write them, with time zones and their changes of the clock. Pure. */

const MINUTE_MS = 60_000;

/** Milliseconds by the beginning of a unit's name. */
const UNITS: readonly (readonly [RegExp, number])[] = [
  [/^m(?:in|inutes?)?$/i, MINUTE_MS],
  [/^h(?:ours?)?$/i, 60 * MINUTE_MS],
  [/^d(?:ays?)?$/i, 24 * 60 * MINUTE_MS],
];

/** Milliseconds of a length such as `90 min`, `2 h`, `1 h 30 min` or `1 d`; null for what is none. */
export function readLength(text: string): number | null {
  const parts = [...text.trim().matchAll(/(\d+(?:\.\d+)?)\s*([a-z]+)\s*/giy)];
  if (parts.length === 0 || parts.map(([all]) => all).join("") !== text.trim()) return null;
  const lengths = parts.map(
    ([, count, unit = ""]) => Number(count) * (UNITS.find(([name]) => name.test(unit))?.[1] ?? Number.NaN),
  );
  const sum = lengths.reduce((total, one) => total + one, 0);
  return Number.isFinite(sum) && sum > 0 ? sum : null;
}

/** Whether the name is one of a time zone that this JavaScript knows. */
export function isTimezone(name: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

/** Whether the text is a cron expression of five or six fields. */
export function isCron(text: string): boolean {
  if (![5, 6].includes(text.trim().split(/\s+/).length)) return false;
  try {
    return new Cron(text, { timezone: "Etc/UTC" }).nextRun() !== null;
  } catch {
    return false;
  }
}

/**
 * A point of time as ISO 8601: `2026-11-29 04:00` and `04:00` (the next one) in the time zone, or with an offset of its own
 * (`2026-11-29T03:00Z`); null for what is none.
 *
 * @param now milliseconds since 1970.
 */
export function readTime(text: string, timezone: string, now: number): string | null {
  const given = text.trim();
  const [, hour, minute] = /^(\d{1,2}):(\d{2})$/.exec(given) ?? [];
  if (hour !== undefined) return orNull(() => new Cron(`${minute} ${hour} * * *`, { timezone }).nextRun(new Date(now)));
  const [, date, time = "00:00", offset] =
    /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2})?)(?:\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?$/i.exec(given) ?? [];
  // Days beyond the end of a month would be taken for those of the next.
  if (date === undefined || orNull(() => new Date(`${date}T00:00:00Z`))?.slice(0, 10) !== date) return null;
  const whole = `${date}T${time.length === 5 ? `${time}:00` : time}`;
  if (offset !== undefined) return orNull(() => new Date(`${whole}${offset.toUpperCase()}`));
  return orNull(() => new Cron(whole, { timezone }).nextRun(new Date(0)));
}

function orNull(time: () => Date | null): string | null {
  try {
    return time()?.toISOString() ?? null;
  } catch {
    return null;
  }
}
