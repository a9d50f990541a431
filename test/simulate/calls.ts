import type { Random } from "./random.ts";
import { endDeadline, type Owner, type Time } from "./time.ts";
import {
  type Carried,
  type GatewayTrouble,
  type Place,
  type Reply,
  SERVER,
  type SimulatedWindmill,
} from "./windmill.ts";

/** How requests of jobs fare between a worker, Windmill and the gateway. */

/** What can happen to one request of a job. */
export const TROUBLES = [
  "refused",
  "lost",
  "answer lost",
  "cut",
  "twice",
  "slow",
  "never arrives",
  "never answered",
  "answered with 500",
  "answered with 502",
  "gateway refused",
  "gateway reset",
  "gateway cut",
  "gateway silent",
  "gateway failing",
] as const;
export type Trouble = (typeof TROUBLES)[number];

/** Milliseconds that a slow answer takes: less than anybody's patience. */
const SLOW_MS = [800, 12_000] as const;

/** One request, named so that the same request of another run can be found. */
export interface CallNames {
  name(method: string, target: string, body: string, headers: Headers, place: string): string;
}

/** Names the calls of one run: what is asked for, of which process, and how often before. */
export function callNames(): CallNames {
  const seen = new Map<string, number>();
  return {
    name(method, target, body, headers, place) {
      const path = (target.split("?")[0] ?? "")
        .replace(/^\/api\/(?:w\/[^/]+\/)?/, "")
        .replace(/secret_arg\/\w+$/, "secret_arg/<typed>")
        .replace(/[0-9a-f]{8}-[0-9a-f-]{27}$/, "<job>")
        .replace(/u\/(admin|boss)\//, "u/<me>/");
      const isProxied = path.startsWith("ai/proxy/");
      const resource = isProxied
        ? headers.has("x-resource-path")
          ? "by path"
          : ""
        : textIn(body, "path").replace(/u\/(admin|boss)\//, "u/<me>/");
      const named = [method, path, resource, place].filter((part) => part !== "").join(" ");
      const times = (seen.get(named) ?? 0) + 1;
      seen.set(named, times);
      return isProxied || times === 1 ? named : `${named} (${Math.min(times, 3)})`;
    },
  };
}

const textIn = (body: string, key: string): string => new RegExp(`^\\{.*?"${key}":"([^"]*)"`).exec(body)?.[1] ?? "";

/** A request on its way. */
interface Sending {
  time: Time;
  windmill: SimulatedWindmill;
  random: Random;
  /** Who sent it, and gets the answer if it still lives then. */
  sender: Owner;
  place: Place;
  method: string;
  target: string;
  headers: Record<string, string>;
  body: string;
  signal: AbortSignal | null;
  trouble: Trouble | undefined;
  /** What Windmill itself answers to this request at present, in the place of serving it. */
  refusal: { status: number; body: string } | undefined;
  /** Called when the request has taken effect, or is lost. */
  arrived(): void;
}

const fetchFailed = (code: string): TypeError =>
  new TypeError("fetch failed", { cause: Object.assign(new Error(`connect ${code}`), { code }) });

/** Sends a request of a job. */
export function carry(sending: Sending): Promise<Response> {
  const { time, windmill, random, sender, place, signal, trouble } = sending;
  const hop = (): number => random.latency(4);
  const carried: Carried = { ...sender, alive: true, instant: false, hopMs: () => random.latency(20) };
  const atGateway = trouble?.startsWith("gateway ")
    ? (trouble.slice("gateway ".length) as GatewayTrouble["kind"])
    : undefined;
  if (atGateway) carried.trouble = { kind: atGateway };
  return new Promise((resolve, reject) => {
    const fail = (error: unknown, ms = hop()) => time.in(ms, sender, () => reject(error));
    const onAbort = () => reject(signal?.reason);
    signal?.addEventListener("abort", onAbort, { once: true });
    const answer = (reply: Reply) =>
      time.in(trouble === "slow" ? random.int(...SLOW_MS) : hop(), sender, () => {
        signal?.removeEventListener("abort", onAbort);
        if (reply.end === "complete") endDeadline(signal);
        resolve(responseOf(reply, signal));
      });
    const serve = () =>
      windmill.serve(place, sending.method, sending.target, sending.headers, sending.body, signal).catch(
        (error: unknown): Reply => ({
          status: 500,
          headers: [],
          body: `the stand-in failed: ${error instanceof Error ? error.stack : error}`,
          end: "complete",
        }),
      );
    if (place.down || trouble === "refused") {
      sending.arrived();
      return void fail(fetchFailed("ECONNREFUSED"));
    }
    time.in(hop(), carried, () => {
      const isLost = trouble === "lost" || trouble === "never arrives";
      const refusal =
        trouble === "answered with 500"
          ? { status: 500, body: `Internal: error communicating with the server @lib.rs:12:3 ${sending.body}` }
          : trouble === "answered with 502"
            ? { status: 502, body: "<html><head><title>502 Bad Gateway</title></head></html>" }
            : sending.refusal;
      const work =
        isLost || refusal ? Promise.resolve(refusal && { ...refusal, headers: [], end: "complete" as const }) : serve();
      if (trouble === "twice")
        void work.then(() =>
          windmill.serve(place, sending.method, sending.target, sending.headers, sending.body, signal),
        );
      sending.arrived();
      void work.then(async (reply) => {
        if (trouble === "lost" || trouble === "answer lost") return void fail(fetchFailed("ECONNRESET"));
        if (trouble === "never arrives" || trouble === "never answered" || !reply) return;
        answer(trouble === "cut" ? await cut(reply) : reply);
      });
    });
  });
}

/** The first half of an answer. */
async function cut({ status, headers, body, whole }: Reply): Promise<Reply> {
  const text = whole ? await whole.text() : body;
  const own = whole ? [...whole.headers] : headers;
  return { status, headers: own, body: text.slice(0, text.length >> 1), end: "cut" };
}

/** An answer as `fetch` gives it. */
export function responseOf({ status, headers, body, end, whole }: Reply, signal: AbortSignal | null): Response {
  if (whole) return whole;
  const init = { status, headers };
  if (end === "complete") return new Response(status === 204 || status === 304 ? null : body, init);
  const stream = new ReadableStream<Uint8Array>({
    start(controller) {
      if (body !== "") controller.enqueue(new TextEncoder().encode(body));
      if (end === "hang") signal?.addEventListener("abort", () => controller.error(signal.reason), { once: true });
    },
    pull(controller) {
      if (end === "cut") controller.error(new TypeError("terminated", { cause: new Error("other side closed") }));
    },
  });
  return new Response(stream, init);
}

/** Where a request of a job goes: the server, the worker that it runs on, or out into the world. */
export function splitUrl(url: string, worker: Place): { route: "server" | "worker" | "world"; target: string } {
  if (url.startsWith(SERVER)) return { route: "server", target: url.slice(SERVER.length) };
  if (url.startsWith(worker.process.url)) return { route: "worker", target: url.slice(worker.process.url.length) };
  return { route: "world", target: url };
}
