import type { HealthReport } from "../health/report.ts";
import { renderHealth } from "./health.ts";

/** Keeps a report showable: Windmill does not show results beyond about 90 kB. */

/** Characters of a report with its page. */
export const RESULT_LIMIT = 85_000;

type Report = HealthReport;

/** What can be spared, least missed first. */
const SPARED: readonly ((report: Report) => Report)[] = [
  (report) => ({ ...report, probes: report.probes.filter(({ ok }) => !ok) }),
  (report) => ({ ...report, probes: report.probes.slice(0, 10) }),
  (report) => ({ ...report, findings: report.findings.map((one) => ({ ...one, evidence: one.evidence.slice(0, 1) })) }),
  (report) => ({ ...report, models: report.models.slice(0, 20) }),
  (report) => ({ ...report, health: { ...report.health, incidents: report.health.incidents.slice(0, 3) } }),
  (report) => ({ ...report, findings: report.findings.slice(0, 5), probes: [] }),
];

/** The report without what makes it too big, and with a note that says so. */
export function fitting(report: Report): Report {
  let smaller = report;
  for (const spare of SPARED) {
    if (sizeOf(smaller) <= RESULT_LIMIT) break;
    smaller = spare(smaller);
  }
  return smaller === report
    ? report
    : { ...smaller, notes: [...smaller.notes, "Parts of the report were left out: it was too big to be shown."] };
}

const sizeOf = (report: Report): number => JSON.stringify({ ...report, html: renderHealth(report) }).length;
