import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { type FlowStatus, NO_JOB } from "../windmill/jobs/flow_status.ts";
import { jobsOf, type Run, runFlow, settle } from "../windmill/jobs/run.ts";
import { type Fixture, startFixture, WORKSPACE } from "./windmill_fixture.ts";

const FLOW = "f/team/flow";

const expr = (text: string) => ({ type: "javascript", expr: text });
const step = (id: string, path: string, inputs: object = {}, settings: object = {}) => ({
  id,
  value: { type: "script", path: `f/team/${path}`, input_transforms: inputs },
  ...settings,
});
const inline = (id: string, content: string, inputs: object = {}, settings: object = {}) => ({
  id,
  value: { type: "rawscript", language: "bun", content, lock: "", input_transforms: inputs },
  ...settings,
});

/** A fixture with a script that returns its argument and one that always fails. */
async function startFlows(
  t: TestContext,
): Promise<Fixture & { run(modules: object[], args?: object, value?: object): ReturnType<typeof runFlow> }> {
  const fixture = await startFixture(t);
  await fixture.script("f/team/echo", "export async function main(value: any) { return { value }; }");
  await fixture.script("f/team/fail", "export async function main(why = 'broken') { throw new Error(why); }");
  return {
    ...fixture,
    async run(modules, args = {}, value = {}) {
      await fixture.flow(FLOW, modules, value);
      return runFlow(fixture.windmill, WORKSPACE, FLOW, args, fixture.windmill.admin.token);
    },
  };
}

const statusOf = ({ job: { flowStatus } }: Run): FlowStatus => {
  assert.ok(flowStatus);
  return flowStatus;
};
const messageOf = ({ result }: { result: unknown }) => (result as { error: { message: string } }).error.message;

test("a flow's result is its last step's, whose inputs come from the flow's, earlier results and the previous one", async (t) => {
  const { run } = await startFlows(t);
  const { success, result, logs } = await run(
    [
      step("first", "echo", { value: expr("flow_input.name.toUpperCase()") }),
      step("second", "echo", { value: { type: "static", value: { fixed: true } } }),
      step("third", "echo", { value: expr("[results.first.value, previous_result.value.fixed]") }),
    ],
    { name: "ada" },
  );
  assert.equal(success, true);
  assert.deepEqual(result, { value: ["ADA", true] });
  assert.equal(logs, "Flow job completed with success\n");
});

test("the first branch that is true runs, sees the outer results, and its last result is the step's", async (t) => {
  const { run } = await startFlows(t);
  const branches = [
    { expr: "results.first.value > 5", modules: [step("inner_a", "echo", { value: expr("'many'") })] },
    {
      expr: "results.first.value > 1",
      modules: [step("inner_b", "echo", { value: expr("results.first.value * 10") })],
    },
  ];
  const decide = { id: "decide", value: { type: "branchone", branches, default: [] } };
  const first = step("first", "echo", { value: expr("flow_input.n") });
  const last = step("last", "echo", { value: expr("results.decide") });
  const taken = await run([first, decide, last], { n: 3 });
  assert.deepEqual(taken.result, { value: { value: 30 } });
  assert.deepEqual(statusOf(taken).modules[1]?.branch_chosen, { type: "branch", branch: 1 });
});

test("an empty default branch passes the previous result on and runs no job", async (t) => {
  const { run } = await startFlows(t);
  const decide = {
    id: "decide",
    value: { type: "branchone", branches: [{ expr: "false", modules: [] }], default: [] },
  };
  const passed = await run([step("first", "echo", { value: expr("1") }), decide]);
  assert.deepEqual(passed.result, { value: 1 });
  assert.deepEqual(statusOf(passed).modules[1], {
    ...{ id: "decide", type: "Success", job: NO_JOB, skipped: false },
    branch_chosen: { type: "default" },
  });
});

test("a failed step fails the flow with its error, and nothing after it runs", async (t) => {
  const { run, windmill } = await startFlows(t);
  const failed = await run([step("first", "fail"), step("second", "echo", { value: expr("1") })]);
  assert.equal(failed.success, false);
  const { error } = failed.result as { error: { message: string; step_id: string } };
  assert.deepEqual([error.message, error.step_id], ["broken", "first"]);
  assert.deepEqual(
    statusOf(failed).modules.map(({ type }) => type),
    ["Failure", "WaitingForPriorSteps"],
  );
  assert.equal(
    jobsOf(windmill, WORKSPACE).some(({ path }) => path === "f/team/echo"),
    false,
  );
});

test("the failure module gets the error, its result is the flow's, and the flow has failed all the same", async (t) => {
  const { run } = await startFlows(t);
  const failure = step("failure", "echo", { value: expr("error.message + ' in ' + error.step_id") });
  const failed = await run([step("first", "fail")], {}, { failure_module: failure });
  assert.equal(failed.success, false);
  assert.deepEqual(failed.result, { value: "broken in first" });
  assert.equal(statusOf(failed).failure_module.type, "Success");
  assert.equal(statusOf(failed).failure_module.parent_module, "first");
});

test("continue_on_error makes the error the step's result", async (t) => {
  const { run } = await startFlows(t);
  const { success, result } = await run([
    step("first", "fail", {}, { continue_on_error: true }),
    step("second", "echo", { value: expr("results.first.error.message") }),
  ]);
  assert.equal(success, true);
  assert.deepEqual(result, { value: "broken" });
});

test("a retry runs the step again, and stops when it succeeds", async (t) => {
  const { run, windmill } = await startFlows(t);
  const store = windmill.store.workspaces.get(WORKSPACE)?.variables;
  const content = `export async function main() {
    const path = "u/admin/attempt";
    const response = await fetch(process.env.BASE_URL + "/api/w/${WORKSPACE}/variables/create", { method: "POST", headers: { authorization: "Bearer " + process.env.WM_TOKEN }, body: JSON.stringify({ path, value: "", is_secret: false, description: "" }) });
    if (response.status === 201) throw new Error("the first attempt");
    return "the second attempt";
  }`;
  const retried = await run([inline("first", content, {}, { retry: { constant: { attempts: 3, seconds: 0 } } })]);
  assert.equal(retried.result, "the second attempt");
  assert.ok(store?.has("u/admin/attempt"));
  assert.equal(statusOf(retried).modules[0]?.failed_retries?.length, 1);
});

test("retries wait as long as they say, and give up after the last", async (t) => {
  const { flow, call, windmill } = await startFlows(t);
  await flow(FLOW, [step("first", "fail", {}, { retry: { constant: { attempts: 1, seconds: 600 } } })]);
  await call("POST", `/jobs/run/f/${FLOW}`, {});
  const attempts = () =>
    jobsOf(windmill, WORKSPACE).filter(({ path, phase }) => path === "f/team/fail" && phase === "completed").length;
  while (!jobsOf(windmill, WORKSPACE).some(({ flowStatus }) => flowStatus?.retry)) await sleep(5);
  assert.equal(attempts(), 1);
  await windmill.store.clock.advance(601_000);
  await settle(windmill);
  assert.equal(attempts(), 2);
  assert.equal(jobsOf(windmill, WORKSPACE).find(({ kind }) => kind === "flow")?.success, false);
});

test("stop_after_if ends the flow with the step's result, as skipped if it says so", async (t) => {
  const { run } = await startFlows(t);
  const stop = { stop_after_if: { expr: "result.value === 0", skip_if_stopped: true } };
  const modules = [
    step("first", "echo", { value: expr("flow_input.n") }, stop),
    step("second", "echo", { value: expr("'on'") }),
  ];
  const stopped = await run(modules, { n: 0 });
  assert.deepEqual([stopped.success, stopped.result, stopped.job.isSkipped], [true, { value: 0 }, true]);
});

test("stop_after_if with a message fails the flow", async (t) => {
  const { run } = await startFlows(t);
  const stop = { stop_after_if: { expr: "true", skip_if_stopped: false, error_message: "enough" } };
  const stopped = await run([step("first", "echo", { value: expr("1") }, stop)]);
  assert.deepEqual([stopped.success, messageOf(stopped)], [false, "enough"]);
});

test("skip_if leaves a step out", async (t) => {
  const { run } = await startFlows(t);
  const skipped = await run([
    step("first", "echo", { value: expr("1") }),
    step("second", "fail", {}, { skip_if: { expr: "results.first.value === 1" } }),
    step("third", "echo", { value: expr("previous_result.value + 1") }),
  ]);
  assert.deepEqual(skipped.result, { value: 2 });
  assert.equal(statusOf(skipped).modules[1]?.skipped, true);
});

test("a step is killed when its own time is over", async (t) => {
  const { run } = await startFlows(t);
  const hang = "export async function main() { await new Promise(() => setInterval(() => {}, 1000)); }";
  const failed = await run([inline("first", hang, {}, { timeout: 1 })]);
  assert.equal(failed.success, false);
  assert.match(messageOf(failed), /timeout after exceeding job-specific duration limit/);
});

test("an expression that fails names itself in the flow's error", async (t) => {
  const { run } = await startFlows(t);
  const failed = await run([step("first", "echo", { value: expr("results.absent.value") })]);
  assert.equal(failed.success, false);
  assert.match(messageOf(failed), /`results\.absent\.value`:\nTypeError: /);
});

test("a flow's steps have the flow in their environment and the flow's arguments stay as they were sent", async (t) => {
  const { run, call } = await startFlows(t);
  const content = "export async function main() { return process.env; }";
  const { result, id } = await run([inline("where", content)], { note: "$var:u/admin/absent" });
  const env = result as Record<string, string>;
  assert.equal(env.WM_FLOW_JOB_ID, id);
  assert.equal(env.WM_ROOT_FLOW_JOB_ID, id);
  assert.equal(env.WM_FLOW_PATH, FLOW);
  assert.equal(env.WM_FLOW_STEP_ID, "where");
  assert.equal(env.WM_STATE_PATH, `${FLOW}/where_user`);
  assert.deepEqual((await call("GET", `/jobs_u/get_args/${id}`)).body, { note: "$var:u/admin/absent" });
});

test("cancelling a flow ends what runs in it", async (t) => {
  const { flow, call, windmill } = await startFlows(t);
  const hang =
    "export async function main() { console.log('began'); await new Promise(() => setInterval(() => {}, 1000)); }";
  await flow(FLOW, [
    inline("first", hang, {}, { continue_on_error: true }),
    step("second", "echo", { value: expr("1") }),
  ]);
  const { body: id } = await call("POST", `/jobs/run/f/${FLOW}`, {});
  while (!jobsOf(windmill, WORKSPACE).some(({ logs }) => logs.includes("began"))) await sleep(10);
  await call("POST", `/jobs_u/queue/cancel/${id}`, { reason: "enough" });
  await settle(windmill);
  const job = jobsOf(windmill, WORKSPACE).find((other) => other.id === id);
  assert.deepEqual([job?.phase, job?.success], ["completed", false]);
  assert.equal(
    jobsOf(windmill, WORKSPACE).some(({ path }) => path === "f/team/echo"),
    false,
  );
});

test("a flow is kept as the server writes it: defaults filled in, unknown keys gone, bare seconds as a transform", async (t) => {
  const { flow, call } = await startFlows(t);
  const decide = {
    id: "decide",
    value: { type: "branchone", branches: [{ expr: "true", modules: [], colour: "red" }], default: [] },
  };
  await flow(FLOW, [{ ...step("first", "echo"), timeout: 30, retri: 1 }, decide], { same_worker: false });
  const { body } = await call("GET", `/flows/get/${FLOW}`);
  assert.deepEqual((body as { value: unknown }).value, {
    modules: [
      {
        id: "first",
        value: { type: "script", path: "f/team/echo", input_transforms: {} },
        timeout: { type: "static", value: 30 },
      },
      {
        id: "decide",
        value: {
          type: "branchone",
          default: [],
          branches: [{ expr: "true", modules: [], parallel: true, skip_failure: true }],
        },
      },
    ],
  });
});

test("a member without access to the folder cannot run its flow", async (t) => {
  const { flow, call, windmill } = await startFlows(t);
  await flow(FLOW, []);
  const { status, body } = await call("POST", `/jobs/run/f/${FLOW}`, {}, windmill.member.token);
  assert.equal(status, 401);
  assert.match(
    String(body),
    /^Not authorized: You are not authorized to access this flow: f\/team\/flow \(but it exists\)/,
  );
});
