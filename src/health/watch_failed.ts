import { FOLDER } from "../core/paths.ts";
import type { AlertOutcome } from "../core/report.ts";
import { finding } from "../diagnose/wording.ts";
import { composeAlert, WATCH_FAILED } from "../tell/alert.ts";
import type { News } from "../tell/news.ts";
import { type PastRun, pastRuns, RUNS_SHOWN } from "../windmill/jobs.ts";
import type { Windmill } from "../windmill/windmill.ts";
import { tell } from "./notify.ts";
import { incidentId } from "./tick.ts";

/**
 * Telling people that the watch itself fails: what was found could not be remembered. There is no memory then that says whether they
 * were told, so Windmill's own list of runs decides.
 */

/** The step that remembers. */
export const REMEMBER_STEP = `${FOLDER}/remember`;

const HOUR_MS = 3_600_000;

/** The failed runs in a row that the newest one ends, oldest first; none when it did not fail. @param runs newest first. */
export function failedInARow(runs: readonly PastRun[]): PastRun[] {
  const good = runs.findIndex(({ succeeded }) => succeeded);
  return runs.slice(0, good < 0 ? runs.length : good).reverse();
}

/** How many failed runs after the first alert a second one is sent, in case that nobody took the first. */
const AGAIN_AFTER = 3;

/**
 * What is to be told of runs that failed in a row; null when nothing is. Once after as many as it takes for a bad status, once more a
 * little later, and then once in each span of `remind_every` hours.
 *
 * @param failed oldest first; the last one is the present run.
 */
export function newsOfFailure(
  failed: readonly PastRun[],
  { failures_before_alert: least, remind_every }: { failures_before_alert: number; remind_every: number },
): News | null {
  const [first] = failed;
  const [before, now] = failed.slice(-2);
  if (!first || !now || failed.length < least) return null;
  const [since, at] = [first.at, now.at].map((one) => new Date(one).toISOString()) as [string, string];
  const incident = incidentId(since);
  const news = (kind: "opening" | "reminder"): News => ({
    ...{ id: `${incident}/${kind}/${failed.length}`, kind, incident },
    ...{ code: WATCH_FAILED, status: "unknown", previous: null, since, at },
  });
  if (failed.length === least) return news("opening");
  // Where the first alert lies further back than the list reaches, spans are counted from 1970.
  const alerted = Date.parse(failed.length < RUNS_SHOWN ? (failed[least - 1]?.at ?? first.at) : "1970-01-01T00:00:00Z");
  const span = (at: string): number => Math.floor((Date.parse(at) - alerted) / (remind_every * HOUR_MS));
  const remind = remind_every > 0 && before !== undefined && span(before.at) !== span(now.at);
  return remind || failed.length === least + AGAIN_AFTER ? news("reminder") : null;
}

/** Tells people that the watch fails, where it is time; null when it is not. @param why what the step that remembers said. */
export async function tellOfFailure(
  windmill: Windmill,
  why: string,
  rules: { failures_before_alert: number; remind_every: number },
  targets: object,
): Promise<AlertOutcome | null> {
  const news = newsOfFailure(failedInARow(await pastRuns(windmill, REMEMBER_STEP)), rules);
  if (news === null) return null;
  const findings = [finding(WATCH_FAILED, [{ text: why }])];
  // What forms lead to from an alert needs the memory.
  const place = { workspace: windmill.workspace, run_url: windmill.runUrl, pages_url: "", next_check: null };
  const told = await tell(windmill, composeAlert(news, findings, place), targets);
  return { delivered: told.some(({ delivered }) => delivered), targets: told };
}
