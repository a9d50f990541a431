import { decodeMs, type History } from "./history.ts";
import { percentiles } from "./history_view.ts";

/** Models that answer slower than they did: each against its own last seven days. Pure. */

export interface Slower {
  model: string;
  /** Medians over the server route in ms: of the last hours, and of the seven days before. */
  lately: number;
  before: number;
}

const HOUR_MS = 3_600_000;
/** Hours that count as lately, and how many answers in how many of them are enough to say so. */
const LATELY = { hours: 6, answers: 5, of_hours: 4 } as const;
/** Hours of the past, which end a day ago, so that what has just become slow is not held against itself; answers that are enough. */
const PAST = { hours: 168, until: 24, answers: 48 } as const;
/** How many times as long, and how many ms longer, is worth a word; times are exact to 6 %. */
const WORTH = { times: 1.5, ms: 500 } as const;

/** @param now milliseconds since 1970. */
export function slowerModels(history: History, now: number): Slower[] {
  const hour = Math.floor(now / HOUR_MS);
  const within = (from: number, to: number) => history.hours.filter(({ h }) => h > hour - from && h <= hour - to);
  const recent = within(LATELY.hours, 0);
  const past = within(PAST.until + PAST.hours, PAST.until);
  return history.models.flatMap((model, place) => {
    const times = (hours: History["hours"]): number[] =>
      hours.flatMap(({ l }) => [...(l?.[place] ?? "")].map(decodeMs)).filter((ms) => ms !== null);
    const answers = times(recent);
    const asked = recent.filter(({ l }) => l?.[place] !== undefined).length;
    if (answers.length < LATELY.answers || asked < LATELY.of_hours) return [];
    const [lately, before] = [percentiles(answers), percentiles(times(past))];
    if (!lately || !before || before.count < PAST.answers) return [];
    // What it took now and then before is nothing new.
    const slower = lately.p50 >= before.p95 && lately.p50 >= before.p50 * WORTH.times;
    return slower && lately.p50 - before.p50 >= WORTH.ms ? [{ model, lately: lately.p50, before: before.p50 }] : [];
  });
}
