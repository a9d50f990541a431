import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { whyFailed } from "../../src/health/failed_step.ts";
import { failedInARow, newsOfFailure } from "../../src/health/watch_failed.ts";
import type { PastRun } from "../../src/windmill/jobs.ts";
import { DAY, HOUR, iso, MINUTE, START } from "./health_fixture.ts";

/** Telling people that the watch itself fails, by nothing but Windmill's list of runs. */

const RULES = { failures_before_alert: 2, remind_every: 24 };

/** What is told at each run of a row that fails each 5 minutes, of which Windmill shows the last hundred. */
function told(count: number, rules = RULES): string[] {
  const runs: PastRun[] = [];
  return Array.from({ length: count }, (_, index) => {
    runs.unshift({ id: String(index), at: iso(START + index * 5 * MINUTE), succeeded: false });
    const news = newsOfFailure(failedInARow(runs.slice(0, 100)), rules);
    return news ? `${news.kind} ${index}` : "";
  }).filter(Boolean);
}

describe("a watch that fails", () => {
  it("is told after as many runs as a bad status, once more, and then once a day", () => {
    const day = DAY / (5 * MINUTE);
    assert.deepEqual(told(4 * day), [
      "opening 1",
      "reminder 4",
      `reminder ${day}`,
      `reminder ${2 * day}`,
      `reminder ${3 * day}`,
    ]);
    assert.deepEqual(told(10, { ...RULES, failures_before_alert: 4 }), ["opening 3", "reminder 6"]);
    assert.deepEqual(told(day, { ...RULES, remind_every: 0 }), ["opening 1", "reminder 4"]);
  });

  it("is not told of a single failure, nor of what failed before it worked again", () => {
    const at = (index: number, succeeded: boolean): PastRun => ({ id: "", at: iso(START + index * HOUR), succeeded });
    assert.equal(newsOfFailure(failedInARow([at(3, false), at(2, true), at(1, false), at(0, false)]), RULES), null);
    assert.equal(newsOfFailure(failedInARow([at(1, true), at(0, false)]), RULES), null);
    assert.equal(newsOfFailure(failedInARow([]), RULES), null);
  });
});

describe("the error of a step", () => {
  it("is told from a result, and read without what it may hold beside its words", () => {
    assert.equal(whyFailed({ status: "down" }), null);
    assert.equal(whyFailed(null), null);
    const error = { name: "WindmillError", message: "Bearer abcdefgh12345678 was refused", extra: { request: "x" } };
    assert.equal(whyFailed({ error }), "WindmillError: Bearer … was refused");
    assert.equal(whyFailed({ error: {} }), "no reason was given");
  });
});
