import { JobService } from "windmill-client";
import * as z from "zod";
import { orNull, type Windmill } from "./windmill.ts";

/** Runs of the workspace: one function per call, each answer parsed at this border. */

/** A run, as far as this product looks at it. */
const JobInfo = z.looseObject({
  type: z.string().optional(),
  success: z.boolean().optional(),
  started_at: z.string().nullish(),
  running: z.boolean().optional(),
});

export interface JobState {
  over: boolean;
  /** False while it waits in the queue, and when it is over. */
  running: boolean;
  /** False while it is not over. */
  succeeded: boolean;
}

/** How far a run is; null when there is none that the caller may see. */
export async function findJob(windmill: Windmill, id: string): Promise<JobState | null> {
  const job = await orNull(
    windmill.call(
      `Looking at the job ${id}`,
      () => JobService.getJob({ workspace: windmill.workspace, id, noLogs: true }),
      JobInfo,
    ),
  );
  if (job === null) return null;
  const over = job.type === "CompletedJob";
  return { over, running: !over && job.running === true, succeeded: over && job.success === true };
}

/**
 * The present time by the clock of Windmill's database, as ISO 8601: when this job was started, and what has passed since. Workers'
 * clocks may differ by minutes, and what several of them did must be put in order. Where Windmill does not say, it is this worker's.
 */
export async function serverTime(windmill: Windmill): Promise<string> {
  const job = await orNull(
    windmill.call(
      "Looking at this job",
      () => JobService.getJob({ workspace: windmill.workspace, id: windmill.jobId, noLogs: true }),
      JobInfo,
    ),
  ).catch(() => null);
  const started = Date.parse(job?.started_at ?? "");
  return new Date(Number.isNaN(started) ? Date.now() : started + windmill.elapsedMs()).toISOString();
}

/** A run that is over. */
export interface PastRun {
  id: string;
  /** When it was queued, by the clock of Windmill's database; ISO 8601. */
  at: string;
  succeeded: boolean;
}

/** Runs in one answer; Windmill gives no more. */
export const RUNS_SHOWN = 100;

/**
 * The last runs of a script or flow that are over, newest first, at most {@link RUNS_SHOWN}; steps of flows are among them.
 *
 * @param wish `after`: of these, only those queued after that time (ISO 8601). `succeeded`: only those that did, or did not.
 *   `count`: how many to look at.
 */
export async function pastRuns(
  windmill: Windmill,
  path: string,
  wish: { after?: string | undefined; succeeded?: boolean; count?: number } = {},
): Promise<PastRun[]> {
  const runs = await windmill.call(
    `Looking at the last runs of ${path}`,
    () =>
      JobService.listCompletedJobs({
        workspace: windmill.workspace,
        scriptPathExact: path,
        orderDesc: true,
        perPage: wish.count ?? RUNS_SHOWN,
        ...(wish.succeeded === undefined ? {} : { success: wish.succeeded }),
      }),
    z.array(z.looseObject({ id: z.string(), created_at: z.string(), success: z.boolean() })),
  );
  const after = Date.parse(wish.after ?? "1970-01-01T00:00:00Z");
  return runs
    .map(({ id, created_at, success }) => ({ id, at: created_at, succeeded: success }))
    .filter(({ at }) => Date.parse(at) > after);
}
