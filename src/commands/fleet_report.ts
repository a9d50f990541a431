import * as z from "zod";
import { finish } from "../core/report.ts";
import { FleetList, fleetReport } from "../fleet/fleet.ts";
import { renderFleet } from "../pages/fleet.ts";

/**
 * Last step of the fleet flow: makes one table of what the workspaces' checks gave. Returns a {@link FleetReport} with its
 * rendering.
 *
 * @param members the list of f/codex_pooler/fleet_list.
 * @param results what the loop gave, in the order of the members.
 */
export async function main(members: object[], results: object[]) {
  const report = fleetReport(FleetList.parse(members), z.array(z.unknown()).parse(results), new Date().toISOString());
  console.log(report.summary);
  return finish(report, renderFleet);
}
