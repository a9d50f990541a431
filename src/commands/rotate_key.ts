import { type Choice, chooseOne } from "../choices/choice.ts";
import { offerToAdmins } from "../choices/door.ts";
import { secretVariables as secrets } from "../choices/items.ts";
import { form, RotateInput } from "../inputs/rotate_key.ts";
import { renderChange } from "../pages/report.ts";
import { leadingOn } from "../walks/leading_on.ts";
import { rotate } from "../walks/rotate_key.ts";
import { inScope } from "../walks/scope.ts";
import { run } from "../windmill/run.ts";

/** A secret variable. */
export type DynSelect_secretVariables = string;

/**
 * Replaces the pool key of the live connection by a new one, without a moment in which users are refused. With mode "plan" it
 * changes nothing and shows what it would change. Returns a {@link ChangeReport} with its rendering.
 *
 * @throws InputError for input that cannot be used, before anything is touched; Error when the new key does not work, with the
 *   old one in its place.
 *
 * @param more only the form uses it: whether it shows the fields that few people need.
 */
export async function main(
  new_key?: string,
  new_key_path?: DynSelect_secretVariables,
  mode: "plan" | "apply" = "plan",
  plan_id?: string,
  server_url?: string,
  scope: "workspace" | "instance" = "workspace",
  superadmin_token_path?: string,
  delete_token: boolean = false,
  more: boolean = false,
) {
  const inputs = { new_key, new_key_path, mode, plan_id, server_url, scope, superadmin_token_path, delete_token, more };
  return run({ schema: RotateInput, inputs, render: renderChange }, inScope(leadingOn(form, rotate)));
}

/** Variables that may hold the new key. Asked by the form. */
export async function secretVariables(server_url?: string): Promise<Choice[]> {
  return chooseOne(await offerToAdmins({ server_url }, secrets), "The key that is typed above");
}
