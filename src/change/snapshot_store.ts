import * as z from "zod";
import { FOLDER } from "../core/paths.ts";
import { copyPath, isTemporaryPath } from "../core/temporary.ts";
import { findJob } from "../windmill/jobs.ts";
import { findResource, readState, writeState } from "../windmill/resources.ts";
import type { Windmill } from "../windmill/windmill.ts";
import type { Plan } from "./plan.ts";
import { type About, continued, Snapshot, snapshotOf, touchedBy } from "./snapshot.ts";

/** The snapshots on record. No secret is in them: keys are never part of a snapshot. */
export const SNAPSHOTS = `${FOLDER}/snapshots`;
const VERSION = 1;
/** Snapshots that are kept; the oldest go first. */
const KEPT = 20;

const Store = z.object({ version: z.literal(VERSION), snapshots: z.array(Snapshot) });

/** All snapshots, the newest first. A store that is damaged or of another version counts as empty. */
export async function listSnapshots(windmill: Windmill): Promise<Snapshot[]> {
  const parsed = Store.safeParse(await readState(windmill, SNAPSHOTS));
  return parsed.success ? parsed.data.snapshots.map(withoutTemporary).filter((one) => one !== null) : [];
}

/** Version 0.1.0 took the copy that a run which died had left for the resource; what is left of such a snapshot, if anything is. */
function withoutTemporary(snapshot: Snapshot): Snapshot | null {
  if (snapshot.resource === null || !isTemporaryPath(snapshot.resource.path)) return snapshot;
  return snapshot.ai_settings === null && snapshot.undoes === undefined ? null : { ...snapshot, resource: null };
}

const writeSnapshots = (windmill: Windmill, snapshots: readonly Snapshot[]): Promise<unknown> =>
  writeState(windmill, SNAPSHOTS, { version: VERSION, snapshots: snapshots.slice(0, KEPT) });

/** The record of a change while it is made. */
export interface Recording {
  /** The change is made and works. */
  close(): Promise<void>;
  /** Everything was put back, so that what the change is about was never changed. */
  forget(): Promise<void>;
}

/**
 * Puts on record what a plan overwrites, before it does.
 *
 * @throws WindmillError when that cannot be written; nothing is to be changed then.
 */
export async function recordChange(windmill: Windmill, plan: Plan, about: About): Promise<Recording> {
  const own = snapshotOf(plan.changes, about);
  const all = await listSnapshots(windmill);
  const dead = await cutShort(windmill, plan, all, about);
  if (own === null && dead.every(({ open }) => open === false)) return NOTHING;
  const others = all.slice(dead.length).filter(({ id }) => id !== about.id);
  const snapshot = continued(dead, own, await foundBy(windmill, plan, dead));
  const list = (open: boolean): Snapshot[] => (snapshot === null ? others : [{ ...snapshot, open }, ...others]);
  await writeSnapshots(windmill, list(true));
  return {
    async close() {
      if (plan.changes.some((change) => change.kind === "delete-record" && change.path === SNAPSHOTS)) return;
      if (snapshot === null) return;
      const closed = (): Promise<unknown> => writeSnapshots(windmill, list(false).map(over(about)));
      // Writing the same list again does no harm, and one that stays open does none while its job is known to have succeeded.
      await closed()
        .catch(closed)
        .catch(() => undefined);
    },
    async forget() {
      // A change that never was would only mislead. A failure here is not told: putting back nothing does no harm.
      await writeSnapshots(windmill, all).catch(() => undefined);
    },
  };
}

const NOTHING: Recording = { close: async () => undefined, forget: async () => undefined };

/** A change that died on the way and is undone now is over. */
const over =
  ({ undoes }: About) =>
  (snapshot: Snapshot): Snapshot =>
    snapshot.id === undoes ? { ...snapshot, open: false } : snapshot;

/**
 * The newest snapshots whose runs died on the way, so that this run goes on where they ended: also an earlier life of this very job,
 * which Windmill starts again under its id when its worker has died. The one that this run undoes is not gone on with.
 */
async function cutShort(
  windmill: Windmill,
  { live }: Plan,
  newestFirst: readonly Snapshot[],
  { id, undoes }: About,
): Promise<Snapshot[]> {
  const dead: Snapshot[] = [];
  for (const snapshot of newestFirst) {
    if (snapshot.id === undoes) break;
    // The same undo once more: it goes on with the first one, even where nothing is left to put back.
    const sameUndo = undoes !== undefined && snapshot.undoes === undoes && dead.length === 0;
    // Who is on a copy is there because a run died; version 0.1.0 did not mark its snapshot.
    const onCopy = dead.length === 0 && live !== null && live.resource.path === copyPath(live.resource.path);
    const unfinished = onCopy || (snapshot.open === true && !(await hasSucceeded(windmill, snapshot.id)));
    if (snapshot.id !== id && !unfinished && !sameUndo) break;
    dead.push(snapshot);
  }
  return dead;
}

const hasSucceeded = async (windmill: Windmill, job: string): Promise<boolean> =>
  (await findJob(windmill, job))?.succeeded === true;

/** What there is now of all that the runs which died may have touched. */
async function foundBy(windmill: Windmill, { settings }: Plan, dead: readonly Snapshot[]) {
  const paths = [...new Set(dead.flatMap(touchedBy).map(({ path }) => path))];
  const values = await Promise.all(
    paths.map(async (path): Promise<[string, unknown]> => [path, (await findResource(windmill, path))?.value ?? null]),
  );
  return { settings, resources: new Map(values) };
}

/**
 * The snapshot whose undoing did not come to its end, so that the next undo goes on with it; undefined when there is none. An undo
 * that Windmill starts again under its own id is about what it was about before.
 */
export async function undoCutShort(windmill: Windmill, snapshots: readonly Snapshot[]): Promise<Snapshot | undefined> {
  const mine = snapshots.find(({ id }) => id === windmill.jobId);
  const [last] = snapshots;
  const undoes = mine?.undoes ?? (last?.open === true ? last.undoes : undefined) ?? (await failedUndo(windmill, last));
  return undoes === undefined ? undefined : snapshots.find(({ id }) => id === undoes);
}

/** What the last undo was about whose job did not succeed, however far it got: whoever repeats it means the same one. */
async function failedUndo(windmill: Windmill, last: Snapshot | undefined): Promise<string | undefined> {
  if (last?.undoes === undefined) return undefined;
  const job = await findJob(windmill, last.id);
  return job?.over && !job.succeeded ? last.undoes : undefined;
}
