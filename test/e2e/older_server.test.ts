import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { asRecord } from "../../src/core/json.ts";
import { ChangeReport } from "../../src/core/report.ts";
import { jsonb } from "../standins/windmill/jsonb.ts";
import { othersMoveIn, wholeOf } from "../world/workspace_contents.ts";
import { errorOf, reportOf, startDeployedWorld, type World } from "../world/world.ts";

/** The life of a connection on the oldest server that is supported, with what a newer Windmill has written into its settings. */

let world: World;
let was: unknown;
before(async () => {
  world = await startDeployedWorld({ release: "1.743.0" });
  await world.reset();
  othersMoveIn(world.windmill.store, world.workspace);
  was = wholeOf(world.workspace);
  const newer = { context_window_per_model: { "openai:gpt-4o": 128_000 } };
  world.workspace.aiConfig = jsonb({ ...asRecord(world.workspace.aiConfig), ...newer });
});
after(() => world.close());

const settings = () => asRecord(world.workspace.aiConfig);
const change = async (script: string, filled: object = {}) =>
  reportOf(await world.run(script, { mode: "apply", ...filled }), ChangeReport);

describe("on 1.743.0", () => {
  it("a plan tells which settings the server may drop, and connect tells which it did", async () => {
    const plan = reportOf(await world.runConnect({ mode: "plan" }), ChangeReport);
    assert.match(plan.notes.join("\n"), /context_window_per_model, which a newer version of Windmill has written/);
    const report = reportOf(await world.runConnect({ schedule: "hourly" }), ChangeReport);
    assert.equal(report.status, "healthy");
    assert.match(report.notes.join("\n"), /does not know .*context_window_per_model/);
  });

  it("several live changes at once are made and verified", async () => {
    const report = await change("connect", {
      base_url: "http://codex-pooler.example.com/v1",
      headers: { "x-team": "a" },
      models: ["gpt-5.5", "gpt-6-luna"],
    });
    assert.equal(report.status, "healthy");
    assert.match(report.notes.join("\n"), /moved to a temporary copy/);
    assert.deepEqual(asRecord(asRecord(settings().providers).customai).models, ["gpt-5.5", "gpt-6-luna"]);
  });

  it("what broke is repaired, and the repair is undone", async () => {
    const before = structuredClone(world.workspace.aiConfig);
    world.pooler.models.splice(world.pooler.models.indexOf("gpt-5.5"), 1);
    await world.expireCaches();
    assert.equal((await change("repair")).status, "healthy");
    assert.deepEqual(settings().default_model, { provider: "customai", model: "gpt-6-luna" });
    world.pooler.models.unshift("gpt-5.5");
    await world.expireCaches();
    assert.equal((await change("undo")).status, "healthy");
    assert.deepEqual(world.workspace.aiConfig, before);
  });

  it("a key that the gateway refuses changes nothing", async () => {
    const key = `sk-cxp-ba9876543210-${"Zx8Cv3Bn6Mq1Lw5Ke9Jr2Ht7Gy4Fu0Di_aSdPoIuYtRe"}`;
    const run = await world.run("rotate_key", { mode: "apply", new_key: await world.typeSecret(key) });
    assert.match(errorOf(run), /Nothing was changed/);
  });

  it("a disconnect leaves the workspace as it was, but for what the server has dropped", async () => {
    await change("disconnect");
    for (const path of [...world.workspace.variables.keys()]) {
      if (path.includes("/secret_arg/")) world.workspace.variables.delete(path);
    }
    assert.deepEqual(wholeOf(world.workspace), was);
  });
});
