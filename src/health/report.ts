import * as z from "zod";
import { AlertOutcome, CheckReport } from "../core/report.ts";
import { Depth, type Finding, Status } from "../core/shapes.ts";
import { OWNERS } from "../core/words.ts";
import { lasting } from "../tell/alert.ts";
import { News } from "../tell/news.ts";
import { withTimes } from "./headline.ts";
import { HealthView } from "./view.ts";

/** What the health flow returns: the picture that its checks of all depths add up to, with the memory's and the history's view. */
export const HealthReport = CheckReport.extend({
  /** One line: the status and for how long. */
  now: z.string(),
  /** The status that people go by, which changes after several checks in a row. */
  status: Status,
  /** When it began; ISO 8601. */
  since: z.string(),
  /** What this check measured, together with what deeper ones found before. */
  measured: Status,
  /** Findings that an earlier check made and that this one did not measure: they stand until a check of that depth does. */
  standing: z.array(z.object({ code: z.string(), depth: Depth, at: z.string() })),
  /** What people should know about the memory, in sentences. */
  notes: z.array(z.string()),
  health: HealthView,
  /** Bytes of the stored memory and history. */
  kept_bytes: z.object({ state: z.number().int(), history: z.number().int() }),
  /** What there is to tell people, whether this run tells them, and whether it fails on purpose. */
  telling: z.object({
    news: News.nullable(),
    /** What is to be told after that: the next incident, where the end of the last one was not told yet. */
    afterwards: News.nullable(),
    announce: z.boolean(),
    fail: z.boolean(),
    /** Whether the flow's last step has anything to do. */
    needed: z.boolean(),
  }),
  /** Who took the alert; only where one was due. */
  alert: AlertOutcome.optional(),
  /** The same in a few lines; Windmill stores short keys first, so that a terminal shows this one last. */
  what_to_know_and_do: z.array(z.string()),
});
export type HealthReport = z.infer<typeof HealthReport>;

/** The headline as one line. @param now milliseconds since 1970. */
export function lineOf({ headline: { title, says }, status, since, measured }: HealthView, now: number): string {
  const seconds = Math.max(0, Math.round((now - Date.parse(since)) / 1000));
  const [when = "", ...rest] = says.map((text) => withTimes(text, moment));
  // Where what was measured is what counts, its length says more than its beginning.
  const first =
    measured === status && when.startsWith("Since") ? `${title}, for ${lasting(seconds)}.` : `${title}. ${when}`;
  return [first, ...rest].join(" ");
}

/** `2026-11-24 10:00 UTC`: results are shown in no particular time zone, so say which it is. */
export const moment = (at: string): string => `${at.slice(0, 16).replace("T", " ")} UTC`;

/** What to know and do, for a terminal: status, findings with their first remedy, uptime, next check. */
export function inShort(now: string, findings: readonly Finding[], health: HealthView, notes: readonly string[]) {
  const telling = findings.filter(({ severity }) => severity !== "info");
  const percent = (one: { percent: number | null }): string => (one.percent === null ? "?" : `${one.percent} %`);
  const { h24, d7, d30 } = health.uptime;
  return [
    now,
    ...telling.flatMap(({ title, owner, remedy }) => [`- ${title}`, `  ${OWNERS[owner]}: ${remedy[0] ?? ""}`]),
    ...notes,
    `Up: 24 h ${percent(h24)}, 7 d ${percent(d7)}, 30 d ${percent(d30)}.`,
    `Next check: ${health.next_check ?? "not known"}.`,
  ];
}

/** The message of a run that fails on purpose: cause and remedy come first, as nothing else of the report is shown. */
export function failureMessage({ now, findings, could_not_look }: HealthReport): string {
  const why =
    could_not_look === undefined
      ? "The run fails because fail_job_when says so."
      : "The run fails because its step check failed.";
  const telling = findings.filter(({ severity }) => severity !== "info");
  return [
    now,
    ...telling
      .slice(0, 3)
      .flatMap(({ title, cause, owner, remedy }) => [
        `${title}: ${cause}`,
        ...remedy.map((step, index) => `  ${index + 1}. ${step.split("\n").join("\n     ")}`),
        `  (to be done by: ${OWNERS[owner]})`,
      ]),
    `${why} The report is the result of the step remember.`,
  ].join("\n");
}
