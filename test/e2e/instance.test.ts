import assert from "node:assert/strict";
import { after, before, beforeEach, describe, it } from "node:test";
import { ChangeReport, CheckReport } from "../../src/core/report.ts";
import { poolKey } from "../standins/gateway/pooler.ts";
import { jsonb } from "../standins/windmill/jsonb.ts";
import type { Release } from "../standins/windmill/store.ts";
import { wholeOf } from "../world/workspace_contents.ts";
import {
  CONNECTION,
  errorOf,
  KEY,
  reportOf,
  startDeployedWorld,
  startWorld,
  type World,
  writesOf,
} from "../world/world.ts";

/** One connection for all workspaces of an instance, with real jobs, on servers that keep a job's token in its workspace and on others. */

const TOKEN = "u/admin/superadmin_token";
const scope = { scope: "instance", superadmin_token_path: TOKEN };

/** What others have set up for the instance, with keys that this code does not know. */
const OTHERS = {
  providers: { openai: { resource_path: "u/admin/openai", models: ["gpt-4o"], web_search_enabled: true } },
  custom_prompts: { script: "x" },
  max_tokens_per_model: { "openai:gpt-4o": 4096 },
  unknown_key: { a: 1 },
};

for (const release of ["1.788.0", "1.795.0"] satisfies Release[]) {
  describe(`scope instance on Windmill ${release}`, () => {
    let world: World;
    before(async () => {
      world = await startDeployedWorld({ release, workspace: "admins" });
    });
    beforeEach(async () => {
      await world.reset();
      for (const other of world.windmill.store.workspaces.values()) other.aiConfig = undefined;
      await world.storeSecret(TOKEN, world.windmill.admin.token);
    });
    after(() => world.close());

    const stored = (): unknown => world.windmill.store.settings.get("ai_config") ?? null;
    const connect = async (filled: object = {}) =>
      reportOf(await world.runConnect({ ...scope, ...filled }), ChangeReport);
    /** What a member of another workspace gets. */
    const chat = async (workspace: string): Promise<number> => {
      const response = await fetch(`${world.windmill.url}/api/w/${workspace}/ai/proxy/chat/completions`, {
        method: "POST",
        headers: {
          ...{ "x-provider": "customai", "content-type": "application/json" },
          authorization: `Bearer ${world.windmill.member.token}`,
        },
        body: JSON.stringify({ model: "gpt-5.5", messages: [{ role: "user", content: "ok?" }] }),
      });
      await response.text();
      return response.status;
    };

    it("plans what it would change, and who follows and who does not", async () => {
      const team = world.windmill.store.workspaces.get("team");
      assert.ok(team);
      team.aiConfig = jsonb({ providers: { openai: { resource_path: "u/member/openai", models: ["gpt-4o"] } } });
      const writes = writesOf(world).length;
      const plan = await connect({ mode: "plan" });
      assert.deepEqual(
        plan.changes.map(({ action, target }) => `${action} ${target}`).filter((one) => /AI settings|record/.test(one)),
        ["change AI settings of the instance"],
      );
      assert.match(plan.notes.join("\n"), /Served by the instance's AI settings: admins\./);
      assert.match(plan.notes.join("\n"), /own, which stay as they are: team\./);
      assert.equal(stored(), null);
      assert.equal(writesOf(world).length, writes);
    });

    it("serves every workspace that has none of its own, keeps everything else, and leaves nothing behind", async () => {
      world.windmill.store.settings.set("ai_config", jsonb(OTHERS));
      const was = wholeOf(world.workspace);
      const report = await connect({ models: ["gpt-5.5"], default_model: "gpt-5.5", metadata_model: "gpt-5.5" });
      assert.equal(report.status, "healthy");
      assert.deepEqual(stored(), {
        ...OTHERS,
        providers: { ...OTHERS.providers, customai: { resource_path: CONNECTION, models: ["gpt-5.5"] } },
        default_model: { provider: "customai", model: "gpt-5.5" },
        metadata_model: { provider: "customai", model: "gpt-5.5" },
      });
      assert.equal(await chat("team"), 200);
      assert.equal(world.workspace.aiConfig, undefined);
      assert.ok(world.workspace.resources.has("f/codex_pooler/instance_intent"));
      assert.ok(!world.workspace.resources.has("f/codex_pooler/intent"));
      const check = reportOf(await world.run("check", { depth: "chat" }), CheckReport);
      assert.deepEqual([check.status, check.connection.settings], ["healthy", "instance"]);
      const left = reportOf(await world.run("disconnect", { mode: "apply", ...scope }), ChangeReport);
      assert.match(left.notes.join("\n"), /Served by the instance's AI settings/);
      assert.deepEqual(stored(), OTHERS);
      assert.deepEqual(wholeOf(world.workspace), was);
    });

    it("clears what was empty before, and stops serving at once", async () => {
      await connect();
      assert.equal(await chat("team"), 200);
      reportOf(await world.run("disconnect", { mode: "apply", ...scope }), ChangeReport);
      assert.equal(stored(), null);
      await world.expireCaches();
      assert.notEqual(await chat("team"), 200);
    });

    it("repairs, rotates and undoes the same way", async () => {
      await connect({ models: ["gpt-5.5", "gpt-6-luna"], default_model: "gpt-6-luna" });
      await world.expireCaches();
      world.pooler.models = ["gpt-5.5"];
      const repaired = reportOf(await world.run("repair", { mode: "apply", ...scope }), ChangeReport);
      assert.ok(repaired.applied);
      assert.match(JSON.stringify(stored()), /"default_model":\{"model":"gpt-5.5"/);
      world.pooler.models = ["gpt-5.5", "gpt-6-luna"];
      await world.expireCaches();
      const undone = reportOf(await world.run("undo", { mode: "apply", ...scope }), ChangeReport);
      assert.ok(undone.applied);
      assert.match(JSON.stringify(stored()), /"default_model":\{"model":"gpt-6-luna"/);
    });

    it("rotates the key that everybody uses", async () => {
      await connect();
      const next = KEY.replace(/.$/, (last) => (last === "A" ? "B" : "A"));
      world.pooler.keys.set(next, poolKey());
      await world.storeSecret("u/admin/next_key", next);
      const plan = reportOf(
        await world.run("rotate_key", { new_key_path: "u/admin/next_key", ...scope }),
        ChangeReport,
      );
      assert.match(plan.notes.join("\n"), /Served by the instance's AI settings: admins, team\./);
      const without = errorOf(await world.run("rotate_key", { new_key_path: "u/admin/next_key" }));
      assert.match(without, /scope instance/);
    });

    it("deletes the token's variable when it is asked to, and shows the token nowhere", async () => {
      const report = await connect({ delete_token: true });
      assert.equal(world.workspace.variables.has(TOKEN), false);
      assert.match(report.notes.join("\n"), /is deleted\. The token that was in it is valid until it ends/);
      assert.doesNotMatch(JSON.stringify(report), new RegExp(world.windmill.admin.token));
    });

    it("uses the superadmin's token for the instance's settings only", async () => {
      const before = world.windmill.requests.length;
      await connect({ schedule: "hourly" });
      const used = world.windmill.requests.slice(before).filter(({ jobId }) => jobId === null);
      // The rest of it is this test, which types a key and starts the run.
      const calls = used.map(({ method, path }) => `${method} ${path.split("?")[0]}`);
      const foreign = calls.filter((call) => !/\/(jobs|jobs_u|variables)\/|\/api\/version$/.test(call));
      assert.deepEqual([...new Set(foreign)].sort(), [
        "GET /api/settings/global/ai_config",
        "GET /api/users/whoami",
        "GET /api/w/admins/workspaces/get_settings",
        "GET /api/w/team/workspaces/get_settings",
        "GET /api/workspaces/list_as_superadmin",
        "POST /api/settings/global/ai_config",
      ]);
    });

    describe("refuses before anything is touched", () => {
      const refused = async (filled: object, why: RegExp): Promise<void> => {
        const writes = writesOf(world).length;
        const before = stored();
        assert.match(errorOf(await world.runConnect({ api_key: KEY_REFERENCE, ...scope, ...filled })), why);
        assert.equal(writesOf(world).length, writes);
        assert.deepEqual(stored(), before);
      };
      const KEY_REFERENCE = "$var:u/admin/pool_key";
      beforeEach(() => world.storeSecret("u/admin/pool_key", KEY));

      it("without a token, with one that is not there, and with one in the open", async () => {
        await refused({ superadmin_token_path: "" }, /superadmin_token_path: is missing/);
        await refused({ superadmin_token_path: "u/admin/absent" }, /there is no variable u\/admin\/absent/);
      });

      it("with a token that is no superadmin's, or not valid", async () => {
        await world.storeSecret("u/admin/members_token", world.windmill.member.token);
        await refused(
          { superadmin_token_path: "u/admin/members_token" },
          /member@windmill\.dev's, who is no superadmin/,
        );
        await world.storeSecret("u/admin/old_token", "ended");
        await refused(
          { superadmin_token_path: "u/admin/old_token" },
          /does not accept the token in u\/admin\/old_token/,
        );
      });

      it("what Windmill itself cannot read", async () => {
        world.windmill.store.settings.set("ai_config", jsonb({ providers: "x" }));
        await refused({}, /shape that Windmill itself cannot read \(providers\)/);
      });

      it("while admins has AI settings of its own", async () => {
        world.workspace.aiConfig = jsonb({ providers: { openai: { resource_path: "u/a/b", models: ["gpt-4o"] } } });
        await refused({}, /has AI settings of its own \(openai\)/);
      });
    });

    it("is the only way to repair what others use", async () => {
      await connect();
      assert.match(errorOf(await world.run("repair")), /Choose scope instance/);
    });
  });
}

describe("scope instance outside admins", () => {
  it("is refused with the way to go", async () => {
    const world = await startWorld();
    try {
      await world.deploy();
      await world.storeSecret(TOKEN, world.windmill.admin.token);
      assert.match(errorOf(await world.runConnect(scope)), /administrated in the workspace admins/);
    } finally {
      await world.close();
    }
  });
});
