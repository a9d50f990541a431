import { repairLinks } from "../core/links.ts";
import { checkOf } from "../health/failed_step.ts";
import { remember } from "../health/remember.ts";
import { parseInputs } from "../inputs/parse.ts";
import { RememberInput } from "../inputs/remember.ts";
import { renderHealth } from "../pages/health.ts";
import { answerPage, say } from "../windmill/run.ts";

/**
 * Second step of the health flow: takes a check's report into the flow's memory and history, and says what people should be told.
 * Returns a {@link HealthReport} with its rendering. Blank inputs are the defaults of the flow's form.
 *
 * @param report the result of f/codex_pooler/check, or the error that ended that step: then it is remembered that nobody could look.
 * @param failures_before_alert bad checks in a row, 2 by default.
 * @param successes_before_recovery good checks in a row, 2 by default.
 * @param remind_every hours, 24 by default, 0 for never.
 * @param has_targets whether there is anybody to tell.
 * @param self_repair what the flow may mend by itself, nothing by default.
 * @param ignore_new_models whether people are not told of models that the gateway newly serves.
 * @param more only the form uses it: whether it shows the fields that few people need.
 * @throws InputError for input that cannot be used; WindmillError when the memory cannot be written.
 */
export async function main(
  report: object,
  failures_before_alert?: number,
  successes_before_recovery?: number,
  remind_every?: number,
  fail_job_when?: "never" | "down" | "degraded",
  has_targets?: boolean,
  ignore_new_models?: boolean,
  self_repair?: "off" | "settings" | "models",
  more: boolean = false,
) {
  const alerts = { remind_every, fail_job_when, has_targets, ignore_new_models, self_repair, more };
  const rules = { failures_before_alert, successes_before_recovery, ...alerts };
  return answerPage(renderHealth, async (windmill) => {
    const input = parseInputs(RememberInput, rules);
    const health = await remember(windmill, await checkOf(windmill, report), input);
    say(windmill, health.now);
    return { ...health, links: repairLinks(windmill, health.findings) };
  });
}
