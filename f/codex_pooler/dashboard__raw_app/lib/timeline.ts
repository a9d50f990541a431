/** Where things are on a timeline. Pure: `now` is in milliseconds since 1970. */

export interface Line {
  /** ISO 8601; when the first cell begins. */
  from: string;
  /** Seconds per cell. */
  cell_s: number;
  /** Per cell, for how many per cent of it each of PARTS in words.ts held; what is missing to 100 is not known. */
  parts: readonly (readonly number[])[];
}

/** A time from `start` to `end`, or until now. */
export interface Stretch {
  start: string;
  end: string | null;
}

const bounds = ({ from, cell_s, parts }: Line): { first: number; last: number } => {
  const first = Date.parse(from);
  return { first, last: first + parts.length * cell_s * 1000 };
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

/** How long each part held over the line, and for how long nothing is known, in seconds. The last cell goes until now. */
export function heldFor(line: Line, now: number): { parts: number[]; silent: number } {
  const held = { parts: [0, 0, 0, 0], silent: 0 };
  line.parts.forEach((parts, index) => {
    const length = Math.max(0, Math.min(line.cell_s, (now - cellStart(line, index)) / 1000));
    parts.forEach((share, place) => {
      held.parts[place] = (held.parts[place] ?? 0) + (share / 100) * length;
    });
    held.silent += Math.max(0, 1 - parts.reduce((sum, share) => sum + share, 0) / 100) * length;
  });
  return held;
}

/** A part of a cell, in per cent of its height. */
export interface Stacked {
  place: number;
  top: number;
  height: number;
}

/** Per cent of the height below which a part would not be seen. */
const LEAST = 6;

/** The parts of a cell one above the other, what works at the bottom; what is not known leaves it open at the top. */
export function stackOf(parts: readonly number[]): Stacked[] {
  const seen = parts.map((share) => (share > 0 ? Math.max(share, LEAST) : 0));
  const most = Math.max(
    100,
    seen.reduce((total, share) => total + share, 0),
  );
  let top = 100;
  return seen.flatMap((share, place) => {
    if (share === 0) return [];
    const height = (share / most) * 100;
    top -= height;
    return [{ place, top, height }];
  });
}
