import type { ServerResponse } from "node:http";
import type { Readable } from "node:stream";
import { RESPONSE_ALREADY_SENT } from "@hono/node-server/utils/response";
import { aiConfigShape, effectiveAiConfig, providersOf } from "./ai_config.ts";
import type { Credentials } from "./ai_credentials.ts";
import { resolveCredentials } from "./ai_resource.ts";
import type { Clock } from "./clock.ts";
import { ApiError, badRequest, internal, sqlError, upstreamRefused } from "./errors.ts";
import { type Context, empty, pathAfter, type Register, type Request } from "./http.ts";
import type { Network } from "./network.ts";
import { readStored, unknownVariant } from "./shape.ts";
import type { Release } from "./store.ts";
import {
  sendUpstream,
  UpstreamFailure,
  type UpstreamRequest,
  type UpstreamResponse,
  upstreamTimeout,
} from "./upstream.ts";
import { guardUrl } from "./url_guard.ts";

/** `AI_REQUEST_TIMEOUT_SECONDS` as it is when nobody sets it. */
const REQUEST_TIMEOUT_MS = 3_600_000;
/** Silence in a stream after which the proxy sends a comment of its own. */
const KEEPALIVE_MS = 15_000;

const ROUTE = "/api/w/:w/ai/proxy/*";

/** The way of every AI feature from the browser to the gateway. */
export const registerAiProxy: Register = (api, context) => {
  api.on(["GET", "POST"], ROUTE, async (c) => {
    const credentials = credentialsFor(c, context);
    guardUrl(context.process, context.network, credentials.baseUrl, context.store.release);
    const target = `${credentials.baseUrl.replace(/\/+$/, "")}/${pathAfter(c, "/ai/proxy/")}`;
    const request: UpstreamRequest = {
      method: c.req.method,
      url: target,
      headers: headersFor(credentials, context.store.release),
      body: await c.req.text(),
    };
    return relay(c, context, request);
  });
  api.all(ROUTE, () => empty(405));
};

/** The credentials of a request: those of the resource it names, else the cached ones, else those of the settings that count. */
function credentialsFor(c: Request, context: Context): Credentials {
  const { store, process } = context;
  const workspaceId = c.req.param("w") ?? "";
  const workspace = store.workspaces.get(workspaceId);
  const provider = c.req.header("x-provider");
  const providers = providersOf(store.release);
  if (provider === undefined) throw badRequest("Provider is required");
  if (!providers.includes(provider)) throw badRequest(`Invalid AI provider: ${unknownVariant(provider, providers)}`);

  const named = c.req.header("x-resource-path");
  if (named !== undefined) return resolveCredentials(context, workspace, named, c.get("actor"));
  const cached = process.credentials.get(workspaceId, provider);
  if (cached) return cached;

  if (!workspace) {
    throw sqlError("no rows returned by a query that expected to return at least one row", "ai.rs:709:14");
  }
  const effective = effectiveAiConfig(store, workspace);
  if (!effective) throw internal("AI resource not configured", "ai.rs:734:48");
  const config = readStored(effective.config, aiConfigShape(store.release));
  const path = (config?.providers as Record<string, { resource_path: string }> | undefined)?.[provider]?.resource_path;
  if (path === undefined)
    throw badRequest(`Provider ${provider === "customai" ? "CustomAI" : provider} not configured`);
  if (path === "") throw badRequest("Resource path is empty");
  const credentials = resolveCredentials(context, effective.resourcesOf, path, undefined);
  process.credentials.set(workspaceId, provider, credentials);
  return credentials;
}

/** What the gateway gets: nothing of the caller's headers, the key, and the resource's own headers. */
function headersFor({ apiKey, organizationId, headers }: Credentials, release: Release): [string, string][] {
  const own = Object.entries(headers);
  const overridden = release !== "1.743.0" && own.some(([name]) => name.toLowerCase() === "authorization");
  return [
    ["content-type", "application/json"],
    ...(apiKey !== undefined && !overridden ? [["authorization", `Bearer ${apiKey}`] as [string, string]] : []),
    ...(organizationId === undefined ? [] : [["openai-organization", organizationId] as [string, string]]),
    ...own,
    ["accept", "*/*"],
    ["user-agent", "windmill/beta"],
    ["accept-encoding", "gzip"],
  ];
}

async function relay(c: Request, { network, store }: Context, request: UpstreamRequest): Promise<Response> {
  const { outgoing } = c.env;
  const ended = new AbortController();
  const cancel = store.clock.at(store.clock.now() + REQUEST_TIMEOUT_MS, () =>
    ended.abort(upstreamTimeout(request.url)),
  );
  outgoing.once("close", () => {
    cancel();
    ended.abort();
  });
  try {
    const response = await sendUpstream(elsewhere(network, c.get("gatewayPort")), request, ended.signal);
    if (response.status >= 400) throw upstreamRefused(await readAll(response.body));
    pass(response, outgoing, store.clock);
    return RESPONSE_ALREADY_SENT;
  } catch (error) {
    if (outgoing.destroyed) return RESPONSE_ALREADY_SENT;
    if (error instanceof UpstreamFailure) throw new ApiError(500, `Error: ${error.message} @ai.rs:950:20`);
    throw error;
  }
}

/** The network with another port behind every name, where a test has said so for this request. */
const elsewhere = (network: Network, port: number | undefined): Network =>
  port === undefined ? network : { ...network, connectTo: () => ({ host: "127.0.0.1", port }) };

/** The whole body of a refusal; what broke off on the way counts as empty. */
async function readAll(body: Readable): Promise<string> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of body) chunks.push(chunk as Buffer);
  } catch {
    return "";
  }
  return Buffer.concat(chunks).toString("utf8");
}

/** Hands the answer on as it comes in, piece by piece. A gateway that breaks off breaks off the caller's answer too. */
function pass({ status, headers, body }: UpstreamResponse, outgoing: ServerResponse, clock: Clock): void {
  const isStream = headers.some(([name, value]) => name === "content-type" && value.includes("text/event-stream"));
  let cancel: () => void = () => undefined;
  const restart = () => {
    cancel();
    if (!isStream) return;
    cancel = clock.at(clock.now() + KEEPALIVE_MS, () => {
      outgoing.write(": keepalive\n\n");
      restart();
    });
  };
  outgoing.writeHead(status, headers.flat());
  outgoing.flushHeaders();
  restart();
  body.on("data", (chunk: Buffer) => {
    outgoing.write(chunk);
    restart();
  });
  body.on("end", () => outgoing.end());
  body.on("error", () => outgoing.destroy());
  outgoing.once("close", () => {
    cancel();
    body.destroy();
  });
}
