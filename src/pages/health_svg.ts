import type { Status } from "../core/shapes.ts";
import { COLOURS } from "../core/words.ts";
import { STATUSES } from "../health/history.ts";
import type { HealthView } from "../health/view.ts";
import { type Html, html } from "./html.ts";

/** The statuses of the last day, week and month, and the answer times of the week, as one small inline SVG. */

const WIDTH = 720;
const LEFT = 64;
const BAR = 16;
const ROW = 28;
const CHART = 64;

const COLOUR: Readonly<Record<Status, string>> = {
  healthy: COLOURS.good,
  degraded: COLOURS.warn,
  down: COLOURS.bad,
  unknown: COLOURS.none,
};

/** Draws them. Every part has a tool tip; text has the theme's colour. */
export function healthPicture(health: HealthView): Html {
  const rows = (["h24", "d7", "d30"] as const).map((range, index) =>
    strip(health.timeline[range], LABELS[range], index * ROW),
  );
  const height = rows.length * ROW + CHART + 20;
  return html`<svg viewBox="0 0 ${WIDTH} ${height}" style="width:100%;max-width:960px;display:block" role="img" aria-label="Statuses and answer times" font-size="11" fill="currentColor">${rows}${chart(health.latency_timeline, rows.length * ROW + 8)}</svg>`;
}

const LABELS = { h24: "24 hours", d7: "7 days", d30: "30 days" } as const;

const stamp = (ms: number): string => new Date(ms).toISOString().slice(0, 16).replace("T", " ");

/** A cell is a column: what held in it stands one above the other, for how much of it it held. Neighbours that are alike become one. */
function strip({ from, cell_s, cells, parts }: HealthView["timeline"]["h24"], label: string, y: number): Html {
  const start = Date.parse(from);
  const step = (WIDTH - LEFT) / Math.max(1, cells.length);
  const columns = parts.map((part) => part.join(" "));
  const runs: { first: number; end: number }[] = [];
  columns.forEach((column, index) => {
    const last = runs.at(-1);
    if (last && columns[index - 1] === column) last.end = index + 1;
    else runs.push({ first: index, end: index + 1 });
  });
  const bars = runs.map(({ first, end }) => {
    const part = parts[first] ?? [0, 0, 0, 0];
    const held = STATUSES.map((status, place) => ({ status, share: part[place] ?? 0 })).filter(
      ({ share }) => share > 0,
    );
    const said = held.map(({ status, share }) => (share >= 99 ? status : `${status} ${share} %`)).join(", ");
    const times = `${stamp(start + first * cell_s * 1000)} to ${stamp(start + end * cell_s * 1000)} UTC`;
    const [x, width] = [fixed(LEFT + first * step), fixed((end - first) * step)];
    let bottom = y + BAR;
    const stack = held.map(({ status, share }) => {
      const height = fixed(Math.max(1, (share / 100) * BAR));
      bottom -= height;
      return html`<rect x="${x}" y="${fixed(bottom)}" width="${width}" height="${height}" fill="${COLOUR[status]}"></rect>`;
    });
    return html`<g><title>${times}: ${said || "no check"}</title><rect x="${x}" y="${y}" width="${width}" height="${BAR}" fill="#8883"></rect>${stack}</g>`;
  });
  return html`<text x="0" y="${y + 12}">${label}</text>${bars}`;
}

const fixed = (value: number): number => Math.round(value * 10) / 10;

/** Per cell a translucent bar up to p95, and a solid mark at p50. */
function chart({ from, cell_s, cells }: HealthView["latency_timeline"], top: number): Html {
  const highest = Math.max(0, ...cells.map((cell) => cell?.p95 ?? 0));
  const label = html`<text x="0" y="${top + 10}">answers</text><text x="0" y="${top + 24}">7 days</text>`;
  if (highest === 0) return html`${label}<text x="${LEFT}" y="${top + 10}" opacity=".6">no model was asked</text>`;
  const step = (WIDTH - LEFT) / cells.length;
  const base = top + CHART;
  const length = (ms: number): number => fixed(Math.max(1, (ms / highest) * CHART));
  const place = (index: number): number => fixed(LEFT + index * step);
  const bars = cells.map((cell, index) => {
    if (cell === null) return null;
    const words = `${stamp(Date.parse(from) + index * cell_s * 1000)} UTC: half of ${cell.count} within ${cell.p50} ms, 95 % within ${cell.p95} ms`;
    const height = length(cell.p95);
    return html`<rect x="${place(index)}" y="${fixed(base - height)}" width="${fixed(step - 1)}" height="${height}"><title>${words}</title></rect>`;
  });
  const marks = cells.map((cell, index) =>
    cell === null ? "" : `M${place(index)} ${fixed(base - length(cell.p50))}h${fixed(step - 1)}`,
  );
  return html`${label}<text x="0" y="${base}" opacity=".7">max ${seconds(highest)}</text><line x1="${LEFT}" x2="${WIDTH}" y1="${base}" y2="${base}" stroke="#8886"></line><g fill="#3b82f6" fill-opacity=".35">${bars}</g><path d="${marks.join("")}" stroke="#3b82f6" stroke-width="2"></path>`;
}

const seconds = (ms: number): string => (ms < 1000 ? `${ms} ms` : `${(ms / 1000).toFixed(1)} s`);
