import { COLOURS, STATUS } from "../core/words.ts";
import { withTimes } from "../health/headline.ts";
import { type HealthReport, moment } from "../health/report.ts";
import type { HealthView, IncidentView } from "../health/view.ts";
import { lasting } from "../tell/alert.ts";
import { healthPicture } from "./health_svg.ts";
import { doors, dotted, type Html, html, page, table } from "./html.ts";
import { connection, features, finding, folded, heading, models, probes } from "./report.ts";

/** The page of the health flow: the status and what to do first, then how it has been, then the measurements. */
export function renderHealth(report: HealthReport): string {
  const { health } = report;
  const latency = new Map(health.latency.map((one) => [one.model, one]));
  return page(
    head(health),
    [...report.notes, ...notTold(report)].map((note) => html`<p>${note}</p>`),
    doors(report.links ?? []),
    report.findings.map((one) => [finding(one), standing(report, one.code)]),
    heading("How it has been"),
    uptimes(health),
    healthPicture(health),
    incidents(health),
    features(report),
    models(report.models, ["p50 / p95, 24 h", "30 d"], (model) => [
      pair(latency.get(model)?.h24),
      pair(latency.get(model)?.d30),
    ]),
    results(health),
    tokens(health),
    connection(report),
    probes(report.probes),
    html`<p style="opacity:.7">${footer(report)}</p>`,
  );
}

/** What was measured as colour and title, and what counts in words. */
const head = ({ headline: { tone, title: words, says } }: HealthView): Html =>
  html`<h2 style="font-size:18px;font-weight:600">${dotted(COLOURS[tone], words)}</h2>${says.map((text) => html`<p>${withTimes(text, moment)}</p>`)}`;

const notTold = ({ alert }: HealthReport): Html[] =>
  (alert?.targets ?? [])
    .filter(({ delivered }) => !delivered)
    .map(({ target, problem }) => html`${dotted(COLOURS.warn, `Not told: ${target}`)} ${problem}`);

function standing({ standing: all, checked_at }: HealthReport, code: string): Html | null {
  const one = all.find((other) => other.code === code);
  if (!one) return null;
  const age = lasting(Math.max(0, (Date.parse(checked_at) - Date.parse(one.at)) / 1000));
  return html`<p style="opacity:.7;margin:-8px 0 12px 15px">Found ${age} ago by a check of depth ${one.depth}; it stands until that is repeated.</p>`;
}

const RANGE_WORDS = { h24: "24 hours", d7: "7 days", d30: "30 days" } as const;

function uptimes({ uptime }: HealthView): Html {
  const cell = (range: keyof typeof RANGE_WORDS): Html => {
    const { percent, measured_hours, unknown_hours } = uptime[range];
    const blind = unknown_hours > 0 ? `, ${unknown_hours} h unknown left out` : "";
    return html`<div><div style="font-size:18px;font-weight:600">${percent === null ? "–" : `${percent} %`}</div><div style="opacity:.7">served in ${RANGE_WORDS[range]}<br>${measured_hours} h measured${blind}</div></div>`;
  };
  return html`<div style="display:flex;flex-wrap:wrap;gap:8px 32px;margin:4px 0 8px">${cell("h24")}${cell("d7")}${cell("d30")}</div>`;
}

function incidents({ incident, incidents: closed }: HealthView): Html {
  const rows = [...(incident ? [incident] : []), ...closed].map((one) => [
    moment(one.start),
    one.end === null ? dotted(STATUS[one.current.status].colour, "lasts") : moment(one.end),
    lasting(one.duration_s),
    dotted(STATUS[one.worst].colour, one.worst),
    causes(one),
  ]);
  return rows.length === 0
    ? html``
    : html`${heading("Incidents")}${table(["Began", "Ended", "Lasted", "At worst", "Cause"], rows)}`;
}

function causes({ cause, current, findings }: IncidentView): string {
  const titles = [cause.title, current.title, ...findings.map(({ title: one }) => one)].filter(Boolean);
  const [first = "", ...more] = [...new Set(titles)];
  return more.length === 0 ? first : `${first}; then ${more.slice(0, 2).join("; ")}${more.length > 2 ? "; ..." : ""}`;
}

const pair = (one: { p50: number; p95: number } | null | undefined): string =>
  one ? `${one.p50} / ${one.p95} ms` : "";

const SEES = {
  free: "settings, resource, model list, limits of the key",
  chat: "one answer per model and route",
  features: "what each feature sends",
} as const;

function results({ results: all }: HealthView): Html {
  const rows = (["free", "chat", "features"] as const).map((depth) => {
    const one = all[depth];
    if (one === null) return [depth, SEES[depth], "never", ""];
    const state = one.ok ? dotted(COLOURS.good, "fine") : dotted(COLOURS.bad, "found something");
    return [depth, SEES[depth], one.age_s < 60 ? "now" : `${lasting(one.age_s)} ago`, state];
  });
  return html`${heading("Last results")}${table(["Depth", "Sees", "Measured", ""], rows)}`;
}

function tokens({ tokens_per_day }: HealthView): Html {
  const rows = [...tokens_per_day].reverse().map(({ day, tokens: used }) => [day, used]);
  const today = tokens_per_day.at(-1)?.tokens ?? 0;
  return folded(`Tokens used by checks: ${today} today (UTC)`, table(["Day (UTC)", "Tokens"], rows));
}

function footer({
  checked_at,
  timings_ms,
  depth,
  tokens: used,
  chosen,
  server_version,
  health,
  kept_bytes,
}: HealthReport) {
  const next = health.next_check === null ? "as the schedule says, if it is on" : moment(health.next_check);
  const kept = Math.ceil((kept_bytes.state + kept_bytes.history) / 1024);
  return `Checked ${moment(checked_at)} in ${timings_ms.total} ms at depth ${depth} (${used} tokens). ${chosen?.why ?? ""} Next check: ${next}. Memory and history: ${kept} kB. ${server_version}.`;
}
