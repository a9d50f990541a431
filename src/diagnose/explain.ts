import { maskKeyLike } from "../core/random_runs.ts";
import { redact } from "../core/redact.ts";
import type { Finding } from "../core/shapes.ts";
import { asJson, errorIn } from "../probe/error_bodies.ts";
import type { Row } from "../table/row.ts";
import { rowOf, TABLE, UNRECOGNISED } from "../table/table.ts";
import { rank } from "./match.ts";
import type { Signal } from "./reading.ts";
import { finding } from "./wording.ts";

/**
 * Reads what people really see: toasts with a prefix and a cut-off tail, a message without its code, lines of a job's log, an
 * AI agent step's error. Where the words fit several causes, all are named, the likeliest first, with what tells them apart.
 */

/** A cause that the text may mean. */
export interface Explanation extends Finding {
  /** How to tell it from the others; "" when there is nothing to confuse it with. */
  tells_apart: string;
}

export interface Explained {
  /** `ambiguous` = several causes have these words. */
  status: "explained" | "ambiguous" | "unrecognised";
  summary: string;
  /** The likeliest cause first. */
  findings: Explanation[];
  /** What makes sure. */
  next: string;
}

/** Characters of a pasted text that are read; a longer one is cut. */
export const PASTE_LIMIT = 1_000_000;
/** Lines of a log that are looked at, from its end, where errors stand. */
const LINES = 400;
/** Causes that are named. */
const NAMED = 12;
/** A match on less than words (a type, a bare status) is not trusted while a log's other lines say more. */
const WORDS = 12;
/** Characters that a cut-off text must have to be compared with the beginnings of known ones. */
const SHORTEST_HEAD = 12;

const NEXT =
  "Run f/codex_pooler/check: it sees the status and the code that a toast hides, over the server route and the worker route.";

/**
 * Explains a pasted error text.
 *
 * @throws Error when there is no text.
 */
export function explainText(text: string): Explained {
  const pasted = text.slice(0, PASTE_LIMIT).trim();
  if (pasted === "") {
    throw new Error(
      "There is no text to explain. Paste the error as Windmill shows it: the words of the red toast, or the lines of the job's log.",
    );
  }
  const seen = fragments(pasted).map((fragment) => ({ fragment, causes: causesOf(fragment) }));
  const [whole, ...lines] = seen;
  // A page or a JSON body is one thing however many lines it has; other texts are logs, whose lines stand for themselves.
  const parts = whole && /^[[{<]/.test(whole.fragment.text) && isTelling(whole.causes) ? [whole] : lines;
  const telling = [
    ...parts.filter(({ causes }) => isTelling(causes)),
    ...(whole && isTelling(whole.causes) ? [whole] : []),
  ];
  const chosen = telling.length > 0 ? telling : seen.filter(({ causes }) => causes.length > 0).slice(0, 1);
  const found = new Map<string, Explanation>();
  for (const { fragment, causes } of chosen) {
    for (const { row } of causes) if (!found.has(row.code)) found.set(row.code, explanation(row, fragment));
  }
  const findings = [...found.values()].slice(0, NAMED);
  if (findings.length === 0) findings.push(explanation(rowOf(UNRECOGNISED), toFragment(pasted)));
  const status = findings[0]?.code === UNRECOGNISED ? "unrecognised" : findings.length > 1 ? "ambiguous" : "explained";
  return { status, summary: summarise(status, findings), findings, next: NEXT };
}

/** A piece of the paste without its wrapping. */
interface Fragment {
  text: string;
  /** The status in front of the words: what Windmill answered, if Windmill's page said it. */
  status: number | null;
  /** Whether the words come from a toast of Windmill's pages. */
  toast: boolean;
  /** Whether the end is missing. */
  cut: boolean;
}

/** The whole paste, then its lines, the last first. */
function fragments(pasted: string): Fragment[] {
  const lines = pasted.split(/\r\n|\r|\n/).filter((line) => line.trim() !== "");
  return [pasted, ...(lines.length > 1 ? lines.slice(-LINES).reverse() : [])].map(toFragment);
}

const TOAST = /^\W{0,3}(?:Failed to send request|Invalid key|Failed to generate code)\s*:\s*/i;
const ERROR_NAME = /^(?:Uncaught )?[A-Z]\w{0,40}Error:\s+/;
const CUT_TAIL = /\s*(?:\.\.\.|…)\s*(?:show (?:more|less))?\s*$/i;
/** What an error text begins with, wherever a log puts it. */
const BEGINNINGS =
  /Bad request: |Internal: |Not found: (?:Could|Variable|Resource)|Not authorized: |Permission denied: |(?:Failed to call API: )?(?:Error: )?error sending request|API error calling |Agent worker does not support|Tool not found: |Image response not supported|\[?\{"(?:error|detail|object|type|message|errors)"\s*:/;

function toFragment(piece: string): Fragment {
  const bare = piece.trim().replace(CUT_TAIL, "");
  const toast = TOAST.test(bare);
  let text = bare
    .replace(TOAST, "")
    .replace(/^Error:\s+(?!error sending|builder error)/, "")
    .replace(ERROR_NAME, "");
  const status = /^(\d{3})\s+(?=\S)/.exec(text)?.[1];
  if (status && Number(status) >= 300 && Number(status) <= 599) text = text.slice(status.length).trim();
  text = insideJobError(text);
  const start = text.slice(0, 4_000).search(BEGINNINGS);
  if (start > 0 && !/^\s*[[{<]/.test(text)) text = text.slice(start);
  return {
    text: unquoted(text),
    status: status ? Number(status) : null,
    toast,
    cut: CUT_TAIL.test(piece.trim()),
  };
}

/** A failed job stores its error as JSON; what went wrong stands in its message. */
function insideJobError(text: string): string {
  const message = errorIn(asJson(text))?.message ?? "";
  return /API error calling|Failed to call API|error sending request/.test(message) ? message : text;
}

/** The client library shows an error that is a text as JSON, in quotes. */
function unquoted(text: string): string {
  const inner = /^"([\s\S]*)"?$/.exec(text)?.[1];
  return inner === undefined ? text : inner.replace(/\\"/g, '"').replace(/"$/, "");
}

interface Candidate {
  row: Row;
  strength: number;
}

const isTelling = (causes: readonly Candidate[]): boolean => causes.some(({ strength }) => strength >= WORDS);

/** The causes that a fragment may mean, likeliest first. */
function causesOf(fragment: Fragment): Candidate[] {
  const toasts = toastRows(fragment.text);
  const best = signals(fragment)
    .flatMap((signal) => rank(signal).slice(0, 1))
    .sort((a, b) => b.strength - a.strength);
  const sure = best.filter(({ row, strength }) => toasts.length === 0 || strength >= SURE || toasts.includes(row));
  const certain = sure.some(({ row, strength }) => strength >= SURE && !toasts.includes(row));
  const listed = certain ? [] : toasts.map((row) => ({ row, strength: WORDS }));
  const causes = [...listed, ...sure.filter(({ row }) => !listed.some((other) => other.row === row))];
  return causes.length > 0 || !fragment.cut ? causes : beginningWith(fragment.text);
}

/** From an exact code on, a match is beyond doubt. */
const SURE = 32;

/** The rows whose toast has these words, by likelihood. */
const toastRows = (text: string): Row[] =>
  TABLE.flatMap((row) =>
    (row.toasts ?? []).filter(({ text: words }) => words.test(text)).map(({ rank }) => ({ row, rank })),
  )
    .sort((a, b) => a.rank - b.rank)
    .map(({ row }) => row);

/** A status in front of the words is Windmill's on its own pages; in other texts it may be the gateway's own. */
function signals({ text, status, toast }: Fragment): Signal[] {
  const about = { route: null, kind: null, model: null };
  const outcome = { content_type: "", body: text, truncated: false, ms: 0 };
  const seen: Signal[] = [{ ...about, outcome: { ...outcome, status } }];
  if (status === null || status <= 400 || toast) return seen;
  return [{ ...about, outcome: { ...outcome, status: null }, gateway_status: status }, ...seen];
}

/** For a text without its end: the rows with an example that begins like it. */
function beginningWith(text: string): Candidate[] {
  if (text.length < SHORTEST_HEAD) return [];
  return TABLE.filter(({ examples }) =>
    examples.some(({ body }) => typeof body === "string" && body.startsWith(text)),
  ).map((row) => ({ row, strength: WORDS }));
}

function explanation(row: Row, { text, status }: Fragment): Explanation {
  return { ...finding(row.code, [{ text, status }], { clean: maskKeyLike }), tells_apart: row.tells_apart ?? "" };
}

function summarise(status: Explained["status"], findings: readonly Explanation[]): string {
  const title = redact(findings[0]?.title ?? "");
  if (status === "explained") return `${title}.`;
  if (status === "unrecognised") return "These words are not in the diagnosis table.";
  return `These words fit ${findings.length} causes; the likeliest: ${title}.`;
}
