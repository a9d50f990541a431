import * as z from "zod";
import { blankable, checked, choice } from "./fields.ts";
import type { Form } from "./form.ts";
import { isTimezone } from "./when.ts";

/** Inputs of `silence`. What times mean is known only with the present, see walks/silence.ts. */
export const SilenceInput = z.object({
  what: choice(["acknowledge", "maintenance", "lift"]).transform((what, context) => {
    if (what === null) {
      context.addIssue({ code: "custom", message: "is missing. Choose acknowledge, maintenance or lift." });
      return z.NEVER;
    }
    return what;
  }),
  /** Characters: a reason stands in messages and in the memory. */
  reason: checked((text) => (text.length > 200 ? "has more than 200 characters. Say it shorter." : null)),
  /** Of an incident or of a window; "" for the one that is meant by itself. */
  id: blankable,
  begins: blankable,
  until: blankable,
  timezone: checked((text) =>
    text === "" || isTimezone(text) ? null : "is no time zone that is known. Write e.g. Europe/Berlin, or UTC.",
  ).transform((text) => text || "UTC"),
});
export type SilenceInput = z.infer<typeof SilenceInput>;

/** What `silence` asks people for. */
export const form: Form = {
  summary: "Codex Pooler: acknowledge an alert, plan a maintenance",
  description: `Says that somebody knows of an incident (no reminders of it any more), or that nobody wants to be told for a while (maintenance), or takes either back. Checks go on. Changes nothing but the memory of **f/codex_pooler/health**; whoever may write in the folder f/codex_pooler may do it.`,
  timeout_s: 60,
  fields: {
    what: {
      title: "What",
      description:
        "acknowledge: no reminders of the open incident; if it gets worse, and when it is over, people are told. maintenance: nobody is told of anything. lift: takes it back.",
      default: "acknowledge",
    },
    reason: {
      title: "Reason",
      description: "Stands on the pages and in the message that it is over.",
      placeholder: "The gateway is updated",
      default: "",
    },
    until: {
      title: "Until",
      description:
        "A length (2 h, 90 min) or a time (04:00, 2026-11-29 04:00). Blank, for an acknowledgement: until the incident is over. A maintenance lasts 7 days at most.",
      placeholder: "2 h",
      default: "",
    },
    begins: {
      title: "Maintenance begins",
      description:
        'Blank: now. A time, or a cron expression for one that comes again, e.g. "0 2 * * 0" for Sundays at 02:00; then Until is its length.',
      default: "",
    },
    timezone: {
      title: "Time zone",
      description: "In which the times are meant.",
      placeholder: "Europe/Berlin",
      default: "UTC",
    },
    id: {
      title: "Incident or window",
      description: "Its id, which links fill in. Blank: the open incident; to lift, what keeps quiet now.",
      default: "",
    },
  },
};
