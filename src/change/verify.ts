import { examine } from "../check/check.ts";
import { type MarksBefore, marksBefore, settle, unmet } from "../check/prove.ts";
import type { CheckReport } from "../core/report.ts";
import type { Depth, Finding } from "../core/shapes.ts";
import type { Progress } from "../windmill/progress.ts";
import type { Windmill } from "../windmill/windmill.ts";
import { type Applied, undone } from "./apply.ts";
import type { Change } from "./change.ts";
import { altersCredentials, pathAfter } from "./credentials.ts";
import type { Live } from "./detour.ts";
import { critical, isOfOwnMaking } from "./no_worse.ts";
import { inWords } from "./report.ts";

/** Looks at the connection as users reach it after it was changed, and puts everything back when they are refused. */

/** How the connection is looked at afterwards. */
export interface Verification {
  /** How closely to look; `chat` when absent. */
  depth?: Depth;
  /** Whether no process at all may use the credentials of before any more when it ends, also one that this run does not meet. */
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

/** What users' requests go with was changed: the resource that they go through now, and what each route showed before. */
interface Moved {
  resource_path: string;
  before: MarksBefore | null;
}

/** What a change of address or key moves users away from, read before anything is changed; null where it moves nobody. */
export async function movedOf(
  windmill: Windmill,
  { past_the_cache = false }: Verification,
  changes: readonly Change[],
  live: Live | null,
): Promise<Moved | null> {
  if (live === null || !altersCredentials(changes, live)) return null;
  const before = past_the_cache ? null : await marksBefore(windmill, live.resource.path);
  return { resource_path: pathAfter(changes, live), before };
}

/**
 * Checks the connection; what is not proven, or fails, is looked at again until every process must have dropped what it had cached.
 *
 * @param about whether anything was changed: else there is nothing to wait for, and nothing to put back.
 * @throws UndoneError when users are refused, after everything was put back.
 */
export async function verify(
  windmill: Windmill,
  { depth = "chat", may_stay }: Verification,
  { changed, moved }: { changed: boolean; moved: Moved | null },
  revert: Applied["revert"],
  progress: Progress,
): Promise<CheckReport> {
  const settled = moved ? await settle(windmill, { ...moved, made_at: performance.now() }, progress) : null;
  const proof = settled ? unmet(settled) : "";
  progress.step("check the connection as users reach it", 0.8);
  const until = performance.now() + (changed ? CACHE_MS : 0);
  for (;;) {
    const report = await checkOrRevert(windmill, depth, revert, progress);
    const checked: CheckReport = proof === "" ? report : { ...report, proof };
    const unproven = changed && checked.findings.some(({ code }) => code === "stale-credentials");
    const down = checked.status === "down";
    if (!unproven && (!down || may_stay?.(checked.findings, "at_once"))) return checked;
    if (performance.now() + RECHECK_MS > until || (down && !unproven && !mayPass(checked.findings))) {
      if (!down) return checked;
      if (!changed || may_stay?.(checked.findings, "in_the_end")) return checked;
      const causes = checked.findings.filter(({ severity }) => severity === "critical").map(inWords);
      throw await undone(
        new Error(`The connection worked when it was tried, but not as users reach it:\n${causes.join("\n")}`),
        revert,
      );
    }
    // A limit of requests per minute ends with the minute, unless this run goes on asking.
    const pause = down && isOfOwnMaking(checked.findings) ? until - performance.now() : RECHECK_MS;
    const why =
      pause > RECHECK_MS
        ? "this run's own requests may have reached a limit"
        : "a process may still use what it had cached";
    progress.step(`not proven yet: ${why}, looking again in ${Math.ceil(pause / 1000)} s`, 0.8);
    await sleep(pause);
  }
}

/** Whether what stops people may be over when no process uses what it had cached: what the settings say stays as it is. */
const mayPass = (findings: readonly Finding[]): boolean => critical(findings).every(({ probes }) => probes.length > 0);

/** A check that cannot look is no proof: what was changed goes back. */
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
