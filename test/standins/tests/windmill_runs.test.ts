import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { allowJobs, idle, jobsOf, killJob, runScript, setConcurrency, settle } from "../windmill/jobs/run.ts";
import { seedResource, seedVariable } from "../windmill/seed.ts";
import { type Fixture, startFixture, WORKSPACE } from "./windmill_fixture.ts";

const run = ({ windmill }: Fixture, path: string, args: object = {}, token = windmill.admin.token) =>
  runScript(windmill, WORKSPACE, path, args, token);
const errorOf = ({ result }: { result: unknown }) => (result as { error: Record<string, unknown> }).error;

test("arguments reach main in the order of its signature, absent ones as their defaults", async (t) => {
  const fixture = await startFixture(t);
  await fixture.script(
    "f/team/echo",
    "export async function main(b: number, a = 'none', c?: string[]) { return { a, b, c }; }",
  );
  const { result, args } = await run(fixture, "f/team/echo", { c: ["x"], b: 2 });
  assert.deepEqual(result, { a: "none", b: 2, c: ["x"] });
  assert.deepEqual(args, { b: 2, c: ["x"] });
});

test("a form asks another function of the script for choices, by the names of that function's parameters", async (t) => {
  const fixture = await startFixture(t);
  const { windmill, script, call } = fixture;
  const workspace = windmill.store.workspaces.get(WORKSPACE);
  assert.ok(workspace);
  seedVariable(windmill.store, workspace, "u/admin/key", "secret text");
  await script(
    "f/team/pick",
    "export async function main(model: string) { return model; }\nexport async function offered(filterText = '', key?: string) { return [filterText, key]; }",
  );
  const ask = (entrypoint_function: string) =>
    call("POST", "/jobs/run/dynamic_select", {
      entrypoint_function,
      args: { model: "gpt", key: "$var:u/admin/key", filterText: "g" },
      runnable_ref: { source: "deployed", path: "f/team/pick", runnable_kind: "script" },
    });
  const { status, body: id } = await ask("offered");
  assert.equal(status, 201);
  await idle(windmill);
  const job = jobsOf(windmill, WORKSPACE).find((one) => one.id === id);
  assert.deepEqual([job?.success, job?.result], [true, ["g", "secret text"]]);
  assert.deepEqual(job?.args, {
    model: "gpt",
    key: "$var:u/admin/key",
    filterText: "g",
    _ENTRYPOINT_OVERRIDE: "offered",
  });
  assert.equal((await ask("no-name")).status, 400);
  await ask("gone");
  await idle(windmill);
  assert.match(JSON.stringify(jobsOf(windmill, WORKSPACE).at(-1)?.result), /gone function is missing/);
});

test("references are resolved with the job's rights when it runs, and stay references in what is stored", async (t) => {
  const fixture = await startFixture(t);
  const { windmill, script, call } = fixture;
  const workspace = windmill.store.workspaces.get(WORKSPACE);
  assert.ok(workspace);
  seedVariable(windmill.store, workspace, "u/admin/key", "secret text");
  seedResource(windmill.store, workspace, "u/admin/pool", { api_key: "$var:u/admin/key", base_url: "http://pool" });
  await script("f/team/echo", "export async function main(key: string, deep: any) { return { key, deep }; }");
  const args = { key: "$var:u/admin/key", deep: { pool: "$res:u/admin/pool" } };
  const seen = await run(fixture, "f/team/echo", args);
  assert.deepEqual(seen.result, {
    key: "secret text",
    deep: { pool: { api_key: "secret text", base_url: "http://pool" } },
  });
  assert.deepEqual((await call("GET", `/jobs_u/get_args/${seen.id}`)).body, args);

  await call("POST", "/folders/update/team", { extra_perms: { "u/member": false } });
  const refused = await run(fixture, "f/team/echo", args, windmill.member.token);
  assert.equal(refused.success, false);
  assert.match(String(errorOf(refused).message), /Variable exists but you don't have access to it/);
});

test("the environment is the documented one and nothing of the worker's own", async (t) => {
  const fixture = await startFixture(t);
  process.env.WORKER_SECRET = "not for jobs";
  t.after(() => delete process.env.WORKER_SECRET);
  await fixture.script("f/team/env", "export async function main() { return process.env; }");
  const { result, id } = await run(fixture, "f/team/env");
  const env = result as Record<string, string>;
  assert.equal(env.WORKER_SECRET, undefined);
  assert.equal(env.BASE_URL, fixture.windmill.processes.worker.url);
  assert.equal(env.WM_BASE_URL, fixture.windmill.url);
  assert.equal(env.WM_JOB_ID, id);
  assert.equal(env.WM_STATE_PATH, "f/team/env/user");
  assert.equal(env.WM_FLOW_JOB_ID, "");
  assert.equal(env.BASE_INTERNAL_URL, undefined);
});

test("a job's token is accepted by both processes, with the rights of who started it", async (t) => {
  const fixture = await startFixture(t);
  const { windmill, script, call } = fixture;
  await script(
    "f/team/whoami",
    `export async function main() {
      const ask = (base: string) => fetch(base + "/api/w/${WORKSPACE}/users/whoami", { headers: { authorization: "Bearer " + process.env.WM_TOKEN } });
      const answers = await Promise.all([process.env.BASE_URL!, process.env.WM_BASE_URL!].map(ask));
      return Promise.all(answers.map(async (answer) => (await answer.json()).username));
    }`,
  );
  assert.deepEqual((await run(fixture, "f/team/whoami")).result, ["admin", "admin"]);
  await call("POST", "/folders/update/team", { extra_perms: { "u/member": false } });
  assert.deepEqual((await run(fixture, "f/team/whoami", {}, windmill.member.token)).result, ["member", "member"]);
});

test("a second run of unchanged code does not build again; a changed library does", async (t) => {
  const fixture = await startFixture(t);
  const { script } = fixture;
  await script("f/team/word", "export const word = 'old';");
  await script("f/team/say", 'import { word } from "./word.ts";\nexport async function main() { return word; }');
  assert.match((await run(fixture, "f/team/say")).logs, /wrote cached binary/);
  assert.match((await run(fixture, "f/team/say")).logs, /loaded from local cache/);
  await script("f/team/word", "export const word = 'new';");
  const { result, logs } = await run(fixture, "f/team/say");
  assert.equal(result, "new");
  assert.match(logs, /wrote cached binary/);
});

test("pinned imports run, in the script and in what it imports", async (t) => {
  const fixture = await startFixture(t);
  await fixture.script("f/team/lib/shape", 'import { z } from "zod@4.6.7";\nexport const Shape = z.string();');
  await fixture.script(
    "f/team/pinned",
    'import { Shape } from "/f/team/lib/shape.ts";\nimport "zod@4.6.7";\nexport async function main() { return Shape.parse("ok"); }',
  );
  assert.equal((await run(fixture, "f/team/pinned")).result, "ok");
});

test("an imported module is read as tsx, in which a generic arrow function is none", async (t) => {
  const fixture = await startFixture(t);
  const generic = "export const same = <T>(value: T) => value;\n";
  await fixture.script("f/team/generic", `${generic}export async function main() { return same(1); }`);
  await fixture.script(
    "f/team/importer",
    'import { same } from "./generic.ts";\nexport async function main() { return same(2); }',
  );
  assert.equal((await run(fixture, "f/team/generic")).result, 1);
  assert.equal((await run(fixture, "f/team/importer")).success, false);
});

test("an uncaught error is the result, with its own properties", async (t) => {
  const fixture = await startFixture(t);
  await fixture.script(
    "f/team/fail",
    "export async function main() { throw Object.assign(new TypeError('no'), { code: 7 }); }",
  );
  const failed = await run(fixture, "f/team/fail");
  assert.equal(failed.success, false);
  const { stack, ...error } = errorOf(failed);
  assert.deepEqual(error, { name: "TypeError", message: "no", extra: { code: 7 } });
  assert.match(String(stack), /^TypeError: no\n/);
  assert.match(failed.logs, /TypeError: no/);
  const waited = await fixture.call("POST", "/jobs/run_wait_result/p/f/team/fail", {});
  assert.equal(waited.status, 422);
});

test("a process that ends without a result fails with its last lines", async (t) => {
  const fixture = await startFixture(t);
  await fixture.script("f/team/exit", "export async function main() { console.log('last words'); process.exit(3); }");
  const error = errorOf(await run(fixture, "f/team/exit"));
  assert.equal(error.exit_code, 3);
  assert.match(String(error.message), /last words/);
});

test("a script that does not compile fails with what bun says", async (t) => {
  const fixture = await startFixture(t);
  await fixture.script("f/team/broken", "export async function main() { return ; } }");
  assert.match(String(errorOf(await run(fixture, "f/team/broken")).message), /exit code for "bun build"/);
});

test("a script is killed when its time is over, with what it started", async (t) => {
  const fixture = await startFixture(t);
  const path = join(tmpdir(), `windmill-runs-${process.pid}`);
  const child = `setTimeout(() => require("fs").writeFileSync(${JSON.stringify(path)}, ""), 1500)`;
  const content = `import { spawn } from "node:child_process";\nexport async function main() { spawn(process.execPath, ["-e", ${JSON.stringify(child)}]); await new Promise(() => setInterval(() => {}, 1000)); }`;
  await fixture.script("f/team/hang", content, { timeout: 1 });
  const { job, result } = await run(fixture, "f/team/hang");
  assert.deepEqual(result, {
    error: {
      name: "ExecutionErr",
      message: "execution error:\njob process terminated due to timeout after exceeding job-specific duration limit",
    },
  });
  assert.deepEqual(job.canceled, { by: "timeout", reason: "duration > 1" });
  await sleep(1_000);
  assert.equal(existsSync(path), false);
});

test("a running job is cancelled through the API, and a waiting one never starts", async (t) => {
  const { windmill, script, call } = await startFixture(t);
  await script(
    "f/team/hang",
    "export async function main() { console.log('began'); await new Promise(() => setInterval(() => {}, 1000)); }",
  );
  setConcurrency(windmill, 1);
  const [running, waiting] = await Promise.all(
    [1, 2].map(async () => String((await call("POST", "/jobs/run/p/f/team/hang", {})).body)),
  );
  const jobs = () => jobsOf(windmill, WORKSPACE).filter(({ kind }) => kind === "script");
  while (!jobs().some(({ logs }) => logs.includes("began"))) await sleep(10);
  for (const id of [waiting, running]) {
    assert.deepEqual(await call("POST", `/jobs_u/queue/cancel/${id}`, { reason: "enough" }), { status: 200, body: id });
  }
  await settle(windmill);
  assert.deepEqual(
    jobs().map(({ phase, success, canceled }) => ({ phase, success, canceled })),
    Array(2).fill({ phase: "completed", success: false, canceled: { by: "admin", reason: "enough" } }),
  );
  assert.deepEqual(jobs().find(({ startedAt }) => startedAt === undefined)?.result, {
    error: { name: "Canceled", message: "Job canceled: enough by admin", reason: "enough", canceler: "admin" },
  });
});

test("a killed job leaves what it did and nothing after it", async (t) => {
  const { windmill, script, call } = await startFixture(t);
  const create = (path: string) =>
    `await fetch(process.env.BASE_URL + "/api/w/${WORKSPACE}/variables/create", { method: "POST", headers: { authorization: "Bearer " + process.env.WM_TOKEN }, body: JSON.stringify({ path: "${path}", value: "", is_secret: false, description: "" }) });`;
  await script(
    "f/team/two_steps",
    `export async function main() { ${create("u/admin/first")} ${create("u/admin/second")} }`,
  );
  windmill.intercept((request) => {
    if (
      request.method === "POST" &&
      request.body.includes("u/admin/second") &&
      request.path.endsWith("/variables/create")
    ) {
      for (const { id, phase } of jobsOf(windmill, WORKSPACE))
        if (phase === "running") killJob(windmill, WORKSPACE, id);
      return { takesEffect: false, show: "drop" };
    }
    return undefined;
  });
  await call("POST", "/jobs/run/p/f/team/two_steps", {});
  await settle(windmill);
  assert.deepEqual([...(windmill.store.workspaces.get(WORKSPACE)?.variables.keys() ?? [])], ["u/admin/first"]);
});

test("no more scripts run at a time than the worker has places", async (t) => {
  const { windmill, script, call } = await startFixture(t);
  await script("f/team/short", "export async function main() { await new Promise((done) => setTimeout(done, 50)); }");
  setConcurrency(windmill, 1);
  for (let i = 0; i < 3; i += 1) await call("POST", "/jobs/run/p/f/team/short", {});
  assert.equal(jobsOf(windmill, WORKSPACE).filter(({ phase }) => phase === "running").length, 1);
  await settle(windmill);
  const times = jobsOf(windmill, WORKSPACE)
    .filter(({ kind }) => kind === "script")
    .map(({ startedAt = "", completedAt = "" }) => [startedAt, completedAt]);
  for (const [i, [started = ""]] of times.entries())
    assert.ok(started >= (times[i - 1]?.[1] ?? ""), JSON.stringify(times));
});

test("progress is what the script reports: it only rises and never says 100", async (t) => {
  const fixture = await startFixture(t);
  const content = `import { setProgress } from "windmill-client@1.818.0";\nexport async function main(steps: number[]) { for (const step of steps) await setProgress(step); }`;
  await fixture.script("f/team/progress", content);
  const { id, success } = await run(fixture, "f/team/progress", { steps: [10, 40, 20, 100] });
  assert.equal(success, true);
  assert.equal((await fixture.call("GET", `/job_metrics/get_progress/${id}`)).body, 99);
});

test("a large result is left out of the job and has its own endpoint", async (t) => {
  const fixture = await startFixture(t);
  await fixture.script(
    "f/team/large",
    "export async function main() { return Array.from({ length: 4000 }, () => crypto.randomUUID()).join(''); }",
  );
  const { id, result } = await run(fixture, "f/team/large");
  assert.equal(
    ((await fixture.call("GET", `/jobs_u/get/${id}`)).body as { result: unknown }).result,
    "WINDMILL_TOO_BIG",
  );
  assert.equal((await fixture.call("GET", `/jobs_u/completed/get_result/${id}`)).body, result);
});

test("a waiting job is shown as queued, and its result as not there yet", async (t) => {
  const { windmill, script, call } = await startFixture(t);
  await script("f/team/one", "export async function main() { return 1; }");
  allowJobs(windmill, 0);
  const { body: id } = await call("POST", "/jobs/run/p/f/team/one", {});
  const { body: job } = await call("GET", `/jobs_u/get/${id}`);
  assert.deepEqual([(job as { type: string }).type, (job as { running: boolean }).running], ["QueuedJob", false]);
  const maybe = await call("GET", `/jobs_u/completed/get_result_maybe/${id}`);
  assert.deepEqual(maybe.body, { started: false, success: null, completed: false, result: null });
});
