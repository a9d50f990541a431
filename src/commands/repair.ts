import { type Choice, chooseOne, chooseSeveral } from "../choices/choice.ts";
import { offerToAdmins } from "../choices/door.ts";
import { aiResources as resources } from "../choices/items.ts";
import { leftOutModels as leftOut } from "../choices/on_record.ts";
import { servedNow } from "../choices/served_models.ts";
import { parseInputs } from "../inputs/parse.ts";
import { form, RepairInput } from "../inputs/repair.ts";
import { renderChange } from "../pages/report.ts";
import { leadingOn } from "../walks/leading_on.ts";
import { repair } from "../walks/repair.ts";
import { inScope } from "../walks/scope.ts";
import { selfRepair } from "../walks/self_repair.ts";
import { startProgress } from "../windmill/progress.ts";
import { answer, run, say } from "../windmill/run.ts";
import { openWindmill, type Windmill } from "../windmill/windmill.ts";

/** Models that the gateway serves. */
export type DynMultiselect_servedModels = string[];
/** Models that were left out when the connection was made. */
export type DynMultiselect_leftOutModels = string[];
/** A resource of an AI provider. */
export type DynSelect_aiResources = string;

/**
 * Repairs what a fresh check finds, as far as a script can, and says who can mend the rest and how. With mode "plan" it changes
 * nothing and shows what it would change. Returns a {@link ChangeReport} with its rendering.
 *
 * @throws InputError for input that cannot be used, before anything is touched; Error when people would be worse off than before,
 *   after putting back what was changed.
 *
 * @param due only the health flow uses it: what it has found due to be mended by itself. The answer is then what people are to be told.
 * @param more only the form uses it: whether it shows the fields that few people need.
 */
export async function main(
  mode: "plan" | "apply" = "plan",
  depth: "chat" | "features" = "features",
  accept_drift: boolean = false,
  exclude_models: DynMultiselect_servedModels = [],
  allow_models: DynMultiselect_leftOutModels = [],
  resource_path?: DynSelect_aiResources,
  secret_path?: string,
  plan_id?: string,
  server_url?: string,
  scope: "workspace" | "instance" = "workspace",
  superadmin_token_path?: string,
  delete_token: boolean = false,
  due: object = {},
  more: boolean = false,
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
    due,
    more,
  };
  if (Object.keys(due ?? {}).length > 0) return answer((windmill) => mendByItself(windmill, inputs));
  return run({ schema: RepairInput, inputs, render: renderChange }, inScope(leadingOn(form, repair)));
}

/** What is due by the health flow: within its bounds, and nothing that it meets makes the flow fail. */
async function mendByItself(windmill: Windmill, inputs: object) {
  const { due, server_url } = parseInputs(RepairInput, inputs);
  if (due === null) return { needed: false, notice: null, why: "Nothing is due." };
  const door = openWindmill(process.env, server_url, windmill.secrets);
  const progress = startProgress((line) => say(windmill, line));
  try {
    const { notice, why } = await selfRepair(door, { ...due, mending: due, server_url }, progress);
    say(windmill, notice?.title ?? why);
    return { needed: notice !== null, notice, why };
  } finally {
    progress.end();
  }
}

/** Models that the gateway lists now. Asked by the form. */
export async function servedModels(server_url?: string): Promise<Choice[]> {
  return chooseSeveral(await offerToAdmins({ server_url }, servedNow));
}

/** Models that were left out when the connection was made. Asked by the form. */
export async function leftOutModels(server_url?: string): Promise<Choice[]> {
  return chooseSeveral(await offerToAdmins({ server_url }, leftOut));
}

/** Resources of AI providers of this kind. Asked by the form. */
export async function aiResources(server_url?: string): Promise<Choice[]> {
  return chooseOne(await offerToAdmins({ server_url }, resources), "The one that connect made, else one that answers");
}
