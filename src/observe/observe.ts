import * as z from "zod";
import { HEALTH_SCHEDULE } from "../core/paths.ts";
import { RESOURCE_DESCRIPTION } from "../core/resource_type.ts";
import { Secret } from "../core/secret.ts";
import { PREVIOUS_DESCRIPTION, PREVIOUS_LIFETIME_MS, previousPath } from "../core/temporary.ts";
import { serverTime } from "../windmill/jobs.ts";
import * as resources from "../windmill/resources.ts";
import * as schedules from "../windmill/schedules.ts";
import * as settings from "../windmill/settings.ts";
import * as variables from "../windmill/variables.ts";
import { isForbidden, isNotFound, type Windmill, WindmillError } from "../windmill/windmill.ts";
import { PROVIDER, type RawAiSettings, type SettingsView, viewSettings } from "./ai_settings.ts";
import { type Intent, readIntent } from "./intent.ts";

/** What is there now, read once: plain data for everything that decides. It stays in the job; reports are made from it. */

/** The key of a resource: a reference to a variable, as it should be, or a literal that must be moved. */
export type ResourceKey = { kind: "reference"; path: string } | { kind: "literal"; prefix: string } | { kind: "none" };

export type ResourceSight =
  /** `hidden`: it exists, but the caller may not read it; users' requests work all the same. */
  | { state: "missing"; path: string }
  | { state: "hidden"; path: string }
  | { state: "malformed"; path: string; type: string; description: string; value: unknown }
  | {
      state: "ok";
      path: string;
      type: string;
      description: string;
      /** As stored. It may hold a key in clear, so it never leaves the job. */
      value: unknown;
      base_url: string;
      headers: Record<string, string>;
      key: ResourceKey;
      /** With whom it is shared, as `u/<user>` and `g/<group>`, beside those who may read it for where it lies. */
      shared_with?: readonly string[];
      /** Keys of the value beside those above, untouched. */
      rest: Record<string, unknown>;
    };

export interface SecretSight {
  path: string;
  state: "ok" | "not-secret" | "missing" | "hidden";
  description: string;
  /** Whether anybody beside its owner and the admins may read it. */
  shared: boolean;
  /** With whom, as `u/<user>` and `g/<group>`. */
  shared_with?: readonly string[];
}

export interface Observation {
  /** ISO 8601, by the clock of Windmill's database. */
  at: string;
  workspace: string;
  caller: { username: string; admin: boolean };
  server_version: string;
  settings: {
    /** The workspace's own settings as stored; null when the caller may not read them. */
    own: RawAiSettings | null;
    /** What users get: the own ones, else the instance's. */
    effective: RawAiSettings;
    source: "workspace" | "instance" | "none";
    /** Providers of the instance's settings; own settings shadow all of them. */
    instance_providers: string[];
    view: SettingsView;
  };
  /** The resource that the effective settings name; null without a connection, or when it lives outside this workspace. */
  resource: ResourceSight | null;
  /** The variable that the resource's key references. */
  secret: SecretSight | null;
  /** The variable with an old key that a rotation has left beside it; null where there is none, or one goes on. */
  old_key: { path: string } | null;
  schedule: schedules.ScheduleInfo | null;
  /** What was asked for; null when nobody has, or when the caller may not read it. */
  intent: Intent | null;
  /** Whether the workspace has the resource type of AI resources; true when it could not be asked. */
  has_resource_type: boolean;
}

/**
 * Reads the connection. Works for members too: what they may not read is `null` or `hidden`.
 *
 * @throws WindmillError when Windmill does not answer, or refuses the token, or refuses an admin anything.
 */
export async function observe(windmill: Windmill): Promise<Observation> {
  const refusals: WindmillError[] = [];
  const orUnseen = unseenIn(refusals);
  const [at, caller, version, state, effective, own, schedule, intent, has_resource_type] = await Promise.all([
    serverTime(windmill),
    settings.whoAmI(windmill),
    settings.serverVersion(windmill),
    settings.readSettingsState(windmill),
    settings.readEffectiveAiSettings(windmill),
    orUnseen(settings.readAiSettings(windmill), null),
    orUnseen(schedules.findSchedule(windmill, HEALTH_SCHEDULE), null),
    orUnseen(readIntent(windmill), null),
    orUnseen(resources.resourceTypeExists(windmill, PROVIDER), true),
  ]);
  const view = viewSettings(effective);
  const source = state.uses_instance_ai_config ? "instance" : view.providers.length > 0 ? "workspace" : "none";
  const resource =
    view.connection && view.connection.resource_path !== "" && source !== "instance"
      ? await seeResource(windmill, view.connection.resource_path, orUnseen)
      : null;
  const key_path = resource?.state === "ok" && resource.key.kind === "reference" ? resource.key.path : null;
  const [secret, old_key] =
    key_path === null
      ? [null, null]
      : await Promise.all([seeSecret(windmill, key_path, orUnseen), seeOldKey(windmill, key_path, orUnseen)]);
  // Nothing is hidden from an admin: taking it for missing would be the beginning of changes that leave things half done.
  if (caller.admin && refusals[0]) throw refusals[0];
  return {
    at,
    workspace: windmill.workspace,
    caller,
    server_version: version.trim(),
    settings: {
      own,
      effective,
      source,
      instance_providers: (state.instance_ai_summary?.providers ?? []).map(({ provider }) => provider),
      view,
    },
    resource,
    secret,
    old_key,
    schedule,
    intent,
    has_resource_type,
  };
}

/** Whether a resource stands at the path that this product has not made. */
export const isForeign = (resource: ResourceSight | null, path: string): boolean =>
  resource?.path === path &&
  resource.state !== "missing" &&
  (resource.state === "hidden" || resource.description !== RESOURCE_DESCRIPTION);

const ResourceValue = z.looseObject({
  base_url: z.string().optional(),
  // Windmill accepts both spellings of these two.
  baseUrl: z.string().optional(),
  api_key: z.string().optional(),
  apiKey: z.string().optional(),
  headers: z.record(z.string(), z.string()).nullish(),
});

/** Looks at a resource without keeping a key that stands in it. */
export async function seeResource(
  windmill: Windmill,
  path: string,
  orUnseen: OrUnseen = asSeen,
): Promise<ResourceSight> {
  const found = await orUnseen(resources.findResource(windmill, path), "hidden" as const);
  if (found === "hidden") return { state: "hidden", path };
  if (found === null) return { state: "missing", path };
  const sight = sightOf({
    ...{ path, type: found.resource_type, description: found.description ?? "" },
    value: found.value,
  });
  return sight.state === "ok" ? { ...sight, shared_with: Object.keys(found.extra_perms ?? {}) } : sight;
}

/** What a resource's value says. Pure. */
export function sightOf(about: { path: string; type: string; description: string; value: unknown }): ResourceSight {
  const parsed = ResourceValue.safeParse(about.value);
  if (!parsed.success) return { state: "malformed", ...about };
  const { base_url, baseUrl, api_key, apiKey, headers, ...rest } = parsed.data;
  return {
    state: "ok",
    ...about,
    base_url: base_url || baseUrl || "",
    headers: headers ?? {},
    key: seeKey(api_key || apiKey || ""),
    rest,
  };
}

function seeKey(value: string): ResourceKey {
  if (value === "") return { kind: "none" };
  return value.startsWith("$var:")
    ? { kind: "reference", path: value.slice("$var:".length) }
    : { kind: "literal", prefix: new Secret(value).prefix };
}

/** Looks at a variable without decrypting it. */
export async function seeSecret(windmill: Windmill, path: string, orUnseen: OrUnseen = asSeen): Promise<SecretSight> {
  const found = await orUnseen(variables.findVariable(windmill, path), "hidden" as const);
  if (found === "hidden") return { path, state: "hidden", description: "", shared: false };
  if (found === null) return { path, state: "missing", description: "", shared: false };
  return {
    path,
    state: found.is_secret ? "ok" : "not-secret",
    description: found.description ?? "",
    // What lies in a folder is as readable as the folder; what lies at u/ is its owner's, unless it is shared.
    shared: Object.keys(found.extra_perms ?? {}).length > 0,
    shared_with: Object.keys(found.extra_perms ?? {}),
  };
}

/** Milliseconds for which a rotation may go on: no script of ours runs for longer. */
const ROTATION_MS = 15 * 60_000;

/** Looks for an old key that a rotation which died has left. That of a rotation which goes on is none. */
async function seeOldKey(windmill: Windmill, key_path: string, orUnseen: OrUnseen): Promise<Observation["old_key"]> {
  const path = previousPath(key_path);
  const found = await orUnseen(variables.findVariable(windmill, path), null);
  if (found?.description !== PREVIOUS_DESCRIPTION) return null;
  const made = found.expires_at ? Date.parse(found.expires_at) - PREVIOUS_LIFETIME_MS : 0;
  return Date.now() - made < ROTATION_MS ? null : { path };
}

/** What is hidden becomes `unseen`, or stays an error. */
type OrUnseen = <T, U>(promise: Promise<T>, unseen: U) => Promise<T | U>;

/** For commands that only admins run: nothing is hidden from them. */
const asSeen: OrUnseen = (promise) => promise;

/**
 * Answers `unseen` for what the caller has no right to: with what is left, a member's check is still worth having.
 *
 * @param refusals gets the refusals.
 */
const unseenIn =
  (refusals: WindmillError[]): OrUnseen =>
  async (promise, unseen) => {
    try {
      return await promise;
    } catch (error) {
      if (isNotFound(error)) return unseen;
      if (!isForbidden(error)) throw error;
      if (error instanceof WindmillError) refusals.push(error);
      return unseen;
    }
  };
