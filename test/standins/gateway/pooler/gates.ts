import { type Answer, HTML_TYPE, JSON_TYPE, text } from "../http.ts";
import { type ErrorCode, refuse } from "./errors.ts";
import type { Call, PoolerState, PoolKey } from "./state.ts";

/** Registered endpoints that the gateway answers with `unsupported_endpoint`. */
const UNSUPPORTED: readonly { method: string; path: RegExp }[] = [
  { method: "POST", path: /^\/v1\/images\/variations$/ },
  { method: "POST", path: /^\/v1\/(content_provenance_checks|embeddings|batches|moderations|fine_tuning\/jobs)$/ },
  { method: "POST", path: /^\/v1\/responses\/(compact|[^/]+\/cancel)$/ },
  { method: "GET", path: /^\/v1\/responses\/[^/]+$/ },
  { method: "DELETE", path: /^\/v1\/responses\/[^/]+$/ },
];

/** Endpoints that the gateway serves and Windmill never calls for `customai`; the stand-in does not imitate them. */
const NOT_IMITATED = /^\/v1\/(responses|files(\/.*)?|audio\/transcriptions|images\/(generations|edits))$/;

/** Gate 1: plain http to anything but localhost is redirected before everything else, when the gateway forces TLS. */
export function redirectToTls(call: Call, state: PoolerState): Answer | null {
  const host = (call.headers.host ?? "").replace(/:\d+$/, "");
  const local = host === "localhost" || host === "127.0.0.1";
  if (!state.forceSsl || local || call.headers["x-forwarded-proto"] === "https" || call.path === "/metrics")
    return null;
  const status = call.method === "GET" || call.method === "HEAD" ? 301 : 307;
  const query = call.query.size > 0 ? `?${call.query}` : "";
  const location = `https://${state.publicHost}${call.path}${query}`;
  return { status, headers: { location }, body: { text: "" }, end: "complete", delayMs: 0 };
}

/** Gate 2: the firewall on the client's address. */
export function firewall(call: Call, state: PoolerState): Answer | null {
  if (state.allowedIps === null || state.allowedIps.includes(call.remoteAddress)) return null;
  return refuse("access_denied");
}

/** The key that a request presents: the literal, case-sensitive scheme `Bearer `, and nothing else. */
export function presentedKey(headers: Record<string, string>): string | null {
  const value = headers.authorization ?? "";
  return value.startsWith("Bearer ") ? value.slice("Bearer ".length).trim() || null : null;
}

/** The refusal of a key in each state; an active one has none. */
const KEY_REFUSALS: Record<PoolKey["state"], ErrorCode | null> = {
  active: null,
  paused: "api_key_disabled",
  revoked: "api_key_disabled",
  expired: "api_key_expired",
};

/** Gate 3: key, pool and the `/v1` switch. A good key of a disabled pool is told the same as an unknown key. */
export function authenticate(call: Call, state: PoolerState): { key: PoolKey } | { refused: Answer } {
  const key = state.keys.get(presentedKey(call.headers) ?? "");
  if (!key || !state.poolEnabled) return { refused: refuse("api_key_missing") };
  const refusal = KEY_REFUSALS[key.state];
  if (refusal) return { refused: refuse(refusal) };
  if (!state.v1Enabled) return { refused: refuse("v1_compatibility_disabled") };
  return { key };
}

/** Gate 4: endpoints of OpenAI that the gateway knows and does not serve. */
export function unsupportedRoute(call: Call): Answer | null {
  if (call.method === "GET" && call.path === "/v1/responses") return refuse("websocket_upgrade_required");
  if (UNSUPPORTED.some((route) => route.method === call.method && route.path.test(call.path))) {
    return refuse("unsupported_endpoint");
  }
  if (!NOT_IMITATED.test(call.path)) return null;
  return text(501, "text/plain", `The Codex Pooler stand-in does not imitate ${call.method} ${call.path}`);
}

/** A page of the web framework: text, or its own JSON when the client asks for JSON. It is not OpenAI-shaped. */
export function frameworkError(status: number, detail: string, headers: Record<string, string>): Answer {
  const wantsJson = (headers.accept ?? "").includes("application/json");
  return wantsJson ? text(status, JSON_TYPE, JSON.stringify({ errors: { detail } })) : text(status, HTML_TYPE, detail);
}
