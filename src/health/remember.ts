import { failsAt } from "../core/fail_when.ts";
import { nextCheck } from "../core/next_check.ts";
import type { CheckReport } from "../core/report.ts";
import type { RememberInput } from "../inputs/remember.ts";
import type { News } from "../tell/news.ts";
import { previewRuns } from "../windmill/schedules.ts";
import type { Windmill } from "../windmill/windmill.ts";
import { emptyHistory, type History } from "./history.ts";
import { keepTick, type Measured } from "./history_keep.ts";
import { changeMemory } from "./memory.ts";
import { missedSince, withMissed } from "./missed.ts";
import { claimed, dueNews, isClaimed } from "./news.ts";
import { type HealthReport, inShort, lineOf } from "./report.ts";
import { currentFindings, type HealthState } from "./state.ts";
import { type Order, orderOf, type Tick, takeTick } from "./tick.ts";
import { viewHealth } from "./view.ts";

/** The walk of `remember`: takes a check into the memory and the history, and makes the flow's report of them. */

/** What the flow's form says of remembering, and whether this run may tell people. */
type Rules = Pick<
  RememberInput,
  "failures_before_alert" | "successes_before_recovery" | "remind_every" | "has_targets"
>;

/** A tick in the memory. */
interface Remembered {
  state: HealthState;
  history: History;
  order: Order;
  /** What had to be repaired, in sentences. */
  repairs: string[];
  due: readonly News[];
  /** Whether this run is to tell what is due. */
  announce: boolean;
}

/** Takes a tick into the memory; null when the workspace is not connected. */
const rememberTick = (windmill: Windmill, tick: Tick, check: CheckReport, rules: Rules): Promise<Remembered | null> =>
  changeMemory(windmill, async (memory) => {
    const { history: past, repairs } = memory;
    const order = orderOf(memory.state, tick);
    const missed =
      order === "next" ? await missedSince(windmill, memory.state, tick, rules.failures_before_alert) : null;
    const before = memory.state && missed ? withMissed(memory.state, missed, tick.at) : memory.state;
    const taken = takeTick(before, tick, rules);
    const at = taken.last?.at ?? tick.at;
    // A step that Windmill runs again goes on with what it had begun.
    const mine = order === "next" || (order === "again" && taken.claim?.by === tick.id);
    const due = mine ? dueNews(taken, at, rules.remind_every) : [];
    const announce = due.length > 0 && rules.has_targets && !isClaimed(taken, tick.id, at);
    const state = announce ? claimed(taken, tick.id, at) : taken;
    const history = order === "again" ? past : keepTick(past, measuredOf(check, tick, order === "next" ? taken : null));
    const result = { state, history, order, repairs, due, announce };
    return { store: order === "again" ? null : { state, history }, result };
  });

/** @param failed whether the check was not made at all: the run is to fail then, after all else is done. */
export async function remember(
  windmill: Windmill,
  { check, failed }: { check: CheckReport; failed: boolean },
  input: RememberInput,
): Promise<HealthReport> {
  const tick = tickOf(check, windmill.runUrl, "");
  const remembered = await rememberTick(windmill, tick, check, input);
  const next_check = await nextRun(windmill, check);
  return reportOf(check, remembered ?? unremembered(tick, input), input, { next_check, failed });
}

/**
 * Takes a check that a change made into the memory.
 *
 * @param by the command and who ran it. @returns null when the workspace is not connected.
 */
export async function rememberCheck(
  windmill: Windmill,
  check: CheckReport,
  input: RememberInput,
  by: string,
): Promise<HealthReport | null> {
  const remembered = await rememberTick(windmill, tickOf(check, windmill.runUrl, by), check, input);
  if (remembered === null) return null;
  const next_check = await nextRun(windmill, check);
  return reportOf(check, remembered, input, { next_check, failed: false });
}

/** What there is to say of a workspace that is not connected: what this check saw, and nothing is to be told. */
function unremembered(tick: Tick, rules: Rules): Remembered {
  const state = takeTick(null, tick, rules);
  const repairs = ["The workspace is not connected, so that nothing is remembered and nobody is told."];
  return { state, history: emptyHistory(), order: "next", repairs, due: [], announce: false };
}

/** When the schedule is due; Windmill is asked only for cron expressions that somebody wrote by hand. */
async function nextRun(windmill: Windmill, { connection: { schedule }, checked_at }: CheckReport) {
  const known = nextCheck(schedule, Date.parse(checked_at));
  if (known !== null || !schedule?.enabled) return known;
  // Windmill refuses some expressions of its own older schedules; then it is not known.
  const [next] = await previewRuns(windmill, schedule.cron, schedule.timezone ?? "Etc/UTC").catch(() => []);
  return next === undefined || Number.isNaN(Date.parse(next)) ? null : new Date(next).toISOString();
}

/** @param by the command and who ran it, for a check that a change made; "" for the flow's own. */
export const tickOf = (check: CheckReport, run_url: string, by: string): Tick => ({
  ...check,
  id: `${check.checked_at} ${RUN_ID.exec(run_url)?.[1] ?? run_url}`,
  at: check.checked_at,
  by,
  fingerprint: check.fingerprint ?? "",
  run_url,
});

/** The id of a run in its address. */
const RUN_ID = /\/run\/([0-9a-f-]{36})/;

/** What the check leaves in the history. @param state the one that took it; null for one that came late. */
function measuredOf(check: CheckReport, tick: Tick, state: HealthState | null): Measured {
  const mine = check.probes.filter(({ route, candidate, ok }) => route === "server" && !candidate && ok);
  return {
    at: state?.last?.at ?? tick.at,
    status: state?.last?.status ?? check.status,
    depth: check.depth,
    ms: mine.find(({ kind }) => kind === "models")?.ms ?? null,
    tokens: check.tokens,
    answers: mine.flatMap(({ kind, model, ms }) => (kind === "chat" && model !== null ? [{ model, ms }] : [])),
  };
}

function reportOf(
  check: CheckReport,
  { state, history, order, repairs, due, announce }: Remembered,
  input: RememberInput,
  { next_check, failed }: { next_check: string | null; failed: boolean },
): HealthReport {
  const now = Date.parse(check.checked_at);
  const findings = currentFindings(state.open);
  const health = { ...viewHealth(state, history, now, { rules: input }), next_check };
  const notes = [...repairs, ...ORDER_NOTES[order]];
  const line = lineOf(health, now);
  const fail = failed || failsAt(state.status, input.fail_job_when);
  return {
    ...check,
    // A check that could not look says nothing of what there is.
    connection: state.last?.connection ?? check.connection,
    server_version: state.last?.server_version ?? check.server_version,
    now: line,
    status: state.status,
    since: state.since,
    measured: state.last?.status ?? check.status,
    summary: findings[0] && state.last?.status !== "healthy" ? `${line} ${findings[0].title}.` : line,
    findings,
    standing: standingOf(state),
    models: state.models,
    features: state.features,
    notes,
    health,
    kept_bytes: { state: JSON.stringify(state).length, history: JSON.stringify(history).length },
    telling: { news: due[0] ?? null, afterwards: due[1] ?? null, announce, fail, needed: announce || fail },
    what_to_know_and_do: inShort(line, findings, health, notes),
  };
}

/** Findings of earlier checks, which the last one did not measure. */
const standingOf = ({ last, open }: HealthState): HealthReport["standing"] =>
  open.filter((one) => one.last !== last?.at).map(({ finding: { code }, depth, last: at }) => ({ code, depth, at }));

/** What became of a check that was not the next one. */
const ORDER_NOTES: Readonly<Record<Order, string[]>> = {
  next: [],
  late: ["A later check was remembered before this one. It is in the history; the status stays."],
  again: ["This check was remembered already."],
};
