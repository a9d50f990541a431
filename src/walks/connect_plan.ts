import type { Change } from "../change/handlers.ts";
import { asRecord, sameJson } from "../core/json.ts";
import { HEALTH_FLOW, HEALTH_SCHEDULE } from "../core/paths.ts";
import { RESOURCE_DESCRIPTION, RESOURCE_TYPE, SECRET_DESCRIPTION } from "../core/resource_type.ts";
import type { Secret } from "../core/secret.ts";
import type { Route } from "../core/shapes.ts";
import { type ConnectInput, SCHEDULES } from "../inputs/connect.ts";
import { configuredModels, PROVIDER, sharedModels, withConnection } from "../observe/ai_settings.ts";
import type { Observation, ResourceSight } from "../observe/observe.ts";
import type { ScheduleInfo, ScheduleSpec } from "../windmill/schedules.ts";

import { ALL_SERVED, type EnabledModels, list, type ModelChoice } from "./connect_models.ts";

/** What the connection should be, with every default filled in, and what stands in its places now. Pure: no I/O below. */
export interface Target {
  observation: Observation;
  resource_path: string;
  secret_path: string;
  /** What stands at `resource_path` now. */
  resource: ResourceSight;
  /** The key that is stored at `secret_path` now; null when there is none. */
  stored: Secret | null;
  /** The key to store; null to keep the stored one. */
  key: Secret | null;
  base_url: string;
  headers: Record<string, string>;
  resource_type_exists: boolean;
  /** The resource that people use now, where it is another one. */
  moved_from: string | null;
  /** The models that are enabled now; null on a first connect. */
  enabled: EnabledModels | null;
}

/** The resource's value as it should be. Keys that this product does not know, such as organization_id, stay. */
export const resourceValue = (target: Target): Record<string, unknown> => ({
  ...(target.resource.state === "ok" ? target.resource.rest : {}),
  api_key: `$var:${target.secret_path}`,
  base_url: target.base_url,
  headers: target.headers,
});

/** The changes that bring the workspace to the target, in the order in which they are safe: the settings last. */
export function planConnection(target: Target, choice: ModelChoice, input: ConnectInput, via: Route): Change[] {
  const changes: Change[] = [];
  if (!target.resource_type_exists) changes.push({ kind: "create-resource-type", ...RESOURCE_TYPE });
  if (target.key !== null) {
    changes.push(
      target.stored === null
        ? { kind: "create-secret", path: target.secret_path, secret: target.key, description: SECRET_DESCRIPTION }
        : { kind: "replace-secret", path: target.secret_path, before: target.stored, after: target.key },
    );
  }
  const value = resourceValue(target);
  const { resource } = target;
  if (resource.state === "missing") {
    changes.push({
      kind: "create-resource",
      path: target.resource_path,
      resource_type: RESOURCE_TYPE.name,
      value,
      description: RESOURCE_DESCRIPTION,
    });
  } else if (resource.state !== "hidden" && !sameJson(resource.value, value)) {
    changes.push({ kind: "replace-resource", path: target.resource_path, before: resource.value, after: value });
  }
  const before = { ...target.observation.settings.own };
  const after = withLimits(withConnection(before, { resource_path: target.resource_path, ...choice }), choice.limits);
  if (!sameJson(before, after)) changes.push({ kind: "save-ai-settings", before, after, via });
  return [...changes, ...planSchedule(target.observation.schedule, input)];
}

/** The key of a model's limit in `max_tokens_per_model`. */
export const limitKey = (id: string): string => `${PROVIDER}:${id}`;

/** The settings with these token limits set; others stay. */
function withLimits(settings: Record<string, unknown>, limits: ModelChoice["limits"]): Record<string, unknown> {
  const ours = Object.entries(limits).map(([id, tokens]) => [limitKey(id), tokens] as const);
  if (ours.length === 0) return settings;
  return {
    ...settings,
    max_tokens_per_model: { ...asRecord(settings.max_tokens_per_model), ...Object.fromEntries(ours) },
  };
}

/** Etc/UTC has no daylight saving, so that every interval is as long as it says. */
const TIMEZONE = "Etc/UTC";

/** The named inputs that somebody filled in; the others leave what the schedule has. */
const given = (input: ConnectInput, names: readonly (keyof ConnectInput)[]): Record<string, unknown> =>
  Object.fromEntries(names.flatMap((name) => (input[name] ? [[name, input[name]]] : [])));

function planSchedule(existing: ScheduleInfo | null, input: ConnectInput): Change[] {
  const wanted = {
    ...given(input, ["alert_webhook_path", "webhook_format", "alert_runnable", "server_url", "self_repair"]),
    ...Object.fromEntries(Object.entries(input.watch).filter(([, value]) => value !== null && value !== undefined)),
  };
  // Without a choice a schedule stays as often as it is, but takes what was filled in for it.
  const kept = existing !== null && Object.keys(wanted).length > 0 ? existing : null;
  const choice = input.schedule;
  if (choice === null ? kept === null : choice === "off" && !existing?.enabled) return [];
  const spec: ScheduleSpec = {
    path: HEALTH_SCHEDULE,
    schedule: choice === null || choice === "off" ? (existing?.schedule ?? SCHEDULES.hourly) : SCHEDULES[choice],
    timezone: existing?.timezone ?? TIMEZONE,
    script_path: HEALTH_FLOW,
    is_flow: true,
    args: { ...existing?.args, ...wanted },
    enabled: choice === null ? existing?.enabled === true : choice !== "off",
    no_flow_overlap: true,
    summary: "Codex Pooler: health of Windmill AI",
  };
  if (existing === null) return [{ kind: "create-schedule", spec }];
  const same =
    existing.schedule === spec.schedule &&
    existing.enabled === spec.enabled &&
    sameJson(existing.args ?? {}, spec.args);
  return same ? [] : [{ kind: "replace-schedule", before: existing, spec }];
}

/** What the plan means for people, in words: what they lose or should know, not what changes. */
export function consequences(
  { observation, resource_path, moved_from }: Pick<Target, "observation" | "resource_path" | "moved_from">,
  choice: ModelChoice,
): string[] {
  const { settings, schedule, caller } = observation;
  const notes = [...choice.notes];
  const runs_as = schedule?.permissioned_as ?? null;
  if (runs_as !== null && runs_as !== `u/${caller.username}`) {
    notes.push(`The health check goes on running as ${runs_as}.`);
  }
  if (moved_from !== null) {
    notes.push(
      `People are moved from the resource ${moved_from} to ${resource_path}. ${moved_from} stays as it is, with its key: leave resource_path blank to change that one instead.`,
    );
  }
  if (settings.source === "instance") {
    const lost = settings.instance_providers.filter((provider) => provider !== "customai");
    notes.push(
      `This workspace lives on the instance's AI settings. Its own settings will shadow them as a whole: ${
        lost.length > 0 ? `people here lose ${lost.join(", ")}` : "the instance's models are replaced by the ones above"
      }. Removing the workspace's settings brings the instance's back.`,
    );
  }
  const after = withConnection({ ...settings.own }, { resource_path: "", ...choice });
  const twice = sharedModels(after);
  if (twice.length > 0) {
    notes.push(
      `Another provider has ${list(twice)} too. Windmill's settings page tells models apart by name only, so saving that page may move the default model to the other provider.`,
    );
  }
  const gone = configuredModels(settings.view).filter(
    (id) => settings.source === "workspace" && choice.models[0] !== ALL_SERVED && !choice.models.includes(id),
  );
  if (gone.length > 0) notes.push(`No longer offered to people: ${list(gone)}.`);
  return notes;
}
