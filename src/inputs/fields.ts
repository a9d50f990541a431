import * as z from "zod";

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
      context.addIssue({ code: "custom", message: `is "${text.slice(0, 40)}". Choose one of: ${values.join(", ")}.` });
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
