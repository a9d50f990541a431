import type { Form } from "./form.ts";

/** What `check_workspace` asks people for. */
export const form: Form = {
  summary: "Codex Pooler: check another workspace (step of the fleet flow)",
  description: `Step of the flow **f/codex_pooler/fleet**: checks one workspace with its own token. Changes nothing.`,
  timeout_s: 300,
  fields: {
    workspace: { title: "Workspace", description: "Id of the workspace." },
    token_path: {
      title: "Token",
      description: "Path of the secret variable, in this workspace, that holds a token for the other one.",
    },
    server_url: {
      title: "Server address",
      description:
        "Where a worker reaches the Windmill server, when the instance's own address does not work from there. Usually blank.",
      default: "",
    },
    depth: {
      title: "Depth",
      description:
        "free: no tokens. chat: one completion per model and route. features: what Windmill's AI features send.",
      default: "free",
    },
  },
};
