import * as z from "zod";
import { FleetList, fleetReport } from "../fleet/fleet.ts";
import { renderFleet } from "../pages/fleet.ts";
import { answerPage, say } from "../windmill/run.ts";

/**
 * Last step of the fleet flow: makes one table of what the workspaces' checks gave. Returns a {@link FleetReport} with its
 * rendering.
 *
 * @param members the list of f/codex_pooler/fleet_list.
 * @param results what the loop gave, in the order of the members.
 */
export async function main(members: object[], results: object[]) {
  return answerPage(renderFleet, async (windmill) => {
    const rows = z.array(z.unknown()).parse(results);
    const report = fleetReport(FleetList.parse(members), rows, new Date().toISOString());
    say(windmill, report.summary);
    return report;
  });
}
