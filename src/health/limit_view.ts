import * as z from "zod";
import { LimitUse } from "../core/limit_use.ts";
import { forecastOf } from "./forecast.ts";
import type { LimitSeries } from "./limit_history.ts";

/** Use against limit over time, for pages. Pure. */

const HOUR_MS = 3_600_000;
/** Hours shown, and those of one cell. */
const SPAN = { hours: 168, cell: 3 } as const;
/** A figure is the present one for so long. */
const FRESH_MS = 2 * HOUR_MS;

export const LimitView = LimitUse.extend({
  /** What was used at the end of each cell, as a share of the limit (0 to 1); null where nobody looked. The last one is the present. */
  from: z.string(),
  cell_s: z.number(),
  cells: z.array(z.number().nullable()),
  forecast: z
    .object({
      sure: z.enum(["likely", "possible"]),
      reached_at: z.string(),
      at_pace_of: z.object({ h24: z.string().nullable(), d7: z.string().nullable() }),
      needs: z.number(),
    })
    .nullable(),
});
export type LimitView = z.infer<typeof LimitView>;

/** Limits of which there is a present figure. @param now milliseconds since 1970. */
export function viewLimits(all: readonly LimitSeries[], now: number): LimitView[] {
  return all.flatMap((series) => {
    const { whose, type, window, max, points } = series;
    const last = points.at(-1);
    if (!last || now - last[0] * 60_000 > FRESH_MS) return [];
    const size = SPAN.cell * HOUR_MS;
    const count = SPAN.hours / SPAN.cell;
    const first = (Math.floor(now / size) - count + 1) * size;
    const cells: (number | null)[] = new Array(count).fill(null);
    for (const [minute, used] of points) {
      const cell = Math.floor((minute * 60_000 - first) / size);
      if (cell >= 0 && cell < count) cells[cell] = Math.round((used / max) * 1000) / 1000;
    }
    const forecast = forecastOf(series, now, series.foreseen === true);
    return [
      {
        ...{ whose, type, window, max, used: last[1] },
        reset_at: last[2] === -1 ? null : new Date(last[2] * 60_000).toISOString(),
        ...{ from: new Date(first).toISOString(), cell_s: size / 1000, cells },
        forecast: forecast && {
          ...{ sure: forecast.sure, reached_at: forecast.reached_at },
          ...{ at_pace_of: forecast.at_pace_of, needs: forecast.needs },
        },
      },
    ];
  });
}
