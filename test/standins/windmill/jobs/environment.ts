import type { Store } from "../store.ts";
import type { Job } from "./state.ts";

/** Where a job finds Windmill: the origins of the two processes. */
export interface Origins {
  server: string;
  worker: string;
}

/**
 * The whole environment of a job's process. The worker's own is not passed on except for what a process cannot do without.
 * Values that do not apply are "", not missing.
 */
export function environmentOf(job: Job, token: string, store: Store, origins: Origins): NodeJS.ProcessEnv {
  const root = rootOf(job);
  const flowPath = job.parent ? root.path : "";
  const baseUrl = store.settings.get("base_url");
  return {
    PATH: process.env.PATH,
    HOME: process.env.HOME,
    TZ: process.env.TZ ?? "Etc/UTC",
    BASE_URL: origins.worker,
    WM_BASE_URL: typeof baseUrl === "string" ? baseUrl : origins.server,
    WM_TOKEN: token,
    WM_WORKSPACE: job.workspaceId,
    WM_EMAIL: job.identity.email,
    WM_USERNAME: job.createdBy,
    WM_PERMISSIONED_AS: `u/${job.identity.username}`,
    WM_JOB_ID: job.id,
    WM_JOB_PATH: job.path,
    WM_RUNNABLE_ID: job.hash ?? "",
    WM_SCHEDULED_FOR: job.scheduledFor.replace(/\.\d+Z$/, "Z"),
    WM_SCHEDULE_PATH: root.schedulePath ?? "",
    WM_ROOT_JOB_ID: root.id,
    WM_FLOW_JOB_ID: job.parent?.id ?? "",
    WM_ROOT_FLOW_JOB_ID: job.parent ? root.id : "",
    WM_FLOW_PATH: flowPath,
    WM_FLOW_STEP_ID: job.stepId ?? "",
    WM_STATE_PATH: statePath(job, root),
    WM_OBJECT_PATH: objectPath(job, root),
    WM_WORKER_GROUP: "default",
    WM_END_USER_EMAIL: root.endUserEmail ?? "",
    WM_TESTED_RUNNABLE: "",
  };
}

/** The job that the job is a part of in the end: itself, or its outermost flow. */
export function rootOf(job: Job): Job {
  return job.parent ? rootOf(job.parent) : job;
}

/** Scheduled runs have their own state, all others of a script share one. */
function statePath(job: Job, root: Job): string {
  const trigger = root.schedulePath === undefined ? "user" : job.createdBy;
  return job.parent ? `${root.path}/${job.stepId}_${trigger}` : `${job.path}/${trigger}`;
}

function objectPath(job: Job, root: Job): string {
  const trigger = root.schedulePath === undefined ? "manual" : job.createdBy;
  const unique = `${Date.parse(job.startedAt ?? job.createdAt)}_${job.id}`;
  const folder = root.path.replaceAll("/", "_");
  return job.parent ? `${folder}/${trigger}/${job.stepId}/${unique}` : `${folder}/${trigger}/${unique}`;
}
