import type { Workspace } from "../store.ts";
import type { Engine } from "./engine.ts";
import type { JobSpec, Outcome } from "./job.ts";
import type { Job } from "./state.ts";

/**
 * The dependency jobs of an instance: what waits, what has its time, and the workers that take them. It keeps its own time, so
 * that hours of it can be played without waiting and without moving the clock.
 */
export interface DependencyQueue {
  /** Queues the job of a push: it is due at once, and nothing takes its place. */
  push(workspace: Workspace, spec: JobSpec): void;
  /** Queues the job of an importer, due after `delayMs`, in place of a waiting one for the same item when jobs are merged. */
  relock(workspace: Workspace, spec: JobSpec, delayMs: number): void;
  /** Does something that needs no worker after some time. */
  after(delayMs: number, task: () => void): void;
  /** Does what is due and what follows from it, however far away, and waits for it. */
  settle(): Promise<void>;
  /** How many jobs of a workspace were left out because of the limit `relocking.most`. */
  notMade(workspace: Workspace): number;
}

/** Something that happens at a time. */
interface Due {
  due: number;
}
interface Task extends Due {
  run(): void | Promise<void>;
}
interface Waiting extends Due {
  job: Job;
  /** Names the item; undefined when nothing may take the job's place. */
  key?: string;
}

/** Keeps a list sorted by time, in the order of arrival where it is the same. New ones nearly always go to the end. */
function insert<T extends Due>(list: T[], item: T): void {
  let at = list.length;
  while (at > 0 && (list[at - 1]?.due ?? 0) > item.due) at -= 1;
  list.splice(at, 0, item);
}

/** The arguments of flows and apps that jobs which are merged bring together: ids of what has to be locked again. */
const ACCUMULATED = ["nodes_to_relock", "components_to_relock"];

/**
 * @param pull called when a worker takes a job; an outcome ends the job without running it
 */
export function createDependencyQueue(engine: Engine, pull: (job: Job) => Outcome | undefined): DependencyQueue {
  const { clock, relocking: settings } = engine.store;
  const waiting: Waiting[] = [];
  const tasks: Task[] = [];
  const mergeable = new Map<string, Waiting>();
  const left = new WeakMap<Workspace, number>();
  let made = 0;
  let busy = 0;
  /** Time of the queue while it plays ahead of the clock. */
  let time = Number.NEGATIVE_INFINITY;
  let horizon = Number.NEGATIVE_INFINITY;
  let playing: Promise<void> | undefined;
  let disarm = () => {};
  const now = () => Math.max(clock.now(), time);

  const start = async ({ job, key }: Waiting) => {
    if (key !== undefined && mergeable.get(key)?.job === job) mergeable.delete(key);
    job.phase = "running";
    const ended = pull(job);
    if (ended) return engine.finish(job, ended);
    busy += 1;
    insert(tasks, { due: now() + settings.jobMs, run: () => finish(job) });
  };
  /** Waits for the job unless other scripts have all of the worker's places: they may last as long as they like. */
  const finish = async (job: Job) => {
    const { free } = engine.slots;
    const done = engine.start(job).then(() => {
      busy -= 1;
      if (!free) arm();
    });
    if (free) await done;
  };

  /** What happens next. Jobs that somebody cancelled are gone. */
  const next = (): Task | undefined => {
    while (waiting[0] && waiting[0].job.phase !== "queued") waiting.shift();
    const [task] = tasks;
    const job = busy < settings.workers ? waiting[0] : undefined;
    const jobDue = job ? Math.max(job.due, now()) : Number.POSITIVE_INFINITY;
    if (task && task.due <= jobDue) return { due: task.due, run: () => tasks.shift()?.run() };
    return job && { due: jobDue, run: () => start(waiting.shift() ?? job) };
  };
  const playAll = async () => {
    for (let event = next(); event && event.due <= horizon; event = next()) {
      time = Math.max(time, event.due);
      await event.run();
    }
  };
  const play = (until: number): Promise<void> => {
    horizon = Math.max(horizon, until);
    playing ??= playAll().finally(() => {
      playing = undefined;
      time = Number.NEGATIVE_INFINITY;
      horizon = Number.NEGATIVE_INFINITY;
      arm();
    });
    return playing;
  };
  const arm = () => {
    disarm();
    if (playing) return;
    const event = next();
    disarm = event ? clock.at(event.due, () => play(clock.now())) : () => {};
  };

  const add = (workspace: Workspace, spec: JobSpec, delayMs: number, key?: string) => {
    const due = now() + delayMs;
    const job = engine.push(workspace, { ...spec, scheduledFor: new Date(due).toISOString() });
    const item: Waiting = { job, due, ...(key === undefined ? {} : { key }) };
    insert(waiting, item);
    if (key !== undefined) mergeable.set(key, item);
    arm();
  };

  return {
    push: (workspace, spec) => add(workspace, spec, 0),
    relock(workspace, spec, delayMs) {
      if (made >= settings.most) {
        const count = (left.get(workspace) ?? 0) + 1;
        left.set(workspace, count);
        if (count > 1) return;
        return console.error(
          `The Windmill stand-in re-locks no further: ${made} jobs for importers are its limit here.`,
        );
      }
      made += 1;
      const key = settings.merge ? `${workspace.id}:${spec.path}:${spec.kind}` : undefined;
      const former = key === undefined ? undefined : mergeable.get(key)?.job;
      if (former?.phase !== "queued") return add(workspace, spec, delayMs, key);
      former.isSkipped = true;
      engine.finish(former, { success: true, result: null });
      add(workspace, { ...spec, args: accumulated(former.args, spec.args) }, delayMs, key);
    },
    after(delayMs, task) {
      insert(tasks, { due: now() + delayMs, run: task });
      arm();
    },
    async settle() {
      do {
        await play(Number.POSITIVE_INFINITY);
        await engine.idle();
      } while (next());
    },
    notMade: (workspace) => left.get(workspace) ?? 0,
  };
}

function accumulated(former: Record<string, unknown>, args: Record<string, unknown>): Record<string, unknown> {
  const together = ACCUMULATED.flatMap((name) => {
    const [before, now] = [former[name], args[name]];
    return Array.isArray(before) && Array.isArray(now) ? [[name, [...before, ...now]] as const] : [];
  });
  return { ...args, ...Object.fromEntries(together) };
}
