import "windmill-client@1.818.0";
import "zod@4.6.7";
import { composeAlert } from "./lib/alert.ts";
import { announced, readHealthState } from "./lib/health_state.ts";
import { InputError } from "./lib/inputs.ts";
import { HEALTH_STATE, isPath } from "./lib/paths.ts";
import { CheckReport, finish } from "./lib/report.ts";
import { renderCheck } from "./lib/report_html.ts";
import { postAlert } from "./lib/webhook.ts";
import { openWindmill } from "./lib/windmill.ts";
import { readState, writeState } from "./lib/workspace/resources.ts";
import { readSecret } from "./lib/workspace/variables.ts";

/**
 * Last step of the health flow: tells people that the status changed, through an incoming webhook. An alert that is not
 * delivered is reported in the result, does not fail the tick, and is tried again with the next one.
 *
 * @param report the result of f/codex_pooler/remember.
 * @param alert_webhook_path path of the secret variable that holds the webhook's URL.
 */
export async function main(report: object, alert_webhook_path: string) {
  if (!isPath(alert_webhook_path)) {
    throw new InputError([
      "alert_webhook_path: is not a path that Windmill accepts. Use the path of a secret variable, e.g. u/admin/alert_webhook.",
    ]);
  }
  const windmill = openWindmill();
  const check = CheckReport.parse(report);
  const alert = composeAlert(
    { from: check.previous_status ?? null, to: check.status, since: check.since ?? check.checked_at, announce: true },
    check.findings,
    { workspace: windmill.workspace, run_url: windmill.runUrl },
  );
  const delivery = await deliver();
  console.log(delivery.delivered ? "alert delivered" : `alert not delivered: ${delivery.problem}`);
  if (delivery.delivered) {
    const state = readHealthState(await readState(windmill, HEALTH_STATE));
    if (state) await writeState(windmill, HEALTH_STATE, announced(state));
  }
  return finish({ ...check, alert: delivery }, renderCheck);

  async function deliver() {
    try {
      return await postAlert((await readSecret(windmill, alert_webhook_path)).secret, alert);
    } catch (error) {
      return { delivered: false, problem: error instanceof Error ? error.message : String(error) };
    }
  }
}
