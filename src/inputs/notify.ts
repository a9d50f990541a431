import type * as z from "zod";
import { type Form, moreOptions } from "./form.ts";
import { RememberInput } from "./remember.ts";

/** How sure the step that tells people must be where it cannot go by what the step before it says. */
export const NotifyRules = RememberInput.pick({ failures_before_alert: true, remind_every: true });
export type NotifyRules = z.infer<typeof NotifyRules>;

/** What `notify` asks people for. */
export const form: Form = {
  summary: "Codex Pooler: tell people (step of the health flow)",
  description: `Step of the flow **f/codex_pooler/health**: tells people of a change through incoming webhooks and through a script or flow. It has no use on its own.`,
  timeout_s: 150,
  fields: {
    report: { title: "Report", description: "The result of f/codex_pooler/remember." },
    alert_webhook_path: {
      title: "Webhook",
      description: "Path of the secret variable that holds the webhook's address, or several, one per line.",
      placeholder: "u/admin/alert_webhook",
      default: "",
    },
    webhook_format: {
      title: "Kind of webhook",
      description: "auto: by its host, and plain JSON for a host that nobody knows.",
    },
    alert_runnable: {
      title: "Script or flow",
      description: "script/ or flow/ and a path of this workspace. It is run with the argument alert.",
      placeholder: "script/f/team/page_oncall",
      default: "",
      more: true,
    },
    failures_before_alert: { title: "Failed runs before an alert", default: 2 },
    remind_every: { title: "Hours between reminders", default: 24 },
    mended: { title: "Mended", description: "What f/codex_pooler/repair has mended by itself.", more: true },
    more: moreOptions,
  },
};
