import { readDashboard } from "../dashboard/read.ts";
import { answer } from "../windmill/run.ts";

/**
 * What the dashboard shows, read with the rights of who deployed it: states of the bundle, the schedule, and when the resource was
 * last changed. Changes nothing and returns nothing that a member of the workspace may not know.
 */
export async function main() {
  return answer((windmill) => readDashboard(windmill, process.env.WM_END_USER_EMAIL ?? ""));
}
