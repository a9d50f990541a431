import assert from "node:assert/strict";
import { after, before, beforeEach, describe, it } from "node:test";
import { asRecord } from "../../src/core/json.ts";
import { ChangeReport } from "../../src/core/report.ts";
import { poolKey } from "../standins/gateway/pooler.ts";
import { jsonb } from "../standins/windmill/jsonb.ts";
import { seedResource, seedVariable } from "../standins/windmill/seed.ts";
import { othersMoveIn, wholeOf } from "../world/workspace_contents.ts";
import { CONNECTION, errorOf, HEALTH, reportOf, startDeployedWorld, type World, writesOf } from "../world/world.ts";

/** Disconnect with real jobs. */

let world: World;
before(async () => {
  world = await startDeployedWorld();
});
beforeEach(async () => {
  await world.reset();
  othersMoveIn(world.windmill.store, world.workspace);
});
after(() => world.close());

const disconnect = async (filled: object = {}) =>
  reportOf(await world.run("disconnect", { mode: "apply", ...filled }), ChangeReport);

const whole = (): unknown => wholeOf(world.workspace);

describe("disconnect", () => {
  it("leaves the workspace as it was before connect, compared whole", async () => {
    const was = whole();
    reportOf(await world.runConnect({ schedule: "hourly" }), ChangeReport);
    await world.tick();
    const plan = reportOf(await world.run("disconnect"), ChangeReport);
    const report = await disconnect({ plan_id: plan.plan_id });
    assert.deepEqual(report.changes, plan.changes);
    assert.deepEqual(whole(), was);
    assert.match(report.notes.join("\n"), /revoke it in Codex Pooler/);
  });

  it("shows a plan that changes nothing and tells no key", async () => {
    reportOf(await world.runConnect({ schedule: "hourly" }), ChangeReport);
    const writes = writesOf(world).length;
    const run = await world.run("disconnect");
    const plan = reportOf(run, ChangeReport);
    assert.deepEqual(
      plan.changes.map(({ action, target }) => `${action} ${target}`),
      [
        "change workspace AI settings",
        `delete schedule ${HEALTH}`,
        `delete resource ${CONNECTION} (customai)`,
        `delete secret variable ${CONNECTION}`,
        "delete resource type customai",
        "delete record f/codex_pooler/snapshots",
        "delete record f/codex_pooler/intent",
      ],
    );
    assert.equal(writesOf(world).length, writes);
  });

  it("moves the default model back to what it was before connect", async () => {
    const settings = asRecord(world.workspace.aiConfig);
    world.workspace.aiConfig = jsonb({ ...settings, default_model: { provider: "openai", model: "gpt-4o" } });
    const was = structuredClone(world.workspace.aiConfig);
    reportOf(await world.runConnect({ default_model: "gpt-5.5" }), ChangeReport);
    await disconnect();
    assert.deepEqual(world.workspace.aiConfig, was);
  });

  it("moves default and metadata model as it is told, or refuses what is not enabled", async () => {
    reportOf(await world.runConnect(), ChangeReport);
    assert.match(
      errorOf(await world.run("disconnect", { mode: "apply", default_model: "openai:gpt-9" })),
      /default_model: openai:gpt-9 is not enabled/,
    );
    assert.match(errorOf(await world.run("disconnect", { default_model: "gpt-4o" })), /no model of another provider/);
    await disconnect({ default_model: "openai:gpt-4o", metadata_model: "none" });
    const settings = asRecord(world.workspace.aiConfig);
    assert.deepEqual(settings.default_model, { provider: "openai", model: "gpt-4o" });
    assert.equal(settings.metadata_model, undefined);
  });

  it("removes nothing that was there before, and says so", async () => {
    const { store } = world.windmill;
    const key = `sk-cxp-0123456789ab-${"Lm3Qz8Rw5Xk1Vb7Nc4Hd9Jf2Gs6Tp0Ya_oEuIiAqSwDe"}`;
    await world.storeSecret("u/admin/their_key", key);
    world.pooler.keys.set(key, poolKey());
    seedResource(
      store,
      world.workspace,
      CONNECTION,
      { base_url: "http://old.example.com/v1" },
      { resourceType: "customai" },
    );
    reportOf(await world.runConnect({ api_key: "", secret_path: "u/admin/their_key" }), ChangeReport);
    const report = await disconnect();
    assert.ok(world.workspace.resources.has(CONNECTION));
    assert.ok(world.workspace.variables.has("u/admin/their_key"));
    assert.match(report.notes.join("\n"), new RegExp(`Not removed: the resource ${CONNECTION}`));
  });

  it("keeps a secret that somebody else's resource uses too", async () => {
    reportOf(await world.runConnect(), ChangeReport);
    const value = { api_key: `$var:${CONNECTION}`, base_url: "http://other.example.com/v1" };
    seedResource(world.windmill.store, world.workspace, "u/member/mine", value, { resourceType: "customai" });
    const report = await disconnect();
    assert.ok(world.workspace.variables.has(CONNECTION));
    assert.ok(world.workspace.resources.has("u/member/mine"));
    assert.match(report.notes.join("\n"), /the secret variable .* because of the resource u\/member\/mine/);
  });

  it("keeps the records when it is told to", async () => {
    reportOf(await world.runConnect(), ChangeReport);
    await disconnect({ keep_records: true });
    assert.ok(world.workspace.resources.has("f/codex_pooler/intent"));
    // A record that names the secret must not take it along when it goes.
    seedVariable(world.windmill.store, world.workspace, CONNECTION, "somebody's new secret");
    await disconnect();
    assert.ok(world.workspace.variables.has(CONNECTION));
    assert.equal(world.workspace.resources.has("f/codex_pooler/intent"), false);
  });

  it("does nothing where nothing is connected, and refuses a member", async () => {
    const was = whole();
    const report = await disconnect();
    assert.deepEqual(report.changes, []);
    assert.deepEqual(whole(), was);
    const folder = world.workspace.folders.get("codex_pooler");
    assert.ok(folder);
    folder.extraPerms["g/all"] = false;
    const refused = await world.run("disconnect", { mode: "apply" }, world.windmill.member.token);
    assert.match(errorOf(refused), /not an admin of the workspace/);
  });
});
