import { examine } from "../check/check.ts";
import type { CheckReport } from "../core/report.ts";
import type { Depth, Finding } from "../core/shapes.ts";
import type { Progress } from "../windmill/progress.ts";
import type { Windmill } from "../windmill/windmill.ts";
import { type Applied, undone } from "./apply.ts";
import { critical, isOfOwnMaking } from "./no_worse.ts";
import { inWords } from "./report.ts";

/** Looks at the connection as users reach it after it was changed, and puts everything back when they are refused. */

/** How the connection is looked at afterwards. */
export interface Verification {
  /** How closely to look; `chat` when absent. */
  depth?: Depth;
  /** Whether to look only when no process can use the credentials of before any more. */
  past_the_cache?: boolean;
  /**
   * Whether what stops people all the same may stay: `at_once`, or when no process can use cached credentials any more. Nothing
   * may when absent.
   */
  may_stay?(findings: readonly Finding[], when: "at_once" | "in_the_end"): boolean;
}

/** Milliseconds that any of Windmill's processes may go on using credentials that it has cached (60 s), and some to spare. */
const CACHE_MS = 65_000;
const RECHECK_MS = 10_000;

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/**
 * Checks the connection; a failure is looked at again until every process must have dropped the credentials it had cached.
 *
 * @param changed whether anything was changed: else there is nothing to wait for, and nothing to put back.
 * @throws UndoneError when users are refused, after everything was put back.
 */
export async function verify(
  windmill: Windmill,
  { depth = "chat", past_the_cache = false, may_stay }: Verification,
  changed: boolean,
  revert: Applied["revert"],
  progress: Progress,
): Promise<CheckReport> {
  if (past_the_cache) await outliveCaches(progress);
  progress.step("check the connection as users reach it", 0.8);
  const until = performance.now() + (changed ? CACHE_MS : 0);
  for (;;) {
    const checked = await checkOrRevert(windmill, depth, revert, progress);
    if (checked.status !== "down" || may_stay?.(checked.findings, "at_once")) return checked;
    if (performance.now() + RECHECK_MS > until || !mayPass(checked.findings)) {
      if (!changed || may_stay?.(checked.findings, "in_the_end")) return checked;
      const causes = checked.findings.filter(({ severity }) => severity === "critical").map(inWords);
      throw await undone(
        new Error(`The connection worked when it was tried, but not as users reach it:\n${causes.join("\n")}`),
        revert,
      );
    }
    // A limit of requests per minute ends with the minute, unless this run goes on asking.
    const pause = isOfOwnMaking(checked.findings) ? until - performance.now() : RECHECK_MS;
    progress.step(
      `not working yet: ${pause > RECHECK_MS ? "this run's own requests may have reached a limit" : "another process may still use what it had cached"}, looking again in ${Math.ceil(pause / 1000)} s`,
      0.8,
    );
    await sleep(pause);
  }
}

/** Whether what stops people may be over when no process uses what it had cached: what the settings say stays as it is. */
const mayPass = (findings: readonly Finding[]): boolean => critical(findings).every(({ probes }) => probes.length > 0);

/** Waits until no process can use credentials that it has cached before. */
async function outliveCaches(progress: Progress): Promise<void> {
  const until = performance.now() + CACHE_MS;
  while (performance.now() < until) {
    progress.step("wait until no process of Windmill can use the key of before any more (about a minute)", 0.7);
    await sleep(RECHECK_MS);
  }
}

async function checkOrRevert(
  windmill: Windmill,
  depth: Depth,
  revert: Applied["revert"],
  progress: Progress,
): Promise<CheckReport> {
  try {
    // One that could not look says nothing of the change, so it is no report here but an error.
    return (await examine(windmill, { depth }, progress)).report;
  } catch (error) {
    throw await undone(error, revert);
  }
}
