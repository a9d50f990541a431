import * as z from "zod";
import { asRecord, differences } from "../core/json.ts";
import { FOLDER } from "../core/paths.ts";
import { keepable } from "../core/showable.ts";
import { INTENT } from "../observe/intent.ts";
import { readState, writeState } from "../windmill/resources.ts";
import type { Windmill } from "../windmill/windmill.ts";
import type { Change } from "./handlers.ts";

/** What each change overwrote, kept so that it can be put back later. No secret is in it: keys are never part of a snapshot. */
export const SNAPSHOTS = `${FOLDER}/snapshots`;
const VERSION = 1;
/** Snapshots that are kept; the oldest go first. */
const KEPT = 20;

const Json = z.record(z.string(), z.unknown());

export const Snapshot = z.object({
  /** The job that made the change: people find it in the runs. */
  id: z.string(),
  /** ISO 8601. */
  at: z.string(),
  by: z.string(),
  command: z.string(),
  /** The AI settings before and after; null when the change left them alone. */
  ai_settings: z.object({ before: Json, after: Json }).nullable(),
  /** The resource's value before and after, without credentials; null where there was none. */
  resource: z
    .object({
      path: z.string(),
      before: Json.nullable(),
      after: Json.nullable(),
      /** Dotted places that the change took away and that may have held a credential: they are in no snapshot. */
      left_out: z.array(z.string()).optional(),
    })
    .nullable(),
  /** What was asked for before: null when nothing was, absent when the change left it alone. */
  intent: Json.nullable().optional(),
  /** Id of the snapshot whose change this one undid. */
  undoes: z.string().optional(),
});
export type Snapshot = z.infer<typeof Snapshot>;

const Store = z.object({ version: z.literal(VERSION), snapshots: z.array(Snapshot) });

/** All snapshots, the newest first. A store that is damaged or of another version counts as empty. */
export async function listSnapshots(windmill: Windmill): Promise<Snapshot[]> {
  const parsed = Store.safeParse(await readState(windmill, SNAPSHOTS));
  return parsed.success ? parsed.data.snapshots : [];
}

/** What a plan overwrites of the AI settings and the resource; null when it touches neither. */
export function snapshotOf(
  changes: readonly Change[],
  about: Pick<Snapshot, "id" | "at" | "by" | "command" | "undoes">,
): Snapshot | null {
  const settings = changes.find((change) => change.kind === "save-ai-settings");
  const resource = changes.map(resourceOf).find((one) => one !== null) ?? null;
  if (!settings && resource === null) return null;
  const record = changes.find((change) => change.kind === "write-record" && change.path === INTENT);
  return {
    ...about,
    ...(record?.kind === "write-record" ? { intent: record.before === null ? null : asRecord(record.before) } : {}),
    ai_settings: settings ? { before: settings.before, after: settings.after } : null,
    resource,
  };
}

/** What a change does to the resource; null for one that is about something else. */
function resourceOf(change: Change): Snapshot["resource"] {
  const { path } = "path" in change ? change : { path: "" };
  if (change.kind === "create-resource") return { path, before: null, after: keepable(change.value).value };
  if (change.kind === "delete-resource") return withLeftOut(path, change.value, null);
  if (change.kind !== "replace-resource") return null;
  return withLeftOut(path, change.before, change.after);
}

/** Before and after without credentials, and what of them the change takes away that nobody can put back from here. */
function withLeftOut(path: string, before: unknown, after: unknown): Snapshot["resource"] {
  const kept = keepable(before);
  const changed = new Set(differences(before, after ?? {}).map((one) => one.path));
  const left_out = kept.left_out.filter((place) => [...changed].some((one) => `${place}.`.startsWith(`${one}.`)));
  return {
    path,
    before: kept.value,
    after: after === null ? null : keepable(after).value,
    ...(left_out.length > 0 ? { left_out } : {}),
  };
}

/** Adds a snapshot and drops the oldest beyond {@link KEPT}. */
export async function keepSnapshot(windmill: Windmill, snapshot: Snapshot): Promise<void> {
  const others = (await listSnapshots(windmill)).filter(({ id }) => id !== snapshot.id);
  await writeState(windmill, SNAPSHOTS, { version: VERSION, snapshots: [snapshot, ...others].slice(0, KEPT) });
}

/** Forgets a snapshot, because its change was put back. */
export async function dropSnapshot(windmill: Windmill, id: string): Promise<void> {
  const others = (await listSnapshots(windmill)).filter((one) => one.id !== id);
  await writeState(windmill, SNAPSHOTS, { version: VERSION, snapshots: others });
}

/** Ids of the snapshots whose change is undone: by an undo that was not undone itself. */
export function undoneIds(newestFirst: readonly Snapshot[]): Set<string> {
  const undone = new Set<string>();
  for (const { id, undoes } of newestFirst) if (undoes !== undefined && !undone.has(id)) undone.add(undoes);
  return undone;
}
