import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import type { LimitUse } from "../../src/core/limit_use.ts";
import { type Forecast, forecastOf } from "../../src/health/forecast.ts";
import { keepLimits, LIMIT_BOUNDS, type LimitSeries } from "../../src/health/limit_history.ts";

/** Months in the life of a limit, on a clock that is moved: what is used is known, and so is when the limit is reached. */

const START = Date.parse("2026-09-07T00:00:00Z");
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const MAX = 1_000_000;

interface Life {
  window: "daily" | "weekly";
  /** `anew`: counting begins anew at fixed times; `moving`: what was used in the last days counts. */
  counts: "anew" | "moving";
  days: number;
  /** What is used per hour, from the `hour`th hour on. */
  use: (hour: number) => number;
  /** Whether the health flow is away at this time; never when absent. */
  away?: (at: number) => boolean;
  /** Minutes between checks. */
  every?: number;
}

interface Lived {
  /** Forecasts with the time at which each was made. */
  said: { at: number; forecast: Forecast }[];
  /** When the limit was reached, each time from below. */
  reached: number[];
  series: LimitSeries[];
}

const LENGTH = { daily: DAY, weekly: 7 * DAY } as const;

/** Lives it: what is used beyond the limit is refused, as gateways do. */
function live({ window, counts, days, use, away = () => false, every = 15 }: Life): Lived {
  const lived: Lived = { said: [], reached: [], series: [] };
  const length = LENGTH[window];
  const taken: { at: number; amount: number }[] = [];
  let first = 0;
  let used = 0;
  let full = false;
  let standing = false;
  for (let at = START; at < START + days * DAY; at += every * 60_000) {
    if (counts === "anew" && (at - START) % length === 0) used = 0;
    while (counts === "moving" && (taken[first]?.at ?? at) <= at - length) used -= taken[first++]?.amount ?? 0;
    const amount = Math.min(MAX - used, (use((at - START) / HOUR) * every) / 60);
    used += amount;
    taken.push({ at, amount });
    const isFull = used > MAX - 1;
    if (isFull && !full) lived.reached.push(at);
    full = isFull;
    if (away(at)) continue;
    const end = counts === "anew" ? at - ((at - START) % length) + length : at + length;
    const seen: LimitUse = {
      ...{ whose: "key", type: "total_tokens", window, max: MAX, used: Math.min(MAX, Math.round(used)) },
      reset_at: new Date(end).toISOString(),
    };
    lived.series = keepLimits(lived.series, [seen], new Date(at).toISOString());
    const forecast = forecastOf(lived.series[0] as LimitSeries, at, standing);
    standing = forecast !== null;
    if (forecast) lived.said.push({ at, forecast });
  }
  return lived;
}

/** Numbers from a seed, so that a life that fails can be lived again. */
function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9) >>> 0;
    return ((state ^ (state >>> 13)) >>> 0) / 2 ** 32;
  };
}

/** The first forecast that was made in the 7 days before the limit was reached, in hours before it. */
function hoursAhead({ said, reached }: Lived, of = 0): number {
  const end = reached[of] ?? assert.fail("the limit was not reached");
  const first = said.find(({ at }) => at > end - 7 * DAY);
  return first ? (end - first.at) / HOUR : 0;
}

const show = ({ said }: Lived): string =>
  said
    .slice(0, 3)
    .map(({ at, forecast }) => `${new Date(at).toISOString()} ${JSON.stringify(forecast)}`)
    .join("\n");

const kinds = fc.constantFrom("anew" as const, "moving" as const);

describe("a forecast of a limit", () => {
  it("is not made of bursts on quiet days, however high", () => {
    fc.assert(
      fc.property(
        fc.record({ seed: fc.nat(), counts: kinds, height: fc.double({ min: 0.05, max: 0.28, noNaN: true }) }),
        ({ seed, counts, height }) => {
          const next = random(seed);
          // Up to three in seven days, of one to three hours: with the quiet use they stay below the limit.
          const bursts = Array.from({ length: 8 }, (_, index) => {
            const begin = index * 84 + Math.floor(next() * 80);
            return { begin, end: begin + 1 + Math.floor(next() * 3) };
          });
          const use = (hour: number): number => {
            const burst = bursts.find(({ begin, end }) => hour >= begin && hour < end);
            return (MAX * 0.08) / 168 + (burst ? (MAX * height) / (burst.end - burst.begin) : 0);
          };
          const lived = live({ window: "weekly", counts, days: 28, use, every: 30 });
          assert.deepEqual(lived.reached, []);
          assert.deepEqual(lived.said, [], show(lived));
        },
      ),
      { numRuns: 30 },
    );
  });

  it("is not made of weeks that end below the limit: nights, weekends, the first week", () => {
    fc.assert(
      fc.property(
        fc.record({
          counts: kinds,
          share: fc.double({ min: 0.1, max: 0.85, noNaN: true }),
          from: fc.integer({ min: 6, max: 10 }),
          hours: fc.integer({ min: 6, max: 12 }),
          shift: fc.integer({ min: 0, max: 6 }),
        }),
        ({ counts, share, from, hours, shift }) => {
          const works = (hour: number): boolean => {
            const day = (Math.floor(hour / 24) + shift) % 7;
            return day < 5 && hour % 24 >= from && hour % 24 < from + hours;
          };
          const use = (hour: number): number => (works(hour) ? (MAX * share) / (5 * hours) : 0);
          const lived = live({ window: "weekly", counts, days: 35, use, every: 30 });
          assert.deepEqual(lived.reached, []);
          // In the first week nobody can know that there are weekends; after it, it is known.
          const later = lived.said.filter(({ at }) => at > START + 8 * DAY);
          assert.deepEqual(later, [], show({ ...lived, said: later }));
        },
      ),
      { numRuns: 30 },
    );
  });

  it("is not made of days that end below a daily limit", () => {
    fc.assert(
      fc.property(
        fc.record({
          counts: kinds,
          share: fc.double({ min: 0.1, max: 0.8, noNaN: true }),
          from: fc.integer({ min: 5, max: 11 }),
          hours: fc.integer({ min: 5, max: 12 }),
        }),
        ({ counts, share, from, hours }) => {
          const use = (hour: number): number =>
            hour % 24 >= from && hour % 24 < from + hours ? (MAX * share) / hours : 0;
          const lived = live({ window: "daily", counts, days: 30, use, every: 30 });
          assert.deepEqual(lived.reached, []);
          assert.deepEqual(lived.said, [], show(lived));
        },
      ),
      { numRuns: 30 },
    );
  });

  it("comes at least six hours ahead of a steady climb that lasts for a day or longer, and says when", () => {
    fc.assert(
      fc.property(
        fc.record({
          seed: fc.nat(),
          counts: kinds,
          quiet: fc.double({ min: 0, max: 0.1, noNaN: true }),
          lasts: fc.integer({ min: 24, max: 130 }),
          begins: fc.integer({ min: 0, max: 30 }),
          noise: fc.double({ min: 0, max: 0.4, noNaN: true }),
        }),
        ({ seed, counts, quiet, lasts, begins, noise }) => {
          const next = random(seed);
          const climb = 14 * 24 + begins;
          const levels = new Map<number, number>();
          const level = (hour: number): number => {
            const place = Math.floor(hour);
            const one = levels.get(place) ?? 1 + (next() - 0.5) * 2 * noise;
            levels.set(place, one);
            return one;
          };
          const use = (hour: number): number =>
            hour < climb ? (MAX * quiet) / 168 : ((MAX * (1 - quiet)) / lasts) * level(hour);
          const lived = live({ window: "weekly", counts, days: 22, use });
          // One that the window's end comes into is not reached in this climb.
          fc.pre(lived.reached.length > 0);
          const ahead = hoursAhead(lived);
          assert.ok(ahead >= 6, `${ahead} h ahead`);
          const [end = 0] = lived.reached;
          const before = lived.said.filter(({ at }) => at <= end - 6 * HOUR && at > end - 12 * HOUR);
          assert.ok(before.length > 0);
          for (const { forecast } of before) {
            const times = [forecast.at_pace_of.h24, forecast.at_pace_of.d7].filter((one) => one !== null);
            assert.ok(times.includes(forecast.reached_at));
            assert.ok(Math.abs(Date.parse(forecast.reached_at) - end) < 10 * HOUR, show(lived));
          }
        },
      ),
      { numRuns: 30 },
    );
  });

  it("comes ahead of use that is the same each week and too much", () => {
    const use = (hour: number): number => {
      const works = Math.floor(hour / 24) % 7 < 5 && hour % 24 >= 8 && hour % 24 < 18;
      return works ? (MAX * 1.2) / 50 : 0;
    };
    const lived = live({ window: "weekly", counts: "anew", days: 28, use });
    assert.equal(lived.reached.length, 4);
    for (const end of lived.reached.slice(1)) {
      const ahead = lived.said.filter(({ at }) => at < end - 6 * HOUR && at > end - 4 * DAY);
      assert.ok(ahead.length > 0, new Date(end).toISOString());
      assert.ok(ahead.every(({ forecast }) => forecast.sure === "likely"));
    }
  });

  it("does not come and go while the climb goes on", () => {
    const use = (hour: number): number => (hour < 14 * 24 ? MAX / 2000 : (MAX / 90) * (0.8 + 0.4 * ((hour * 7) % 1)));
    const { said, reached } = live({ window: "weekly", counts: "moving", days: 20, use });
    const [end = 0] = reached;
    const before = said.filter(({ at }) => at < end);
    const gaps = before.filter(({ at }, index) => index > 0 && at - (before[index - 1]?.at ?? at) > 15 * 60_000);
    assert.deepEqual(gaps, []);
  });

  it("is silent where it does not know", () => {
    const series = (points: LimitSeries["points"]): LimitSeries => ({
      ...{ whose: "key", type: "total_tokens", window: "weekly", max: MAX },
      points,
    });
    const now = START + 30 * DAY;
    const minute = now / 60_000;
    const reset = minute + 3 * 24 * 60;
    const climbing = (hours: number, step = 60): LimitSeries["points"] =>
      Array.from({ length: hours }, (_, index) => [minute - (hours - 1 - index) * step, index * 9_000, reset]);
    assert.notEqual(forecastOf(series(climbing(60)), now), null);
    // Too little, too long ago, with holes, without an end, of a window that nobody knows, or over within hours.
    assert.equal(forecastOf(series([]), now), null);
    assert.equal(forecastOf(series(climbing(12)), now), null);
    assert.equal(forecastOf(series(climbing(60)), now + 5 * HOUR), null);
    assert.equal(forecastOf(series(climbing(20, 8 * 60)), now), null);
    assert.equal(forecastOf(series(climbing(60).map(([at, used]) => [at, used, -1])), now), null);
    assert.equal(forecastOf({ ...series(climbing(60)), window: "fortnight" }, now), null);
    assert.equal(forecastOf({ ...series(climbing(60)), window: "5h" }, now), null);
    // What is reached already is somebody else's to say.
    assert.equal(forecastOf({ ...series(climbing(60)), max: 9_000 * 59 }, now), null);
  });

  it("survives hours in which nobody looked", () => {
    const use = (hour: number): number => (hour < 10 * 24 ? 0 : MAX / 100);
    const away = (at: number): boolean => {
      const hour = (at - START) / HOUR;
      return hour % 24 >= 20 && hour % 24 < 23;
    };
    const lived = live({ window: "weekly", counts: "moving", days: 16, use, away });
    assert.ok(hoursAhead(lived) >= 6);
  });
});

describe("the figures of limits", () => {
  it("stay in bounds whatever comes", () => {
    const use = fc.record({
      whose: fc.constantFrom("key" as const, "pool" as const),
      type: fc.constantFrom("total_tokens", "credits", "request_count", "x".repeat(40)),
      window: fc.constantFrom("daily", "weekly", "5h", "minute", "30d"),
      max: fc.nat(1_000_000).map((max) => max + 1),
      used: fc.nat(2_000_000),
      reset_at: fc.constantFrom(null, "2026-10-01T00:00:00.000Z"),
    });
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.array(use, { maxLength: 12 }), fc.nat(40 * 24 * 60)), { maxLength: 60 }),
        (ticks) => {
          let series: LimitSeries[] = [];
          for (const [seen, minutes] of ticks) {
            series = keepLimits(series, seen, new Date(START + minutes * 60_000).toISOString());
            assert.ok(series.length <= LIMIT_BOUNDS.series);
            for (const { points, window } of series) {
              assert.ok(points.length <= LIMIT_BOUNDS.hours);
              assert.notEqual(window, "minute");
              const times = points.map(([time]) => time);
              assert.deepEqual(
                times,
                [...times].sort((a, b) => a - b),
              );
            }
            for (const one of series) forecastOf(one, START + minutes * 60_000);
          }
        },
      ),
      { numRuns: 100 },
    );
  });
});
