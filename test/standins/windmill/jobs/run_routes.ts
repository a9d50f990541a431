import { ApiError, internal, notFound } from "../errors.ts";
import { pathAfter, type Register, type Request, text, workspaceOf } from "../http.ts";
import { checkRun } from "../scopes.ts";
import { any, optional, readBody, readStored, record, type Shape, string, struct } from "../shape.ts";
import { ENTRYPOINT_OVERRIDE } from "./code_run.ts";
import { engineOf } from "./engine.ts";
import type { JobSpec } from "./job.ts";
import { answerOf } from "./raw_result.ts";
import { flowSpec, flowToRun, identityOf, scriptSpec, scriptToRun } from "./runnables.ts";
import { type Job, scriptByHash } from "./state.ts";

const ARGS: Shape<Partial<Record<string, unknown>>> = record(string, any);

/** A function's name as Windmill takes it. */
const ENTRY = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** What a form sends that wants to know what can be chosen. Only deployed scripts are known here. */
const CHOICES = struct("DynamicSelectRequest", {
  entrypoint_function: string,
  args: optional(ARGS),
  runnable_ref: struct("DynamicSelectRunnableRef", { source: string, path: string, runnable_kind: string }),
});

/** What can be run, by the end of the route: how its job is made from the rest of the path. */
const RUNNABLES = {
  p: (workspace, actor, path) => {
    checkRun(actor, "scripts", path);
    return scriptSpec(scriptToRun(workspace, actor, path));
  },
  f: (workspace, actor, path) => {
    checkRun(actor, "flows", path);
    return flowSpec(flowToRun(workspace, actor, path));
  },
  h: (workspace, actor, hash) => {
    const script = scriptByHash(workspace, hash);
    if (!script) throw notFound(`script not found at name ${hash} (lib.rs:1780)`);
    checkRun(actor, "scripts", script.path);
    scriptToRun(workspace, actor, script.path);
    return scriptSpec(script);
  },
} satisfies Record<
  string,
  (...args: [...Parameters<typeof scriptToRun>]) => Omit<JobSpec, "args" | "createdBy" | "identity">
>;

/** Starting scripts and flows. */
export const registerRuns: Register = (api, context) => {
  const { store } = context;
  const engine = engineOf(context);

  const start = async (c: Request, kind: keyof typeof RUNNABLES, marker: string): Promise<Job> => {
    const workspace = workspaceOf(c, store);
    const actor = c.get("actor");
    const spec = RUNNABLES[kind](workspace, actor, pathAfter(c, marker));
    const args = await argsOf(c);
    const job = engine.push(workspace, { ...spec, args, createdBy: actor.username, identity: identityOf(actor) });
    void engine.start(job);
    return job;
  };

  for (const kind of ["p", "f", "h"] as const) {
    api.post(`/api/w/:w/jobs/run/${kind}/*`, async (c) => text((await start(c, kind, `/jobs/run/${kind}/`)).id, 201));
    api.post(`/api/w/:w/jobs/run_wait_result/${kind}/*`, async (c) => {
      const job = await start(c, kind, `/jobs/run_wait_result/${kind}/`);
      await job.done;
      return answerOf(job.result, job.success === true);
    });
  }
  // Scripts and flows by their path are also run with GET.
  for (const kind of ["p", "f"] as const) {
    api.get(`/api/w/:w/jobs/run_wait_result/${kind}/*`, async (c) => {
      if (c.req.method === "HEAD") return new Response(null);
      const job = await start(c, kind, `/jobs/run_wait_result/${kind}/`);
      await job.done;
      return answerOf(job.result, job.success === true);
    });
  }

  api.post("/api/w/:w/jobs/run/dynamic_select", async (c) => {
    const workspace = workspaceOf(c, store);
    const actor = c.get("actor");
    const { entrypoint_function: entry, args, runnable_ref } = await readBody(c, CHOICES);
    if (!ENTRY.test(entry)) {
      throw new ApiError(400, `Bad request: Invalid entrypoint_function "${entry}": must match ${ENTRY.source}`);
    }
    if (runnable_ref.source !== "deployed" || runnable_ref.runnable_kind !== "script") {
      throw new ApiError(501, "the stand-in asks deployed scripts for choices, and nothing else");
    }
    const spec = scriptSpec(scriptToRun(workspace, actor, runnable_ref.path));
    const given = { ...args, [ENTRYPOINT_OVERRIDE]: entry };
    const identity = identityOf(actor);
    const job = engine.push(workspace, { ...spec, args: given, createdBy: actor.username, identity });
    void engine.start(job);
    return text(job.id, 201);
  });

  api.post("/api/w/:w/jobs/run/preview", () => {
    throw new ApiError(501, "the stand-in runs no previews: deploy the script and run it by its path");
  });
};

/** With GET the arguments are the query's `payload`, a JSON object in base64url; a body is not looked at. */
async function argsOf(c: Request): Promise<Partial<Record<string, unknown>>> {
  if (c.req.method !== "GET") return (await c.req.text()) === "" ? {} : readBody(c, ARGS);
  const payload = c.req.query("payload");
  if (payload === undefined) return {};
  const args = readStored(jsonIn(payload), ARGS);
  if (args === undefined) throw internal("Impossible to decode query payload", "types.rs:76");
  return args;
}

function jsonIn(payload: string): unknown {
  try {
    return JSON.parse(Buffer.from(payload, "base64url").toString());
  } catch {
    return undefined;
  }
}
