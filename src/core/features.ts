import * as z from "zod";

/** What people know of Windmill AI. */
export const Feature = z.enum([
  "chat",
  "AI sessions",
  "fix",
  "summaries and metadata",
  "form filling",
  "flow chat with optional inputs",
  "agent steps",
  "code completion",
]);
export type Feature = z.infer<typeof Feature>;

/** Whether a feature works for the workspace's users, in a report. */
export const FeatureRow = z.object({
  feature: Feature,
  state: z.enum(["works", "not-tested", "broken"]),
  /** One or two sentences for an admin. */
  why: z.string(),
  /** `code` of the finding that says more; only when `state` is `broken`. */
  code: z.string().optional(),
});
export type FeatureRow = z.infer<typeof FeatureRow>;
