import * as z from "zod";
import { apiKey, ChangeInput, path } from "./fields.ts";
import type { Form } from "./form.ts";
import { ScopeInput, scopeFields } from "./scope.ts";

/** Inputs of `rotate_key`: the new key, or the path of the variable that holds it. */
export const RotateInput = z
  .object({ new_key: apiKey, new_key_path: path, ...ChangeInput, ...ScopeInput })
  .superRefine(({ new_key, new_key_path }, context) => {
    if (new_key === "stored" || (new_key === null) !== (new_key_path === "")) return;
    const message =
      new_key === null ? "is missing. Type it, or give new_key_path." : "is given twice. Leave new_key_path blank.";
    context.addIssue({ code: "custom", path: ["new_key"], message });
  });
export type RotateInput = z.infer<typeof RotateInput>;

/** What `rotate_key` asks people for. */
export const form: Form = {
  summary: "Codex Pooler: rotate the key",
  description: `Replaces the Pool API key of the live connection by a new one, without a moment in which people are refused.

**apply** tries the new key beside the live one, swaps it in, waits about a minute until no process of Windmill can use the old one any more, and checks the connection as people reach it. Only then is the old key dropped; if anything fails, the old key is put back. Revoke the old key in Codex Pooler afterwards.

Needs an admin of the workspace.`,
  timeout_s: 600,
  fields: {
    new_key: {
      password: true,
      title: "New key",
      description: "A Pool API key made for Windmill alone (sk-cxp-...).",
      default: "",
    },
    new_key_path: {
      title: "Variable with the new key",
      description:
        "Instead of typing it: path of a secret variable that holds the new key, without $var:. It stays as it is.",
      placeholder: "u/admin/new_pool_key",
      default: "",
    },
    mode: {
      title: "Mode",
      description: "plan: change nothing, show what would change. apply: make the changes.",
      default: "plan",
    },
    plan_id: {
      title: "Plan",
      description:
        "The id that mode plan has shown: apply exactly that plan, or refuse because something has changed since. Blank: apply what is needed now.",
      default: "",
    },
    server_url: {
      title: "Server address",
      description:
        "Where a worker reaches the Windmill server, when the instance's own address does not work from there. Usually blank.",
      placeholder: "http://windmill_server:8000",
      default: "",
    },
    ...scopeFields,
  },
};
