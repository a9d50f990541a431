import { type FeatureRow, severityOf } from "../core/features.ts";
import type { ChangeReport, CheckReport } from "../core/report.ts";
import type { Finding, ModelRow, Owner, Probe, Severity, Status } from "../core/shapes.ts";
import { COLOURS, OWNERS, STATUS, statusWords } from "../core/words.ts";
import { differences } from "./differences.ts";
import { doors, dotted, type Html, html, page, prose, steps, table } from "./html.ts";

/** The page of a report: what is wrong and what to do first, the measurements below. */

const SEVERITY: Record<Severity, { colour: string; words: string }> = {
  critical: { colour: COLOURS.bad, words: "people are affected" },
  warning: { colour: COLOURS.warn, words: "needs a look" },
  info: { colour: COLOURS.none, words: "for information" },
};

const toBeDone = (owner: Owner): Html =>
  owner === "wait" ? html`Nobody has to repair it. What helps:` : html`To be done by <b>${OWNERS[owner]}</b>:`;

export const heading = (words: Html | string): Html =>
  html`<h3 style="font-size:15px;font-weight:600;margin:16px 0 4px">${words}</h3>`;

export const folded = (title: string, content: Html): Html =>
  html`<details style="margin:8px 0"><summary style="cursor:pointer">${title}</summary>${content}</details>`;

export const code = (text: string): Html => html`<code>${text}</code>`;

/** Rows of a table that are shown: who wants more reads the JSON. */
const ROWS = 60;

/** Renders a check. */
export const renderCheck = (report: CheckReport): string =>
  page(
    title(report.status, report.connection.default_elsewhere),
    html`<p>${report.summary}</p>`,
    doors(report.links ?? []),
    report.findings.map(finding),
    report.as_member ? asMember(report.as_member) : null,
    features(report),
    models(report.models),
    connection(report),
    probes(report.probes),
    html`<p style="opacity:.7">Checked ${report.checked_at} in ${report.timings_ms.total} ms (depth ${report.depth}, ${report.tokens} tokens), ${report.server_version}.</p>`,
  );

/** What the member got whose token was given. */
const asMember = ({ who, chat, agent_steps, why }: NonNullable<CheckReport["as_member"]>): Html =>
  html`<p>Asked as ${who}: chat ${chat ? "gets through" : "does not get through"}, and AI agent steps ${agent_steps ? "can" : "cannot"} use this connection.${why ? ` ${why}` : ""}</p>`;

const FEATURE = {
  works: { colour: COLOURS.good, words: "works" },
  "not-tested": { colour: COLOURS.none, words: "not tested" },
  broken: { colour: COLOURS.bad, words: "does not work" },
} as const;

/** Opens by itself when something was tested: at depth chat there is nothing to see. */
export function features({ features: rows, findings }: Pick<CheckReport, "features" | "findings">): Html {
  if (rows.length === 0) return html``;
  const colour = (row: FeatureRow): string =>
    row.state === "broken" ? SEVERITY[severityOf(row, findings)].colour : FEATURE[row.state].colour;
  const content = table(
    ["Feature", "State", "For whom", ""],
    rows.map((row) => [
      row.feature,
      dotted(colour(row), FEATURE[row.state].words),
      row.for_whom?.scope === "everybody" ? "every member" : (row.for_whom?.says ?? ""),
      row.why,
    ]),
  );
  return rows.some(({ state }) => state !== "not-tested")
    ? html`${heading("Features")}${content}`
    : folded("Features (not tested at this depth)", content);
}

/** Renders a plan or what became of it. */
export const renderChange = (report: ChangeReport): string =>
  page(
    html`<h2 style="font-size:18px;font-weight:600">${report.mode === "plan" ? "Plan: nothing was changed" : report.applied ? "Done" : "Nothing was changed"}</h2>`,
    report.status ? html`<p>${dotted(STATUS[report.status].colour, STATUS[report.status].words)}</p>` : null,
    html`<p>${report.summary}${report.plan_id ? html` To have exactly this plan, give ${code(report.plan_id)} as plan_id.` : null}</p>`,
    doors(report.links ?? []),
    (report.repairs ?? []).map(
      ({ does, codes }) =>
        html`<p>${does}${codes.length > 0 ? html` <small style="opacity:.7">${codes.join(", ")}</small>` : null}</p>`,
    ),
    report.changes.map(
      (change, index) =>
        html`${heading(`${index + 1}. ${change.action} ${change.target}`)}${differences(change.differences)}<p style="opacity:.7">Needs: ${change.needs} To undo: ${change.undo}</p>`,
    ),
    report.notes.length > 0
      ? [
          heading("Good to know"),
          html`<ul style="margin:4px 0 4px 20px;list-style:disc">${report.notes.map((note) => html`<li>${note}</li>`)}</ul>`,
        ]
      : null,
    report.findings.map(finding),
    snapshots(report.snapshots ?? []),
    models(report.models),
    probes(report.probes),
  );

const snapshots = (rows: NonNullable<ChangeReport["snapshots"]>): Html | null =>
  rows.length === 0
    ? null
    : html`${heading("Changes on record")}${table(
        ["Snapshot", "When", "What", "By", "Touches", ""],
        rows.map((row) => [
          code(row.id),
          row.at,
          row.command,
          row.by,
          row.touches.join(", "),
          row.undone ? "undone" : "",
        ]),
      )}`;

/** The page of a single finding, or of several that a text may mean. */
export const finding = (one: Finding): Html =>
  html`<div style="border-left:3px solid ${SEVERITY[one.severity].colour};padding:2px 0 2px 12px;margin:12px 0"><div style="font-weight:600">${prose(one.title)}</div><div>${prose(one.cause)}</div><div style="margin-top:4px">${toBeDone(one.owner)}</div>${steps(one.remedy)}${evidence(one)}</div>`;

function evidence(one: Finding): Html {
  const telling = one.evidence.filter(
    ({ route, model, excerpt }) => route !== null || model !== null || excerpt !== "",
  );
  const rows = telling.map((item) => [
    item.route ?? "",
    item.model ?? "",
    item.status ?? "",
    item.excerpt,
    item.request_id ?? "",
  ]);
  return rows.length === 0
    ? html``
    : folded(`Evidence (${one.code})`, table(["Route", "Model", "Status", "Answer", "Request id"], rows));
}

/** @param elsewhere the default model where it is another provider's. */
const title = (status: Status, elsewhere: string | null = null): Html =>
  html`<h2 style="font-size:18px;font-weight:600">${dotted(STATUS[status].colour, statusWords(status, elsewhere))}</h2>`;

const SIDE = {
  ok: { colour: COLOURS.good, words: "ok" },
  failed: { colour: COLOURS.bad, words: "failed" },
  "not-tested": { colour: COLOURS.none, words: "not tested" },
} as const;

/** @param times more columns, in the order of `heads`, by model. */
export function models(
  rows: readonly ModelRow[],
  heads: readonly string[] = [],
  times: (model: string) => readonly string[] = () => [],
): Html {
  if (rows.length === 0) return html``;
  const uses = (row: ModelRow): string =>
    [row.is_default ? "default" : "", row.is_metadata ? "metadata" : "", row.configured ? "" : "not enabled"]
      .filter(Boolean)
      .join(", ");
  return html`${heading("Models")}${table(
    ["Model", "Use", "Served", "Server route", "Worker route", "Time", ...heads],
    rows
      .slice(0, ROWS)
      .map((row) => [
        code(row.id),
        uses(row),
        row.served === null ? "unknown" : row.served ? "yes" : dotted(COLOURS.bad, "no"),
        dotted(SIDE[row.server].colour, SIDE[row.server].words),
        dotted(SIDE[row.worker].colour, SIDE[row.worker].words),
        row.ms === null ? "" : `${row.ms} ms`,
        ...times(row.id),
      ]),
  )}${rows.length > ROWS ? html`<p>and ${rows.length - ROWS} more</p>` : null}`;
}

/** What the connection is made of, folded. */
export function connection({ connection: facts, workspace }: CheckReport): Html {
  const { schedule } = facts;
  const content = table(
    ["", ""],
    [
      ["Workspace", workspace],
      ["AI settings", facts.settings === "none" ? "none" : `of the ${facts.settings}`],
      ["Gateway", facts.base_url ?? "not known"],
      ["Resource", facts.resource_path ?? "none"],
      ["Secret variable", facts.secret_path ?? "not known"],
      ["Default model", facts.default_model ?? "none"],
      ["Metadata model", facts.metadata_model ?? "none"],
      [
        "Schedule",
        schedule ? `${schedule.cron} ${schedule.timezone ?? ""}, ${schedule.enabled ? "on" : "off"}` : "none",
      ],
    ],
  );
  return folded("Connection", content);
}

export function probes(rows: readonly Probe[]): Html {
  if (rows.length === 0) return html``;
  return folded(
    `Probes (${rows.length})`,
    table(
      ["Probe", "Outcome", "Status", "Time", "Answer"],
      rows
        .slice(0, ROWS)
        .map((row) => [
          code(row.id),
          row.ok ? dotted(COLOURS.good, "ok") : dotted(COLOURS.bad, row.code ?? "failed"),
          row.status ?? "none",
          `${row.ms} ms`,
          row.excerpt,
        ]),
    ),
  );
}
