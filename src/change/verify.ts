import { checkConnection } from "../check/check.ts";
import type { CheckReport } from "../core/report.ts";
import type { Depth, Finding } from "../core/shapes.ts";
import type { Progress } from "../windmill/progress.ts";
import type { Windmill } from "../windmill/windmill.ts";
import { type Applied, undone } from "./apply.ts";
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
  /** Whether the change did what it was made for: one that did not is put back too. It did when absent. */
  helped?(findings: readonly Finding[]): boolean;
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
  { depth = "chat", past_the_cache = false, may_stay, helped }: Verification,
  changed: boolean,
  revert: Applied["revert"],
  progress: Progress,
): Promise<CheckReport> {
  if (past_the_cache) await outliveCaches(progress);
  progress.step("check the connection as users reach it", 0.8);
  const until = performance.now() + (changed ? CACHE_MS : 0);
  for (;;) {
    const checked = await checkOrRevert(windmill, depth, revert, progress);
    const fine = checked.status !== "down" || may_stay?.(checked.findings, "at_once") === true;
    const good = !changed || helped === undefined || helped(checked.findings);
    if (fine && good) return checked;
    if (performance.now() + RECHECK_MS > until) {
      if (!good) throw await undone(new Error("The change was made and did not help."), revert);
      if (!changed || may_stay?.(checked.findings, "in_the_end")) return checked;
      const causes = checked.findings.filter(({ severity }) => severity === "critical").map(inWords);
      throw await undone(
        new Error(`The connection worked when it was tried, but not as users reach it:\n${causes.join("\n")}`),
        revert,
      );
    }
    progress.step("not working yet: another process may still use what it had cached, looking again in 10 s", 0.8);
    await sleep(RECHECK_MS);
  }
}

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
    return await checkConnection(windmill, { depth }, progress);
  } catch (error) {
    throw await undone(error, revert);
  }
}
