import * as z from "zod";
import { apiKey, ChangeInput, path } from "./fields.ts";
import { changeFields, type Form, moreOptions } from "./form.ts";
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
      description: "Instead of typing it: a secret variable that holds the new key. It stays as it is.",
      default: "",
    },
    mode: changeFields.mode,
    more: moreOptions,
    plan_id: changeFields.plan_id,
    server_url: changeFields.server_url,
    ...scopeFields,
  },
};
