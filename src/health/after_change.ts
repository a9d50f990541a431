import { HEALTH_SCHEDULE } from "../core/paths.ts";
import { type CheckReport, inert } from "../core/report.ts";
import { wordsOf } from "../core/words.ts";
import { RememberInput } from "../inputs/remember.ts";
import { serverTime } from "../windmill/jobs.ts";
import { findSchedule } from "../windmill/schedules.ts";
import type { Windmill } from "../windmill/windmill.ts";
import { changeMemory } from "./memory.ts";
import { tellPeople } from "./notify.ts";
import { rememberCheck } from "./remember.ts";
import type { HealthReport } from "./report.ts";
import { type HealthState, LIMITS } from "./state.ts";

/** What a change does to the memory: the pages follow within its run, not with the next tick. */

/** What came of remembering a change. */
export interface Followed {
  /** The picture after the change; null where nothing was remembered. */
  health: HealthReport | null;
  /** What people should know: who was not told, or why nothing was remembered; none as a rule. */
  notes: string[];
}

/**
 * Takes the check that a change made at its end (connect, repair, rotate_key, undo) into the memory as a tick, and tells people what
 * is due: the incident that it ended, or the one that it began.
 *
 * Such a tick counts by itself, for better and for worse: somebody has changed something on purpose and measured it. What it did not
 * measure stays open (a check of depth `chat` ends no trouble of features), and a change after which nothing could be measured is one
 * blind tick like any other. Call it when all that is live has been changed and while the lock of changes is held. It works with and
 * without a schedule, from which the rules and the targets of alerts come. It never throws: a change does not fail for its memory.
 *
 * @param check the report of that check, as `examine` gives it.
 * @param command the command's name, e.g. `connect`; who ran it is added.
 */
export async function followChange(windmill: Windmill, check: CheckReport, command: string): Promise<Followed> {
  try {
    const args = (await findSchedule(windmill, HEALTH_SCHEDULE))?.args ?? {};
    const { alert_webhook_path, webhook_format, alert_runnable } = args;
    const has_targets = Boolean(alert_webhook_path || alert_runnable);
    // What was written there by hand may be no rule at all: then the defaults hold.
    const given = RememberInput.safeParse({ ...args, has_targets });
    const input = given.success ? given.data : RememberInput.parse({ has_targets });
    const clean = windmill.secrets.clean(inert(check));
    const health = await rememberCheck(windmill, clean, input, by(windmill, command));
    if (health === null) return { health, notes: [] };
    const alert = await tellPeople(windmill, health, { alert_webhook_path, webhook_format, alert_runnable });
    const untold = (alert?.targets ?? []).filter(({ delivered }) => !delivered);
    return { health, notes: untold.map(({ target, problem }) => `Not told: ${target} ${problem}`) };
  } catch (error) {
    return { health: null, notes: [`The health flow's memory does not know of this yet: ${wordsOf(error)}`] };
  }
}

const by = ({ permissionedAs }: Windmill, command: string): string => `${command} by ${permissionedAs}`;

/**
 * Ends what is remembered of a connection that a disconnect took away and whose records it keeps: the open incident is over, and
 * nobody is told that it works again. Without anything remembered it does nothing. It never throws, see {@link followChange}.
 */
export async function followDisconnect(windmill: Windmill): Promise<string[]> {
  try {
    const at = await serverTime(windmill);
    await changeMemory(
      windmill,
      ({ state, history }) => ({ store: state && { state: ended(state, at), history }, result: null }),
      { although_disconnected: true },
    );
    return [];
  } catch (error) {
    return [`The health flow's memory still tells of the connection: ${wordsOf(error)}`];
  }
}

/** A memory of something that is not there any more. */
function ended(state: HealthState, at: string): HealthState {
  const { incident } = state;
  const over = incident && { ...incident, end: at, told: { ...incident.told, recovery: true } };
  return {
    ...state,
    ...{ status: "unknown", since: at, open: [], incident: null, claim: null, attempt: null },
    incidents: (over ? [over, ...state.incidents] : state.incidents).slice(0, LIMITS.incidents),
  };
}
