import type { ActiveFault } from "./faults.ts";

/** Limits of a Pool API key's policy; an absent one does not limit. */
export interface KeyLimits {
  max_requests_per_minute?: number;
  max_tokens_per_day?: number;
  max_tokens_per_week?: number;
  max_input_tokens_per_request?: number;
  max_output_tokens_per_request?: number;
}

/** A Pool API key. `allowedModels` null = all, [] = none; `enforcedModel` silently replaces whatever model is asked for. */
export interface PoolKey {
  state: "active" | "paused" | "revoked" | "expired";
  limits: KeyLimits;
  allowedModels: string[] | null;
  enforcedModel: string | null;
  /** What was used, for the limits: one entry per completion. */
  ledger: { at: number; tokens: number }[];
}

/** One request that arrived, whatever became of it. */
export interface LoggedRequest {
  method: string;
  /** Without the query string. */
  path: string;
  headers: Record<string, string>;
  /** Parsed JSON, or the text where it is none; undefined without a body. */
  body: unknown;
  /** The key as presented, or null. */
  key: string | null;
  /** The status it was answered with. */
  status: number;
}

/** Everything that a test may switch while the gateway runs. Models, keys, faults and requests are changed in place. */
export interface PoolerState {
  /** Ids that the pool serves, in the order in which GET /v1/models lists them when sorted. */
  models: string[];
  keys: Map<string, PoolKey>;
  faults: ActiveFault[];
  /** Upstream latency in ms: waited before a completion's first byte. Lists and usage are served from the gateway itself. */
  latencyMs: number;
  /** What the model says when it is not calling a tool. */
  reply: string;
  requests: LoggedRequest[];
  /** Tokens of all completions so far. */
  tokens: { prompt: number; completion: number; total: number };
  poolEnabled: boolean;
  v1Enabled: boolean;
  /** Client addresses that the firewall lets in; null = firewall off. */
  allowedIps: string[] | null;
  /** Redirect plain http whose host is not localhost to `https://{publicHost}`. */
  forceSsl: boolean;
  publicHost: string;
  /** The clock of limits, windows and `created`; ms since the epoch. */
  now(): number;
}

/** A parsed request on its way through the gates. */
export interface Call {
  method: string;
  path: string;
  query: URLSearchParams;
  headers: Record<string, string>;
  remoteAddress: string;
  bodyText: string;
  /** The body as parsed JSON, or the text where it is none; undefined without a body. */
  body: unknown;
}

/** An active key without limits; `policy` overrides. */
export function poolKey(policy: Partial<PoolKey> = {}): PoolKey {
  return { state: "active", limits: {}, allowedModels: null, enforcedModel: null, ledger: [], ...policy };
}
