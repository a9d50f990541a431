import * as z from "zod";
import { whyFailed } from "../health/failed_step.ts";
import { tellPeople } from "../health/notify.ts";
import { failureMessage, HealthReport } from "../health/report.ts";
import { Notice } from "../health/state.ts";
import { tellOfFailure } from "../health/watch_failed.ts";
import { NotifyRules } from "../inputs/notify.ts";
import { parseInputs } from "../inputs/parse.ts";
import { renderHealth } from "../pages/health.ts";
import { answerPage } from "../windmill/run.ts";

/**
 * Last step of the health flow: tells people, through incoming webhooks and through a script or flow of the workspace. A target
 * that does not take the alert is named in the result and fails no tick; an alert that no target took is due again with the
 * next tick.
 *
 * @param report the result of f/codex_pooler/remember, or the error that ended that step: then people are told that, after as many
 *   failed runs as for a bad status.
 * @param more only the form uses it: whether it shows the fields that few people need.
 * @param mended what the step before this one has mended by itself, if anything.
 * @throws UnhealthyError when the flow's input `fail_job_when` says so, or when a step before this one failed, after all else is done.
 */
export async function main(
  report: object,
  alert_webhook_path?: string,
  webhook_format?:
    | "auto"
    | "slack"
    | "discord"
    | "teams"
    | "mattermost"
    | "json"
    | "pagerduty"
    | "alertmanager"
    | "ntfy",
  alert_runnable?: string,
  failures_before_alert?: number,
  remind_every?: number,
  mended?: object,
  more: boolean = false,
) {
  const targets = { alert_webhook_path, webhook_format, alert_runnable, more };
  return answerPage(renderHealth, async (windmill) => {
    const failed = whyFailed(report);
    if (failed !== null) {
      const rules = parseInputs(NotifyRules, { failures_before_alert, remind_every });
      await tellOfFailure(windmill, failed, rules, targets);
      throw new UnhealthyError(
        `What the health check found could not be remembered. ${failed}\nThe check's report is the result of the step check.`,
      );
    }
    const { report: found } = parseInputs(z.object({ report: HealthReport }), { report });
    const health = withNews(found, mended, Boolean(alert_webhook_path || alert_runnable));
    const alert = await tellPeople(windmill, health, targets);
    if (health.telling.fail) throw new UnhealthyError(failureMessage(health));
    return alert ? { ...health, alert } : health;
  });
}

/** The report with what was mended after it was made. */
function withNews(report: HealthReport, mended: unknown, has_targets: boolean): HealthReport {
  const { notice = null } = z.object({ notice: Notice.nullish() }).catch({}).parse(mended);
  if (notice === null) return report;
  const { telling, health } = report;
  return {
    ...report,
    telling: { ...telling, announce: telling.announce || has_targets, notices: [...(telling.notices ?? []), notice] },
    health: { ...health, notices: [notice, ...(health.notices ?? [])] },
  };
}

/** Windmill AI does not work as it should, or the watch does not, and the run says so by failing. */
class UnhealthyError extends Error {
  override readonly name = "UnhealthyError";
}
