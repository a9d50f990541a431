import * as z from "zod";
import type { Change } from "../change/change.ts";
import { sameJson } from "../core/json.ts";
import { FOLDER } from "../core/paths.ts";
import { readState } from "../windmill/resources.ts";
import type { Windmill } from "../windmill/windmill.ts";
import { ownModel, type RawAiSettings, viewSettings } from "./ai_settings.ts";

/** What the admin asked for, kept in the workspace: what a check compares with, and what a disconnect may remove. */
export const INTENT = `${FOLDER}/intent`;
const VERSION = 2;

/** What this product has made, and may therefore remove: nothing else. */
const Made = z.object({
  resource_type: z.boolean(),
  schedule: z.boolean(),
  /** Paths. */
  secrets: z.array(z.string()),
  resources: z.array(z.string()),
  /** Keys of `max_tokens_per_model` (`customai:<model>`). */
  limits: z.array(z.string()),
});
export type Made = z.infer<typeof Made>;

const Intent = z.object({
  version: z.literal(VERSION),
  /** ISO 8601. */
  at: z.string(),
  by: z.string(),
  /** False once the connection was undone: nothing is asked for then, but what was made is still known. */
  active: z.boolean(),
  resource_path: z.string(),
  secret_path: z.string(),
  base_url: z.string(),
  models: z.array(z.string()),
  /** Null when the admin left the setting to another provider. */
  default_model: z.string().nullable(),
  metadata_model: z.string().nullable(),
  /** Ids that the gateway listed when the models were chosen, and that were not chosen: no repair enables them unasked. */
  left_out: z.array(z.string()).default([]),
  /** Whether the admin asked for the health check not to run. */
  schedule_off: z.boolean().default(false),
  /**
   * What a connect overwrites of the settings, as it was before the first one: whether there was any `providers`, and the models,
   * null where there was none or one of customai.
   */
  before: z.object({ providers: z.boolean(), default_model: z.unknown(), metadata_model: z.unknown() }),
  made: Made,
});
export type Intent = z.infer<typeof Intent>;

/** The first version told of one secret and one resource whether they were made, and nothing of before. */
const FirstVersion = z.looseObject({
  version: z.literal(1),
  resource_path: z.string(),
  secret_path: z.string(),
  made: z.object({ resource_type: z.boolean(), secret: z.boolean(), resource: z.boolean(), schedule: z.boolean() }),
});

/** Brings an intent of the first version up to date; everything else stays as it is. */
function upgraded(stored: unknown): unknown {
  const first = FirstVersion.safeParse(stored);
  if (!first.success) return stored;
  const { made, ...intent } = first.data;
  return {
    ...intent,
    version: VERSION,
    active: true,
    before: { providers: false, default_model: null, metadata_model: null },
    made: {
      resource_type: made.resource_type,
      schedule: made.schedule,
      secrets: made.secret ? [intent.secret_path] : [],
      resources: made.resource ? [intent.resource_path] : [],
      limits: [],
    },
  };
}

/** Parses a stored intent; null for one that is damaged or of an unknown version. */
export function parseIntent(stored: unknown): Intent | null {
  const parsed = Intent.safeParse(upgraded(stored));
  return parsed.success ? parsed.data : null;
}

/** The intent; null when nobody has connected yet, or when it is damaged or of another version. */
export const readIntent = async (windmill: Windmill): Promise<Intent | null> =>
  parseIntent(await readState(windmill, INTENT));

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
  windmill: Pick<Windmill, "permissionedAs">,
  changes: readonly Change[],
  wish: Wish,
  before: Intent | null,
  settings: RawAiSettings,
  limits: readonly string[] = [],
): Change[] {
  const made = madeBy(changes, before?.made);
  if (before && changes.length === 0 && sameJson({ ...before, ...wish }, before)) return [];
  const after: Intent = {
    version: VERSION,
    at: new Date().toISOString(),
    by: windmill.permissionedAs,
    ...wish,
    before: before?.before ?? overwritten(settings),
    made: { ...made, limits: [...new Set([...made.limits, ...limits])] },
  };
  return [{ kind: "write-record", path: INTENT, before, after }, ...changes];
}

/** What was made before, and what the changes make. */
function madeBy(changes: readonly Change[], before: Made | undefined): Made {
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
