import type { HttpBindings } from "@hono/node-server";
import type { Hono, Context as HonoContext } from "hono";
import type { Actor } from "./access.ts";
import type { CredentialCache } from "./ai_credentials.ts";
import { notFound } from "./errors.ts";
import type { Network } from "./network.ts";
import type { Store, Workspace } from "./store.ts";

/** One of the two Windmill processes: the server that browsers talk to, or a worker with its embedded API. */
export interface Process {
  readonly name: "server" | "worker";
  /** Its `ALLOW_PRIVATE_AI_BASE_URLS`. */
  allowPrivate: boolean;
  /** Its origin, e.g. `http://127.0.0.1:40123`. Set when it listens. */
  url: string;
  /** Its own cache of AI credentials. */
  readonly credentials: CredentialCache;
}

/** What a route module gets. `register` is called once per process, over the same store. */
export interface Context {
  readonly store: Store;
  readonly network: Network;
  /** The process whose routes are being registered. */
  readonly process: Process;
  readonly processes: { readonly server: Process; readonly worker: Process };
  /** Adds something that `close()` of the stand-in has to end. */
  onClose(end: () => void | Promise<void>): void;
}

export interface Env {
  Bindings: HttpBindings;
  Variables: {
    actor: Actor;
    /** The local port where the gateway of this one request listens, if a test has put another one in its place. */
    gatewayPort?: number;
  };
}
export type Api = Hono<Env>;
export type Request = HonoContext<Env>;

/** Adds a subject's routes to one process. */
export type Register = (api: Api, context: Context) => void;

/** A plain answer, as Windmill's handlers that return a String give it. */
export function text(body: string, status = 200): Response {
  return new Response(body, { status, headers: { "content-type": "text/plain; charset=utf-8" } });
}

/** A JSON answer. */
export function json(body: unknown, status = 200): Response {
  return new Response(JSON.stringify(body ?? null), { status, headers: { "content-type": "application/json" } });
}

/** An answer with neither a body nor a content type. */
export function empty(status = 200): Response {
  return new Response(null, { status });
}

/** The part of the request's path after `marker`, percent-decoded: an item's path, or what a proxied request is for. */
export function pathAfter(request: Request, marker: string): string {
  const raw = (request.env.incoming.url ?? "").split("?")[0] ?? "";
  return decodeURIComponent(raw.slice(raw.indexOf(marker) + marker.length));
}

/**
 * The workspace of a `/api/w/:w/` route.
 * @throws ApiError 404 when there is none (a superadmin gets this far with any id)
 */
export function workspaceOf(request: Request, store: Store): Workspace {
  const id = request.req.param("w") ?? "";
  const workspace = store.workspaces.get(id);
  if (!workspace) throw notFound(`workspace settings not found at name ${id} (workspaces.rs:1044)`);
  return workspace;
}
