import assert from "node:assert/strict";
import { after, before, beforeEach, describe, it } from "node:test";
import { ChangeReport } from "../../src/core/report.ts";
import { deployed, jobsOf } from "../standins/windmill/jobs/run.ts";
import { plainValue } from "../standins/windmill/secrets.ts";
import type { Release } from "../standins/windmill/store.ts";
import { contentsOf, OTHERS_AI_SETTINGS, othersMoveIn } from "../world/workspace_contents.ts";
import {
  BASE_URL,
  CONNECTION,
  errorOf,
  HEALTH,
  KEY,
  reportOf,
  startDeployedWorld,
  WEBHOOK_VARIABLE,
  WORKSPACE,
  type World,
  writesOf,
} from "../world/world.ts";

const LISTED = ["gpt-5.5", "gpt-6-luna", "gpt-6-terra"];
const model = (id: string) => ({ provider: "customai", model: id });
const targetsOf = ({ changes }: ChangeReport): string[] => changes.map(({ action, target }) => `${action} ${target}`);

let world: World;
const connected = async (filled: object = {}): Promise<ChangeReport> =>
  reportOf(await world.runConnect(filled), ChangeReport);

/** The workspace's variables and resources by path. */
const items = (): string[] => {
  const { variables, resources } = contentsOf(world.workspace) as Record<string, { path: string }[]>;
  return [...(variables ?? []), ...(resources ?? [])].map(({ path }) => path);
};

for (const release of ["1.788.0", "1.743.0"] satisfies Release[]) {
  describe(`connecting a workspace of Windmill ${release}`, () => {
    before(async () => {
      world = await startDeployedWorld({ release });
    });
    beforeEach(() => world.reset());
    after(() => world.close());

    it("stores the key, the resource, the settings and the schedule, and says that it works", async () => {
      await world.storeWebhook();
      const report = await connected({ schedule: "every 15 minutes", alert_webhook_path: WEBHOOK_VARIABLE });
      assert.equal(report.status, "healthy");
      assert.deepEqual(report.findings, []);
      assert.deepEqual(targetsOf(report), [
        "create resource type customai",
        `create secret variable ${CONNECTION}`,
        `create resource ${CONNECTION} (customai)`,
        "change workspace AI settings",
        `create schedule ${HEALTH}`,
      ]);

      const { workspace } = world;
      const variable = workspace.variables.get(CONNECTION);
      assert.ok(variable?.isSecret);
      assert.equal(plainValue(workspace, variable), KEY);
      const resource = workspace.resources.get(CONNECTION);
      assert.equal(resource?.resourceType, "customai");
      assert.deepEqual(resource.value, { api_key: `$var:${CONNECTION}`, base_url: BASE_URL, headers: {} });
      assert.deepEqual(workspace.aiConfig, {
        providers: { customai: { resource_path: CONNECTION, models: LISTED } },
        default_model: model("gpt-5.5"),
        metadata_model: model("gpt-5.5"),
      });
      const schedule = deployed(workspace).schedules.get(HEALTH);
      assert.ok(schedule);
      const { schedule: cron, scriptPath, isFlow, enabled, noFlowOverlap, permissionedAs, args } = schedule;
      assert.deepEqual(
        { cron, scriptPath, isFlow, enabled, noFlowOverlap, permissionedAs, args },
        {
          ...{ cron: "0 */15 * * * *", scriptPath: HEALTH, isFlow: true, enabled: true, noFlowOverlap: true },
          ...{ permissionedAs: "u/admin", args: { alert_webhook_path: WEBHOOK_VARIABLE } },
        },
      );
    });

    it("leaves no candidate behind and nothing but what it says", async () => {
      await world.storeWebhook();
      const before = items();
      await connected();
      assert.deepEqual(
        items().filter((path) => !before.includes(path)),
        [CONNECTION, CONNECTION],
      );
    });

    it("proves the gateway before it changes anything live, and the connection as users reach it afterwards", async () => {
      await connected();
      const settingsSaved = world.windmill.requests.findIndex(({ path }) => path.endsWith("/edit_copilot_config"));
      const probes = world.windmill.requests.map(({ path, headers }, index) => ({
        isProbe: path.includes("/ai/proxy/"),
        isCompletion: path.endsWith("/chat/completions"),
        named: headers["x-resource-path"],
        before: index < settingsSaved,
      }));
      const asked = probes.filter(({ isProbe }) => isProbe);
      assert.ok(asked.some(({ before, named }) => before && named === "u/admin/codex_pooler_candidate"));
      assert.ok(asked.filter(({ before }) => before).every(({ named }) => named !== undefined));
      // Afterwards only the model list is also asked for by path, past Windmill's cache; completions go as users' do.
      const completions = asked.filter(({ before, isCompletion }) => !before && isCompletion);
      assert.ok(completions.length > 0);
      assert.ok(completions.every(({ named }) => named === undefined));
    });
  });
}

describe("connecting a workspace", () => {
  before(async () => {
    world = await startDeployedWorld();
  });
  beforeEach(() => world.reset());
  after(() => world.close());

  it("shows in mode plan what apply would change, and changes nothing", async () => {
    othersMoveIn(world.windmill.store, world.workspace);
    const before = contentsOf(world.workspace);
    const plan = await connected({ mode: "plan", schedule: "hourly" });
    assert.deepEqual(contentsOf(world.workspace), before);
    assert.deepEqual(writesOf(world), []);
    assert.equal(plan.applied, false);
    assert.equal(plan.status, null);
    const applied = await connected({ schedule: "hourly" });
    assert.deepEqual(targetsOf(plan), targetsOf(applied));
  });

  it("plans with mode left alone", async () => {
    const { mode, changes } = await connected({ mode: "" });
    assert.equal(mode, "plan");
    assert.ok(changes.length > 0);
    assert.deepEqual(writesOf(world), []);
  });

  it("changes nothing when it is repeated", async () => {
    const filled = { schedule: "every 5 minutes", default_model: "gpt-6-luna" };
    await connected(filled);
    const before = contentsOf(world.workspace);
    const again = await connected(filled);
    assert.deepEqual(again.changes, []);
    assert.equal(again.status, "healthy");
    // Candidates come and go; resources keep a history of values by path, theirs included.
    const { resourceVersions: _history, ...now } = contentsOf(world.workspace);
    const { resourceVersions: _before, ...was } = before;
    assert.deepEqual(now, was);
    const plan = await connected({ ...filled, mode: "plan" });
    assert.deepEqual(plan.changes, []);
  });

  it("keeps other providers, prompts, limits and settings that it does not know", async () => {
    othersMoveIn(world.windmill.store, world.workspace);
    const newer = { context_window_per_model: { "openai:gpt-4o": 128_000 } };
    world.workspace.aiConfig = {
      ...OTHERS_AI_SETTINGS,
      ...newer,
      default_model: { provider: "openai", model: "gpt-4o" },
    };
    const others = (contents: Record<string, unknown>) => {
      const items = [contents.variables, contents.resources].flat() as { path: string }[];
      return items.filter(({ path }) => path !== CONNECTION);
    };
    const before = others(contentsOf(world.workspace));
    const report = await connected();
    assert.deepEqual(others(contentsOf(world.workspace)), before);
    const expected = {
      ...OTHERS_AI_SETTINGS,
      providers: { ...OTHERS_AI_SETTINGS.providers, customai: { resource_path: CONNECTION, models: LISTED } },
      default_model: { provider: "openai", model: "gpt-4o" },
      metadata_model: model("gpt-5.5"),
    };
    const sent = world.windmill.requests.find(({ path }) => path.endsWith("/edit_copilot_config"));
    assert.deepEqual(JSON.parse(sent?.body ?? ""), { ...expected, ...newer });
    // This release drops what it does not know; the report has to say so.
    assert.deepEqual(world.workspace.aiConfig, expected);
    assert.match(report.notes.join("\n"), /does not know.*context_window_per_model/);
  });

  it("says which providers people lose when the workspace lives on the instance's settings", async () => {
    const provider = { resource_path: "u/admin/x", models: ["m"] };
    world.windmill.store.settings.set("ai_config", { providers: { anthropic: provider, openai: provider } });
    const plan = await connected({ mode: "plan" });
    assert.match(plan.notes.join("\n"), /instance's AI settings.*shadow.*people here lose anthropic, openai/);
    assert.equal(world.workspace.aiConfig, undefined);
  });

  it("uses a key that is stored already, and only the models that were asked for", async () => {
    await world.storeSecret("f/codex_pooler/gateway_key", KEY);
    const report = await connected({
      ...{ api_key: "", secret_path: "f/codex_pooler/gateway_key", resource_path: "f/codex_pooler/gateway" },
      ...{ models: ["gpt-6-terra", "gpt-6-luna"], metadata_model: "gpt-6-luna", headers: { "x-team": "windmill" } },
    });
    assert.equal(report.status, "healthy");
    assert.deepEqual(world.workspace.resources.get("f/codex_pooler/gateway")?.value, {
      ...{ api_key: "$var:f/codex_pooler/gateway_key", base_url: BASE_URL, headers: { "x-team": "windmill" } },
    });
    assert.deepEqual(world.workspace.aiConfig, {
      providers: { customai: { resource_path: "f/codex_pooler/gateway", models: ["gpt-6-terra", "gpt-6-luna"] } },
      default_model: model("gpt-6-terra"),
      metadata_model: model("gpt-6-luna"),
    });
    assert.ok(world.pooler.requests.every(({ headers }) => headers["x-team"] === "windmill"));
  });

  it("stores a key without the line break that the form adds after Ctrl+Enter", async () => {
    await connected({ api_key: await world.typeSecret(`${KEY}\n`) });
    const variable = world.workspace.variables.get(CONNECTION);
    assert.equal(variable && plainValue(world.workspace, variable), KEY);
  });

  it("switches the schedule off when asked to, and leaves it alone when not", async () => {
    await connected({ schedule: "hourly" });
    const schedule = () => deployed(world.workspace).schedules.get(HEALTH);
    assert.deepEqual(targetsOf(await connected({ schedule: "" })), []);
    assert.equal(schedule()?.enabled, true);
    assert.deepEqual(targetsOf(await connected({ schedule: "off" })), [`change schedule ${HEALTH}`]);
    assert.equal(schedule()?.enabled, false);
    assert.equal(schedule()?.schedule, "0 0 * * * *");
    assert.ok(!jobsOf(world.windmill, WORKSPACE).some(({ phase }) => phase === "queued"));
  });

  it("leaves what is there as it is where a field is blank, also for another admin", async () => {
    await connected({ models: ["gpt-6-luna"], headers: { "x-tenant": "blue" }, schedule: "hourly" });
    const was = contentsOf(world.workspace);
    const boss = world.windmill.addUser("boss@windmill.dev", [world.workspace], { isAdmin: true });
    const blank = { base_url: "", api_key: "", schedule: "every 5 minutes" };
    const report = reportOf(await world.runConnect(blank, boss.token), ChangeReport);
    assert.deepEqual(targetsOf(report), [`change schedule ${HEALTH}`]);
    assert.match(report.notes.join(" "), /goes on running as u\/admin/);
    // A trial leaves versions of its resource in Windmill's history.
    const { schedules: _was, resourceVersions: _versions, ...before } = was;
    const { schedules: _is, resourceVersions: _more, ...after } = contentsOf(world.workspace);
    assert.deepEqual(after, before);
    assert.equal(deployed(world.workspace).schedules.get(HEALTH)?.permissionedAs, "u/admin");
  });

  it("enables every model and removes the headers when that is asked for", async () => {
    await connected({ models: ["gpt-6-luna"], headers: { "x-tenant": "blue" } });
    await connected({ api_key: "", models: ["*"], headers: { "-": "" } });
    assert.deepEqual(world.workspace.resources.get(CONNECTION)?.value, {
      ...{ api_key: `$var:${CONNECTION}`, base_url: BASE_URL, headers: {} },
    });
    const { providers } = world.workspace.aiConfig as { providers: Record<string, { models: string[] }> };
    assert.deepEqual(providers.customai?.models, LISTED);
  });

  it("asks for the gateway where there is none yet", async () => {
    assert.match(errorOf(await world.runConnect({ base_url: "" })), /base_url: is missing/);
  });

  it("can be run again from its form when the typed key is stored", async () => {
    const typed = { api_key: await world.typeSecret(KEY) };
    await connected(typed);
    assert.ok(
      ![...world.workspace.variables.values()].some(
        (one) => one.path !== CONNECTION && plainValue(world.workspace, one) === KEY,
      ),
    );
    assert.deepEqual(targetsOf(await connected({ ...typed, schedule: "hourly" })), [`create schedule ${HEALTH}`]);
  });

  it("puts a schedule back to who it ran as when the run fails", async () => {
    await connected({ schedule: "hourly" });
    const boss = world.windmill.addUser("boss@windmill.dev", [world.workspace], { isAdmin: true });
    let broken = false;
    const stop = world.windmill.intercept(({ path }) => {
      broken ||= path.includes("/schedules/update/");
      return broken && path.endsWith("/get_copilot_info")
        ? { takesEffect: false, show: { status: 500, body: "no connection to the database" } }
        : undefined;
    });
    const run = await world.runConnect({ api_key: "", schedule: "every 5 minutes" }, boss.token);
    stop();
    assert.match(errorOf(run), /Everything that this run had changed before was put back/);
    const schedule = deployed(world.workspace).schedules.get(HEALTH);
    assert.deepEqual([schedule?.permissionedAs, schedule?.schedule], ["u/admin", "0 0 * * * *"]);
  });
});
