import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, beforeEach, describe, it } from "node:test";
import { parse } from "yaml";
import { z } from "zod";
import { CHECK_NOW, CHECK_NOW_LOCK } from "../../src/core/paths.ts";
import { ChangeReport } from "../../src/core/report.ts";
import { DashboardData, Look } from "../../src/dashboard/data.ts";
import { ROOT } from "../../tools/shared/programs.ts";
import { seedApp } from "../standins/windmill/jobs/app_routes.ts";
import { deployed, jobsOf, killJob, type Run, runOf } from "../standins/windmill/jobs/run.ts";
import { seedResource } from "../standins/windmill/seed.ts";
import { KEY, reportOf, startDeployedWorld, WORKSPACE, type World } from "../world/world.ts";

/** The dashboard's scripts as the app runs them: for a member, with the rights of who deployed it. */

const APP = "f/codex_pooler/dashboard";
const FreshLook = Look.extend({ fresh: z.boolean() });

let world: World;
before(async () => {
  world = await startDeployedWorld();
});
after(() => world.close());
beforeEach(async () => {
  await world.reset();
  app().extraPerms = { "g/all": false };
});

function app() {
  const found = deployed(world.workspace).apps.get(APP);
  assert.ok(found);
  return found;
}

/** Asks for a component of the app as its page does. */
async function ask(component: string, script: string, token = world.windmill.member.token): Promise<Response> {
  return fetch(`${world.windmill.url}/api/w/${WORKSPACE}/apps_u/execute_component/${APP}`, {
    method: "POST",
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    body: JSON.stringify({ component, args: {}, path: `script/f/codex_pooler/${script}` }),
  });
}

/** Runs a component of the app and waits for its end. */
async function run(component: string, script: string): Promise<Run> {
  const response = await ask(component, script);
  const id = await response.text();
  assert.equal(response.status, 200, id);
  const job = jobsOf(world.windmill, WORKSPACE).find((one) => one.id === id);
  assert.ok(job);
  await job.done;
  return runOf(job);
}
const data = async () => reportOf(await run("data", "dashboard_data"), DashboardData);
const look = async () => reportOf(await run("check_now", "check_now"), FreshLook);

/** What jobs asked of Windmill since then, beside probes. */
const askedSince = (from: number) =>
  world.windmill.requests.slice(from).filter(({ jobId, path }) => jobId !== null && !path.includes("/ai/proxy/"));

describe("the runnables of the dashboard", { concurrency: false }, () => {
  const RUNNABLES = {
    check_now: { type: "script", path: "f/codex_pooler/check_now" },
    data: { type: "script", path: "f/codex_pooler/dashboard_data" },
  };

  it("are two, and the deployed policy allows no other", async () => {
    const folder = join(ROOT, "f/codex_pooler/dashboard__raw_app/backend");
    const files = readdirSync(folder).map((file) => [
      file.replace(/\.yaml$/, ""),
      parse(readFileSync(join(folder, file), "utf8")),
    ]);
    assert.deepEqual(Object.fromEntries(files), RUNNABLES);
    const allowed = Object.entries(RUNNABLES).map(([name, { path }]) => `${name}:script/${path}`);
    assert.deepEqual(Object.keys(app().policy.triggerables_v2 ?? {}).sort(), allowed);
    assert.equal(app().policy.execution_mode, "publisher");
    for (const script of ["connect", "repair", "rotate_key", "undo", "disconnect", "check"]) {
      const response = await ask("data", script);
      assert.equal(response.status, 400, script);
      assert.match(await response.text(), /forbidden by policy/);
    }
  });

  it("serve whoever may see the app, also when they may see nothing else of the bundle, and nobody else", async () => {
    await world.runConnect();
    assert.equal((await data()).viewer, world.windmill.member.email);
    app().extraPerms = {};
    const refused = await ask("data", "dashboard_data");
    assert.equal(refused.status, 401);
  });

  it("take no arguments that could make them do more", async () => {
    for (const script of ["dashboard_data", "check_now"]) {
      const { schema } = parse(readFileSync(join(ROOT, `f/codex_pooler/${script}.script.yaml`), "utf8"));
      assert.deepEqual(schema.properties, {}, script);
    }
  });
});

describe("what the dashboard is shown", { concurrency: false }, () => {
  it("says that nobody has connected yet", async () => {
    const shown = await data();
    assert.deepEqual([shown.memory, shown.connected, shown.health, shown.connection], ["none", false, null, null]);
  });

  it("is read without a single request that is not a reading one, and without looking at the key", async () => {
    reportOf(await world.runConnect({ schedule: "every 5 minutes" }), ChangeReport);
    await world.tick();
    const from = world.windmill.requests.length;
    await data();
    const asked = askedSince(from);
    assert.ok(asked.length >= 6);
    assert.deepEqual(
      asked.filter(({ method }) => method !== "GET").map(({ method, path }) => `${method} ${path}`),
      [],
    );
    assert.deepEqual(
      asked.filter(({ path }) => path.includes("/variables/get_value/")),
      [],
    );
  });

  it("is what the health flow has remembered, with the next run that Windmill has queued", async () => {
    reportOf(await world.runConnect({ schedule: "every 5 minutes" }), ChangeReport);
    const { check } = await world.tick();
    const shown = await data();
    assert.equal(shown.memory, "ok");
    assert.equal(shown.health?.status, "healthy");
    assert.equal(shown.health?.checked_at, check.checked_at);
    assert.deepEqual(
      shown.models.map(({ id }) => id),
      check.models.map(({ id }) => id),
    );
    assert.equal(shown.connection?.gateway, "codex-pooler.example.com");
    assert.ok(shown.connection?.changed_at);
    const queued = jobsOf(world.windmill, WORKSPACE).find(({ phase }) => phase === "queued");
    assert.equal(Date.parse(shown.schedule?.next ?? ""), Date.parse(queued?.scheduledFor ?? "-"));
  });

  it("holds no key and nothing of others' settings", async () => {
    world.workspace.aiConfig = {
      providers: { openai: { resource_path: "u/member/their_openai", models: ["gpt-4o"] } },
      custom_prompts: { script: "their prompt" },
    };
    reportOf(await world.runConnect({ schedule: "every 5 minutes" }), ChangeReport);
    await world.tick();
    await look();
    const text = JSON.stringify(await data());
    for (const secret of [KEY, "their_openai", "their prompt", "$var:", world.windmill.admin.token]) {
      assert.ok(!text.includes(secret), secret);
    }
  });
});

describe("check now", { concurrency: false }, () => {
  beforeEach(async () => {
    reportOf(await world.runConnect(), ChangeReport);
  });

  it("looks at most once a minute, whoever asks, and writes only the look and its lock", async () => {
    const from = world.windmill.requests.length;
    const first = await look();
    assert.deepEqual([first.fresh, first.status], [true, "healthy"]);
    assert.match(first.key_prefix ?? "", /^sk-cxp-[0-9a-f]{12}…$/);
    const asked = world.pooler.requests.length;
    const second = await look();
    assert.deepEqual(second, { ...first, fresh: false });
    assert.equal(world.pooler.requests.length, asked);
    await world.windmill.clock.advance(60_000);
    const third = await look();
    assert.equal(third.fresh, true);
    const writes = askedSince(from).filter(({ method, path }) => method !== "GET" && !path.includes("/job_metrics/"));
    assert.ok(writes.length >= 6);
    for (const { method, path, body } of writes) {
      const target =
        /f\/codex_pooler\/\w+$/.exec(path)?.[0] ?? z.looseObject({ path: z.string() }).parse(JSON.parse(body)).path;
      assert.ok([CHECK_NOW, CHECK_NOW_LOCK].includes(target), `${method} ${path} ${body}`);
    }
    assert.equal(world.workspace.resources.has(CHECK_NOW_LOCK), false);
  });

  it("looks once for many who ask together", async () => {
    const asked = world.pooler.requests.length;
    await world.runCheck({ depth: "free" });
    const once = world.pooler.requests.length - asked;
    const all = await Promise.all([look(), look(), look()]);
    assert.equal(all.filter(({ fresh }) => fresh).length, 1);
    assert.equal(new Set(all.map(({ at }) => at)).size, 1);
    assert.equal(world.pooler.requests.length - asked, 2 * once);
  });

  it("takes over from a look that was killed", async () => {
    world.pooler.latencyMs = 60_000;
    const response = await ask("check_now", "check_now");
    const id = await response.text();
    const { resources } = world.workspace;
    while (!resources.has(CHECK_NOW_LOCK)) await new Promise((next) => setTimeout(next, 20));
    killJob(world.windmill, WORKSPACE, id);
    await jobsOf(world.windmill, WORKSPACE).find((one) => one.id === id)?.done;
    assert.ok(resources.has(CHECK_NOW_LOCK));
    world.pooler.latencyMs = 0;
    assert.equal((await look()).fresh, true);
    assert.equal(resources.has(CHECK_NOW_LOCK), false);
  });

  it("reads a look that somebody has damaged as none", async () => {
    const { store } = world.windmill;
    seedResource(store, world.workspace, CHECK_NOW, { at: "soon", findings: 3 }, { resourceType: "state" });
    assert.equal((await data()).look, null);
    assert.equal((await look()).fresh, true);
  });
});

describe("an app in the stand-in", { concurrency: false }, () => {
  it("is not found by those who may not see it, and cannot be changed by those who may only see it", async () => {
    const theirs = seedApp(world.windmill.store, world.workspace, "f/codex_pooler/theirs", true);
    const call = (path: string, init: RequestInit = {}) =>
      fetch(`${world.windmill.url}/api/w/${WORKSPACE}/apps/${path}/${theirs.path}`, {
        ...init,
        headers: { authorization: `Bearer ${world.windmill.member.token}` },
      });
    assert.equal((await call("get/p")).status, 404);
    theirs.extraPerms = { "u/member": false };
    assert.equal((await call("get/p")).status, 200);
    assert.equal((await call("delete", { method: "DELETE" })).status, 404);
    deployed(world.workspace).apps.delete(theirs.path);
  });
});
