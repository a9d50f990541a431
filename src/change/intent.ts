import { sameJson } from "../core/json.ts";
import { ownModel, type RawAiSettings, viewSettings } from "../observe/ai_settings.ts";
import { INTENT_VERSION, type Intent, intentPath, type Made } from "../observe/intent.ts";
import type { Windmill } from "../windmill/windmill.ts";
import type { Change } from "./change.ts";

/** The record of what a change is for, written in front of it. */

/** What a walk asks for. */
export type Wish = Omit<Intent, "version" | "at" | "by" | "made" | "before">;

/**
 * Changes with the record of what they are for in front of them. It is written before anything is made, so that a run which is
 * cut short has not made anything that nobody knows of.
 *
 * @param before the intent as it is.
 * @param settings the workspace's own AI settings as they are.
 * @param limits keys of `max_tokens_per_model` that the changes set.
 */
export function withIntent(
  windmill: Pick<Windmill, "permissionedAs" | "instance">,
  changes: readonly Change[],
  wish: Wish,
  before: Intent | null,
  settings: RawAiSettings,
  limits: readonly string[] = [],
): Change[] {
  const made = madeBy(changes, before?.made);
  if (before && changes.length === 0 && sameJson({ ...before, ...wish }, before)) return [];
  const after: Intent = {
    version: INTENT_VERSION,
    at: new Date().toISOString(),
    by: windmill.permissionedAs,
    ...wish,
    before: before?.before ?? overwritten(settings),
    made: { ...made, limits: [...new Set([...made.limits, ...limits])] },
  };
  return [{ kind: "write-record", path: intentPath(windmill), before, after }, ...changes];
}

/** What was made before, and what the changes make. */
export function madeBy(changes: readonly Change[], before: Made | undefined): Made {
  const paths = (kind: "create-secret" | "create-resource"): string[] =>
    changes.flatMap((change) => (change.kind === kind ? [change.path] : []));
  const has = (kind: Change["kind"]): boolean => changes.some((change) => change.kind === kind);
  return {
    resource_type: before?.resource_type === true || has("create-resource-type"),
    schedule: before?.schedule === true || has("create-schedule"),
    secrets: [...new Set([...(before?.secrets ?? []), ...paths("create-secret")])],
    resources: [...new Set([...(before?.resources ?? []), ...paths("create-resource")])],
    limits: before?.limits ?? [],
  };
}

/** What a first connect overwrites of the settings, as far as it is another provider's. */
function overwritten(settings: RawAiSettings): Intent["before"] {
  const view = viewSettings(settings);
  const foreign = (key: "default_model" | "metadata_model"): unknown =>
    ownModel(view[key]) === null ? (settings[key] ?? null) : null;
  return {
    providers: "providers" in settings,
    default_model: foreign("default_model"),
    metadata_model: foreign("metadata_model"),
  };
}
