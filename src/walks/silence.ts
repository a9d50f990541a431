import { FOLDER } from "../core/paths.ts";
import { editState } from "../health/memory.ts";
import { acknowledge, type Done, lift, planMaintenance, type Wanted } from "../health/silence.ts";
import type { HealthState } from "../health/state.ts";
import { occurrenceAt, rolled, shortestInterval } from "../health/windows.ts";
import { InputError } from "../inputs/parse.ts";
import type { SilenceInput } from "../inputs/silence.ts";
import { isCron, readLength, readTime } from "../inputs/when.ts";
import { whoAmI } from "../windmill/settings.ts";
import type { Windmill } from "../windmill/windmill.ts";

/** The walk of `silence`: what keeps quiet is noted in the memory of the health flow, and nothing else changes. */

/** What `silence` answers. */
export interface SilenceReport {
  what: SilenceInput["what"];
  /** What was done, in sentences. */
  summary: string;
  /** Who knows of the open incident; null when nobody has said so. */
  acknowledged: { incident: string; by: string; at: string; until: string | null; reason: string } | null;
  /** Windows that last or come. */
  maintenance: HealthState["maintenance"];
}

const MINUTE_MS = 60_000;

/** @throws InputError for what cannot be done; Error when the caller may not write into the memory. */
export async function silence(windmill: Windmill, input: SilenceInput): Promise<SilenceReport> {
  const by = windmill.permissionedAs.replace(/^u\//, "");
  let says: string[] = [];
  const state = await editable(windmill, (before) => {
    const now = Date.now();
    const at = new Date(now).toISOString();
    const doing = { by, at, reason: input.reason };
    const done = DO[input.what](rolled(before, at), input, doing, now);
    says = done.says;
    return done.state;
  });
  const known = state.incident?.acknowledged ?? null;
  return {
    what: input.what,
    summary: says.join(" "),
    acknowledged:
      known && state.incident
        ? { incident: state.incident.id, by: known.by, at: known.at, until: known.until, reason: known.reason }
        : null,
    maintenance: state.maintenance,
  };
}

async function editable(windmill: Windmill, edit: (state: HealthState) => HealthState): Promise<HealthState> {
  const { admin, folders } = await whoAmI(windmill);
  // Windmill would answer that there is no such memory, as it does to whoever may only read it.
  if (!admin && !folders.includes(FOLDER.slice(2))) throw new Error(READER);
  const state = await editState(windmill, edit);
  if (state !== null) return state;
  throw new InputError([
    "what: the health flow has remembered no check yet, so that it tells nobody anything. Run f/codex_pooler/connect, then f/codex_pooler/health.",
  ]);
}

const READER =
  "You may run this script, but not write in the folder f/codex_pooler, where the memory of the health flow is. Nothing was changed. Ask a workspace admin to make you a writer of the folder, or to run it for you.";

type Doing = Parameters<typeof acknowledge>[2];
const DO: Record<SilenceInput["what"], (state: HealthState, input: SilenceInput, doing: Doing, now: number) => Done> = {
  acknowledge: (state, input, doing, now) => {
    if (input.begins !== "") throw new InputError(["begins: is for a maintenance. An acknowledgement begins now."]);
    return acknowledge(state, input.id, doing, input.until === "" ? null : endOf(input, now, now));
  },
  maintenance: (state, input, doing, now) => planMaintenance(state, wantedOf(input, doing.at, now), doing),
  lift: (state, { id }, { at }) => lift(state, id, at),
};

/** When something ends: after a length, counted from its beginning, or at a time. @throws InputError */
function endOf({ until, timezone }: SilenceInput, begins: number, now: number): string {
  const length = readLength(until);
  const end = length === null ? readTime(until, timezone, now) : new Date(begins + length).toISOString();
  if (end !== null) return end;
  const slip = until === "" ? "is missing" : "is neither a length nor a time";
  throw new InputError([
    `until: ${slip}. Write a length such as 2 h or 90 min, or a time such as 04:00 or 2026-11-29 04:00.`,
  ]);
}

/** @throws InputError */
function wantedOf(input: SilenceInput, at: string, now: number): Wanted {
  const { begins, timezone } = input;
  if (isCron(begins)) return againOf(input, at);
  const from = begins === "" ? at : readTime(begins, timezone, now);
  if (from === null) {
    throw new InputError([
      'begins: is neither a time nor a cron expression. Write 04:00, 2026-11-29 04:00, or five fields such as "0 2 * * 0"; blank for now.',
    ]);
  }
  return { from, until: endOf(input, Date.parse(from), Date.parse(from)), again: null };
}

/** A window that comes again. It may not touch its own next occurrence: then it would never end. @throws InputError */
function againOf({ begins: cron, until, timezone }: SilenceInput, at: string): Wanted {
  const length = readLength(until);
  if (length === null) {
    throw new InputError(["until: must be a length such as 2 h or 90 min for a maintenance that comes again."]);
  }
  const again = { cron, timezone, minutes: Math.max(1, Math.round(length / MINUTE_MS)) };
  const shortest = shortestInterval(cron, timezone, at);
  if (shortest !== null && again.minutes >= shortest) {
    throw new InputError([
      `until: is a length of ${again.minutes} min, and the maintenance comes again after ${shortest} min: it would never end. Give a shorter one.`,
    ]);
  }
  const first = occurrenceAt(again, at);
  if (first === null) throw new InputError(["begins: never comes."]);
  return { ...first, again };
}
