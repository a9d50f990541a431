import { UndoInput } from "../inputs/undo.ts";
import { renderChange } from "../pages/report.ts";
import { inScope } from "../walks/scope.ts";
import { undo } from "../walks/undo.ts";
import { run } from "../windmill/run.ts";

/**
 * Puts the AI settings and the resource back as a change of this product found them, and lists the changes on record. With mode
 * "plan" it changes nothing. Returns a {@link ChangeReport} with its rendering.
 *
 * @throws InputError when there is nothing to undo, or when it would overwrite later work of somebody else; Error when users
 *   would be refused afterwards, with everything as it was.
 */
export async function main(
  mode: "plan" | "apply" = "plan",
  snapshot?: string,
  overwrite: boolean = false,
  plan_id?: string,
  server_url?: string,
  scope: "workspace" | "instance" = "workspace",
  superadmin_token_path?: string,
  delete_token: boolean = false,
) {
  const inputs = { mode, snapshot, overwrite, plan_id, server_url, scope, superadmin_token_path, delete_token };
  return run({ schema: UndoInput, inputs, render: renderChange }, inScope(undo));
}
