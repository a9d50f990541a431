import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { isCron, isTimezone, readLength, readTime } from "../../src/inputs/when.ts";

describe("a length of time", () => {
  for (const [text, minutes] of [
    ["90 min", 90],
    ["2h", 120],
    ["1 h 30 min", 90],
    ["1.5 hours", 90],
    [" 1 d ", 1440],
    ["5 m", 5],
    ["0 min", null],
    ["2", null],
    ["2 weeks", null],
    ["2 h and a bit", null],
    ["", null],
    ["04:00", null],
  ] as const) {
    it(`"${text}" is ${minutes} min`, () => assert.equal(readLength(text), minutes === null ? null : minutes * 60_000));
  }
});

describe("a point of time", () => {
  const now = Date.parse("2026-11-28T22:00:00Z");
  for (const [text, time] of [
    ["2026-11-29 04:00", "2026-11-29T03:00:00.000Z"],
    ["2026-11-29T04:00:30", "2026-11-29T03:00:30.000Z"],
    ["2026-07-01", "2026-06-30T22:00:00.000Z"],
    ["2026-11-29T04:00Z", "2026-11-29T04:00:00.000Z"],
    ["2026-11-29 04:00+02:00", "2026-11-29T02:00:00.000Z"],
    ["04:00", "2026-11-29T03:00:00.000Z"],
    ["23:30", "2026-11-28T22:30:00.000Z"],
    ["25:00", null],
    ["2026-13-01 04:00", null],
    ["2026-02-31 04:00", null],
    ["tomorrow", null],
    ["29.11.2026 04:00", null],
    ["", null],
  ] as const) {
    it(`"${text}" in Berlin is ${time}`, () => assert.equal(readTime(text, "Europe/Berlin", now), time));
  }
});

it("a cron expression has five or six fields and comes some day", () => {
  for (const text of ["0 2 * * 0", "0 0 2 * * 0", "*/5 * * * *"]) assert.ok(isCron(text), text);
  for (const text of ["", "04:00", "2026-11-29 04:00", "61 * * * *", "@daily", "0 0 30 2 *", "* * *"])
    assert.ok(!isCron(text), text);
});

it("a time zone is one of IANA's", () => {
  for (const name of ["Europe/Berlin", "UTC", "America/New_York"]) assert.ok(isTimezone(name), name);
  for (const name of ["Mars/Olympus", "CEST", "\n"]) assert.ok(!isTimezone(name), name);
});
