import { RESPONSE_ALREADY_SENT } from "@hono/node-server/utils/response";
import type { MiddlewareHandler } from "hono";
import type { Env, Process } from "./http.ts";

/** One API request that the stand-in got, in the order of arrival. */
export interface RequestLog {
  process: Process["name"];
  method: string;
  /** Without the query. */
  path: string;
  query: string;
  /** Lower-case names. */
  headers: Record<string, string>;
  body: string;
  /** E-mail of who asked; null while nobody was recognised. */
  actor: string | null;
  /** The job whose token was used. */
  jobId: string | null;
}

/** What a test makes of a request: its answer, or the gateway that answers to it. */
export type Interception = Spoilt | { gatewayPort: number };

/** A request whose answer never reaches the caller. */
interface Spoilt {
  /** Whether the request takes effect all the same, before the caller sees what is in `show`. */
  takesEffect: boolean;
  /** An answer, a connection that breaks off, or one that stays silent until the stand-in is closed. */
  show: { status: number; body: string; contentType?: string } | "drop" | "hang";
  /** Called when the request has taken effect, or not, and before the caller sees anything. */
  afterwards?: () => void;
}

/** Looks at a request and says what to make of it; undefined lets it pass. */
export type Interceptor = (request: RequestLog) => Interception | undefined;

/** Logs every request, then lets the interceptors have it. */
export function intercepting(
  process: Process,
  log: RequestLog[],
  interceptors: Set<Interceptor>,
): MiddlewareHandler<Env> {
  return async (c, next) => {
    const [path = "", query = ""] = (c.env.incoming.url ?? "").split("?");
    const entry: RequestLog = {
      process: process.name,
      method: c.req.method,
      path,
      query,
      headers: c.req.header(),
      body: await c.req.text(),
      actor: null,
      jobId: null,
    };
    log.push(entry);
    const found = [...interceptors].map((look) => look(entry)).find((one) => one !== undefined);
    const interception = found && "show" in found ? found : undefined;
    if (found && "gatewayPort" in found) c.set("gatewayPort", found.gatewayPort);
    if (!interception || interception.takesEffect) await next();
    const actor = c.get("actor");
    if (actor) Object.assign(entry, { actor: actor.email, jobId: actor.jobId ?? null });
    if (!interception) return;
    const { show, afterwards } = interception;
    afterwards?.();
    if (show === "hang") await new Promise(() => undefined);
    if (typeof show === "string") {
      c.env.incoming.socket.destroy();
      c.res = RESPONSE_ALREADY_SENT;
      return;
    }
    const headers = { "content-type": show.contentType ?? "text/plain" };
    c.res = new Response(show.body, { status: show.status, headers });
  };
}
