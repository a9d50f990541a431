import assert from "node:assert/strict";
import { after, before, beforeEach, describe, it } from "node:test";
import { z } from "zod";
import { LockedError, withLock } from "../../src/windmill/lock.ts";
import { openWindmill, type Windmill } from "../../src/windmill/windmill.ts";
import { callWindmill } from "../../tools/shared/windmill_api.ts";
import { takeOverTime } from "../faults/time.ts";
import { allowJobs, deployed, settle } from "../standins/windmill/jobs/run.ts";
import { seedResource } from "../standins/windmill/seed.ts";
import { startWindmill, type WindmillStandin } from "../standins/windmill/server.ts";
import { issueJobToken, type Workspace } from "../standins/windmill/store.ts";

/** One change at a time, whatever becomes of the jobs that make them. */

const LOCK = "f/codex_pooler/change_lock";
const SCRIPT = "u/admin/waits";

let windmill: WindmillStandin;
let workspace: Workspace;
let token: string;
const restore: (() => void)[] = [];

before(async () => {
  windmill = await startWindmill();
  workspace = windmill.createWorkspace("locks");
  const { email, username } = windmill.admin;
  token = issueJobToken(windmill.store, email, {
    ...{ jobId: crypto.randomUUID(), workspace: workspace.id, username, isAdmin: true, groups: ["all"] },
  });
  await post("folders/create", { name: "codex_pooler" });
  await post("scripts/create", {
    ...{ path: SCRIPT, content: "export async function main() {}", language: "bun", kind: "script", summary: "" },
    ...{
      description: "",
      schema: { type: "object", properties: {} },
      lock: '{\n  "dependencies": {}\n}\n//bun.lock\n<empty>',
    },
  });
  await settle(windmill);
  // Jobs that are started from here on stay in the queue: they are alive.
  allowJobs(windmill, 0);
  restore.push(takeOverTime(windmill.clock).restore);
});
beforeEach(() => workspace.resources.clear());
after(async () => {
  for (const end of restore) end();
  allowJobs(windmill, Number.POSITIVE_INFINITY);
  await settle(windmill);
  await windmill.close();
});

const post = (path: string, body: object): Promise<string> =>
  callWindmill(
    { baseUrl: windmill.url, workspace: "locks", token: windmill.admin.token },
    `w/locks/${path}`,
    z.string(),
    body,
  );

/** Windmill as a job that is alive sees it. */
const aliveJob = async (): Promise<Windmill> => asJob(await post(`jobs/run/p/${SCRIPT}`, {}));

const asJob = (jobId: string): Windmill =>
  openWindmill({
    ...{ WM_WORKSPACE: "locks", WM_TOKEN: token, WM_JOB_ID: jobId, WM_PERMISSIONED_AS: "u/admin" },
    ...{ BASE_URL: windmill.processes.worker.url, WM_BASE_URL: windmill.url },
  });

const quiet = { step: () => undefined, reach: () => undefined, end: () => undefined };

/** Leaves a lock as a job would that died while it held it. */
const leaveLock = (job: string, ageMs = 1_000): void => {
  const since = new Date(Date.now() - ageMs).toISOString();
  const value = { job, by: "u/somebody", command: "connect", since };
  seedResource(windmill.store, workspace, LOCK, value, { resourceType: "state" });
};

/** Takes the lock for some turns of the event loop and notes when. */
async function change(job: Windmill, log: string[]): Promise<void> {
  await withLock(job, "connect", quiet, async () => {
    log.push("begins");
    for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
    log.push("ends");
  });
}

describe("the lock of a change", () => {
  it("is gone when the work is done, and when it failed", async () => {
    const job = await aliveJob();
    assert.equal(await withLock(job, "connect", quiet, async () => workspace.resources.has(LOCK)), true);
    assert.equal(workspace.resources.size, 0);
    await assert.rejects(
      withLock(job, "connect", quiet, async () => {
        throw new Error("no");
      }),
      /^Error: no$/,
    );
    assert.equal(workspace.resources.size, 0);
  });

  it("lets two changes that start together run one after the other", async () => {
    const log: string[] = [];
    const jobs = [await aliveJob(), await aliveJob(), await aliveJob()];
    await Promise.all(jobs.map((job) => change(job, log)));
    assert.deepEqual(log, ["begins", "ends", "begins", "ends", "begins", "ends"]);
    assert.equal(workspace.resources.size, 0);
  });

  it("is taken over from a job that died, also by two at once", async () => {
    leaveLock(crypto.randomUUID());
    const log: string[] = [];
    const jobs = [await aliveJob(), await aliveJob()];
    await Promise.all(jobs.map((job) => change(job, log)));
    assert.deepEqual(log, ["begins", "ends", "begins", "ends"]);
    assert.equal(workspace.resources.size, 0);
  });

  it("is its own from an earlier life when Windmill starts a job again whose worker has died", async () => {
    const job = await aliveJob();
    leaveLock(job.jobId);
    const log: string[] = [];
    await change(job, log);
    assert.deepEqual(log, ["begins", "ends"]);
    assert.equal(workspace.resources.size, 0);
  });

  it("is not released by that earlier life, should it not be quite dead", async () => {
    const job = await aliveJob();
    let wake = () => {};
    const asleep = new Promise<void>((resolve) => {
      wake = resolve;
    });
    const earlier = withLock(job, "connect", quiet, () => asleep);
    while (!workspace.resources.has(LOCK)) await new Promise((resolve) => setImmediate(resolve));
    await new Promise((resolve) => setTimeout(resolve, 5));
    await withLock(job, "connect", quiet, async () => {
      wake();
      await earlier;
      assert.ok(workspace.resources.has(LOCK));
    });
    assert.equal(workspace.resources.size, 0);
  });

  it("belongs to a job that runs, whatever the clocks say of its age, and is taken from one that waits in the queue for too long", async () => {
    const holder = await aliveJob();
    leaveLock(holder.jobId, 21 * 60_000);
    const log: string[] = [];
    const found = deployed(workspace).jobs.get(holder.jobId);
    assert.ok(found);
    Object.assign(found, { phase: "running" });
    await assert.rejects(change(await aliveJob(), log), LockedError);
    Object.assign(found, { phase: "queued" });
    await change(await aliveJob(), log);
    assert.deepEqual(log, ["begins", "ends"]);
  });

  it("is left alone while its job lives: the other says who holds it", async () => {
    const holder = await aliveJob();
    leaveLock(holder.jobId);
    const log: string[] = [];
    await assert.rejects(change(await aliveJob(), log), (error: unknown) => {
      assert.ok(error instanceof LockedError);
      assert.match(error.message, new RegExp(`run by u/somebody since .*, job ${holder.jobId}`));
      return true;
    });
    assert.deepEqual(log, []);
    assert.ok(workspace.resources.has(LOCK));
  });

  it("is taken over when it cannot be read", async () => {
    seedResource(windmill.store, workspace, LOCK, { broken: true }, { resourceType: "state" });
    const log: string[] = [];
    await change(await aliveJob(), log);
    assert.deepEqual(log, ["begins", "ends"]);
  });
});
