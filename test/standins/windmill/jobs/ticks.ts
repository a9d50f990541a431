import { type Actor, canRead } from "../access.ts";
import { ApiError, badRequest, notFound } from "../errors.ts";
import type { Workspace } from "../store.ts";
import { checkTimezone, upcoming } from "./cron.ts";
import type { Engine } from "./engine.ts";
import type { JobSpec } from "./job.ts";
import { flowSpec, scriptSpec } from "./runnables.ts";
import { currentScript, deployedIn, type Identity, type Job, runnableScript, type Schedule } from "./state.ts";

/** Queues the next run of every enabled schedule and starts it when the clock reaches it. */
export interface Ticks {
  /**
   * Queues the next run in place of the one that is queued.
   * @param actor whose rights the script or flow has to be readable with; default those of the schedule
   * @throws ApiError when the time zone is unknown, or the script or flow is not there
   */
  arm(workspace: Workspace, schedule: Schedule, actor?: Actor): void;
  /** Takes the queued run out of the queue. */
  disarm(workspace: Workspace, path: string): void;
}

const ticksOfEngine = new WeakMap<Engine, Ticks>();

/** The ticks of an engine. */
export function ticksOf(engine: Engine): Ticks {
  const known = ticksOfEngine.get(engine);
  if (known) return known;
  const { clock } = engine.store;
  const armed = new Map<string, { job: Job; cancel: () => void }>();
  const keyOf = (workspace: Workspace, path: string) => `${workspace.id}:${path}`;

  const rearm = (workspace: Workspace, schedule: Schedule) => {
    if (deployedIn(workspace).schedules.get(schedule.path) !== schedule || !schedule.enabled) return;
    try {
      ticks.arm(workspace, schedule);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      Object.assign(schedule, { enabled: false, error: error.message });
    }
  };

  const ticks: Ticks = {
    arm(workspace, schedule, actor) {
      ticks.disarm(workspace, schedule.path);
      checkTimezone(schedule.timezone);
      const [next] = upcoming(schedule.schedule, schedule.timezone, clock.now(), 1);
      if (!next) throw badRequest(`the schedule ${schedule.schedule} is never due`);
      const job = engine.push(workspace, {
        ...specOf(engine, workspace, schedule, actor),
        scheduledFor: next.toISOString(),
      });
      schedule.error = null;
      const fire = async () => {
        armed.delete(keyOf(workspace, schedule.path));
        // A flow's next run is queued when it starts, a script's when it is over: scripts never overlap.
        if (schedule.isFlow) rearm(workspace, schedule);
        await engine.start(job);
        if (!schedule.isFlow) rearm(workspace, schedule);
      };
      armed.set(keyOf(workspace, schedule.path), { job, cancel: clock.at(next.getTime(), fire) });
    },
    disarm(workspace, path) {
      const key = keyOf(workspace, path);
      const tick = armed.get(key);
      if (!tick) return;
      tick.cancel();
      armed.delete(key);
      deployedIn(workspace).jobs.delete(tick.job.id);
    },
  };
  ticksOfEngine.set(engine, ticks);
  return ticks;
}

/** The running job that keeps a scheduled flow from running, if its schedule forbids overlaps. */
export function overlapping(workspace: Workspace, job: Job): Job | undefined {
  const { schedules, jobs } = deployedIn(workspace);
  if (job.schedulePath === undefined || !schedules.get(job.schedulePath)?.noFlowOverlap) return undefined;
  return [...jobs.values()].find(
    (other) =>
      other !== job && other.phase === "running" && other.schedulePath === job.schedulePath && other.path === job.path,
  );
}

function specOf(engine: Engine, workspace: Workspace, schedule: Schedule, actor: Actor | undefined): JobSpec {
  const { path, scriptPath, isFlow, args } = schedule;
  const identity = permissioned(engine, workspace, schedule);
  const readable = (item: { path: string; extraPerms: Record<string, boolean> }) =>
    !actor || canRead(workspace, actor, item.path, item.extraPerms);
  const common = {
    args: (args ?? {}) as Record<string, unknown>,
    createdBy: `schedule-${path.replaceAll("/", "-")}`,
    identity,
    schedulePath: path,
  };
  if (isFlow) {
    const flow = deployedIn(workspace).flows.get(scriptPath);
    if (!flow || flow.archived || !readable(flow)) throw notFound(`flow not found at name ${scriptPath} (lib.rs:2115)`);
    return { ...flowSpec(flow), ...common };
  }
  // A schedule, unlike a run by path, wants a script that is not archived.
  const script = currentScript(workspace, scriptPath) && runnableScript(workspace, scriptPath);
  if (!script || !readable(script)) throw notFound(`script not found at name ${scriptPath} (lib.rs:1854)`);
  return { ...scriptSpec(script), ...common };
}

/** The rights that the schedule's runs have, as they are now. */
function permissioned({ store }: Engine, workspace: Workspace, { permissionedAs }: Schedule): Identity {
  const member = workspace.members.get(permissionedAs.replace(/^u\//, ""));
  if (!member || member.disabled) throw notFound(`user ${permissionedAs} not found in workspace ${workspace.id}`);
  const isAdmin = member.isAdmin || (store.users.get(member.email)?.superAdmin ?? false);
  return { email: member.email, username: member.username, isAdmin, groups: [...member.groups] };
}
