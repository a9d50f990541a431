import * as z from "zod";
import { isSameLimit, type LimitUse } from "../core/limit_use.ts";
import type { KnownFact } from "./collapse.ts";

/**
 * What the gateway's own figures (GET /usage, Codex Pooler only) say without spending a token: what is used of each limit, and
 * what they foretell of the next chat. Windmill reserves the largest answer that a model may give before it sends a chat, and a
 * limit smaller than that refuses every chat. Pure.
 */

/** A limit, as `controllers/v1/usage_controller` of icoretech/codex-pooler answers it. */
const Limit = z.object({
  limit_type: z.string().max(40),
  limit_window: z.string().max(20),
  max_value: z.number().positive(),
  current_value: z.number().nonnegative().nullish(),
  remaining_value: z.number().nullish(),
  /** A limit of some models only says nothing of the others. */
  model_filter: z.unknown().optional(),
  reset_at: z.string().nullish(),
});
type Limit = z.infer<typeof Limit>;

const Usage = z.object({ limits: z.array(z.unknown()).optional(), upstream_limits: z.array(z.unknown()).optional() });

/**
 * What chats will meet.
 *
 * @param body the answer's text; any other shape says nothing.
 * @param reservations tokens that Windmill reserves per request, by model id.
 */
export function usageFacts(body: string, reservations: ReadonlyMap<string, number>): KnownFact[] {
  const limits = readLimits(body).key.filter(({ limit_type }) => limit_type === "total_tokens");
  return [...reservations].flatMap(([model, tokens]) => {
    const small = limits.find(({ max_value }) => max_value < tokens);
    const spent = limits.find((limit) => leftOf(limit) < tokens);
    if (small) {
      const seen = `${small.max_value} tokens ${small.limit_window}, Windmill reserves ${tokens}`;
      return [{ code: "key-limit-below-reservation", seen, model }];
    }
    if (!spent) return [];
    const seen = `${leftOf(spent)} of ${spent.max_value} tokens ${spent.limit_window} left, Windmill reserves ${tokens}`;
    return [{ code: "key-limit-reached", seen, model }];
  });
}

/** What is left of a limit; all of it where the gateway does not say. */
const leftOf = ({ max_value, current_value, remaining_value }: Limit): number =>
  remaining_value ?? (typeof current_value === "number" ? max_value - current_value : max_value);

/**
 * What is used of each limit. Of two figures that cannot be told apart (one for each account, say) none is given: nobody would
 * know which of them stops the next request.
 *
 * @param body the answer's text; any other shape gives none.
 */
export function limitUses(body: string): LimitUse[] {
  const { key, pool } = readLimits(body);
  const all = [...key.flatMap((one) => useOf("key", one)), ...pool.flatMap((one) => useOf("pool", one))];
  return all.filter((one) => all.filter((other) => isSameLimit(one, other)).length === 1 && !isCopy(one, all));
}

function useOf(whose: LimitUse["whose"], limit: Limit): LimitUse[] {
  const { limit_type, limit_window, max_value, current_value, remaining_value, reset_at } = limit;
  if (limit.model_filter !== undefined && limit.model_filter !== null) return [];
  const used = current_value ?? (typeof remaining_value === "number" ? max_value - remaining_value : null);
  if (used === null) return [];
  const reset = reset_at && !Number.isNaN(Date.parse(reset_at)) ? new Date(reset_at).toISOString() : null;
  return [{ whose, type: limit_type, window: limit_window, max: max_value, used: Math.max(0, used), reset_at: reset }];
}

/** Codex Pooler gives a key's tokens a second time as credits, for clients that ask for those. */
const isCopy = (one: LimitUse, all: readonly LimitUse[]): boolean =>
  one.type === "credits" &&
  all.some((other) => isSameLimit(other, { ...one, type: "total_tokens" }) && other.max === one.max);

function readLimits(body: string): { key: Limit[]; pool: Limit[] } {
  const parsed = Usage.safeParse(jsonOf(body));
  const read = (list: readonly unknown[] = []): Limit[] =>
    list.flatMap((one) => {
      const limit = Limit.safeParse(one);
      return limit.success ? [limit.data] : [];
    });
  return parsed.success
    ? { key: read(parsed.data.limits), pool: read(parsed.data.upstream_limits) }
    : { key: [], pool: [] };
}

function jsonOf(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return null;
  }
}
