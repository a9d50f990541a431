import { ConnectInput } from "../inputs/connect.ts";
import { renderChange } from "../pages/report.ts";
import { connect } from "../walks/connect.ts";
import { inScope } from "../walks/scope.ts";
import { run } from "../windmill/run.ts";

/**
 * Connects the workspace's Windmill AI to a Codex Pooler gateway: secret variable, `customai` resource, AI settings and, when
 * asked, the schedule of the health flow. With mode "plan" it changes nothing and shows what it would change. Returns a
 * {@link ChangeReport} with its rendering.
 *
 * @throws InputError for input that cannot be used, before anything is touched; Error when the connection would not work or a
 *   change fails, after putting back what was changed.
 */
export async function main(
  base_url?: string,
  api_key?: string,
  mode: "plan" | "apply" = "plan",
  default_model?: string,
  metadata_model?: string,
  models: string[] = [],
  schedule?: "off" | "every 5 minutes" | "every 10 minutes" | "every 15 minutes" | "hourly",
  alert_webhook_path?: string,
  webhook_format?: "auto" | "slack" | "discord" | "teams" | "mattermost" | "json",
  alert_runnable?: string,
  secret_path?: string,
  resource_path?: string,
  replace_secret: boolean = false,
  headers: object = {},
  plan_id?: string,
  server_url?: string,
  watch: object = {},
  scope: "workspace" | "instance" = "workspace",
  superadmin_token_path?: string,
  delete_token: boolean = false,
) {
  const inputs = {
    base_url,
    api_key,
    mode,
    default_model,
    metadata_model,
    models,
    schedule,
    alert_webhook_path,
    webhook_format,
    alert_runnable,
    secret_path,
    resource_path,
    replace_secret,
    headers,
    plan_id,
    server_url,
    watch,
    scope,
    superadmin_token_path,
    delete_token,
  };
  return run({ schema: ConnectInput, inputs, render: renderChange }, inScope(connect));
}
