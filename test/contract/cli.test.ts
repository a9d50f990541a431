import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { withTemporaryFolder } from "../../tools/shared/temporary.ts";
import { windmillClient } from "../standins/tests/windmill_client.ts";
import type { RequestLog } from "../standins/windmill/intercept.ts";
import { seedApp } from "../standins/windmill/jobs/app_routes.ts";
import { allowJobs, deployed, idle, jobsOf, settle } from "../standins/windmill/jobs/run.ts";
import { startWindmill, type WindmillStandin } from "../standins/windmill/server.ts";
import { withoutComputed } from "./computed.ts";
import { type Exchange, loadRecording, replay } from "./replay.ts";
import { copySample, wmill } from "./sample_tree.ts";

const FILE = "cli.json";
const exchanges = loadRecording(FILE);

/** The pause of the recorded schedule. */
const TICK_MS = 5_000;

async function startRecorded(): Promise<WindmillStandin> {
  const windmill = await startWindmill({
    version: "CE v1.515.1-4396-gdad4c10c8b",
    allowPrivate: { server: true, worker: true },
  });
  windmill.createWorkspace("rec");
  await deployElsewhere(windmill);
  return windmill;
}

/** The recorded instance had one flow already, in another workspace; versions are counted over both. */
async function deployElsewhere(windmill: WindmillStandin): Promise<void> {
  windmill.createWorkspace("demo");
  const response = await fetch(`${windmill.url}/api/w/demo/flows/create`, {
    method: "POST",
    headers: { authorization: `Bearer ${windmill.admin.token}` },
    body: JSON.stringify({ path: "f/sample/check", summary: "Check", value: { modules: [] } }),
  });
  assert.equal(response.status, 201, await response.text());
}

/** How far the recorded client found its jobs and the clock, by the index of the exchange that shows it. */
const MOMENTS: Readonly<Record<number, (windmill: WindmillStandin) => Promise<void> | void>> = {
  // The script is asked for twice before it is over.
  34: (windmill) => allowJobs(windmill, 0),
  37: finish,
  // The flow is seen waiting, then in its first step, then in its second, then over.
  39: (windmill) => allowJobs(windmill, 0),
  41: (windmill) => reach(windmill, { phase: "running", step: 0 }),
  43: (windmill) => reach(windmill, { phase: "running", step: 1 }),
  46: finish,
  // The schedule is due twice before it is switched off.
  56: ({ store: { clock } }) => clock.advance(TICK_MS - (clock.now() % TICK_MS) + 100),
  58: ({ store: { clock } }) => clock.advance(2 * TICK_MS),
  // Half a minute after the push, the script that imports another one has been locked again.
  68: settle,
};

/** Lets the worker take one more job, and waits until the flow has got there. */
async function reach(windmill: WindmillStandin, { phase, step }: { phase: string; step: number }): Promise<void> {
  const flow = jobsOf(windmill, "rec").find(({ kind }) => kind === "flow");
  allowJobs(windmill, 1);
  while (flow?.phase !== phase || flow.flowStatus?.step !== step) await sleep(5);
}

async function finish(windmill: WindmillStandin): Promise<void> {
  allowJobs(windmill, Number.POSITIVE_INFINITY);
  await idle(windmill);
}

test(`the stand-in answers ${FILE} as Windmill did`, async (t) => {
  const windmill = await startRecorded();
  t.after(() => windmill.close());
  await replay(FILE, exchanges, {
    substitutions: {
      "<token>": windmill.admin.token,
      "http://127.0.0.1:8000": windmill.processes.worker.url,
      "http://localhost:8000": windmill.url,
    },
    origin: () => windmill.url,
    prepare: (_exchange, index) => MOMENTS[index]?.(windmill),
    adapt: withoutComputed,
  });
});

/** The commands that made the recording's first steps. */
const COMMANDS: Readonly<Record<string, readonly string[]>> = {
  "push-fresh": ["sync", "push", "--yes"],
  "push-again-dry": ["sync", "push", "--yes", "--dry-run"],
  "push-again": ["sync", "push", "--yes"],
  "script-run": ["script", "run", "f/sample/inspect", "-d", '{"note":"cli"}', "-s"],
  "flow-run": ["flow", "run", "f/sample/check", "-d", '{"note":"cli"}', "-s"],
};

test("the real wmill makes the recorded calls against the stand-in", async (t) => {
  const windmill = await startRecorded();
  t.after(() => windmill.close());
  await withTemporaryFolder(async (folder) => {
    await copySample("sample-rec", folder);
    for (const [step, args] of Object.entries(COMMANDS)) {
      const before = windmill.requests.length;
      await wmill(windmill, "rec", folder, ...args);
      const made = windmill.requests.slice(before).filter(({ jobId }) => jobId === null);
      const recorded = exchanges.filter((exchange) => exchange.step === step);
      assert.deepEqual(distinct(made.map(callOf)), distinct(recorded.map(recordedCallOf)), `the calls of ${step}`);
    }
  });
});

const callOf = ({ method, path, query }: RequestLog) => call(method, path, query);

function recordedCallOf({ request }: Exchange): string {
  const [path = "", query = ""] = request.path.split("?");
  return call(request.method, path, query);
}

/** Ids and times differ from run to run. */
function call(method: string, path: string, query: string): string {
  const idless = path.replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/, "<id>");
  return `${method} ${idless}?${query.replace(/(created_after=)[^&]*/, "$1<time>")}`;
}

/** How often a client asks for a job until it is over depends on the job. */
function distinct(calls: readonly string[]): string[] {
  return calls.filter((one, i) => one !== calls[i - 1]);
}

test("a push with exact includes plans no deletion of other people's items, and makes none", async (t) => {
  const windmill = await startRecorded();
  t.after(() => windmill.close());
  const workspace = windmill.store.workspaces.get("rec");
  assert.ok(workspace);
  const items = deployed(workspace);
  await putOtherPeoplesItems(windmill);
  const before = { scripts: [...items.scripts.keys()], flows: [...items.flows.keys()] };
  await withTemporaryFolder(async (folder) => {
    await copySample("sample-rec", folder);
    assert.deepEqual(await deletions(windmill, folder), []);
    // The same push would delete them if it included the whole folder, so the stand-in does show them to wmill.
    assert.ok((await deletions(windmill, folder, "--includes", "f/sample/**")).includes("f/sample/theirs.sh"));
    await wmill(windmill, "rec", folder, "sync", "push", "--yes");
  });
  for (const path of before.scripts) assert.equal(items.scripts.get(path)?.at(-1)?.archived, false, path);
  for (const path of before.flows) assert.ok(items.flows.has(path), path);
  for (const path of OTHER_PEOPLES) {
    assert.ok(
      workspace.variables.has(path) &&
        workspace.resources.has(path) &&
        items.schedules.has(path) &&
        items.apps.has(path),
      path,
    );
  }
  assert.ok(workspace.resourceTypes.has("c_other_peoples"));
});

/** Paths that a push of the folder's tree would delete. */
async function deletions(windmill: WindmillStandin, folder: string, ...flags: string[]): Promise<string[]> {
  const { stdout } = await wmill(
    windmill,
    "rec",
    folder,
    "sync",
    "push",
    "--yes",
    "--dry-run",
    "--json-output",
    ...flags,
  );
  const plan = JSON.parse(stdout.slice(stdout.search(/^\{/m))) as { changes: { type: string; path: string }[] };
  return plan.changes.filter(({ type }) => type === "deleted").map(({ path }) => path);
}

/** Where other people have items: in the pushed folder, in another one, and their own. */
const OTHER_PEOPLES = ["f/sample/theirs", "f/other/theirs", "u/member/theirs"];

async function putOtherPeoplesItems(windmill: WindmillStandin): Promise<void> {
  const { post } = windmillClient(windmill, "rec");
  const created = async (path: string, body: object) => {
    const { status, text } = await post(path, body);
    assert.ok(status < 300, text);
  };
  for (const name of ["sample", "other"]) await created("folders/create", { name });
  await created("resources/type/create", { name: "c_other_peoples", schema: {}, description: "" });
  const flow = { modules: [] };
  const workspace = windmill.store.workspaces.get("rec");
  for (const path of OTHER_PEOPLES) {
    await created("scripts/create", { path, content: "", language: "bash", summary: "", description: "" });
    await created("flows/create", { path: `${path}_flow`, summary: "", value: flow });
    await created("variables/create", { path, value: "secret", is_secret: true, description: "" });
    await created("resources/create", { path, value: {}, resource_type: "c_other_peoples" });
    const times = { schedule: "0 0 0 1 1 *", timezone: "Etc/UTC" };
    await created("schedules/create", { path, ...times, script_path: `${path}_flow`, is_flow: true });
    if (workspace) seedApp(windmill.store, workspace, path);
  }
}
