import assert from "node:assert/strict";
import { after, before, beforeEach, describe, it } from "node:test";
import { ChangeReport, CheckReport } from "../../f/codex_pooler/lib/report.ts";
import { jobsOf, runFlow, scheduledRuns } from "../standins/windmill/jobs/run.ts";
import {
  HEALTH,
  PRIVATE_ADDRESS,
  reportOf,
  startDeployedWorld,
  WEBHOOK_VARIABLE,
  WORKSPACE,
  type World,
} from "./world.ts";

/** The scheduled health flow, tick by tick: what it sees, what it remembers, and when it tells people. */

let world: World;
before(async () => {
  world = await startDeployedWorld({ allowPrivate: { worker: true } });
});
beforeEach(async () => {
  await world.reset();
  await world.storeWebhook();
  const connected = await world.runConnect({ schedule: "every 5 minutes", alert_webhook_path: WEBHOOK_VARIABLE });
  assert.equal(reportOf(connected, ChangeReport).status, "healthy");
});
after(() => world.close());

const told = (): string[] => world.webhook.alerts.map(({ status }) => status);
const dropDefaultModel = (): void => {
  world.pooler.models.splice(world.pooler.models.indexOf("gpt-5.5"), 1);
};

describe("a tick of the health flow", () => {
  it("is healthy, remembers it, and tells nobody", async () => {
    const { check, flow, steps } = await world.tick();
    assert.equal(check.status, "healthy");
    assert.ok(flow.success);
    assert.deepEqual(Object.keys(steps), ["check", "remember"]);
    assert.deepEqual(told(), []);
  });

  it("runs as the admin who connected, in the schedule's name", async () => {
    const { flow } = await world.tick();
    assert.equal(flow.job.identity.username, "admin");
    assert.equal(flow.job.createdBy, "schedule-f-codex_pooler-health");
  });

  it("names a model that is gone, and what is served instead", async () => {
    dropDefaultModel();
    const { check } = await world.tick();
    assert.equal(check.status, "down");
    const finding = check.findings.find(({ code }) => code === "model-not-served");
    assert.match(`${finding?.title} ${finding?.cause}`, /gpt-5\.5[\s\S]*gpt-6-luna, gpt-6-terra/);
    assert.match(world.webhook.alerts[0]?.text ?? "", /gpt-5\.5/);
  });

  it("asks each distinct model once per route, whatever it is used for", async () => {
    const from = world.pooler.requests.length;
    await world.tick();
    const asked = world.pooler.requests.slice(from).filter(({ path }) => path.endsWith("/chat/completions"));
    const models = asked.map(({ body }) => (body as { model: string }).model).sort();
    assert.deepEqual(
      models,
      ["gpt-5.5", "gpt-6-luna", "gpt-6-terra"].flatMap((id) => [id, id]),
    );
  });
});

describe("people are told", () => {
  it("when the status changes, and not at every tick", async () => {
    await world.tick();
    world.moveGateway(PRIVATE_ADDRESS);
    await world.tick();
    await world.tick();
    await world.tick();
    assert.deepEqual(told(), ["down"]);
    world.windmill.processes.server.allowPrivate = true;
    await world.tick();
    await world.tick();
    assert.deepEqual(told(), ["down", "healthy"]);
    assert.equal(world.webhook.alerts[1]?.previous, "down");
    assert.match(world.webhook.alerts[1]?.text ?? "", /works again/);
  });

  it("of the first status ever only when it is not healthy", async () => {
    dropDefaultModel();
    await world.tick();
    assert.deepEqual(told(), ["down"]);
    assert.equal(world.webhook.alerts[0]?.previous, null);
  });

  it("since when it holds: the state begins with the tick that saw it first", async () => {
    await world.tick();
    dropDefaultModel();
    const first = await world.tick();
    const second = await world.tick();
    assert.equal(first.flow.success && second.flow.success, true);
    const since = [first, second].map(({ steps }) => (steps.remember?.result as CheckReport | undefined)?.since);
    assert.deepEqual(since, [first.check.checked_at, first.check.checked_at]);
  });

  it("at the next tick when the webhook fails, which fails no tick and is said in its result", async () => {
    world.webhook.status = 500;
    dropDefaultModel();
    const failed = await world.tick();
    assert.ok(failed.flow.success);
    const { alert } = reportOf(failed.steps.notify ?? failed.flow, CheckReport);
    assert.equal(alert?.delivered, false);
    assert.match(alert?.targets[0]?.problem ?? "", /^answered 500/);
    world.webhook.status = 200;
    const retried = await world.tick();
    assert.equal(reportOf(retried.steps.notify ?? retried.flow, CheckReport).alert?.delivered, true);
    await world.tick();
    // Each failing attempt reached the webhook too: two at the first tick, then the one that it took.
    assert.deepEqual(told(), ["down", "down", "down"]);
  });

  it("nothing, without a webhook: the status is remembered all the same", async () => {
    reportOf(await world.runConnect({ api_key: "", schedule: "off" }), ChangeReport);
    dropDefaultModel();
    const run = await runFlow(world.windmill, WORKSPACE, HEALTH, {}, world.windmill.admin.token);
    assert.ok(run.success, JSON.stringify(run.result));
    assert.deepEqual(told(), []);
    const children = jobsOf(world.windmill, WORKSPACE).filter(({ parent }) => parent?.id === run.id);
    assert.deepEqual(
      children.map(({ stepId }) => stepId),
      ["check", "remember"],
    );
  });
});

describe("what the gateway says", () => {
  it("is never resolved as a reference on its way through the flow", async () => {
    await world.storeSecret("u/admin/treasure", "the treasure");
    for (const text of ["$var:u/admin/treasure", "$res:f/codex_pooler/health_state", "$jsonvar:u/admin/treasure"]) {
      world.pooler.models.push(text);
      world.pooler.reply = text;
    }
    world.pooler.faults.push({ name: "key_in_error", path: "/v1/usage" });
    const { flow } = await world.tick();
    dropDefaultModel();
    const { steps } = await world.tick();
    assert.ok(flow.success && steps.notify?.success);
    const jobs = jobsOf(world.windmill, WORKSPACE).map(({ args, result, logs }) => ({ args, result, logs }));
    const passed = JSON.stringify(jobs);
    assert.ok(passed.includes("$var:u/admin/treasure"), "the gateway's text is reported");
    assert.ok(!passed.includes("the treasure"));
    assert.ok(!world.webhook.bodies.join("").includes("the treasure"));
    const references = world.windmill.requests.filter(({ path }) => path.includes("treasure"));
    assert.deepEqual(references, []);
  });
});

describe("a tick that is not over when the next is due", () => {
  it("keeps the next one from running beside it, and nothing fails", async () => {
    await world.tick();
    world.pooler.latencyMs = 1_500;
    const [slow] = jobsOf(world.windmill, WORKSPACE).filter(
      ({ schedulePath, phase }) => schedulePath && phase === "queued",
    );
    assert.ok(slow);
    const { clock } = world.windmill;
    const ticking = clock.advance(Math.max(Date.parse(slow.scheduledFor) - clock.now(), 0));
    while (slow.phase === "queued") await new Promise((resolve) => setImmediate(resolve));
    const overlapping = clock.advance(300_000);
    await Promise.all([ticking, overlapping]);
    const runs = scheduledRuns(world.windmill, WORKSPACE, HEALTH);
    assert.equal(runs.length, 3);
    assert.ok(runs.every(({ success }) => success));
    assert.match(String(runs[2]?.result), /not allowed to overlap/);
    assert.deepEqual(told(), []);
  });
});
