import type { Form } from "./form.ts";

/** What `dashboard_data` asks people for. */
export const form: Form = {
  summary: "Codex Pooler: read what the dashboard shows",
  description: `What the app **f/codex_pooler/dashboard** shows, read with the rights of who deployed it. It has no use on its own: open the app. Changes nothing.`,
  timeout_s: 30,
  fields: {},
};
