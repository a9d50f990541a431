import assert from "node:assert/strict";
import { after, before, beforeEach, describe, it } from "node:test";
import { z } from "zod";
import { ChangeReport } from "../../src/core/report.ts";
import { HealthReport } from "../../src/health/report.ts";
import { callWindmill } from "../../tools/shared/windmill_api.ts";
import { idle, jobsOf, type Run, runOf, settle } from "../standins/windmill/jobs/run.ts";
import { leaksOf } from "../world/leaks.ts";
import { errorOf, reportOf, startDeployedWorld, WEBHOOK_VARIABLE, WORKSPACE, type World } from "../world/world.ts";

/** Whom the health flow tells, and what becomes of a target that cannot be told. */

const SCRIPT = "f/codex_pooler_alerts/page_oncall";
const FLOW = "f/codex_pooler_alerts/tell_everybody";

let world: World;
before(async () => {
  world = await startDeployedWorld();
  const post = (path: string, body: object) => callWindmill(world.target, `w/${WORKSPACE}/${path}`, z.unknown(), body);
  await post("folders/create", { name: "codex_pooler_alerts" });
  await post("scripts/create", {
    path: SCRIPT,
    content: "export async function main(alert: any) { return alert; }",
    language: "bun",
    summary: "",
    description: "",
    lock: '{\n  "dependencies": {}\n}\n//bun.lock\n<empty>',
  });
  const step = {
    type: "script",
    path: SCRIPT,
    input_transforms: { alert: { type: "javascript", expr: "flow_input.alert" } },
  };
  await post("flows/create", { path: FLOW, summary: "", value: { modules: [{ id: "a", value: step }] } });
  await settle(world.windmill);
});
beforeEach(async () => {
  await world.reset();
  await world.storeWebhook();
});
after(() => world.close());

const connect = async (filled: object): Promise<void> => {
  const connected = await world.runConnect({ schedule: "every 5 minutes", ...filled });
  assert.equal(reportOf(connected, ChangeReport).status, "healthy");
};

/** Breaks the connection, or repairs it, and waits for the tick that tells people. */
async function alertAfter(change: () => void): Promise<HealthReport> {
  change();
  for (let ticks = 0; ticks < 5; ticks++) {
    const { notify } = (await world.tick()).steps;
    if (notify) return reportOf(notify, HealthReport);
  }
  throw new Error("nobody was told in five ticks");
}
const breakKey = (): void => world.pooler.keys.clear();

/** Lets nobody start the script or flow, as after it was renamed. */
async function whileRefused<T>(work: () => Promise<T>): Promise<T> {
  const stop = world.windmill.intercept(({ path }) =>
    /\/jobs\/run\/[pf]\//.test(path) ? { takesEffect: false, show: { status: 404, body: "Not found" } } : undefined,
  );
  try {
    return await work();
  } finally {
    stop();
  }
}

async function runsOf(path: string): Promise<Run[]> {
  await idle(world.windmill);
  return jobsOf(world.windmill, WORKSPACE)
    .filter((job) => job.path === path && job.parent === undefined)
    .map(runOf);
}

const Alert = z.looseObject({ kind: z.string(), status: z.string(), text: z.string(), run_url: z.string() });

describe("an alert", () => {
  for (const [kind, path] of [
    ["script", SCRIPT],
    ["flow", FLOW],
  ] as const) {
    it(`runs a ${kind} of the workspace with the alert as its argument`, async () => {
      await connect({ alert_runnable: `${kind}/${path}` });
      const { alert } = await alertAfter(breakKey);
      assert.deepEqual(alert, {
        delivered: true,
        targets: [{ target: `${kind} ${path}`, delivered: true, problem: "" }],
      });
      const [run, ...more] = await runsOf(path);
      assert.ok(run?.success);
      assert.deepEqual(more, []);
      const got = Alert.parse(run.result);
      assert.deepEqual([got.kind, got.status], ["opening", "down"]);
      assert.match(got.text, /does not work[\s\S]*To be done by/);
      assert.match(got.run_url, /\/run\//);
    });
  }

  it("goes to the webhook and to the script, and is delivered when one of them took it", async () => {
    await connect({ alert_webhook_path: WEBHOOK_VARIABLE, alert_runnable: `script/${SCRIPT}` });
    const { alert } = await whileRefused(() => alertAfter(breakKey));
    assert.equal(alert?.delivered, true);
    assert.deepEqual(
      alert?.targets.map(({ delivered }) => delivered),
      [true, false],
    );
    assert.match(alert?.targets[1]?.problem ?? "", /could not be started.*404/);
    assert.equal(world.webhook.alerts.length, 1);
    const { steps } = await world.tick();
    assert.equal(steps.notify, undefined);
  });

  it("is due again when no target took it, and fails no tick", async () => {
    await connect({ alert_runnable: `flow/${FLOW}` });
    const { alert } = await whileRefused(() => alertAfter(breakKey));
    assert.equal(alert?.delivered, false);
    const { flow, steps } = await world.tick();
    assert.ok(flow.success);
    assert.equal(reportOf(steps.notify ?? flow, HealthReport).alert?.delivered, true);
  });

  it("has the body of the service that was chosen, in place of the one that the host suggests", async () => {
    await connect({ alert_webhook_path: WEBHOOK_VARIABLE, webhook_format: "mattermost" });
    await alertAfter(breakKey);
    assert.deepEqual(
      world.webhook.bodies.map((body) => Object.keys(JSON.parse(body))),
      [["text"]],
    );
  });

  it("of a recovery says after how long", async () => {
    await connect({ alert_webhook_path: WEBHOOK_VARIABLE });
    const { keys } = world.pooler;
    const [[key, state] = []] = [...keys];
    await alertAfter(breakKey);
    await alertAfter(() => key && state && keys.set(key, state));
    assert.match(world.webhook.alerts[1]?.text ?? "", /works again \(after .+\)/);
  });

  it("says in the result when the variable with the address is gone", async () => {
    await connect({ alert_webhook_path: WEBHOOK_VARIABLE });
    world.workspace.variables.delete(WEBHOOK_VARIABLE);
    const { alert } = await alertAfter(breakKey);
    assert.equal(alert?.delivered, false);
    assert.match(alert?.targets[0]?.problem ?? "", /u\/admin\/alert_webhook.*404/);
  });

  it("resolves nothing that the gateway said in the arguments of the run", async () => {
    await world.storeSecret("u/admin/treasure", "the treasure");
    await connect({ alert_runnable: `script/${SCRIPT}` });
    await alertAfter(() => world.pooler.models.splice(0, 3, "$var:u/admin/treasure"));
    const [run] = await runsOf(SCRIPT);
    assert.ok(run?.success);
    assert.deepEqual(leaksOf(world, "the treasure"), []);
  });

  it("leaves the address of the webhook nowhere", async () => {
    await connect({ alert_webhook_path: WEBHOOK_VARIABLE });
    world.webhook.status = 404;
    await alertAfter(breakKey);
    assert.deepEqual(leaksOf(world, world.webhook.token), []);
  });
});

describe("connect", () => {
  it("hands the targets to the schedule, and leaves those that stand there when nothing is filled in", async () => {
    const targets = {
      alert_webhook_path: WEBHOOK_VARIABLE,
      webhook_format: "json",
      alert_runnable: `script/${SCRIPT}`,
    };
    await connect(targets);
    await connect({ schedule: "hourly", api_key: "" });
    const { args } = await callWindmill(
      world.target,
      `w/${WORKSPACE}/schedules/get/f/codex_pooler/health`,
      z.looseObject({ args: z.record(z.string(), z.unknown()) }),
    );
    assert.deepEqual(args, targets);
  });

  it("refuses a script that is not there", async () => {
    const run = await world.runConnect({ schedule: "hourly", alert_runnable: "script/f/team/gone" });
    assert.match(errorOf(run), /alert_runnable: there is no script f\/team\/gone that you can run/);
  });

  it("refuses a runnable that is none", async () => {
    const run = await world.runConnect({ schedule: "hourly", alert_runnable: "f/team/page_oncall" });
    assert.match(errorOf(run), /alert_runnable: is neither a script nor a flow\. Write script\/ or flow\//);
  });
});
