import { JobService, SettingsService, UserService, WorkspaceService } from "windmill-client";
import * as z from "zod";
import type { Route } from "../core/shapes.ts";
import type { Windmill } from "./windmill.ts";

/** The caller, the server, and the AI settings: one function per call, each answer parsed at this border. */

const WhoAmI = z.looseObject({
  username: z.string(),
  is_admin: z.boolean(),
  is_super_admin: z.boolean().optional(),
});

/** The caller as Windmill knows it. `admin` covers superadmins, whose `is_admin` can be false where they are plain members. */
export interface Caller {
  username: string;
  admin: boolean;
}

const callers = new WeakMap<Windmill, Promise<Caller>>();

/** Who runs this job. It is asked once per job; a question that fails is asked again. */
export function whoAmI(windmill: Windmill): Promise<Caller> {
  const known = callers.get(windmill);
  if (known) return known;
  const asked = askWhoIAm(windmill);
  callers.set(windmill, asked);
  asked.catch(() => callers.delete(windmill));
  return asked;
}

async function askWhoIAm(windmill: Windmill): Promise<Caller> {
  const me = await windmill.call(
    "Asking who runs this job",
    () => UserService.whoami({ workspace: windmill.workspace }),
    WhoAmI,
  );
  return { username: me.username, admin: me.is_admin || me.is_super_admin === true };
}

/** The server's version as it says it, e.g. `CE v1.788.0`. */
export const serverVersion = (windmill: Windmill, via: Route = "worker"): Promise<string> =>
  windmill.call("Asking Windmill's version", () => SettingsService.backendVersion(), z.string(), via);

/**
 * The workspace's own AI settings exactly as stored, unknown keys included; `{}` when there are none. Only this endpoint
 * shows them: `get_copilot_info` falls back to the instance's. The rest of its answer holds other secrets and is dropped.
 */
export async function readAiSettings(windmill: Windmill): Promise<Record<string, unknown>> {
  const settings = await windmill.call(
    "Reading the workspace's AI settings",
    () => WorkspaceService.getSettings({ workspace: windmill.workspace }),
    z.looseObject({ ai_config: z.record(z.string(), z.unknown()).nullish() }),
  );
  return settings.ai_config ?? {};
}

/** The AI settings that users get: the workspace's own, else the instance's, else `{}`. Any member may read them. */
export const readEffectiveAiSettings = (windmill: Windmill): Promise<Record<string, unknown>> =>
  windmill.call(
    "Reading the AI settings that users get",
    () => WorkspaceService.getCopilotInfo({ workspace: windmill.workspace }),
    z.record(z.string(), z.unknown()),
  );

const SettingsState = z.looseObject({
  uses_instance_ai_config: z.boolean(),
  instance_ai_summary: z
    .looseObject({
      providers: z.array(z.looseObject({ provider: z.string(), models: z.array(z.string()).optional() })).optional(),
    })
    .nullish(),
});
export type SettingsState = z.infer<typeof SettingsState>;

/** Whether the instance has AI settings, and whether this workspace lives on them. Any member may read it. */
export const readSettingsState = (windmill: Windmill): Promise<SettingsState> =>
  windmill.call(
    "Asking whether the workspace uses the instance's AI settings",
    () => WorkspaceService.getCopilotSettingsState({ workspace: windmill.workspace }),
    SettingsState,
  );

/** Replaces the workspace's AI settings as a whole. The process that serves the call drops its cached credentials. */
export const writeAiSettings = (windmill: Windmill, settings: Record<string, unknown>, via: Route): Promise<unknown> =>
  windmill.call(
    "Saving the workspace's AI settings",
    () => WorkspaceService.editCopilotConfig({ workspace: windmill.workspace, requestBody: settings as never }),
    z.unknown(),
    via,
  );

/** The running job's arguments as Windmill stored them: `$var:` references are not resolved, a raw key is raw. */
export const readStoredArguments = (windmill: Windmill): Promise<Record<string, unknown>> =>
  windmill.call(
    "Reading this job's stored arguments",
    () => JobService.getJobArgs({ workspace: windmill.workspace, id: windmill.jobId }),
    z.record(z.string(), z.unknown()),
  );
