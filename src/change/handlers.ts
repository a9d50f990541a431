import type { ChangeView } from "../core/change_view.ts";
import type { Change, Handler, HandlersOf } from "./change.ts";
import { RESOURCES } from "./resources.ts";
import { SCHEDULES } from "./schedules.ts";
import { SECRETS } from "./secrets.ts";
import { SETTINGS } from "./settings.ts";
import { RECORDS } from "./states.ts";

export { ChangeView } from "../core/change_view.ts";
export { type Change, StaleError } from "./change.ts";

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
