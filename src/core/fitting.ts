import { asRecord } from "./json.ts";
import { storedSize } from "./stored_size.ts";

/** Keeps results showable: the one home of what Windmill and a browser can show. */

/**
 * Bytes of a result as Windmill's database stores it, by {@link storedSize}: Windmill shows none from 90,000 on, and lists of numbers
 * take up to a fifth more than that says.
 */
export const STORED_LIMIT = 74_000;
/** Characters of a result as JSON: a browser has to parse and draw it, however well it compresses. */
export const SHOWN_LIMIT = 600_000;

/** Whether Windmill shows a result. */
export function isShowable(result: unknown): boolean {
  const json = JSON.stringify(result);
  return json.length <= SHOWN_LIMIT && (json.length <= STORED_LIMIT || storedSize(json) <= STORED_LIMIT);
}

type Report = Readonly<Record<string, unknown>>;

const listOf = (report: Report, key: string): unknown[] | null =>
  Array.isArray(report[key]) ? (report[key] as unknown[]) : null;

/** Shortens a list of a report where it has one. */
const shorter =
  (key: string, change: (list: unknown[]) => unknown[]) =>
  (report: Report): Report => {
    const list = listOf(report, key);
    return list === null ? report : { ...report, [key]: change(list) };
  };

const first = (count: number) => (list: unknown[]) => list.slice(0, count);
const failing = (list: unknown[]): unknown[] => list.filter((one) => asRecord(one).ok !== true);
const withEvidence =
  (count: number) =>
  (list: unknown[]): unknown[] =>
    list.map((one) => {
      const { evidence, ...rest } = asRecord(one);
      return { ...rest, evidence: Array.isArray(evidence) ? evidence.slice(0, count) : [] };
    });

/** What can be spared of any report, least missed first. */
const SPARED: readonly ((report: Report) => Report)[] = [
  shorter("probes", failing),
  shorter("probes", first(60)),
  shorter("findings", withEvidence(2)),
  shorter("probes", first(10)),
  shorter("models", first(60)),
  shorter("not_asked", first(20)),
  shorter("findings", withEvidence(1)),
  shorter("models", first(20)),
  (report) => ({
    ...report,
    ...(report.health ? { health: shorter("incidents", first(3))(asRecord(report.health)) } : {}),
  }),
  (report) => shorter("probes", first(0))(shorter("findings", first(5))(report)),
];

const LEFT_OUT = "Parts of the report were left out: it was too big to be shown.";

/** The report with a note that it is not whole, where it has a place for one. */
function noted(report: Report): Report {
  const notes = listOf(report, "notes");
  if (notes !== null) return { ...report, notes: [...notes, LEFT_OUT] };
  return typeof report.summary === "string" ? { ...report, summary: `${report.summary} ${LEFT_OUT}` } : report;
}

/**
 * A report without what makes its result too big to be shown, and with a note that says so.
 *
 * @param whole what the result is then, with its page.
 */
export function fitting<T extends object>(report: T, whole: (report: T) => unknown): T {
  let smaller = report as Report;
  for (const spare of SPARED) {
    if (isShowable(whole(smaller as T))) break;
    smaller = spare(smaller);
  }
  return smaller === (report as Report) ? report : (noted(smaller) as T);
}
