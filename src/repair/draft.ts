import type { Change } from "../change/change.ts";
import { asRecord, sameJson } from "../core/json.ts";
import { RESOURCE_DESCRIPTION, RESOURCE_TYPE, SECRET_DESCRIPTION } from "../core/resource_type.ts";
import type { Secret } from "../core/secret.ts";
import type { Finding, Route } from "../core/shapes.ts";
import { PREVIOUS_DESCRIPTION } from "../core/temporary.ts";
import type { RepairInput } from "../inputs/repair.ts";
import { type SettingsView, viewSettings } from "../observe/ai_settings.ts";
import { type Observation, type ResourceSight, sightOf } from "../observe/observe.ts";

/** What repairs look at, and the connection as they would have it. Plain data; nothing here asks anybody. */

/** What stands at the path to which a key that lies open would be moved. */
export interface KeyPlace {
  path: string;
  /** `same` = the same key is there already; `taken` = something else, which nobody overwrites; `nowhere` = there is no path. */
  state: "free" | "same" | "taken" | "nowhere";
}

/** Everything that is known when repairs are chosen. */
export interface Scene {
  /** As read, but with the resource that users shall use in `resource`. */
  observation: Observation;
  /** The resource that users shall use: the present one, another one that was found good, or one that is to be made. */
  resource: ResourceSight | null;
  /** The value to make the resource with, from what was asked for; null where that is not needed or not possible. */
  remake: Record<string, unknown> | null;
  /** Whether people are on the temporary copy of a connection, where a run that died has left them. */
  unfinished: boolean;
  /** Why there is no good resource, in words; "" where there is one. */
  no_resource: string;
  findings: readonly Finding[];
  /** Codes of what the settings, the resource, the secret and the schedule say is wrong. */
  facts: ReadonlySet<string>;
  /** Codes of the findings, and of what they hide. */
  codes: ReadonlySet<string>;
  /** Ids that the gateway lists; null when its list is not known. */
  served: readonly string[] | null;
  /** Ids that the gateway lists, but refuses when they are asked. */
  refused: readonly string[];
  input: RepairInput;
  /** Codes to which the repairs are bound; null where a person has asked for all of them. */
  covered: ReadonlySet<string> | null;
  /** The base URL to write: one that answered, or, in a plan, the likeliest one; null where the present one stays. */
  base_url: string | null;
  /** Base URLs that were tried and did not answer as a gateway. */
  tried_urls: readonly string[];
  key_place: KeyPlace | null;
  /** An old key that a rotation has left; null where there is none. */
  old_key: { path: string; secret: Secret } | null;
  /** The variable that was asked for, where the resource is the one that was: `refused` = what is in it was tried and failed. */
  wished_secret: "usable" | "refused" | "none";
}

/** The connection as it should be. */
export interface Draft {
  settings: Readonly<Record<string, unknown>>;
  /** The value of the scene's resource; null where there is none or it cannot be seen. */
  value: Readonly<Record<string, unknown>> | null;
  secret: { path: string; key: Secret } | null;
  schedule_on: boolean;
  resource_type: boolean;
  /** Whether an old key that a rotation has left stays. */
  keeps_old_key: boolean;
  /** Keys of `max_tokens_per_model` that a repair has set. */
  limits: readonly string[];
}

/** What a repair answers: another draft with what people should know of it, why only a person can do it, or that nothing is to do. */
export type Mended = { draft: Draft; notes?: readonly string[] } | { person: string } | null;

/** The connection as it is. */
export function draftOf({ observation, resource }: Scene): Draft {
  const value = resource?.state === "ok" || resource?.state === "malformed" ? resource.value : null;
  return {
    settings: observation.settings.own ?? {},
    value: value === null ? null : asRecord(value),
    secret: null,
    schedule_on: observation.schedule?.enabled ?? false,
    resource_type: observation.has_resource_type,
    keeps_old_key: true,
    limits: [],
  };
}

/** The draft's settings in the product's words. */
export const viewOf = (draft: Draft): SettingsView => viewSettings(draft.settings);

/** The workspace as it would be with the draft. The variable that a key is moved to counts as it should be. */
export function drafted({ observation, resource }: Scene, draft: Draft): Observation {
  const view = viewOf(draft);
  const own = view.providers.length > 0;
  const about = { path: resource?.path ?? "", type: RESOURCE_TYPE.name, description: "" };
  const seen = resource?.state === "ok" || resource?.state === "malformed" ? resource : null;
  const { schedule, secret } = observation;
  const on = draft.schedule_on ? { enabled: true, error: null } : {};
  return {
    ...observation,
    settings: {
      ...observation.settings,
      own: draft.settings,
      ...(own ? { effective: draft.settings, source: "workspace" as const, view } : {}),
    },
    resource:
      draft.value === null
        ? (resource ?? observation.resource)
        : sightOf({ ...about, ...(seen ?? {}), value: draft.value }),
    secret: draft.secret === null ? secret : { path: draft.secret.path, state: "ok", description: "", shared: false },
    old_key: draft.keeps_old_key ? observation.old_key : null,
    schedule: schedule && { ...schedule, ...on },
    has_resource_type: draft.resource_type,
  };
}

/** What differs between what is there and the draft, in the order in which it is safe: the settings after what they refer to. */
export function changesOf(scene: Scene, draft: Draft, via: Route): Change[] {
  const { observation, resource } = scene;
  const changes: Change[] = [];
  if (draft.resource_type && !observation.has_resource_type) {
    changes.push({ kind: "create-resource-type", ...RESOURCE_TYPE });
  }
  if (draft.secret) {
    const { path, key } = draft.secret;
    changes.push({ kind: "create-secret", path, secret: key, description: SECRET_DESCRIPTION });
  }
  changes.push(...resourceChange(resource, draft));
  const before = { ...observation.settings.own };
  if (!sameJson(before, draft.settings)) {
    changes.push({ kind: "save-ai-settings", before, after: { ...draft.settings }, via });
  }
  const { old_key } = scene;
  if (old_key !== null && !draft.keeps_old_key) {
    changes.push({ kind: "delete-secret", ...old_key, description: PREVIOUS_DESCRIPTION });
  }
  return [...changes, ...scheduleChange(observation, draft)];
}

function resourceChange(resource: ResourceSight | null, { value }: Draft): Change[] {
  if (resource === null || value === null || resource.state === "hidden") return [];
  const { path } = resource;
  if (resource.state === "missing") {
    const made = { resource_type: RESOURCE_TYPE.name, value: { ...value }, description: RESOURCE_DESCRIPTION };
    return [{ kind: "create-resource", path, ...made }];
  }
  if (sameJson(asRecord(resource.value), value)) return [];
  return [{ kind: "replace-resource", path, before: resource.value, after: { ...value } }];
}

function scheduleChange({ schedule, caller }: Observation, { schedule_on }: Draft): Change[] {
  if (schedule === null || schedule.enabled === schedule_on) return [];
  const { path, timezone, script_path, is_flow } = schedule;
  const spec = {
    ...{ path, timezone, script_path, is_flow, schedule: schedule.schedule, enabled: schedule_on },
    ...{
      args: schedule.args ?? {},
      no_flow_overlap: schedule.no_flow_overlap ?? false,
      summary: schedule.summary ?? "",
    },
  };
  // Windmill switches a schedule off when it could not queue a run, for want of the user's rights as a rule.
  const hands = schedule.error ? { for_caller: `u/${caller.username}` } : {};
  return [{ kind: "replace-schedule", before: schedule, spec, ...hands }];
}
