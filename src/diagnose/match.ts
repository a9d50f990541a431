import { type Match, type Row, STRENGTH } from "../table/row.ts";
import { rowOf, TABLE, UNRECOGNISED } from "../table/table.ts";
import { type Reading, read, type Signal } from "./reading.ts";

/** A row with the strength of its match; see {@link STRENGTH}. */
export interface Ranked {
  row: Row;
  strength: number;
}

/** The row that fits an answer best; the row `unrecognised` when none does. Never throws, whatever the answer holds. */
export const classify = (signal: Signal): Row => rank(signal)[0]?.row ?? rowOf(UNRECOGNISED);

/** All rows that fit an answer, best first. */
export function rank(signal: Signal): Ranked[] {
  const reading = read(signal);
  return TABLE.map((row) => ({ row, strength: Math.max(0, ...row.match.map((match) => strengthOf(match, reading))) }))
    .filter(({ strength }) => strength > 0)
    .sort((a, b) => b.strength - a.strength);
}

/** The sum of a clause's fulfilled conditions, or 0 when one does not hold. */
function strengthOf(match: Match, reading: Reading): number {
  let strength = 0;
  for (const name of Object.keys(match) as (keyof Match)[]) {
    if (!CONDITIONS[name](match, reading)) return 0;
    // An unknown status contradicts nothing, and it proves nothing either.
    strength += name === "status" && reading.status === null ? 0 : STRENGTH[name];
  }
  return strength;
}

/** `words` is "" when nobody spoke: a pattern must not match that. */
const says = (words: string, pattern: RegExp | undefined): boolean => words !== "" && pattern?.test(words) === true;
function among<T>(value: T | null, list: readonly T[] | undefined): boolean {
  return value !== null && list?.includes(value) === true;
}

const CONDITIONS: Readonly<Record<keyof Match, (match: Match, reading: Reading) => boolean>> = {
  windmill: (match, reading) => says(reading.windmill, match.windmill),
  // In a 400 these words are the gateway's, about a connection of its own.
  transport: (match, reading) => reading.status !== 400 && says(reading.transport, match.transport),
  failure: (match, reading) => among(reading.failure, match.failure),
  code: (match, reading) => among(reading.code, match.code),
  type: (match, reading) => among(reading.type, match.type) || among(reading.code, match.type),
  text: (match, reading) => says(reading.text, match.text),
  problem: (match, reading) => among(reading.problem, match.problem),
  said: (match, reading) => among(reading.said, match.said),
  page: (match, reading) => reading.page === match.page,
  front: (match, reading) => reading.front === match.front,
  empty: (match, reading) => reading.empty === match.empty && reading.failure === null,
  location: (match, reading) => says(reading.location, match.location),
  status: (match, reading) => reading.status === null || among(reading.status, match.status),
  unless_status: (match, reading) => !among(reading.status, match.unless_status),
  route: (match, reading) => reading.route === match.route,
  kind: (match, reading) => among(reading.kind, match.kind),
  last: () => true,
};
