import "windmill-client@1.818.0";
import * as z from "zod@4.6.7";
import { FOLDER } from "./paths.ts";
import type { Progress } from "./progress.ts";
import { type Windmill, WindmillError } from "./windmill.ts";
import { findJob } from "./workspace/jobs.ts";
import * as resources from "./workspace/resources.ts";

/**
 * One change at a time. Windmill has no locks in the community edition, but creating a resource at a path that is taken fails,
 * atomically: the resource at {@link LOCK} belongs to the job that made it.
 */
const LOCK = `${FOLDER}/change_lock`;
/** Held while a lock of a dead job is replaced, so that of two jobs that find it only one removes it. */
const TAKEOVER = `${FOLDER}/change_lock_takeover`;

const Holder = z.object({
  job: z.string(),
  by: z.string(),
  command: z.string(),
  /** ISO 8601. */
  since: z.string(),
});
type Holder = z.infer<typeof Holder>;

/** Milliseconds to wait for another change: most are over in a few seconds. */
const PATIENCE_MS = 60_000;
const POLL_MS = 2_000;
/** Milliseconds after which a holder is dead whatever its job looks like: longer than any of our scripts may run. */
const LIFETIME_MS = 20 * 60_000;

/** Another job is changing the connection. */
export class LockedError extends Error {
  override readonly name = "LockedError";

  constructor(holder: Holder) {
    super(
      `${holder.command} is changing the connection (run by ${holder.by} since ${holder.since}, job ${holder.job}). Nothing was changed. Wait for it to end, or cancel that job, and run this again.`,
    );
  }
}

/**
 * Runs `work` while nobody else changes the connection.
 *
 * @throws LockedError when another change goes on for longer than a minute.
 */
export async function withLock<T>(
  windmill: Windmill,
  command: string,
  progress: Progress,
  work: () => Promise<T>,
): Promise<T> {
  const me: Holder = { job: windmill.jobId, by: windmill.permissionedAs, command, since: new Date().toISOString() };
  await acquire(windmill, me, progress);
  try {
    return await work();
  } finally {
    // A lock that cannot be released is that of a dead job soon, and taken over.
    await release(windmill, LOCK, me).catch(() => undefined);
  }
}

async function acquire(windmill: Windmill, me: Holder, progress: Progress): Promise<void> {
  const until = performance.now() + PATIENCE_MS;
  for (;;) {
    if (await create(windmill, LOCK, me)) return;
    const holder = await holderOf(windmill, LOCK);
    if (holder === null) continue;
    if (await isDead(windmill, holder)) await evict(windmill, holder, me);
    else if (performance.now() > until) throw new LockedError(holder);
    else {
      progress.step(`wait for ${holder.command}, run by ${holder.by} (job ${holder.job})`, 0.02);
      await sleep(POLL_MS);
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
    if ((await holderOf(windmill, path).catch(() => null))?.job === me.job) return true;
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

async function isDead(windmill: Windmill, holder: Holder): Promise<boolean> {
  if (Date.now() - Date.parse(holder.since) > LIFETIME_MS || holder.job === "") return true;
  const job = await findJob(windmill, holder.job);
  return job === null || job.over;
}

/** Removes the lock of a dead job, unless somebody else is about to, or has done it. */
async function evict(windmill: Windmill, dead: Holder, me: Holder): Promise<void> {
  if (!(await create(windmill, TAKEOVER, me))) {
    const rival = await holderOf(windmill, TAKEOVER);
    if (rival !== null && (await isDead(windmill, rival))) await release(windmill, TAKEOVER, rival);
    await sleep(POLL_MS);
    return;
  }
  try {
    await release(windmill, LOCK, dead);
  } finally {
    await release(windmill, TAKEOVER, me);
  }
}

/** Removes a lock if it is still that holder's. */
async function release(windmill: Windmill, path: string, holder: Holder): Promise<void> {
  const current = await holderOf(windmill, path);
  if (current?.job === holder.job && current.since === holder.since) await resources.deleteState(windmill, path);
}
