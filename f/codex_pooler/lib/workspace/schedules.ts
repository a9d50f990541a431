import { ScheduleService } from "windmill-client@1.818.0";
import * as z from "zod@4.6.7";
import { orNull, type Windmill } from "../windmill.ts";

/** Schedules: one function per call, each answer parsed at this border. */

export const ScheduleInfo = z.looseObject({
  path: z.string(),
  schedule: z.string(),
  timezone: z.string(),
  enabled: z.boolean(),
  script_path: z.string(),
  is_flow: z.boolean(),
  args: z.record(z.string(), z.unknown()).nullish(),
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
export const createSchedule = (windmill: Windmill, spec: ScheduleSpec): Promise<unknown> =>
  windmill.call(
    `Creating the schedule ${spec.path}`,
    () => ScheduleService.createSchedule({ workspace: windmill.workspace, requestBody: spec }),
    z.unknown(),
  );

/** Replaces what a schedule runs and when; it runs as the caller from then on. Leaves it switched on or off. */
export const updateSchedule = (
  windmill: Windmill,
  path: string,
  spec: Pick<ScheduleSpec, "schedule" | "timezone" | "args" | "no_flow_overlap" | "summary">,
): Promise<unknown> =>
  windmill.call(
    `Changing the schedule ${path}`,
    () => ScheduleService.updateSchedule({ workspace: windmill.workspace, path, requestBody: spec }),
    z.unknown(),
  );

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
