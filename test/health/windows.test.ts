import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { occurrenceAt, shortestInterval } from "../../src/health/windows.ts";

const SUNDAYS = { cron: "0 2 * * 0", timezone: "Europe/Berlin", minutes: 120 };

describe("a window that comes again", () => {
  it("is the one that a time lies in, from its first second to its last, else the next", () => {
    const first = { from: "2026-11-29T01:00:00.000Z", until: "2026-11-29T03:00:00.000Z" };
    for (const at of ["2026-11-28T12:00:00.000Z", first.from, "2026-11-29T02:59:59.999Z"]) {
      assert.deepEqual(occurrenceAt(SUNDAYS, at), first, at);
    }
    assert.equal(occurrenceAt(SUNDAYS, first.until)?.from, "2026-12-06T01:00:00.000Z");
  });

  it("keeps its hour when the clocks are changed", () => {
    assert.equal(occurrenceAt(SUNDAYS, "2027-06-01T00:00:00.000Z")?.from, "2027-06-06T00:00:00.000Z");
    // In the night in which there is no 02:30 it begins when there would have been one.
    const night = { ...SUNDAYS, cron: "30 2 * * *" };
    assert.equal(occurrenceAt(night, "2027-03-27T12:00:00.000Z")?.from, "2027-03-28T01:00:00.000Z");
  });

  it("has a shortest interval, which an expression may hide", () => {
    assert.equal(shortestInterval("0 2,3 * * *", "UTC", "2026-11-29T00:00:00.000Z"), 60);
    assert.equal(shortestInterval("0 0 30 2 *", "UTC", "2026-11-29T00:00:00.000Z"), null);
  });
});
