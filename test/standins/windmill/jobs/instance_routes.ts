import { hostname } from "node:os";
import { json, type Register } from "../http.ts";
import { WORKER } from "./code_run.ts";
import { deployedIn } from "./state.ts";

/** The tags that a worker of the default group listens to. */
const TAGS =
  "ansible bash bun csharp dbt deno dependency duckdb flow go hub java nu other php powershell python3 rlang ruby rust".split(
    " ",
  );

/** Small things that clients ask for beside scripts, flows and jobs. */
export const registerInstanceViews: Register = (api, { store }) => {
  const startedAt = store.clock.iso();
  api.get("/api/workers/list", () => {
    const jobs = [...store.workspaces.values()].flatMap((workspace) => [...deployedIn(workspace).jobs.values()]);
    const executed = jobs
      .filter(({ phase }) => phase === "completed")
      .sort((a, b) => ((a.completedAt ?? "") < (b.completedAt ?? "") ? -1 : 1));
    const last = executed.at(-1);
    return json([
      {
        worker: WORKER,
        worker_instance: hostname(),
        last_ping: 1,
        started_at: startedAt,
        ip: "unretrievable IP",
        jobs_executed: executed.length,
        last_job_id: last?.id ?? null,
        last_job_workspace_id: last?.workspaceId ?? null,
        custom_tags: TAGS,
        worker_group: "default",
        wm_version: store.version.replace(/^CE /, ""),
        occupancy_rate: 0,
        occupancy_rate_15s: 0,
        occupancy_rate_5m: 0,
        memory: process.constrainedMemory() ?? 0,
        memory_usage: process.memoryUsage.rss(),
        job_isolation: "none",
        native_mode: false,
      },
    ]);
  });

  api.get("/api/w/:w/shared_ui/get", () =>
    json({ files: {}, version: 0, edited_at: store.clock.iso(), edited_by: "" }),
  );
};
