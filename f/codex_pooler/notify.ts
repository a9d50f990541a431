import "windmill-client@1.818.0";
import "zod@4.6.7";
import { composeAlert, type News } from "./lib/alert.ts";
import { deliver } from "./lib/alerting.ts";
import { announced, readHealthState } from "./lib/health_state.ts";
import { AlertInput, parseInputs } from "./lib/inputs.ts";
import { HEALTH_STATE } from "./lib/paths.ts";
import { CheckReport, finish } from "./lib/report.ts";
import { renderCheck } from "./lib/report_html.ts";
import { openWindmill } from "./lib/windmill.ts";
import { readState, writeState } from "./lib/workspace/resources.ts";

/**
 * Last step of the health flow: tells people, through incoming webhooks and through a script or flow of the workspace. A target
 * that does not take the alert is named in the result and fails no tick; an alert that no target took is due again with the
 * next tick.
 *
 * @param report the result of f/codex_pooler/remember.
 * @throws InputError for input that cannot be used.
 */
export async function main(
  report: object,
  alert_webhook_path?: string,
  webhook_format?: "auto" | "slack" | "discord" | "teams" | "mattermost" | "json",
  alert_runnable?: string,
) {
  const targets = parseInputs(AlertInput, { alert_webhook_path, webhook_format, alert_runnable });
  const windmill = openWindmill();
  const check = CheckReport.parse(report);
  const alert = composeAlert(newsOf(check), check.findings, {
    workspace: windmill.workspace,
    run_url: windmill.runUrl,
  });
  const told = await deliver(windmill, targets, alert);
  for (const { target, delivered, problem } of told) console.log(`${target}: ${delivered ? "told" : problem}`);
  const delivered = told.some((one) => one.delivered);
  if (delivered) {
    const state = readHealthState(await readState(windmill, HEALTH_STATE));
    if (state) await writeState(windmill, HEALTH_STATE, announced(state));
  }
  return finish({ ...check, alert: { delivered, targets: told } }, renderCheck);
}

const newsOf = ({ status, since, previous_status, checked_at }: CheckReport): News => ({
  kind: status === "healthy" ? "recovery" : "opening",
  incident: since ?? checked_at,
  status,
  previous: previous_status ?? null,
  since: since ?? checked_at,
  at: checked_at,
});
