import assert from "node:assert/strict";
import { after, before, beforeEach, describe, it } from "node:test";
import { snapshotOf } from "../../src/change/snapshot.ts";
import { listSnapshots, recordChange } from "../../src/change/snapshot_store.ts";
import { readIntent } from "../../src/observe/intent.ts";
import { findSchedule, updateSchedule } from "../../src/windmill/schedules.ts";
import { openWindmill, type Windmill } from "../../src/windmill/windmill.ts";
import { runJob } from "../faults/run.ts";
import { connecting } from "../faults/scenarios.ts";
import { deployHealthFlow } from "../faults/scene.ts";
import { type PoolerStandin, STANDIN_KEY, startPooler } from "../standins/gateway/pooler.ts";
import { seedResource } from "../standins/windmill/seed.ts";
import { startWindmill, type WindmillStandin } from "../standins/windmill/server.ts";
import { issueJobToken, type Workspace } from "../standins/windmill/store.ts";
import { CONNECTION, GATEWAY_HOST, HEALTH, PUBLIC_ADDRESS } from "../world/world.ts";

/** What a change leaves on record in the workspace: what was asked for, and what was overwritten. */

let windmill: WindmillStandin;
let pooler: PoolerStandin;
let workspace: Workspace;
let job: Windmill;

before(async () => {
  [windmill, pooler] = await Promise.all([startWindmill(), startPooler()]);
  windmill.network.hosts.set(GATEWAY_HOST, { addresses: [PUBLIC_ADDRESS], port: pooler.port });
  workspace = windmill.createWorkspace("records");
  deployHealthFlow(workspace);
  const { email, username } = windmill.admin;
  const jobId = crypto.randomUUID();
  const token = issueJobToken(windmill.store, email, {
    ...{ jobId, workspace: workspace.id, username, isAdmin: true, groups: ["all"] },
  });
  job = openWindmill({
    ...{ WM_WORKSPACE: workspace.id, WM_TOKEN: token, WM_JOB_ID: jobId, WM_PERMISSIONED_AS: `u/${username}` },
    ...{ BASE_URL: windmill.processes.worker.url, WM_BASE_URL: windmill.url },
  });
});
beforeEach(() => {
  workspace.aiConfig = undefined;
  for (const items of [workspace.variables, workspace.resources, workspace.resourceTypes]) items.clear();
});
after(async () => {
  await Promise.all([windmill.close(), pooler.close()]);
});

const tryConnect = (filled: object) => runJob({ windmill, workspace }, connecting(filled));

const about = { id: "job-1", at: "2026-11-24T10:00:00Z", by: "u/admin", command: "connect" };

describe("the snapshot of a change", () => {
  it("holds no key, wherever one stood in what was overwritten", () => {
    const key = `sk-cxp-0123456789ab-${"s".repeat(43)}`;
    const snapshot = snapshotOf(
      [
        {
          kind: "replace-resource",
          path: "u/admin/a",
          before: { api_key: key, base_url: "https://g.example.com/v1", headers: { authorization: `Bearer ${key}` } },
          after: { api_key: "$var:u/admin/a", base_url: "https://g.example.com/v1", headers: {} },
        },
      ],
      about,
    );
    assert.ok(!JSON.stringify(snapshot).includes("ssss"));
    assert.equal(snapshot?.resource?.before?.base_url, "https://g.example.com/v1");
    assert.equal(snapshot?.resource?.after?.api_key, "$var:u/admin/a");
  });

  it("is not made of a change that overwrites neither settings nor resource", () => {
    assert.equal(
      snapshotOf([{ kind: "create-resource-type", name: "customai", schema: {}, description: "" }], about),
      null,
    );
  });
});

describe("the snapshots of a workspace", () => {
  /** Puts a change on record that gets to its end. */
  async function record(index: number): Promise<void> {
    const after = { custom_prompts: { edit: `${index}` } };
    const saved = { kind: "save-ai-settings", before: {}, after, via: "server" } as const;
    const plan = { changes: [saved], in_the_end: [], settings: {}, live: null };
    await (await recordChange(job, plan, { ...about, id: `job-${index}` })).close();
  }

  it("are the last 20, the newest first", async () => {
    for (let index = 1; index <= 23; index++) await record(index);
    const ids = (await listSnapshots(job)).map(({ id }) => id);
    assert.deepEqual([ids.length, ids[0], ids.at(-1)], [20, "job-23", "job-4"]);
  });

  it("begin anew when what is stored is damaged", async () => {
    seedResource(windmill.store, workspace, "f/codex_pooler/snapshots", { broken: true }, { resourceType: "state" });
    assert.deepEqual(await listSnapshots(job), []);
    await record(1);
    assert.equal((await listSnapshots(job)).length, 1);
  });
});

describe("a connect", () => {
  it("records what was asked for, what it made, and what it overwrote, without the key", async () => {
    const trial = await tryConnect({ api_key: STANDIN_KEY, models: ["gpt-6-luna"] });
    assert.ok(trial.succeeded, trial.error);
    const intent = await readIntent(job);
    assert.deepEqual(
      [intent?.resource_path, intent?.models, intent?.default_model, intent?.made],
      [
        CONNECTION,
        ["gpt-6-luna"],
        "gpt-6-luna",
        { resource_type: true, schedule: false, secrets: [CONNECTION], resources: [CONNECTION], limits: [] },
      ],
    );
    const [snapshot] = await listSnapshots(job);
    assert.deepEqual(snapshot?.ai_settings?.before, {});
    assert.equal(snapshot?.resource?.before, null);
    const states = [...workspace.resources.values()].filter(({ resourceType }) => resourceType === "state");
    assert.ok(!JSON.stringify(states).includes(STANDIN_KEY));
  });

  it("leaves no snapshot of a change that was put back", async () => {
    const stop = windmill.intercept(({ path }) =>
      path.endsWith("/edit_copilot_config")
        ? { takesEffect: false, show: { status: 400, body: "Bad request: no" } }
        : undefined,
    );
    const trial = await tryConnect({ api_key: STANDIN_KEY });
    stop();
    assert.equal(trial.succeeded, false);
    assert.match(trial.error, /Everything that this run had changed before was put back/);
    assert.deepEqual(await listSnapshots(job), []);
    assert.equal(await readIntent(job), null);
  });
});

describe("a change that is put back", () => {
  it("tells which settings the server dropped on the way, because it does not know them", async () => {
    const theirs = { providers: { openai: { resource_path: "u/member/openai", models: ["gpt-4o"] } } };
    workspace.aiConfig = { ...theirs, context_window_per_model: { "openai:gpt-4o": 128_000 } };
    const stop = windmill.intercept(({ path }) =>
      path.endsWith("/schedules/create")
        ? { takesEffect: false, show: { status: 400, body: "Bad request: no" } }
        : undefined,
    );
    const trial = await tryConnect({ api_key: STANDIN_KEY, schedule: "hourly" });
    stop();
    assert.match(trial.error, /could not be put back[\s\S]*dropped them: context_window_per_model/);
    assert.deepEqual(workspace.aiConfig, theirs);
  });
});

describe("a changed schedule", () => {
  it("keeps what people have set on it beside what connect sets", async () => {
    await tryConnect({ api_key: STANDIN_KEY, schedule: "hourly" });
    const schedule = await findSchedule(job, HEALTH);
    assert.ok(schedule);
    const { schedule: cron, timezone } = schedule;
    await updateSchedule(
      job,
      { ...schedule, tag: "night", description: "ours" },
      { schedule: cron, timezone, args: { depth: "free" } },
    );
    const trial = await tryConnect({ schedule: "every 15 minutes" });
    assert.ok(trial.succeeded, trial.error);
    const changed = await findSchedule(job, HEALTH);
    assert.deepEqual(
      [changed?.schedule, changed?.tag, changed?.description, changed?.args, changed?.no_flow_overlap],
      ["0 */15 * * * *", "night", "ours", { depth: "free" }, true],
    );
  });
});
