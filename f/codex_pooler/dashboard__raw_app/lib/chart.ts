import type uPlot from "uplot";
import { answerTime } from "./time.ts";

/** How answer times are drawn: which series, in which colours, with which axes. Pure but for the page's colours. */

export interface Series {
  from: string;
  cell_s: number;
  models: readonly { model: string; p50: readonly (number | null)[]; p95: readonly (number | null)[] }[];
}

export type Metric = "p50" | "p95";
export const METRIC_WORDS: Record<Metric, string> = { p50: "Median", p95: "95th percentile" };

/** Colours that differ in brightness too, on white and on dark (Okabe and Ito), and dashes for those who see none. */
export const STROKES = [
  { light: "#0072b2", dark: "#56b4e9", dash: [] },
  { light: "#b34700", dark: "#ff9d5c", dash: [6, 3] },
  { light: "#00795a", dark: "#3ddbad", dash: [2, 3] },
  { light: "#9b3f78", dark: "#e08fc0", dash: [8, 3, 2, 3] },
  { light: "#6b5b00", dark: "#e5cf3e", dash: [3, 6] },
  { light: "#444b57", dark: "#c5ccd8", dash: [12, 4] },
] as const;

/** Models that are drawn: more lines than colours tell nobody anything. */
export const DRAWN = STROKES.length;

/** Columns for uPlot: seconds since 1970, then one column per model. */
export function columnsOf({ from, cell_s, models }: Series, metric: Metric): uPlot.AlignedData {
  const cells = models[0]?.p50.length ?? 0;
  const start = Date.parse(from) / 1000;
  const times = Array.from({ length: cells }, (_, index) => start + index * cell_s);
  return [times, ...models.slice(0, DRAWN).map((one) => [...one[metric]])];
}

/** The middle of a model's values, for those who do not see the chart; null when there is none. */
export function typical(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null).sort((a, b) => a - b);
  return known[Math.floor(known.length / 2)] ?? null;
}

/** Options for uPlot. `ink` are the page's own colours. */
export function optionsOf(
  series: Series,
  size: { width: number; height: number },
  ink: { text: string; grid: string; dark: boolean },
): uPlot.Options {
  const axis = {
    stroke: ink.text,
    grid: { stroke: ink.grid, width: 1 },
    ticks: { show: false },
    font: "12px system-ui",
  };
  return {
    ...size,
    legend: { show: false },
    cursor: { drag: { x: false, y: false } },
    padding: [8, 22, 0, 0],
    scales: { y: { range: (_chart, _low, high) => [0, Math.max(high, 100) * 1.1] } },
    axes: [
      {
        ...axis,
        space: 70,
        values: [
          [86_400, "{D} {MMM}", null, null, null, null, null, null, 1],
          [3_600, "{HH}:{mm}", "\n{D} {MMM}", null, "\n{D} {MMM}", null, null, null, 1],
          [60, "{HH}:{mm}", "\n{D} {MMM}", null, "\n{D} {MMM}", null, null, null, 1],
        ],
      },
      { ...axis, size: 56, values: (_chart, values) => values.map(answerTime) },
    ],
    series: [
      {},
      ...series.models.slice(0, DRAWN).map(({ model }, index) => {
        const stroke = STROKES[index % DRAWN] ?? STROKES[0];
        return {
          label: model,
          stroke: ink.dark ? stroke.dark : stroke.light,
          width: 2,
          dash: [...stroke.dash],
          spanGaps: true,
          points: { size: 5, fill: ink.dark ? stroke.dark : stroke.light },
        };
      }),
    ],
  };
}
