import { type Choice, chooseOne } from "../choices/choice.ts";
import { offerToAdmins } from "../choices/door.ts";
import { otherModels as others } from "../choices/items.ts";
import { DisconnectInput, form } from "../inputs/disconnect.ts";
import { renderChange } from "../pages/report.ts";
import { disconnect } from "../walks/disconnect.ts";
import { leadingOn } from "../walks/leading_on.ts";
import { inScope } from "../walks/scope.ts";
import { run } from "../windmill/run.ts";

/** A model of another provider. */
export type DynSelect_otherModels = string;

/**
 * Takes the connection out of the workspace: the provider in the AI settings, and the schedule, resource, secret and records that
 * this product made. With mode "plan" it changes nothing. Returns a {@link ChangeReport} with its rendering.
 *
 * @throws InputError for input that cannot be used, before anything is touched; Error when a change fails, after putting back
 *   those before it.
 *
 * @param more only the form uses it: whether it shows the fields that few people need.
 */
export async function main(
  mode: "plan" | "apply" = "plan",
  default_model?: DynSelect_otherModels,
  metadata_model?: DynSelect_otherModels,
  keep_records: boolean = false,
  plan_id?: string,
  server_url?: string,
  scope: "workspace" | "instance" = "workspace",
  superadmin_token_path?: string,
  delete_token: boolean = false,
  more: boolean = false,
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
    more,
  };
  return run({ schema: DisconnectInput, inputs, render: renderChange }, inScope(leadingOn(form, disconnect)));
}

/** Models of other providers. Asked by the form. */
export async function otherModels(server_url?: string): Promise<Choice[]> {
  return chooseOne(await offerToAdmins({ server_url }, others), "What it was before connect, else none");
}
