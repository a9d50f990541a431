import "windmill-client@1.818.0";
import "zod@4.6.7";
import type { Change, ChangeView, Handler, HandlersOf } from "./changes/change.ts";
import { RECORDS } from "./changes/records.ts";
import { RESOURCES } from "./changes/resources.ts";
import { SCHEDULES } from "./changes/schedules.ts";
import { SECRETS } from "./changes/secrets.ts";
import { SETTINGS } from "./changes/settings.ts";

export { type Change, ChangeView, StaleError } from "./changes/change.ts";

/** What there is to know of each kind of change: how it is shown, made and undone. */
const HANDLERS: HandlersOf<Change["kind"]> = { ...RESOURCES, ...SECRETS, ...SETTINGS, ...SCHEDULES, ...RECORDS };

/** How a change is made and undone. */
export function handlerOf(change: Change): Handler<Change> {
  return HANDLERS[change.kind] as Handler<Change>;
}

/** The change as people see it. */
export const viewChange = (change: Change): ChangeView => handlerOf(change).view(change);

/** The changes that people are shown: all but those by which the product keeps its own records up to date. */
export const shown = (changes: readonly Change[]): Change[] => changes.filter(({ kind }) => kind !== "write-record");
