import type { Change } from "../change/handlers.ts";
import { allChanges, type Plan } from "../change/plan.ts";
import { listSnapshots } from "../change/snapshot_store.ts";
import { asRecord, sameJson } from "../core/json.ts";
import { formLink } from "../core/links.ts";
import type { ChangeReport } from "../core/report.ts";
import { coveredBy, type SelfRepair } from "../core/self_repair.ts";
import { changeMemory } from "../health/memory.ts";
import { type Mending, withMended } from "../health/mending.ts";
import { withNotice } from "../health/notices.ts";
import type { Notice } from "../health/state.ts";
import { RepairInput } from "../inputs/repair.ts";
import { type Intent, readIntent } from "../observe/intent.ts";
import { LockedError } from "../windmill/lock.ts";
import type { Progress } from "../windmill/progress.ts";
import type { Windmill } from "../windmill/windmill.ts";
import { aimAtRepair } from "./repair.ts";
import { type Aim, runChange } from "./run_change.ts";

/**
 * The repair that the health flow makes while people sleep: the same as the script's, with the same trial, check and undo, bound to
 * what its choice covers and to what the connection has made. It never touches a key. What did not help is put back.
 */

/** What came of it. */
export interface SelfRepaired {
  /** What people are told; null when nothing was changed. */
  notice: Notice | null;
  /** Why nothing was changed, in words; "" when something was. */
  why: string;
}

/** Nothing is changed, because what would have to be is not the flow's to change. */
class OutOfBounds extends Error {
  override readonly name = "OutOfBounds";
}

/**
 * Mends what is due.
 *
 * @param at ISO 8601; the tick that found it.
 * @throws WindmillError when the attempt cannot be noted in the memory.
 */
export async function selfRepair(
  windmill: Windmill,
  { choice, mending, at, server_url }: { choice: SelfRepair; mending: Mending; at: string; server_url: string },
  progress: Progress,
): Promise<SelfRepaired> {
  const before = await readIntent(windmill);
  if (before === null || !before.active) return { notice: null, why: "Nobody has asked for a connection here." };
  if (await wasUndone(windmill, before))
    return noted(windmill, { mending, at, why: "A person has undone this." }, before);
  const input = RepairInput.parse({ mode: "apply", depth: "chat", server_url });
  const covered = new Set(mending.codes.filter((code) => coveredBy(choice).has(code)));
  try {
    const report = await runChange(windmill, { ...input, name: "repair" }, progress, async () =>
      bound(await aimAtRepair(windmill, input, progress, covered), before, covered),
    );
    if (!report.applied)
      return noted(windmill, { mending, at, why: "There is nothing that a script can change." }, before);
    return noted(windmill, { mending, at, why: "", notice: await noticeOf(windmill, report, at) }, before);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    // Somebody is changing something: that is for the next tick to see.
    if (error instanceof LockedError) return { notice: null, why };
    return noted(windmill, { mending, at, why }, before);
  }
}

/** Whether the last change of the flow was undone by somebody, who then has not asked for anything else. */
async function wasUndone(windmill: Windmill, { at }: Intent): Promise<boolean> {
  const [last] = await listSnapshots(windmill);
  return last?.undoes !== undefined && last.at > at;
}

/** The aim with its bounds: it must have an end that is seen, and touch nothing that the connection has not made. */
function bound(aim: Aim, intent: Intent, covered: ReadonlySet<string>): Aim {
  const beyond = beyondBounds(aim.plan, intent);
  if (aim.comes_first || beyond !== null)
    throw new OutOfBounds(beyond ?? "An earlier change is to be completed first.");
  const { prove } = aim;
  return {
    ...aim,
    verification: aim.verification && {
      ...aim.verification,
      helped: (findings) => !findings.some(({ code }) => covered.has(code)),
    },
    ...(prove
      ? {
          prove: async (progress: Progress) => {
            const proven = await prove(progress);
            return proven && bound(proven, intent, covered);
          },
        }
      : {}),
  };
}

/** What of a plan is not the flow's to change, in words; null when all of it is. */
function beyondBounds(plan: Plan, { made }: Intent): string | null {
  const foreign = allChanges(plan).find((change) => !isOwn(change, made));
  return foreign === undefined ? null : `It would take a change that only a person may make: ${foreign.kind}.`;
}

function isOwn(change: Change, made: Intent["made"]): boolean {
  if (change.kind === "save-ai-settings" || change.kind === "write-record") return true;
  if (change.kind === "replace-schedule") return made.schedule;
  if (change.kind !== "replace-resource" || !made.resources.includes(change.path)) return false;
  const key = (value: unknown): unknown => [asRecord(value).api_key, asRecord(value).apiKey];
  return sameJson(key(change.before), key(change.after));
}

/** What was done, to what, and how to undo it. */
async function noticeOf(windmill: Windmill, report: ChangeReport, at: string): Promise<Notice> {
  const snapshots = await listSnapshots(windmill).catch(() => []);
  const undoable = snapshots.some(({ id }) => id === windmill.jobId);
  const url = undoable ? formLink(windmill, "undo", { mode: "apply", snapshot: windmill.jobId }) : null;
  const changed = report.changes.flatMap(({ action, target, differences }) => [
    `${action} ${target}`,
    ...differences.slice(0, 4).map((one) => `  ${one.path}: ${shown(one.before)} -> ${shown(one.after)}`),
  ]);
  return {
    id: `self-repair ${windmill.jobId}`,
    at,
    kind: "self-repair",
    title: `Mended by itself: ${(report.repairs ?? []).map(({ does }) => does).join(" ")}`,
    lines: [
      ...changed.slice(0, 12),
      `Done as ${windmill.permissionedAs}, who the health check runs as.`,
      undoable ? "What is undone is not mended again." : "If that was wanted, change it back: it is not mended again.",
    ],
    link: url === null ? null : { label: "Undo it", url },
    told: false,
  };
}

const shown = (value: unknown): string => (value === undefined ? "-" : JSON.stringify(value)).slice(0, 120);

/** Notes the attempt, whatever came of it, so that it is not made again. */
async function noted(
  windmill: Windmill,
  { mending, at, why, notice = null }: { mending: Mending; at: string; why: string; notice?: Notice | null },
  before: Intent,
): Promise<SelfRepaired> {
  const intent = notice === null ? before : ((await readIntent(windmill).catch(() => null)) ?? before);
  await changeMemory(windmill, ({ state, history }) => {
    if (state === null) return { store: null, result: null };
    const attempt = {
      ...{ at, causes: mending.causes, done: notice !== null, asked_at: intent.at },
      fingerprint: state.last?.fingerprint ?? "",
    };
    const next = withMended(state, attempt);
    return { store: { state: notice === null ? next : withNotice(next, notice), history }, result: null };
  });
  return { notice, why };
}
