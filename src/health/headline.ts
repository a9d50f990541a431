import * as z from "zod";
import { severityOf } from "../core/features.ts";
import type { Status } from "../core/shapes.ts";
import { spares, statusWords } from "../core/words.ts";
import { currentFindings, type HealthState } from "./state.ts";
import { calmMs, type Thresholds } from "./streaks.ts";

/**
 * The one headline that every page shows. What is measured now and what counts are two facts: the first is the colour and the title,
 * the second is said beside it. What is green has been measured and has nothing broken below it. Pure.
 */

export const Headline = z.object({
  /** The colour of what was measured last. */
  tone: z.enum(["good", "warn", "bad", "none"]),
  /** What was measured last. */
  title: z.string(),
  /** The same of a time that is past, for a check that is too old to be relied on; how long ago comes after it. */
  was: z.string(),
  /** Since when, and what counts beside it. Times stand in braces: `{2026-11-24T15:55:00.000Z}`. */
  says: z.array(z.string()),
});
export type Headline = z.infer<typeof Headline>;

/** A text with its times as a page writes them. */
export const withTimes = (text: string, write: (iso: string) => string): string =>
  text.replace(/\{(\d{4}-\d\d-\d\dT[\d:.]+Z)\}/g, (_all, iso: string) => write(iso));

const TONES: Readonly<Record<Status, Headline["tone"]>> = {
  healthy: "good",
  degraded: "warn",
  down: "bad",
  unknown: "none",
};

const PAST: Readonly<Record<Status, string>> = {
  healthy: "worked",
  degraded: "worked, with a problem,",
  down: "did not work",
  unknown: "could not be checked",
};
const PAST_ELSEWHERE: Readonly<Record<Status, string>> = { ...PAST, degraded: "had a problem" };

/** What stands between what was measured and what counts. */
export interface Pending {
  /** Since when it has been measured so. */
  since: string;
  /** Checks like the last one until it counts. */
  checks: number;
  /** Minutes for which it has to hold until then. */
  minutes: number;
}

/** What it takes until the measured status counts; null when it does. */
export function pendingOf(state: HealthState, rules: Thresholds): Pending | null {
  const { last, status, streaks, incident } = state;
  if (last === null || (last.status === status && (incident !== null || status === "healthy"))) return null;
  const { failures_before_alert: bad, successes_before_recovery: good } = rules;
  const better = status === "down" && last.status === "degraded";
  const [run, need] = {
    healthy: [streaks.well, good],
    degraded: better ? [streaks.served, good] : [streaks.ill, bad],
    down: [streaks.down, bad],
    unknown: [streaks.blind, bad],
  }[last.status] as [HealthState["streaks"]["well"], number];
  const waits = last.status === "healthy" || better || (last.status === "unknown" && incident !== null);
  const held = Date.parse(last.at) - Date.parse(run?.since ?? last.at);
  const minutes =
    incident !== null && waits ? Math.max(0, Math.ceil((calmMs(state.turns, last.at) - held) / 60_000)) : 0;
  const checks = Math.max(need - (run?.count ?? 0), 0);
  return { since: run?.since ?? last.at, checks: checks === 0 && minutes === 0 ? 1 : checks, minutes };
}

const until = ({ checks, minutes }: Pending): string =>
  [
    checks > 0 ? `after ${checks} more ${checks === 1 ? "check" : "checks"} like this` : "",
    minutes > 0 ? `when it has held for ${minutes} more min` : "",
  ]
    .filter(Boolean)
    .join(" and ");

/** What is said of a status that is measured and does not count yet. */
function saysOf(state: HealthState, measured: Status, pending: Pending, elsewhere: string | null): string[] {
  const { status, since, incident } = state;
  if (incident === null && status === measured) return [`Since {${pending.since}}. People are told ${until(pending)}.`];
  if (status === "healthy") return [`Since {${pending.since}}. It counts, and people are told, ${until(pending)}.`];
  if (measured === "healthy" && incident !== null)
    return [`Since {${pending.since}}. The incident that began {${incident.start}} is over ${until(pending)}.`];
  return [
    `Since {${pending.since}}. What counts until then: ${statusWords(status, elsewhere)}, since {${since}}. That changes ${until(pending)}.`,
  ];
}

/** The headline of a memory; of one without a tick it says that nothing is known. */
export function headlineOf(state: HealthState, rules: Thresholds): Headline {
  const { last, status, since, features } = state;
  const elsewhere = last?.connection?.default_elsewhere ?? null;
  const measured = last?.status ?? "unknown";
  const known = currentFindings(state.open);
  const broken = features
    .filter((row) => row.state === "broken" && severityOf(row, known) !== "info")
    .map(({ feature }) => feature);
  // A feature that is known to be broken is a problem, whatever else was measured.
  const shown = measured === "healthy" && broken.length > 0 ? "degraded" : measured;
  const pending = pendingOf(state, rules);
  const again = shown === "healthy" && status !== "healthy" && status !== "unknown" ? " again" : "";
  const subject = elsewhere && shown !== "down" ? "The gateway's models" : "Windmill AI";
  return {
    tone: TONES[shown],
    title: `${statusWords(shown, elsewhere)}${again}`,
    was: `${subject} ${(elsewhere ? PAST_ELSEWHERE : PAST)[shown]}`,
    says: [
      ...(pending ? saysOf(state, measured, pending, elsewhere) : [`Since {${since}}.`]),
      ...(shown !== measured ? [`Does not work: ${broken.join(", ")}.`] : []),
      spares(shown, elsewhere),
    ].filter(Boolean),
  };
}
