import { inspect } from "node:util";
import { mock } from "node:test";
import { connect } from "../../f/codex_pooler/lib/connecting.ts";
import { ConnectInput, parseInputs } from "../../f/codex_pooler/lib/inputs.ts";
import { openWindmill } from "../../f/codex_pooler/lib/windmill.ts";
import type { Interception, RequestLog } from "../standins/windmill/intercept.ts";
import { deployed } from "../standins/windmill/jobs/run.ts";
import type { WindmillStandin } from "../standins/windmill/server.ts";
import { issueJobToken, type Workspace } from "../standins/windmill/store.ts";
import { contentsOf } from "./workspace_contents.ts";
import { BASE_URL, HEALTH } from "./world.ts";

/**
 * Runs of connect inside the test's own process, which are quick enough to let every single call of one fail. One at a time:
 * Windmill's client keeps its settings in one place per process.
 */

/** How a run went, with all that it said. */
export interface Trial {
  succeeded: boolean;
  /** The error's message; "" when it succeeded. */
  error: string;
  /** Everything that a job would leave: report or error with all its properties, and log lines. */
  said: string;
}

/** Runs connect in mode apply as an admin's job in the workspace. */
export async function tryConnect(windmill: WindmillStandin, workspace: Workspace, filled: object): Promise<Trial> {
  const { email, username } = windmill.admin;
  const jobId = crypto.randomUUID();
  const token = issueJobToken(windmill.store, email, {
    ...{ jobId, workspace: workspace.id, username, isAdmin: true, groups: ["all"] },
  });
  const lines: string[] = [];
  const progress = { step: (text: string) => void lines.push(text), reach: () => undefined, end: () => undefined };
  const job = openWindmill({
    ...{ WM_WORKSPACE: workspace.id, WM_TOKEN: token, WM_JOB_ID: jobId, WM_PERMISSIONED_AS: `u/${username}` },
    ...{ BASE_URL: windmill.processes.worker.url, WM_BASE_URL: windmill.processes.server.url },
  });
  const input = parseInputs(ConnectInput, { base_url: BASE_URL, mode: "apply", ...filled });
  try {
    const report = await connect(job, input, progress);
    return { succeeded: true, error: "", said: JSON.stringify([report, lines]) };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return {
      succeeded: false,
      error: message,
      said: `${inspect(error, { depth: 9, showHidden: true })}${lines.join("\n")}`,
    };
  }
}

/** Puts the health flow into a workspace, so that it can be scheduled. Nothing runs it. */
export function deployHealthFlow(workspace: Workspace): void {
  deployed(workspace).flows.set(HEALTH, {
    ...{ path: HEALTH, version: 1, summary: "", description: "", value: { modules: [] }, schema: {}, settings: {} },
    ...{ archived: false, editedBy: "admin", editedAt: "2026-11-24T00:00:00Z", extraPerms: {} },
  });
}

/** Makes a workspace hold what another one does, as if everything had been done in both. */
export function copyContents(from: Workspace, to: Workspace): void {
  to.aiConfig = structuredClone(from.aiConfig);
  to.key = from.key;
  for (const items of ["variables", "resources", "resourceTypes", "folders"] as const) {
    const target = to[items] as Map<string, unknown>;
    for (const [path, item] of from[items]) target.set(path, structuredClone(item));
  }
  for (const items of ["flows", "schedules"] as const) {
    const target = deployed(to)[items] as Map<string, unknown>;
    for (const [path, item] of deployed(from)[items]) target.set(path, structuredClone(item));
  }
}

/** What a run may not leave behind for good. */
const PASSING = /^(?:u\/admin\/codex_pooler_candidate|f\/codex_pooler\/change_lock(?:_takeover)?)$/;

/** Paths of what must be gone when a command has been run to its end. */
export const leftovers = ({ variables, resources }: Workspace): string[] =>
  [...variables.keys(), ...resources.keys()].filter((path) => PASSING.test(path));

/** When something was edited, and what it was called inside of Windmill: different from run to run. */
const VOLATILE = new Set(["editedAt", "createdAt", "expiresAt"]);

/** What a workspace holds as far as it matters to people, to be compared between runs and between workspaces. */
export function essenceOf(workspace: Workspace): unknown {
  const { resourceVersions: _history, variables, resources, ...rest } = contentsOf(workspace);
  const lasting = (items: unknown) => (items as { path: string }[]).filter(({ path }) => !PASSING.test(path));
  const byPath = (a: { path: string }, b: { path: string }) => (a.path < b.path ? -1 : 1);
  const essence = { ...rest, variables: lasting(variables).sort(byPath), resources: lasting(resources).sort(byPath) };
  return JSON.parse(JSON.stringify(essence, (key, value) => (VOLATILE.has(key) ? undefined : value)));
}

/** Names a call, so that the same call of another run can be found: what is asked for, of which process, and how often before. */
export function callNamer(workspaceId: string): (request: RequestLog) => string | undefined {
  const seen = new Map<string, number>();
  return ({ process, method, path, headers, body }) => {
    if (!path.startsWith(`/api/w/${workspaceId}/`) && path !== "/api/version") return undefined;
    const model = path.includes("/ai/proxy/") ? (/"model":"([^"]*)"/.exec(body)?.[1] ?? "") : "";
    const target = /"path":"([^"]*)"/.exec(body)?.[1] ?? "";
    const place = path.replace(/^\/api\/(?:w\/[^/]+\/)?/, "").replace(/[0-9a-f-]{36}$/, "<job>");
    const named = [method, place, target, model, headers["x-resource-path"] ?? ""]
      .concat(path.includes("/ai/proxy/") ? [`over the ${process}`] : [])
      .filter((part) => part !== "")
      .join(" ");
    const times = (seen.get(named) ?? 0) + 1;
    seen.set(named, times);
    return times === 1 ? named : `${named} (${times})`;
  };
}

/** Spoils one call of the workspace's next run, by its name. Returns the end of it, which says whether the call was made. */
export function spoil(windmill: WindmillStandin, workspaceId: string, call: string, how: Interception): () => boolean {
  const name = callNamer(workspaceId);
  let spoilt = false;
  const stop = windmill.intercept((request) => {
    if (name(request) !== call || spoilt) return undefined;
    spoilt = true;
    return how;
  });
  return () => {
    stop();
    return spoilt;
  };
}

/** Milliseconds that connect waits between two looks: for caches to end, and for a lock. */
const WAITS = [10_000, 2_000];

/** Lets connect's waits pass at once: the time it waits for is over as far as it can see. Returns the end of it. */
export function skipWaits(): () => void {
  const { setTimeout: wait } = globalThis;
  const now = performance.now.bind(performance);
  let skipped = 0;
  const timers = mock.method(globalThis, "setTimeout", ((task: () => void, ms: number, ...rest: unknown[]) => {
    if (!WAITS.includes(ms)) return wait(task, ms, ...rest);
    skipped += ms;
    return wait(task, 0);
  }) as typeof setTimeout);
  const clock = mock.method(performance, "now", () => now() + skipped);
  return () => {
    timers.mock.restore();
    clock.mock.restore();
  };
}
