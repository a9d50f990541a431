import type { Actor } from "../access.ts";
import { badRequest } from "../errors.ts";
import { any, boolean, i32, optional, type Read, string, struct } from "../shape.ts";
import type { Schedule } from "./state.ts";

/** Settings of a schedule that are kept and shown as they were sent, if they were. */
const FURTHER = {
  description: optional(string),
  on_failure: optional(string),
  on_failure_times: optional(i32),
  on_failure_exact: optional(boolean),
  on_failure_extra_args: optional(any),
  retry: optional(any),
  tag: optional(string),
  paused_until: optional(string),
  dynamic_skip: optional(string),
  labels: optional(any),
};
const COMMON = {
  schedule: string,
  timezone: string,
  args: optional(any),
  summary: optional(string),
  no_flow_overlap: optional(boolean),
  ws_error_handler_muted: optional(boolean),
  cron_version: optional(string),
  permissioned_as: optional(string),
  preserve_permissioned_as: optional(boolean),
  ...FURTHER,
};
/** The body of `schedules/create`; some of it only the enterprise edition does. */
export const NEW_SCHEDULE = struct("NewSchedule", {
  path: string,
  script_path: string,
  is_flow: boolean,
  enabled: optional(boolean),
  on_recovery: optional(string),
  on_success: optional(string),
  ...COMMON,
});
/** The body of `schedules/update`. */
export const EDIT_SCHEDULE = struct("EditSchedule", COMMON);
/** The body of `schedules/setenabled`. */
export const SET_ENABLED = struct("SetEnabled", { enabled: boolean });
/** The body of `schedules/preview`. */
export const PREVIEW = struct("PreviewPayload", { schedule: string, timezone: string, cron_version: optional(string) });

/** What an edit sets. Whatever it does not mention is reset, and the schedule runs with the editor's rights from then on. */
export function edited(sent: Read<typeof EDIT_SCHEDULE>, actor: Actor) {
  const mayKeep = actor.isAdmin || actor.groups.includes("wm_deployers");
  const kept = sent.preserve_permissioned_as && mayKeep ? sent.permissioned_as : undefined;
  const settings = Object.keys(FURTHER).flatMap((name) => {
    const value = sent[name as keyof typeof FURTHER];
    return value === undefined ? [] : [[name, value] as const];
  });
  return {
    schedule: sent.schedule,
    timezone: sent.timezone,
    args: sent.args ?? null,
    summary: sent.summary ?? null,
    noFlowOverlap: sent.no_flow_overlap ?? false,
    wsErrorHandlerMuted: sent.ws_error_handler_muted ?? false,
    settings: Object.fromEntries(settings),
    permissionedAs: kept ?? `u/${actor.username}`,
    email: actor.email,
    ...(sent.cron_version === undefined ? {} : { cronVersion: sent.cron_version }),
  };
}

/** Refuses what only the enterprise edition does. @throws ApiError 400 */
export function checkEdition(sent: Read<typeof NEW_SCHEDULE>): void {
  const refused = (what: string) => badRequest(`${what} is only available in enterprise version`);
  if (sent.on_recovery !== undefined) throw refused("on_recovery");
  if (sent.on_success !== undefined) throw refused("on_success");
  if ((sent.on_failure_times ?? 0) > 1) throw refused("on_failure with a number of times > 1");
}

/** What a schedule is, without where it is and who edited it when. */
export function scheduleSettings(schedule: Schedule) {
  return {
    schedule: schedule.schedule,
    timezone: schedule.timezone,
    enabled: schedule.enabled,
    script_path: schedule.scriptPath,
    is_flow: schedule.isFlow,
    args: schedule.args,
    email: schedule.email,
    ws_error_handler_muted: schedule.wsErrorHandlerMuted,
    no_flow_overlap: schedule.noFlowOverlap,
    ...(schedule.summary === null ? {} : { summary: schedule.summary }),
    cron_version: schedule.cronVersion,
    ...schedule.settings,
  };
}
