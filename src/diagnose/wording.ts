import { excerpt } from "../core/redact.ts";
import type { Finding, Route, Severity } from "../core/shapes.ts";
import { RUN_REPAIR } from "../table/remedies.ts";
import type { Row } from "../table/row.ts";
import { rowOf } from "../table/table.ts";
import { refusedField } from "./refused_field.ts";
import { type DiagnosisContext, fill, valuesFor } from "./templates.ts";

/** What a finding rests on: an answer, or something that was read in the settings. Not redacted yet. */
export interface Evidence {
  route?: Route | null;
  model?: string | null;
  status?: number | null;
  text?: string;
  request_id?: string;
  location?: string;
}

/** Entries of evidence that a finding carries. */
export const EVIDENCE_LIMIT = 5;
/** Characters of a text that hosts and paths are looked for in. */
const SEARCHED = 4_000;
/** Characters kept of ids. */
const ID_LIMIT = 120;

/** Added to a cause when only a 400 vouches for the words: the gateway's errors arrive as 400 too. */
const IN_A_400 =
  "The text came in a 400, as the gateway's own errors do, so a gateway could send it too; Windmill uses exactly these words.";

/**
 * Words a finding: fills the row's texts with what is known and redacts the evidence.
 *
 * @param probes ids of the probes that the cause explains.
 * @throws Error for a code that no row has.
 */
export function finding(
  code: string,
  evidence: readonly Evidence[],
  context: DiagnosisContext = {},
  probes: readonly string[] = [],
): Finding {
  const row = rowOf(code);
  const models = [...new Set(evidence.flatMap(({ model }) => (model ? [model] : [])))];
  const text = evidence.find(({ text }) => text)?.text?.slice(0, SEARCHED) ?? "";
  const values = valuesFor(
    {
      routes: new Set(evidence.flatMap(({ route }) => (route ? [route] : []))),
      models,
      text,
      location: evidence.find(({ location }) => location)?.location ?? "",
    },
    context,
  );
  return {
    code,
    layer: row.layer,
    severity: severityFor(row, models, context, text),
    owner: row.by_field && text !== "" ? refusedField(text).owner : row.owner,
    title: fill(row.title, values),
    cause: isImitable(row, evidence) ? `${fill(row.cause, values)} ${IN_A_400}` : fill(row.cause, values),
    remedy: [...row.remedy, ...(row.repairable ? [RUN_REPAIR] : [])].map((step) => fill(step, values)),
    repairable: row.repairable === true,
    ...(row.lasting ? { lasting: true } : {}),
    evidence: varied(evidence).map((item) => show(item, context)),
    probes: [...probes],
  };
}

const isImitable = (row: Row, evidence: readonly Evidence[]): boolean =>
  row.match.some(({ windmill, status }) => windmill && status?.includes(400)) &&
  evidence.some(({ status }) => status === 400);

function show(item: Evidence, { clean }: DiagnosisContext): Finding["evidence"][number] {
  const known = clean ? { clean } : {};
  const words = [item.text, item.location && `Location: ${item.location}`].filter(Boolean).join(" ");
  return {
    route: item.route ?? null,
    model: item.model ? excerpt(item.model, { ...known, limit: ID_LIMIT }) : null,
    status: item.status ?? null,
    excerpt: excerpt(words, known),
    ...(item.request_id ? { request_id: excerpt(item.request_id, { ...known, limit: ID_LIMIT }) } : {}),
  };
}

/** A finding about models that are not the default one, or about a field that chats do not send, hurts only those who use them. */
function severityFor(
  row: Row,
  models: readonly string[],
  { default_model: main }: DiagnosisContext,
  text: string,
): Severity {
  if (row.by_field && text !== "" && refusedField(text).spares_chat) return "warning";
  const others = row.layer === "model" && models.length > 0 && typeof main === "string" && !models.includes(main);
  return row.severity === "critical" && others ? "warning" : row.severity;
}

/** The first entry per route and model, then other answers, each once, up to the limit. */
function varied(evidence: readonly Evidence[]): Evidence[] {
  const seen = new Set<string>();
  const first: Evidence[] = [];
  const rest: Evidence[] = [];
  for (const item of evidence) {
    const place = `${item.route}|${item.model}`;
    const whole = `${place}|${item.status}|${item.text?.slice(0, 200)}`;
    if (seen.has(whole)) continue;
    (seen.has(place) ? rest : first).push(item);
    seen.add(whole).add(place);
  }
  return [...first, ...rest].slice(0, EVIDENCE_LIMIT);
}
