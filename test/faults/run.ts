import { inspect } from "node:util";
import type { Progress } from "../../src/windmill/progress.ts";
import { openWindmill, type Windmill } from "../../src/windmill/windmill.ts";
import type { Interception, RequestLog } from "../standins/windmill/intercept.ts";
import { newJob } from "../standins/windmill/jobs/job.ts";
import { deployed } from "../standins/windmill/jobs/run.ts";
import type { Job as StandinJob } from "../standins/windmill/jobs/state.ts";
import { plainValue } from "../standins/windmill/secrets.ts";
import { seedVariable } from "../standins/windmill/seed.ts";
import { issueJobToken } from "../standins/windmill/store.ts";
import { callNamer } from "./calls.ts";
import type { Scene } from "./scene.ts";
import { CALL_ID, takeOverTime } from "./time.ts";

/**
 * Runs of a command inside this process, which are quick enough to let every single call of one fail. One at a time: Windmill's
 * client keeps its settings in one place per process.
 */

/** A command of the bundle, below its entry point: from the form's values to its report. */
export type Command = (windmill: Windmill, filled: object, progress: Progress) => Promise<unknown>;

/** A command with what the admin fills in. */
export interface Job {
  /** Name of the entry point. */
  name: string;
  command: Command;
  filled: object;
}

/** One call of the job, before it is served. */
export interface Call {
  name: string;
  request: RequestLog;
  /** Lets the caller's time-out pass. */
  expire(): void;
  /** Ends the job's process: from now on nothing that it does has an effect, and Windmill counts it as over. */
  kill(): void;
  /** Ends the job's process as {@link kill} does, but nobody has noticed yet: for Windmill the job is running. */
  abandon(): void;
}

/** What happens beside the run. */
export interface Events {
  onCall?: (call: Call) => Interception | undefined;
  /** After each answer that the job gets. */
  onAnswered?: () => Promise<void>;
}

/** How a run went. */
export interface Outcome {
  /** The job's id. */
  id: string;
  succeeded: boolean;
  killed: boolean;
  /** The error's message; "" when it succeeded. */
  error: string;
  /** Paths of the variables that the form has made of typed keys. */
  typed: string[];
}

/** Fields of a form that hold a secret: Windmill's form stores the text in a variable and submits a reference to it. */
const SECRET_FIELDS = ["api_key", "new_key"];

/** Where a job runs. */
export type Place = Pick<Scene, "windmill" | "workspace">;

/** Runs a command as an admin's job, with what it leaves in Windmill: arguments, logs, and result or error. */
export function runJob(scene: Place, { name, command, filled }: Job, events: Events = {}): Promise<Outcome> {
  const { windmill, workspace } = scene;
  const { email, username } = windmill.admin;
  const identity = { email, username, isAdmin: true, groups: ["all"] };
  const now = windmill.clock.iso();
  const { args, typed } = submitted(scene, filled);
  const path = `f/codex_pooler/${name}`;
  const { job } = newJob(workspace, { kind: "script", path, args, createdBy: username, identity }, now);
  deployed(workspace).jobs.set(job.id, job);
  return live(scene, job, command, filled, typed, events);
}

/** Milliseconds after which Windmill puts the job of a dead worker back into the queue (ZOMBIE_JOB_TIMEOUT). */
const ZOMBIE_MS = 60_000;

/** Windmill starts a job again whose worker has died: the same id and the same stored arguments, resolved anew. */
export async function restartJob(scene: Place, { command, filled }: Job, id: string): Promise<Outcome> {
  const { windmill, workspace } = scene;
  const job = deployed(workspace).jobs.get(id);
  if (!job) throw new Error(`There is no job ${id} to start again.`);
  await windmill.clock.advance(ZOMBIE_MS);
  const resolved: Record<string, unknown> = { ...filled };
  for (const [field, stored] of Object.entries(job.args)) {
    const path = typeof stored === "string" && stored.startsWith("$var:") ? stored.slice("$var:".length) : "";
    if (path === "") continue;
    const variable = workspace.variables.get(path);
    if (!variable) throw new Error(`Not found: Variable ${path} not found`);
    resolved[field] = plainValue(workspace, variable);
  }
  return live(scene, job, command, resolved, [], {});
}

/** One life of a job. */
async function live(
  scene: Place,
  job: StandinJob,
  command: Command,
  filled: object,
  typed: string[],
  events: Events,
): Promise<Outcome> {
  const { windmill, workspace } = scene;
  const { email, username } = windmill.admin;
  const { identity } = job;
  Object.assign(job, { phase: "running", startedAt: windmill.clock.iso() });
  const token = issueJobToken(windmill.store, email, { ...identity, jobId: job.id, workspace: workspace.id });
  const api = openWindmill({
    ...{ WM_WORKSPACE: workspace.id, WM_TOKEN: token, WM_JOB_ID: job.id, WM_PERMISSIONED_AS: `u/${username}` },
    ...{ BASE_URL: windmill.processes.worker.url, WM_BASE_URL: windmill.processes.server.url },
  });

  let killed = false;
  const time = takeOverTime(windmill.clock, events.onAnswered);
  const nameOf = callNamer();
  const ignore = windmill.intercept((request) => {
    if (request.headers.authorization !== `Bearer ${token}`) return undefined;
    if (killed) return { takesEffect: false, show: "drop" };
    return events.onCall?.({
      name: nameOf(request),
      request,
      expire: () => time.expire(request.headers[CALL_ID] ?? ""),
      kill() {
        killed = true;
        job.phase = "completed";
      },
      abandon() {
        killed = true;
      },
    });
  });
  const step = (text: string) => {
    job.logs += `${text}\n`;
  };
  const outcome: Outcome = { id: job.id, succeeded: false, killed: false, error: "", typed };
  try {
    job.result = await command(api, filled, { step, reach: () => undefined, end: () => undefined });
    outcome.succeeded = true;
  } catch (error) {
    outcome.error = error instanceof Error ? error.message : String(error);
    job.result = { error: { message: outcome.error, stack: error instanceof Error ? error.stack : "" } };
    job.logs += inspect(error, { depth: 9, showHidden: true });
  } finally {
    ignore();
    time.restore();
  }
  // What a dead process goes on doing in here is nothing that happened.
  if (killed) outcome.succeeded = false;
  if (!killed) Object.assign(job, { phase: "completed", success: outcome.succeeded });
  return Object.assign(outcome, { killed });
}

/** Milliseconds after which Windmill deletes what somebody has typed into a form (PasswordArgInput.svelte). */
const TYPED_LIFETIME_MS = 7 * 86_400_000;

/** The arguments as the form submits them. */
function submitted({ windmill, workspace }: Place, filled: object): { args: Record<string, unknown>; typed: string[] } {
  const args: Record<string, unknown> = { ...filled };
  const typed: string[] = [];
  for (const field of SECRET_FIELDS) {
    const text = args[field];
    if (typeof text !== "string") continue;
    const path = `u/${windmill.admin.username}/secret_arg/${crypto.randomUUID().replaceAll("-", "").slice(0, 12)}`;
    const description = "Ephemeral secret variable";
    const expiresAt = new Date(windmill.clock.now() + TYPED_LIFETIME_MS).toISOString();
    Object.assign(seedVariable(windmill.store, workspace, path, text, { description }), { expiresAt });
    args[field] = `$var:${path}`;
    typed.push(path);
  }
  return { args, typed };
}
