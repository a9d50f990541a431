import { EventEmitter } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { parse } from "yaml";
import { ROOT } from "../../tools/shared/programs.ts";
import type { Answer } from "../standins/gateway/http.ts";
import { answerTo, callOf, type PoolerState } from "../standins/gateway/pooler.ts";
import { createCredentialCache } from "../standins/windmill/ai_credentials.ts";
import type { Api, Context, Process } from "../standins/windmill/http.ts";
import { type Engine, engineIn } from "../standins/windmill/jobs/engine.ts";
import { deployedIn, type Script } from "../standins/windmill/jobs/state.ts";
import { createNetwork, type Network } from "../standins/windmill/network.ts";
import { createApi } from "../standins/windmill/server.ts";
import {
  addMember,
  addUser,
  addWorkspace,
  createStore,
  issueToken,
  type Store,
  type Workspace,
} from "../standins/windmill/store.ts";
import type { UpstreamRequest, UpstreamResponse } from "../standins/windmill/upstream.ts";
import { NotDeterministic, type Owner, type Time } from "./time.ts";

/**
 * A Windmill and gateways in this process: the handlers of the stand-ins, without sockets. Requests are handed over as they are, and
 * what stands in the place of the network is a schedule of events.
 */

/** Where jobs reach the server that browsers use. */
export const SERVER = "http://windmill.example.com";
export const WORKSPACE = "team";
export const FOLDER = "f/codex_pooler";
export const HEALTH = `${FOLDER}/health`;

/** A process of Windmill: the server, or a worker with its embedded API and its clock. */
export interface Place {
  process: Process;
  api: Api;
  /** Milliseconds by which its machine's clock is ahead. */
  skewMs: number;
  /** Whether connections to it are refused. */
  down: boolean;
}

/** A gateway of the world, behind a name. */
export interface Gateway {
  name: "A" | "B";
  host: string;
  pooler: PoolerState;
  /** Whether connections to it are refused. */
  down: boolean;
  /** Where its front redirects to, below which the same path is asked for. Something that answers like a gateway listens on port 8081. */
  redirect?: string | undefined;
}

/** A request that reached a gateway, and what became of it. */
export interface Upstream {
  time: number;
  /** Who asked Windmill. */
  owner: Owner;
  /** The process that passed it on. */
  via: string;
  /** Scheme, host and port with the path below which the API is. */
  base_url: string;
  host: string;
  path: string;
  key: string | null;
  /** The resource's own headers. */
  headers: Record<string, string>;
  model: string | null;
  status: number;
  /** Whether it was a whole completion with something in it, or a whole answer to another question. */
  good: boolean;
}

/** What happens to the way between Windmill and the gateway, of one request. */
export interface GatewayTrouble {
  kind: "refused" | "reset" | "cut" | "silent" | "failing";
}

/** One request of a job or a person, and how it fares on the way. */
export interface Carried extends Owner {
  /** Milliseconds to the gateway, and back. */
  hopMs(): number;
  trouble?: GatewayTrouble;
}

/** An answer as the network has it. */
export interface Reply {
  status: number;
  headers: [string, string][];
  body: string;
  /** The answer as the handler made it, where it is whole: then `headers` and `body` are empty. */
  whole?: Response;
  /** `cut`: it breaks off after the body. `hang`: nothing more comes, and no end. */
  end: "complete" | "cut" | "hang";
}

export interface SimulatedWindmill {
  store: Store;
  network: Network;
  workspace: Workspace;
  server: Place;
  workers: Place[];
  engine: Engine;
  gateways: Record<"A" | "B", Gateway>;
  accounts: Record<"admin" | "boss" | "member", { email: string; username: string; token: string }>;
  /** Serves a request in a process; it answers when the process has begun to. `left` says that whoever asked has gone. */
  serve(
    place: Place,
    method: string,
    target: string,
    headers: Record<string, string>,
    body: string,
    left?: AbortSignal | null,
  ): Promise<Reply>;
  /** {@link serve} for what is answered at once. */
  ask(place: Place, method: string, target: string, headers: Record<string, string>, body: string): Promise<Reply>;
}

/** Headers that Windmill itself sends to a gateway. */
const WINDMILLS_OWN =
  /^(content-type|authorization|accept|user-agent|accept-encoding|openai-organization|host|content-length)$/;

/** Builds the world's machines. Call it when the history's time has taken over. */
export function buildWindmill(
  time: Time,
  setup: {
    gateways: Record<"A" | "B", Gateway>;
    workers: readonly { skewMs: number }[];
    allowPrivate: { server: boolean; worker: boolean };
  },
  onUpstream: (request: Upstream) => void,
): SimulatedWindmill {
  const store = createStore("1.788.0", "CE v1.788.0", time.clock);
  const network: Network = { ...createNetwork() };
  const newProcess = (name: Process["name"], url: string): Process => ({
    ...{ name, url, allowPrivate: setup.allowPrivate[name] },
    credentials: createCredentialCache(time.clock),
  });
  const server = newProcess("server", SERVER);
  const workers = setup.workers.map((_, index) => newProcess("worker", `http://worker-${index + 1}.internal:8001`));
  const [firstWorker] = workers;
  if (!firstWorker) throw new Error("A Windmill needs a worker.");
  const hosts = new Map(Object.values(setup.gateways).map((gateway) => [gateway.host, gateway]));
  for (const { host } of hosts.values()) network.hosts.set(host, { addresses: ["93.184.216.34"], port: 1 });

  const placeOf = (process: Process, skewMs: number): Place => {
    const own: Network = { ...network, dispatch: (request, url, signal) => dispatch(process, request, url, signal) };
    const context: Context = {
      store,
      network: own,
      process,
      processes: { server, worker: firstWorker },
      onClose: () => undefined,
    };
    return { process, api: createApi(context, (_c, next) => next()), skewMs, down: false };
  };

  const dispatch = (
    process: Process,
    request: UpstreamRequest,
    url: URL,
    signal: AbortSignal,
  ): Promise<UpstreamResponse> => {
    const carried = time.owner as Carried;
    const gateway = hosts.get(url.hostname);
    network.resolve(url.hostname);
    const refused = (code: string) => Object.assign(new Error(code), { code });
    const trouble = carried.trouble?.kind;
    delete carried.trouble;
    const isAway = !gateway || gateway.down || (url.port !== "" && url.port !== "8081") || url.protocol !== "http:";
    const arrive = (): { answer: Answer; good: boolean } => {
      const headers = Object.fromEntries(request.headers.map(([name, value]) => [name.toLowerCase(), value]));
      headers.host = url.host;
      const target = `${url.pathname}${url.search}`;
      const call = callOf({ method: request.method, target, headers, remoteAddress: "10.0.0.2" }, request.body);
      const pooler = (gateway as Gateway).pooler;
      const { redirect } = gateway as Gateway;
      const location = redirect && `${redirect}${url.pathname}${url.search}`;
      const answer: Answer =
        location && url.port === ""
          ? { status: 307, headers: { location }, body: { text: "" }, end: "complete", delayMs: 0 }
          : trouble === "failing"
            ? { status: 500, headers: {}, body: { text: "Internal Server Error" }, end: "complete", delayMs: 0 }
            : answerTo(call, pooler);
      if (pooler.requests.length > 200) pooler.requests.length = 0;
      const good = answer.status === 200 && answer.end === "complete" && trouble === undefined;
      const text = "text" in answer.body ? answer.body.text : answer.body.stream.join("");
      const model =
        typeof call.body === "object" && call.body !== null && "model" in call.body ? String(call.body.model) : null;
      onUpstream({
        ...{ time: time.now, owner: carried, via: process.url, host: url.host, path: url.pathname, model },
        base_url: request.url.replace(/\/(models|usage|chat\/completions)(\?.*)?$/, ""),
        key: headers.authorization?.replace(/^Bearer /, "") ?? null,
        headers: Object.fromEntries(request.headers.filter(([name]) => !WINDMILLS_OWN.test(name.toLowerCase()))),
        status: answer.status,
        good: good && (model === null || isCompletion(text)),
      });
      return { answer, good };
    };
    if (carried.instant) {
      if (isAway) return Promise.reject(refused("ECONNREFUSED"));
      const { answer } = arrive();
      return answer.end === "silent" ? Promise.reject(refused("ETIMEDOUT")) : Promise.resolve(upstream(answer));
    }
    return new Promise((resolve, reject) => {
      const fail = (code: string) => time.in(carried.hopMs(), carried, () => reject(refused(code)));
      if (isAway || trouble === "refused") return void fail("ECONNREFUSED");
      time.in(carried.hopMs(), carried, () => {
        if (signal.aborted) return;
        const { answer } = arrive();
        if (trouble === "reset") return void fail("ECONNRESET");
        if (trouble === "silent" || answer.end === "silent") return;
        const spoilt: Answer = trouble === "cut" ? { ...answer, end: "cut" } : answer;
        time.in(answer.delayMs + carried.hopMs(), carried, () => resolve(upstream(spoilt)));
      });
    });
  };

  const serverPlace = placeOf(server, 0);
  const workerPlaces = workers.map((process, index) => placeOf(process, setup.workers[index]?.skewMs ?? 0));
  const admin = addUser(store, "admin@windmill.dev", true);
  const boss = addUser(store, "boss@windmill.dev");
  const member = addUser(store, "member@windmill.dev");
  const workspace = addWorkspace(store, WORKSPACE, admin.email);
  for (const user of [admin, boss]) addMember(store, workspace, user, { isAdmin: true });
  addMember(store, workspace, member);
  const engine = engineIn(store);
  engine.slots.limit = 8;
  const account = ({ email, username }: { email: string; username: string }) => ({
    email,
    username,
    token: issueToken(store, email),
  });

  const serve: SimulatedWindmill["serve"] = async ({ api }, method, target, headers, body, left) => {
    const outgoing = new Outgoing();
    left?.addEventListener("abort", () => outgoing.destroy(), { once: true });
    // The part of a request that the handlers read: a real one costs as much as all the rest.
    const request = { method, url: `http://windmill${target}`, headers: new Headers(headers), text: async () => body };
    const incoming = { url: target, socket: { destroy: () => outgoing.destroy() } } as unknown as IncomingMessage;
    const env = { incoming, outgoing: outgoing as unknown as ServerResponse };
    const response = await api.fetch(request as unknown as Request, env);
    if (outgoing.started || outgoing.destroyed) return outgoing.reply();
    return { status: response.status, headers: [], body: "", end: "complete", whole: response };
  };
  return {
    ...{
      store,
      network,
      workspace,
      server: serverPlace,
      workers: workerPlaces,
      engine,
      gateways: setup.gateways,
      serve,
    },
    accounts: { admin: account(admin), boss: account(boss), member: account(member) },
    async ask(...request) {
      let reply: Reply | undefined;
      const work = serve(...request).then((answer) => {
        reply = answer;
      });
      await time.settle();
      if (!reply) throw new NotDeterministic(`${request[2]} was not answered at once.`);
      await work;
      return reply.whole ? { ...reply, body: await reply.whole.text() } : reply;
    },
  };
}

const isCompletion = (text: string): boolean => /"(content|arguments)":"[^"]/.test(text);

/** A gateway's answer as Windmill's HTTP client has it. */
function upstream({ status, headers, body, end }: Answer): UpstreamResponse {
  const pieces = "text" in body ? [body.text] : [...body.stream];
  return { status, headers: Object.entries(headers), body: new Pieces(pieces, end) as unknown as Readable };
}

/** The part of a stream that Windmill's proxy uses: pieces that come at once, then an end, a failure, or nothing. */
class Pieces {
  readonly #pieces: string[];
  readonly #end: Answer["end"];

  constructor(pieces: string[], end: Answer["end"]) {
    this.#pieces = pieces;
    this.#end = end;
  }

  on(event: "data" | "end" | "error", listener: (value?: unknown) => void): this {
    if (event === "data") for (const piece of this.#pieces) listener(Buffer.from(piece));
    if (event === "end" && this.#end === "complete") listener();
    if (event === "error" && this.#end === "cut") listener(new Error("the connection was cut"));
    return this;
  }

  destroy(): void {}

  async *[Symbol.asyncIterator](): AsyncGenerator<Buffer> {
    for (const piece of this.#pieces) yield Buffer.from(piece);
    if (this.#end === "cut") throw new Error("the connection was cut");
  }
}

/** The part of a server's response that Windmill's proxy writes to. */
class Outgoing extends EventEmitter {
  started = false;
  destroyed = false;
  #status = 0;
  #headers: [string, string][] = [];
  #body = "";
  #ended = false;

  writeHead(status: number, flat: string[]): void {
    this.started = true;
    this.#status = status;
    for (let index = 0; index + 1 < flat.length; index += 2)
      this.#headers.push([flat[index] ?? "", flat[index + 1] ?? ""]);
  }

  flushHeaders(): void {}

  write(chunk: Buffer | string): void {
    this.#body += String(chunk);
  }

  end(): void {
    this.#ended = true;
    queueMicrotask(() => this.emit("close"));
  }

  destroy(): void {
    if (this.destroyed || this.#ended) return;
    this.destroyed = true;
    queueMicrotask(() => this.emit("close"));
  }

  reply(): Reply {
    const end = this.#ended ? "complete" : this.destroyed ? "cut" : "hang";
    return { status: this.#status, headers: this.#headers, body: this.#body, end };
  }
}

/** Names of the bundle's scripts, as they lie in the repository. */
export const SCRIPTS = readdirSync(join(ROOT, FOLDER))
  .flatMap((file) => /^(\w+)\.script\.yaml$/.exec(file)?.[1] ?? [])
  .sort();
const flows = new Map<string, unknown>();

/** Deploys the bundle into the workspace, as a push does: the flow by Windmill's API, which reads its form. */
export async function deployBundle({ store, workspace, server, accounts, ask }: SimulatedWindmill): Promise<void> {
  const settings = {
    parentHashes: [],
    content: "",
    language: "bun",
    summary: "",
    description: "",
    kind: "script",
    schema: null,
  };
  const made = {
    lock: "",
    lockErrorLogs: null,
    autoKind: null,
    timeout: undefined,
    settings: {},
    archived: false,
    extraPerms: {},
  };
  for (const [index, name] of SCRIPTS.entries()) {
    const path = `${FOLDER}/${name}`;
    const hash = (index + 1).toString(16).padStart(16, "0");
    const script: Script = { ...settings, ...made, path, hash, createdBy: "admin", createdAt: store.clock.iso() };
    deployedIn(workspace).scripts.set(path, [script]);
  }
  const file = join(ROOT, `${HEALTH}__flow/flow.yaml`);
  const flow = flows.get(file) ?? parse(readFileSync(file, "utf8"));
  flows.set(file, flow);
  const headers = { authorization: `Bearer ${accounts.admin.token}`, "content-type": "application/json" };
  const folders = `/api/w/${WORKSPACE}/folders/create`;
  await ask(server, "POST", folders, headers, JSON.stringify({ name: "codex_pooler" }));
  const body = JSON.stringify({ path: HEALTH, ...(flow as object) });
  const reply = await ask(server, "POST", `/api/w/${WORKSPACE}/flows/create`, headers, body);
  if (reply.status !== 201) throw new Error(`The flow was not deployed: ${reply.body}`);
}
