import * as z from "zod";
import { Certificate } from "../core/certificate.ts";
import { Depth, Status } from "../core/shapes.ts";
import { LimitSeries } from "./limit_history.ts";
import { Listed } from "./listed.ts";

/**
 * What the health flow measured in the last 30 days, at {@link file://./paths.ts} HEALTH_HISTORY, in bounded space: the last ticks one
 * by one (two days of them at one each 5 minutes), and a bucket per hour. history_keep.ts writes it, history_view.ts reads it.
 */

export const HISTORY_VERSION = 1;

export const STATUSES = Status.options;
export const DEPTHS = Depth.options;

/**
 * A tick: when (milliseconds since 1970), status and depth as places in {@link STATUSES} and {@link DEPTHS}, milliseconds of the
 * model list over the server route (-1: none came), tokens.
 */
export const TickRow = z.tuple([z.number(), z.number(), z.number(), z.number(), z.number()]);
export type TickRow = z.infer<typeof TickRow>;

/** An hour of UTC. */
export const HourRow = z.object({
  /** Hours since 1970. */
  h: z.number().int(),
  /** Ticks per status, in the order of {@link STATUSES}. */
  n: z.tuple([z.number(), z.number(), z.number(), z.number()]),
  /** Seconds per status, in the same order, see spans.ts; absent in hours that release 0.1.0 wrote. */
  s: z.tuple([z.number(), z.number(), z.number(), z.number()]).optional(),
  /** Tokens. */
  t: z.number(),
  /** Of the ticks in `n` those in a maintenance; absent without any. */
  m: z.tuple([z.number(), z.number(), z.number(), z.number()]).optional(),
  /** By place in `models`: how long answers took, one sign per answer, see {@link encodeMs}. Absent when none was asked. */
  l: z.record(z.string(), z.string()).optional(),
});
export type HourRow = z.infer<typeof HourRow>;

export const History = z.object({
  version: z.literal(HISTORY_VERSION),
  /** Ids of the models whose answer times are kept. A place is reused only when its model has no answer left in any hour. */
  models: z.array(z.string()),
  /** Oldest first, see {@link BOUNDS}. */
  ticks: z.array(TickRow),
  /** Oldest first, see {@link BOUNDS}. */
  hours: z.array(HourRow),
  /** What was used of the key's and the pool's limits; absent where the gateway does not say. */
  limits: z.array(LimitSeries).optional(),
  /** What the gateway listed; absent before its first list, and for lists that are too long to follow. */
  listed: Listed.optional(),
  /** The certificate that was seen last. */
  certificate: Certificate.optional(),
});
export type History = z.infer<typeof History>;

/** What is kept at most. With 3 models asked hourly that is about 70 kB, with 20 models asked every 5 minutes about 300 kB. */
export const BOUNDS = { ticks: 600, hours: 720, models: 20, answers_per_hour: 12 } as const;

export const emptyHistory = (): History => ({ version: HISTORY_VERSION, models: [], ticks: [], hours: [] });

/** Milliseconds of the first sign, and how much longer each next one is: 88 signs reach from 10 ms to 97 s, 11 % apart. */
const FIRST_MS = 10;
const STEP = 1.11;
/** Printable ASCII without the two signs that JSON would have to escape. */
const SIGNS = Array.from({ length: 94 }, (_, index) => String.fromCharCode(33 + index))
  .filter((sign) => sign !== '"' && sign !== "\\")
  .join("");

/** A time as one sign, so that an hour of answers takes a few bytes and percentiles stay exact to 6 %. */
export const encodeMs = (ms: number): string =>
  SIGNS[Math.min(SIGNS.length - 1, Math.max(0, Math.round(Math.log(Math.max(ms, 1) / FIRST_MS) / Math.log(STEP))))] ??
  "!";

const TIMES = new Map([...SIGNS].map((sign, place) => [sign, Math.round(FIRST_MS * STEP ** place)]));

/** The time that a sign stands for, in ms; null for a sign that stands for none. */
export const decodeMs = (sign: string): number | null => TIMES.get(sign) ?? null;
