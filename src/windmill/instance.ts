import { SettingService, UserService, WorkspaceService } from "windmill-client";
import * as z from "zod";
import type { Secret } from "../core/secret.ts";
import { InputError } from "../inputs/parse.ts";
import { readSecret } from "./variables.ts";
import {
  type Followers,
  type Instance,
  isForbidden,
  isNotFound,
  openWindmill,
  type Windmill,
  WindmillError,
} from "./windmill.ts";

/**
 * The instance's AI settings. A job's own token may not touch them (since August 2026 it is confined to its workspace, whoever runs
 * the job), so these calls are made with a superadmin's token, and no other call is.
 */

/** The workspace in which the instance's resources live. */
export const ADMINS = "admins";

type Settings = Record<string, unknown>;

const Model = z.looseObject({ provider: z.string(), model: z.string() }).nullish();

/**
 * AI settings as Windmill reads them (`AIConfig` in its source, the same on 1.743 and 1.795). It stores for the instance whatever
 * it is given, so that what is there may be of another shape; then it serves nobody, and nothing is to be built on it.
 */
const InstanceConfig = z.looseObject({
  providers: z.record(z.string(), z.looseObject({ resource_path: z.string(), models: z.array(z.string()) })).nullish(),
  default_model: Model,
  metadata_model: Model,
  code_completion_model: Model,
  custom_prompts: z.record(z.string(), z.string()).nullish(),
  max_tokens_per_model: z.record(z.string(), z.number().int()).nullish(),
});

/** Workspaces that are looked at, and how many at a time. */
const LOOKED_AT = { most: 200, parallel: 8 } as const;

/**
 * Opens the door, after it has been made sure that it leads where it should.
 *
 * @param token a superadmin's.
 * @throws InputError outside `admins`, and for a token that is no superadmin's or not valid any more: nothing is touched then.
 */
export async function openInstance(windmill: Windmill, token: Secret, token_path: string): Promise<Instance> {
  const environment = { ...process.env, WM_WORKSPACE: ADMINS, WM_TOKEN: token.unwrap() };
  const door = openWindmill(environment, windmill.routes.server, windmill.secrets);
  await requireSuperAdmin(door, token_path);
  const readAiSettings = async (): Promise<Settings> => {
    const what = "Reading the instance's AI settings";
    const stored = await door.call(what, () => SettingService.getGlobal({ key: "ai_config" }), z.unknown());
    return readable(stored);
  };
  return {
    token_path,
    readAiSettings,
    writeAiSettings: (settings, via) =>
      door.call(
        "Saving the instance's AI settings",
        () =>
          SettingService.setGlobal({
            key: "ai_config",
            requestBody: { value: Object.keys(settings).length === 0 ? null : settings },
          }),
        z.unknown(),
        via,
      ),
    followers: () => followersOf(door),
  };
}

const Me = z.looseObject({ email: z.string(), super_admin: z.boolean() });

async function requireSuperAdmin(door: Windmill, token_path: string): Promise<void> {
  const me = await door
    .call("Asking whose token it is", () => UserService.globalWhoami(), Me)
    .catch((error: unknown) => {
      if (!isForbidden(error)) throw error;
      throw new InputError([
        `superadmin_token_path: Windmill does not accept the token in ${token_path}. It has ended, was deleted, or may not be used everywhere: make a new one without limits to a workspace (Account settings > Tokens) and store it there.`,
      ]);
    });
  if (me.super_admin) return;
  throw new InputError([
    `superadmin_token_path: the token in ${token_path} is ${me.email}'s, who is no superadmin. The instance's AI settings can be read and changed by superadmins only.`,
  ]);
}

/** @throws InputError for what Windmill could not read itself. */
function readable(stored: unknown): Settings {
  if (stored === null || stored === undefined || stored === "") return {};
  const parsed = InstanceConfig.safeParse(stored);
  if (parsed.success) return stored as Settings;
  const places = parsed.error.issues.map(({ path }) => path.join(".") || "the whole").slice(0, 3);
  throw new InputError([
    `The instance's AI settings have a shape that Windmill itself cannot read (${places.join(", ")}), so they serve nobody and nothing is changed. Open Instance settings > AI, choose what they should be and save them there; then run this again.`,
  ]);
}

const Listed = z.array(z.looseObject({ id: z.string(), deleted: z.boolean().nullish() }));
const OwnSettings = z.looseObject({ ai_config: z.unknown().optional() });

async function followersOf(door: Windmill): Promise<Followers> {
  const all = await door.call(
    "Listing the workspaces of the instance",
    () => WorkspaceService.listWorkspacesAsSuperAdmin({}),
    Listed,
  );
  const ids = all.filter(({ deleted }) => deleted !== true).map(({ id }) => id);
  const seen = ids.slice(0, LOOKED_AT.most);
  const own = new Map<string, boolean>();
  let next = 0;
  const lane = async (): Promise<void> => {
    for (let index = next++; index < seen.length; index = next++) {
      const id = seen[index] as string;
      own.set(id, await hasOwn(door, id));
    }
  };
  await Promise.all(Array.from({ length: Math.min(LOOKED_AT.parallel, seen.length) }, lane));
  return {
    follow: seen.filter((id) => !own.get(id)),
    own: seen.filter((id) => own.get(id)),
    unseen: ids.length - seen.length,
  };
}

/** Whether a workspace has providers of its own that Windmill can read: else the instance's settings are used. */
async function hasOwn(door: Windmill, workspace: string): Promise<boolean> {
  const { ai_config } = await door.call(
    `Reading the AI settings of ${workspace}`,
    () => WorkspaceService.getSettings({ workspace }),
    OwnSettings,
  );
  const parsed = InstanceConfig.safeParse(ai_config ?? {});
  return parsed.success && Object.keys(parsed.data.providers ?? {}).length > 0;
}

/**
 * The token in a variable of `admins`.
 *
 * @throws InputError where there is none.
 */
export async function tokenAt(windmill: Windmill, path: string): Promise<Secret> {
  try {
    return (await readSecret(windmill, path)).secret;
  } catch (error) {
    if (!(error instanceof WindmillError) || !(isNotFound(error) || isForbidden(error))) throw error;
    throw new InputError([
      `superadmin_token_path: there is no variable ${path} in the workspace ${ADMINS} that you may read. Store a superadmin's token there, as a secret.`,
    ]);
  }
}
