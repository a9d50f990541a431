import * as z from "zod";
import { ChangeInput, checked, flag } from "./fields.ts";
import { changeFields, type Form, moreOptions } from "./form.ts";
import { ScopeInput, scopeFields } from "./scope.ts";

/** A model of some provider, `<provider>:<model>`; "none"; or "" for what it was before connect. */
const modelElsewhere = checked((text) =>
  text === "" || text === "none" || (/^[a-z_]+:.+$/.test(text) && !text.startsWith("customai:"))
    ? null
    : 'is no model of another provider. Write <provider>:<model>, e.g. openai:gpt-4o, or "none".',
);

/** Inputs of `disconnect`. */
export const DisconnectInput = z.object({
  default_model: modelElsewhere,
  metadata_model: modelElsewhere,
  /** Whether the product's own records stay: snapshots, history and what was asked for. */
  keep_records: flag,
  ...ChangeInput,
  ...ScopeInput,
});
export type DisconnectInput = z.infer<typeof DisconnectInput>;

/** What `disconnect` asks people for. */
export const form: Form = {
  summary: "Codex Pooler: disconnect Windmill AI",
  description: `Takes the connection out of this workspace: the provider in the AI settings, and the schedule, resource, secret variable and records that f/codex_pooler has made. Nothing else is removed, and what stays is named.

Run it with mode **plan** first. People lose the models of this connection at once; flows with AI agent steps on its resource stop working. Needs an admin of the workspace.`,
  timeout_s: 600,
  fields: {
    default_model: {
      title: "Default model afterwards",
      description: "Another provider's model, or none.",
      default: "",
    },
    metadata_model: {
      title: "Metadata model afterwards",
      description: "As above, for summaries, names and form filling.",
      default: "",
    },
    keep_records: {
      title: "Keep the records",
      description:
        "Keep what f/codex_pooler remembers (snapshots, history, what was asked for), for a connection that comes back.",
      default: false,
    },
    mode: changeFields.mode,
    more: moreOptions,
    plan_id: changeFields.plan_id,
    server_url: changeFields.server_url,
    ...scopeFields,
  },
};
