import { RotateInput } from "../inputs/rotate_key.ts";
import { renderChange } from "../pages/report.ts";
import { rotate } from "../walks/rotate_key.ts";
import { inScope } from "../walks/scope.ts";
import { run } from "../windmill/run.ts";

/**
 * Replaces the pool key of the live connection by a new one, without a moment in which users are refused. With mode "plan" it
 * changes nothing and shows what it would change. Returns a {@link ChangeReport} with its rendering.
 *
 * @throws InputError for input that cannot be used, before anything is touched; Error when the new key does not work, with the
 *   old one in its place.
 */
export async function main(
  new_key?: string,
  new_key_path?: string,
  mode: "plan" | "apply" = "plan",
  plan_id?: string,
  server_url?: string,
  scope: "workspace" | "instance" = "workspace",
  superadmin_token_path?: string,
  delete_token: boolean = false,
) {
  const inputs = { new_key, new_key_path, mode, plan_id, server_url, scope, superadmin_token_path, delete_token };
  return run({ schema: RotateInput, inputs, render: renderChange }, inScope(rotate));
}
