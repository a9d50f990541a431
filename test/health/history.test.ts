import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { nextCheck } from "../../src/core/next_check.ts";
import type { Status } from "../../src/core/shapes.ts";
import { BOUNDS, decodeMs, emptyHistory, encodeMs, type History } from "../../src/health/history.ts";
import { keepTick, type Measured, readHistory } from "../../src/health/history_keep.ts";
import {
  latencies,
  latencyTimeline,
  percentiles,
  timeline,
  tokensPerDay,
  uptime,
} from "../../src/health/history_view.ts";
import { secondsIn, spansOf } from "../../src/health/spans.ts";
import { DAY, HOUR, iso, MINUTE, START } from "./health_fixture.ts";

/** What is kept of ticks, and what can be read from it. */

const measured = (at: number, status: Status = "healthy", more: Partial<Measured> = {}): Measured => ({
  at: iso(at),
  status,
  depth: "chat",
  ms: 40,
  tokens: 10,
  answers: [],
  ...more,
});
const kept = (ticks: readonly Measured[]): History => ticks.reduce(keepTick, emptyHistory());
/** Ticks each 5 minutes from START on, one sign each. */
const signs = (text: string): Measured[] => {
  const statuses: Record<string, Status> = { h: "healthy", g: "degraded", d: "down", u: "unknown" };
  return [...text].flatMap((sign, index) => {
    const status = statuses[sign];
    return status ? [measured(START + index * 5 * MINUTE, status)] : [];
  });
};

describe("a time as one sign", () => {
  it("is exact to 6 % between 10 ms and 100 s, and is no sign that JSON escapes", () => {
    fc.assert(
      fc.property(fc.integer({ min: 10, max: 100_000 }), (ms) => {
        const sign = encodeMs(ms);
        assert.equal(JSON.stringify(sign).length, 3);
        assert.ok(Math.abs((decodeMs(sign) ?? 0) - ms) <= 0.06 * ms + 1, `${ms} became ${decodeMs(sign)}`);
      }),
    );
  });

  it("is the nearest one that there is outside of them", () => {
    assert.deepEqual(
      [0, 3, -5].map((ms) => decodeMs(encodeMs(ms))),
      [10, 10, 10],
    );
    assert.ok((decodeMs(encodeMs(1e9)) ?? 0) > 100_000);
    assert.equal(decodeMs('"'), null);
  });
});

describe("ticks", () => {
  it("give the same history in whatever order they come, and however often", () => {
    const ticks = fc.uniqueArray(fc.integer({ min: 0, max: 400 }), { minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(ticks, fc.infiniteStream(fc.nat()), (minutes, random) => {
        const one = (minute: number) =>
          measured(START + minute * MINUTE, minute % 3 === 0 ? "down" : "healthy", { tokens: minute });
        const shuffled = [...minutes, ...minutes].sort(() => ((random.next().value ?? 0) % 3) - 1);
        assert.deepEqual(kept(shuffled.map(one)), kept([...minutes].sort((a, b) => a - b).map(one)));
      }),
    );
  });

  it("stay within their bounds, the latest are kept", () => {
    const many = Array.from({ length: 900 }, (_, index) => measured(START + index * HOUR));
    const history = kept(many);
    assert.deepEqual([history.ticks.length, history.hours.length], [BOUNDS.ticks, BOUNDS.hours]);
    assert.equal(history.ticks.at(-1)?.[0], START + 899 * HOUR);
    assert.equal(history.hours[0]?.h, START / HOUR + 900 - BOUNDS.hours);
  });

  it("keep the answers of 20 models, and give the place of one that is gone to another", () => {
    const asked = (at: number, from: number) =>
      measured(at, "healthy", {
        answers: Array.from({ length: 20 }, (_, index) => ({ model: `m${from + index}`, ms: 500 })),
      });
    const crowded = kept([asked(START, 0), asked(START + HOUR, 5)]);
    assert.deepEqual(crowded.models.slice(0, 3), ["m0", "m1", "m2"]);
    assert.equal(crowded.models.length, BOUNDS.models);
    const later = Array.from({ length: BOUNDS.hours }, (_, index) => measured(START + (index + 2) * HOUR));
    const replaced = keepTick(later.reduce(keepTick, crowded), asked(START + 1000 * HOUR, 5));
    assert.ok(replaced.models.includes("m24") && !replaced.models.includes("m0"));
  });
});

describe("uptime", () => {
  const day = 12 * 24;
  const cases: [string, string, number | null][] = [
    ["all well", "h".repeat(day), 100],
    ["degraded is served", "g".repeat(day), 100],
    // The first tick has no time before it: 2.5 minutes less are healthy than down.
    ["half down", "hd".repeat(day / 2), 49.82],
    ["an hour of 24 down", `${"h".repeat(day - 13)}${"d".repeat(12)}h`, 95.83],
    ["unknown does not count", `${"u".repeat(12)}${"h".repeat(day - 12)}`, 100],
    ["nothing but unknown", "u".repeat(day), null],
    ["time without a tick does not count", `${" ".repeat(day - 12)}${"hd".repeat(6)}`, 45.83],
    ["nothing at all", "", null],
  ];
  for (const [title, text, percent] of cases) {
    it(`${title}: ${percent}`, () => assert.equal(uptime(kept(signs(text)), START + DAY - 1, "h24").percent, percent));
  }

  it("says what it could not count", () => {
    const { measured_hours, unknown_hours, silent_hours } = uptime(
      kept(signs(`${"u".repeat(24)}${"h".repeat(36)}`)),
      START + DAY - 1,
      "h24",
    );
    // Until 45 minutes after the last tick it speaks for what is.
    assert.deepEqual([measured_hours, unknown_hours, silent_hours], [4, 2, 18]);
  });

  it("is not moved by many checks by hand within an hour", () => {
    const byHand = Array.from({ length: 60 }, (_, index) => measured(START + index * 60_000 + 1, "down"));
    const { percent } = uptime(kept([...signs("h".repeat(12 * 24)), ...byHand]), START + DAY - 1, "h24");
    assert.ok((percent ?? 0) >= 95.8, String(percent));
  });
});

describe("time, not ticks, is what counts", () => {
  const MID = START + 12 * HOUR + 7 * MINUTE;
  const around = signs("h".repeat(12 * 24));
  /** Three ticks within seven seconds find an outage that is over when the schedule looks again. */
  const burst = [0, 3_000, 7_000].map((ms) => measured(MID + ms, "down"));

  it("an outage of seconds is no outage of a day, however many ticks fall into it", () => {
    const { percent } = uptime(kept([...around, ...burst]), START + DAY - 1, "h24");
    // From half-way to the tick before (2 min) until half-way to the next (3 min): 2.5 minutes of a day.
    assert.ok((percent ?? 0) > 99.8 && (percent ?? 100) < 99.9, String(percent));
    const alone = uptime(kept([measured(START, "healthy"), ...burst]), MID + 10_000, "h24");
    assert.ok((alone.percent ?? 0) < 50, String(alone.percent));
  });

  it("a cell that was partly down is shown as partly down", () => {
    const { cells, parts } = timeline(kept([...around, ...burst]), START + DAY - 1, "h24");
    const place = cells.indexOf("d");
    assert.equal(cells.split("d").length, 2);
    const [healthy = 0, degraded, down = 0, unknown] = parts[place] ?? [];
    assert.ok(down >= 7 && down <= 10 && healthy >= 90, String(parts[place]));
    assert.deepEqual([degraded, unknown], [0, 0]);
    for (const part of parts) assert.ok(part.reduce((sum, one) => sum + one, 0) <= 101);
  });

  it("what shares, hours and cells say is one and the same", () => {
    const minutes = fc.uniqueArray(fc.integer({ min: 0, max: 2_880 }), { minLength: 2, maxLength: 120 });
    fc.assert(
      fc.property(minutes, (all) => {
        const ticks = all.map((minute) => measured(START + minute * MINUTE, minute % 4 === 0 ? "down" : "healthy"));
        const history = kept(ticks);
        const now = START + 2 * DAY + 50 * MINUTE;
        const spans = spansOf(history.ticks, now);
        const [healthy, , down] = secondsIn(spans, now - 2 * DAY - HOUR, now);
        const { percent } = uptime(history, now, "d7");
        const exact = (healthy / (healthy + down)) * 100;
        assert.ok(Math.abs((percent ?? -1) - exact) < 0.1 + 6_000 / (healthy + down), `${percent} ${exact}`);
        const { from, cell_s, parts } = timeline(history, now, "d7");
        const lengthOf = (index: number): number => Math.min(cell_s, (now - Date.parse(from)) / 1000 - index * cell_s);
        const shown = parts.reduce((sum, [, , part], index) => sum + (part * lengthOf(index)) / 100, 0);
        assert.ok(Math.abs(shown - down) <= cell_s * parts.length * 0.006, `${shown} ${down}`);
      }),
    );
  });

  it("a tick speaks for no more than 45 minutes on either side, and for nothing before the first one", () => {
    const [first, second] = spansOf(
      [
        [START, 0, 0, 0, 0],
        [START + 6 * HOUR, 2, 0, 0, 0],
      ],
      START + 12 * HOUR,
    );
    assert.deepEqual(first, [START, START + 45 * MINUTE, 0]);
    assert.deepEqual(second, [START + 6 * HOUR - 45 * MINUTE, START + 6 * HOUR + 45 * MINUTE, 2]);
  });

  it("the history of 0.1.0, which counted ticks, is reckoned anew as far as its ticks are known", () => {
    const { value } = readHistory({
      version: 1,
      models: [],
      ticks: [0, 5, 10].map((minute) => [START + 48 * HOUR + minute * MINUTE, minute === 5 ? 2 : 0, 0, 40, 0]),
      hours: [
        { h: START / HOUR, n: [6, 0, 6, 0], t: 0 },
        { h: START / HOUR + 48, n: [2, 0, 1, 0], t: 0 },
      ],
    });
    assert.equal(value.hours[0]?.s, undefined);
    assert.deepEqual(value.hours[1]?.s, [300, 0, 300, 0]);
    assert.equal(uptime(value, START + 3 * HOUR, "h24").percent, 50);
  });
});

describe("answer times", () => {
  it("have percentiles by nearest rank", () => {
    assert.equal(percentiles([]), null);
    assert.deepEqual(percentiles([5]), { p50: 5, p95: 5, count: 1 });
    assert.deepEqual(percentiles(Array.from({ length: 100 }, (_, index) => index + 1)), {
      p50: 50,
      p95: 95,
      count: 100,
    });
  });

  it("are told per model and range", () => {
    const answers = (ms: number) => ({
      answers: [
        { model: "a", ms },
        { model: "b", ms: 2 * ms },
      ],
    });
    const history = kept([
      measured(START, "healthy", answers(100)),
      measured(START + 2 * DAY, "healthy", answers(1000)),
    ]);
    const near = (value: number | undefined, wanted: number) =>
      assert.ok(Math.abs((value ?? 0) - wanted) < 0.06 * wanted, `${value}`);
    const [a, b] = latencies(history, START + 2 * DAY, "h24");
    assert.deepEqual([a?.model, b?.model, a?.count], ["a", "b", 1]);
    near(a?.p50, 1000);
    near(b?.p95, 2000);
    assert.equal(latencies(history, START + 2 * DAY, "d7")[0]?.count, 2);
    const cells = latencyTimeline(history, "a", START + 2 * DAY, "d7").cells;
    assert.equal(cells.length, 56);
    assert.deepEqual(
      cells.filter((cell) => cell !== null).map((cell) => cell.count),
      [1, 1],
    );
  });
});

describe("a timeline", () => {
  it("has the worst status of each half hour of a day, and says where no tick was", () => {
    const text = `${"h".repeat(6)}${"hhdhhh"}${"g".repeat(6)}${"u".repeat(6)}${"h".repeat(6)}`;
    const { cells, from, cell_s } = timeline(kept(signs(text)), START + 150 * MINUTE - 1, "h24");
    assert.deepEqual([cells.length, cell_s, from], [48, 1800, iso(START - DAY + 150 * MINUTE)]);
    assert.equal(cells, `${".".repeat(43)}hdguh`);
  });

  it("lets an hourly check speak for its hour", () => {
    const hourly = [0, 1, 2].map((hour) => measured(START + hour * HOUR));
    assert.match(timeline(kept(hourly), START + 3 * HOUR - 1, "h24").cells, /\.hhhhhh$/);
  });

  it("of a month shows an outage of an hour", () => {
    const history = kept([...signs("h".repeat(12)), measured(START + 3 * DAY, "down")]);
    assert.match(timeline(history, START + 4 * DAY, "d30").cells, /^\.+h\.*d+\.*$/);
  });
});

it("tokens are counted per day of UTC", () => {
  const history = kept([measured(START), measured(START + HOUR), measured(START + DAY)]);
  assert.deepEqual(tokensPerDay(history, START + DAY), [
    { day: "2026-03-01", tokens: 20 },
    { day: "2026-03-02", tokens: 10 },
  ]);
});

describe("the next check", () => {
  const at = (cron: string, now: string, timezone = "Etc/UTC", enabled = true) =>
    nextCheck({ cron, timezone, enabled }, Date.parse(now));
  const cases: [title: string, next: string | null, wanted: string | null][] = [
    ["every 5 minutes", at("0 */5 * * * *", "2026-03-01T10:01:00Z"), "2026-03-01T10:05:00.000Z"],
    [
      "every 15 minutes, at the very minute",
      at("0 */15 * * * *", "2026-03-01T10:15:00.100Z"),
      "2026-03-01T10:30:00.000Z",
    ],
    ["hourly", at("0 0 * * * *", "2026-03-01T23:59:59Z"), "2026-03-02T00:00:00.000Z"],
    [
      "hourly in India, which is half an hour off",
      at("0 0 * * * *", "2026-03-01T10:01:00Z", "Asia/Kolkata"),
      "2026-03-01T10:30:00.000Z",
    ],
    [
      "hourly over the end of daylight saving",
      at("0 0 * * * *", "2026-10-25T00:30:00Z", "Europe/Berlin"),
      "2026-10-25T01:00:00.000Z",
    ],
    ["at a time of day: only Windmill knows", at("0 0 6 * * *", "2026-03-01T10:01:00Z"), null],
    ["switched off", at("0 0 * * * *", "2026-03-01T10:01:00Z", "Etc/UTC", false), null],
    [
      "in a zone that does not exist",
      at("0 0 * * * *", "2026-03-01T10:01:00Z", "Mars/Base"),
      "2026-03-01T11:00:00.000Z",
    ],
  ];
  for (const [title, next, wanted] of cases) it(`${title}: ${wanted}`, () => assert.equal(next, wanted));
});
