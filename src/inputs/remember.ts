import * as z from "zod";
import { SELF_REPAIR } from "../core/self_repair.ts";
import { choice } from "./fields.ts";
import { type Form, moreOptions } from "./form.ts";
import { Watching } from "./watch.ts";

/** Inputs of the step of the health flow that remembers, with the defaults of the flow's form. */
export const RememberInput = z.object({
  failures_before_alert: Watching.failures_before_alert.transform((given) => given ?? 2),
  successes_before_recovery: Watching.successes_before_recovery.transform((given) => given ?? 2),
  remind_every: Watching.remind_every.transform((given) => given ?? 24),
  fail_job_when: Watching.fail_job_when.transform((given) => given ?? "never"),
  self_repair: choice(SELF_REPAIR).transform((given) => given ?? "off"),
  ignore_new_models: z
    .boolean()
    .nullish()
    .transform((given) => given ?? false),
  has_targets: z
    .boolean()
    .nullish()
    .transform((given) => given ?? false),
});
export type RememberInput = z.infer<typeof RememberInput>;

/** What `remember` asks people for. */
export const form: Form = {
  summary: "Codex Pooler: remember the status (step of the health flow)",
  description: `Step of the flow **f/codex_pooler/health**: keeps status, incidents and history in the workspace and says what people should be told. It has no use on its own.`,
  timeout_s: 180,
  fields: {
    report: { title: "Report", description: "The result of f/codex_pooler/check." },
    failures_before_alert: { title: "Bad checks before an alert", default: 2 },
    successes_before_recovery: { title: "Good checks before a recovery", default: 2 },
    remind_every: { title: "Hours between reminders", default: 24 },
    fail_job_when: { title: "Fail the run when", default: "never" },
    self_repair: { title: "Mend by itself", default: "off", more: true },
    ignore_new_models: { title: "Do not tell of new models", default: false, more: true },
    has_targets: { title: "Whether there is anybody to tell", default: false, more: true },
    more: moreOptions,
  },
};
