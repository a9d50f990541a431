import { ownSettings } from "../change/admin.ts";
import { tryCandidate } from "../change/candidate.ts";
import type { Change } from "../change/handlers.ts";
import { madeBy } from "../change/intent.ts";
import { type Plan, planOf } from "../change/plan.ts";
import { putBack } from "../change/put_back.ts";
import { isOf, namedBy, offTheCopy, type Snapshot, type Touched, touchedBy, undoneIds } from "../change/snapshot.ts";
import { listSnapshots, undoCutShort } from "../change/snapshot_store.ts";
import { bearing, requireNoWorse, standingNotes } from "../change/standing_trouble.ts";
import { probeCandidate } from "../check/check.ts";
import { asRecord, sameJson } from "../core/json.ts";
import { maskRandom } from "../core/random_runs.ts";
import { excerpt } from "../core/redact.ts";
import type { ChangeReport } from "../core/report.ts";
import { RESOURCE_DESCRIPTION, RESOURCE_TYPE } from "../core/resource_type.ts";
import type { Finding } from "../core/shapes.ts";
import { keepable } from "../core/showable.ts";
import { factsOf } from "../diagnose/facts.ts";
import { InputError } from "../inputs/parse.ts";
import type { UndoInput } from "../inputs/undo.ts";
import { chosenModels, type RawAiSettings, viewSettings } from "../observe/ai_settings.ts";
import { INTENT, type Intent, parseIntent } from "../observe/intent.ts";
import { type Observation, observe, type ResourceSight, seeResource } from "../observe/observe.ts";
import type { Progress } from "../windmill/progress.ts";
import { findResource } from "../windmill/resources.ts";
import { findVariable } from "../windmill/variables.ts";
import type { Windmill } from "../windmill/windmill.ts";
import { type Aim, runChange } from "./run_change.ts";

const COMMAND = "undo";

/**
 * The command `undo`: puts back the AI settings and the resource as a change found them, where nobody has changed them since.
 *
 * @throws what {@link runChange} throws.
 */
export const undo = (windmill: Windmill, input: UndoInput, progress: Progress): Promise<ChangeReport> =>
  runChange(windmill, { ...input, name: COMMAND }, progress, () => aim(windmill, input));

/** Finds the snapshot and plans what it puts back. */
async function aim(windmill: Windmill, input: UndoInput): Promise<Aim> {
  const observation = await observe(windmill);
  const own = ownSettings(windmill, observation);
  const snapshots = await listSnapshots(windmill);
  const snapshot =
    (input.snapshot === "" && (await undoCutShort(windmill, snapshots))) || choose(snapshots, input.snapshot);
  const homes = [...namedBy(snapshot), ...(observation.intent ? [observation.intent.resource_path] : [])];
  const settings = putSettingsBack(offTheCopy(own, homes), snapshot, input.overwrite);
  const resources = await Promise.all(
    touchedBy(snapshot).map((touched) => putResourceBack(windmill, touched, input.overwrite)),
  );
  const conflicts = [settings, ...resources].flatMap((one) => one.conflicts);
  if (conflicts.length > 0 && !input.overwrite) throw new InputError(conflicts.map(overwritten));
  const next = settings.value;
  const named = viewSettings(next).connection?.resource_path;
  const keyless = resources.find(({ without_key }) => without_key !== null && without_key === named);
  if (keyless) {
    throw new InputError([
      `snapshot: what was there before cannot be put back: ${keyless.notes.join(" ")} It makes a connection with that key.`,
    ]);
  }
  const saved: Change[] = sameJson(own, next)
    ? []
    : [{ kind: "save-ai-settings", before: { ...own }, after: next, via: "server" }];
  const restored = resources.flatMap((one) => one.changes);
  const goes = (change: Change): boolean => change.kind === "delete-resource";
  // The settings lead to what is there already, and away from what goes.
  const made = [...restored.filter((one) => !goes(one)), ...saved, ...restored.filter(goes)];
  const serves = viewSettings(next).connection !== null;
  const changes = [...intentOf(observation.intent, snapshot, serves, made), ...made];
  const plan = await planOf(windmill, observation, { changes, beside: touchedBy(snapshot).map(({ path }) => path) });
  const settled: Aim = {
    plan,
    notes: [...resources.flatMap((one) => one.notes), ...consequences(observation, snapshot, serves)],
    verification: serves ? {} : null,
    complete: async (report) => ({ ...report, snapshots: listed(await onRecord(windmill, snapshots)) }),
    // Of a change that is undone already, with others after it, nothing is left to put on record.
    ...(made.length === 0 && undoneIds(snapshots).has(snapshot.id) && snapshots[0]?.undoes !== snapshot.id
      ? {}
      : { undoes: snapshot.id }),
  };
  return {
    ...settled,
    async prove(progress) {
      progress.step("try what was there before beside the live connection", 0.1);
      if (!serves) return undefined;
      const standing = await tryFormer(windmill, plan);
      const verification = bearing(standing, factsOf(observation, null, []));
      return { ...settled, notes: [...settled.notes, ...standingNotes(standing)], verification };
    },
  };
}

/** The settings as they were before the change, with what others have changed elsewhere since. */
function putSettingsBack(now: RawAiSettings, { ai_settings }: Snapshot, overwrite: boolean) {
  if (ai_settings === null) return { value: { ...now }, conflicts: [] };
  const { value, conflicts } = putBack(now, ai_settings.before, ai_settings.after, overwrite);
  return { value: asRecord(value), conflicts: conflicts.map((place) => `AI settings, ${place}`) };
}

/**
 * Tries the connection as it was before, beside the live one.
 *
 * @returns what stands in people's way, now as before.
 * @throws Error when people would be worse off; nothing has changed then.
 */
async function tryFormer(windmill: Windmill, { changes, live }: Plan): Promise<Finding[]> {
  const saved = changes.find((change) => change.kind === "save-ai-settings");
  const view = viewSettings(saved?.after ?? live?.settings ?? {});
  const path = view.connection?.resource_path;
  if (changes.length === 0 || !path) return [];
  const changed = changes.find((change) => "path" in change && change.path === path);
  const value = valueAfter(changed) ?? (await findResource(windmill, path))?.value;
  if (value === undefined) return [];
  const { base_url } = asRecord(value);
  const models = chosenModels(view);
  const tried = await tryCandidate(windmill, path, asRecord(value), null, (candidate) =>
    probeCandidate(windmill, candidate, { models, base_url: String(base_url ?? "") }),
  );
  return requireNoWorse(windmill, tried, { live, asked: true, new_up_to: null });
}

const valueAfter = (change: Change | undefined): unknown =>
  change?.kind === "create-resource" ? change.value : change?.kind === "replace-resource" ? change.after : undefined;

const overwritten = (place: string): string =>
  `snapshot: ${place} was changed by somebody after this change. Undoing it would overwrite that work; tick overwrite to do it all the same.`;

/** The snapshot that was asked for, or that of the last change which is not undone yet. */
function choose(snapshots: readonly Snapshot[], id: string): Snapshot {
  const undone = undoneIds(snapshots);
  const found = snapshots.find((one) => (id === "" ? one.undoes === undefined && !undone.has(one.id) : isOf(one, id)));
  if (found) return found;
  const known = snapshots.map(({ id, at, command }) => `${id} (${command}, ${at})`).join(", ");
  throw new InputError([
    id === ""
      ? "There is no change to undo: none is on record, or all of them are undone."
      : `snapshot: there is none with the id ${/^[0-9a-f-]{36}$/.test(id) ? id : excerpt(maskRandom(id, []), { limit: 40 })}. ${known ? `There are: ${known}.` : "There is none at all."}`,
  ]);
}

interface Restored {
  changes: Change[];
  conflicts: string[];
  notes: string[];
  /** Path of the resource, where it would have no key. */
  without_key: string | null;
}

/** A resource as it was before the change, with what others have changed elsewhere in it since. */
async function putResourceBack(
  windmill: Windmill,
  { path, before, after, left_out = [] }: Touched,
  overwrite: boolean,
): Promise<Restored> {
  const nothing: Restored = { changes: [], conflicts: [], notes: [], without_key: null };
  const now = await seeResource(windmill, path);
  if (before === null) return removeAgain(now, after, overwrite);
  if (now.state === "hidden") return { ...nothing, conflicts: [`the resource ${path}, which you may not read,`] };
  if (now.state === "missing") {
    const { has_key, note } = await keyFor(windmill, before);
    const value = has_key ? before : withoutKey(before);
    const made = { path, resource_type: RESOURCE_TYPE.name, value, description: RESOURCE_DESCRIPTION };
    const without_key = has_key ? null : path;
    return { ...nothing, changes: [{ kind: "create-resource", ...made }], notes: note, without_key };
  }
  const { value, conflicts } = putBack(now.value, before, after, overwrite);
  // A key that stood in the resource in clear is in no snapshot: the reference that took its place stays.
  const kept = { ...keyIn(now.value), ...asRecord(value) };
  const { has_key, note } = await keyFor(windmill, kept);
  return {
    ...nothing,
    changes: sameJson(now.value, kept) ? [] : [{ kind: "replace-resource", path, before: now.value, after: kept }],
    conflicts: conflicts.map((place) => `the resource ${path}, ${place},`),
    notes: [...note, ...lost(path, left_out)],
    without_key: has_key ? null : path,
  };
}

/** What undo cannot put back, because it may be a credential. An old key has its own words. */
const lost = (path: string, left_out: readonly string[]): string[] => {
  const places = left_out.filter((place) => !/^api_?key$/i.test(place));
  return places.length === 0
    ? []
    : [
        `${places.join(", ")} of ${path} may have held a credential, is in no snapshot, and does not come back. If it is needed, take it from the resource's history (Resources, ${path}, History).`,
      ];
};

/** A resource that the change made goes again, if it is still what it was made as. */
function removeAgain(now: ResourceSight, after: unknown, overwrite: boolean): Restored {
  const nothing: Restored = { changes: [], conflicts: [], notes: [], without_key: null };
  if (now.state === "missing") return nothing;
  if (now.state === "hidden") return { ...nothing, conflicts: [`the resource ${now.path}, which you may not read,`] };
  const { path, type, value, description } = now;
  const conflicts = sameJson(keepable(value).value, after) || overwrite ? [] : [`the resource ${path}`];
  return {
    ...nothing,
    changes: [{ kind: "delete-resource", path, resource_type: type, value, description }],
    conflicts,
  };
}

const keyIn = (value: unknown): Record<string, unknown> => {
  const { api_key } = asRecord(value);
  return api_key === undefined ? {} : { api_key };
};

const withoutKey = ({ api_key: _gone, ...rest }: Record<string, unknown>): Record<string, unknown> => rest;

/** Whether a value has a key that can be used, and what to say if not. */
async function keyFor(windmill: Windmill, value: unknown): Promise<{ has_key: boolean; note: string[] }> {
  const { api_key, apiKey } = asRecord(value);
  const key = String(api_key || apiKey || "");
  const path = key.startsWith("$var:") ? key.slice("$var:".length) : null;
  if (path === null ? key !== "" : (await findVariable(windmill, path)) !== null) return { has_key: true, note: [] };
  return {
    has_key: false,
    note: [
      path === null
        ? "The key is in no snapshot, so the resource comes back without one. Run f/codex_pooler/connect with a key."
        : `The key's variable ${path} is gone. Run f/codex_pooler/connect with a key.`,
    ],
  };
}

/** The record of what was asked for, as it was before the change; what was made stays known. */
function intentOf(current: Intent | null, { intent }: Snapshot, serves: boolean, changes: readonly Change[]): Change[] {
  if (current === null || intent === undefined || changes.length === 0) return [];
  const former = parseIntent(intent);
  const after: Intent = {
    ...(former ?? current),
    active: former !== null && serves,
    before: current.before,
    made: madeBy(changes, current.made),
  };
  return sameJson(current, after) ? [] : [{ kind: "write-record", path: INTENT, before: current, after }];
}

function consequences(observation: Observation, { command, at, by }: Snapshot, serves: boolean): string[] {
  const notes = [`This undoes what ${command} did on ${at}, run by ${by}.`];
  if (serves) return notes;
  const { intent, schedule } = observation;
  const left = [
    ...(intent?.made.secrets ?? []).map((path) => `the secret variable ${path}`),
    ...(schedule ? [`the schedule ${schedule.path}`] : []),
  ];
  if (left.length > 0)
    notes.push(
      `No connection is left afterwards, but these stay: ${left.join(", ")}. Run f/codex_pooler/disconnect to remove them.`,
    );
  return notes;
}

/** The snapshots as they are now; as they were when they cannot be read, because everything is done by then. */
const onRecord = (windmill: Windmill, before: Snapshot[]): Promise<Snapshot[]> =>
  listSnapshots(windmill).catch(() => before);

/** The snapshots as the report lists them, the newest first. */
function listed(snapshots: readonly Snapshot[]): NonNullable<ChangeReport["snapshots"]> {
  const undone = undoneIds(snapshots);
  return snapshots.map((one) => ({
    id: one.id,
    at: one.at,
    by: one.by,
    command: one.command,
    touches: [...(one.ai_settings ? ["AI settings"] : []), ...touchedBy(one).map(({ path }) => `resource ${path}`)],
    undone: undone.has(one.id),
  }));
}
