import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { asRecord } from "../../src/core/json.ts";
import { isWrite, SAVE_SETTINGS } from "../faults/calls.ts";
import { ask } from "../faults/client.ts";
import { SNAPSHOTS, settled, whatUsersGet } from "../faults/contents.ts";
import { planTrials, sampleOf, type TrialPlan } from "../faults/plan.ts";
import { type Result, runTrials } from "../faults/pool.ts";
import { type Job, runJob } from "../faults/run.ts";
import { connecting, repairing, runAll, SCENARIOS, undoing } from "../faults/scenarios.ts";
import { type Gateways, openScene, type Scene, startGateways } from "../faults/scene.ts";
import { tellFailures } from "../faults/tell.ts";

/**
 * Commands that change something, with calls that fail: a sample of what `npm run faults` tries, spread over all commands and all
 * kinds of faults.
 */

/** How many faults are tried, about. */
const SAMPLE = 150;

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
      assert.ok(mine.length >= 9, `only ${mine.length} faults were tried`);
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

  /** A scenario of connect, at the point where the command starts. */
  async function open(name: string): Promise<{ scene: Scene; job: Job }> {
    const scenario = SCENARIOS.find((one) => one.name === name);
    assert.ok(scenario && typeof scenario.job === "object");
    const scene = await openScene(gateways);
    await runAll(scene, scenario.earlier);
    return { scene, job: scenario.job };
  }

  it("puts everything back when it works for the candidate, but not as users reach it", async () => {
    const { scene, job } = await open("connect: fresh");
    const was = settled(scene.workspace);
    const { succeeded, error } = await runJob(scene, job, {
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

  it("leaves what people use where it is when they cannot be moved away from it, and the next run moves them", async () => {
    const { scene, job } = await open("connect: another key, models, headers and interval");
    let saves = 0;
    const { error } = await runJob(scene, job, {
      onCall({ name }) {
        if (!name.includes(SAVE_SETTINGS)) return undefined;
        saves += 1;
        return saves === 1 ? undefined : { takesEffect: false, show: { status: 500, body: "Internal: no connection" } };
      },
    });
    assert.equal(saves, 3, "people are moved to the copy, then back, then back to what was before");
    assert.match(error, /could not be put back[\s\S]*codex_pooler_in_change.*people's requests use it/);
    assert.equal(await ask(scene, "server"), "");
    const again = await runJob(scene, job);
    assert.deepEqual([again.succeeded, again.error], [true, ""]);
    assert.equal(await ask(scene, "server"), "");
    assert.ok(!JSON.stringify(settled(scene.workspace)).includes("in_change"));
    await scene.close();
  });

  it("can be undone when its job died and another command came after it", async () => {
    const { scene: origin, job } = await open("connect: another key, models, headers and interval");
    const was = withoutKeys(whatUsersGet(origin.workspace));
    const calls: string[] = [];
    const undisturbed = await openScene(gateways, origin.workspace);
    await runJob(undisturbed, job, {
      onCall({ name }) {
        calls.push(name);
        return undefined;
      },
    });
    await undisturbed.close();
    const others = [repairing({ depth: "chat" }), connecting({ models: ["gpt-6-terra"] })];
    let undone = 0;
    for (const [index, call] of calls.entries()) {
      // Every third call, each command after another one.
      if (index % 3 !== 0 || !isWrite(call)) continue;
      const scene = await openScene(gateways, origin.workspace);
      const first = await runJob(scene, job, {
        onCall(made) {
          if (made.name !== call) return undefined;
          return { takesEffect: true, show: "drop", afterwards: made.kill };
        },
      });
      const next = await runJob(scene, others[index % 2] as Job);
      assert.equal(next.error, "", call);
      const { snapshots } = asRecord(scene.workspace.resources.get(SNAPSHOTS)?.value);
      if (JSON.stringify(snapshots).includes(first.id)) {
        const { error } = await runJob(scene, undoing({ snapshot: first.id }));
        assert.equal(error, "", call);
        assert.deepEqual(withoutKeys(whatUsersGet(scene.workspace)), was, call);
        undone += 1;
      }
      await scene.close();
    }
    assert.ok(undone > 3, `only ${undone} changes were on record`);
    await origin.close();
  });
});

/** What users get, without the key: no undo puts a key back. */
function withoutKeys(users: unknown): unknown {
  const { settings, resource } = asRecord(users);
  const { api_key: _key, ...rest } = asRecord(resource);
  return { settings, resource: rest };
}
