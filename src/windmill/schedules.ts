import { JobService, ScheduleService } from "windmill-client";
import * as z from "zod";
import { orNull, type Windmill } from "./windmill.ts";

/** Schedules: one function per call, each answer parsed at this border. */

export const ScheduleInfo = z.looseObject({
  path: z.string(),
  schedule: z.string(),
  timezone: z.string(),
  enabled: z.boolean(),
  script_path: z.string(),
  is_flow: z.boolean(),
  args: z.record(z.string(), z.unknown()).nullish(),
  no_flow_overlap: z.boolean().nullish(),
  summary: z.string().nullish(),
  /** Whose rights its runs have, e.g. `u/admin`; absent where the server does not say it. */
  permissioned_as: z.string().nullish(),
  /** Who wrote it last, as a user name. */
  edited_by: z.string().nullish(),
  /** Set by Windmill when it could not queue the next run and switched the schedule off. */
  error: z.string().nullish(),
});
export type ScheduleInfo = z.infer<typeof ScheduleInfo>;

export const findSchedule = (windmill: Windmill, path: string): Promise<ScheduleInfo | null> =>
  orNull(
    windmill.call(
      `Looking up the schedule ${path}`,
      () => ScheduleService.getSchedule({ workspace: windmill.workspace, path }),
      ScheduleInfo,
    ),
  );

/** When the run begins that Windmill has queued for a schedule (ISO 8601); null when none is. */
export async function nextScheduledRun(windmill: Windmill, path: string): Promise<string | null> {
  const queued = await windmill.call(
    `Looking for the next run of the schedule ${path}`,
    () => JobService.listQueue({ workspace: windmill.workspace, schedulePath: path, perPage: 5 }),
    z.array(z.looseObject({ scheduled_for: z.string().nullish(), running: z.boolean().nullish() })),
  );
  return queued.find(({ running }) => running !== true)?.scheduled_for ?? null;
}

/** What this product sets of a schedule. `schedule` is a six-field cron expression (seconds first). */
export interface ScheduleSpec {
  path: string;
  schedule: string;
  timezone: string;
  script_path: string;
  is_flow: boolean;
  args: Record<string, unknown>;
  enabled: boolean;
  no_flow_overlap: boolean;
  summary: string;
}

/** Creates a schedule that runs as the caller. */
export const createSchedule = (windmill: Windmill, spec: ScheduleSpec): Promise<unknown> => create(windmill, spec);

const create = (windmill: Windmill, requestBody: ScheduleSpec & Partial<RunsAs>): Promise<unknown> =>
  windmill.call(
    `Creating the schedule ${requestBody.path}`,
    () => ScheduleService.createSchedule({ workspace: windmill.workspace, requestBody }),
    z.unknown(),
  );

/** How an admin lets a schedule run as somebody: without it Windmill lets it run as whoever writes it. */
interface RunsAs {
  permissioned_as: string;
  preserve_permissioned_as: true;
}

const runsAs = ({ permissioned_as }: Pick<ScheduleInfo, "permissioned_as">): Partial<RunsAs> =>
  permissioned_as ? { permissioned_as, preserve_permissioned_as: true } : {};

/** What people may have set on a schedule beside what we set: Windmill forgets whatever an update leaves out. */
const KEPT = [
  "description",
  "on_failure",
  "on_failure_times",
  "on_failure_exact",
  "on_failure_extra_args",
  "on_recovery",
  "on_recovery_times",
  "on_recovery_extra_args",
  "on_success",
  "on_success_extra_args",
  "ws_error_handler_muted",
  "retry",
  "tag",
  "paused_until",
  "cron_version",
  "dynamic_skip",
  "labels",
] as const;

/** What an update sets; the rest of a schedule stays as it is. Without `permissioned_as` it runs as the caller from then on. */
export type ScheduleChange = Pick<ScheduleSpec, "schedule" | "timezone" | "args"> &
  Partial<Pick<ScheduleSpec, "no_flow_overlap" | "summary">> &
  Pick<ScheduleInfo, "permissioned_as">;

const keptOf = (schedule: ScheduleInfo): Record<string, unknown> =>
  Object.fromEntries(KEPT.filter((key) => (schedule[key] ?? null) !== null).map((key) => [key, schedule[key]]));

/** Replaces what a schedule runs and when. Leaves it switched on or off. */
export function updateSchedule(
  windmill: Windmill,
  current: ScheduleInfo,
  { permissioned_as, ...change }: ScheduleChange,
): Promise<unknown> {
  const { path } = current;
  return windmill.call(
    `Changing the schedule ${path}`,
    () =>
      ScheduleService.updateSchedule({
        workspace: windmill.workspace,
        path,
        requestBody: { ...keptOf(current), ...change, ...runsAs({ permissioned_as }) },
      }),
    z.unknown(),
  );
}

/** Creates a schedule as it was, with what people had set on it, and running as who it ran as. */
export const restoreSchedule = (windmill: Windmill, was: ScheduleInfo): Promise<unknown> =>
  create(windmill, {
    ...keptOf(was),
    ...runsAs(was),
    path: was.path,
    schedule: was.schedule,
    timezone: was.timezone,
    script_path: was.script_path,
    is_flow: was.is_flow,
    args: was.args ?? {},
    enabled: was.enabled,
    no_flow_overlap: was.no_flow_overlap ?? false,
    summary: was.summary ?? "",
  });

export const switchSchedule = (windmill: Windmill, path: string, enabled: boolean): Promise<unknown> =>
  windmill.call(
    `Switching the schedule ${path} ${enabled ? "on" : "off"}`,
    () => ScheduleService.setScheduleEnabled({ workspace: windmill.workspace, path, requestBody: { enabled } }),
    z.unknown(),
  );

export const deleteSchedule = (windmill: Windmill, path: string): Promise<unknown> =>
  windmill.call(
    `Deleting the schedule ${path}`,
    () => ScheduleService.deleteSchedule({ workspace: windmill.workspace, path }),
    z.unknown(),
  );

/** When a cron expression is due next, as Windmill reads it: five times at most, ISO 8601, soonest first. */
export const previewRuns = (windmill: Windmill, cron: string, timezone: string): Promise<string[]> =>
  windmill.call(
    `Asking when "${cron}" is due`,
    () => ScheduleService.previewSchedule({ requestBody: { schedule: cron, timezone } }),
    z.array(z.string()),
  );
