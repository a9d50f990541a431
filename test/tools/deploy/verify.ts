import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { BUNDLE } from "../metadata/bundle.ts";
import { callWindmill, type Target } from "../shared/windmill_api.ts";
import type { DeployPlan, Item } from "./plan.ts";

/** Milliseconds until the server has begun to re-lock the importers of a pushed library: it starts about 5 s later (verified fact 18). */
export const RELOCK_BEGINS_MS = 10_000;
/** Milliseconds between two looks, and until the tool stops looking: a re-lock takes seconds where the registry is near. */
const INTERVAL_MS = 2_000;
const PATIENCE_MS = 120_000;

const Jobs = z.array(z.looseObject({ script_path: z.string().nullish() }));

/** How many of the bundle's scripts the server is still locking. */
async function relocking(target: Target): Promise<number> {
  const jobs = await callWindmill(target, `w/${target.workspace}/jobs/queue/list?job_kinds=dependencies`, Jobs);
  return jobs.filter((job) => job.script_path?.startsWith(`${BUNDLE}/`)).length;
}

/**
 * Waits until the server has re-locked the pushed scripts and compares again.
 *
 * @param compare a fresh dry run.
 * @param settle waits for the server to begin (see {@link RELOCK_BEGINS_MS}).
 * @returns the scripts, flows and apps that differ from the repository; empty when what is deployed is what is here.
 */
export async function verify(
  target: Target,
  compare: () => Promise<DeployPlan>,
  settle: () => Promise<void>,
): Promise<Item[]> {
  await settle();
  const end = Date.now() + PATIENCE_MS;
  while ((await relocking(target)) > 0 && Date.now() < end) await sleep(INTERVAL_MS);
  return (await compare()).items;
}
