import * as z from "zod";
import { headerSlip } from "../core/headers.ts";
import { isPath, readRunnable } from "../core/paths.ts";
import { maskRandom } from "../core/random_runs.ts";
import { excerpt } from "../core/redact.ts";
import { Secret } from "../core/secret.ts";
import { baseUrlSlip, tidyBaseUrl } from "./base_url.ts";
import { keySlip, STORED_MARK } from "./pool_key.ts";

/** Fields that many forms have. */

/** Text fields arrive as "", null or undefined when a person leaves them alone. */
export const blankable = z
  .string()
  .nullish()
  .transform((text) => text?.trim() ?? "");

/** One of some words; null for a blank. */
export const choice = <T extends string>(values: readonly T[]) =>
  blankable.transform((text, context): T | null => {
    if (text === "") return null;
    const found = values.find((value) => value === text);
    if (found === undefined) {
      context.addIssue({
        code: "custom",
        message: `is "${excerpt(maskRandom(text, []), { limit: 40 })}". Choose one of: ${values.join(", ")}.`,
      });
    }
    return found ?? null;
  });

/** A whole number within bounds; null when it is not given. Forms send numbers, the CLI may send texts. */
export const whole = (least: number, most: number) =>
  z
    .union([z.number(), z.string()])
    .nullish()
    .transform((given, context): number | null => {
      if (given === null || given === undefined || given === "") return null;
      const number = Number(given);
      if (!Number.isInteger(number) || number < least || number > most) {
        context.addIssue({ code: "custom", message: `must be a whole number from ${least} to ${most}.` });
      }
      return number;
    });

/** A field with a rule: `rule` returns what is wrong and what to do, or null. */
export const checked = (rule: (text: string) => string | null) =>
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

/** The gateway's address, tidied, or blank. */
export const baseUrl = blankable.transform(tidyBaseUrl).superRefine((text, context) => {
  const slip = text === "" ? null : baseUrlSlip(text);
  if (slip) context.addIssue({ code: "custom", message: `${slip.says}. ${slip.fix}` });
});

/** A key; null for a blank; `stored` where a run before this one has stored what was typed. */
export const apiKey = checked((text) => {
  const slip = text === "" || text === STORED_MARK ? null : keySlip(text);
  return slip && `${slip.says}. ${slip.fix}`;
}).transform((text): Secret | "stored" | null =>
  text === "" ? null : text === STORED_MARK ? "stored" : new Secret(text),
);

/** An address of a Windmill server, or blank. */
export const httpUrl = checked((text) =>
  text === "" || /^https?:\/\/[^\s/?#@]+(\/[^\s?#]*)?$/.test(text)
    ? null
    : "is not an http(s) address without query. Write e.g. http://windmill_server:8000, or leave it blank.",
).transform(tidyBaseUrl);

/** Model ids: trimmed, without blanks and repetitions, in the given order. */
export const models = z
  .array(z.string())
  .nullish()
  .transform((ids) => [...new Set((ids ?? []).map((id) => id.trim()).filter((id) => id !== ""))]);

/** The name that stands for no headers at all: an empty field is one that nobody has filled in. */
export const NO_HEADERS = "-";

/** Headers for a proxy in front of the gateway; null for a blank. */
export const headers = z
  .record(z.string(), z.unknown())
  .nullish()
  .transform((given, context): Record<string, string> | null => {
    const names = Object.keys(given ?? {});
    if (names.length === 0) return null;
    if (names.includes(NO_HEADERS)) {
      const message = `"${NO_HEADERS}" stands for no headers, so it stands alone. Remove it or the others.`;
      if (names.length > 1) context.addIssue({ code: "custom", message });
      return {};
    }
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

/** A script or a flow of the workspace, or blank. */
export const runnable = checked((text) =>
  text === "" || readRunnable(text)
    ? null
    : "is neither a script nor a flow. Write script/ or flow/ and its path, e.g. script/f/team/page_oncall.",
);

/** Inputs of every command that changes something. */
export const ChangeInput = {
  mode: choice(["plan", "apply"]).transform((mode) => mode ?? "plan"),
  plan_id: blankable,
  server_url: httpUrl,
};

/** A switch; off when it is left alone. */
export const flag = z
  .boolean()
  .nullish()
  .transform((value) => value ?? false);
