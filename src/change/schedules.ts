import { sameJson } from "../core/json.ts";
import { HEALTH_FLOW } from "../core/paths.ts";
import * as schedules from "../windmill/schedules.ts";
import type { Windmill } from "../windmill/windmill.ts";
import { changed, created, deleted, type HandlersOf, StaleError } from "./change.ts";

const NEEDS = `The flow ${HEALTH_FLOW}, which is deployed with the bundle.`;

const settingsOf = ({ schedule, enabled, args }: schedules.ScheduleInfo | schedules.ScheduleSpec) => ({
  schedule,
  enabled,
  args: args ?? {},
});

/** The settings with whose rights the runs have, where a change lets them change hands. */
const withHands = (settings: ReturnType<typeof settingsOf>, runs_as: string | null | undefined): object =>
  runs_as ? { ...settings, runs_as } : settings;

/** Changes of the health flow's schedule. */
export const SCHEDULES: HandlersOf<"create-schedule" | "replace-schedule" | "delete-schedule"> = {
  "create-schedule": {
    view: ({ spec }) => ({
      action: "create",
      target: `schedule ${spec.path}`,
      differences: created(settingsOf(spec)),
      needs: NEEDS,
      undo: `Delete the schedule ${spec.path}.`,
    }),
    apply: async (windmill, { spec }) => {
      await schedules.createSchedule(windmill, spec);
    },
    revert: (windmill, { spec }) => dropSchedule(windmill, spec),
  },
  "replace-schedule": {
    view: ({ before, spec, for_caller }) => ({
      action: "change",
      target: `schedule ${spec.path}`,
      differences: changed(
        withHands(settingsOf(before), for_caller && before.permissioned_as),
        withHands(settingsOf(spec), for_caller),
      ),
      needs: NEEDS,
      undo: "Set the values shown as before (Schedules).",
    }),
    apply: async (windmill, { before, spec, for_caller }) => {
      const current = await schedules.findSchedule(windmill, before.path);
      if (current === null || !isOneOf(current, before, spec)) throw new StaleError(`The schedule ${before.path}`);
      const { schedule, timezone, args, no_flow_overlap, summary } = spec;
      const next = { schedule, timezone, args, no_flow_overlap, summary };
      const permissioned_as = for_caller === undefined ? before.permissioned_as : null;
      await schedules.updateSchedule(windmill, before, { ...next, permissioned_as });
      if (before.enabled !== spec.enabled) await schedules.switchSchedule(windmill, spec.path, spec.enabled);
    },
    revert: async (windmill, { before, spec }) => {
      await schedules.updateSchedule(windmill, before, {
        schedule: before.schedule,
        timezone: before.timezone,
        args: before.args ?? {},
        ...(before.no_flow_overlap ? { no_flow_overlap: true } : {}),
        ...(before.summary ? { summary: before.summary } : {}),
        permissioned_as: before.permissioned_as,
      });
      if (before.enabled !== spec.enabled) await schedules.switchSchedule(windmill, spec.path, before.enabled);
      await requireHands(windmill, before);
    },
  },
  "delete-schedule": {
    view: ({ before }) => ({
      action: "delete",
      target: `schedule ${before.path}`,
      differences: deleted(settingsOf(before)),
      needs: `Write access to ${before.path}.`,
      undo: "Run f/codex_pooler/connect and choose an interval.",
    }),
    apply: (windmill, { before }) => dropSchedule(windmill, before),
    revert: async (windmill, { before }) => {
      if ((await schedules.findSchedule(windmill, before.path)) === null) {
        await schedules.restoreSchedule(windmill, before);
        await requireHands(windmill, before);
      }
    },
  },
};

/** @throws Error when a schedule that was put back does not run as who it ran as: Windmill lets it run as whoever writes it. */
async function requireHands(windmill: Windmill, before: schedules.ScheduleInfo): Promise<void> {
  const now = await schedules.findSchedule(windmill, before.path);
  const former = before.permissioned_as ?? (before.edited_by ? `u/${before.edited_by}` : windmill.permissionedAs);
  const holder = now?.permissioned_as ?? (now?.edited_by ? `u/${now.edited_by}` : former);
  if (holder === former) return;
  throw new Error(
    `it runs as before, but as ${holder} and not as ${former} any more. Let ${former} save it again (Schedules), if that matters.`,
  );
}

const isOneOf = (current: schedules.ScheduleInfo, ...wanted: Parameters<typeof settingsOf>[0][]): boolean =>
  wanted.some((one) => sameJson(settingsOf(current), settingsOf(one)));

/** Deletes a schedule that still runs the same. */
async function dropSchedule(
  windmill: Windmill,
  one: Pick<schedules.ScheduleInfo, "path" | "script_path">,
): Promise<void> {
  const current = await schedules.findSchedule(windmill, one.path);
  if (current?.script_path === one.script_path) await schedules.deleteSchedule(windmill, one.path);
}
