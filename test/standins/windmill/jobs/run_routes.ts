import { ApiError, notFound } from "../errors.ts";
import { json, pathAfter, type Register, type Request, text, workspaceOf } from "../http.ts";
import { any, readBody, record, type Shape, string } from "../shape.ts";
import { engineOf } from "./engine.ts";
import type { JobSpec } from "./job.ts";
import { flowSpec, flowToRun, identityOf, scriptSpec, scriptToRun } from "./runnables.ts";
import { type Job, scriptByHash } from "./state.ts";

const ARGS: Shape<Partial<Record<string, unknown>>> = record(string, any);

/** What can be run, by the end of the route: how its job is made from the rest of the path. */
const RUNNABLES = {
  p: (workspace, actor, path) => scriptSpec(scriptToRun(workspace, actor, path)),
  f: (workspace, actor, path) => flowSpec(flowToRun(workspace, actor, path)),
  h: (workspace, actor, hash) => {
    const script = scriptByHash(workspace, hash);
    if (!script) throw notFound(`script not found at name ${hash} (lib.rs:1780)`);
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
    const args = (await c.req.text()) === "" ? {} : await readBody(c, ARGS);
    const job = engine.push(workspace, { ...spec, args, createdBy: actor.username, identity: identityOf(actor) });
    void engine.start(job);
    return job;
  };

  for (const kind of ["p", "f", "h"] as const) {
    api.post(`/api/w/:w/jobs/run/${kind}/*`, async (c) => text((await start(c, kind, `/jobs/run/${kind}/`)).id, 201));
    api.post(`/api/w/:w/jobs/run_wait_result/${kind}/*`, async (c) => {
      const job = await start(c, kind, `/jobs/run_wait_result/${kind}/`);
      await job.done;
      return json(job.result, job.success ? 200 : 422);
    });
  }

  api.post("/api/w/:w/jobs/run/preview", () => {
    throw new ApiError(501, "the stand-in runs no previews: deploy the script and run it by its path");
  });
};
