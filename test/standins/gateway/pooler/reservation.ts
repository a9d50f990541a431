import type { Answer } from "../http.ts";
import { refuse } from "./errors.ts";
import { isObject, type Json } from "./json.ts";
import type { PoolKey } from "./state.ts";

const MINUTE = 60_000;
const DAY = 86_400_000;

/** Output tokens that are reserved at least; more when the request carries images, files or tool results. */
const FLOOR = 512;
const FLOOR_WITH_ATTACHMENTS = 2_048;

/** Input tokens of a request as the gateway estimates them: JSON bytes / 4 of the prompt. */
export function promptTokens(body: Json): number {
  return Math.ceil(Buffer.byteLength(JSON.stringify({ messages: body.messages, tools: body.tools })) / 4);
}

/** What a request reserves: the client's own maximum counts in full, whether or not the model will use it. */
export function reservation(body: Json, key: PoolKey): { input: number; output: number } {
  const asked = Number(body.max_completion_tokens ?? body.max_tokens ?? 0);
  const floor = hasAttachments(body) ? FLOOR_WITH_ATTACHMENTS : FLOOR;
  const output = Math.max(asked, key.limits.max_output_tokens_per_request ?? 0, floor);
  return { input: promptTokens(body), output };
}

function hasAttachments(body: Json): boolean {
  const messages = (body.messages ?? []) as Json[];
  return messages.some(
    ({ role, content }) =>
      role === "tool" ||
      (Array.isArray(content) && content.some((part) => isObject(part) && !String(part.type).includes("text"))),
  );
}

/** What a key used in each window, at `now`. */
export function usedBy(
  key: PoolKey,
  now: number,
): { requestsInMinute: number; tokensToday: number; tokensInWeek: number } {
  const since = (start: number) => key.ledger.filter((entry) => entry.at >= start);
  const tokens = (entries: { tokens: number }[]) => entries.reduce((sum, entry) => sum + entry.tokens, 0);
  return {
    requestsInMinute: since(now - MINUTE).length,
    tokensToday: tokens(since(now - (now % DAY))),
    tokensInWeek: tokens(since(now - 7 * DAY)),
  };
}

/** Refuses a request that would exceed a limit of its key: per request first, then per window. Null when it fits. */
export function overLimit(body: Json, key: PoolKey, now: number): Answer | null {
  const { input, output } = reservation(body, key);
  const used = usedBy(key, now);
  const rows = [
    { field: "max_input_tokens_per_request", metric: "input_tokens", window: "request", attempted: input },
    { field: "max_output_tokens_per_request", metric: "output_tokens", window: "request", attempted: output },
    {
      field: "max_requests_per_minute",
      metric: "request_count",
      window: "minute",
      attempted: used.requestsInMinute + 1,
    },
    {
      field: "max_tokens_per_day",
      metric: "total_tokens",
      window: "daily",
      attempted: used.tokensToday + input + output,
    },
    {
      field: "max_tokens_per_week",
      metric: "total_tokens",
      window: "weekly",
      attempted: used.tokensInWeek + input + output,
    },
  ] as const;
  for (const { field, metric, window, attempted } of rows) {
    const max = key.limits[field];
    if (max === undefined || attempted <= max) continue;
    const message = `api key policy ${field} exceeded for ${metric} in ${window} window: attempted ${attempted}, max ${max}`;
    return refuse("api_key_policy_limit_exceeded", { message });
  }
  return null;
}
