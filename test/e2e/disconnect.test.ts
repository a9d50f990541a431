import assert from "node:assert/strict";
import { after, before, beforeEach, describe, it } from "node:test";
import { asRecord } from "../../src/core/json.ts";
import { ChangeReport, CheckReport } from "../../src/core/report.ts";
import { poolKey } from "../standins/gateway/pooler.ts";
import { jsonb } from "../standins/windmill/jsonb.ts";
import { seedResource, seedVariable } from "../standins/windmill/seed.ts";
import { othersMoveIn, wholeOf } from "../world/workspace_contents.ts";
import {
  BASE_URL,
  CONNECTION,
  errorOf,
  HEALTH,
  KEY,
  reportOf,
  startDeployedWorld,
  type World,
  writesOf,
} from "../world/world.ts";

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

  it("is meant when the records are kept: no check misses the connection, and no repair brings it back", async () => {
    const { store } = world.windmill;
    await world.storeSecret("u/admin/their_key", KEY);
    const value = { api_key: "$var:u/admin/their_key", base_url: BASE_URL, headers: {} };
    seedResource(store, world.workspace, "f/codex_pooler/theirs", value, { resourceType: "customai" });
    const paths = { secret_path: "u/admin/their_key", resource_path: "f/codex_pooler/theirs" };
    reportOf(await world.runConnect({ api_key: "", ...paths, schedule: "hourly" }), ChangeReport);
    await disconnect({ keep_records: true });
    const after = whole();
    const intent = asRecord(world.workspace.resources.get("f/codex_pooler/intent")?.value);
    assert.equal(intent.active, false);
    assert.deepEqual(intent.made, { resource_type: true, schedule: false, secrets: [], resources: [], limits: [] });
    const check = reportOf(await world.runCheck(), CheckReport);
    assert.ok(!check.findings.some(({ code }) => code === "settings-drift"), JSON.stringify(check.findings));
    const repair = reportOf(await world.run("repair", { mode: "apply" }), ChangeReport);
    assert.deepEqual(repair.changes, []);
    assert.deepEqual(whole(), after);
    // Its key is gone with it, but what was chosen can be had again.
    reportOf(await world.run("undo", { mode: "apply" }), ChangeReport);
    assert.equal(reportOf(await world.runCheck(), CheckReport).status, "healthy");
  });

  it("holds the lock of the health flow's memory, so that no tick writes records meanwhile", async () => {
    reportOf(await world.runConnect(), ChangeReport);
    const held: boolean[] = [];
    const stop = world.windmill.intercept(({ method, path }) => {
      if (method === "DELETE" && path.endsWith("/f/codex_pooler/intent")) {
        held.push(world.workspace.resources.has("f/codex_pooler/health_lock"));
      }
      return undefined;
    });
    await disconnect();
    stop();
    assert.deepEqual(held, [true]);
    assert.ok(!world.workspace.resources.has("f/codex_pooler/health_lock"));
  });

  it("does not take a resource along that stands beside what a dead run has left", async () => {
    const { store } = world.windmill;
    reportOf(await world.runConnect(), ChangeReport);
    const candidate = "u/admin/codex_pooler_candidate";
    const description = "Temporary: f/codex_pooler tries a connection before it makes it live";
    seedVariable(store, world.workspace, candidate, KEY, { description });
    seedResource(store, world.workspace, candidate, { host: "db" }, { resourceType: "postgresql" });
    const error = errorOf(await world.runConnect({ headers: { "x-team": "a" } }));
    assert.match(
      error,
      /Nothing was changed, because the resource u\/admin\/codex_pooler_candidate is somebody else's/,
    );
    await disconnect();
    assert.ok(world.workspace.resources.has(candidate));
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
