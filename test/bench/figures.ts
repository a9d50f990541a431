/** Several measurements of the same thing. */
export interface Figures {
  min: number;
  median: number;
  max: number;
  runs: number;
}

/** The middle of several measurements and how far they spread; rounded to a tenth. */
export function figures(values: readonly number[]): Figures {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (index: number): number => Math.round((sorted[index] ?? Number.NaN) * 10) / 10;
  return { min: at(0), median: at(Math.floor(sorted.length / 2)), max: at(sorted.length - 1), runs: sorted.length };
}

/** Runs `once` several times, one after the other. */
export async function repeat<T>(times: number, once: () => Promise<T>): Promise<T[]> {
  const results: T[] = [];
  for (let index = 0; index < times; index++) results.push(await once());
  return results;
}

/** Says on the error stream what is being measured; the output holds the JSON alone. */
export const announce = (what: string): void => void process.stderr.write(`${what} ...\n`);
