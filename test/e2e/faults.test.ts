import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { planTrials, sampleOf, type TrialPlan } from "../faults/plan.ts";
import { type Result, runTrials } from "../faults/pool.ts";
import { runJob } from "../faults/run.ts";
import { SCENARIOS } from "../faults/scenarios.ts";
import { type Gateways, openScene, startGateways } from "../faults/scene.ts";
import { tellFailures } from "../faults/tell.ts";
import { settled } from "../faults/contents.ts";

/**
 * Commands that change something, with calls that fail: a sample of what `npm run faults` tries, spread over all commands and all
 * kinds of faults.
 */

/** How many faults are tried, about. */
const SAMPLE = 200;

describe("a command of which one call fails", () => {
  let plan: TrialPlan;
  let results: Result[];

  before(async () => {
    plan = await planTrials();
    // One process: the tests of another file run beside this one.
    results = await runTrials(sampleOf(plan.trials, SAMPLE), 1);
  });

  for (const { name } of SCENARIOS) {
    it(`does what it should when nothing fails (${name})`, () => {
      assert.deepEqual(plan.undisturbed.get(name), []);
    });
    it(`leaves things as before or as intended, and the second run mends the rest (${name})`, () => {
      const mine = results.filter(({ scenario }) => scenario === name);
      assert.ok(mine.length >= 10, `only ${mine.length} faults were tried`);
      assert.equal(tellFailures(mine), "");
    });
  }
});

describe("connecting", () => {
  let gateways: Gateways;

  before(async () => {
    gateways = await startGateways();
  });
  after(() => gateways.close());

  it("puts everything back when it works for the candidate, but not as users reach it", async () => {
    const [fresh] = SCENARIOS;
    assert.ok(fresh && typeof fresh.job === "object");
    const scene = await openScene(gateways);
    const was = settled(scene.workspace);
    const { succeeded, error } = await runJob(scene, fresh.job, {
      onCall: ({ request: { path, headers } }) =>
        path.includes("/ai/proxy/") && headers["x-resource-path"] === undefined
          ? { takesEffect: false, show: { status: 400, body: "Bad request: Resource path is empty" } }
          : undefined,
    });
    assert.equal(succeeded, false);
    assert.match(error, /worked when it was tried, but not as users reach it/);
    assert.match(error, /put back/);
    assert.deepEqual(settled(scene.workspace), was);
    await scene.close();
  });
});
