import * as z from "zod";
import { blankable, ChangeInput, flag } from "./fields.ts";
import type { Form } from "./form.ts";
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
    mode: {
      title: "Mode",
      description: "plan: change nothing, show what would change. apply: make the changes.",
      default: "plan",
    },
    snapshot: {
      title: "Snapshot",
      description: "Id of the change to undo, as mode plan lists them. Blank: the last change that is not undone yet.",
      default: "",
    },
    overwrite: {
      title: "Overwrite",
      description: "Put back what the change found, also where somebody has changed it since.",
      default: false,
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
