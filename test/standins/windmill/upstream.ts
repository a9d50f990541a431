import { request as httpRequest, type IncomingMessage, validateHeaderName, validateHeaderValue } from "node:http";
import { request as httpsRequest } from "node:https";
import { pipeline, type Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { type Network, UnresolvableName } from "./network.ts";
import { urlMistake } from "./url_guard.ts";

/** A request that Windmill itself sends: from the proxy, or from a worker that runs an AI agent step. */
export interface UpstreamRequest {
  method: string;
  url: string;
  /** In order; a name may come twice. */
  headers: [string, string][];
  /** Empty for none. */
  body: string;
}

export interface UpstreamResponse {
  status: number;
  /** In order, without those that only concern the connection or the compression that was undone. */
  headers: [string, string][];
  /** Fails when the gateway breaks off. */
  body: Readable;
}

/** No answer came. The message is that of Windmill's HTTP client, without a source line. */
export class UpstreamFailure extends Error {}

/** What the client says of a connection that fails, by Node's code for it. */
const CONNECTION_MISTAKES: Record<string, string> = {
  ECONNREFUSED: "client error (Connect): tcp connect error: Connection refused (os error 111)",
  EHOSTUNREACH: "client error (Connect): tcp connect error: No route to host (os error 113)",
  ENETUNREACH: "client error (Connect): tcp connect error: Network is unreachable (os error 101)",
  ETIMEDOUT: "client error (Connect): tcp connect error: Connection timed out (os error 110)",
  ECONNRESET: "client error (SendRequest): connection closed before message completed",
  EPROTO: "client error (Connect): received corrupt message of type InvalidContentType",
  CERT_HAS_EXPIRED: "client error (Connect): invalid peer certificate: Expired",
  DEPTH_ZERO_SELF_SIGNED_CERT: "client error (Connect): invalid peer certificate: UnknownIssuer",
  SELF_SIGNED_CERT_IN_CHAIN: "client error (Connect): invalid peer certificate: UnknownIssuer",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "client error (Connect): invalid peer certificate: UnknownIssuer",
  ERR_TLS_CERT_ALTNAME_INVALID: "client error (Connect): invalid peer certificate: NotValidForName",
};

/** Headers that say something about one connection, or about a body as it was before decompression. */
const NOT_PASSED_ON = ["connection", "keep-alive", "transfer-encoding"];

/**
 * Sends a request through the stand-in's network: names mean what its table says, redirects are not followed, gzip is undone.
 * `signal` ends it; its reason, if it is an {@link UpstreamFailure}, is what is thrown.
 * @throws UpstreamFailure
 */
export async function sendUpstream(
  network: Network,
  request: UpstreamRequest,
  signal: AbortSignal,
): Promise<UpstreamResponse> {
  const mistake = builderMistake(request);
  if (mistake) throw new UpstreamFailure(`builder error${mistake}`);
  const url = new URL(request.url);
  url.hash = "";
  try {
    if (network.dispatch) return await network.dispatch(request, url, signal);
    return received(await connect(network, request, url, signal));
  } catch (error) {
    if (error instanceof UpstreamFailure) throw error;
    throw new UpstreamFailure(`error sending request for url (${url.href}): ${connectionMistake(error)}`);
  }
}

/** The failure of a request that took longer than `AI_REQUEST_TIMEOUT_SECONDS`. */
export function upstreamTimeout(url: string): UpstreamFailure {
  return new UpstreamFailure(`error sending request for url (${url}): operation timed out`);
}

function builderMistake({ url, headers }: UpstreamRequest): string | undefined {
  if (!URL.canParse(url)) return `: ${urlMistake(url)}`;
  if (!/^https?:/i.test(url)) return ` for url (${url}): URL scheme is not allowed`;
  for (const [name, value] of headers) {
    if (!isAccepted(() => validateHeaderName(name))) return ": invalid HTTP header name";
    if (!isAccepted(() => validateHeaderValue(name, value))) return ": failed to parse header value";
  }
  return undefined;
}

function isAccepted(check: () => void): boolean {
  try {
    check();
    return true;
  } catch {
    return false;
  }
}

function connect(network: Network, request: UpstreamRequest, url: URL, signal: AbortSignal): Promise<IncomingMessage> {
  const secure = url.protocol === "https:";
  const target = network.connectTo(url.hostname, Number(url.port) || (secure ? 443 : 80));
  if (!target) throw Object.assign(new Error("nobody listens"), { code: "ECONNREFUSED" });
  const length: [string, string][] =
    request.body !== "" || request.method === "POST" ? [["content-length", `${Buffer.byteLength(request.body)}`]] : [];
  const headers = [...request.headers, ["host", url.host] as const, ...length].flat();
  const options = {
    ...target,
    agent: false as const,
    method: request.method,
    path: `${url.pathname}${url.search}`,
    headers,
    servername: url.hostname,
  };
  return new Promise((resolve, reject) => {
    const outgoing = secure ? httpsRequest(options, resolve) : httpRequest(options, resolve);
    outgoing.on("error", reject);
    const stop = () => {
      reject(signal.reason);
      outgoing.destroy(signal.reason instanceof Error ? signal.reason : undefined);
    };
    if (signal.aborted) stop();
    signal.addEventListener("abort", stop, { once: true });
    outgoing.end(request.body);
  });
}

function received(message: IncomingMessage): UpstreamResponse {
  const zipped = message.headers["content-encoding"] === "gzip";
  const dropped = zipped ? [...NOT_PASSED_ON, "content-encoding", "content-length"] : NOT_PASSED_ON;
  const headers: [string, string][] = [];
  for (let i = 0; i + 1 < message.rawHeaders.length; i += 2) {
    const [name = "", value = ""] = message.rawHeaders.slice(i, i + 2);
    if (!dropped.includes(name.toLowerCase())) headers.push([name.toLowerCase(), value]);
  }
  // The callback only keeps the failure of one stream from being thrown on its own; it reaches the reader of the other.
  const body = zipped ? pipeline(message, createGunzip(), () => undefined) : message;
  return { status: message.statusCode ?? 0, headers, body };
}

function connectionMistake(error: unknown): string {
  if (error instanceof UnresolvableName) return `client error (Connect): dns error: ${error.message}`;
  const { code = "", message = "" } = error as NodeJS.ErrnoException;
  if (code.startsWith("HPE_")) return "client error (SendRequest): invalid HTTP version parsed";
  return CONNECTION_MISTAKES[code] ?? `client error (SendRequest): connection error: ${message}`;
}
