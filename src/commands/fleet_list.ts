import { readFleet } from "../fleet/members.ts";
import { answer } from "../windmill/run.ts";

/**
 * First step of the fleet flow: reads and checks the list of workspaces, so that a slip in it is said once and not by a
 * thousand jobs. Returns `members`.
 *
 * @throws InputError for a list that cannot be used.
 */
export async function main(workspaces: object[] = [], fleet_path?: string, parallelism?: number) {
  return answer((windmill) => readFleet(windmill, { workspaces, fleet_path, parallelism }));
}
