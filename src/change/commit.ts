import { checkConnection } from "../check/check.ts";
import { type ChangeReport, type CheckReport, REPORT_VERSION } from "../core/report.ts";
import type { Depth, Finding } from "../core/shapes.ts";
import { InputError } from "../inputs/parse.ts";
import type { RawAiSettings } from "../observe/ai_settings.ts";
import type { Observation } from "../observe/observe.ts";
import { withLock } from "../windmill/lock.ts";
import type { Progress } from "../windmill/progress.ts";
import { readAiSettings, whoAmI } from "../windmill/settings.ts";
import type { Windmill } from "../windmill/windmill.ts";
import { type Applied, applyChanges, UndoneError, undone } from "./apply.ts";
import { copyPath, type Live, withDetour } from "./detour.ts";
import { shown, viewChange } from "./handlers.ts";
import { keysAtRisk, keysLost } from "./kept_settings.ts";
import { type Plan, planId } from "./plan.ts";
import { dropSnapshot, keepSnapshot, snapshotOf } from "./snapshots.ts";

/** The end of every walk that changes something: snapshot, apply, verify, report. Everything is put back when it fails. */

const notAdmin = (windmill: Windmill): InputError =>
  new InputError([
    `You run this as ${windmill.permissionedAs}, who is not an admin of the workspace ${windmill.workspace}. AI settings can be changed by admins only: ask one to run it.`,
  ]);

/**
 * The beginning of every walk that may change something: an admin only, and one change at a time. A plan changes nothing and
 * waits for nobody.
 *
 * @throws InputError for a caller who is no admin, before anything is touched; LockedError when another change goes on.
 */
export async function planOrApply(
  windmill: Windmill,
  wish: { command: string; mode: "plan" | "apply" },
  progress: Progress,
  walk: { plan(): Promise<ChangeReport>; apply(): Promise<ChangeReport> },
): Promise<ChangeReport> {
  progress.step("read what is there", 0.05);
  const caller = await whoAmI(windmill);
  if (!caller.admin) throw notAdmin(windmill);
  return wish.mode === "plan" ? walk.plan() : withLock(windmill, wish.command, progress, () => walk.apply());
}

/**
 * The workspace's own AI settings, which nobody may replace without having read them.
 *
 * @throws InputError when the caller may not read them.
 */
export function ownSettings(windmill: Windmill, { settings }: Observation): RawAiSettings {
  if (settings.own === null) throw notAdmin(windmill);
  return settings.own;
}

/** What a walk hands over to be made true. */
export interface Commit {
  command: string;
  plan: Plan;
  /** Whether the connection has to work for users afterwards; false where the change ends it. */
  must_work: boolean;
  /** Whether to look only when no process can use the credentials of before any more. */
  past_the_cache?: boolean;
  /** How closely to look afterwards; `chat` when absent. */
  depth?: Depth;
  /**
   * Whether what stops people all the same may stay: `at_once`, or when no process can use cached credentials any more. Nothing
   * may when absent.
   */
  bears?(findings: readonly Finding[], when: "at_once" | "in_the_end"): boolean;
  /** Id of the snapshot whose change this one undoes. */
  undoes?: string;
}

/**
 * Applies changes and checks the connection as users reach it.
 *
 * @returns the check; null when `must_work` is false.
 * @throws UndoneError when a change fails or users are refused afterwards.
 */
export async function commit(windmill: Windmill, wish: Commit, progress: Progress): Promise<CheckReport | null> {
  const { changes, live } = wish.plan;
  const about = {
    id: windmill.jobId,
    at: new Date().toISOString(),
    by: windmill.permissionedAs,
    command: wish.command,
    ...(wish.undoes === undefined ? {} : { undoes: wish.undoes }),
  };
  const snapshot = snapshotOf(changes, about);
  // Somebody who is on a copy is there because a run died: its snapshot has what was before.
  if (snapshot && !isCopy(live)) await keepSnapshot(windmill, snapshot);
  try {
    const applied = await applyChanges(windmill, withDetour(changes, live), progress);
    if (!wish.must_work) return null;
    if (wish.past_the_cache) await outliveCaches(progress);
    progress.step("check the connection as users reach it", 0.8);
    return await verify(windmill, wish, applied.revert, progress);
  } catch (error) {
    // The change never was: a snapshot of it would only mislead. One too many does no harm, so a failure here is not told.
    if (snapshot && error instanceof UndoneError && error.left.length === 0) {
      await dropSnapshot(windmill, snapshot.id).catch(() => undefined);
    }
    throw error;
  }
}

const isCopy = (live: Live | null): boolean => live !== null && live.resource.path === copyPath(live.resource.path);

/** Milliseconds that any of Windmill's processes may go on using credentials that it has cached (60 s), and some to spare. */
const CACHE_MS = 65_000;
const RECHECK_MS = 10_000;

/** Waits until no process can use credentials that it has cached before. */
async function outliveCaches(progress: Progress): Promise<void> {
  const until = performance.now() + CACHE_MS;
  while (performance.now() < until) {
    progress.step("wait until no process of Windmill can use the key of before any more (about a minute)", 0.7);
    await new Promise((resolve) => setTimeout(resolve, RECHECK_MS));
  }
}

/** A failure is looked at again until every process must have dropped the credentials it had cached. */
async function verify(
  windmill: Windmill,
  { plan: { changes }, depth = "chat", bears }: Commit,
  revert: Applied["revert"],
  progress: Progress,
): Promise<CheckReport> {
  const until = performance.now() + (changes.length > 0 ? CACHE_MS : 0);
  for (;;) {
    const checked = await checkOrRevert(windmill, depth, revert, progress);
    if (checked.status !== "down" || bears?.(checked.findings, "at_once")) return checked;
    if (performance.now() + RECHECK_MS > until) {
      if (changes.length === 0 || bears?.(checked.findings, "in_the_end")) return checked;
      const causes = checked.findings.filter(({ severity }) => severity === "critical").map(inWords);
      throw await undone(
        new Error(`The connection worked when it was tried, but not as users reach it:\n${causes.join("\n")}`),
        revert,
      );
    }
    progress.step("not working yet: another process may still use what it had cached, looking again in 10 s", 0.8);
    await new Promise((resolve) => setTimeout(resolve, RECHECK_MS));
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

/** A finding for a red error box, which renders no HTML: cause first, then what to do. */
export const inWords = (finding: Finding): string =>
  [
    `- ${finding.title}. ${finding.cause}`,
    ...finding.remedy.map((step, index) => `  ${index + 1}. ${step.replaceAll("\n", "\n     ")}`),
  ].join("\n");

/** The parts of a change report that differ from command to command. */
export interface Outcome {
  command: string;
  mode: "plan" | "apply";
  plan: Plan;
  notes: string[];
  /** What was checked afterwards; null for a plan, or where nothing is left to check. */
  verified: CheckReport | null;
  /** Beside those of the check. */
  findings?: readonly Finding[];
  /** Overrides the sentence made from changes and check. */
  summary?: string;
}

/** What people should know of a change that takes a detour. */
function detourNote({ changes, live }: Plan): string[] {
  if (live === null || withDetour(changes, live).length === changes.length) return [];
  return [
    `Several of these changes are live, so people are moved to a temporary copy (${copyPath(live.resource.path)}) while they are made, and back in the end: nobody meets a mix of old and new.`,
  ];
}

/** Keys of the settings that this server may not keep, or did not: it drops those that it does not know. */
async function droppedNote(windmill: Windmill, { mode, plan }: Outcome): Promise<string[]> {
  const saved = plan.changes.find((change) => change.kind === "save-ai-settings");
  const risk = saved ? keysAtRisk(saved.after) : [];
  if (saved === undefined || risk.length === 0) return [];
  if (mode === "plan") {
    return [
      `The AI settings hold ${risk.join(", ")}, which a newer version of Windmill has written. A server that does not know such a key drops it when the settings are saved, whoever saves them. Nothing is known to be lost yet; the run that applies this says what was.`,
    ];
  }
  const lost = keysLost(await readAiSettings(windmill), saved.after);
  if (lost.length === 0) return [];
  return [
    `This server does not know these AI settings and dropped them when the settings were saved: ${lost.join(", ")}. They were written by a newer version of Windmill.`,
  ];
}

/** Composes the report of a command that changes something. */
export async function changeReport(windmill: Windmill, outcome: Outcome): Promise<ChangeReport> {
  const { verified, mode } = outcome;
  const changes = shown(outcome.plan.changes);
  const found = verified?.findings ?? [];
  const more = (outcome.findings ?? []).filter(({ code }) => !found.some((one) => one.code === code));
  const count = `${changes.length} change${changes.length === 1 ? "" : "s"}`;
  const did =
    changes.length === 0
      ? "Everything is as it should be already."
      : mode === "plan"
        ? `${count}. Run it again with mode "apply" to make them.`
        : `${count} made.`;
  return {
    version: REPORT_VERSION,
    command: outcome.command,
    mode,
    status: verified?.status ?? null,
    applied: mode === "apply",
    summary: outcome.summary ?? [did, verified?.summary].filter(Boolean).join(" "),
    plan_id: mode === "plan" ? await planId(outcome.plan) : "",
    workspace: windmill.workspace,
    changes: changes.map(viewChange),
    notes: [...outcome.notes, ...detourNote(outcome.plan), ...(await droppedNote(windmill, outcome))],
    findings: [...found, ...more],
    probes: verified?.probes ?? [],
    models: verified?.models ?? [],
  };
}
