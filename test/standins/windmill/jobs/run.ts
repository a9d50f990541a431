import type { WindmillStandin } from "../server.ts";
import { engineIn } from "./engine.ts";
import { locksmithOf } from "./locks.ts";
import { deployedIn, type Job } from "./state.ts";

/** A run that is over, as a test looks at it. */
export interface Run {
  id: string;
  success: boolean;
  /** What the script or flow returned, or `{ error }`. */
  result: unknown;
  logs: string;
  /** As they are stored. */
  args: Record<string, unknown>;
  /** Everything else that is known about the job. */
  job: Job;
}

/** Runs a deployed script through the API and waits for its end. The token decides with whose rights. */
export function runScript(
  standin: WindmillStandin,
  workspace: string,
  path: string,
  args: object,
  token: string,
): Promise<Run> {
  return run(standin, workspace, `p/${path}`, args, token);
}

/** Runs a deployed flow through the API and waits for its end. The token decides with whose rights. */
export function runFlow(
  standin: WindmillStandin,
  workspace: string,
  path: string,
  args: object,
  token: string,
): Promise<Run> {
  return run(standin, workspace, `f/${path}`, args, token);
}

async function run(
  standin: WindmillStandin,
  workspaceId: string,
  what: string,
  args: object,
  token: string,
): Promise<Run> {
  const response = await fetch(`${standin.url}/api/w/${workspaceId}/jobs/run/${what}`, {
    method: "POST",
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    body: JSON.stringify(args),
  });
  const id = await response.text();
  if (response.status !== 201) throw new Error(`Windmill did not start ${what} (${response.status}): ${id}`);
  const job = jobsOf(standin, workspaceId).find((other) => other.id === id);
  if (!job) throw new Error(`Windmill answered with the unknown job ${id}`);
  await job.done;
  return runOf(job);
}

/** A job that is over, as a test looks at it. */
export function runOf(job: Job): Run {
  const { id, success, result, logs, args } = job;
  return { id, success, result, logs, args, job };
}

/** Every job of a workspace, in the order in which they were created. */
export function jobsOf({ store }: WindmillStandin, workspaceId: string): Job[] {
  const workspace = store.workspaces.get(workspaceId);
  return workspace ? [...deployedIn(workspace).jobs.values()] : [];
}

/** The runs of a schedule that are over, in the order in which they were queued. */
export function scheduledRuns(standin: WindmillStandin, workspaceId: string, schedulePath: string): Run[] {
  return jobsOf(standin, workspaceId)
    .filter((job) => job.schedulePath === schedulePath && job.phase === "completed")
    .map(runOf);
}

/**
 * Makes what a deployment sets off happen now: importers of a changed library are re-locked without the five seconds that the
 * server takes, and every job that was started is over when this resolves.
 */
export function settle({ store }: WindmillStandin): Promise<void> {
  return locksmithOf(engineIn(store)).settle();
}

/** Ends a job at once, as a worker's death would: its process is killed, and whatever it was doing stays half done. */
export function killJob(standin: WindmillStandin, workspaceId: string, id: string): void {
  const job = jobsOf(standin, workspaceId).find((other) => other.id === id);
  if (job) engineIn(standin.store).cancel(job, { by: "test", reason: "killed" });
}

/** Waits until every job that was started is over. */
export function idle({ store }: WindmillStandin): Promise<void> {
  return engineIn(store).idle();
}

/** How many scripts run at a time; 2 unless a test says otherwise. */
export function setConcurrency({ store }: WindmillStandin, scripts: number): void {
  engineIn(store).slots.limit = scripts;
}

/** Lets the worker start no further job but the next `jobs` in the queue, so that a test sees what is waiting. */
export function allowJobs({ store }: WindmillStandin, jobs: number): void {
  engineIn(store).slots.allow(jobs);
}

/** What a workspace has deployed; tests put other people's apps, flows and schedules in there. */
export { deployedIn as deployed };
