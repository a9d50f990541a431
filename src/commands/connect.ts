import { type Choice, chooseOne, chooseSeveral } from "../choices/choice.ts";
import { offerToAdmins } from "../choices/door.ts";
import { everyModel, servedModels as served } from "../choices/served_models.ts";
import { ConnectInput, form } from "../inputs/connect.ts";
import { renderChange } from "../pages/report.ts";
import { connect } from "../walks/connect.ts";
import { leadingOn } from "../walks/leading_on.ts";
import { inScope } from "../walks/scope.ts";
import { run } from "../windmill/run.ts";

/** A model that the gateway serves, for the chat or for metadata. */
export type DynSelect_defaultModels = string;
export type DynSelect_metadataModels = string;
/** Models that the gateway serves. */
export type DynMultiselect_servedModels = string[];

/**
 * Connects the workspace's Windmill AI to a Codex Pooler gateway: secret variable, `customai` resource, AI settings and, when
 * asked, the schedule of the health flow. With mode "plan" it changes nothing and shows what it would change. Returns a
 * {@link ChangeReport} with its rendering.
 *
 * @throws InputError for input that cannot be used, before anything is touched; Error when the connection would not work or a
 *   change fails, after putting back what was changed.
 *
 * @param models_by_hand only the form uses it: what it offers beside what the gateway lists.
 * @param more only the form uses it: whether it shows the fields that few people need.
 */
export async function main(
  base_url?: string,
  api_key?: string,
  mode: "plan" | "apply" = "plan",
  default_model?: DynSelect_defaultModels,
  metadata_model?: DynSelect_metadataModels,
  models: DynMultiselect_servedModels = [],
  schedule?: "off" | "every 5 minutes" | "every 10 minutes" | "every 15 minutes" | "hourly",
  alert_webhook_path?: string,
  webhook_format?:
    | "auto"
    | "slack"
    | "discord"
    | "teams"
    | "mattermost"
    | "json"
    | "pagerduty"
    | "alertmanager"
    | "ntfy",
  alert_runnable?: string,
  secret_path?: string,
  resource_path?: string,
  replace_secret: boolean = false,
  headers: object = {},
  plan_id?: string,
  server_url?: string,
  watch: object = {},
  models_by_hand: string[] = [],
  self_repair?: "off" | "settings" | "models",
  scope: "workspace" | "instance" = "workspace",
  superadmin_token_path?: string,
  delete_token: boolean = false,
  more: boolean = false,
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
    models_by_hand,
    self_repair,
    scope,
    superadmin_token_path,
    delete_token,
    more,
  };
  return run({ schema: ConnectInput, inputs, render: renderChange }, inScope(leadingOn(form, connect)));
}

/** Models for the chat. Asked by the form; a list whose first entry is the blank. */
export async function defaultModels(
  base_url?: string,
  api_key?: string,
  secret_path?: string,
  resource_path?: string,
  models_by_hand?: string[],
  server_url?: string,
): Promise<Choice[]> {
  const filled = { base_url, api_key, secret_path, resource_path, models_by_hand };
  const offer = await offerToAdmins({ ...filled, server_url }, (windmill) => served(windmill, filled));
  return chooseOne(offer, "What is set now, else the first model");
}

/** Models for summaries, names and form filling; see {@link defaultModels}. */
export async function metadataModels(
  base_url?: string,
  api_key?: string,
  secret_path?: string,
  resource_path?: string,
  models_by_hand?: string[],
  server_url?: string,
): Promise<Choice[]> {
  const filled = { base_url, api_key, secret_path, resource_path, models_by_hand };
  const offer = await offerToAdmins({ ...filled, server_url }, (windmill) => served(windmill, filled));
  return chooseOne(offer, "What is set now, else the default model");
}

/** Models that people may choose; see {@link defaultModels}. */
export async function servedModels(
  base_url?: string,
  api_key?: string,
  secret_path?: string,
  resource_path?: string,
  models_by_hand?: string[],
  server_url?: string,
): Promise<Choice[]> {
  const filled = { base_url, api_key, secret_path, resource_path, models_by_hand };
  const { choices, note } = await offerToAdmins({ ...filled, server_url }, (windmill) => served(windmill, filled));
  return chooseSeveral({ choices: [everyModel, ...choices], note });
}
