import type { Change } from "../change/handlers.ts";
import { HEALTH_FLOW } from "../core/paths.ts";
import { RESOURCE_DESCRIPTION, RESOURCE_TYPE, SECRET_DESCRIPTION } from "../core/resource_type.ts";
import { candidatePath, copyPath } from "../core/temporary.ts";
import type { Intent } from "../observe/intent.ts";
import { type Observation, seeResource } from "../observe/observe.ts";
import { listResources } from "../windmill/resources.ts";
import { findVariable, readSecret } from "../windmill/variables.ts";
import type { Windmill } from "../windmill/windmill.ts";

/** What of the connection's parts can go. */
export interface Removal {
  changes: Change[];
  /** What stays and why, in words. */
  left: string[];
}

/** Removes what the intent says was made, as long as it still looks like it, in the order in which nothing dangles. */
export async function removeMade(windmill: Windmill, observation: Observation): Promise<Removal> {
  const { intent, resource: live, has_resource_type } = observation;
  const resources = await removeResources(windmill, intent?.made.resources ?? []);
  const going = new Set(resources.changes.flatMap((change) => ("path" in change ? [change.path] : [])));
  const temporary = new Set([...going].flatMap((path) => [copyPath(path), candidatePath(path)]));
  const left = [...resources.left];
  if (live !== null && live.state !== "missing" && ![...going, ...temporary].includes(live.path) && left.length === 0) {
    left.push(`the resource ${live.path}, which f/codex_pooler did not make`);
  }
  const staying = (await listResources(windmill, RESOURCE_TYPE.name)).filter(
    (path) => !going.has(path) && !temporary.has(path),
  );
  const secrets = await removeSecrets(windmill, intent?.made.secrets ?? [], staying);
  const type: Change[] =
    intent?.made.resource_type && has_resource_type && staying.length === 0
      ? [{ kind: "delete-resource-type", ...RESOURCE_TYPE }]
      : [];
  const schedule = removeSchedule(observation);
  return {
    changes: [...schedule.changes, ...resources.changes, ...secrets.changes, ...type],
    left: [...schedule.left, ...left, ...secrets.left],
  };
}

function removeSchedule({ intent, schedule }: Observation): Removal {
  if (schedule === null || schedule.script_path !== HEALTH_FLOW) return { changes: [], left: [] };
  return intent?.made.schedule
    ? { changes: [{ kind: "delete-schedule", before: schedule }], left: [] }
    : { changes: [], left: [`the schedule ${schedule.path}, which f/codex_pooler did not make`] };
}

async function removeResources(windmill: Windmill, paths: Intent["made"]["resources"]): Promise<Removal> {
  const removal: Removal = { changes: [], left: [] };
  for (const path of paths) {
    const found = await seeResource(windmill, path);
    if (found.state !== "ok" && found.state !== "malformed") continue;
    const { type: resource_type, description, value } = found;
    if (resource_type === RESOURCE_TYPE.name && description === RESOURCE_DESCRIPTION) {
      removal.changes.push({ kind: "delete-resource", path, resource_type, value, description });
    } else removal.left.push(`the resource ${path}, which somebody has given another purpose`);
  }
  return removal;
}

/** @param staying resources that stay: a secret that one of them uses stays too. */
async function removeSecrets(
  windmill: Windmill,
  paths: readonly string[],
  staying: readonly string[],
): Promise<Removal> {
  const removal: Removal = { changes: [], left: [] };
  const users = await Promise.all(staying.map((path) => seeResource(windmill, path)));
  for (const path of paths) {
    const found = await findVariable(windmill, path);
    if (found === null) continue;
    const user = users.find(
      (one) => one.path === path || (one.state === "ok" && one.key.kind === "reference" && one.key.path === path),
    );
    if (user) removal.left.push(`the secret variable ${path}, because of the resource ${user.path}`);
    else if (!found.is_secret || found.description !== SECRET_DESCRIPTION) {
      removal.left.push(`the variable ${path}, which somebody has given another purpose`);
    } else {
      const { secret } = await readSecret(windmill, path);
      removal.changes.push({ kind: "delete-secret", path, secret, description: SECRET_DESCRIPTION });
    }
  }
  return removal;
}
