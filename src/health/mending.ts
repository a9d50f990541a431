import { ATTEMPTS_A_DAY, coveredBy, HANDS_OFF_MS, type SelfRepair } from "../core/self_repair.ts";
import type { Finding } from "../core/shapes.ts";
import { markOf } from "./listed.ts";
import { hurts } from "./open.ts";
import { isMaintained } from "./silence.ts";
import { type HealthState, LIMITS, type Mended, type OpenFinding } from "./state.ts";

/** Whether the health flow mends something by itself, and what it has mended. Pure. */

const DAY_MS = 86_400_000;

/** What is to be mended: codes of findings, with the marks of their causes. */
export interface Mending {
  codes: string[];
  causes: string[];
}

/** What the choice and the workspace say. */
export interface MendRules {
  choice: SelfRepair;
  /** Ticks in a row before anything is mended. */
  failures_before_alert: number;
  /** When somebody last asked for the connection as it should be (ISO 8601); null when nobody has, and then nothing is mended. */
  asked_at: string | null;
}

/** A cause that is told from the same one with another subject: another model, another difference. */
export const causeOf = ({ code, evidence }: Finding): string => {
  const models = evidence.flatMap(({ model }) => (model === null ? [] : [model])).sort();
  const subject = models.length > 0 ? models : evidence.map(({ excerpt }) => excerpt).sort();
  return markOf([code, ...new Set(subject)].join("\n"));
};

/**
 * What is due to be mended now; null when nothing is. Everything that keeps it from being due is here: no choice, nobody's wish, a
 * change of the last hour, a cause that has not lasted, was mended before or could not be, or enough attempts for today.
 *
 * @param at ISO 8601; the tick that asks.
 */
export function dueMending(
  state: HealthState,
  { choice, failures_before_alert, asked_at }: MendRules,
  at: string,
): Mending | null {
  const { last, mended, changed_at, streaks } = state;
  // Who has announced a maintenance has the connection in hand.
  if (isMaintained(state, at)) return null;
  if (choice === "off" || asked_at === null || last === null || last.status === "unknown") return null;
  const now = Date.parse(at);
  const changes = [asked_at, ...(changed_at === null ? [] : [changed_at])];
  if (changes.some((change) => now - Date.parse(change) < HANDS_OFF_MS)) return null;
  if (mended.filter((one) => now - Date.parse(one.at) < DAY_MS).length >= ATTEMPTS_A_DAY) return null;
  const covered = coveredBy(choice);
  const lasts = ({ first, last: seen, finding }: OpenFinding): boolean =>
    first !== seen && (!hurts(finding) || (streaks.ill?.count ?? 0) >= failures_before_alert);
  const open = state.open.filter((one) => covered.has(one.finding.code) && lasts(one));
  const spent = new Set(
    mended.filter((one) => !isOver(one, asked_at, last.fingerprint)).flatMap(({ causes }) => causes),
  );
  const due = open.filter(({ finding }) => !spent.has(causeOf(finding)));
  if (due.length === 0) return null;
  return { codes: due.map(({ finding }) => finding.code), causes: due.map(({ finding }) => causeOf(finding)) };
}

/**
 * Whether what was mended says nothing of the present any more: somebody has asked for the connection anew, or an attempt that came
 * to nothing stands before other settings. What was mended and is there again, somebody wanted so.
 */
const isOver = (one: Mended, asked_at: string, fingerprint: string): boolean =>
  asked_at > one.asked_at || (!one.done && one.fingerprint !== fingerprint);

/** The state with an attempt in it. */
export const withMended = (state: HealthState, attempt: Mended): HealthState => ({
  ...state,
  mended: [attempt, ...state.mended].slice(0, LIMITS.mended),
});
