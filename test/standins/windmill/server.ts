import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { getRequestListener } from "@hono/node-server";
import { Hono } from "hono";
import { authenticate, confine } from "./access.ts";
import { createCredentialCache } from "./ai_credentials.ts";
import { registerAiProxy } from "./ai_proxy.ts";
import { registerAiSettings } from "./ai_settings.ts";
import { type Clock, createClock } from "./clock.ts";
import { ApiError } from "./errors.ts";
import { type Api, type Context, type Env, type Process, type Register, text } from "./http.ts";
import { registerInstance } from "./instance.ts";
import { type Interceptor, intercepting, type RequestLog } from "./intercept.ts";
import { registerJobs } from "./jobs/routes.ts";
import { createNetwork, type Network } from "./network.ts";
import type { Relocking } from "./relocking.ts";
import { registerResourceHistory } from "./resource_history.ts";
import { registerResourceTypes } from "./resource_types.ts";
import { registerResources } from "./resources.ts";
import { checkRoute } from "./scopes.ts";
import {
  addMember,
  addUser,
  addWorkspace,
  createStore,
  issueToken,
  type Release,
  type Store,
  type Workspace,
} from "./store.ts";
import { registerUsers } from "./users.ts";
import { registerVariables } from "./variables.ts";
import { registerWorkspaces } from "./workspaces.ts";

/** The modules whose routes make up the API of both processes. */
const SUBJECTS: readonly Register[] = [
  registerUsers,
  registerWorkspaces,
  registerAiSettings,
  registerInstance,
  registerVariables,
  registerResources,
  registerResourceHistory,
  registerResourceTypes,
  registerAiProxy,
  registerJobs,
];

export interface WindmillOptions {
  /** Default 1.788.0. */
  release?: Release;
  /** What `GET /api/version` answers; default `CE v<release>`. */
  version?: string;
  /** Port of the server process; default any free one. */
  port?: number;
  /** How it re-locks what imports a changed script; default `RELOCKING`. */
  relocking?: Partial<Relocking>;
  /** Whether each process allows private AI base URLs; default neither, as Windmill ships. */
  allowPrivate?: { server?: boolean; worker?: boolean };
}

/** Somebody who can log in, with a token of theirs. */
export interface Account {
  email: string;
  username: string;
  token: string;
}

export interface WindmillStandin {
  /** Origin of the server process, what browsers and `wmill` use. */
  readonly url: string;
  readonly processes: Context["processes"];
  readonly store: Store;
  /** The store's clock: `advance` ages caches and fires schedules. */
  readonly clock: Clock;
  readonly network: Network;
  /** Superadmin of the instance and admin of every workspace made with `createWorkspace`. */
  readonly admin: Account;
  /** Ordinary member of every workspace made with `createWorkspace`. */
  readonly member: Account;
  /** Every API request so far. */
  readonly requests: RequestLog[];
  /** Lets a test spoil requests. Returns the removal. */
  intercept(interceptor: Interceptor): () => void;
  /** A workspace with the admin and the member in it. */
  createWorkspace(id: string, name?: string): Workspace;
  /** A further account, member of the given workspaces. */
  addUser(email: string, workspaces: Workspace[], rights?: { isAdmin?: boolean; operator?: boolean }): Account;
  /** Ends the listeners, open connections, timers and whatever the modules started. */
  close(): Promise<void>;
}

/** Starts a Windmill with a server and a worker process on free local ports. It has no workspace but `admins`. */
export async function startWindmill(options: WindmillOptions = {}): Promise<WindmillStandin> {
  const release = options.release ?? "1.788.0";
  const store = createStore(release, options.version ?? `CE v${release}`, createClock());
  Object.assign(store.relocking, options.relocking);
  const network = createNetwork();
  const requests: RequestLog[] = [];
  const interceptors = new Set<Interceptor>();
  const endings: (() => void | Promise<void>)[] = [];
  const newProcess = (name: Process["name"]): Process => ({
    name,
    allowPrivate: options.allowPrivate?.[name] ?? false,
    url: "",
    credentials: createCredentialCache(store.clock),
  });
  const processes = { server: newProcess("server"), worker: newProcess("worker") };

  const listen = async (process: Process, port: number) => {
    const context: Context = { store, network, process, processes, onClose: (end) => endings.push(end) };
    const api = createApi(context, intercepting(process, requests, interceptors));
    const http = createServer(getRequestListener(api.fetch, { overrideGlobalObjects: false }));
    // Windmill's web server keeps idle connections open; Node's would close them while wmill bundles an app.
    http.keepAliveTimeout = 0;
    await new Promise<void>((resolve, reject) => http.once("error", reject).listen(port, "127.0.0.1", resolve));
    process.url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
    endings.push(() => stop(http));
  };
  await listen(processes.server, options.port ?? 0);
  await listen(processes.worker, 0);

  const account = (email: string, superAdmin: boolean): Account => {
    const { username } = addUser(store, email, superAdmin);
    return { email, username, token: issueToken(store, email) };
  };
  const join = (workspace: Workspace, { email }: Account, rights: { isAdmin?: boolean; operator?: boolean }) => {
    const user = store.users.get(email);
    if (user) addMember(store, workspace, user, rights);
  };
  const admin = account("admin@windmill.dev", true);
  const member = account("member@windmill.dev", false);
  for (const workspace of store.workspaces.values()) join(workspace, admin, { isAdmin: true });

  return {
    url: processes.server.url,
    processes,
    store,
    clock: store.clock,
    network,
    admin,
    member,
    requests,
    intercept(interceptor) {
      interceptors.add(interceptor);
      return () => interceptors.delete(interceptor);
    },
    createWorkspace(id, name = id) {
      const workspace = addWorkspace(store, id, admin.email, name);
      join(workspace, admin, { isAdmin: true });
      join(workspace, member, {});
      return workspace;
    },
    addUser(email, workspaces, rights = {}) {
      const added = account(email, false);
      for (const workspace of workspaces) join(workspace, added, rights);
      return added;
    },
    async close() {
      store.clock.stop();
      await Promise.all(endings.map((end) => end()));
    },
  };
}

function createApi(context: Context, intercept: ReturnType<typeof intercepting>): Api {
  const api: Api = new Hono<Env>();
  api.onError((error) => {
    if (error instanceof ApiError) {
      return new Response(error.message, { status: error.status, headers: { "content-type": error.contentType } });
    }
    console.error(error);
    return new Response(`Internal: the stand-in failed: ${error.message}`, { status: 500 });
  });
  api.use(intercept);
  api.get("/api/version", () => text(context.store.version));
  api.use("/api/*", async (c, next) => {
    const workspaceId = /^\/api\/w\/([^/]+)/.exec(c.req.path)?.[1];
    const actor = authenticate(context.store, c.req.header("authorization"), workspaceId);
    checkRoute(actor, c.req.method, c.req.path);
    if (workspaceId === undefined) confine(context.store.release, actor, c.req.method, c.req.path);
    c.set("actor", actor);
    await next();
  });
  for (const register of SUBJECTS) register(api, context);
  return api;
}

function stop(http: Server): Promise<void> {
  return new Promise((resolve) => {
    http.close(() => resolve());
    http.closeAllConnections();
  });
}
