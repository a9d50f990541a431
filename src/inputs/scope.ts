import { choice, flag, path } from "./fields.ts";
import type { FormField } from "./form.ts";

/** What of the instance a command is about, as its form asks for it. */

export const SCOPES = ["workspace", "instance"] as const;

/** Inputs of every command that can be about the whole instance. */
export const ScopeInput = {
  /** `instance`: the AI settings of the instance, which serve every workspace that has none of its own. */
  scope: choice(SCOPES).transform((scope) => scope ?? "workspace"),
  /** Path of a secret variable in `admins` with a superadmin's token; needed for the instance, and used for nothing else. */
  superadmin_token_path: path,
  /** Whether that variable is deleted when the change is made. */
  delete_token: flag,
};

const fields = {
  scope: {
    title: "Scope",
    description:
      "workspace: this workspace's AI settings. instance: those of the instance, which serve every workspace without its own; only in the workspace admins.",
    default: "workspace",
  },
  superadmin_token_path: {
    title: "Superadmin's token",
    description:
      "Path of a secret variable in admins that holds a superadmin's token (Account settings > Tokens, short-lived). It is used to read and write the instance's AI settings and to see which workspaces follow them, and for nothing else.",
    placeholder: "u/admin/superadmin_token",
    default: "",
  },
  delete_token: {
    title: "Delete the token's variable",
    description:
      "When the change is made. The token itself stays valid until it ends: delete it under Account settings.",
    default: false,
  },
} as const satisfies Record<string, FormField>;

/** The fields, behind the toggle of a form that changes something. */
export const scopeFields = {
  scope: { ...fields.scope, more: true },
  superadmin_token_path: { ...fields.superadmin_token_path, more: true },
  delete_token: { ...fields.delete_token, more: true },
} as const satisfies Record<string, FormField>;

/** The fields of a form that only looks, and has no toggle. */
export const checkScopeFields = { scope: fields.scope, superadmin_token_path: fields.superadmin_token_path } as const;
