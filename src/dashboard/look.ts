import { checkConnection } from "../check/check.ts";
import { CHECK_NOW, CHECK_NOW_LOCK } from "../core/paths.ts";
import { inert } from "../core/report.ts";
import { type Lock, LockedError, withLock } from "../windmill/lock.ts";
import type { Progress } from "../windmill/progress.ts";
import { readState, writeState } from "../windmill/resources.ts";
import { readSecret } from "../windmill/variables.ts";
import type { Windmill } from "../windmill/windmill.ts";
import { Look } from "./data.ts";

/** A look at the gateway without tokens, at most once a minute for everybody together. */

/** Milliseconds for which a look is given to whoever asks for another one. */
const FRESH_MS = 60_000;

/** Held by the one job that looks; everybody else waits for its result. A look at depth "free" is over in seconds. */
const LOOKING: Lock = {
  path: CHECK_NOW_LOCK,
  doing: "is looking at the gateway",
  patience_ms: 40_000,
  poll_ms: 300,
  lifetime_ms: 60_000,
};

/** Findings and evidence that are kept: the page shows a few, and the state stays small. */
const KEPT = { findings: 5, evidence: 2 } as const;

/**
 * Looks now, or gives the last look when it is not a minute old or another one is going on. Writes nothing but the look itself and
 * its lock.
 *
 * @returns `fresh` = whether this very call looked.
 * @throws LockedError when another look hangs and there is no earlier one.
 */
export async function checkNow(windmill: Windmill, progress: Progress): Promise<Look & { fresh: boolean }> {
  const before = await lastLook(windmill);
  if (before && isFresh(before)) return { ...before, fresh: false };
  try {
    return await withLock(windmill, "check_now", progress, () => look(windmill, progress), LOOKING);
  } catch (error) {
    const last = error instanceof LockedError ? await lastLook(windmill) : null;
    if (last === null) throw error;
    return { ...last, fresh: false };
  }
}

/** Runs while nobody else looks. Whoever had the lock before may have looked just now. */
async function look(windmill: Windmill, progress: Progress): Promise<Look & { fresh: boolean }> {
  const other = await lastLook(windmill);
  if (other && isFresh(other)) return { ...other, fresh: false };
  const report = await checkConnection(windmill, { depth: "free" }, progress);
  const { status, summary, findings, checked_at, connection } = report;
  const kept = findings
    .slice(0, KEPT.findings)
    .map((finding) => ({ ...finding, evidence: finding.evidence.slice(0, KEPT.evidence), probes: [] }));
  const made: Look = inert({
    at: checked_at,
    status,
    summary,
    findings: kept,
    key_prefix: await prefixOf(windmill, connection.secret_path),
  });
  await writeState(windmill, CHECK_NOW, made);
  return { ...made, fresh: true };
}

/** What the gateway's own pages show of the key. Windmill audits every look at a secret, so it is looked at here and not on every view. */
async function prefixOf(windmill: Windmill, path: string | null): Promise<string | null> {
  if (path === null) return null;
  const stored = await readSecret(windmill, path).catch(() => null);
  return stored && isPrefix(stored.secret.prefix) ? stored.secret.prefix : null;
}

const isPrefix = (text: string): boolean => text.startsWith("sk-");

/** The last look; null when there is none, or when it cannot be read. */
async function lastLook(windmill: Windmill): Promise<Look | null> {
  return Look.safeParse(await readState(windmill, CHECK_NOW)).data ?? null;
}

/** A look from the future is that of a clock that was wrong: it would be fresh for too long. */
function isFresh({ at }: Look): boolean {
  const age = Date.now() - Date.parse(at);
  return age >= 0 && age < FRESH_MS;
}
