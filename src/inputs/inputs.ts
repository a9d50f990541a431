import * as z from "zod";
import { headerSlip } from "../core/headers.ts";
import { isPath, readRunnable } from "../core/paths.ts";
import { Secret } from "../core/secret.ts";
import { Depth } from "../core/shapes.ts";
import { baseUrlSlip, tidyBaseUrl } from "./base_url.ts";
import { blankable, choice } from "./fields.ts";
import { keySlip } from "./pool_key.ts";
import { CHAT_EVERY, Watch, Watching } from "./watch.ts";

/**
 * What people type into the forms, checked before anything is touched. All slips are collected, so that nobody fixes a form
 * field by field.
 */

/** The input cannot be used. The message names each field, what is wrong with it and the fix; nothing has been changed. */
export class InputError extends Error {
  override readonly name = "InputError";

  constructor(slips: readonly string[]) {
    super(["Nothing was changed, because of this input:", ...slips.map((slip) => `- ${slip}`)].join("\n"));
  }
}

/** A field with a rule: `rule` returns what is wrong and what to do, or null. */
const checked = (rule: (text: string) => string | null) =>
  blankable.superRefine((text, context) => {
    const slip = rule(text);
    if (slip !== null) context.addIssue({ code: "custom", message: slip });
  });

/** A path of the workspace, or blank. */
export const path = checked((text) =>
  text === "" || isPath(text)
    ? null
    : text.startsWith("$")
      ? "Write the path alone, without $var: or $res: in front."
      : "is not a path that Windmill accepts. Use u/<user>/<name> or f/<folder>/<name>, with letters, digits, _ and - only.",
);

const baseUrl = blankable.transform(tidyBaseUrl).superRefine((text, context) => {
  const slip =
    text === "" ? { says: "is missing", fix: "Give the gateway's address, ending in /v1." } : baseUrlSlip(text);
  if (slip) context.addIssue({ code: "custom", message: `${slip.says}. ${slip.fix}` });
});

const apiKey = checked((text) => {
  const slip = text === "" ? null : keySlip(text);
  return slip && `${slip.says}. ${slip.fix}`;
}).transform((text) => (text === "" ? null : new Secret(text)));

/** An address of a Windmill server, or blank. */
export const httpUrl = checked((text) =>
  text === "" || /^https?:\/\/[^\s/?#@]+(\/[^\s?#]*)?$/.test(text)
    ? null
    : "is not an http(s) address without query. Write e.g. http://windmill_server:8000, or leave it blank.",
).transform(tidyBaseUrl);

/** Model ids: trimmed, without blanks and repetitions, in the given order. */
const models = z
  .array(z.string())
  .nullish()
  .transform((ids) => [...new Set((ids ?? []).map((id) => id.trim()).filter((id) => id !== ""))]);

const headers = z
  .record(z.string(), z.unknown())
  .nullish()
  .transform((given, context): Record<string, string> => {
    const kept: Record<string, string> = {};
    for (const [name, value] of Object.entries(given ?? {})) {
      if (typeof value !== "string") {
        context.addIssue({ code: "custom", message: `${name} has a value that is not a text. Put it in quotes.` });
        continue;
      }
      const slip = headerSlip(name, value);
      if (slip) context.addIssue({ code: "custom", message: `${name} ${slip.says}. Remove it.` });
      kept[name] = value;
    }
    return kept;
  });

/** How often the health flow may run, and the six-field cron expression (seconds first) for it. */
export const SCHEDULES = {
  "every 5 minutes": "0 */5 * * * *",
  "every 10 minutes": "0 */10 * * * *",
  "every 15 minutes": "0 */15 * * * *",
  hourly: "0 0 * * * *",
} as const;
export type ScheduleChoice = keyof typeof SCHEDULES | "off";

const runnable = checked((text) =>
  text === "" || readRunnable(text)
    ? null
    : "is neither a script nor a flow. Write script/ or flow/ and its path, e.g. script/f/team/page_oncall.",
);

/** Whose body a webhook gets; `auto`: by its host, and plain JSON for a host that nobody knows. */
export const WEBHOOK_FORMATS = ["auto", "slack", "discord", "teams", "mattermost", "json"] as const;
export type WebhookFormat = (typeof WEBHOOK_FORMATS)[number];

/** Whom the health flow tells. */
export const AlertInput = z.object({
  /** Path of the secret variable with the webhooks' addresses, one per line; "" for none. */
  alert_webhook_path: path,
  /** Null where nothing was chosen. */
  webhook_format: choice(WEBHOOK_FORMATS),
  /** `script/<path>` or `flow/<path>`; "" for none. */
  alert_runnable: runnable,
});
export type AlertInput = z.infer<typeof AlertInput>;

/** Inputs of every command that changes something. */
const ChangeInput = {
  mode: choice(["plan", "apply"]).transform((mode) => mode ?? "plan"),
  plan_id: blankable,
  server_url: httpUrl,
};

const flag = z
  .boolean()
  .nullish()
  .transform((value) => value ?? false);

/** Inputs of `connect`. Blank texts mean "not given". */
export const ConnectInput = z.object({
  base_url: baseUrl,
  api_key: apiKey,
  secret_path: path,
  resource_path: path,
  models,
  default_model: blankable,
  metadata_model: blankable,
  headers,
  /** Null leaves an existing schedule alone. */
  schedule: choice<ScheduleChoice>(["off", ...(Object.keys(SCHEDULES) as (keyof typeof SCHEDULES)[])]),
  replace_secret: flag,
  ...AlertInput.shape,
  ...ChangeInput,
  /** How the health flow watches; what is not given stays as it is. */
  watch: Watch,
});
export type ConnectInput = z.infer<typeof ConnectInput>;

/** Inputs of `repair`. Blank texts mean "not given". */
export const RepairInput = z.object({
  /** How closely to look. Limits per request show with `features` only. */
  depth: choice(["chat", "features"]).transform((depth) => depth ?? "features"),
  /** Ids that no repair may choose. */
  exclude_models: models,
  /** Ids that were left out when the connection was made, and that a repair may choose all the same. */
  allow_models: models,
  /** Keeps what others have changed since the connection was made, and takes it for what is wanted from now on. */
  accept_drift: flag,
  /** The resource to use where the present one is not good. */
  resource_path: path,
  /** Where to store a key that stands in the resource. */
  secret_path: path,
  ...ChangeInput,
});
export type RepairInput = z.infer<typeof RepairInput>;

/** Inputs of `rotate_key`: the new key, or the path of the variable that holds it. */
export const RotateInput = z
  .object({ new_key: apiKey, new_key_path: path, ...ChangeInput })
  .superRefine(({ new_key, new_key_path }, context) => {
    if ((new_key === null) !== (new_key_path === "")) return;
    const message =
      new_key === null ? "is missing. Type it, or give new_key_path." : "is given twice. Leave new_key_path blank.";
    context.addIssue({ code: "custom", path: ["new_key"], message });
  });
export type RotateInput = z.infer<typeof RotateInput>;

/** Inputs of `undo`. */
export const UndoInput = z.object({
  /** Id of a snapshot; "" for the last change. */
  snapshot: blankable,
  /** Whether later work of others may be overwritten. */
  overwrite: flag,
  ...ChangeInput,
});
export type UndoInput = z.infer<typeof UndoInput>;

/** A model of some provider, `<provider>:<model>`; "none"; or "" for what it was before connect. */
const modelElsewhere = checked((text) =>
  text === "" || text === "none" || (/^[a-z_]+:.+$/.test(text) && !text.startsWith("customai:"))
    ? null
    : 'is no model of another provider. Write <provider>:<model>, e.g. openai:gpt-4o, or "none".',
);

/** Inputs of `disconnect`. */
export const DisconnectInput = z.object({
  default_model: modelElsewhere,
  metadata_model: modelElsewhere,
  /** Whether the product's own records stay: snapshots, history and what was asked for. */
  keep_records: flag,
  ...ChangeInput,
});
export type DisconnectInput = z.infer<typeof DisconnectInput>;

/** Inputs of `check`. */
export const CheckInput = z.object({
  depth: choice([...Depth.options, "auto"]).transform((depth) => depth ?? "chat"),
  chat_every: Watching.chat_every.transform((given) => given ?? CHAT_EVERY),
  server_url: httpUrl,
});
export type CheckInput = z.infer<typeof CheckInput>;

/**
 * Parses a script's inputs.
 *
 * @throws InputError that names every field in trouble; values are not repeated, since one of them may be a key.
 */
export function parseInputs<T>(schema: z.ZodType<T>, inputs: unknown): T {
  const parsed = schema.safeParse(inputs);
  if (parsed.success) return parsed.data;
  throw new InputError(
    parsed.error.issues.map((issue) => {
      const field = issue.path.join(".") || "input";
      return issue.code === "custom" ? `${field}: ${issue.message}` : `${field}: has a value of the wrong kind.`;
    }),
  );
}
