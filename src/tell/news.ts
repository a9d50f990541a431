import * as z from "zod";
import { Status } from "../core/shapes.ts";

/** What there is to tell people, as the memory of the health flow knows it. */

export const News = z.object({
  /** The same for each attempt, so that who gets it twice can tell: incident, occasion and number. */
  id: z.string(),
  /**
   * Why people are told: an incident began, its status or cause changed, it still lasts, somebody has said that they know, or it is
   * over. Of an acknowledgement only services hear that keep an incident of their own.
   */
  kind: z.enum(["opening", "cause", "reminder", "acknowledgement", "recovery"]),
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
  /** Who has said that they know of the incident; null or absent when nobody has. */
  acknowledged: z.object({ by: z.string(), at: z.string(), reason: z.string() }).nullable().optional(),
  /** How often it was sent before without anybody saying that it arrived. */
  repeated: z.number().int().optional(),
});
export type News = z.infer<typeof News>;

/** Why people are told. */
export type Occasion = News["kind"];
