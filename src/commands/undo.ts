import { type Choice, chooseOne } from "../choices/choice.ts";
import { offerToAdmins } from "../choices/door.ts";
import { changesOnRecord as onRecord } from "../choices/on_record.ts";
import { form, UndoInput } from "../inputs/undo.ts";
import { renderChange } from "../pages/report.ts";
import { leadingOn } from "../walks/leading_on.ts";
import { inScope } from "../walks/scope.ts";
import { undo } from "../walks/undo.ts";
import { run } from "../windmill/run.ts";

/** A change on record. */
export type DynSelect_changesOnRecord = string;

/**
 * Puts the AI settings and the resource back as a change of this product found them, and lists the changes on record. With mode
 * "plan" it changes nothing. Returns a {@link ChangeReport} with its rendering.
 *
 * @throws InputError when there is nothing to undo, or when it would overwrite later work of somebody else; Error when users
 *   would be refused afterwards, with everything as it was.
 *
 * @param more only the form uses it: whether it shows the fields that few people need.
 */
export async function main(
  mode: "plan" | "apply" = "plan",
  snapshot?: DynSelect_changesOnRecord,
  overwrite: boolean = false,
  plan_id?: string,
  server_url?: string,
  scope: "workspace" | "instance" = "workspace",
  superadmin_token_path?: string,
  delete_token: boolean = false,
  more: boolean = false,
) {
  const inputs = { mode, snapshot, overwrite, plan_id, server_url, scope, superadmin_token_path, delete_token, more };
  return run({ schema: UndoInput, inputs, render: renderChange }, inScope(leadingOn(form, undo)));
}

/** Changes that can be undone. Asked by the form. */
export async function changesOnRecord(server_url?: string): Promise<Choice[]> {
  return chooseOne(await offerToAdmins({ server_url }, onRecord), "The last change that is not undone yet");
}
