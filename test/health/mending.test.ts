import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { ATTEMPTS_A_DAY, coveredBy, SELF_REPAIR } from "../../src/core/self_repair.ts";
import { causeOf, dueMending, type MendRules, withMended } from "../../src/health/mending.ts";
import type { HealthState, Mended } from "../../src/health/state.ts";
import { takeTick } from "../../src/health/tick.ts";
import { REPAIRS } from "../../src/repair/repairs.ts";
import { finding } from "../tell/alert_fixture.ts";
import { DAY, DEFAULTS, HOUR, iso, MINUTE, START, tick } from "./health_fixture.ts";

/** Whether something is mended by itself. */

const RULES: MendRules = { choice: "models", failures_before_alert: 2, asked_at: iso(START - DAY) };
const gone = finding({
  ...{ code: "model-not-served", severity: "critical", probes: [] },
  evidence: [{ route: null, model: "gpt-6-luna", status: null, excerpt: "served: a" }],
});
const bad = (state: HealthState | null, at: number, found = [gone], fingerprint = "settings"): HealthState =>
  takeTick(state, tick(at, [], { findings: found, status: "down", fingerprint }), DEFAULTS);
const well = (state: HealthState | null, at: number, fingerprint = "settings"): HealthState =>
  takeTick(state, tick(at, [], { fingerprint }), DEFAULTS);
/** Two bad ticks after a good one. */
const found = (): HealthState => bad(bad(well(null, START), START + 5 * MINUTE), START + 10 * MINUTE);
const NOW = START + 10 * MINUTE;
const attempt = (at: number, change: Partial<Mended> = {}): Mended => ({
  ...{ at: iso(at), causes: [causeOf(gone)], done: true, asked_at: iso(START - DAY), fingerprint: "settings" },
  ...change,
});
const due = (state: HealthState, change: Partial<MendRules> = {}, at = NOW) =>
  dueMending(state, { ...RULES, ...change }, iso(at));

describe("mending by itself", () => {
  it("is due after the usual number of bad ticks, where somebody has chosen it and asked for the connection", () => {
    assert.equal(due(bad(well(null, START), START + 5 * MINUTE)), null);
    assert.deepEqual(due(found())?.codes, ["model-not-served"]);
    assert.equal(due(found(), { failures_before_alert: 3 }), null);
    assert.equal(due(found(), { choice: "settings" }), null);
    assert.equal(due(found(), { choice: "off" }), null);
    assert.equal(due(found(), { asked_at: null }), null);
  });

  it("waits for an hour after any change", () => {
    assert.equal(due(found(), { asked_at: iso(NOW - 59 * MINUTE) }), null);
    assert.notEqual(due(found(), { asked_at: iso(NOW - HOUR) }), null);
    const other = [5, 10, 65].reduce(
      (state, minutes) => bad(state, START + minutes * MINUTE, [gone], "others"),
      well(null, START),
    );
    assert.equal(due(other, {}, START + 64 * MINUTE), null);
    assert.notEqual(due(other, {}, START + 65 * MINUTE), null);
  });

  it("is due once per cause: what is there again, somebody wanted so, until the connection is asked for anew", () => {
    const mended = withMended(found(), attempt(NOW));
    assert.equal(due(mended, {}, NOW + 20 * DAY), null);
    assert.notEqual(due(mended, { asked_at: iso(NOW + HOUR) }, NOW + DAY), null);
    const other = finding({ ...gone, evidence: gone.evidence.map((one) => ({ ...one, model: "gpt-6-sol" })) });
    const now = bad(bad(mended, NOW + HOUR, [other]), NOW + 2 * HOUR, [other]);
    assert.notEqual(due(now, {}, NOW + 2 * HOUR), null);
  });

  it("is not tried again where it came to nothing, until something has changed", () => {
    const failed = withMended(found(), attempt(NOW, { done: false }));
    assert.equal(due(failed, {}, NOW + 2 * DAY), null);
    const later = bad(failed, NOW + HOUR, [gone], "others");
    assert.equal(due(later, {}, NOW + HOUR + 59 * MINUTE), null);
    assert.notEqual(due(later, {}, NOW + 2 * HOUR), null);
  });

  it("is tried at most three times a day, whatever comes", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 5, maxLength: 60 }), (gaps) => {
        let at = NOW;
        let state = found();
        const made: number[] = [];
        for (const [index, gap] of gaps.entries()) {
          at += gap * MINUTE;
          const evidence = gone.evidence.map((one) => ({ ...one, model: `m${index}` }));
          state = bad(bad(state, at, [finding({ ...gone, evidence })]), at + 1_000, [finding({ ...gone, evidence })]);
          const mending = dueMending(state, RULES, iso(at + 1_000));
          if (mending === null) continue;
          made.push(at);
          state = withMended(state, attempt(at + 1_000, { causes: mending.causes }));
          const day = made.filter((one) => at - one < DAY);
          assert.ok(day.length <= ATTEMPTS_A_DAY);
        }
        assert.ok(state.mended.length <= 20);
      }),
      { numRuns: 50 },
    );
  });

  it("covers only what a repair mends, and nothing about a key", () => {
    const mended = new Set(REPAIRS.flatMap(({ codes }) => codes));
    for (const choice of SELF_REPAIR) for (const code of coveredBy(choice)) assert.ok(mended.has(code), code);
    for (const code of coveredBy("models")) assert.doesNotMatch(code, /key|secret|header|credential/);
    assert.equal(coveredBy("off").size, 0);
  });
});
