import { type Actor, canRead } from "../access.ts";
import { ApiError, notFound } from "../errors.ts";
import { json, type Register, type Request, text, workspaceOf } from "../http.ts";
import { i32, optional, readBody, string, struct } from "../shape.ts";
import type { Workspace } from "../store.ts";
import { engineOf } from "./engine.ts";
import { rootOf } from "./environment.ts";
import { completedJson, jobJson, listEntry } from "./job_json.ts";
import { deployedIn, type Job } from "./state.ts";

const CANCEL = struct("CancelJob", { reason: optional(string) });
const PROGRESS = struct("JobProgressSetRequest", { percent: i32, flow_job_id: optional(string) });
const PER_PAGE = 30;
/** The first line of every log that is read as text. */
const COLOR_HINT = String.raw`to remove ansi colors, use: | sed 's/\x1B\[[0-9;]\{1,\}[A-Za-z]//g'`;

/** Filters of the lists, by query parameter. */
const FILTERS: Readonly<Record<string, (job: Job, wanted: string) => boolean>> = {
  job_kinds: (job, wanted) => wanted.split(",").includes(job.kind),
  has_null_parent: (job, wanted) => String(job.parent === undefined) === wanted,
  parent_job: (job, wanted) => job.parent?.id === wanted,
  script_path_exact: (job, wanted) => job.path === wanted,
  script_path_start: (job, wanted) => job.path.startsWith(wanted),
  schedule_path: (job, wanted) => job.schedulePath === wanted,
  created_by: (job, wanted) => job.createdBy === wanted,
  created_after: (job, wanted) => job.createdAt >= new Date(wanted).toISOString(),
  created_before: (job, wanted) => job.createdAt <= new Date(wanted).toISOString(),
  success: (job, wanted) => job.phase === "completed" && String(job.success) === wanted,
  running: (job, wanted) => String(job.phase === "running") === wanted,
  is_skipped: (job, wanted) => String(job.isSkipped) === wanted,
};

/** Looking at jobs and cancelling them. */
export const registerJobsApi: Register = (api, context) => {
  const { store } = context;
  const engine = engineOf(context);

  const list = (c: Request, shown: (job: Job) => boolean) => {
    const workspace = workspaceOf(c, store);
    const query = Object.entries(c.req.query());
    const jobs = [...deployedIn(workspace).jobs.values()]
      .filter((job) => shown(job) && isVisible(workspace, c.get("actor"), job))
      .filter((job) => query.every(([name, wanted]) => FILTERS[name]?.(job, wanted) ?? true))
      .reverse();
    const perPage = Number(c.req.query("per_page") ?? PER_PAGE);
    const page = Number(c.req.query("page") ?? 1);
    return json(jobs.slice((page - 1) * perPage, page * perPage).map(listEntry));
  };
  const find = (c: Request, what = "Job", line = "jobs.rs:10211") => {
    const workspace = workspaceOf(c, store);
    const id = c.req.param("id") ?? "";
    const job = deployedIn(workspace).jobs.get(id);
    if (!job || !isVisible(workspace, c.get("actor"), job)) throw notFound(`${what} not found at name ${id} (${line})`);
    return job;
  };
  const findCompleted = (c: Request) => {
    const job = find(c, "Completed Job", "jobs.rs:10458");
    if (job.phase !== "completed") throw notFound(`Completed Job not found at name ${job.id} (jobs.rs:10458)`);
    return job;
  };

  api.get("/api/w/:w/jobs/list", (c) => list(c, () => true));
  api.get("/api/w/:w/jobs/queue/list", (c) => list(c, (job) => job.phase !== "completed"));
  api.get("/api/w/:w/jobs/completed/list", (c) => list(c, (job) => job.phase === "completed"));

  api.get("/api/w/:w/jobs_u/get/:id", (c) => json(jobJson(find(c), { logs: c.req.query("no_logs") !== "true" })));
  api.get("/api/w/:w/jobs_u/get_args/:id", (c) => json(find(c).args));
  api.get("/api/w/:w/jobs_u/get_root_job_id/:id", (c) => json(rootOf(find(c)).id));
  api.get("/api/w/:w/jobs_u/get_logs/:id", (c) => {
    const body = `${COLOR_HINT}\n${find(c).logs}`;
    return new Response(body, { headers: { "content-type": "text/plain" } });
  });

  api.get("/api/w/:w/jobs_u/completed/get/:id", (c) =>
    json(completedJson(findCompleted(c), { logs: c.req.query("no_logs") !== "true" })),
  );
  api.get("/api/w/:w/jobs_u/completed/get_result/:id", (c) => json(findCompleted(c).result));
  api.get("/api/w/:w/jobs_u/completed/get_result_maybe/:id", (c) => {
    const job = find(c);
    if (job.phase !== "completed")
      return json({ started: job.phase === "running", success: null, completed: false, result: null });
    return json({ started: true, success: job.success, completed: true, result: job.result });
  });

  api.get("/api/w/:w/jobs_u/getupdate/:id", (c) => {
    const job = find(c);
    return json({
      running: job.phase === "running",
      completed: job.phase === "completed",
      new_logs: job.logs.slice(Number(c.req.query("log_offset") ?? 0)),
      log_offset: job.logs.length + 1,
      mem_peak: job.memoryPeak,
      progress: c.req.query("get_progress") === "true" ? job.progress : undefined,
      flow_status: job.flowStatus,
    });
  });

  api.post("/api/w/:w/jobs_u/queue/cancel/:id", async (c) => {
    const job = find(c);
    const { reason = null } = await readBody(c, CANCEL);
    if (job.phase === "completed")
      throw new ApiError(400, `Bad request: queue job id ${job.id} does not exist or is already completed`);
    engine.cancel(job, { by: c.get("actor").username, reason });
    return text(job.id);
  });

  api.post("/api/w/:w/job_metrics/set_progress/:id", async (c) => {
    const { percent } = await readBody(c, PROGRESS);
    const job = find(c);
    // It never goes back, and 100 is left to the end of the job.
    job.progress = Math.max(job.progress ?? 0, Math.min(Math.max(percent, 0), 99));
    return json(null);
  });
  api.get("/api/w/:w/job_metrics/get_progress/:id", (c) => json(find(c).progress ?? null));
};

/** A job is seen by admins, by who started it, and by the readers of where its script or flow is. */
function isVisible(workspace: Workspace, actor: Actor, job: Job): boolean {
  return actor.isAdmin || job.createdBy === actor.username || canRead(workspace, actor, job.path);
}
