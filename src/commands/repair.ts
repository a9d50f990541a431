import { RepairInput } from "../inputs/repair.ts";
import { renderChange } from "../pages/report.ts";
import { repair } from "../walks/repair.ts";
import { inScope } from "../walks/scope.ts";
import { run } from "../windmill/run.ts";

/**
 * Repairs what a fresh check finds, as far as a script can, and says who can mend the rest and how. With mode "plan" it changes
 * nothing and shows what it would change. Returns a {@link ChangeReport} with its rendering.
 *
 * @throws InputError for input that cannot be used, before anything is touched; Error when people would be worse off than before,
 *   after putting back what was changed.
 */
export async function main(
  mode: "plan" | "apply" = "plan",
  depth: "chat" | "features" = "features",
  accept_drift: boolean = false,
  exclude_models: string[] = [],
  allow_models: string[] = [],
  resource_path?: string,
  secret_path?: string,
  plan_id?: string,
  server_url?: string,
  scope: "workspace" | "instance" = "workspace",
  superadmin_token_path?: string,
  delete_token: boolean = false,
) {
  const inputs = {
    mode,
    depth,
    accept_drift,
    exclude_models,
    allow_models,
    resource_path,
    secret_path,
    plan_id,
    server_url,
    scope,
    superadmin_token_path,
    delete_token,
  };
  return run({ schema: RepairInput, inputs, render: renderChange }, inScope(repair));
}
