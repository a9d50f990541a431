/** Where things are on a timeline. Pure: `now` is in milliseconds since 1970. */

export interface Line {
  /** ISO 8601; when the first cell begins. */
  from: string;
  /** Seconds per cell. */
  cell_s: number;
  /** One sign per cell, see CELL in words.ts. */
  cells: string;
}

/** A time from `start` to `end`, or until now. */
export interface Stretch {
  start: string;
  end: string | null;
}

const bounds = ({ from, cell_s, cells }: Line): { first: number; last: number } => {
  const first = Date.parse(from);
  return { first, last: first + cells.length * cell_s * 1000 };
};

/** Whether a stretch reaches into the line. */
export function inRange({ start, end }: Stretch, line: Line, now: number): boolean {
  const { first, last } = bounds(line);
  return Date.parse(start) < last && (end === null ? now : Date.parse(end)) >= first;
}

/** Per cent of the line's width: where a stretch begins and how wide it is, never narrower than `least`. */
export function placeOn(
  { start, end }: Stretch,
  line: Line,
  now: number,
  least = 1.5,
): { left: number; width: number } {
  const { first, last } = bounds(line);
  const share = (ms: number): number => (Math.min(Math.max(ms, first), last) - first) / (last - first || 1);
  const left = share(Date.parse(start)) * 100;
  const right = share(end === null ? now : Date.parse(end)) * 100;
  const width = Math.max(right - left, least);
  return { left: Math.max(0, Math.min(left, 100 - width)), width };
}

/** When a cell begins, in milliseconds since 1970. */
export const cellStart = ({ from, cell_s }: Line, index: number): number => Date.parse(from) + index * cell_s * 1000;

/** How many cells have each sign. */
export function countCells(cells: string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const sign of cells) counts.set(sign, (counts.get(sign) ?? 0) + 1);
  return counts;
}
