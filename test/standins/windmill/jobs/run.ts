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
 * Makes what a deployment sets off happen now, however long the server would take, up to `relocking.most`; every job that was
 * started is over when this resolves. The clock stays where it is.
 */
export function settle({ store }: WindmillStandin): Promise<void> {
  return locksmithOf(engineIn(store)).settle();
}

/** The dependency jobs that were made for an item. */
export interface DependencyJobs {
  /** Made in all: the sum of the others. */
  made: number;
  /** Not yet taken by a worker. */
  queued: number;
  running: number;
  succeeded: number;
  failed: number;
  /** Ended unrun, because a later one took its place (`relocking.merge`). */
  merged: number;
}

/** The dependency jobs of a workspace that were made so far. */
export interface DependencyReport extends DependencyJobs {
  items: (DependencyJobs & { kind: "script" | "flow" | "app"; path: string })[];
  /** Jobs that the server would have made at least, beyond the limit `relocking.most`. */
  notMade: number;
}

const DEPENDENCY_KINDS = new Map<string, "script" | "flow" | "app">([
  ["dependencies", "script"],
  ["flowdependencies", "flow"],
  ["appdependencies", "app"],
]);

/** Counts the dependency jobs of a workspace, in all and for each script, flow and app, sorted by path. */
export function dependencyJobs(standin: WindmillStandin, workspaceId: string): DependencyReport {
  const none = (): DependencyJobs => ({ made: 0, queued: 0, running: 0, succeeded: 0, failed: 0, merged: 0 });
  const items = new Map<string, DependencyReport["items"][number]>();
  const total = none();
  for (const job of jobsOf(standin, workspaceId)) {
    const kind = DEPENDENCY_KINDS.get(job.kind);
    if (!kind) continue;
    const key = `${job.path} ${kind}`;
    const item = items.get(key) ?? { kind, path: job.path, ...none() };
    items.set(key, item);
    for (const counts of [total, item]) {
      counts.made += 1;
      counts[stateOf(job)] += 1;
    }
  }
  const sorted = [...items].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, item]) => item);
  const workspace = standin.store.workspaces.get(workspaceId);
  const notMade = workspace ? locksmithOf(engineIn(standin.store)).notMade(workspace) : 0;
  return { ...total, items: sorted, notMade };
}

function stateOf({ phase, isSkipped, success }: Job): Exclude<keyof DependencyJobs, "made"> {
  if (phase !== "completed") return phase;
  if (isSkipped) return "merged";
  return success ? "succeeded" : "failed";
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
