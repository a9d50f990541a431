import { authenticate } from "../access.ts";
import { ApiError } from "../errors.ts";
import { interpolated } from "../item_access.ts";
import { issueJobToken, type Store } from "../store.ts";
import type { BundleCache } from "./bundle.ts";
import type { Runner } from "./engine.ts";
import { environmentOf, type Origins } from "./environment.ts";
import { failure } from "./job.ts";
import { sourcesFor } from "./library.ts";
import { executionError, runScript } from "./script_run.ts";
import { scriptByHash } from "./state.ts";

/** The argument that names another function than `main`; Windmill's forms set it to ask a script for choices. */
export const ENTRYPOINT_OVERRIDE = "_ENTRYPOINT_OVERRIDE";

const entryOf = ({ [ENTRYPOINT_OVERRIDE]: named }: Record<string, unknown>): string =>
  typeof named === "string" ? named : "main";

/** The name that the one worker goes by. */
export const WORKER = "wk-default-standin";

/** Runs jobs that are a script, deployed or inline, each in a bun process of its own, with a token of its own. */
export function codeRunner(store: Store, bundles: BundleCache, origins: () => Origins): Runner {
  return async (job) => {
    const workspace = store.workspaces.get(job.workspaceId);
    const script = workspace && job.hash !== undefined ? scriptByHash(workspace, job.hash) : undefined;
    const code = job.inline ?? script;
    if (!workspace || !code) return failure(executionError(`the code of ${job.path} is gone`));
    const { email, username, isAdmin, groups } = job.identity;
    const rights = { jobId: job.id, workspace: workspace.id, username, isAdmin, groups };
    const token = issueJobToken(store, email, rights);
    const cancel = new AbortController();
    job.stop = () => cancel.abort(job.canceled);
    try {
      const actor = authenticate(store, `Bearer ${token}`, workspace.id);
      const outcome = await runScript({
        jobId: job.id,
        worker: WORKER,
        path: job.path,
        entry: entryOf(job.args),
        lock: code.lock,
        sources: new Map([...sourcesFor(workspace, actor), [job.path, code.content]]),
        args: interpolated(store.release, workspace, actor, job.args) as Record<string, unknown>,
        env: environmentOf(job, token, store, origins()),
        timeout: job.timeout,
        clockAhead: store.clock.now() - Date.now(),
        waitsAt: store.clock.waitsAt,
        signal: cancel.signal,
        bundles,
        appendLog: (text) => {
          job.logs += text;
        },
      });
      job.memoryPeak = outcome.memoryPeak;
      job.canceled = outcome.canceled;
      return outcome.success ? { success: true, result: outcome.value } : failure(outcome.value);
    } catch (error) {
      // A reference in the arguments that cannot be resolved.
      if (error instanceof ApiError) return failure(executionError(error.message));
      throw error;
    }
  };
}
