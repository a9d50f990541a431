import { canRead, canWrite, isValidPath } from "../access.ts";
import { badPath, badRequest, notAuthorized, notFound, writeRefused } from "../errors.ts";
import { json, pathAfter, type Register, text, workspaceOf } from "../http.ts";
import { readBody } from "../shape.ts";
import type { Workspace } from "../store.ts";
import { checkCron, checkTimezone, upcoming } from "./cron.ts";
import { engineOf } from "./engine.ts";
import {
  checkEdition,
  EDIT_SCHEDULE,
  edited,
  NEW_SCHEDULE,
  PREVIEW,
  SET_ENABLED,
  scheduleSettings,
} from "./schedule_body.ts";
import { deployedIn, type Schedule } from "./state.ts";
import { ticksOf } from "./ticks.ts";

/** How many times a preview shows. */
const PREVIEWED = 5;

/** Schedules of scripts and flows. */
export const registerSchedules: Register = (api, context) => {
  const { store } = context;
  const ticks = ticksOf(engineOf(context));
  const find = (workspace: Workspace, path: string) => deployedIn(workspace).schedules.get(path);

  api.post("/api/w/:w/schedules/create", async (c) => {
    const workspace = workspaceOf(c, store);
    const actor = c.get("actor");
    const sent = await readBody(c, NEW_SCHEDULE);
    checkEdition(sent);
    checkCron(sent.schedule);
    const { path } = sent;
    if (find(workspace, path)) throw badRequest(`Schedule ${path} already exists`);
    if (!isValidPath(path)) throw badPath(store.release, "schedule", "lib.rs:291:6");
    if (!canWrite(workspace, actor, path)) throw writeRefused(store.release, "schedule", "lib.rs:291:6");
    const schedule: Schedule = {
      path,
      scriptPath: sent.script_path,
      isFlow: sent.is_flow,
      enabled: sent.enabled ?? true,
      cronVersion: "v2",
      editedBy: actor.username,
      editedAt: store.clock.iso(),
      error: null,
      extraPerms: {},
      ...edited(sent, actor),
    };
    // Before the schedule exists: what cannot be queued is refused as a whole.
    if (schedule.enabled) ticks.arm(workspace, schedule, actor);
    deployedIn(workspace).schedules.set(path, schedule);
    return text(path);
  });

  api.post("/api/w/:w/schedules/update/*", async (c) => {
    const workspace = workspaceOf(c, store);
    const actor = c.get("actor");
    const path = pathAfter(c, "/schedules/update/");
    const sent = await readBody(c, EDIT_SCHEDULE);
    checkCron(sent.schedule);
    const schedule = find(workspace, path);
    if (!schedule || !canWrite(workspace, actor, path, schedule.extraPerms)) throw absent(path);
    const changed: Schedule = { ...schedule, ...edited(sent, actor) };
    if (changed.enabled) ticks.arm(workspace, changed, actor);
    deployedIn(workspace).schedules.set(path, changed);
    return text(path);
  });

  api.post("/api/w/:w/schedules/setenabled/*", async (c) => {
    const workspace = workspaceOf(c, store);
    const actor = c.get("actor");
    const path = pathAfter(c, "/schedules/setenabled/");
    const { enabled } = await readBody(c, SET_ENABLED);
    const schedule = find(workspace, path);
    if (!schedule || !canWrite(workspace, actor, path, schedule.extraPerms)) throw absent(path);
    if (enabled) ticks.arm(workspace, schedule, actor);
    else ticks.disarm(workspace, path);
    schedule.enabled = enabled;
    return text(`succesfully updated schedule at path ${path} to status ${enabled}`);
  });

  api.delete("/api/w/:w/schedules/delete/*", (c) => {
    const workspace = workspaceOf(c, store);
    const path = pathAfter(c, "/schedules/delete/");
    const schedule = find(workspace, path);
    if (!schedule || !canRead(workspace, c.get("actor"), path, schedule.extraPerms))
      throw notFound(`Schedule ${path} not found`);
    if (!canWrite(workspace, c.get("actor"), path, schedule.extraPerms))
      throw notAuthorized(`Not authorized to delete schedule ${path}`);
    ticks.disarm(workspace, path);
    deployedIn(workspace).schedules.delete(path);
    return text(`schedule ${path} deleted`);
  });

  api.get("/api/w/:w/schedules/get/*", (c) => {
    const workspace = workspaceOf(c, store);
    const path = pathAfter(c, "/schedules/get/");
    const schedule = find(workspace, path);
    if (!schedule || !canRead(workspace, c.get("actor"), path, schedule.extraPerms)) {
      throw notFound(`Schedule not found at path ${path}`);
    }
    const error = schedule.error === null ? {} : { error: schedule.error };
    const { permissionedAs: permissioned_as } = schedule;
    return json({
      ...located(workspace, schedule),
      ...scheduleSettings(schedule),
      permissioned_as,
      ...error,
      is_draft: false,
    });
  });

  api.get("/api/w/:w/schedules/exists/*", (c) =>
    json(find(workspaceOf(c, store), pathAfter(c, "/schedules/exists/")) !== undefined),
  );

  api.get("/api/w/:w/schedules/list", (c) => {
    const workspace = workspaceOf(c, store);
    const { path, is_flow: isFlow, path_start: pathStart = "", schedule_path: schedulePath } = c.req.query();
    const shown = [...deployedIn(workspace).schedules.values()]
      .filter((schedule) => canRead(workspace, c.get("actor"), schedule.path, schedule.extraPerms))
      .filter((schedule) => path === undefined || schedule.scriptPath === path)
      .filter((schedule) => isFlow === undefined || String(schedule.isFlow) === isFlow)
      .filter((schedule) => schedule.path.startsWith(pathStart))
      .filter((schedule) => schedulePath === undefined || schedule.path === schedulePath)
      .sort((a, b) => (a.editedAt < b.editedAt ? 1 : -1));
    return json(
      shown.map((schedule) => ({
        ...located(workspace, schedule),
        schedule: schedule.schedule,
        timezone: schedule.timezone,
        enabled: schedule.enabled,
        script_path: schedule.scriptPath,
        is_flow: schedule.isFlow,
        summary: schedule.summary,
        is_draft: false,
      })),
    );
  });

  api.post("/api/schedules/preview", async (c) => {
    const { schedule, timezone } = await readBody(c, PREVIEW);
    checkCron(schedule);
    checkTimezone(timezone);
    const times = upcoming(schedule, timezone, store.clock.now(), PREVIEWED);
    return json(times.map((time) => time.toISOString().replace(".000Z", "Z")));
  });
};

function absent(path: string) {
  return notFound(`Schedule not found at name ${path} (lib.rs:1121)`);
}

function located(workspace: Workspace, { path, editedBy, editedAt, extraPerms }: Schedule) {
  return { workspace_id: workspace.id, path, edited_by: editedBy, edited_at: editedAt, extra_perms: extraPerms };
}
