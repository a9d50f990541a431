import { type Answer, json } from "../http.ts";
import { refuse } from "./errors.ts";
import { usedBy } from "./reservation.ts";
import type { Call, KeyLimits, PoolerState, PoolKey } from "./state.ts";

/** When the catalog learnt of its models; the value means nothing to a client. */
const CREATED = 1_785_000_000;

/** GET /v1/models: what the key may see, in ascending order of id. An enforced model does not change the list. */
export function listModels(key: PoolKey, state: PoolerState): Answer {
  const allowed = key.allowedModels?.map((id) => id.toLowerCase()) ?? null;
  const visible = state.models.filter((id) => allowed === null || allowed.includes(id.toLowerCase())).sort();
  const data = visible.map((id) => ({
    id,
    object: "model",
    created: CREATED,
    owned_by: "codex-pooler",
    permission: [],
    input_modalities: ["text"],
    display_name: id,
    supports_streaming: true,
    supports_tools: true,
    supports_reasoning: true,
    context_length: 258_400,
  }));
  return json(200, { object: "list", data });
}

/** GET /backend-api/codex/v1/models: the other API of the same server, which is not OpenAI-shaped. */
export function listBackendModels(state: PoolerState): Answer {
  return json(200, { models: state.models.map((slug) => ({ slug })) });
}

const DAY = 86_400_000;

/** GET /v1/usage: limits of the key's default scope only; the per-request limits are invisible here. */
export function usage(call: Call, key: PoolKey, state: PoolerState): Answer {
  const unexpected = [...call.query.keys()][0];
  if (unexpected !== undefined) {
    return refuse("unsupported_parameter", { message: `Unsupported parameter: ${unexpected}`, param: unexpected });
  }
  const now = state.now();
  const used = usedBy(key, now);
  const rows: [keyof KeyLimits, string, string, number, number][] = [
    ["max_requests_per_minute", "request_count", "minute", used.requestsInMinute, now + 60_000],
    ["max_tokens_per_day", "total_tokens", "daily", used.tokensToday, now - (now % DAY) + DAY],
    ["max_tokens_per_week", "total_tokens", "weekly", used.tokensInWeek, now + 7 * DAY],
  ];
  const limits = rows.flatMap(([field, type, window, current, reset]) => {
    const max = key.limits[field];
    return max === undefined ? [] : [limit(type, window, max, current, reset, "api_key_limit")];
  });
  return json(200, {
    request_count: key.ledger.length,
    total_tokens: key.ledger.reduce((sum, entry) => sum + entry.tokens, 0),
    cached_input_tokens: 0,
    total_cost_usd: 0,
    total_cost_status: "unpriced",
    limits,
    upstream_limits: [limit("percent", "5h", 100, 12, now + DAY / 4, "upstream_usage")],
  });
}

function limit(type: string, window: string, max: number, current: number, reset: number, source: string) {
  return {
    limit_type: type,
    limit_window: window,
    max_value: max,
    current_value: current,
    remaining_value: Math.max(0, max - current),
    model_filter: null,
    reset_at: new Date(reset).toISOString(),
    source,
  };
}
