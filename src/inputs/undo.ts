import * as z from "zod";
import { blankable, ChangeInput, flag } from "./fields.ts";
import { changeFields, type Form, moreOptions } from "./form.ts";
import { ScopeInput, scopeFields } from "./scope.ts";

/** Inputs of `undo`. */
export const UndoInput = z.object({
  /** Id of a snapshot; "" for the last change. */
  snapshot: blankable,
  /** Whether later work of others may be overwritten. */
  overwrite: flag,
  ...ChangeInput,
  ...ScopeInput,
});
export type UndoInput = z.infer<typeof UndoInput>;

/** What `undo` asks people for. */
export const form: Form = {
  summary: "Codex Pooler: undo a change",
  description: `Puts the **AI settings** and the **resource** back as a change of f/codex_pooler found them. Mode **plan** lists the changes on record (the last 20) and shows what undoing one would do.

What other people have changed since stays: if it is in the way, nothing is undone unless you tick *Overwrite*. Keys and schedules are not part of it. Needs an admin of the workspace.`,
  timeout_s: 600,
  fields: {
    snapshot: {
      title: "Change to undo",
      description: "The last 20 changes are on record.",
      default: "",
    },
    overwrite: {
      title: "Overwrite",
      description: "Put back what the change found, also where somebody has changed it since.",
      default: false,
    },
    mode: changeFields.mode,
    more: moreOptions,
    plan_id: changeFields.plan_id,
    server_url: changeFields.server_url,
    ...scopeFields,
  },
};
