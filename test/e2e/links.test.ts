import assert from "node:assert/strict";
import { after, before, beforeEach, describe, it } from "node:test";
import { ChangeReport, CheckReport } from "../../src/core/report.ts";
import { HealthReport } from "../../src/health/report.ts";
import { poolKey } from "../standins/gateway/pooler.ts";
import type { Run } from "../standins/windmill/jobs/run.ts";
import { follow, linkNamed, readLink } from "../world/form.ts";
import { leaksOf } from "../world/leaks.ts";
import { BASE_URL, errorOf, reportOf, startDeployedWorld, WORKSPACE, type World } from "../world/world.ts";

/** From one result to the next by the links on its page: opened as Windmill opens them, and submitted as they are. */

/** Every piece of it is unlike any other text. */
const TYPED_KEY = `sk-cxp-0123456789ab-${"Qz7Lm2Xv9Rt4Wn8Yb3Hc6Jd1Kf5Pg0Sa_TuEiOxQwVr"}`;

let world: World;
before(async () => {
  world = await startDeployedWorld();
});
beforeEach(async () => {
  await world.reset();
  world.pooler.keys.set(TYPED_KEY, poolKey());
});
after(() => world.close());

const linksOf = (run: Run) => reportOf(run, ChangeReport).links ?? [];
const aiConfig = () => world.workspace.aiConfig as unknown as { default_model: { model: string } };

describe("a plan leads to exactly that change", () => {
  it("connect: with the typed key as a reference, and what was filled in; then back by Undo this", async () => {
    const api_key = await world.typeSecret(TYPED_KEY);
    const filled = { api_key, mode: "plan", models: ["gpt-6-luna", "gpt-5.5"], headers: { "x-team": "a & b" } };
    const plan = await world.runConnect({ ...filled, schedule: "hourly" });
    const { plan_id } = reportOf(plan, ChangeReport);
    const link = readLink(linkNamed(plan, "Apply exactly this plan"));
    assert.deepEqual(link, {
      script: "connect",
      workspace: WORKSPACE,
      fields: {
        ...{ base_url: BASE_URL, ...filled, schedule: "hourly", mode: "apply", plan_id },
        // So that the choices are not dropped where the list cannot be read, as from this worker.
        models_by_hand: ["gpt-6-luna", "gpt-5.5"],
      },
    });
    const applied = await follow(world, linkNamed(plan, "Apply exactly this plan"));
    const report = reportOf(applied, ChangeReport);
    assert.deepEqual([report.applied, report.status, aiConfig().default_model.model], [true, "healthy", "gpt-6-luna"]);
    const undone = await follow(world, linkNamed(applied, "Undo this"));
    assert.equal(reportOf(undone, ChangeReport).applied, true);
    assert.deepEqual(world.workspace.aiConfig ?? {}, {});
    assert.deepEqual(leaksOf(world, TYPED_KEY), []);
  });

  it("rotate_key: by the variable's path, and there is no way back, because no key is kept", async () => {
    await world.runConnect();
    await world.storeSecret("u/admin/next_key", TYPED_KEY);
    const plan = await world.run("rotate_key", { new_key_path: "u/admin/next_key" });
    const { plan_id } = reportOf(plan, ChangeReport);
    assert.deepEqual(readLink(linkNamed(plan, "Apply exactly this plan")).fields, {
      ...{ new_key_path: "u/admin/next_key", mode: "apply", plan_id },
    });
    assert.deepEqual(leaksOf(world, TYPED_KEY), []);
  });

  it("disconnect: and afterwards there is no record to go back by", async () => {
    await world.runConnect();
    const plan = await world.run("disconnect");
    const applied = await follow(world, linkNamed(plan, "Apply exactly this plan"));
    assert.equal(reportOf(applied, ChangeReport).applied, true);
    assert.deepEqual(linksOf(applied), []);
  });

  it("and refuses where something has changed since", async () => {
    await world.runConnect();
    const plan = await world.runConnect({ api_key: "", mode: "plan", models: ["gpt-5.5"] });
    reportOf(
      await world.runConnect({ api_key: "", models: ["gpt-6-luna"], default_model: "gpt-6-luna" }),
      ChangeReport,
    );
    const late = await follow(world, linkNamed(plan, "Apply exactly this plan"));
    assert.match(errorOf(late), /plan_id: the workspace or the input has changed since/);
  });

  it("and refuses where Windmill drops a choice that is not offered any more, instead of doing more", async () => {
    await world.runConnect({ models: ["gpt-5.5", "gpt-6-luna"] });
    const plan = await world.runConnect({
      api_key: "",
      mode: "plan",
      models: ["gpt-6-luna"],
      default_model: "gpt-6-luna",
    });
    world.pooler.models.splice(world.pooler.models.indexOf("gpt-6-luna"), 1);
    const before = structuredClone(world.workspace.aiConfig);
    const late = await follow(world, linkNamed(plan, "Apply exactly this plan"));
    assert.equal(late.success, false);
    assert.deepEqual(world.workspace.aiConfig, before);
  });
});

describe("there is no link that would not work", () => {
  it("where the key was given itself: it would be in the link", async () => {
    const plan = await world.runConnect({ api_key: TYPED_KEY, mode: "plan" });
    assert.deepEqual(linksOf(plan), []);
    assert.equal(JSON.stringify(plan.result).includes(TYPED_KEY), false);
  });

  it("where nothing is to be changed", async () => {
    await world.runConnect();
    assert.deepEqual(linksOf(await world.runConnect({ api_key: "", mode: "plan" })), []);
    assert.deepEqual(linksOf(await world.runConnect({ api_key: "" })), []);
  });
});

describe("trouble leads to its repair", () => {
  it("from a check and from the health flow, and from its plan on to the change", async () => {
    reportOf(await world.runConnect({ schedule: "every 5 minutes" }), ChangeReport);
    assert.deepEqual(reportOf(await world.runCheck(), CheckReport).links, []);
    world.pooler.models.splice(world.pooler.models.indexOf("gpt-5.5"), 1);
    await world.expireCaches();
    const check = await world.runCheck();
    const { health, steps } = await world.tick();
    assert.deepEqual(readLink(linkNamed(check, "Plan the repair")), {
      script: "repair",
      workspace: WORKSPACE,
      fields: {},
    });
    assert.equal(HealthReport.parse(health).links?.[0]?.url, linkNamed(check, "Plan the repair"));
    assert.ok(steps.remember);
    const plan = await follow(world, linkNamed(steps.remember, "Plan the repair"));
    const applied = await follow(world, linkNamed(plan, "Apply exactly this plan"));
    assert.equal(reportOf(applied, ChangeReport).status, "healthy");
    assert.notEqual(aiConfig().default_model.model, "gpt-5.5");
    world.pooler.models.unshift("gpt-5.5");
    assert.equal(reportOf(await follow(world, linkNamed(applied, "Undo this")), ChangeReport).applied, true);
    assert.equal(aiConfig().default_model.model, "gpt-5.5");
  });
});
