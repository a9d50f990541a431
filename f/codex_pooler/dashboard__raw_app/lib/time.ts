/** Times as people say them. Pure: everything takes `now` in milliseconds since 1970, and dates are ISO 8601. */

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** A length of time in seconds, in one or two units: `45 s`, `12 min`, `3 h 20 min`, `2 d 4 h`. */
export function duration(seconds: number): string {
  const s = Math.max(0, Math.round(seconds));
  if (s < MINUTE) return `${s} s`;
  if (s < HOUR) return `${Math.round(s / MINUTE)} min`;
  const [big, small, unit, rest] = s < DAY ? [HOUR, MINUTE, "h", "min"] : [DAY, HOUR, "d", "h"];
  const whole = Math.floor(s / (big as number));
  const left = Math.floor((s % (big as number)) / (small as number));
  return whole >= 10 || left === 0 ? `${whole} ${unit}` : `${whole} ${unit} ${left} ${rest}`;
}

/** How long ago: `just now`, `12 min ago`; `unknown` for what is no time. */
export function ago(iso: string, now: number): string {
  const seconds = (now - Date.parse(iso)) / 1000;
  if (Number.isNaN(seconds)) return "at an unknown time";
  return seconds < 30 ? "just now" : `${duration(seconds)} ago`;
}

/** How long until: `in 4 min`, `any moment`. */
export function until(iso: string, now: number): string {
  const seconds = (Date.parse(iso) - now) / 1000;
  if (Number.isNaN(seconds)) return "at an unknown time";
  return seconds < 20 ? "any moment" : `in ${duration(seconds)}`;
}

const DATE = { weekday: "short", day: "numeric", month: "short" } as const;
const CLOCK = { hour: "2-digit", minute: "2-digit" } as const;

/** A moment in the viewer's own time zone: `10:42` today, `Tue 24 Nov, 10:42` before, with the year when it is another one. */
export function moment(iso: string, now: number): string {
  const at = new Date(iso);
  if (Number.isNaN(at.getTime())) return "an unknown time";
  const today = new Date(now);
  const clock = at.toLocaleTimeString("en-GB", CLOCK);
  if (at.toDateString() === today.toDateString()) return clock;
  const year = at.getFullYear() === today.getFullYear() ? {} : { year: "numeric" as const };
  return `${at.toLocaleDateString("en-GB", { ...DATE, ...year }).replace(",", "")}, ${clock}`;
}

/** A span of time: `10:00 – 12:30`, or `since 10:00` while it lasts. */
export function span(start: string, end: string | null, now: number): string {
  return end === null ? `since ${moment(start, now)}` : `${moment(start, now)} – ${moment(end, now)}`;
}

/** Milliseconds of an answer: `840 ms`, `2.4 s`. */
export const answerTime = (ms: number): string => (ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`);
