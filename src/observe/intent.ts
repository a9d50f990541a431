import * as z from "zod";
import { FOLDER } from "../core/paths.ts";
import { readState } from "../windmill/resources.ts";
import type { Windmill } from "../windmill/windmill.ts";

/** What the admin asked for, kept in the workspace: what a check compares with, and what a disconnect may remove. */
export const INTENT = `${FOLDER}/intent`;
/** The same for the instance's AI settings, in `admins`: that workspace may have had a connection of its own. */
const INSTANCE_INTENT = `${FOLDER}/instance_intent`;

/** Where the intent is kept of what the run is about. */
export const intentPath = ({ instance }: Pick<Windmill, "instance">): string =>
  instance === null ? INTENT : INSTANCE_INTENT;

/** Whether an intent is kept there. */
export const isIntentPath = (path: string): boolean => path === INTENT || path === INSTANCE_INTENT;

/** Version of the stored intent. */
export const INTENT_VERSION = 2;

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
  version: z.literal(INTENT_VERSION),
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
    version: INTENT_VERSION,
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
  parseIntent(await readState(windmill, intentPath(windmill)));
