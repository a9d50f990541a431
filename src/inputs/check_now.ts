import type { Form } from "./form.ts";

/** What `check_now` asks people for. */
export const form: Form = {
  summary: "Codex Pooler: look at the gateway now (button of the dashboard)",
  description: `What the button "Check now" of the app **f/codex_pooler/dashboard** runs: the check at depth *free*, which uses no tokens, at most once a minute for everybody together. Whoever asks again gets the last result. Changes nothing.`,
  timeout_s: 60,
  fields: {},
};
