import { requireAdmin } from "../change/admin.ts";
import { commit } from "../change/commit.ts";
import { type Plan, requirePlan } from "../change/plan.ts";
import { changeReport } from "../change/report.ts";
import type { Verification } from "../change/verify.ts";
import type { ChangeReport, CheckReport } from "../core/report.ts";
import type { Finding } from "../core/shapes.ts";
import { forgetTypedKeys, warnOfOpenArguments } from "../windmill/key_input.ts";
import { withLock } from "../windmill/lock.ts";
import type { Progress } from "../windmill/progress.ts";
import type { Windmill } from "../windmill/windmill.ts";
import { followerNotes } from "./scope.ts";

/**
 * The one way in which a command changes something: it finds out what is to be done (its *aim*), and everything else is the same
 * for all of them: an admin only, one at a time, the plan that was shown or none, a trial before and a look afterwards, a report.
 */

/** A command as it was asked for. */
export interface Command {
  /** Name of its script. */
  name: string;
  mode: "plan" | "apply";
  plan_id: string;
  /** The arguments that may hold a credential, by their names: people are told of one that lies open in the run's history. */
  confidential?: Readonly<Record<string, unknown>>;
}

/** What a command has found out, and what it would do. */
export interface Aim {
  plan: Plan;
  /** Whether it is known only after the trial what the plan is: then it has no id. */
  open?: boolean;
  /** What people should know beside the changes. */
  notes: readonly string[];
  /** Findings beside those of the check afterwards. */
  findings?: readonly Finding[];
  /**
   * Tries what is new beside the live connection.
   *
   * @returns the aim as it is after the trial, or nothing where it stays as it is.
   * @throws Error when people would be refused; nothing has changed then.
   */
  prove?(progress: Progress): Promise<Aim | undefined>;
  /** How to look at the connection afterwards; null where the change ends it. */
  verification: Verification | null;
  /** A check of what is there, which stands for the one afterwards where nothing is changed. */
  checked?: CheckReport;
  /** Id of the snapshot whose change this one undoes. */
  undoes?: string;
  /** Whether this only brings an earlier change to its end: what was asked for is aimed at after it. */
  comes_first?: boolean;
  /** What is cleared away in the end that is part of no plan. */
  afterwards?(): Promise<void>;
  /** Adds to the report what only this command tells. */
  complete?(report: ChangeReport): ChangeReport | Promise<ChangeReport>;
}

/** Finds out what is to be done. Reads only. */
export type Aiming = (progress: Progress) => Promise<Aim>;

/**
 * Runs a command.
 *
 * @throws InputError for a caller who is no admin and for input that cannot be used, before anything is touched; LockedError when
 *   another change goes on; UndoneError, or Error when the trial fails. Each says what to do.
 */
export async function runChange(
  windmill: Windmill,
  command: Command,
  progress: Progress,
  aim: Aiming,
): Promise<ChangeReport> {
  progress.step("read what is there", 0.05);
  await requireAdmin(windmill);
  if (command.mode === "plan") return tell(windmill, command, await aim(progress), null);
  return withLock(windmill, command.name, progress, () => apply(windmill, command, progress, aim));
}

async function apply(windmill: Windmill, command: Command, progress: Progress, aim: Aiming): Promise<ChangeReport> {
  const bound = command.plan_id !== "";
  const first = await aim(progress);
  // A plan that was shown is made as it was shown; without one, the command goes on from there.
  const goes_on = first.comes_first === true && !bound;
  if (goes_on) await make(windmill, command, { ...first, verification: null }, progress);
  const aimed = goes_on ? await aim(progress) : first;
  if (!aimed.open) await requirePlan(aimed.plan, command.plan_id);
  const proven = (await aimed.prove?.(progress)) ?? aimed;
  await requirePlan(proven.plan, command.plan_id);
  const verified = await make(windmill, command, proven, progress);
  await proven.afterwards?.();
  const report = await tell(windmill, command, proven, verified);
  if (command.confidential) await forgetTypedKeys(windmill);
  return report;
}

async function make(windmill: Windmill, command: Command, aim: Aim, progress: Progress): Promise<CheckReport | null> {
  const { plan, checked, undoes } = aim;
  const settled = checked && plan.changes.length === 0 ? checked : null;
  const verification = settled ? null : aim.verification;
  const wish = { command: command.name, plan, verification, ...(undoes === undefined ? {} : { undoes }) };
  return (await commit(windmill, wish, progress)) ?? settled;
}

async function tell(windmill: Windmill, command: Command, aim: Aim, verified: CheckReport | null) {
  const { name, mode, confidential = {} } = command;
  const { plan, open = false, findings = [], complete } = aim;
  const open_arguments = await warnOfOpenArguments(windmill, confidential);
  const notes = [...open_arguments, ...(await followerNotes(windmill)), ...aim.notes];
  const report = await changeReport(windmill, {
    ...{ command: name, mode, plan, has_id: !open },
    ...{ notes, verified, findings },
  });
  return complete ? complete(report) : report;
}
