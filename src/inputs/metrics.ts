import type { Form } from "./form.ts";

/** What `metrics` asks people for. */
export const form: Form = {
  summary: "Codex Pooler: metrics for Prometheus",
  description: `What the health flow remembers, as metrics that Prometheus scrapes from \`/api/w/<workspace>/jobs/run_wait_result/p/f/codex_pooler/metrics\` with a token that may run this script only. Reads the flow's memory and nothing else.`,
  timeout_s: 30,
  fields: {},
};
