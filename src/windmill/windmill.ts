import { OpenAPI } from "windmill-client";
import type * as z from "zod";
import { KnownSecrets } from "../core/known_secrets.ts";
import { excerpt } from "../core/redact.ts";
import type { Route } from "../core/shapes.ts";

/**
 * The one door to Windmill's API. It owns time-outs, redirects and error conversion, so that nothing else has to: every
 * call of `windmill-client` goes through {@link Windmill.call}, and every error that leaves it is a {@link WindmillError}
 * that holds no request. (An `ApiError` carries the request body, so an uncaught one would put a key into the job's
 * stored result.)
 */

/** Milliseconds for one call of Windmill's API. They answer in a few ms; a server that needs longer is in trouble. */
export const API_TIMEOUT_MS = 15_000;

/** What to do about a call that failed, by the status of the answer. */
function remedyFor(status: number | null): string {
  if (status === 401 || status === 403) {
    return "Run it again as an admin of the workspace; if you are one, the job's token has ended: run it again.";
  }
  if (status === null || status >= 500)
    return "Run it again; if it keeps failing, look at the log of Windmill's server.";
  return "Run it again: it starts from what is there now.";
}

/** Windmill refused or did not answer. `message` is fit for people; `said` is Windmill's own text, redacted and short. */
export class WindmillError extends Error {
  override readonly name = "WindmillError";
  /** HTTP status, or null when there was no answer. */
  readonly status: number | null;
  readonly said: string;

  constructor(what: string, status: number | null, said: string) {
    const happened =
      status === null
        ? `Windmill did not answer (${said || "no reason given"})`
        : `Windmill answered ${status}${said ? ` "${said}"` : ""}`;
    super(`${what}: ${happened}. ${remedyFor(status)}`);
    this.status = status;
    this.said = said;
  }
}

/** True when Windmill says that the item is not there. Hidden items of others answer 401 or 404, depending on the endpoint. */
export const isNotFound = (error: unknown): boolean => error instanceof WindmillError && error.status === 404;

/** Answers null for what is not there; every other error stays one. */
export async function orNull<T>(promise: Promise<T>): Promise<T | null> {
  try {
    return await promise;
  } catch (error) {
    if (isNotFound(error)) return null;
    throw error;
  }
}

/** True when the caller has no right to it: 401 and 403, and the row-level-security text of servers before 1.788. */
export const isForbidden = (error: unknown): boolean =>
  error instanceof WindmillError &&
  (error.status === 401 ||
    error.status === 403 ||
    (error.status === 400 && error.said.includes("row-level security policy")));

/** The door to the instance's settings. */
export interface Instance {
  /** Path of the variable with the token that opens it, for links to forms. */
  readonly token_path: string;
  /** Exactly as stored, unknown keys included; `{}` where there are none. */
  readAiSettings(): Promise<Record<string, unknown>>;
  /** Replaces them as a whole; `{}` clears them. The process that serves the call drops its cached credentials. */
  writeAiSettings(settings: Record<string, unknown>, via: Route): Promise<unknown>;
  /** Which workspaces live on them. */
  followers(): Promise<Followers>;
}

/** Ids of workspaces by whose AI settings serve their people. */
export interface Followers {
  follow: string[];
  own: string[];
  /** Workspaces that were not looked at, because there are too many. */
  unseen: number;
}

/** Who runs the job, where, and how Windmill is reached from here. Made once per job by {@link openWindmill}. */
export interface Windmill {
  readonly workspace: string;
  /** The identity whose rights count, e.g. `u/admin` (WM_PERMISSIONED_AS). */
  readonly permissionedAs: string;
  readonly jobId: string;
  /** Windmill's address as people's browsers use it (WM_BASE_URL), without a trailing slash; "" where it is not set. */
  readonly pages_url: string;
  /** Where people see the run: the flow's when the job is a step of one. */
  readonly runUrl: string;
  /** Base URL per route, without a trailing slash. */
  readonly routes: Readonly<Record<Route, string>>;
  /** The door to the instance's AI settings, where the run is about these; null where it is about the workspace. */
  readonly instance: Instance | null;
  /** Milliseconds since the job opened Windmill, on a clock that only goes forward. */
  elapsedMs(): number;
  /** What this run knows to be secret; everything that leaves it goes through {@link KnownSecrets.clean}. */
  readonly secrets: KnownSecrets;
  /** Headers that authenticate the job towards Windmill on either route. */
  authorization(): Record<string, string>;
  /**
   * Runs one call of `windmill-client` and parses its answer.
   *
   * `what` names the attempt for the error ("Reading the AI settings"); `via` picks the process that serves the call,
   * the worker's own by default, because it is always reachable.
   *
   * @throws WindmillError when Windmill refuses, does not answer, or answers something of another shape.
   */
  call<T>(what: string, run: () => PromiseLike<unknown>, schema: z.ZodType<T>, via?: Route): Promise<T>;
}

/** What {@link openWindmill} reads from a job's environment. */
export type JobEnvironment = Readonly<Record<string, string | undefined>>;

/**
 * Opens Windmill's API for the running job.
 *
 * @param serverUrl where this job reaches the server that people's browsers use; blank = the instance's own base URL
 *   (WM_BASE_URL), which is not reachable from every worker.
 * @param secrets the register of the run, where it has one already.
 * @throws Error when it does not run as a Windmill job.
 */
export function openWindmill(
  environment: JobEnvironment = process.env,
  serverUrl = "",
  secrets: KnownSecrets = new KnownSecrets(),
): Windmill {
  const { WM_WORKSPACE: workspace, WM_TOKEN: token } = environment;
  if (!workspace || !token) {
    throw new Error(
      "This script runs as a Windmill job only: WM_WORKSPACE and WM_TOKEN are missing. Run it from Windmill's UI or with `wmill script run`.",
    );
  }
  const worker = trimSlashes(environment.BASE_INTERNAL_URL || environment.BASE_URL || "http://localhost:8000");
  const server = trimSlashes(serverUrl || environment.WM_BASE_URL || "http://localhost");
  const routes: Record<Route, string> = { server, worker };
  const opened = performance.now();
  limitRequests();
  secrets.learn(token);
  return {
    workspace,
    permissionedAs: environment.WM_PERMISSIONED_AS || `u/${environment.WM_USERNAME ?? ""}`,
    jobId: environment.WM_JOB_ID ?? "",
    pages_url: trimSlashes(environment.WM_BASE_URL ?? ""),
    runUrl: `${trimSlashes(environment.WM_BASE_URL || server)}/run/${environment.WM_ROOT_FLOW_JOB_ID || environment.WM_JOB_ID || ""}?workspace=${encodeURIComponent(workspace)}`,
    routes,
    instance: null,
    elapsedMs: () => performance.now() - opened,
    secrets,
    authorization: () => ({ authorization: `Bearer ${token}` }),
    async call(what, run, schema, via = "worker") {
      // The client keeps its base URL in one global. It is read before the call's first await, so two calls that run at
      // the same time over different routes do not disturb each other.
      OpenAPI.BASE = `${routes[via]}/api`;
      OpenAPI.TOKEN = token;
      let answer: unknown;
      try {
        answer = await run();
      } catch (error) {
        throw toWindmillError(what, error, (text) => secrets.clean(text));
      }
      const parsed = schema.safeParse(answer);
      if (parsed.success) return parsed.data;
      const where = parsed.error.issues.map((issue) => issue.path.join(".") || "answer").slice(0, 3);
      throw new WindmillError(what, 200, `an answer of an unexpected shape (${where.join(", ")})`);
    },
  };
}

const trimSlashes = (url: string): string => url.replace(/\/+$/, "");

type RequestInterceptor = Parameters<typeof OpenAPI.interceptors.request.use>[0];

const addLimits: RequestInterceptor = (request) => ({
  ...request,
  redirect: "manual",
  signal: AbortSignal.timeout(API_TIMEOUT_MS),
});

/** Gives every request of the client a time-out and forbids redirects, which would carry the job's token along. */
function limitRequests(): void {
  OpenAPI.interceptors.request.eject(addLimits);
  OpenAPI.interceptors.request.use(addLimits);
}

/** Keeps status and text of whatever the client threw, and drops the rest: it holds the request with its body. */
function toWindmillError(what: string, error: unknown, clean: (text: string) => string): WindmillError {
  if (error instanceof WindmillError) return error;
  if (error instanceof Error && "status" in error && typeof error.status === "number") {
    const body = "body" in error ? error.body : "";
    const said = typeof body === "string" ? body : JSON.stringify(body ?? "");
    return new WindmillError(what, error.status, excerpt(said, { clean }));
  }
  const name = error instanceof Error ? error.name : "";
  if (name === "TimeoutError" || name === "AbortError") {
    return new WindmillError(what, null, `no answer within ${API_TIMEOUT_MS / 1000} s`);
  }
  return new WindmillError(what, null, excerpt(error instanceof Error ? error.message : String(error), { clean }));
}
