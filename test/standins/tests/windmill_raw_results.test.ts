import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { issueToken } from "../windmill/store.ts";
import { type Fixture, startFixture, WORKSPACE } from "./windmill_fixture.ts";

/** Results as raw bodies, and tokens that may run one script only. */

const METRICS = "f/team/metrics";

async function start(t: TestContext, results: Record<string, string>): Promise<Fixture> {
  const fixture = await startFixture(t);
  for (const [name, body] of Object.entries(results)) {
    await fixture.script(`f/team/${name}`, `export async function main(a = "none") { ${body} }`);
  }
  return fixture;
}

async function ask({ windmill }: Fixture, method: string, path: string, token = windmill.admin.token, body?: object) {
  const response = await fetch(`${windmill.url}/api/w/${WORKSPACE}/${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, ...(body ? { "content-type": "application/json" } : {}) },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  return {
    status: response.status,
    type: response.headers.get("content-type"),
    headers: response.headers,
    text: await response.text(),
  };
}

test("a result with a content type is that raw body, with GET and with POST, also under its short names", async (t) => {
  const fixture = await start(t, {
    metrics: `return { windmill_content_type: "text/plain; version=0.0.4", result: "up 1\\n" + a }`,
    short: `return { wm_content_type: "text/csv", wm_status_code: 418, wm_headers: { "x-a": "b" }, result: "a,b" }`,
    object: `return { windmill_content_type: "application/yaml", result: { a: 1 } }`,
    binary: `return { windmill_content_type: "image/png", windmill_content_transfer_encoding: "base64", result: "aGk=" }`,
  });
  const run = (name: string, method = "GET", body?: object) =>
    ask(fixture, method, `jobs/run_wait_result/p/f/team/${name}`, undefined, body);
  for (const answer of [await run("metrics"), await run("metrics", "POST")]) {
    assert.deepEqual([answer.status, answer.type, answer.text], [200, "text/plain; version=0.0.4", "up 1\nnone"]);
  }
  assert.equal((await run("metrics", "POST", { a: "b" })).text, "up 1\nb");
  const payload = Buffer.from('{"a":"c"}').toString("base64url");
  assert.equal((await run(`metrics?payload=${payload}`)).text, "up 1\nc");
  const short = await run("short");
  assert.deepEqual([short.status, short.type, short.headers.get("x-a"), short.text], [418, "text/csv", "b", "a,b"]);
  assert.equal((await run("object")).text, '{"a":1}');
  assert.equal((await run("binary")).text, "hi");
});

test("a result that asks for nothing, or for something of another type, is JSON as it is", async (t) => {
  const fixture = await start(t, {
    plain: `return { result: "x" }`,
    number: `return { windmill_content_type: 5, result: "x" }`,
    both: `return { windmill_status_code: 201, wm_status_code: 202, result: "x" }`,
    status: `return { windmill_status_code: 201, result: "x" }`,
    nothing: `return { windmill_headers: { "x-a": "b" } }`,
    failed: `throw new Error("no")`,
    wrong: `return { windmill_content_type: "a/b", windmill_status_code: 5, result: "x" }`,
  });
  const run = (name: string) => ask(fixture, "GET", `jobs/run_wait_result/p/f/team/${name}`);
  for (const [name, status, text] of [
    ["plain", 200, '{"result":"x"}'],
    ["number", 200, '{"result":"x","windmill_content_type":5}'],
    ["both", 200, '{"result":"x","wm_status_code":202,"windmill_status_code":201}'],
    ["status", 201, '"x"'],
    ["nothing", 204, ""],
    ["wrong", 500, "Invalid status code"],
  ] as const) {
    const answer = await run(name);
    assert.deepEqual([name, answer.status, answer.text], [name, status, text]);
  }
  assert.equal((await run("failed")).status, 422);
});

test("a token for one script runs that script with both methods, and nothing else", async (t) => {
  const fixture = await start(t, { metrics: "return a", other: "return a" });
  const created = await fetch(`${fixture.windmill.url}/api/users/tokens/create`, {
    method: "POST",
    headers: { authorization: `Bearer ${fixture.windmill.member.token}`, "content-type": "application/json" },
    body: JSON.stringify({ label: "prometheus", scopes: [`jobs:run:scripts:${METRICS}`], workspace_id: WORKSPACE }),
  });
  assert.equal(created.status, 201);
  const token = await created.text();
  await fixture.call("POST", "/folders/update/team", { extra_perms: { "u/member": false } });
  for (const method of ["GET", "POST"]) {
    assert.deepEqual(await statusAndText(fixture, method, `jobs/run_wait_result/p/${METRICS}`, token), [200, '"none"']);
    assert.deepEqual(await statusAndText(fixture, method, "jobs/run_wait_result/p/f/team/other", token), [
      403,
      "Permission denied: Required scope: jobs:run:scripts:f/team/other",
    ]);
  }
  assert.deepEqual(await statusAndText(fixture, "POST", "jobs/run/f/f/team/flow", token), [
    403,
    "Permission denied: Access denied. Required scope: jobs:run:flows",
  ]);
  assert.deepEqual(await statusAndText(fixture, "GET", "resources/list", token), [
    403,
    "Permission denied: Access denied. Required scope: resources:read",
  ]);
  // What it may beside that: look at the jobs that its user may see.
  const [, jobs] = await statusAndText(fixture, "GET", "jobs/list", token);
  const [job] = JSON.parse(jobs);
  assert.equal((await statusAndText(fixture, "GET", `jobs_u/get/${job.id}`, token))[0], 200);
});

test("a token for a folder runs what is in it; one that only chooses workers may do what its user may", async (t) => {
  const fixture = await start(t, { metrics: "return a" });
  const { store, admin } = fixture.windmill;
  const run = (scope: string) =>
    statusAndText(fixture, "GET", `jobs/run_wait_result/p/${METRICS}`, issueToken(store, admin.email, [scope]));
  for (const scope of ["jobs:run:scripts:f/team/*", "jobs:run:scripts", "jobs:run", "if_jobs:filter_tags:bun"]) {
    assert.equal((await run(scope))[0], 200, scope);
  }
  for (const scope of ["jobs:run:scripts:f/tea/*", "jobs:run:flows:f/team/metrics", "jobs:read", "scripts:read"]) {
    assert.equal((await run(scope))[0], 403, scope);
  }
});

async function statusAndText(fixture: Fixture, method: string, path: string, token: string): Promise<[number, string]> {
  const { status, text } = await ask(fixture, method, path, token);
  return [status, text];
}
