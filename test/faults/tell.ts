import type { Result } from "./pool.ts";

/** Failures as text: what is wrong first, then where, so that one cause is read once. */
export function tellFailures(results: readonly Result[]): string {
  const places = new Map<string, string[]>();
  for (const { scenario, kind, call, problems } of results) {
    for (const problem of problems) {
      const title = `${scenario}: when a call ${kind}, ${problem}`;
      places.set(title, [...(places.get(title) ?? []), call]);
    }
  }
  return [...places]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([title, calls]) => `${title}\n${[...new Set(calls)].map((call) => `    at ${call}`).join("\n")}`)
    .join("\n\n");
}
