import * as z from "zod";

/** What is used of one limit, as the gateway itself counts it (GET /usage). */
export const LimitUse = z.object({
  /** Whose limit: the key's own, or that of the accounts behind the gateway. */
  whose: z.enum(["key", "pool"]),
  /** What is counted, in the gateway's words, e.g. `total_tokens`, `request_count`, `credits`, `percent`. */
  type: z.string(),
  /** Over how long, in the gateway's words, e.g. `daily`, `weekly`, `5h`, `7d`. */
  window: z.string(),
  max: z.number(),
  used: z.number(),
  /** When counting begins anew (ISO 8601); null when the gateway does not say. */
  reset_at: z.string().nullable(),
});
export type LimitUse = z.infer<typeof LimitUse>;

/** The same limit in another figure of it. */
export const isSameLimit = (
  a: Pick<LimitUse, "whose" | "type" | "window">,
  b: Pick<LimitUse, "whose" | "type" | "window">,
): boolean => a.whose === b.whose && a.type === b.type && a.window === b.window;

const HOURS = { m: 1 / 60, h: 1, d: 24 } as const;
const NAMED: Readonly<Record<string, number>> = { minute: 1 / 60, hourly: 1, daily: 24, weekly: 168, monthly: 720 };

/** The length of a limit's window in hours; null for words that say none. */
export function windowHours(window: string): number | null {
  const named = NAMED[window.toLowerCase()];
  if (named !== undefined) return named;
  const [, count, unit] = /^(\d{1,5})([mhd])$/i.exec(window) ?? [];
  return count === undefined || unit === undefined
    ? null
    : Number(count) * HOURS[unit.toLowerCase() as "m" | "h" | "d"];
}

const COUNTED: Readonly<Record<string, string>> = {
  total_tokens: "limit of tokens",
  request_count: "limit of requests",
  credits: "limit of credits",
  percent: "quota",
};

/** A limit as people call it, e.g. `the key's limit of tokens (weekly)`. */
export const limitWords = ({ whose, type, window }: Pick<LimitUse, "whose" | "type" | "window">): string =>
  `the ${whose}'s ${COUNTED[type] ?? `limit of ${type}`} (${window})`;
