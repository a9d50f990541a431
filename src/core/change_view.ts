import * as z from "zod";

/** A change as the report shows it: nothing secret, values short enough to read. */
export const ChangeView = z.object({
  action: z.enum(["create", "change", "delete"]),
  target: z.string(),
  /** What differs, place by place. `before` is null for something new, `after` for something deleted. */
  differences: z.array(z.object({ path: z.string(), before: z.unknown(), after: z.unknown() })),
  /** What it takes to make the change. */
  needs: z.string(),
  /** How a person undoes it by hand. */
  undo: z.string(),
});
export type ChangeView = z.infer<typeof ChangeView>;
