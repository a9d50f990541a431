import { BODY_LIMIT, type Outcome, type Route } from "../core/shapes.ts";
import type { Windmill } from "../windmill/windmill.ts";
import { senderOf } from "./identity.ts";

/** One request to Windmill's AI proxy, which Windmill passes on to the gateway with the pool key. */
export interface ProxyRequest {
  route: Route;
  method: "GET" | "POST";
  /** Path below the gateway's base URL, without a leading slash, e.g. `chat/completions`. */
  path: string;
  /** JSON body of a POST; keys are sent in this order. */
  body?: unknown;
  /**
   * Names the resource to use (X-Resource-Path). Windmill then reads it under the caller's rights and bypasses its 60 s
   * credential cache: right for a candidate. Without it the request goes the way users' requests go.
   */
  resourcePath?: string;
  /** Milliseconds until the request is given up, body included. */
  timeoutMs: number;
}

/**
 * Sends one request and reports what came back, without what is known to be secret, never throwing: a failure is an outcome too.
 * It makes one attempt, does not follow redirects and stops reading after {@link BODY_LIMIT} characters.
 */
export const sendThroughProxy = async (windmill: Windmill, request: ProxyRequest): Promise<Outcome> =>
  windmill.secrets.clean(await send(windmill, request));

async function send(windmill: Windmill, request: ProxyRequest): Promise<Outcome> {
  const started = performance.now();
  const elapsed = (): number => Math.round(performance.now() - started);
  const deadline = AbortSignal.timeout(request.timeoutMs);
  try {
    const response = await fetch(
      `${windmill.routes[request.route]}/api/w/${encodeURIComponent(windmill.workspace)}/ai/proxy/${request.path}`,
      {
        method: request.method,
        redirect: "manual",
        signal: deadline,
        headers: {
          ...windmill.authorization(),
          "content-type": "application/json",
          "X-Provider": "customai",
          ...(request.resourcePath ? { "X-Resource-Path": request.resourcePath } : {}),
        },
        ...(request.body === undefined ? {} : { body: JSON.stringify(request.body) }),
      },
    );
    const head = {
      status: response.status,
      content_type: (response.headers.get("content-type") ?? "").split(";")[0]?.trim().toLowerCase() ?? "",
      ...optional("location", response.headers.get("location")),
      ...optional("request_id", response.headers.get("x-request-id")),
      sender: senderOf(response.headers),
    };
    const { body, truncated, broken, firstByteAt } = await readBody(response);
    return {
      ...head,
      body,
      truncated,
      ...(broken === undefined ? {} : { failure: toFailure(broken, deadline, request.timeoutMs, "aborted") }),
      ms: elapsed(),
      ...(firstByteAt === undefined ? {} : { first_byte_ms: Math.round(firstByteAt - started) }),
    };
  } catch (error) {
    const failure = toFailure(error, deadline, request.timeoutMs, "network");
    return { status: null, content_type: "", body: "", truncated: false, failure, ms: elapsed() };
  }
}

const optional = <K extends string>(key: K, value: string | null): { [key in K]?: string } =>
  (value === null ? {} : { [key]: value }) as { [key in K]?: string };

interface ReadBody {
  body: string;
  truncated: boolean;
  /** What the stream threw when it ended before its end. */
  broken?: unknown;
  /** `performance.now()` when the first byte came. */
  firstByteAt?: number;
}

/** Reads a body up to {@link BODY_LIMIT} characters. */
export async function readBody(response: Response): Promise<ReadBody> {
  const reader = response.body?.getReader();
  const read: ReadBody = { body: "", truncated: false };
  if (!reader) return read;
  const decoder = new TextDecoder();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      read.firstByteAt ??= performance.now();
      read.body += decoder.decode(value, { stream: true });
      if (read.body.length > BODY_LIMIT) {
        read.body = read.body.slice(0, BODY_LIMIT);
        read.truncated = true;
        // The rest is not wanted; a stream that refuses to be cancelled is of no interest either.
        reader.cancel().catch(() => undefined);
        break;
      }
    }
  } catch (error) {
    read.broken = error;
  }
  return read;
}

/** What became of a request without a whole answer: the client's words for it, with those of its causes: bun and Node put the useful code (ECONNREFUSED) there. */
export function toFailure(
  error: unknown,
  deadline: AbortSignal,
  timeoutMs: number,
  otherwise: "network" | "aborted",
): NonNullable<Outcome["failure"]> {
  if (deadline.aborted) return { kind: "timeout", message: `no complete answer within ${timeoutMs / 1000} s` };
  const words: string[] = [];
  for (let cause = error; cause instanceof Error && words.length < 4; cause = cause.cause) {
    const code = "code" in cause && typeof cause.code === "string" ? `${cause.code}: ` : "";
    words.push(`${code}${cause.message}`);
  }
  return { kind: otherwise, message: words.join(" <- ") || String(error) };
}
