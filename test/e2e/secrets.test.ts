import assert from "node:assert/strict";
import { after, before, beforeEach, describe, it } from "node:test";
import { ChangeReport } from "../../src/core/report.ts";
import { poolKey } from "../standins/gateway/pooler.ts";
import { jobsOf } from "../standins/windmill/jobs/run.ts";
import { leaksOf } from "../world/leaks.ts";
import { errorOf, reportOf, startDeployedWorld, WEBHOOK_VARIABLE, WORKSPACE, type World } from "../world/world.ts";

/** Every piece of it is unlike any other text. */
const TYPED_KEY = `sk-cxp-0123456789ab-${"Qz7Lm2Xv9Rt4Wn8Yb3Hc6Jd1Kf5Pg0Sa_TuEiOxQwVr"}`;
const PREFIX = "sk-cxp-0123456789ab";

let world: World;
before(async () => {
  world = await startDeployedWorld();
});
beforeEach(async () => {
  await world.reset();
  world.pooler.keys.set(TYPED_KEY, poolKey());
  await world.storeWebhook();
});
after(() => world.close());

/** Connects, checks on schedule while all is well, while the key is refused with its own text in the answer, and afterwards. */
async function liveThroughIt(filled: object): Promise<void> {
  const report = reportOf(
    await world.runConnect({ schedule: "every 5 minutes", alert_webhook_path: WEBHOOK_VARIABLE, ...filled }),
    ChangeReport,
  );
  assert.equal(report.status, "healthy");
  await world.tick();
  world.pooler.faults.push({ name: "key_in_error" });
  await world.tick();
  world.pooler.faults.length = 0;
  await world.tick();
  await world.tick();
  reportOf(await world.runConnect({ ...filled, api_key: "", mode: "plan" }), ChangeReport);
  assert.deepEqual(
    world.webhook.alerts.map(({ status }) => status),
    ["down", "healthy"],
  );
}

describe("the key", () => {
  it("is nowhere but in secret variables after it was typed into the form", async () => {
    await liveThroughIt({ api_key: await world.typeSecret(TYPED_KEY) });
    assert.deepEqual(leaksOf(world, TYPED_KEY), []);
  });

  it("is nowhere but in its variable when that is named by secret_path", async () => {
    await world.storeSecret("u/admin/pool_key", TYPED_KEY);
    await liveThroughIt({ api_key: "", secret_path: "u/admin/pool_key" });
    assert.deepEqual(leaksOf(world, TYPED_KEY), []);
  });

  it("is shown by its prefix only, in the plan and in the refusal of the gateway", async () => {
    const plan = await world.runConnect({ api_key: await world.typeSecret(TYPED_KEY), mode: "plan" });
    assert.ok(JSON.stringify(plan.result).includes(PREFIX));
    world.pooler.faults.push({ name: "key_in_error" });
    const refused = await world.runConnect({ api_key: await world.typeSecret(TYPED_KEY) });
    assert.equal(refused.success, false);
    assert.deepEqual(leaksOf(world, TYPED_KEY), []);
  });

  // Windmill's client hands the request's body on with its error, and an uncaught error is stored with the run.
  const refusals = [
    { it: "refuses to create the variable", show: { status: 400, body: "Bad request: no more variables" } },
    { it: "fails while it creates the variable", show: { status: 500, body: "Internal: disk full" } },
    { it: "breaks off while it creates the variable", show: "drop" as const },
  ];
  for (const { it: title, show } of refusals) {
    it(`is not in the error when Windmill ${title}`, async () => {
      const reference = await world.typeSecret(TYPED_KEY);
      const stop = world.windmill.intercept(({ path }) =>
        path.endsWith("/variables/create") ? { takesEffect: false, show } : undefined,
      );
      const run = await world.runConnect({ api_key: reference });
      stop();
      assert.equal(run.success, false);
      assert.match(errorOf(run), /variable/);
      assert.deepEqual(leaksOf(world, TYPED_KEY), []);
    });
  }

  it("that was sent in plain text through the API is answered with the advice to replace it", async () => {
    const run = await world.runConnect({ api_key: TYPED_KEY });
    const { notes, status } = reportOf(run, ChangeReport);
    assert.equal(status, "healthy");
    assert.match(notes.join("\n"), /in plain text.*run's history.*revoke this key/s);
    // What was sent is in the arguments, and nowhere else.
    assert.deepEqual(leaksOf(world, TYPED_KEY), [
      `args of f/codex_pooler/connect (${run.id})`,
      `request POST /api/w/${WORKSPACE}/jobs/run/p/f/codex_pooler/connect`,
    ]);
  });
});

describe("the webhook's address", () => {
  it("is nowhere but in its variable, also when the webhook refuses alerts", async () => {
    reportOf(
      await world.runConnect({
        ...{ api_key: await world.typeSecret(TYPED_KEY), schedule: "hourly", alert_webhook_path: WEBHOOK_VARIABLE },
      }),
      ChangeReport,
    );
    world.webhook.status = 403;
    world.pooler.models.length = 1;
    await world.tick();
    await world.tick();
    assert.equal(world.webhook.alerts.length, 1);
    assert.deepEqual(leaksOf(world, world.webhook.token), []);
  });
});

describe("a job's token", () => {
  it("is in no result, log or state", async () => {
    await liveThroughIt({ api_key: await world.typeSecret(TYPED_KEY) });
    const tokens = [...world.windmill.store.tokens].filter(([, { job }]) => job).map(([token]) => token);
    assert.ok(tokens.length > jobsOf(world.windmill, WORKSPACE).length / 2);
    const kept = JSON.stringify([
      jobsOf(world.windmill, WORKSPACE).map(({ args, result, logs }) => [args, result, logs]),
      [...world.workspace.resources.values()],
      world.webhook.bodies,
    ]);
    for (const token of tokens) assert.ok(!kept.includes(token.slice(4, 24)));
  });
});
