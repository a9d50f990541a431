import { JobService } from "windmill-client";
import * as z from "zod";
import { orNull, type Windmill } from "./windmill.ts";

/** Runs of the workspace: one function per call, each answer parsed at this border. */

/** A run, as far as this product looks at it. */
const JobInfo = z.looseObject({ type: z.string().optional(), success: z.boolean().optional() });

export interface JobState {
  over: boolean;
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
  return job && { over: job.type === "CompletedJob", succeeded: job.type === "CompletedJob" && job.success === true };
}
