import "windmill-client@1.818.0";
import * as z from "zod@4.6.7";
import { FOLDER } from "./paths.ts";
import type { Windmill } from "./windmill.ts";
import { readState, writeState } from "./workspace/resources.ts";

/** What the admin asked for, kept in the workspace: what a check compares with, and what a disconnect may remove. */
export const INTENT = `${FOLDER}/intent`;
const VERSION = 1;

const Intent = z.object({
  version: z.literal(VERSION),
  /** ISO 8601. */
  at: z.string(),
  by: z.string(),
  resource_path: z.string(),
  secret_path: z.string(),
  base_url: z.string(),
  models: z.array(z.string()),
  /** Null when the admin left the setting to another provider. */
  default_model: z.string().nullable(),
  metadata_model: z.string().nullable(),
  /** What this product has made, and may therefore remove: nothing else. */
  made: z.object({
    resource_type: z.boolean(),
    secret: z.boolean(),
    resource: z.boolean(),
    schedule: z.boolean(),
  }),
});
export type Intent = z.infer<typeof Intent>;

/** The intent; null when nobody has connected yet, or when it is damaged or of another version. */
export async function readIntent(windmill: Windmill): Promise<Intent | null> {
  const parsed = Intent.safeParse(await readState(windmill, INTENT));
  return parsed.success ? parsed.data : null;
}

/** Keeps the intent. */
export const keepIntent = (windmill: Windmill, intent: Omit<Intent, "version">): Promise<unknown> =>
  writeState(windmill, INTENT, { version: VERSION, ...intent });
