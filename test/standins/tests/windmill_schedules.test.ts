import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { jobsOf, scheduledRuns, settle } from "../windmill/jobs/run.ts";
import { type Fixture, startFixture, WORKSPACE } from "./windmill_fixture.ts";

const SCHEDULE = "f/team/every";
const MINUTE_MS = 60_000;

const FLOW = [
  {
    id: "where",
    value: {
      type: "rawscript",
      language: "bun",
      content: "export async function main(note: string) { return { note, env: process.env }; }",
      lock: "",
      input_transforms: { note: { type: "javascript", expr: "flow_input.note" } },
    },
  },
];

/** A fixture with the flow `f/team/flow` and the script `f/team/script`, and a short way to schedule them. */
async function startSchedules(
  t: TestContext,
): Promise<Fixture & { schedule(body?: object, token?: string): ReturnType<Fixture["call"]> }> {
  const fixture = await startFixture(t);
  await fixture.flow("f/team/flow", FLOW);
  await fixture.script("f/team/script", "export async function main() { return process.env.WM_STATE_PATH; }");
  const common = {
    path: SCHEDULE,
    schedule: "0 */5 * * * *",
    timezone: "Etc/UTC",
    script_path: "f/team/flow",
    is_flow: true,
  };
  return {
    ...fixture,
    schedule: (body = {}, token = fixture.windmill.admin.token) =>
      fixture.call("POST", "/schedules/create", { ...common, args: { note: "tick" }, enabled: true, ...body }, token),
  };
}

const runs = ({ windmill }: Fixture) => scheduledRuns(windmill, WORKSPACE, SCHEDULE);

test("an enabled schedule runs its flow once for every time that the clock passes", async (t) => {
  const fixture = await startSchedules(t);
  assert.deepEqual(await fixture.schedule(), { status: 200, body: SCHEDULE });
  await fixture.windmill.store.clock.advance(15 * MINUTE_MS);
  const [first, ...others] = runs(fixture);
  assert.ok(first);
  assert.equal(others.length, 2);
  const { note, env } = first.result as { note: string; env: Record<string, string> };
  assert.equal(note, "tick");
  assert.equal(env.WM_SCHEDULE_PATH, SCHEDULE);
  assert.equal(env.WM_USERNAME, "schedule-f-team-every");
  assert.equal(env.WM_PERMISSIONED_AS, "u/admin");
  assert.equal(env.WM_STATE_PATH, "f/team/flow/where_schedule-f-team-every");
  assert.match(env.WM_SCHEDULED_FOR ?? "", /:[0-5][05]:00Z$/);
});

test("scheduled scripts run too, one after the other", async (t) => {
  const fixture = await startSchedules(t);
  await fixture.schedule({ script_path: "f/team/script", is_flow: false });
  await fixture.windmill.store.clock.advance(10 * MINUTE_MS);
  assert.deepEqual(
    runs(fixture).map(({ result }) => result),
    Array(2).fill("f/team/script/schedule-f-team-every"),
  );
});

test("a disabled schedule does not run, until it is enabled", async (t) => {
  const fixture = await startSchedules(t);
  const { clock } = fixture.windmill.store;
  await fixture.schedule({ enabled: false });
  await clock.advance(10 * MINUTE_MS);
  assert.equal(runs(fixture).length, 0);
  await fixture.call("POST", `/schedules/setenabled/${SCHEDULE}`, { enabled: true });
  await clock.advance(5 * MINUTE_MS);
  assert.equal(runs(fixture).length, 1);
  await fixture.call("DELETE", `/schedules/delete/${SCHEDULE}`);
  await clock.advance(10 * MINUTE_MS);
  assert.equal(runs(fixture).length, 1);
});

test("the next run waits in the queue, with the rights of when it was put there", async (t) => {
  const fixture = await startSchedules(t);
  await fixture.schedule();
  const [queued] = jobsOf(fixture.windmill, WORKSPACE).filter(({ schedulePath }) => schedulePath !== undefined);
  assert.deepEqual([queued?.phase, queued?.identity.username], ["queued", "admin"]);
  await fixture.call("POST", `/schedules/setenabled/${SCHEDULE}`, { enabled: false });
  assert.equal(
    jobsOf(fixture.windmill, WORKSPACE).some(({ schedulePath }) => schedulePath !== undefined),
    false,
  );
});

test("a run that would overlap with a running one is skipped and says with which", async (t) => {
  const fixture = await startSchedules(t);
  const { windmill, schedule, call } = fixture;
  const { clock } = windmill.store;
  const content = "export async function main() { await new Promise(() => setInterval(() => {}, 1000)); }";
  const hang = { id: "hang", value: { type: "rawscript", language: "bun", content, lock: "", input_transforms: {} } };
  await fixture.flow("f/team/slow", [hang]);
  await schedule({ script_path: "f/team/slow", no_flow_overlap: true });
  const first = clock.advance(5 * MINUTE_MS);
  while (!jobsOf(windmill, WORKSPACE).some(({ stepId, phase }) => stepId === "hang" && phase === "running"))
    await sleep(5);
  await clock.advance(5 * MINUTE_MS);
  const running = jobsOf(windmill, WORKSPACE).find(({ path, phase }) => path === "f/team/slow" && phase === "running");
  const [skipped] = runs(fixture);
  assert.deepEqual(
    [skipped?.success, skipped?.job.isSkipped, skipped?.result],
    [true, true, `not allowed to overlap with ${running?.id}, scheduling next iteration`],
  );
  await call("POST", `/jobs_u/queue/cancel/${running?.id}`, {});
  await first;
});

test("an edit resets what it does not mention and gives the schedule to the editor", async (t) => {
  const fixture = await startSchedules(t);
  const { call, windmill, schedule } = fixture;
  await call("POST", "/folders/update/team", { extra_perms: { "u/member": true } });
  await schedule({ summary: "every five minutes", no_flow_overlap: true });
  const edit = { schedule: "0 0 * * * *", timezone: "Europe/Vienna" };
  assert.equal((await call("POST", `/schedules/update/${SCHEDULE}`, edit, windmill.member.token)).status, 200);
  const { body } = await call("GET", `/schedules/get/${SCHEDULE}`);
  const { permissioned_as, summary, no_flow_overlap, enabled, schedule: cron } = body as Record<string, unknown>;
  assert.deepEqual(
    { permissioned_as, summary, no_flow_overlap, enabled, cron },
    { permissioned_as: "u/member", summary: undefined, no_flow_overlap: false, enabled: true, cron: "0 0 * * * *" },
  );
  const keep = { ...edit, permissioned_as: "u/member", preserve_permissioned_as: true };
  await call("POST", `/schedules/update/${SCHEDULE}`, keep);
  assert.equal(
    ((await call("GET", `/schedules/get/${SCHEDULE}`)).body as Record<string, unknown>).permissioned_as,
    "u/member",
  );
});

test("a schedule whose flow is gone switches itself off and says why", async (t) => {
  const fixture = await startSchedules(t);
  await fixture.schedule();
  await fixture.call("DELETE", "/flows/delete/f/team/flow");
  await fixture.windmill.store.clock.advance(5 * MINUTE_MS);
  const { body } = await fixture.call("GET", `/schedules/get/${SCHEDULE}`);
  const { enabled, error } = body as Record<string, unknown>;
  assert.equal(enabled, false);
  assert.match(String(error), /flow not found at name f\/team\/flow/);
});

test("a refused schedule leaves nothing behind", async (t) => {
  const fixture = await startSchedules(t);
  const { schedule, call, windmill } = fixture;
  const refusals = [
    [{ schedule: "*/5 * * * *" }, /^Bad request: cron: \*\/5 \* \* \* \*\n {11}\^\n$/],
    [{ schedule: "0 */5 * * * * * *" }, /^Bad request: cron: /],
    [{ schedule: "0 61 * * * *" }, /\n {2}\^\n$/],
    [{ timezone: "Mars/Base" }, /failed to parse timezone/],
    [{ script_path: "f/team/absent" }, /flow not found at name f\/team\/absent/],
    [{ on_success: "script/f/team/script" }, /on_success is only available in enterprise version/],
    [{ path: "bad path" }, /Invalid path/],
  ] as const;
  for (const [body, reason] of refusals) {
    const answer = await schedule(body);
    assert.match(String(answer.body), reason, JSON.stringify(body));
    assert.ok(answer.status >= 400);
  }
  assert.equal((await call("GET", `/schedules/exists/${SCHEDULE}`)).body, false);
  assert.equal(
    jobsOf(windmill, WORKSPACE).some(({ schedulePath }) => schedulePath !== undefined),
    false,
  );
  assert.equal((await schedule({}, windmill.member.token)).status, 401);
  await settle(windmill);
});
