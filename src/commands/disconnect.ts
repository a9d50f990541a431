import { DisconnectInput } from "../inputs/disconnect.ts";
import { renderChange } from "../pages/report.ts";
import { disconnect } from "../walks/disconnect.ts";
import { inScope } from "../walks/scope.ts";
import { run } from "../windmill/run.ts";

/**
 * Takes the connection out of the workspace: the provider in the AI settings, and the schedule, resource, secret and records that
 * this product made. With mode "plan" it changes nothing. Returns a {@link ChangeReport} with its rendering.
 *
 * @throws InputError for input that cannot be used, before anything is touched; Error when a change fails, after putting back
 *   those before it.
 */
export async function main(
  mode: "plan" | "apply" = "plan",
  default_model?: string,
  metadata_model?: string,
  keep_records: boolean = false,
  plan_id?: string,
  server_url?: string,
  scope: "workspace" | "instance" = "workspace",
  superadmin_token_path?: string,
  delete_token: boolean = false,
) {
  const inputs = {
    mode,
    default_model,
    metadata_model,
    keep_records,
    plan_id,
    server_url,
    scope,
    superadmin_token_path,
    delete_token,
  };
  return run({ schema: DisconnectInput, inputs, render: renderChange }, inScope(disconnect));
}
