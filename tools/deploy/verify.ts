import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { BUNDLE } from "../metadata/bundle.ts";
import { callWindmill, type Target } from "../shared/windmill_api.ts";
import type { Conversation } from "./deploy.ts";
import type { DeployPlan, Item } from "./plan.ts";

/** Milliseconds until the server has begun to re-lock the importers of a pushed library: it starts about 5 s later (verified fact 18). */
export const RELOCK_BEGINS_MS = 10_000;
/**
 * Milliseconds between two looks, between two words about it, and until the tool stops looking: a re-lock takes seconds where the
 * registry is near, but after a first push a server may have one for each library and importer.
 */
const INTERVAL_MS = 2_000;
const TELL_MS = 30_000;
const PATIENCE_MS = 600_000;

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
 * @returns the scripts, flows and apps that differ from the repository; empty when what is deployed is what is here.
 */
export async function verify(
  target: Target,
  compare: () => Promise<DeployPlan>,
  talk: Pick<Conversation, "say" | "settle">,
): Promise<Item[]> {
  await talk.settle();
  const end = Date.now() + PATIENCE_MS;
  let told = Date.now();
  while ((await relocking(target)) > 0) {
    if (Date.now() > end) {
      talk.say("Windmill is not done yet: it goes on by itself. Run this again later to compare once more.");
      break;
    }
    if (Date.now() - told > TELL_MS) {
      talk.say("Windmill still re-locks scripts. They can be run meanwhile.");
      told = Date.now();
    }
    await sleep(INTERVAL_MS);
  }
  return (await compare()).items;
}
