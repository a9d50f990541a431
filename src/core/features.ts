import * as z from "zod";
import type { Severity } from "./shapes.ts";

/** What people know of Windmill AI. */
export const Feature = z.enum([
  "chat",
  "AI sessions",
  "fix",
  "summaries and metadata",
  "form filling",
  "flow chat with optional inputs",
  "agent steps",
  "agent steps with tools",
  "agent steps with an output schema",
  "agent steps that set a temperature",
  "agent steps that limit their output",
  "code completion",
]);
export type Feature = z.infer<typeof Feature>;

/** For whom something works that depends on a person's rights. */
export const Audience = z.object({
  scope: z.enum(["everybody", "readers", "admins", "nobody"]),
  /** With `readers`: those beside admins, as `u/<user>`, `g/<group>` or `f/<folder>` (who may read it), as far as they can be named. */
  who: z.array(z.string()),
  /** The same for people. */
  says: z.string(),
});
export type Audience = z.infer<typeof Audience>;

/** Whether a feature works for the workspace's users, in a report. */
export const FeatureRow = z.object({
  feature: Feature,
  state: z.enum(["works", "not-tested", "broken"]),
  /** One or two sentences for an admin. */
  why: z.string(),
  /** `code` of the finding that says more; only when `state` is `broken`. */
  code: z.string().optional(),
  /** For whom, where it works; absent where it is not this connection's, or not known. */
  for_whom: Audience.optional(),
});
export type FeatureRow = z.infer<typeof FeatureRow>;

/**
 * How bad it is that a feature is broken: as bad as the finding that it names. One of which nothing is known is as bad as can be; one
 * that is for information only is a limit that people know of, and no reason to call anything broken.
 */
export const severityOf = (
  { code }: Pick<FeatureRow, "code">,
  findings: readonly { code: string; severity: Severity }[],
): Severity => findings.find((one) => one.code === code)?.severity ?? "critical";
