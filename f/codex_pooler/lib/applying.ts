import "windmill-client@1.818.0";
import "zod@4.6.7";
import { type Change, handlerOf, StaleError, viewChange } from "./changes.ts";
import type { Progress } from "./progress.ts";
import { type Windmill, WindmillError } from "./windmill.ts";

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
    for (const change of done.splice(0).reverse()) {
      try {
        await handlerOf(change).revert(windmill, change);
      } catch (error) {
        left.push(`${viewChange(change).target}: ${error instanceof Error ? error.message : "unknown error"}`);
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
      if (isRefused(error)) done.pop();
      throw await undone(error, revert);
    }
  }
  return { revert };
}

/** Windmill said no, or we did not try: the change certainly did not happen. */
const isRefused = (error: unknown): boolean =>
  error instanceof StaleError ||
  (error instanceof WindmillError && error.status !== null && error.status >= 400 && error.status < 500);

/** Something failed after changes had been made; they were put back, but for what is in `left`. */
export class UndoneError extends Error {
  override readonly name = "UndoneError";
  /** What could not be put back, in words. */
  readonly left: readonly string[];

  constructor(cause: unknown, left: readonly string[]) {
    super(
      [
        cause instanceof Error ? cause.message : String(cause),
        left.length === 0
          ? "Everything that this run had changed before was put back."
          : `These could not be put back and need a look:\n${left.map((line) => `- ${line}`).join("\n")}`,
      ].join("\n"),
    );
    this.left = left;
  }
}

/** Puts everything back and makes one error of it all. */
export const undone = async (cause: unknown, revert: Applied["revert"]): Promise<UndoneError> =>
  new UndoneError(cause, await revert());
