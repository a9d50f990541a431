import assert from "node:assert/strict";
import { it } from "node:test";
import { readTestCounts } from "../../tools/test_counts.ts";

/** The closing lines of node's spec reporter. */
const closing = (counts: Readonly<Record<string, number>>): string =>
  `✔ a test (1ms)\n${Object.entries(counts)
    .map(([name, count]) => `ℹ ${name} ${count}\n`)
    .join("")}`;
const NONE = { tests: 0, suites: 0, pass: 0, fail: 0, cancelled: 0, skipped: 0, todo: 0 };

it("cancelled tests count as failed, skipped ones as neither", () => {
  const output = closing({ ...NONE, tests: 9, pass: 4, fail: 1, cancelled: 2, skipped: 1, todo: 1 });
  assert.deepEqual(readTestCounts(output), { passed: 4, failed: 3, skipped: 2 });
});

it("a run that broke down before it counted has no counts", () => {
  assert.equal(readTestCounts("node:internal/modules/run_main:123\nError: broken\n"), null);
});

it("what a test itself printed is not taken for the count", () => {
  assert.deepEqual(readTestCounts(`ℹ pass 99\nℹ fail 0\n${closing({ ...NONE, pass: 1, fail: 1 })}`), {
    passed: 1,
    failed: 1,
    skipped: 0,
  });
});
