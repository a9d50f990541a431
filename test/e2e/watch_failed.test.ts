import assert from "node:assert/strict";
import { after, before, beforeEach, describe, it } from "node:test";
import { ChangeReport, CheckReport } from "../../src/core/report.ts";
import { HealthReport } from "../../src/health/report.ts";
import { jobsOf, type Run, runOf } from "../standins/windmill/jobs/run.ts";
import {
  errorOf,
  HEALTH,
  reportOf,
  startDeployedWorld,
  WEBHOOK_VARIABLE,
  WORKSPACE,
  type World,
} from "../world/world.ts";

/** A watch that fails itself: nobody is left to believe that all is well. */

let world: World;
before(async () => {
  world = await startDeployedWorld();
});
const stops: (() => void)[] = [];
beforeEach(async () => {
  for (const stop of stops.splice(0)) stop();
  await world.reset();
  await world.storeWebhook();
  const connected = await world.runConnect({ schedule: "every 5 minutes", alert_webhook_path: WEBHOOK_VARIABLE });
  assert.equal(reportOf(connected, ChangeReport).status, "healthy");
  await world.tick();
});
after(() => world.close());

const told = (): string[] => world.webhook.alerts.map(({ kind, status }) => `${kind} ${status}`);

/** Moves the clock to the next scheduled run, and gives its steps whatever became of them. */
async function run(): Promise<{ flow: Run; steps: Record<string, Run> }> {
  const due = jobsOf(world.windmill, WORKSPACE).find((job) => job.schedulePath === HEALTH && job.phase === "queued");
  assert.ok(due);
  await world.windmill.clock.advance(Math.max(Date.parse(due.scheduledFor) - world.windmill.clock.now(), 0));
  await due.done;
  const children = jobsOf(world.windmill, WORKSPACE).filter((job) => job.parent?.id === due.id);
  return { flow: runOf(due), steps: Object.fromEntries(children.map((job) => [job.stepId ?? "", runOf(job)])) };
}

/** Lets Windmill answer the calls that match with a status. */
function refuse(method: string, path: RegExp, status: number): () => void {
  const stop = world.windmill.intercept((call) =>
    call.method === method && path.test(call.path)
      ? { takesEffect: false, show: { status, body: "Internal: no connection to the database" } }
      : undefined,
  );
  stops.push(stop);
  return stop;
}

describe("a check that Windmill does not answer", () => {
  it("ends with a report, is remembered, and is told after two; so is that it works again", async () => {
    const stop = refuse("GET", /\/users\/whoami$/, 500);
    const first = await run();
    const check = reportOf(first.steps.check ?? first.flow, CheckReport);
    assert.equal(check.status, "unknown");
    assert.match(check.could_not_look ?? "", /who runs this job.*500/i);
    assert.deepEqual(told(), []);
    const second = await run();
    assert.ok(second.flow.success, errorOf(second.flow));
    assert.deepEqual(told(), ["opening unknown"]);
    assert.match(world.webhook.alerts[0]?.text ?? "", /could not be checked[\s\S]*check itself failed/);
    const health = reportOf(second.steps.remember ?? second.flow, HealthReport);
    assert.equal(health.connection.default_model, "gpt-5.5", "what was known stays");
    await run();
    assert.deepEqual(told(), ["opening unknown"]);
    stop();
    await run();
    await run();
    assert.deepEqual(told(), ["opening unknown", "recovery healthy"]);
  });
});

describe("a step check that dies", () => {
  it("is remembered and told all the same, and the run is red", async () => {
    const stop = refuse("GET", /\/users\/whoami$/, 500);
    stop();
    const killing = world.windmill.intercept(({ path }) => {
      const step = jobsOf(world.windmill, WORKSPACE).find(
        ({ stepId, phase }) => stepId === "check" && phase === "running",
      );
      if (path.endsWith("/users/whoami")) step?.stop?.();
      return undefined;
    });
    stops.push(killing);
    for (let runs = 0; runs < 2; runs++) {
      const { flow, steps } = await run();
      assert.equal(steps.check?.success, false);
      assert.ok(steps.remember?.success);
      assert.equal(flow.success, false);
      assert.match(errorOf(flow), /its step check failed/);
    }
    killing();
    assert.deepEqual(told(), ["opening unknown"]);
    await run();
    const { flow } = await run();
    assert.ok(flow.success);
    assert.deepEqual(told(), ["opening unknown", "recovery healthy"]);
  });
});

describe("a memory that cannot be written", () => {
  it("is told after two runs, and not at every one", async () => {
    const stop = refuse("POST", /\/resources\/(create|update)/, 403);
    for (let runs = 0; runs < 4; runs++) {
      const { flow, steps } = await run();
      assert.ok(steps.check?.success);
      assert.equal(flow.success, false);
      assert.match(errorOf(flow), /could not be remembered/);
    }
    assert.deepEqual(told(), ["opening unknown"]);
    assert.match(world.webhook.alerts[0]?.text ?? "", /could not be remembered/);
    stop();
    assert.ok((await run()).flow.success);
    assert.deepEqual(told(), ["opening unknown", "recovery healthy"]);
    assert.match(world.webhook.alerts[1]?.text ?? "", /^The health check of Windmill AI in team works again/);
    assert.ok((await run()).flow.success);
    assert.equal(told().length, 2);
  });
});
