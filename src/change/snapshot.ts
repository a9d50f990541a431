import * as z from "zod";
import { asRecord, differences, sameJson } from "../core/json.ts";
import { keepable } from "../core/showable.ts";
import { copyPath, isTemporaryPath } from "../core/temporary.ts";
import { type RawAiSettings, viewSettings } from "../observe/ai_settings.ts";
import { isIntentPath } from "../observe/intent.ts";
import type { Change } from "./change.ts";
import { withResourcePath } from "./detour.ts";
import { putBack } from "./put_back.ts";

/**
 * What a change overwrote, kept so that it can be put back later. A change and the run that completes it are one: what a run finds
 * that another one has left half done is not what was there before. Pure.
 */

const Json = z.record(z.string(), z.unknown());

/** A resource's value before and after, without credentials; null where there was none. */
const Touched = z.object({
  path: z.string(),
  before: Json.nullable(),
  after: Json.nullable(),
  /** Dotted places that the change took away and that may have held a credential: they are in no snapshot. */
  left_out: z.array(z.string()).optional(),
});
export type Touched = z.infer<typeof Touched>;

export const Snapshot = z.object({
  /** The job that made the change: people find it in the runs. */
  id: z.string(),
  /** ISO 8601. */
  at: z.string(),
  by: z.string(),
  command: z.string(),
  /** The AI settings before and after; null when the change left them alone. */
  ai_settings: z.object({ before: Json, after: Json }).nullable(),
  /** The resource that people use; null when the change left it alone. */
  resource: Touched.nullable(),
  /** Further resources that the change touched. */
  more_resources: z.array(Touched).optional(),
  /** What was asked for before: null when nothing was, absent when the change left it alone. */
  intent: Json.nullable().optional(),
  /** Id of the snapshot whose change this one undid. */
  undoes: z.string().optional(),
  /** Whether the run that makes the change has not come to its end: it goes on, or it died. Absent in version 0.1.0. */
  open: z.boolean().optional(),
  /** Ids of runs that died on this change, before the one above brought it to its end. */
  continues: z.array(z.string()).optional(),
});
export type Snapshot = z.infer<typeof Snapshot>;

/** Which run makes a change, and what for. */
export type About = Pick<Snapshot, "id" | "at" | "by" | "command" | "undoes">;

/** All resources that a change touched. */
export const touchedBy = ({ resource, more_resources = [] }: Snapshot): Touched[] => [
  ...(resource ? [resource] : []),
  ...more_resources,
];

/** Whether an id is that of a change, or of a run that died on it. */
export const isOf = ({ id, continues = [] }: Snapshot, wanted: string): boolean => [id, ...continues].includes(wanted);

/**
 * What changes overwrite of the AI settings and the resources; null when they touch neither, unless they undo something. Temporary
 * items are no part of it.
 */
export function snapshotOf(changes: readonly Change[], about: About): Snapshot | null {
  const saved = changes.find((change) => change.kind === "save-ai-settings");
  const record = changes.find((change) => change.kind === "write-record" && isIntentPath(change.path));
  const touched = changes.flatMap(touchedOf).filter(({ path }) => !isTemporaryPath(path));
  if (!saved && touched.length === 0 && about.undoes === undefined) return null;
  return {
    ...about,
    ...(record?.kind === "write-record" ? { intent: record.before === null ? null : asRecord(record.before) } : {}),
    ai_settings: saved ? { before: saved.before, after: saved.after } : null,
    ...split(touched, saved?.after ?? {}),
  };
}

/** The resource that the settings name first, then the others. */
function split(touched: readonly Touched[], settings: RawAiSettings): Pick<Snapshot, "resource" | "more_resources"> {
  const named = viewSettings(settings).connection?.resource_path;
  const resource = touched.find(({ path }) => path === named) ?? touched[0] ?? null;
  const more_resources = touched.filter((one) => one !== resource);
  return { resource, ...(more_resources.length > 0 ? { more_resources } : {}) };
}

/** What a change does to a resource; none for one that is about something else. */
function touchedOf(change: Change): Touched[] {
  const { path } = "path" in change ? change : { path: "" };
  if (change.kind === "create-resource") return [{ path, before: null, after: keepable(change.value).value }];
  if (change.kind === "delete-resource") return [withLeftOut(path, change.value, null)];
  if (change.kind !== "replace-resource") return [];
  return [withLeftOut(path, change.before, change.after)];
}

/** Before and after without credentials, and what of them the change takes away that nobody can put back from here. */
function withLeftOut(path: string, before: unknown, after: unknown): Touched {
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

/** What a run finds: the AI settings, and the values of resources by their path, null for what is not there. */
export interface Found {
  settings: RawAiSettings;
  resources: ReadonlyMap<string, unknown>;
}

/**
 * The snapshot of a run together with those of the runs before it that died: before them all was what is to be put back one day.
 * What other people have changed in between is theirs, and belongs to what was before.
 *
 * @param dead snapshots of the runs that died, the newest first.
 * @param own what this run changes; null when it touches nothing that a snapshot is about.
 * @returns null when nothing is different from before.
 */
export function continued(dead: readonly Snapshot[], own: Snapshot | null, found: Found): Snapshot | null {
  const [first] = dead;
  if (first === undefined) return own;
  const homes = [...dead.flatMap(namedBy), ...(own ? namedBy(own) : [])];
  const settings = offTheCopy(own?.ai_settings?.before ?? found.settings, homes);
  const before = dead.reduce<RawAiSettings>(
    (now, { ai_settings }) => (ai_settings ? undoneIn(now, ai_settings.before, ai_settings.after) : now),
    settings,
  );
  const after = own?.ai_settings?.after ?? found.settings;
  const intents = [own, ...dead].flatMap((one) => (one?.intent === undefined ? [] : [one.intent]));
  const ai_settings = sameJson(before, after) ? null : { before: { ...before }, after: { ...after } };
  const touched = resourcesOf(dead, own, found);
  const { undoes: _other, ...identity } = own ?? first;
  const undoes = own ? own.undoes : first.undoes;
  if (ai_settings === null && touched.length === 0 && own?.undoes === undefined) return null;
  const ids = dead.flatMap(({ id, continues = [] }) => [id, ...continues]).filter((id) => id !== identity.id);
  return {
    ...{ id: identity.id, at: identity.at, by: identity.by, command: identity.command },
    ai_settings,
    ...split(touched, after),
    ...(intents.length > 0 ? { intent: intents.at(-1) ?? null } : {}),
    ...(undoes === undefined ? {} : { undoes }),
    ...(ids.length > 0 ? { continues: [...new Set(ids)] } : {}),
  };
}

/** What a change did, undone in what is there now, but for what others have changed since. */
const undoneIn = (now: RawAiSettings, before: unknown, after: unknown): Record<string, unknown> =>
  asRecord(putBack(now, before, after, false).value);

function resourcesOf(dead: readonly Snapshot[], own: Snapshot | null, { resources }: Found): Touched[] {
  const mine = own ? touchedBy(own) : [];
  const paths = new Set([...mine, ...dead.flatMap(touchedBy)].map(({ path }) => path));
  const all = [...paths].map((path): Touched => {
    const there = resources.get(path) ?? null;
    const now = there === null ? null : keepable(there).value;
    const start: Touched = mine.find((one) => one.path === path) ?? { path, before: now, after: now };
    const marks = dead.flatMap(touchedBy).filter((one) => one.path === path);
    const left_out = [...new Set([start, ...marks].flatMap((one) => one.left_out ?? []))];
    const before = marks.reduce(withoutMark, start.before);
    return { path, before, after: start.after, ...(left_out.length > 0 ? { left_out } : {}) };
  });
  return all.filter(({ path, before, after }) => mine.some((one) => one.path === path) || !sameJson(before, after));
}

/** A resource's value as it was before a change that died on the way. */
function withoutMark(now: Touched["before"], { before, after }: Touched): Touched["before"] {
  // Windmill's deletions begin with emptying.
  const emptied = now !== null && sameJson(now, {});
  if (before === null) return now === null || emptied || sameJson(now, after) ? null : now;
  if (after === null) return now === null || emptied ? before : now;
  return now === null ? null : undoneIn(now, before, after);
}

/** Paths of the resources that a change is about. */
export const namedBy = (snapshot: Snapshot): string[] => {
  const named = viewSettings(snapshot.ai_settings?.after ?? {}).connection?.resource_path;
  return [...touchedBy(snapshot).map(({ path }) => path), ...(named ? [named] : [])];
};

/**
 * The settings without the detour of a run that died on it: they lead to the resource that the copy stands beside.
 *
 * @param homes paths of the resources that it may be.
 */
export function offTheCopy(settings: RawAiSettings, homes: readonly string[]): RawAiSettings {
  const path = viewSettings(settings).connection?.resource_path ?? "";
  if (path === "" || path !== copyPath(path)) return settings;
  const home = homes.find((one) => one !== path && copyPath(one) === path);
  return home === undefined ? settings : withResourcePath(settings, home);
}

/** Ids of the snapshots whose change is undone: by an undo that was not undone itself. */
export function undoneIds(newestFirst: readonly Snapshot[]): Set<string> {
  const undone = new Set<string>();
  for (const { id, undoes } of newestFirst) if (undoes !== undefined && !undone.has(id)) undone.add(undoes);
  return undone;
}
