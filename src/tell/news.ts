import * as z from "zod";
import { Status } from "../core/shapes.ts";

/** What there is to tell people, as the memory of the health flow knows it. */

export const News = z.object({
  /** The same for each attempt, so that who gets it twice can tell: incident, occasion and number. */
  id: z.string(),
  /** Why people are told: an incident began, its status or cause changed, it still lasts, or it is over. */
  kind: z.enum(["opening", "cause", "reminder", "recovery"]),
  /** Id of the incident. */
  incident: z.string(),
  /** Of the cause that it is about; "" for a recovery. */
  code: z.string(),
  status: Status,
  /** What people were told before; null when nothing was. */
  previous: Status.nullable(),
  /** When the incident began. */
  since: z.iso.datetime(),
  /** The tick that gives the occasion. */
  at: z.iso.datetime(),
  /** How often it was sent before without anybody saying that it arrived. */
  repeated: z.number().int().optional(),
});
export type News = z.infer<typeof News>;

/** Why people are told. */
export type Occasion = News["kind"];
