import type { ChangeView } from "../core/change_view.ts";
import { differences } from "../core/json.ts";
import type { Secret } from "../core/secret.ts";
import type { Route } from "../core/shapes.ts";
import { showable } from "../core/showable.ts";
import type { ScheduleInfo, ScheduleSpec } from "../windmill/schedules.ts";
import type { Windmill } from "../windmill/windmill.ts";

type Settings = Record<string, unknown>;

/**
 * One reversible step each. A plan is a list of them: plain data that says what will be, shown before it is applied, applied
 * one by one, and undone in reverse order when a later one fails. A change that is made already is not made again.
 */
export type Change =
  | { kind: "create-resource-type"; name: string; schema: unknown; description: string }
  | { kind: "delete-resource-type"; name: string; schema: unknown; description: string }
  /** Windmill deletes it by itself after `lifetime_ms`, if that is given. */
  | { kind: "create-secret"; path: string; secret: Secret; description: string; lifetime_ms?: number }
  | { kind: "replace-secret"; path: string; before: Secret; after: Secret }
  | { kind: "delete-secret"; path: string; secret: Secret; description: string }
  | {
      kind: "create-resource";
      path: string;
      resource_type: string;
      value: Record<string, unknown>;
      description: string;
    }
  | { kind: "replace-resource"; path: string; before: unknown; after: Record<string, unknown> }
  | { kind: "delete-resource"; path: string; resource_type: string; value: unknown; description: string }
  /** With `keeps_others`, what somebody else has changed elsewhere in the settings meanwhile stays; else it stops the change. */
  | {
      kind: "save-ai-settings";
      before: Settings;
      after: Settings;
      via: Route;
      keeps_others?: true;
      /** Set where they are the instance's. */
      of_instance?: true;
    }
  | { kind: "create-schedule"; spec: ScheduleSpec }
  /** It goes on as who it runs as, or from now on as `for_caller`, who is the caller. */
  | { kind: "replace-schedule"; before: ScheduleInfo; spec: ScheduleSpec; for_caller?: string }
  | { kind: "delete-schedule"; before: ScheduleInfo }
  /** A record of the product itself; `before` is null for a new one. */
  | { kind: "write-record"; path: string; before: unknown; after: unknown }
  | { kind: "delete-record"; path: string; before: unknown };

/** Somebody changed the workspace between reading it and writing to it. Nothing of theirs was overwritten. */
export class StaleError extends Error {
  override readonly name = "StaleError";

  constructor(target: string) {
    super(
      `${target} was changed by somebody else while this ran, so it was left as it is. Run the script again: it starts from what is there now.`,
    );
  }
}

/** What there is to know of a kind of change. */
export interface Handler<C> {
  view(change: C): ChangeView;
  apply(windmill: Windmill, change: C): Promise<void>;
  /** Puts back what was there, unless somebody else has changed it since. */
  revert(windmill: Windmill, change: C): Promise<void>;
}

/** A handler for each of some kinds. */
export type HandlersOf<K extends Change["kind"]> = { [Kind in K]: Handler<Extract<Change, { kind: Kind }>> };

/** The places of a new value. */
export const created = (value: unknown): ChangeView["differences"] => changed({}, value);

/** The places of a value that goes. */
export const deleted = (value: unknown): ChangeView["differences"] => changed(value, {});

/** The places in which two values differ, fit for people. */
export const changed = (before: unknown, after: unknown): ChangeView["differences"] =>
  differences(before, after).map((one) => ({
    path: one.path,
    before: showable(one.path, one.before),
    after: showable(one.path, one.after),
  }));

/**
 * Replaces something, provided it is still what the plan was made from. Windmill has no versions to compare, so it is read
 * again right before the write. What already is as wanted stays: a write whose answer got lost is not repeated.
 */
export async function swap<T>(
  target: string,
  read: () => Promise<T>,
  same: (a: T, b: T) => boolean,
  [expected, next]: [T, T],
  write: () => Promise<unknown>,
): Promise<void> {
  const current = await read();
  if (same(current, next)) return;
  if (!same(current, expected)) throw new StaleError(target);
  await write();
}
