import { inert } from "../core/report.ts";
import { readDashboard } from "../dashboard/read.ts";
import { openWindmill } from "../windmill/windmill.ts";

/**
 * What the dashboard shows, read with the rights of who deployed it: states of the bundle, the schedule, and when the resource was
 * last changed. Changes nothing and returns nothing that a member of the workspace may not know.
 */
export async function main() {
  const windmill = openWindmill();
  return inert(await readDashboard(windmill, process.env.WM_END_USER_EMAIL ?? ""));
}
