import type { CheckReport } from "../core/report.ts";
import type { Progress } from "../windmill/progress.ts";
import type { Windmill } from "../windmill/windmill.ts";
import { applyChanges, UndoneError } from "./apply.ts";
import { withDetour } from "./detour.ts";
import type { Plan } from "./plan.ts";
import { recordChange } from "./snapshot_store.ts";
import { movedOf, type Verification, verify } from "./verify.ts";

/** Makes a plan true: snapshot, changes, verification. Everything is put back when it fails. */

/** What is to be made true. */
export interface Commit {
  command: string;
  plan: Plan;
  /** How to look at the connection afterwards; null where the change ends it. */
  verification: Verification | null;
  /** Id of the snapshot whose change this one undoes. */
  undoes?: string;
}

/**
 * Applies changes and checks the connection as users reach it.
 *
 * @returns the check; null where there is nothing to verify.
 * @throws UndoneError when a change fails or users are refused afterwards; Error when the new state works, but what was to be done
 *   in the end was not.
 */
export async function commit(windmill: Windmill, wish: Commit, progress: Progress): Promise<CheckReport | null> {
  const { changes, live, in_the_end } = wish.plan;
  const about = {
    id: windmill.jobId,
    at: new Date().toISOString(),
    by: windmill.permissionedAs,
    command: wish.command,
    ...(wish.undoes === undefined ? {} : { undoes: wish.undoes }),
  };
  // What users' requests go with afterwards is proven, not what a process still remembers of before.
  const moved = wish.verification ? await movedOf(windmill, wish.verification, changes, live) : null;
  const recording = await recordChange(windmill, wish.plan, about);
  let verified: CheckReport | null = null;
  try {
    const { revert } = await applyChanges(windmill, withDetour(changes, live), progress);
    if (wish.verification) {
      verified = await verify(windmill, wish.verification, { changed: changes.length > 0, moved }, revert, progress);
    }
  } catch (error) {
    if (error instanceof UndoneError && error.left.length === 0) await recording.forget();
    throw error;
  }
  await recording.close();
  await applyInTheEnd(windmill, wish.command, in_the_end, progress);
  return verified;
}

/** What was to wait until the connection had proven itself. */
async function applyInTheEnd(
  windmill: Windmill,
  command: string,
  changes: Plan["in_the_end"],
  progress: Progress,
): Promise<void> {
  try {
    await applyChanges(windmill, changes, progress);
  } catch (error) {
    const why = error instanceof UndoneError ? error.why : "";
    throw new Error(
      `The change is made and works, but its last step was not done. ${why}\nRun f/codex_pooler/${command} again with the same input: it does what is left.`,
    );
  }
}
