import { ownSettings } from "../change/admin.ts";
import { apartFrom, defaultPath, HEALTH_FLOW, readRunnable } from "../core/paths.ts";
import { RESOURCE_TYPE } from "../core/resource_type.ts";
import { isTemporaryPath } from "../core/temporary.ts";
import { baseUrlSlip, tidyBaseUrl } from "../inputs/base_url.ts";
import type { ConnectInput } from "../inputs/connect.ts";
import { InputError } from "../inputs/parse.ts";
import { ownView, wishOf } from "../observe/drift.ts";
import { isForeign, type Observation, type ResourceSight, seeResource } from "../observe/observe.ts";
import { type FoundKey, keyToStore, readKey } from "../windmill/key_input.ts";
import { runnableExists } from "../windmill/runnables.ts";
import * as variables from "../windmill/variables.ts";
import type { Windmill } from "../windmill/windmill.ts";
import type { Target } from "./connect_plan.ts";

/** What the input of connect means in this workspace. In one that is connected, a blank means what is there. Reads only. */

/** The connection as it is; null in a workspace that is not connected. */
interface Present {
  resource_path: string;
  /** Null where the resource names no variable. */
  secret_path: string | null;
  /** What the settings name, if it can be used. */
  resource: Extract<ResourceSight, { state: "ok" }> | null;
  base_url: string;
  models: readonly string[];
}

function presentOf(observation: Observation): Present | null {
  const { connection } = ownView(observation);
  const wish = wishOf(observation);
  const named = connection && !isTemporaryPath(connection.resource_path) ? connection.resource_path : "";
  const resource_path = named || wish?.resource_path;
  if (!resource_path) return null;
  const { resource } = observation;
  const usable = resource?.state === "ok" && resource.path === resource_path ? resource : null;
  const referenced = usable && referenceIn(usable);
  const wished = wish?.resource_path === resource_path ? wish : null;
  return {
    resource_path,
    secret_path: referenced ?? wished?.secret_path ?? null,
    resource: usable,
    base_url: tidyBaseUrl(usable?.base_url || wished?.base_url || ""),
    models: connection && connection.models.length > 0 ? connection.models : (wish?.models ?? []),
  };
}

/**
 * Fills in what was left blank, and checks what was not.
 *
 * @throws InputError for what cannot be used here.
 */
export async function targetOf(windmill: Windmill, input: ConnectInput, observation: Observation): Promise<Target> {
  ownSettings(windmill, observation);
  const present = presentOf(observation);
  const pick = (field: "secret_path" | "resource_path"): string => {
    const path = input[field] || present?.[field] || defaultPath(windmill.permissionedAs);
    if (path) return path;
    throw new InputError([
      `${field}: there is no default for ${windmill.permissionedAs}, because Windmill accepts no such path. Give one, e.g. f/codex_pooler/gateway.`,
    ]);
  };
  const resource_path = pick("resource_path");
  const resource = await seeResource(windmill, resource_path);
  const [secret_path, stored] = await keyPlace(windmill, resource, referenceIn(resource) ?? pick("secret_path"), input);
  // What stands at the path counts before what people use now: a resource that is not connected yet keeps what it says, too.
  const there = resource.state === "ok" ? resource : (present?.resource ?? null);
  const base_url = input.base_url || tidyBaseUrl(there?.base_url ?? "") || (present?.base_url ?? "");
  const slips = [
    ...slipsOfPlaces(input, resource, observation),
    ...addressSlip(input, base_url),
    ...(await slipsOfAlerts(windmill, input)),
  ];
  const key =
    stored === null && input.api_key === null && there?.key.kind === "literal"
      ? holdsTheKey(there.path, slips)
      : keyToStore(input, secret_path, stored, slips);
  if (slips.length > 0) throw new InputError(slips);
  return {
    observation,
    resource_path,
    secret_path,
    resource,
    stored: stored?.secret ?? null,
    key,
    base_url,
    headers: input.headers ?? there?.headers ?? {},
    resource_type_exists: observation.has_resource_type,
    moved_from: present && present.resource_path !== resource_path ? present.resource_path : null,
    enabled:
      present && present.models.length > 0
        ? {
            models: present.models,
            same_gateway: present.base_url === base_url,
            some_left_out: (wishOf(observation)?.left_out ?? []).length > 0,
          }
        : null,
  };
}

/** The variable that a resource's key references; null where there is none. */
const referenceIn = (resource: ResourceSight): string | null =>
  resource.state === "ok" && resource.key.kind === "reference" && !isTemporaryPath(resource.key.path)
    ? resource.key.path
    : null;

/**
 * Where the key is, or is to be stored: the given path, else the one that the resource references, else the usual one; apart from a
 * resource of somebody else's that stands there.
 */
async function keyPlace(
  windmill: Windmill,
  resource: ResourceSight,
  usual: string,
  { secret_path }: ConnectInput,
): Promise<[string, FoundKey | null]> {
  const path = secret_path || usual;
  const stored = await readKey(windmill, path);
  if (secret_path !== "" || stored !== null || !isForeign(resource, path)) return [path, stored];
  return [apartFrom(path), await readKey(windmill, apartFrom(path))];
}

function slipsOfPlaces(input: ConnectInput, resource: ResourceSight, { schedule }: Observation): string[] {
  const slips: string[] = [];
  if ((resource.state === "ok" || resource.state === "malformed") && resource.type !== RESOURCE_TYPE.name) {
    slips.push(
      `resource_path: ${resource.path} is a resource of the type ${resource.type}, not ${RESOURCE_TYPE.name}. Choose another path.`,
    );
  }
  if (input.schedule !== null && schedule !== null && schedule.script_path !== HEALTH_FLOW) {
    slips.push(
      `schedule: ${schedule.path} is a schedule of somebody else's (it runs ${schedule.script_path}). Rename it first.`,
    );
  }
  return slips;
}

function addressSlip(input: ConnectInput, base_url: string): string[] {
  if (base_url === "") return ["base_url: is missing. Give the gateway's address, ending in /v1."];
  const slip = input.base_url === "" ? baseUrlSlip(base_url) : null;
  return slip ? [`base_url: the present one ${slip.says}. Give the right one, or run f/codex_pooler/repair.`] : [];
}

async function slipsOfAlerts(windmill: Windmill, input: ConnectInput): Promise<string[]> {
  const slips: string[] = [];
  if (input.alert_webhook_path && (await variables.findVariable(windmill, input.alert_webhook_path)) === null) {
    slips.push(
      `alert_webhook_path: there is no variable ${input.alert_webhook_path}. Create a secret variable there that holds the webhook's address.`,
    );
  }
  const runnable = readRunnable(input.alert_runnable);
  if (runnable && !(await runnableExists(windmill, runnable))) {
    slips.push(`alert_runnable: there is no ${runnable.kind} ${runnable.path} that you can run.`);
  }
  return slips;
}

function holdsTheKey(path: string, slips: string[]): null {
  slips.push(
    `api_key: the resource ${path} holds the key itself. Run f/codex_pooler/repair first: it moves the key into a secret variable.`,
  );
  return null;
}
