import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { BUNDLE } from "../build/deployed.ts";
import { callWindmill, type Target } from "../shared/windmill_api.ts";
import type { Conversation } from "./deploy.ts";

/**
 * After a push Windmill runs one dependency job for each new flow and app, and none for a script, because these come with their
 * locks and import no other script. They take seconds.
 */
const INTERVAL_MS = 500;
/** Milliseconds until the tool stops waiting: workers may be busy with other people's jobs, and the bundle can be used meanwhile. */
const PATIENCE_MS = 60_000;

const KINDS = "dependencies,flowdependencies,appdependencies";
const Jobs = z.array(z.looseObject({ script_path: z.string().nullish() }));

/** How many of the bundle's dependency jobs are not over. */
async function waiting(target: Target): Promise<number> {
  const jobs = await callWindmill(target, `w/${target.workspace}/jobs/queue/list?job_kinds=${KINDS}`, Jobs);
  return jobs.filter((job) => job.script_path?.startsWith(`${BUNDLE}/`)).length;
}

/** Waits until Windmill is done with what was pushed, or says that it is not. */
export async function untilSettled(target: Target, talk: Pick<Conversation, "say">): Promise<void> {
  const end = Date.now() + PATIENCE_MS;
  for (let left = await waiting(target); left > 0; left = await waiting(target)) {
    if (Date.now() > end) {
      talk.say(
        `Windmill still has ${left} dependency job(s) of this push in its queue: its workers are busy. Everything can be used meanwhile.`,
      );
      return;
    }
    await sleep(INTERVAL_MS);
  }
}
