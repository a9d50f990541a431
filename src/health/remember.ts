import { failsAt } from "../core/fail_when.ts";
import { nextCheck } from "../core/next_check.ts";
import type { CheckReport } from "../core/report.ts";
import type { RememberInput } from "../inputs/remember.ts";
import { previewRuns } from "../windmill/schedules.ts";
import type { Windmill } from "../windmill/windmill.ts";
import type { Measured } from "./history_keep.ts";
import { type Remembered, rememberTick } from "./memory.ts";
import { claimed, type Due, dueNews, isClaimed } from "./news.ts";
import { dueNotices, newModels, withNotice } from "./notices.ts";
import { type HealthReport, headline, inShort } from "./report.ts";
import { currentFindings, type HealthState, type Notice } from "./state.ts";
import { calmMs } from "./streaks.ts";
import type { Order, Tick } from "./tick.ts";
import { viewHealth } from "./view.ts";

/** The walk of `remember`: takes a check into the memory and the history, and makes the flow's report of them. */

/** @param failed whether the check was not made at all: the run is to fail then, after all else is done. */
export async function remember(
  windmill: Windmill,
  { check, failed }: { check: CheckReport; failed: boolean },
  input: RememberInput,
): Promise<HealthReport> {
  const tick = tickOf(check, windmill.runUrl);
  let due: readonly Due[] = [];
  let notices: readonly Notice[] = [];
  let announce = false;
  const remembered = await rememberTick(
    windmill,
    tick,
    check,
    (state) => measuredOf(check, state),
    input,
    (taken, order, fresh) => {
      const notice = newModels(fresh, check.models, tick.at, input.tell_new_models, windmill);
      const state = notice === null ? taken : withNotice(taken, notice);
      due = order === "next" ? dueNews(state, tick.at, input.remind_every) : [];
      notices = dueNotices(state, Date.parse(tick.at));
      const any = due.length + notices.length > 0;
      announce = any && input.has_targets && !isClaimed(state, Date.now());
      return announce ? claimed(state, due, Date.now()) : state;
    },
  );
  const next_check = await nextRun(windmill, check);
  return reportOf(check, remembered, input, { due, notices, announce, next_check, failed });
}

/** When the schedule is due; Windmill is asked only for cron expressions that somebody wrote by hand. */
async function nextRun(windmill: Windmill, { connection: { schedule }, checked_at }: CheckReport) {
  const known = nextCheck(schedule, Date.parse(checked_at));
  if (known !== null || !schedule?.enabled) return known;
  // Windmill refuses some expressions of its own older schedules; then it is not known.
  const [next] = await previewRuns(windmill, schedule.cron, schedule.timezone ?? "Etc/UTC").catch(() => []);
  return next === undefined || Number.isNaN(Date.parse(next)) ? null : new Date(next).toISOString();
}

const tickOf = (check: CheckReport, run_url: string): Tick => ({
  ...check,
  id: `${check.checked_at} ${run_url}`,
  at: check.checked_at,
  by: "",
  fingerprint: check.fingerprint ?? "",
  run_url,
});

/** What the check leaves in the history. */
function measuredOf(check: CheckReport, state: HealthState): Measured {
  const mine = check.probes.filter(({ route, candidate, ok }) => route === "server" && !candidate && ok);
  return {
    at: state.last?.at ?? check.checked_at,
    status: state.last?.status ?? check.status,
    depth: check.depth,
    ms: mine.find(({ kind }) => kind === "models")?.ms ?? null,
    tokens: check.tokens,
    answers: mine.flatMap(({ kind, model, ms }) => (kind === "chat" && model !== null ? [{ model, ms }] : [])),
  };
}

/** What there is to tell, and what else the report needs to know. */
interface Telling {
  due: readonly Due[];
  notices: readonly Notice[];
  announce: boolean;
  next_check: string | null;
  failed: boolean;
}

function reportOf(
  check: CheckReport,
  { state, history, order, repairs }: Remembered,
  input: RememberInput,
  { due, notices, announce, next_check, failed }: Telling,
): HealthReport {
  const now = Date.parse(check.checked_at);
  const findings = currentFindings(state.open);
  const health = { ...viewHealth(state, history, now), next_check };
  const notes = [...repairs, ...notesOf(state, order, input)];
  const line = headline(state, now);
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
    summary: findings.length > 0 && state.status !== "healthy" ? `${line} ${findings[0]?.title}.` : line,
    findings,
    standing: standingOf(state),
    models: state.models,
    features: state.features,
    notes,
    health,
    kept_bytes: { state: JSON.stringify(state).length, history: JSON.stringify(history).length },
    telling: {
      ...{ news: due[0] ?? null, afterwards: due[1] ?? null, announce, fail, needed: announce || fail },
      ...(notices.length > 0 ? { notices: [...notices] } : {}),
    },
    what_to_know_and_do: inShort(line, findings, health, notes),
  };
}

/** Findings of earlier checks, which the last one did not measure. */
const standingOf = ({ last, open }: HealthState): HealthReport["standing"] =>
  open.filter((one) => one.last !== last?.at).map(({ finding: { code }, depth, last: at }) => ({ code, depth, at }));

/** What is under way, in sentences. */
function notesOf(state: HealthState, order: Order, input: RememberInput): string[] {
  const { last, status, streaks } = state;
  if (order === "late")
    return ["A later check was remembered before this one. It is in the history; the status stays."];
  if (order === "again") return ["This check was remembered already."];
  if (last === null || last.status === status) return [];
  if (last.status === "healthy") {
    const calm = Math.round(calmMs(state.turns, last.at) / 60_000);
    const patience = calm > 0 ? ` and for ${calm} min, because it came and went several times in 24 h` : "";
    const count = `${streaks.well?.count ?? 0} of ${input.successes_before_recovery}`;
    return [`All is well in this check. The status changes when it is so in a row (${count})${patience}.`];
  }
  const better = status === "down" && last.status === "degraded";
  const run = { unknown: streaks.blind, down: streaks.down, degraded: better ? streaks.served : streaks.ill }[
    last.status
  ];
  const count = `${run?.count ?? 0} of ${better ? input.successes_before_recovery : input.failures_before_alert}`;
  return [`This check found: ${last.status}. The status changes when it is so in a row (${count}).`];
}
