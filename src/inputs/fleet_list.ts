import type { Form } from "./form.ts";

/** What `fleet_list` asks people for. */
export const form: Form = {
  summary: "Codex Pooler: read the list of workspaces (step of the fleet flow)",
  description: `Step of the flow **f/codex_pooler/fleet**: reads and checks the list of workspaces. It has no use on its own.`,
  timeout_s: 60,
  fields: {
    workspaces: {
      title: "Workspaces",
      description: "For each its id (workspace) and the path of a secret variable with a token for it (token_path).",
      default: [],
    },
    fleet_path: {
      title: "List in a resource",
      description: 'Path of a resource with the value {"workspaces": [...]}.',
      default: "",
    },
    parallelism: { title: "At a time", description: "How many workspaces are checked at a time.", default: null },
  },
};
