import { type Match, type Row, STRENGTH, type Words } from "../table/row.ts";
import { rowOf, TABLE, UNRECOGNISED } from "../table/table.ts";
import { type Part, type Reading, read, type Signal } from "./reading.ts";
import { explains, isForeign } from "./saying.ts";

/** A row with the strength of its match; see {@link STRENGTH}. */
export interface Ranked {
  row: Row;
  strength: number;
}

/** The row that fits an answer best; the row `unrecognised` when none does. Never throws, whatever the answer holds. */
export const classify = (signal: Signal): Row => rank(signal)[0]?.row ?? rowOf(UNRECOGNISED);

/**
 * The rows that fit an answer, best first. The innermost words that any row knows decide: a provider's own text wins over what the
 * gateway wrapped around it.
 */
export function rank(signal: Signal): Ranked[] {
  const reading = read(signal);
  for (const part of reading.parts) {
    const ranked = rankPart(reading, part);
    if (ranked.length > 0) return ranked;
  }
  return [];
}

function rankPart(reading: Reading, part: Part): Ranked[] {
  const fitting = TABLE.map((row) => ({ row, strength: fit(row, reading, part) })).filter(
    ({ strength }) => strength > 0,
  );
  const ranked = narrowed(fitting).sort((a, b) => b.strength - a.strength);
  if (isGuess(ranked)) return [];
  return ranked.map(({ row, strength }) => ({ row: part.upstream && row.behind ? rowOf(row.behind) : row, strength }));
}

/** Whether two readings of the gist fit equally well and nothing better does. */
const isGuess = ([first, second]: readonly Ranked[]): boolean =>
  first !== undefined && second !== undefined && first.strength === second.strength && isGist(first.strength);
const isGist = (strength: number): boolean => strength >= STRENGTH.gist && strength < STRENGTH.text;

/** Puts a wider cause behind the narrower one whose words fit too, unless they are less certain. */
function narrowed(fitting: readonly Ranked[]): Ranked[] {
  return fitting.map((one) => {
    const narrower = fitting.filter(
      ({ row, strength }) => row.narrows?.includes(one.row.code) && strength >= floor(one),
    );
    return { ...one, strength: Math.min(one.strength, ...narrower.map(({ strength }) => strength - 1)) };
  });
}

/** How certain a narrower row's words must be at least to stand before this one. */
const floor = ({ strength }: Ranked): number =>
  [STRENGTH.words, STRENGTH.text].find((grade) => strength >= grade) ?? STRENGTH.gist;

const fit = (row: Row, reading: Reading, part: Part): number =>
  Math.max(0, ...row.match.map((match) => strengthOf(match, row, reading, part)));

/** Conditions that know the cause. Without one of them a clause knows a class of causes at most. */
const TELLING = [
  "windmill",
  "transport",
  "failure",
  "code",
  "words",
  "text",
  "gist",
  "problem",
  "front",
  "location",
  "empty",
] as const satisfies readonly (keyof Match)[];

/** The sum of a clause's fulfilled conditions, or 0 when one does not hold or the message is about something else. */
function strengthOf(match: Match, row: Row, reading: Reading, part: Part): number {
  let strength = 0;
  for (const name of Object.keys(match) as (keyof Match)[]) {
    if (!CONDITIONS[name](match, reading, part)) return 0;
    // An unknown status contradicts nothing, and it proves nothing either.
    strength += name === "status" && reading.status === null ? 0 : STRENGTH[name];
  }
  return TELLING.some((name) => name in match) ? strength : general(match, row, reading, strength);
}

/** What a clause without words is worth: nothing when the message is about what the row does not explain. */
function general(match: Match, row: Row, { saying }: Reading, strength: number): number {
  if (match.sort) {
    if (isForeign(saying, row.covers ?? [])) return 0;
    return saying.silent ? strength + STRENGTH.code - STRENGTH.sort : strength;
  }
  if (match.last || (!match.type && !match.said && !match.page)) return strength;
  return explains(saying, row.covers ?? []) ? strength : 0;
}

/** `words` is "" when nobody spoke: a pattern must not match that. */
const says = (words: string, pattern: Words | undefined): boolean => words !== "" && pattern?.test(words) === true;
function among<T>(value: T | null, list: readonly T[] | undefined): boolean {
  return value !== null && list?.includes(value) === true;
}

const CONDITIONS: Readonly<Record<keyof Match, (match: Match, reading: Reading, part: Part) => boolean>> = {
  windmill: (match, reading) => says(reading.windmill, match.windmill),
  // In a 400 these words are the gateway's, about a connection of its own.
  transport: (match, reading) => reading.status !== 400 && says(reading.transport, match.transport),
  failure: (match, reading) => among(reading.failure, match.failure),
  code: (match, _, part) => among(part.code, match.code) || among(part.reason, match.code),
  sort: (match, _, part) => [part.code, part.reason, part.type].some((said) => among(said, match.sort)),
  type: (match, _, part) => among(part.type, match.type) || among(part.code, match.type),
  words: (match, _, part) => says(part.text, match.words),
  text: (match, _, part) => says(part.text, match.text),
  gist: (match, { saying }, part) => !saying.silent && says(part.text, match.gist),
  problem: (match, reading) => among(reading.problem, match.problem),
  said: (match, _, part) => among(part.said, match.said),
  page: (match, reading) => reading.page === match.page,
  front: (match, reading) => reading.front === match.front,
  empty: (match, reading) => reading.empty === match.empty && reading.failure === null,
  location: (match, reading) => says(reading.location, match.location),
  upstream: (match, _, part) => part.upstream === match.upstream,
  status: (match, reading) => reading.status === null || among(reading.status, match.status),
  unless_status: (match, reading) => !among(reading.status, match.unless_status),
  route: (match, reading) => reading.route === match.route,
  kind: (match, reading) => among(reading.kind, match.kind),
  last: () => true,
};
