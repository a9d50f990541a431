import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { z } from "zod";
import { CheckReport } from "../../src/core/report.ts";
import { HealthReport } from "../../src/health/report.ts";
import { ROOT } from "../../tools/shared/programs.ts";
import { copySyncTree, linkPackages } from "../../tools/shared/sync_tree.ts";
import { withTemporaryFolder } from "../../tools/shared/temporary.ts";
import { callWindmill, type Target } from "../../tools/shared/windmill_api.ts";
import { runWmill } from "../../tools/shared/wmill.ts";
import { listen } from "../standins/gateway/http.ts";
import { type PoolerStandin, poolKey, STANDIN_KEY, startPooler } from "../standins/gateway/pooler.ts";
import { deployed, jobsOf, type Run, runOf, runScript, settle } from "../standins/windmill/jobs/run.ts";
import { startWindmill, type WindmillStandin } from "../standins/windmill/server.ts";
import type { Release, Workspace } from "../standins/windmill/store.ts";
import { startWebhook, type Webhook } from "./webhook.ts";

/** A gateway, a webhook and a Windmill with a workspace in which the bundle is deployed: what end-to-end tests and the story live in. */

/** Id of the workspace. */
export const WORKSPACE = "team";
/** The gateway's name in the stand-in's internet, and what the form is filled in with. */
export const GATEWAY_HOST = "codex-pooler.example.com";
export const BASE_URL = `http://${GATEWAY_HOST}/v1`;
/** The key that the gateway knows. It opens nothing else. */
export const KEY = STANDIN_KEY;
/** Where connect puts the variable and the resource when the admin runs it. */
export const CONNECTION = "u/admin/codex_pooler_windmill_codegen";
/** The variable that holds the webhook's address. */
export const WEBHOOK_VARIABLE = "u/admin/alert_webhook";
export const HEALTH = "f/codex_pooler/health";

/** What the gateway's name resolves to: an address that Windmill's guard lets pass, and one that it refuses. */
export const PUBLIC_ADDRESS = "93.184.216.34";
export const PRIVATE_ADDRESS = "10.20.0.7";

const MODELS = ["gpt-5.5", "gpt-6-luna", "gpt-6-terra"];
/** Milliseconds after which no process of Windmill uses credentials that it has cached any more. */
const CACHE_LIFETIME_MS = 60_001;

export interface WorldOptions {
  release?: Release;
  /** Whether each process allows private addresses; neither does by default. */
  allowPrivate?: { server?: boolean; worker?: boolean };
  /** Whether jobs wait as long as they say; else what they wait for long passes at once, and the stand-in's clock with it. */
  realTime?: boolean;
}

/** A scheduled run of the health flow that is over. */
export interface Tick {
  flow: Run;
  /** What the step `check` reported. */
  check: CheckReport;
  /** What the step `remember` made of it. */
  health: HealthReport;
  /** The step jobs by the step's id; steps that were skipped are not there. */
  steps: Record<string, Run>;
}

export interface World {
  windmill: WindmillStandin;
  workspace: Workspace;
  pooler: PoolerStandin;
  webhook: Webhook;
  /** How a tool reaches the workspace as its admin. */
  target: Target;
  /** Pushes the repository's bundle with the real `wmill sync push`; once per world is enough. */
  deploy(): Promise<void>;
  /** Lets the gateway's name resolve to another address. Processes go on resolving at every request. */
  moveGateway(address: string): void;
  /** Types a text into a password field as Windmill's form does, and returns the reference that the form submits instead. */
  typeSecret(text: string): Promise<string>;
  /** Puts a secret variable into the workspace, as an admin does beforehand. */
  storeSecret(path: string, value: string): Promise<void>;
  /** Puts the webhook's address into {@link WEBHOOK_VARIABLE}. */
  storeWebhook(): Promise<void>;
  /** The form of `connect` filled in with these values, mode "apply" and the gateway's address; the rest as it comes. */
  connectArgs(filled?: object): object;
  /** Fills in and submits the form of `connect`; types the gateway's key unless `filled` says otherwise. Default: as admin. */
  runConnect(filled?: object, token?: string): Promise<Run>;
  /** Runs `check`. Default: as admin. */
  runCheck(args?: object, token?: string): Promise<Run>;
  /** Fills in and submits the form of a script; what is left out has the form's defaults. Default: as admin. */
  run(script: string, filled?: object, token?: string): Promise<Run>;
  /** Moves the clock to the next scheduled run of the health flow and waits for its end. */
  tick(): Promise<Tick>;
  /** Moves the clock until no process uses cached credentials any more. */
  expireCaches(): Promise<void>;
  /** Makes the workspace empty but for the bundle, the gateway healthy and Windmill's settings what they were at the start. */
  reset(): Promise<void>;
  close(): Promise<void>;
}

/** Starts a world; nothing is deployed yet. */
export async function startWorld(options: WorldOptions = {}): Promise<World> {
  const { allowPrivate = {}, release, realTime = false } = options;
  const [windmill, pooler, webhook] = await Promise.all([
    startWindmill({ allowPrivate, ...(release ? { release } : {}) }),
    startPooler({ models: [...MODELS] }),
    startWebhook(),
  ]);
  const workspace = windmill.createWorkspace(WORKSPACE);
  const waits = await listen(async (request, response) => {
    await windmill.clock.advance(Number(new URL(request.url ?? "", "http://waits").searchParams.get("ms")));
    response.end();
  });
  if (!realTime) windmill.clock.waitsAt = waits.url;
  const target: Target = { baseUrl: windmill.url, workspace: WORKSPACE, token: windmill.admin.token };
  const post = (path: string, body: object) => callWindmill(target, `w/${WORKSPACE}/${path}`, z.unknown(), body);

  const world: World = {
    windmill,
    workspace,
    pooler,
    webhook,
    target,
    async deploy() {
      await withTemporaryFolder(async (folder) => {
        await copySyncTree(ROOT, join(folder, "tree"));
        await linkPackages(ROOT, join(folder, "tree"));
        const push = await runWmill(target, folder, ["sync", "push", "--yes"]);
        assert.equal(push.status, 0, `${push.stdout}${push.stderr}`);
      });
      await settle(windmill);
    },
    moveGateway(address) {
      windmill.network.hosts.set(GATEWAY_HOST, { addresses: [address], port: pooler.port });
    },
    async typeSecret(text) {
      const path = `u/${windmill.admin.username}/secret_arg/${crypto.randomUUID().replaceAll("-", "").slice(0, 12)}`;
      const variable = { path, value: text.slice(0, 1), is_secret: true, description: "Ephemeral secret variable" };
      await post("variables/create", variable);
      await post(`variables/update/${path}`, { value: text });
      return `$var:${path}`;
    },
    async storeSecret(path, value) {
      await post("variables/create", { path, value, is_secret: true, description: "" });
    },
    storeWebhook: () => world.storeSecret(WEBHOOK_VARIABLE, webhook.url),
    connectArgs: (filled = {}) => ({ ...formDefaults("connect"), base_url: BASE_URL, mode: "apply", ...filled }),
    async runConnect(filled = {}, token = windmill.admin.token) {
      const typed = "api_key" in filled ? {} : { api_key: await world.typeSecret(KEY) };
      return runScript(
        windmill,
        WORKSPACE,
        "f/codex_pooler/connect",
        world.connectArgs({ ...typed, ...filled }),
        token,
      );
    },
    runCheck: (args = {}, token) => world.run("check", args, token),
    run: (script, filled = {}, token = windmill.admin.token) =>
      runScript(windmill, WORKSPACE, `f/codex_pooler/${script}`, { ...formDefaults(script), ...filled }, token),
    tick: () => nextTick(windmill),
    expireCaches: () => windmill.clock.advance(CACHE_LIFETIME_MS),
    async reset() {
      for (const path of deployed(workspace).schedules.keys()) await unschedule(target, path);
      deployed(workspace).jobs.clear();
      for (const items of [workspace.variables, workspace.resources, workspace.resourceTypes]) items.clear();
      workspace.resourceVersions.length = 0;
      workspace.aiConfig = undefined;
      windmill.store.settings.clear();
      for (const name of ["server", "worker"] as const) {
        windmill.processes[name].allowPrivate = allowPrivate[name] ?? false;
      }
      Object.assign(pooler, { models: [...MODELS], faults: [], latencyMs: 0, reply: "ok" });
      pooler.keys.clear();
      pooler.keys.set(KEY, poolKey());
      Object.assign(webhook, { alerts: [], bodies: [], status: 200 });
      world.moveGateway(PUBLIC_ADDRESS);
      await world.expireCaches();
      for (const log of [windmill.requests, pooler.requests]) log.length = 0;
    },
    async close() {
      await Promise.all([windmill.close(), pooler.close(), webhook.close(), waits.close()]);
    },
  };
  world.moveGateway(PUBLIC_ADDRESS);
  return world;
}

/** Starts a world with the bundle in it. */
export async function startDeployedWorld(options: WorldOptions = {}): Promise<World> {
  const world = await startWorld(options);
  try {
    await world.deploy();
    return world;
  } catch (error) {
    await world.close();
    throw error;
  }
}

/** What a form submits for inputs that nobody filled in: the defaults of its schema. */
function formDefaults(script: string): Record<string, unknown> {
  const { schema } = parse(readFileSync(join(ROOT, "f/codex_pooler", `${script}.script.yaml`), "utf8"));
  const properties = Object.entries(schema.properties as Record<string, { default?: unknown }>);
  return Object.fromEntries(
    properties.filter(([, field]) => "default" in field).map(([name, field]) => [name, field.default]),
  );
}

async function unschedule({ baseUrl, workspace, token }: Target, path: string): Promise<void> {
  const url = `${baseUrl}/api/w/${workspace}/schedules/delete/${path}`;
  const { status } = await fetch(url, { method: "DELETE", headers: { authorization: `Bearer ${token}` } });
  assert.equal(status, 200, url);
}

async function nextTick(windmill: WindmillStandin): Promise<Tick> {
  const due = jobsOf(windmill, WORKSPACE).find((job) => job.schedulePath === HEALTH && job.phase === "queued");
  assert.ok(due, "no run of the health flow is scheduled");
  await windmill.clock.advance(Math.max(Date.parse(due.scheduledFor) - windmill.clock.now(), 0));
  await due.done;
  const children = jobsOf(windmill, WORKSPACE).filter((job) => job.parent?.id === due.id);
  const steps = Object.fromEntries(children.map((job) => [job.stepId ?? "", runOf(job)]));
  const { check, remember } = steps;
  assert.ok(check && remember, `the health flow did not check and remember: ${JSON.stringify(due.result)}`);
  return { flow: runOf(due), check: reportOf(check, CheckReport), health: reportOf(remember, HealthReport), steps };
}

/** The report of a run that must have succeeded. */
export function reportOf<T>(run: Run, schema: z.ZodType<T>): T {
  assert.ok(run.success, `${run.job.path} failed: ${errorOf(run)}`);
  return schema.parse(run.result);
}

/** The error message of a run, as people see it; "" when there is none. */
export function errorOf({ result }: Run): string {
  const failed = z.object({ error: z.looseObject({ message: z.string() }) }).safeParse(result);
  return failed.success ? failed.data.error.message : "";
}

/** What a job may write without touching anything: probes, its progress, and the lock that keeps other changes away. */
const TOUCHES_NOTHING = /\/(ai\/proxy|job_metrics)\/|\/f\/codex_pooler\/change_lock$/;

/** Requests by which jobs changed something in Windmill, as `POST <path below the workspace>`. */
export function writesOf({ windmill }: World): string[] {
  return windmill.requests
    .filter(({ jobId, method }) => jobId !== null && method !== "GET")
    .filter(({ path, body }) => !TOUCHES_NOTHING.test(path) && !body.includes('"path":"f/codex_pooler/change_lock"'))
    .map(({ method, path }) => `${method} ${path.replace(`/api/w/${WORKSPACE}/`, "")}`);
}
