import type { Register } from "../http.ts";
import { registerApps } from "./app_routes.ts";
import { registerExport } from "./export_routes.ts";
import { registerFlows } from "./flow_routes.ts";
import { registerFolders } from "./folder_routes.ts";
import { registerInstanceViews } from "./instance_routes.ts";
import { registerJobsApi } from "./job_routes.ts";
import { registerRuns } from "./run_routes.ts";
import { registerSchedules } from "./schedule_routes.ts";
import { registerScripts } from "./script_routes.ts";

/** The jobs half of the stand-in: folders, scripts, flows, schedules, apps, the export, and runs of all of them. */
export const registerJobs: Register = (api, context) => {
  registerFolders(api, context);
  registerScripts(api, context);
  registerFlows(api, context);
  registerSchedules(api, context);
  registerApps(api, context);
  registerExport(api, context);
  registerRuns(api, context);
  registerJobsApi(api, context);
  registerInstanceViews(api, context);
};
