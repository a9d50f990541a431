import "windmill-client@1.818.0";
import "zod@4.6.7";
import { readHealthState, takeTick } from "./lib/health_state.ts";
import { HEALTH_STATE } from "./lib/paths.ts";
import { CheckReport, finish } from "./lib/report.ts";
import { renderCheck } from "./lib/report_html.ts";
import { openWindmill } from "./lib/windmill.ts";
import { readState, writeState } from "./lib/workspace/resources.ts";

/**
 * Second step of the health flow: takes a check's report into the memory of the flow and says whether people should be told.
 * Returns the report with `since`, `previous_status` and `announce`.
 *
 * @param report the result of f/codex_pooler/check.
 */
export async function main(report: object) {
  const windmill = openWindmill();
  const check = CheckReport.parse(report);
  const before = readHealthState(await readState(windmill, HEALTH_STATE));
  const { state, transition } = takeTick(before, { status: check.status, at: check.checked_at });
  await writeState(windmill, HEALTH_STATE, state);
  console.log(
    `${transition.from ?? "first tick"} -> ${transition.to}${transition.announce ? ", to be announced" : ""}`,
  );
  return {
    ...finish({ ...check, since: transition.since, previous_status: transition.from }, renderCheck),
    announce: transition.announce,
  };
}
