import type { Progress } from "../windmill/progress.ts";
import { type Windmill, WindmillError } from "../windmill/windmill.ts";
import { type Change, handlerOf, StaleError, viewChange } from "./handlers.ts";

/** Changes that are done, so that they can be undone: the undo log. */
export interface Applied {
  /** Undoes everything in reverse order; answers what could not be undone, in words. */
  revert(): Promise<string[]>;
}

/**
 * Applies the changes in order.
 *
 * @throws UndoneError when one fails, after undoing it and those before it; the message says what was done about each.
 */
export async function applyChanges(
  windmill: Windmill,
  changes: readonly Change[],
  progress: Progress,
): Promise<Applied> {
  const done: Change[] = [];
  const revert = async (): Promise<string[]> => {
    const left: string[] = [];
    let in_use = false;
    for (const change of done.splice(0).reverse()) {
      const { target } = viewChange(change);
      if (in_use && USED_BY_SETTINGS.has(change.kind)) {
        left.push(`${target}: it was left as it is, because people's requests use it.`);
        continue;
      }
      try {
        await handlerOf(change).revert(windmill, change);
      } catch (error) {
        left.push(`${target}: ${error instanceof Error ? error.message : "unknown error"}`);
        in_use ||= change.kind === "save-ai-settings";
      }
    }
    return left;
  };
  for (const change of changes) {
    const view = viewChange(change);
    progress.step(`${view.action} ${view.target}`, 0.5);
    try {
      // Logged before it is tried: a call whose answer got lost may have taken effect, and undoing looks before it acts.
      done.push(change);
      await handlerOf(change).apply(windmill, change);
    } catch (error) {
      if (error instanceof StaleError || (isRefused(error) && MADE_AT_ONCE.has(change.kind))) done.pop();
      throw await undone(error, revert);
    }
  }
  return { revert };
}

/** Windmill said no. */
const isRefused = (error: unknown): boolean =>
  error instanceof WindmillError && error.status !== null && error.status >= 400 && error.status < 500;

/**
 * Changes that have certainly not happened when one of their calls is refused, and whose undoing could hit what somebody else has
 * put in the same place.
 */
const MADE_AT_ONCE = new Set<Change["kind"]>([
  "create-resource-type",
  "create-secret",
  "create-resource",
  "create-schedule",
]);

/** What users' requests go through while the settings that lead there are saved: it may go only after those are put back. */
const USED_BY_SETTINGS = new Set<Change["kind"]>([
  "create-secret",
  "replace-secret",
  "create-resource",
  "replace-resource",
]);

/** Something failed after changes had been made; they were put back, but for what is in `left`. */
export class UndoneError extends Error {
  override readonly name = "UndoneError";
  /** What could not be put back, in words. */
  readonly left: readonly string[];
  /** What failed, in words. */
  readonly why: string;

  constructor(cause: unknown, left: readonly string[]) {
    const why = cause instanceof Error ? cause.message : String(cause);
    super(
      [
        why,
        left.length === 0
          ? "Everything that this run had changed before was put back."
          : `These could not be put back and need a look:\n${left.map((line) => `- ${line}`).join("\n")}`,
      ].join("\n"),
    );
    this.left = left;
    this.why = why;
  }
}

/** Puts everything back and makes one error of it all. */
export const undone = async (cause: unknown, revert: Applied["revert"]): Promise<UndoneError> =>
  new UndoneError(cause, await revert());
