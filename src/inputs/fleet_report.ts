import type { Form } from "./form.ts";

/** What `fleet_report` asks people for. */
export const form: Form = {
  summary: "Codex Pooler: one table of a fleet (step of the fleet flow)",
  description: `Step of the flow **f/codex_pooler/fleet**: makes one table of what the workspaces' checks gave. It has no use on its own.`,
  timeout_s: 60,
  fields: {
    members: { title: "Members", description: "The list of f/codex_pooler/fleet_list." },
    results: { title: "Results", description: "What the loop gave, in the order of the members." },
  },
};
