/** A row of answer times as a small line. Pure. */

type Values = readonly (number | null)[];

const known = (values: Values): number[] => values.filter((value) => value !== null);

/** The line as an SVG path in a box; gaps are bridged. "" when there are fewer than two values. */
export function trendPath(values: Values, width: number, height: number): string {
  const numbers = known(values);
  if (numbers.length < 2) return "";
  const most = Math.max(...numbers, 1);
  const points = values.flatMap((value, index) =>
    value === null
      ? []
      : [[(index / (values.length - 1)) * width, height - 2 - (value / most) * (height - 4)] as const],
  );
  return points.map(([x, y], index) => `${index === 0 ? "M" : "L"}${x.toFixed(1)} ${y.toFixed(1)}`).join("");
}

/** Share by which the newer half has to differ from the older one before anybody calls it a change. */
const CHANGE = 0.2;

/** Whether answers get slower: the middle of the newer half against that of the older one. */
export function trendWords(values: Values): string {
  const numbers = known(values);
  const half = Math.floor(numbers.length / 2);
  if (half === 0) return "too few answers";
  const middle = (list: number[]): number => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)] ?? 0;
  const [before, after] = [middle(numbers.slice(0, half)), middle(numbers.slice(half))];
  if (after > before * (1 + CHANGE)) return "slower";
  return after < before * (1 - CHANGE) ? "faster" : "steady";
}
