import type * as z from "zod";

/** Reads inputs against their schema. All slips are collected, so that nobody fixes a form field by field. */

/** The input cannot be used. The message names each field, what is wrong with it and the fix; nothing has been changed. */
export class InputError extends Error {
  override readonly name = "InputError";

  constructor(slips: readonly string[]) {
    super(["Nothing was changed, because of this input:", ...slips.map((slip) => `- ${slip}`)].join("\n"));
  }
}

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
