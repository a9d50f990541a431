import nodeCrypto, { createHash } from "node:crypto";
import { syncBuiltinESMExports } from "node:module";
import type { Clock } from "../standins/windmill/clock.ts";
import { type Random, random } from "./random.ts";

/**
 * Virtual time: a queue of events, run one after the other, each with all that follows from it at once, so that the same seed gives
 * the same history. Everything that a program can ask its surroundings for comes from here: the time, pauses, time-outs, requests,
 * random numbers, the environment and the console.
 */

/** On whose behalf an event happens: a run of a job on a worker, a person, or the world itself. */
export interface Owner {
  name: string;
  /** False once the process is killed: nothing that was to happen in it happens any more. */
  alive: boolean;
  /** Milliseconds by which the clock of its machine is ahead. */
  skewMs: number;
  /** Whether requests through Windmill are answered at once, without any time in between: people who are only asked what they get. */
  instant: boolean;
  env: Readonly<Record<string, string>>;
  /** Puts what belongs to its process into the place of what is shared by all of this one. */
  enter?(): void;
  /** Takes a line that it prints. */
  print(line: string): void;
  /** Sends a request. */
  send(url: string, init: RequestInit): Promise<Response>;
}

interface Event {
  time: number;
  order: number;
  owner: Owner;
  run: () => void;
  done: boolean;
}

/** Thrown when something happens that a virtual clock knows nothing of, such as a file that is read: the order would not be certain. */
export class NotDeterministic extends Error {}

/** Milliseconds since 1970 at which every history begins: a Wednesday, 2026-11-25 00:00 UTC. */
export const EPOCH = Date.UTC(2026, 10, 25);

const {
  Date: RealDate,
  setTimeout: realTimeout,
  clearTimeout: realClear,
  setImmediate: soon,
  fetch: realFetch,
} = globalThis;

/** The queue of one history. */
export class Time {
  now = EPOCH;
  /** Events that have happened. */
  events = 0;
  /** Who acts at this moment. */
  owner: Owner;
  readonly world: Owner;
  readonly random: Random;
  readonly #heap: Event[] = [];
  #order = 0;

  constructor(seed: string) {
    this.random = random(`${seed}/ids`);
    this.world = {
      ...{ name: "the world", alive: true, skewMs: 0, instant: true, env: {} },
      print: () => undefined,
      send: () => Promise.reject(new Error("The world itself sends no requests.")),
    };
    this.owner = this.world;
  }

  /** The clock of the stand-ins, whose tasks do not hold up the queue. */
  readonly clock: Clock = {
    now: () => Math.floor(this.now),
    iso: () => new RealDate(Math.floor(this.now)).toISOString(),
    at: (time, task) => this.at(time, this.world, () => void task()),
    advance: () => Promise.reject(new Error("Time goes by itself here.")),
    stop: () => undefined,
  };

  /** Lets something happen at a time, on somebody's behalf. Returns the cancellation. */
  at(time: number, owner: Owner, run: () => void): () => void {
    const event: Event = { time: Math.max(time, this.now), order: this.#order++, owner, run, done: false };
    this.#push(event);
    return () => {
      event.done = true;
      event.run = NOTHING;
    };
  }

  /** {@link at} in so many milliseconds. */
  in(ms: number, owner: Owner, run: () => void): () => void {
    return this.at(this.now + ms, owner, run);
  }

  /** Runs what happens until a time. `watch` is called after each event; when it answers false, the rest does not happen. */
  async run(until: number, watch: () => boolean = () => true): Promise<void> {
    for (let event = this.#heap[0]; event && event.time <= until; event = this.#heap[0]) {
      this.#pop();
      if (event.done || !event.owner.alive) continue;
      event.done = true;
      this.now = event.time;
      this.owner = event.owner;
      this.events += 1;
      event.owner.enter?.();
      event.run();
      await this.settle();
      this.owner = this.world;
      if (!watch()) return;
    }
    this.now = Math.max(this.now, until);
  }

  /** Lets everything happen that follows at once: promises settle before the machine's next turn. */
  settle(): Promise<void> {
    return new Promise<void>((resolve) => void soon(resolve));
  }

  #push(event: Event): void {
    const heap = this.#heap;
    let index = heap.push(event) - 1;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!isBefore(event, heap[parent] as Event)) break;
      heap[index] = heap[parent] as Event;
      index = parent;
    }
    heap[index] = event;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop() as Event;
    if (heap.length === 0) return;
    let index = 0;
    for (;;) {
      let child = 2 * index + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1] as Event, heap[child] as Event)) child += 1;
      if (!isBefore(heap[child] as Event, last)) break;
      heap[index] = heap[child] as Event;
      index = child;
    }
    heap[index] = last;
  }
}

const NOTHING = (): void => undefined;
const isBefore = (a: Event, b: Event): boolean => a.time < b.time || (a.time === b.time && a.order < b.order);

/** What ends the time-out of a signal, by the signal. */
const deadlines = new WeakMap<AbortSignal, () => void>();

/** Ends the time-out of a request that is over. */
export const endDeadline = (signal: AbortSignal | null | undefined): void => {
  if (signal) deadlines.get(signal)?.();
};

/**
 * Puts a history's time in the place of the machine's, for everything in this process. Returns what gives the machine's back.
 * One history at a time.
 */
export function takeOver(time: Time): () => void {
  const saved = {
    process: { env: process.env },
    performance: performance.now,
    abort: AbortSignal.timeout,
    math: Math.random,
    console: { log: console.log, error: console.error, warn: console.warn, info: console.info },
    crypto: { randomUUID: crypto.randomUUID, getRandomValues: crypto.getRandomValues, digest: crypto.subtle.digest },
    node: { randomUUID: nodeCrypto.randomUUID, randomBytes: nodeCrypto.randomBytes },
  };
  const bytes = (length: number): Buffer => {
    const filled = Buffer.alloc(length);
    for (let index = 0; index < length; index++) filled[index] = time.random.int(0, 255);
    return filled;
  };
  const uuid = (): `${string}-${string}-${string}-${string}-${string}` => {
    const hex = bytes(16).toString("hex");
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20)}`;
  };

  class VirtualDate extends RealDate {
    constructor(...given: unknown[]) {
      if (given.length === 0) super(VirtualDate.now());
      else super(...(given as [number]));
    }
    static override now(): number {
      return Math.floor(time.now + time.owner.skewMs);
    }
  }
  const virtualTimeout = (task: (...args: unknown[]) => void, ms = 0, ...rest: unknown[]) => {
    const cancel = time.in(Math.max(Number(ms) || 0, 1), time.owner, () => task(...rest));
    return { cancel, ref: NOTHING, unref: NOTHING, hasRef: () => true, [Symbol.dispose]: cancel };
  };
  const virtualClear = (timer: { cancel?: () => void } | undefined) => timer?.cancel?.();
  Object.assign(globalThis, {
    Date: VirtualDate,
    setTimeout: virtualTimeout,
    clearTimeout: virtualClear,
    fetch: (input: string | URL | Request, init: RequestInit = {}) =>
      time.owner.send(input instanceof Request ? input.url : String(input), init),
  });
  performance.now = () => time.now - EPOCH;
  Math.random = () => time.random.next();
  AbortSignal.timeout = (ms) => {
    const controller = new AbortController();
    const cancel = time.in(ms, time.owner, () =>
      controller.abort(new DOMException("The operation was aborted due to timeout", "TimeoutError")),
    );
    deadlines.set(controller.signal, cancel);
    return controller.signal;
  };
  crypto.randomUUID = uuid;
  crypto.getRandomValues = (<T extends ArrayBufferView>(view: T): T => {
    new Uint8Array(view.buffer, view.byteOffset, view.byteLength).set(bytes(view.byteLength));
    return view;
  }) as typeof crypto.getRandomValues;
  crypto.subtle.digest = async (_algorithm, data) => {
    const view = ArrayBuffer.isView(data)
      ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
      : new Uint8Array(data);
    const digest = createHash("sha256").update(view).digest();
    return digest.buffer.slice(digest.byteOffset, digest.byteOffset + digest.byteLength);
  };
  Object.assign(nodeCrypto, { randomUUID: uuid, randomBytes: bytes });
  syncBuiltinESMExports();
  process.env = new Proxy(saved.process.env, {
    get: (real, name) => (typeof name === "string" && time.owner.env[name]) || (real[name as string] as string),
  });
  const print = (...parts: unknown[]) => time.owner.print(parts.map(String).join(" "));
  Object.assign(console, { log: print, error: print, warn: print, info: print });

  return () => {
    Object.assign(globalThis, {
      ...{ Date: RealDate, setTimeout: realTimeout, clearTimeout: realClear, fetch: realFetch },
    });
    performance.now = saved.performance;
    AbortSignal.timeout = saved.abort;
    Math.random = saved.math;
    Object.assign(crypto, { randomUUID: saved.crypto.randomUUID, getRandomValues: saved.crypto.getRandomValues });
    crypto.subtle.digest = saved.crypto.digest;
    Object.assign(nodeCrypto, saved.node);
    syncBuiltinESMExports();
    process.env = saved.process.env;
    Object.assign(console, saved.console);
  };
}
