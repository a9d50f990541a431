import * as z from "zod";
import { FAIL_WHEN } from "../core/fail_when.ts";
import { choice, whole } from "./fields.ts";

/** How the health flow watches, as its own form and that of `connect` ask for it. */

/** Minutes from one `chat` to the next unless somebody wants it otherwise. */
export const CHAT_EVERY = 60;

/** How the health flow watches: what its own form asks for, and `connect` puts into the schedule. Null where nothing was given. */
export const Watching = {
  /** Bad checks in a row. */
  failures_before_alert: whole(1, 100),
  /** Good checks in a row. */
  successes_before_recovery: whole(1, 100),
  /** Hours; 0 for no reminders. */
  remind_every: whole(0, 720),
  /** Minutes. */
  chat_every: whole(5, 1440),
  fail_job_when: choice(FAIL_WHEN),
};

/** The input `watch` of `connect`; names that nobody knows are slips. */
export const Watch = z
  .object(Watching)
  .partial()
  .catchall(
    z.unknown().superRefine((_, context) => {
      const message = `is not known. Known are: ${Object.keys(Watching).join(", ")}.`;
      context.addIssue({ code: "custom", message });
    }),
  )
  .nullish()
  .transform((given) => given ?? {});
