import { randomUUID } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { type Answer, json, listen, readBody, send } from "./http.ts";
import { chatCompletion } from "./pooler/chat.ts";
import { intercept } from "./pooler/faults.ts";
import {
  authenticate,
  firewall,
  frameworkError,
  presentedKey,
  redirectToTls,
  unsupportedRoute,
} from "./pooler/gates.ts";
import { listBackendModels, listModels, usage } from "./pooler/listing.ts";
import { type Call, type PoolerState, type PoolKey, poolKey } from "./pooler/state.ts";

export { ERROR_FAMILIES, type ErrorCode } from "./pooler/errors.ts";
export { type ActiveFault, FAULTS, type FaultName } from "./pooler/faults.ts";
export { type KeyLimits, type LoggedRequest, type PoolerState, type PoolKey, poolKey } from "./pooler/state.ts";

/** The Codex Pooler stand-in while it runs: its address, and every switch of {@link PoolerState}. */
export interface PoolerStandin extends PoolerState {
  /** Root of the server, without a trailing slash. */
  url: string;
  /** What a Windmill resource needs: `{url}/v1`. */
  baseUrl: string;
  port: number;
  close(): Promise<void>;
}

/** How to start it. What is not given: a free port of 127.0.0.1, one active key, three models, nothing broken. */
export interface PoolerOptions extends Partial<Omit<PoolerState, "keys">> {
  host?: string;
  port?: number;
  /** Keys by their text; a policy needs only what differs from an active key without limits. */
  keys?: Readonly<Record<string, Partial<PoolKey>>>;
}

/** The key of a stand-in that was started without `keys`. Not a secret: it opens nothing else. */
export const STANDIN_KEY = `sk-cxp-0123456789ab-${"k".repeat(43)}`;

const DEFAULT_MODELS = ["gpt-5.5", "gpt-6-luna", "gpt-6-terra"];

/** A gateway without an address of its own: {@link answerTo} answers for it. */
export function newPooler(options: Omit<PoolerOptions, "host" | "port"> = {}): PoolerState {
  const { keys = { [STANDIN_KEY]: {} }, ...switches } = options;
  return {
    models: [...DEFAULT_MODELS],
    keys: new Map(Object.entries(keys).map(([key, policy]) => [key, poolKey(policy)])),
    faults: [],
    latencyMs: 0,
    reply: "ok",
    requests: [],
    tokens: { prompt: 0, completion: 0, total: 0 },
    poolEnabled: true,
    v1Enabled: true,
    allowedIps: null,
    forceSsl: false,
    publicHost: "codex-pooler.example.com",
    now: Date.now,
    ...switches,
  };
}

/** What the gateway answers to a request; it is logged there. */
export function answerTo(call: Call, state: PoolerState): Answer {
  const logged = log(call, state);
  const tls = redirectToTls(call, state);
  const answer =
    tls ??
    withRequestId(
      intercept(state, "edge", call, () => route(call, state)),
      call,
    );
  logged.status = answer.status;
  return answer;
}

/** A request as the gateway reads it. `target` is what the request line says: the path with its query. */
export function callOf(
  {
    method,
    target,
    headers,
    remoteAddress,
  }: { method: string; target: string } & Pick<Call, "headers" | "remoteAddress">,
  bodyText: string,
): Call {
  const url = new URL(target, "http://standin");
  const { pathname: path, searchParams: query } = url;
  return { method, path, query, headers, remoteAddress, bodyText, body: parsed(bodyText) };
}

/**
 * Starts a stand-in of Codex Pooler's `/v1`, built from codex-pooler-v1.md: the same gates in the same order, the same shapes, the
 * same error families, with every fault switchable while it runs.
 * @throws when the port is taken
 */
export async function startPooler(options: PoolerOptions = {}): Promise<PoolerStandin> {
  const { host, port, ...rest } = options;
  const standin = newPooler(rest) as PoolerStandin;
  const listener = await listen(
    async (request, response) => send(response, answerTo(await toCall(request), standin)),
    host,
    port,
  );
  return Object.assign(standin, { ...listener, baseUrl: `${listener.url}/v1` });
}

/** The gates behind TLS and the edge, then the route. Every path under `/v1` needs a key, also one that does not exist. */
function route(call: Call, state: PoolerState): Answer {
  if (call.path === "/healthz") return json(200, { status: "ok" });
  if (call.path === "/readyz") return json(200, { status: "ready" });
  const blocked = firewall(call, state);
  if (blocked) return blocked;
  if (!call.path.startsWith("/v1/") && call.path !== "/backend-api/codex/v1/models") {
    return frameworkError(404, "Not Found", call.headers);
  }
  return intercept(state, "auth", call, () => {
    const access = authenticate(call, state);
    if ("refused" in access) return access.refused;
    const handler = ROUTES[`${call.method} ${call.path}`];
    if (handler) return handler(call, access.key, state);
    return unsupportedRoute(call) ?? frameworkError(404, "Not Found", call.headers);
  });
}

const ROUTES: Readonly<Record<string, (call: Call, key: PoolKey, state: PoolerState) => Answer>> = {
  "GET /v1/models": (call, key, state) => intercept(state, "models", call, () => listModels(key, state)),
  "POST /v1/chat/completions": chatCompletion,
  "GET /v1/usage": usage,
  "GET /backend-api/codex/v1/models": (_call, _key, state) => listBackendModels(state),
};

async function toCall(request: IncomingMessage): Promise<Call> {
  const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
  const { method = "GET", url: target = "/" } = request;
  const remoteAddress = request.socket.remoteAddress ?? "";
  return callOf({ method, target, headers, remoteAddress }, await readBody(request));
}

function log(call: Call, state: PoolerState): PoolerState["requests"][number] {
  const { method, path, headers, body } = call;
  const entry = { method, path, headers, body, key: presentedKey(headers), status: 0 };
  state.requests.push(entry);
  return entry;
}

function parsed(text: string): unknown {
  if (text === "") return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** A client's id is echoed when it is 20 to 200 bytes long; otherwise the gateway makes one. */
function withRequestId(answer: Answer, call: Call): Answer {
  const given = call.headers["x-request-id"] ?? "";
  const id = given.length >= 20 && given.length <= 200 ? given : randomUUID();
  return { ...answer, headers: { ...answer.headers, "x-request-id": id } };
}
