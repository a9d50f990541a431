import assert from "node:assert/strict";
import { cp } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Run } from "../../tools/shared/programs.ts";
import { runWmill } from "../../tools/shared/wmill.ts";
import { allowJobs, settle } from "../standins/windmill/jobs/run.ts";
import type { WindmillStandin } from "../standins/windmill/server.ts";

/** The trees that were deployed when the recordings were made. */
export type Sample = "sample-demo" | "sample-rec";

/** Copies a sample to where {@link wmill} expects the tree. */
export function copySample(sample: Sample, folder: string): Promise<void> {
  return cp(fileURLToPath(new URL(`../recordings/${sample}`, import.meta.url)), join(folder, "tree"), {
    recursive: true,
  });
}

/** Runs the real CLI in the folder's tree as the stand-in's admin. @throws AssertionError unless it succeeds */
export async function wmill(
  windmill: WindmillStandin,
  workspace: string,
  folder: string,
  ...args: string[]
): Promise<Run> {
  const run = await runWmill({ baseUrl: windmill.url, workspace, token: windmill.admin.token }, folder, args);
  assert.equal(run.status, 0, `wmill ${args.join(" ")} failed:\n${run.stderr}\n${run.stdout}`);
  return run;
}

/** Deploys a sample with the real CLI, and lets the server do what follows from it. */
export async function deploySample(
  windmill: WindmillStandin,
  workspace: string,
  sample: Sample,
  folder: string,
): Promise<void> {
  await copySample(sample, folder);
  // A script without a lock is pushed before its import here. The recorded worker needed longer to take the job than the push to go
  // on; one that is quicker could not make the lock.
  allowJobs(windmill, 0);
  await wmill(windmill, workspace, folder, "sync", "push", "--yes");
  allowJobs(windmill, Number.POSITIVE_INFINITY);
  await settle(windmill);
}
