import { ownSettings } from "../change/admin.ts";
import { withResourcePath } from "../change/detour.ts";
import type { Change } from "../change/handlers.ts";
import { type Plan, planOf } from "../change/plan.ts";
import { asRecord, sameJson } from "../core/json.ts";
import { RESOURCE_DESCRIPTION, RESOURCE_TYPE, SECRET_DESCRIPTION } from "../core/resource_type.ts";
import { COPY_DESCRIPTION, copyPath } from "../core/temporary.ts";
import type { Observation } from "../observe/observe.ts";
import { findResource } from "../windmill/resources.ts";
import { findVariable, readSecret } from "../windmill/variables.ts";
import type { Windmill } from "../windmill/windmill.ts";
import type { Aim, Command } from "./run_change.ts";

/**
 * What brings people off the temporary copy of a connection, where a run that had moved them there died: what the copy says goes to
 * where the record of that run wants it, then people go there too, and the copy goes.
 */

/** The aim of any command that meets such a change: it comes before what was asked for. Null where there is none. */
export async function completion(
  windmill: Windmill,
  present: Observation,
  { name, mode }: Pick<Command, "name" | "mode">,
): Promise<Aim | null> {
  const plan = await planCompletion(windmill, present);
  if (plan === null) return null;
  const notes = [
    mode === "plan"
      ? "An earlier change was cut short while people used a temporary copy of the connection: this brings it to its end. What else there is to do shows in the next plan; without a plan_id, both are done in one run."
      : `An earlier change was brought to its end. Run f/codex_pooler/${name} again for what was asked for now.`,
  ];
  return { plan, notes, verification: {}, comes_first: true };
}

/** The changes; null when people are not on a copy, or when nobody knows where they belong. */
async function planCompletion(windmill: Windmill, present: Observation): Promise<Plan | null> {
  const { resource: copy, intent } = present;
  if (copy?.state !== "ok" || copy.description !== COPY_DESCRIPTION || intent === null) return null;
  const { resource_path: path, secret_path } = intent;
  if (copyPath(path) !== copy.path) return null;
  const own = ownSettings(windmill, present);
  const has_key = copy.key.kind === "reference" && copy.key.path === copy.path;
  const value = has_key ? { ...asRecord(copy.value), api_key: `$var:${secret_path}` } : asRecord(copy.value);
  const changes: Change[] = [
    ...(has_key ? await keyFrom(windmill, copy.path, secret_path) : []),
    ...(await valueTo(windmill, path, value)),
    { kind: "save-ai-settings", before: { ...own }, after: withResourcePath(own, path), via: "server" },
  ];
  return planOf(windmill, present, { changes, beside: [path] });
}

/** The key of the copy, where it belongs. */
async function keyFrom(windmill: Windmill, copy: string, path: string): Promise<Change[]> {
  const { secret: key } = await readSecret(windmill, copy);
  if ((await findVariable(windmill, path)) === null) {
    return [{ kind: "create-secret", path, secret: key, description: SECRET_DESCRIPTION }];
  }
  const { secret: before } = await readSecret(windmill, path);
  return before.equals(key) ? [] : [{ kind: "replace-secret", path, before, after: key }];
}

/** The value of the copy, where it belongs. */
async function valueTo(windmill: Windmill, path: string, value: Record<string, unknown>): Promise<Change[]> {
  const found = await findResource(windmill, path);
  if (found === null) {
    const made = { resource_type: RESOURCE_TYPE.name, value, description: RESOURCE_DESCRIPTION };
    return [{ kind: "create-resource", path, ...made }];
  }
  return sameJson(found.value, value) ? [] : [{ kind: "replace-resource", path, before: found.value, after: value }];
}
