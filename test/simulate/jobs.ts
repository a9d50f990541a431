import { OpenAPI } from "windmill-client";
import { authenticate } from "../standins/windmill/access.ts";
import { ApiError } from "../standins/windmill/errors.ts";
import { interpolated } from "../standins/windmill/item_access.ts";
import { environmentOf } from "../standins/windmill/jobs/environment.ts";
import { failure, type Outcome } from "../standins/windmill/jobs/job.ts";
import { executionError } from "../standins/windmill/jobs/script_run.ts";
import type { Job } from "../standins/windmill/jobs/state.ts";
import { issueJobToken } from "../standins/windmill/store.ts";
import { callNames, carry, splitUrl, type Trouble } from "./calls.ts";
import { ENTRIES } from "./entries.ts";
import type { Random } from "./random.ts";
import type { Owner, Time } from "./time.ts";
import type { SimulatedWindmill } from "./windmill.ts";

/** Runs of scripts: the real entry points, in this process, on workers that die and clocks that differ. */

/** When the process of a job dies, and what Windmill does then. */
export interface Kill {
  /** At which of its calls, from 1. */
  call: number;
  /** Before the request leaves, or when it has taken effect. */
  when: "before" | "after";
  /** Whether Windmill queues the job again under the same id; it does unless somebody has switched that off. */
  restarts: boolean;
}

/** What befalls a job. */
export interface Fate {
  random: Random;
  /** One per life of the job, at most four. */
  kills: readonly Kill[];
  /** By call of its first life, from 1. */
  troubles: ReadonlyMap<number, Trouble>;
}

/** One call of a job, for those who look on. */
export interface CallMade {
  job: Job;
  /** From 1 for the first life. */
  life: number;
  /** Within its life, from 1. */
  number: number;
  name: string;
  route: "server" | "worker" | "world";
  isWrite: boolean;
  trouble: Trouble | undefined;
}

/** Who looks on, and what the world adds. */
export interface Watching {
  fateOf(job: Job): Fate;
  /** What happens to a call by the weather, beside what its job's fate says. */
  weather(job: Job, call: Omit<CallMade, "trouble">, random: Random): { trouble?: Trouble; kill?: "before" | "after" };
  /** What Windmill itself answers to a request at present, in the place of serving it. */
  refusal(method: string, target: string): { status: number; body: string } | undefined;
  /** Answers a request that leaves Windmill's network. */
  outside(url: string, init: RequestInit, job: Job): Promise<Response>;
  onCall(call: CallMade): void;
  /** A call has taken effect, or was lost. */
  onArrival(job: Job, isWrite: boolean): void;
  /** A process ended: of itself, or because it died. */
  onLifeEnd(job: Job, life: number, end: "done" | "killed" | "timed out" | "cancelled"): void;
}

/** Milliseconds without a sign of life after which Windmill queues a job again (ZOMBIE_JOB_TIMEOUT), and how often it does. */
const ZOMBIE_MS = 60_000;
const RESTARTS = 3;

/** Puts the simulated worker in the place of the stand-in's, which starts processes. */
export function runScriptsHere(time: Time, windmill: SimulatedWindmill, watching: Watching): void {
  windmill.engine.runners.set("script", (job) => new Run(time, windmill, watching, job).outcome());
}

type LifeEnd = Outcome | "killed" | "timed out" | "cancelled";

class Run {
  readonly #time: Time;
  readonly #windmill: SimulatedWindmill;
  readonly #watching: Watching;
  readonly #job: Job;
  readonly #fate: Fate;

  constructor(time: Time, windmill: SimulatedWindmill, watching: Watching, job: Job) {
    this.#time = time;
    this.#windmill = windmill;
    this.#watching = watching;
    this.#job = job;
    this.#fate = watching.fateOf(job);
  }

  async outcome(): Promise<Outcome> {
    const job = this.#job;
    for (let life = 1; ; life++) {
      const kill = this.#fate.kills[life - 1];
      const end = await this.#live(life, kill);
      this.#watching.onLifeEnd(job, life, typeof end === "string" ? end : "done");
      if (typeof end !== "string") return end;
      if (end === "cancelled") {
        const { by = "", reason = null } = job.canceled ?? {};
        return failure({
          name: "Canceled",
          message: `Job canceled: ${reason ?? "no reason given"} by ${by}`,
          canceler: by,
        });
      }
      if (end === "timed out") return failure(executionError(`execution timed out after ${job.timeout}s`));
      await new Promise<void>((resolve) =>
        this.#time.in(ZOMBIE_MS + this.#fate.random.int(0, 30_000), this.#time.world, resolve),
      );
      if (job.canceled) return failure({ name: "Canceled", message: "Job canceled" });
      if (kill?.restarts === false || life > RESTARTS) {
        return failure(
          executionError(`Same job timed out, likely because the worker died (no ping for ${ZOMBIE_MS / 1000} s)`),
        );
      }
    }
  }

  /** One life of the job, on a worker. */
  #live(life: number, kill: Kill | undefined): Promise<LifeEnd> {
    const { store, workspace, workers } = this.#windmill;
    const job = this.#job;
    const random = this.#fate.random.fork(`life ${life}`);
    const place = random.pick(workers);
    const { email, username, isAdmin, groups } = job.identity;
    const token = issueJobToken(store, email, { jobId: job.id, workspace: workspace.id, username, isAdmin, groups });
    const names = callNames();
    const time = this.#time;
    const watching = this.#watching;
    let calls = 0;
    return new Promise<LifeEnd>((settle) => {
      const end = (how: LifeEnd) => {
        if (!owner.alive) return;
        owner.alive = false;
        cancelTimeout();
        store.tokens.delete(token);
        job.stop = undefined;
        settle(how);
      };
      const environment = environmentOf(job, token, store, {
        server: "http://windmill.example.com",
        worker: place.process.url,
      });
      const env = Object.fromEntries(
        Object.entries(environment).filter((entry): entry is [string, string] => typeof entry[1] === "string"),
      );
      const owner: Owner = {
        ...{ name: `${job.path} (${job.id})`, alive: true, skewMs: place.skewMs, instant: false, env },
        // Windmill's client keeps its settings in one place per process.
        enter: () => void Object.assign(OpenAPI, { BASE: `${place.process.url}/api`, TOKEN: token }),
        print(line) {
          job.logs += `${line}\n`;
        },
        send: (url, init) => {
          if (!owner.alive) return new Promise(() => undefined);
          calls += 1;
          const { route, target } = splitUrl(url, place);
          const method = init.method ?? "GET";
          const body = typeof init.body === "string" ? init.body : "";
          const headers = new Headers(init.headers);
          const name =
            route === "world"
              ? `${method} webhook`
              : names.name(method, target, body, headers, route === "server" ? "over the server" : "");
          const isWrite = route !== "world" && method !== "GET" && !target.includes("/ai/proxy/");
          const call = { job, life, number: calls, name, route, isWrite };
          const weather = watching.weather(job, call, random);
          const trouble = (life === 1 ? this.#fate.troubles.get(calls) : undefined) ?? weather.trouble;
          const dies = kill?.call === calls ? kill.when : weather.kill;
          watching.onCall({ ...call, trouble });
          if (dies === "before") {
            end("killed");
            return new Promise(() => undefined);
          }
          if (route === "world") return watching.outside(url, init, job);
          return carry({
            ...{ time, windmill: this.#windmill, random, sender: owner, method, target, body, trouble },
            place: route === "server" ? this.#windmill.server : place,
            headers: Object.fromEntries(headers),
            signal: init.signal ?? null,
            refusal: watching.refusal(method, target),
            arrived() {
              watching.onArrival(job, isWrite);
              if (dies === "after") end("killed");
            },
          });
        },
      };
      const cancelTimeout =
        job.timeout === undefined ? () => undefined : time.in(job.timeout * 1000, time.world, () => end("timed out"));
      job.stop = () => end("cancelled");
      time.in(random.int(50, 400), owner, () => {
        try {
          const actor = authenticate(store, `Bearer ${token}`, workspace.id);
          const args = interpolated(store.release, workspace, actor, job.args) as Record<string, unknown>;
          const entry = ENTRIES.get(job.path);
          if (!entry) throw new ApiError(404, `there is no code of ${job.path}`);
          void entry
            .main(...entry.parameters.map((name) => args[name]))
            .then(
              (value): Outcome => ({ success: true, result: value ?? null }),
              (error: unknown) => failure(errorOf(error, job, owner)),
            )
            .then(end);
        } catch (error) {
          if (!(error instanceof ApiError)) throw error;
          end(failure(executionError(error.message)));
        }
      });
    });
  }
}

/** Own properties of an error that Windmill does not copy into `extra`. */
const STANDARD = ["line", "name", "stack", "column", "message", "sourceURL", "originalLine", "originalColumn"];

/** An uncaught error as a worker stores and prints it: with everything that hangs on it. */
function errorOf(thrown: unknown, job: Job, owner: Owner): unknown {
  const error = thrown instanceof Error ? thrown : new Error(String(thrown));
  const own = Object.getOwnPropertyNames(error).filter((name) => !STANDARD.includes(name));
  const extra = Object.fromEntries(own.map((name) => [name, (error as unknown as Record<string, unknown>)[name]]));
  const told = { message: error.message, name: error.name, ...(job.stepId ? { step_id: job.stepId } : {}) };
  owner.print(`${error.name}: ${error.message}`);
  return JSON.parse(JSON.stringify({ ...told, ...(own.length > 0 ? { extra } : {}) }));
}
