import assert from "node:assert/strict";
import { after, before, beforeEach, describe, it } from "node:test";
import { asRecord } from "../../src/core/json.ts";
import { ChangeReport } from "../../src/core/report.ts";
import { jsonb } from "../standins/windmill/jsonb.ts";
import { seedResource } from "../standins/windmill/seed.ts";
import { othersMoveIn } from "../world/workspace_contents.ts";
import { BASE_URL, CONNECTION, errorOf, reportOf, startDeployedWorld, type World, writesOf } from "../world/world.ts";

/** Undo with real jobs. */

let world: World;
before(async () => {
  world = await startDeployedWorld();
});
beforeEach(async () => {
  await world.reset();
  othersMoveIn(world.windmill.store, world.workspace);
});
after(() => world.close());

const undo = async (filled: object = {}) =>
  reportOf(await world.run("undo", { mode: "apply", ...filled }), ChangeReport);
const customai = () => asRecord(asRecord(asRecord(world.workspace.aiConfig).providers).customai);

describe("undo", () => {
  it("puts the settings back as the last change found them, and says what is on record", async () => {
    reportOf(await world.runConnect({ models: ["gpt-5.5"] }), ChangeReport);
    const first = structuredClone(world.workspace.aiConfig);
    reportOf(
      await world.runConnect({ api_key: "", models: ["gpt-6-luna"], default_model: "gpt-6-luna" }),
      ChangeReport,
    );
    const plan = reportOf(await world.run("undo"), ChangeReport);
    assert.equal(plan.snapshots?.length, 2);
    assert.equal(plan.changes.length, 1);
    const report = await undo({ plan_id: plan.plan_id });
    assert.equal(report.status, "healthy");
    assert.deepEqual(world.workspace.aiConfig, first);
    assert.deepEqual(
      report.snapshots?.map(({ command, undone }) => [command, undone]),
      [
        ["undo", false],
        ["connect", true],
        ["connect", false],
      ],
    );
  });

  it("goes back one change further each time, and an undo can be undone by its id", async () => {
    for (const model of ["gpt-5.5", "gpt-6-luna", "gpt-6-terra"]) {
      reportOf(
        await world.runConnect({ models: [model], ...(model === "gpt-5.5" ? {} : { api_key: "" }) }),
        ChangeReport,
      );
    }
    await undo();
    assert.deepEqual(customai().models, ["gpt-6-luna"]);
    const { snapshots } = await undo();
    assert.deepEqual(customai().models, ["gpt-5.5"]);
    await undo({ snapshot: snapshots?.[0]?.id });
    assert.deepEqual(customai().models, ["gpt-6-luna"]);
  });

  it("of a first connect leaves no connection, and names what stays", async () => {
    const was = structuredClone(world.workspace.aiConfig);
    reportOf(await world.runConnect(), ChangeReport);
    const report = await undo();
    assert.deepEqual(world.workspace.aiConfig, was);
    assert.equal(world.workspace.resources.get(CONNECTION), undefined);
    assert.ok(world.workspace.variables.has(CONNECTION), "the secret is no part of an undo");
    assert.match(report.notes.join("\n"), new RegExp(`the secret variable ${CONNECTION}.*disconnect`));
    const check = reportOf(await world.run("disconnect", { mode: "apply" }), ChangeReport);
    assert.ok(check.applied);
    assert.equal(world.workspace.variables.has(CONNECTION), false);
  });

  it("keeps what others have changed since, and refuses when that is in the way", async () => {
    reportOf(await world.runConnect({ models: ["gpt-5.5"] }), ChangeReport);
    reportOf(await world.runConnect({ api_key: "", models: ["gpt-6-luna"] }), ChangeReport);
    const settings = asRecord(world.workspace.aiConfig);
    world.workspace.aiConfig = jsonb({ ...settings, custom_prompts: { fix: "Be kind." } });
    await undo();
    assert.deepEqual(asRecord(world.workspace.aiConfig).custom_prompts, { fix: "Be kind." });

    reportOf(await world.runConnect({ api_key: "", models: ["gpt-6-luna"] }), ChangeReport);
    const now = asRecord(world.workspace.aiConfig);
    const providers = { ...asRecord(now.providers), customai: { ...customai(), models: ["gpt-6-luna", "gpt-5.5"] } };
    world.workspace.aiConfig = jsonb({ ...now, providers });
    const kept = structuredClone(world.workspace.aiConfig);
    const refused = await world.run("undo", { mode: "apply" });
    assert.match(errorOf(refused), /providers\.customai\.models was changed by somebody after this change/);
    assert.deepEqual(world.workspace.aiConfig, kept);
    await undo({ overwrite: true });
    assert.deepEqual(customai().models, ["gpt-5.5"]);
  });

  it("of a first connect over a resource that was there gives the resource back as it was", async () => {
    const { store } = world.windmill;
    const was = { api_key: `$var:${CONNECTION}`, base_url: `${BASE_URL}/`, headers: {} };
    seedResource(store, world.workspace, CONNECTION, was, { resourceType: "customai", description: "made by hand" });
    const settings = structuredClone(world.workspace.aiConfig);
    reportOf(await world.runConnect(), ChangeReport);
    const plan = reportOf(await world.run("undo"), ChangeReport);
    await undo({ plan_id: plan.plan_id });
    assert.deepEqual(world.workspace.aiConfig, settings);
    assert.deepEqual(world.workspace.resources.get(CONNECTION)?.value, was);
  });

  it("says in the plan already that a key which is gone cannot come back", async () => {
    reportOf(await world.runConnect(), ChangeReport);
    reportOf(await world.run("disconnect", { mode: "apply", keep_records: true }), ChangeReport);
    const was = structuredClone(world.workspace.aiConfig);
    for (const mode of ["plan", "apply"]) {
      const error = errorOf(await world.run("undo", { mode }));
      assert.match(
        error,
        new RegExp(`cannot be put back: The key's variable ${CONNECTION} is gone. Run f/codex_pooler/connect`),
      );
    }
    assert.deepEqual(world.workspace.aiConfig, was);
  });

  it("says so when there is nothing to undo, or no such snapshot", async () => {
    assert.match(errorOf(await world.run("undo")), /There is no change to undo/);
    assert.match(errorOf(await world.run("undo", { snapshot: "nonsense" })), /none with the id nonsense/);
    assert.deepEqual(writesOf(world), []);
  });

  it("does not leave people with a connection that does not work", async () => {
    reportOf(await world.runConnect({ models: ["gpt-5.5"] }), ChangeReport);
    reportOf(
      await world.runConnect({ api_key: "", models: ["gpt-6-luna"], default_model: "gpt-6-luna" }),
      ChangeReport,
    );
    const was = structuredClone(world.workspace.aiConfig);
    world.pooler.models.splice(world.pooler.models.indexOf("gpt-5.5"), 1);
    const run = await world.run("undo", { mode: "apply" });
    assert.match(errorOf(run), /Nothing was changed, because the connection would not work:[\s\S]*gpt-5\.5/);
    assert.deepEqual(world.workspace.aiConfig, was);
  });
});
