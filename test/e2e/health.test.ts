import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, beforeEach, describe, it } from "node:test";
import { z } from "zod";
import { asRecord } from "../../src/core/json.ts";
import { HEALTH_HISTORY, HEALTH_LOCK, HEALTH_STATE } from "../../src/core/paths.ts";
import { ChangeReport } from "../../src/core/report.ts";
import { History } from "../../src/health/history.ts";
import { HealthReport } from "../../src/health/report.ts";
import { ROOT } from "../../tools/shared/programs.ts";
import { callWindmill } from "../../tools/shared/windmill_api.ts";
import { jobsOf, type Run, runFlow, scheduledRuns } from "../standins/windmill/jobs/run.ts";
import { seedResource } from "../standins/windmill/seed.ts";
import { memoriesIn, memoryIn, putMemory } from "../world/health_memory.ts";
import {
  errorOf,
  HEALTH,
  PRIVATE_ADDRESS,
  reportOf,
  startDeployedWorld,
  WEBHOOK_VARIABLE,
  WORKSPACE,
  type World,
  writesOf,
} from "../world/world.ts";

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

  it("returns what the published JSON Schema says, and the schema bites", async () => {
    const published = (name: string) =>
      z.fromJSONSchema(JSON.parse(readFileSync(join(ROOT, "docs", `${name}.schema.json`), "utf8")));
    const schema = published("health-report");
    const { flow, steps } = await world.tick();
    schema.parse(flow.result);
    published("check-report").parse(steps.check?.result);
    dropDefaultModel();
    await world.tick();
    const ill = await world.tick();
    schema.parse(ill.flow.result);
    assert.ok("alert" in asRecord(ill.flow.result));
    for (const change of [{ status: "fine" }, { health: {} }, { findings: [{}] }, { version: 2 }, { now: undefined }]) {
      const wrong = JSON.parse(JSON.stringify({ ...asRecord(flow.result), ...change }));
      assert.equal(schema.safeParse(wrong).success, false, JSON.stringify(change));
    }
    assert.ok(schema.safeParse({ ...asRecord(flow.result), something_new: 1 }).success, "new fields are allowed");
  });

  it("says when the next one is due, also by a schedule that somebody changed by hand", async () => {
    const { health } = await world.tick();
    const at = Date.parse(health.checked_at);
    assert.equal(Date.parse(health.health.next_check ?? ""), (Math.floor(at / 300_000) + 1) * 300_000);
    const edited = { schedule: "0 30 6 * * *", timezone: "Etc/UTC", args: {} };
    await callWindmill(world.target, `w/${WORKSPACE}/schedules/update/${HEALTH}`, z.unknown(), edited);
    const { health: later } = await world.tick();
    assert.match(later.health.next_check ?? "", /T06:30:00/);
  });

  it("runs as the admin who connected, in the schedule's name", async () => {
    const { flow } = await world.tick();
    assert.equal(flow.job.identity.username, "admin");
    assert.equal(flow.job.createdBy, "schedule-f-codex_pooler-health");
  });

  it("names a model that is gone, and what is served instead", async () => {
    dropDefaultModel();
    await world.tick();
    const { check } = await world.tick();
    assert.equal(check.status, "down");
    const finding = check.findings.find(({ code }) => code === "model-not-served");
    assert.match(`${finding?.title} ${finding?.cause}`, /gpt-5\.5[\s\S]*gpt-6-luna, gpt-6-terra/);
    assert.match(world.webhook.alerts[0]?.text ?? "", /gpt-5\.5/);
  });
});

describe("the depth of a tick", () => {
  const asked = (from: number): string[] =>
    world.pooler.requests
      .slice(from)
      .filter(({ path }) => path.endsWith("/chat/completions"))
      .map(({ body }) => (body as { model: string }).model)
      .sort();
  const tickAsks = async () => {
    const from = world.pooler.requests.length;
    const { check } = await world.tick();
    return { depth: check.depth, asked: asked(from), why: check.chosen?.why ?? "" };
  };

  it("is features when nothing is known, then free: no model is asked", async () => {
    assert.equal((await tickAsks()).depth, "features");
    const second = await tickAsks();
    assert.deepEqual([second.depth, second.asked], ["free", []]);
  });

  it("is chat after somebody has edited the AI settings: each model once per route", async () => {
    await world.tick();
    const path = `w/${WORKSPACE}/workspaces/edit_copilot_config`;
    const edited = { ...asRecord(world.workspace.aiConfig), custom_prompts: { script: "Be brief." } };
    await callWindmill(world.target, path, z.unknown(), edited);
    const { depth, asked: models, why } = await tickAsks();
    assert.equal(depth, "chat");
    assert.match(why, /changed/);
    assert.deepEqual(
      models,
      ["gpt-5.5", "gpt-6-luna", "gpt-6-terra"].flatMap((id) => [id, id]),
    );
    assert.equal((await tickAsks()).depth, "free");
  });

  it("is chat while models fail: a green model list does not make the status healthy", async () => {
    await world.tick();
    world.pooler.faults.push({ name: "quota_exhausted", path: "/v1/chat/completions" });
    const run = await runFlow(world.windmill, WORKSPACE, HEALTH, { depth: "chat" }, world.windmill.admin.token);
    assert.equal(HealthReport.parse(run.result).measured, "down");
    const free = await runFlow(world.windmill, WORKSPACE, HEALTH, { depth: "free" }, world.windmill.admin.token);
    const report = HealthReport.parse(free.result);
    assert.deepEqual([report.measured, report.status, report.depth], ["down", "down", "free"]);
    assert.ok(report.standing.some(({ depth }) => depth === "chat"));
    const { check, health } = await world.tick();
    assert.deepEqual([check.depth, health.status], ["chat", "down"]);
    world.pooler.faults.length = 0;
    await world.tick();
    assert.equal((await world.tick()).health.status, "healthy");
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
    for (let ticks = 0; ticks < 3; ticks++) await world.tick();
    assert.deepEqual(told(), ["down", "healthy"]);
    assert.equal(world.webhook.alerts[1]?.previous, "down");
    assert.match(world.webhook.alerts[1]?.text ?? "", /works again/);
  });

  it("after two bad ticks of what may heal by itself, and after two good ones that it did", async () => {
    await world.tick();
    const model = "gpt-5.5";
    dropDefaultModel();
    const first = await world.tick();
    assert.deepEqual([first.health.status, first.health.measured, told()], ["healthy", "down", []]);
    assert.equal(first.health.health.headline.tone, "bad");
    assert.match(
      first.health.now,
      /does not work\. Since .* It counts, and people are told, after 1 more check like this\./,
    );
    await world.tick();
    assert.deepEqual(told(), ["down"]);
    world.pooler.models.push(model);
    const good = await world.tick();
    assert.deepEqual([good.health.status, good.health.measured, told()], ["down", "healthy", ["down"]]);
    await world.tick();
    assert.deepEqual(told(), ["down", "healthy"]);
  });

  it("as soon as the form of connect says", async () => {
    const watch = { failures_before_alert: 1, successes_before_recovery: 1 };
    reportOf(await world.runConnect({ api_key: "", watch }), ChangeReport);
    await world.tick();
    dropDefaultModel();
    await world.tick();
    assert.deepEqual(told(), ["down"]);
    world.pooler.models.push("gpt-5.5");
    await world.tick();
    assert.deepEqual(told(), ["down", "healthy"]);
  });

  it("of the first status ever only when it is not healthy", async () => {
    dropDefaultModel();
    await world.tick();
    await world.tick();
    assert.deepEqual(told(), ["down"]);
    assert.equal(world.webhook.alerts[0]?.previous, null);
  });

  it("since when it holds: the state begins with the tick that saw it first", async () => {
    await world.tick();
    dropDefaultModel();
    const first = await world.tick();
    const second = await world.tick();
    assert.equal(second.health.since, first.check.checked_at);
    assert.equal(second.health.health.incident?.start, first.check.checked_at);
  });

  it("at the next tick when the webhook fails, which fails no tick and is said in its result", async () => {
    world.webhook.status = 500;
    dropDefaultModel();
    await world.tick();
    const failed = await world.tick();
    assert.ok(failed.flow.success);
    const { alert } = reportOf(failed.steps.notify ?? failed.flow, HealthReport);
    assert.equal(alert?.delivered, false);
    assert.match(alert?.targets[0]?.problem ?? "", /^answered 500/);
    world.webhook.status = 200;
    const retried = await world.tick();
    assert.equal(reportOf(retried.steps.notify ?? retried.flow, HealthReport).alert?.delivered, true);
    await world.tick();
    // The failing attempt reached the webhook too, and the second says that it is one.
    assert.deepEqual(told(), ["down", "down"]);
    const [first, second] = world.webhook.bodies.map((body) => JSON.parse(body));
    assert.deepEqual([first.repeated, second.repeated, second.id], [undefined, 1, first.id]);
    assert.match(second.text, /Sent again/);
  });

  it("nothing, without a webhook: the status is remembered all the same", async () => {
    reportOf(await world.runConnect({ api_key: "", schedule: "off" }), ChangeReport);
    dropDefaultModel();
    for (let runs = 0; runs < 2; runs++) {
      const run = await runFlow(world.windmill, WORKSPACE, HEALTH, {}, world.windmill.admin.token);
      assert.ok(run.success, JSON.stringify(run.result));
      assert.deepEqual(told(), []);
      const children = jobsOf(world.windmill, WORKSPACE).filter(({ parent }) => parent?.id === run.id);
      assert.deepEqual(
        children.map(({ stepId }) => stepId),
        ["check", "remember"],
      );
      if (runs === 1) assert.equal(reportOf(run, HealthReport).health.incident?.worst, "down");
    }
  });

  it("by a run that fails, where that is wanted: after the memory and the alert, with cause and remedy", async () => {
    const watch = { fail_job_when: "down", failures_before_alert: 1 };
    reportOf(await world.runConnect({ api_key: "", schedule: "every 10 minutes", watch }), ChangeReport);
    assert.ok((await world.tick()).flow.success);
    dropDefaultModel();
    const { flow, health, steps } = await world.tick();
    assert.equal(flow.success, false, JSON.stringify([health.telling, flow.args, steps.notify?.success]));
    assert.equal(health.status, "down");
    assert.deepEqual(told(), ["down"]);
    const message = JSON.stringify(flow.result);
    assert.match(message, /does not work.*gpt-5\.5.*1\. /s);
    const again = await world.tick();
    assert.equal(again.flow.success, false);
    assert.deepEqual(told(), ["down"]);
  });
});

describe("the memory", () => {
  it("is repaired when it is damaged, and the run says so", async () => {
    await world.tick();
    const history = { version: 1, models: [], ticks: [[1]], hours: "none" };
    putMemory(world.windmill.store, world.workspace, {
      ...memoryIn(world.workspace),
      streaks: "no",
      incidents: 7,
      history,
    });
    const { flow, health } = await world.tick();
    assert.ok(flow.success);
    assert.match(health.notes.join(" "), /damaged and lost: streaks, incidents.*history was damaged/s);
    assert.equal(health.status, "healthy");
    assert.deepEqual((await world.tick()).health.notes, []);
  });

  it("loses no tick of two flows that run at once, and tells people once", async () => {
    await world.tick();
    world.pooler.keys.clear();
    await world.expireCaches();
    const targets = { alert_webhook_path: WEBHOOK_VARIABLE };
    const { token } = world.windmill.admin;
    const ticks = (): number => History.parse(memoryIn(world.workspace)?.history).ticks.length;
    const before = ticks();
    const runs = await Promise.all(
      Array.from({ length: 4 }, () => runFlow(world.windmill, WORKSPACE, HEALTH, targets, token)),
    );
    assert.ok(runs.every(({ success }) => success));
    assert.equal(ticks(), before + 4);
    assert.deepEqual(told(), ["down"]);
    assert.equal(memoriesIn(world.workspace).length, 1);
  });

  it("costs a quiet tick one write, which leaves nothing in the trash", async () => {
    await world.tick();
    world.windmill.requests.length = 0;
    await world.tick();
    const writes = writesOf(world).map((write) => write.replace(/\d+$/, "n"));
    assert.deepEqual(writes, ["POST resources/update/f/codex_pooler/health_state/n"]);
  });

  it("of 0.1.0 is taken over, and what it was kept in goes", async () => {
    putMemory(world.windmill.store, world.workspace, null);
    const { state, history } = JSON.parse(readFileSync(join(ROOT, "test/fixtures/memory_of_0_1_0.json"), "utf8"));
    for (const [path, value] of [
      [HEALTH_STATE, state],
      [HEALTH_HISTORY, history],
      [HEALTH_LOCK, { job: "", by: "u/admin", command: "health", since: "2026-03-01T00:00:00Z" }],
    ] as const) {
      seedResource(world.windmill.store, world.workspace, path, value, { resourceType: "state" });
    }
    const { flow, health } = await world.tick();
    assert.ok(flow.success, errorOf(flow));
    assert.deepEqual(
      health.notes.filter((note) => /damaged|lost|anew/.test(note)),
      [],
    );
    assert.equal(health.health.incidents.at(-1)?.cause.code, "gateway-unreachable");
    assert.match(
      memoriesIn(world.workspace)
        .map(({ path }) => path)
        .join(),
      /^f\/codex_pooler\/health_state\/\d+$/,
    );
    for (const path of [HEALTH_HISTORY, HEALTH_LOCK]) assert.equal(world.workspace.resources.get(path), undefined);
  });

  it("is not written again by a tick that was under way while somebody disconnected", async () => {
    await world.tick();
    let off: Promise<Run> | undefined;
    const stop = world.windmill.intercept(({ path, method }) => {
      // The check is over, and the step that remembers looks for the memory.
      const remembers = jobsOf(world.windmill, WORKSPACE).some(
        ({ stepId, phase, schedulePath, parent }) =>
          stepId === "remember" && phase === "running" && (schedulePath ?? parent),
      );
      if (remembers && method === "GET" && path.endsWith("/resources/list")) {
        off ??= world.run("disconnect", { mode: "apply" });
        return undefined;
      }
      return undefined;
    });
    await world.tick().catch(() => undefined);
    stop();
    assert.ok(off);
    reportOf(await off, ChangeReport);
    assert.deepEqual(memoriesIn(world.workspace), []);
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
    const ticks = [await world.tick(), await world.tick()];
    assert.ok(flow.success && ticks.some(({ steps }) => steps.notify?.success));
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
