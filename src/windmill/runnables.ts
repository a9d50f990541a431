import { FlowService, JobService, ScriptService } from "windmill-client";
import * as z from "zod";
import type { Runnable } from "../core/paths.ts";
import type { Windmill } from "./windmill.ts";

/** Scripts and flows of the workspace: one function per call, each answer parsed at this border. */

/** Whether the caller can see a script or flow at the path. */
export const runnableExists = (windmill: Windmill, { kind, path }: Runnable): Promise<boolean> =>
  windmill.call(
    `Looking up the ${kind} ${path}`,
    () =>
      kind === "script"
        ? ScriptService.existsScriptByPath({ workspace: windmill.workspace, path })
        : FlowService.existsFlowByPath({ workspace: windmill.workspace, path }),
    z.boolean(),
  );

/** Starts a script or flow as the caller and returns the id of its job, without waiting for it. */
export const startRunnable = (
  windmill: Windmill,
  { kind, path }: Runnable,
  args: Record<string, unknown>,
): Promise<string> => {
  const run = { workspace: windmill.workspace, path, requestBody: args };
  return windmill.call(
    `Starting the ${kind} ${path}`,
    () => (kind === "script" ? JobService.runScriptByPath(run) : JobService.runFlowByPath(run)),
    z.string(),
  );
};
