import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { jobsOf, type Run, runFlow, setConcurrency } from "../windmill/jobs/run.ts";
import { type Fixture, startFixture, WORKSPACE } from "./windmill_fixture.ts";

/** Parallel loops of flows, as read from Windmill's source (worker_flow.rs: ParallelIteration, retrieve_flow_jobs_results). */

const FLOW = "f/team/flow";
const expr = (text: string) => ({ type: "javascript", expr: text });

const loop = (inputs: object, settings: object = {}) => ({
  id: "each",
  value: {
    type: "forloopflow",
    iterator: expr("flow_input.items"),
    modules: [{ id: "one", value: { type: "script", path: "f/team/one", input_transforms: inputs } }],
    skip_failures: true,
    parallel: true,
    ...settings,
  },
});

/** A fixture whose script returns what it was given, and fails when that is "bad". */
async function startLoops(
  t: TestContext,
): Promise<Fixture & { run(modules: object[], items: unknown): Promise<Run>; iterations(): Run["job"][] }> {
  const fixture = await startFixture(t);
  const code = "export async function main(x: any) { if (x === 'bad') throw new Error('bad one'); return x; }";
  await fixture.script("f/team/one", code);
  return {
    ...fixture,
    async run(modules, items) {
      await fixture.flow(FLOW, modules);
      return runFlow(fixture.windmill, WORKSPACE, FLOW, { items, other: 1 }, fixture.windmill.admin.token);
    },
    iterations: () => jobsOf(fixture.windmill, WORKSPACE).filter(({ kind }) => kind === "flownode"),
  };
}

test("every iteration is a flow with the flow's arguments and iter; the results come in the order of the list", async (t) => {
  const { run, iterations } = await startLoops(t);
  const { success, result, job } = await run(
    [loop({ x: expr("flow_input.iter.value + flow_input.iter.index") })],
    [5, 6],
  );
  assert.equal(success, true);
  assert.deepEqual(result, [5, 7]);
  assert.deepEqual(
    iterations().map(({ path, args }) => [path, args]),
    [
      [`${FLOW}/forloop-0`, { items: [5, 6], other: 1, iter: { index: 0, value: 5 } }],
      [`${FLOW}/forloop-1`, { items: [5, 6], other: 1, iter: { index: 1, value: 6 } }],
    ],
  );
  const [status] = job.flowStatus?.modules ?? [];
  assert.deepEqual(status?.iterator, { index: 0, itered_len: 2 });
  assert.deepEqual(
    status?.flow_jobs,
    iterations().map(({ id }) => id),
  );
  assert.deepEqual(status?.flow_jobs_success, [true, true]);
});

test("an iteration that fails has its error in the list, and the others and the flow go on", async (t) => {
  const { run } = await startLoops(t);
  const last = {
    id: "last",
    value: { type: "script", path: "f/team/one", input_transforms: { x: expr("results.each.length") } },
  };
  const { success, result, job } = await run([loop({ x: expr("flow_input.iter.value") }), last], ["a", "bad", "b"]);
  assert.equal(success, true);
  assert.equal(result, 3);
  assert.deepEqual(job.flowStatus?.modules[0]?.flow_jobs_success, [true, false, true]);
});

test("no more iterations run at a time than the parallelism allows", async (t) => {
  const { run, iterations, windmill } = await startLoops(t);
  setConcurrency(windmill, 8);
  let most = 0;
  const timer = setInterval(() => {
    most = Math.max(most, iterations().filter(({ phase }) => phase === "running").length);
  }, 1);
  const { result } = await run([loop({ x: expr("flow_input.iter.value") }, { parallelism: 2 })], [1, 2, 3, 4, 5, 6]);
  clearInterval(timer);
  assert.deepEqual(result, [1, 2, 3, 4, 5, 6]);
  assert.ok(most <= 2, `${most} at a time`);
});

test("a parallelism that is no whole number fails the flow and runs no iteration", async (t) => {
  const { run, iterations } = await startLoops(t);
  const { success, result } = await run([loop({}, { parallelism: expr("flow_input.missing") })], [1, 2]);
  assert.equal(success, false);
  assert.match(JSON.stringify(result), /expected u16/);
  assert.deepEqual(iterations(), []);
});

test("a loop over nothing gives an empty list and runs no job", async (t) => {
  const { run, iterations } = await startLoops(t);
  assert.deepEqual((await run([loop({})], [])).result, []);
  assert.deepEqual(iterations(), []);
});

test("what is no list fails the flow, as does a loop that the stand-in cannot run", async (t) => {
  const { run } = await startLoops(t);
  assert.match(JSON.stringify((await run([loop({})], "text")).result), /Expected an array/);
  const sequential = await startLoops(t);
  assert.match(
    JSON.stringify((await sequential.run([loop({}, { parallel: false })], [1])).result),
    /runs no loops but/,
  );
});

test("the server writes out skip_failures, parallel, and a bare parallelism as a transform", async (t) => {
  const { flow, call } = await startFixture(t);
  const { value } = loop({});
  const { skip_failures: _, parallel: __, ...bare } = value;
  await flow(FLOW, [{ id: "each", value: { ...bare, parallelism: 4 } }]);
  const { body } = await call("GET", `/flows/get/${FLOW}`);
  assert.deepEqual((body as { value: { modules: { value: object }[] } }).value.modules[0]?.value, {
    ...value,
    parallel: false,
    parallelism: { type: "static", value: 4 },
  });
});
