import { WORKER } from "./code_run.ts";
import { rootOf } from "./environment.ts";
import { leafJobs } from "./flow_status.ts";
import { flowJson } from "./flow_value.ts";
import type { Job } from "./state.ts";
import { storedSize } from "./stored_size.ts";

/**
 * Bytes in the database from which on a job is shown without its result or its arguments; they have endpoints of their own
 * (`pg_column_size(result) < 90000`, of arguments 40000, backend/windmill-api/src/jobs.rs).
 */
const LIMITS = { result: 90_000, args: 40_000 } as const;

/** What of a job is shown. */
export interface Detail {
  logs: boolean;
}

/** A job as `jobs_u/get` shows it. */
export function jobJson(job: Job, detail: Detail): object {
  return job.phase === "completed" ? { type: "CompletedJob", ...completedJson(job, detail) } : queuedJson(job);
}

/** A completed job as `jobs_u/completed/get` shows it. */
export function completedJson(job: Job, { logs }: Detail): object {
  const { args: _args, ...listed } = completedEntry(job);
  return {
    ...listed,
    args: small(job.args, LIMITS.args, { reason: "WINDMILL_TOO_BIG" }),
    result: small(job.result, LIMITS.result, "WINDMILL_TOO_BIG"),
    logs: logs ? job.logs : undefined,
    ...flowParts(job),
    worker: WORKER,
  };
}

/** A job as the lists show it: without arguments, result, logs and flow. */
export function listEntry(job: Job): object {
  if (job.phase === "completed") return { type: "CompletedJob", ...completedEntry(job) };
  const {
    flow_status: _status,
    raw_flow: _flow,
    leaf_jobs: _leaves,
    args: _args,
    worker: _worker,
    ...rest
  } = queuedJson(job);
  return { ...rest, args: null };
}

function completedEntry(job: Job) {
  return {
    ...common(job),
    started_at: job.startedAt ?? job.createdAt,
    completed_at: job.completedAt,
    duration_ms: job.durationMs,
    success: job.success,
    result_columns: null,
    args: null,
    deleted: false,
    canceled: job.canceled !== undefined,
    canceled_by: job.canceled?.by,
    canceled_reason: job.canceled?.reason ?? undefined,
    is_skipped: job.isSkipped,
    mem_peak: job.memoryPeak,
    resolved: false,
  };
}

function queuedJson(job: Job) {
  const leaves = job.flowStatus && leafJobs(job.flowStatus);
  return {
    type: "QueuedJob",
    ...common(job),
    started_at: job.startedAt,
    scheduled_for: job.scheduledFor,
    running: job.phase === "running",
    script_entrypoint_override: null,
    args: small(job.args, LIMITS.args, { reason: "WINDMILL_TOO_BIG" }),
    logs: job.logs === "" ? undefined : job.logs,
    canceled: job.canceled !== undefined,
    canceled_by: job.canceled?.by,
    canceled_reason: job.canceled?.reason ?? undefined,
    same_worker: false,
    suspend: 0,
    mem_peak: job.memoryPeak,
    ...(leaves ? { leaf_jobs: leaves } : {}),
    ...flowParts(job),
    worker: job.phase === "running" ? WORKER : undefined,
  };
}

function common(job: Job) {
  const root = rootOf(job);
  return {
    workspace_id: job.workspaceId,
    id: job.id,
    parent_job: job.parent?.id,
    root_job: job.parent ? root.id : undefined,
    created_by: job.createdBy,
    created_at: job.createdAt,
    script_hash: job.hash,
    script_path: job.path,
    job_kind: job.kind,
    schedule_path: job.schedulePath,
    permissioned_as: `u/${job.identity.username}`,
    is_flow_step: job.parent !== undefined,
    language: job.flow || isVersionLess(job) ? undefined : "bun",
    email: job.identity.email,
    visible_to_owner: true,
    tag: tagOf(job),
    is_retry: job.isRetry,
  };
}

/** Whether a job is the dependency job of a flow or an app, which has no language. */
function isVersionLess({ kind }: Job): boolean {
  return kind === "flowdependencies" || kind === "appdependencies";
}

/** The queue that a job goes into. The job that a push makes for a script takes that of its language. */
function tagOf(job: Job): string {
  if (job.flow) return "flow";
  return isVersionLess(job) || job.args.triggered_by_relative_import === true ? "dependency" : "bun";
}

function flowParts(job: Job) {
  return job.flow ? { flow_status: job.flowStatus, raw_flow: flowJson(job.flow) } : {};
}

function small(value: unknown, limit: number, instead: unknown): unknown {
  return storedSize(value) >= limit ? instead : value;
}
