import * as z from "zod";
import { FOLDER } from "../core/paths.ts";
import { findJob } from "./jobs.ts";
import type { Progress } from "./progress.ts";
import * as resources from "./resources.ts";
import { type Windmill, WindmillError } from "./windmill.ts";

/**
 * One at a time. Windmill has no locks in the community edition, but creating a resource at a path that is taken fails,
 * atomically: the resource at the lock's path belongs to the job that made it.
 */
export interface Lock {
  path: string;
  /** What its holder does, after its name. */
  doing: string;
  /** Milliseconds to wait for another holder. */
  patience_ms: number;
  poll_ms: number;
  /** Milliseconds after which a holder whose job waits in the queue is dead: longer than it may wait for a worker after a restart. */
  lifetime_ms: number;
}

/** Held by a job that changes the connection. Most changes are over in a few seconds; none of our scripts runs for longer. */
const CHANGE: Lock = {
  path: `${FOLDER}/change_lock`,
  doing: "is changing the connection",
  patience_ms: 60_000,
  poll_ms: 2_000,
  lifetime_ms: 20 * 60_000,
};

/** Held while a lock of a dead job is replaced, so that of two jobs that find it only one removes it. */
const takeover = ({ path }: Lock): string => `${path}_takeover`;

const Holder = z.object({
  job: z.string(),
  by: z.string(),
  command: z.string(),
  /** ISO 8601. */
  since: z.string(),
});
type Holder = z.infer<typeof Holder>;

/** Another job holds the lock. */
export class LockedError extends Error {
  override readonly name = "LockedError";

  constructor(holder: Holder, { doing }: Lock) {
    super(
      `${holder.command} ${doing} (run by ${holder.by} since ${holder.since}, job ${holder.job}), so this run changed nothing. Wait for that job to end, and run this again. If it hangs, cancel it first: what it has begun is brought to its end by the next run.`,
    );
  }
}

/**
 * Runs `work` while nobody else holds the lock: that of changes unless told otherwise.
 *
 * @throws LockedError when another job holds it for longer than one waits.
 */
export async function withLock<T>(
  windmill: Windmill,
  command: string,
  progress: Progress,
  work: () => Promise<T>,
  lock: Lock = CHANGE,
): Promise<T> {
  const me: Holder = { job: windmill.jobId, by: windmill.permissionedAs, command, since: new Date().toISOString() };
  await acquire(windmill, lock, me, progress);
  try {
    return await work();
  } finally {
    // A lock that cannot be released is that of a dead job soon, and taken over.
    await release(windmill, lock.path, me).catch(() => undefined);
  }
}

async function acquire(windmill: Windmill, lock: Lock, me: Holder, progress: Progress): Promise<void> {
  const until = performance.now() + lock.patience_ms;
  for (;;) {
    if (await create(windmill, lock.path, me)) return;
    const holder = await holderOf(windmill, lock.path);
    if (holder === null) continue;
    if (await isDead(windmill, lock, holder, me)) await evict(windmill, lock, holder, me);
    else if (performance.now() > until) throw new LockedError(holder, lock);
    else {
      progress.step(`wait for ${holder.command}, run by ${holder.by} (job ${holder.job})`, 0.02);
      await sleep(lock.poll_ms);
    }
  }
}

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Makes the resource; false when it is there already. */
async function create(windmill: Windmill, path: string, me: Holder): Promise<boolean> {
  try {
    await resources.createState(windmill, path, me);
    return true;
  } catch (error) {
    if (error instanceof WindmillError && error.status === 400 && error.said.includes("already exists")) return false;
    // The answer may have got lost on the way back.
    if (isSame(await holderOf(windmill, path).catch(() => null), me)) return true;
    throw error;
  }
}

/** Who holds a lock; null when nobody does. One that cannot be read belongs to nobody alive. */
async function holderOf(windmill: Windmill, path: string): Promise<Holder | null> {
  const value = await resources.readState(windmill, path);
  if (value === null) return null;
  const parsed = Holder.safeParse(value);
  return parsed.success
    ? parsed.data
    : { job: "", by: "somebody", command: "another version", since: "1970-01-01T00:00:00Z" };
}

const isSame = (holder: Holder | null, other: Holder): boolean =>
  holder?.job === other.job && holder.since === other.since;

/**
 * Whether a holder has died: its job is over or gone, or it is this very job in an earlier life, because Windmill starts a job again
 * under its own id when its worker has died. A job that runs is alive, whatever the clocks of two workers say of its age.
 */
async function isDead(windmill: Windmill, { lifetime_ms }: Lock, holder: Holder, me: Holder): Promise<boolean> {
  if (holder.job === "" || holder.job === me.job) return true;
  const job = await findJob(windmill, holder.job);
  if (job === null || job.over) return true;
  return !job.running && Date.now() - Date.parse(holder.since) > lifetime_ms;
}

/** Removes the lock of a dead job, unless somebody else is about to, or has done it. */
async function evict(windmill: Windmill, lock: Lock, dead: Holder, me: Holder): Promise<void> {
  if (!(await create(windmill, takeover(lock), me))) {
    const rival = await holderOf(windmill, takeover(lock));
    if (rival !== null && (await isDead(windmill, lock, rival, me))) await release(windmill, takeover(lock), rival);
    await sleep(lock.poll_ms);
    return;
  }
  try {
    await release(windmill, lock.path, dead);
  } finally {
    await release(windmill, takeover(lock), me);
  }
}

/** Removes a lock if it is still that holder's. */
async function release(windmill: Windmill, path: string, holder: Holder): Promise<void> {
  const current = await holderOf(windmill, path);
  if (isSame(current, holder)) await resources.deleteState(windmill, path);
}
