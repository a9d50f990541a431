import { finish } from "../core/report.ts";
import { tellPeople } from "../health/notify.ts";
import { failureMessage, HealthReport } from "../health/report.ts";
import { renderHealth } from "../pages/health.ts";
import { openWindmill } from "../windmill/windmill.ts";

/**
 * Last step of the health flow: tells people, through incoming webhooks and through a script or flow of the workspace. A target
 * that does not take the alert is named in the result and fails no tick; an alert that no target took is due again with the
 * next tick.
 *
 * @param report the result of f/codex_pooler/remember.
 * @throws UnhealthyError when the flow's input `fail_job_when` says so, after all else is done.
 */
export async function main(
  report: object,
  alert_webhook_path?: string,
  webhook_format?: "auto" | "slack" | "discord" | "teams" | "mattermost" | "json",
  alert_runnable?: string,
) {
  const health = HealthReport.parse(report);
  const alert = await tellPeople(openWindmill(), health, { alert_webhook_path, webhook_format, alert_runnable });
  if (health.telling.fail) throw new UnhealthyError(failureMessage(health));
  return finish(alert ? { ...health, alert } : health, renderHealth);
}

/** Windmill AI does not work as it should, and the run says so by failing. */
class UnhealthyError extends Error {
  override readonly name = "UnhealthyError";
}
