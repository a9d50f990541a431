import { readFileSync } from "node:fs";
import type { Workspace } from "../store.ts";
import type { Engine } from "./engine.ts";
import { failure, type Outcome } from "./job.ts";
import { importersOf, isBun, sourcesFor } from "./library.ts";
import { LockError, type Releases, releasesOf, relock } from "./relock.ts";
import { executionError } from "./script_run.ts";
import { currentScript, type Identity, type Job, type Script } from "./state.ts";

/** How long after a library was deployed the server looks for those that import it. */
const RELOCK_DELAY_MS = 5000;

/** Makes the locks of scripts: of new ones that came without, and again of those whose libraries changed. */
export interface Locksmith {
  /** Has to be told of every new version of a script. */
  deployed(workspace: Workspace, script: Script, by: Identity): void;
  /** Does now what is due in the next seconds, and waits until every job that was started is over. */
  settle(): Promise<void>;
}

const locksmiths = new WeakMap<Engine, Locksmith>();

/** The locksmith of an engine. */
export function locksmithOf(engine: Engine): Locksmith {
  const known = locksmiths.get(engine);
  if (known) return known;
  const { clock } = engine.store;
  const pending = new Map<string, { cancel: () => void; relock: () => void }>();
  /** Paths whose dependency job has not started: one job is enough for any number of changed libraries. */
  const waiting = new Set<string>();
  const keyOf = (workspaceId: string, path: string) => `${workspaceId}:${path}`;
  const releases = installedReleases();
  engine.runners.set("dependencies", async (job) => {
    waiting.delete(keyOf(job.workspaceId, job.path));
    return lockOf(job, engine, releases);
  });

  const makeLock = (workspace: Workspace, { path, hash }: Script, by: Identity) => {
    const key = keyOf(workspace.id, path);
    if (waiting.has(key)) return;
    waiting.add(key);
    void engine.start(
      engine.push(workspace, { kind: "dependencies", path, hash, args: {}, createdBy: by.username, identity: by }),
    );
  };
  const locksmith: Locksmith = {
    deployed(workspace, script, by) {
      if (!isBun(script)) return;
      if (script.lock === null) makeLock(workspace, script, by);
      const key = keyOf(workspace.id, script.path);
      const relockImporters = () => {
        pending.get(key)?.cancel();
        pending.delete(key);
        for (const importer of importersOf(workspace, script.path)) makeLock(workspace, importer, by);
      };
      pending.get(key)?.cancel();
      pending.set(key, { relock: relockImporters, cancel: clock.at(clock.now() + RELOCK_DELAY_MS, relockImporters) });
    },
    async settle() {
      for (const { relock: now } of [...pending.values()]) now();
      await engine.idle();
    },
  };
  locksmiths.set(engine, locksmith);
  return locksmith;
}

/** The packages that a lock can name: those of the repository, in its versions. */
export function installedReleases(): Releases {
  return releasesOf(readFileSync(new URL("../../../../package-lock.json", import.meta.url), "utf8"));
}

/** Writes the lock of a dependency job's script into the script's newest version. */
function lockOf(job: Job, { store }: Engine, releases: Releases): Outcome {
  const workspace = store.workspaces.get(job.workspaceId);
  const script = workspace && currentScript(workspace, job.path);
  if (!workspace || !script) return failure(executionError(`Not found: script not found at name ${job.path}`));
  try {
    script.lock = relock(job.path, sourcesFor(workspace), releases);
    script.lockErrorLogs = null;
    return { success: true, result: { lock: script.lock, status: "Successful lock file generation" } };
  } catch (error) {
    if (!(error instanceof LockError)) throw error;
    script.lockErrorLogs = error.message;
    job.logs += error.message;
    return failure(executionError(error.message));
  }
}
