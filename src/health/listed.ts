import * as z from "zod";

/** Which models the gateway has listed in the last thirty days, in bounded space: what is new in its list, and what has left it. Pure. */

/** Lists that are longer are not followed: 500 take about 10 kB. */
export const LISTED_LIMIT = 500;

const MARK = /^[0-9a-z]{1,13}$/;

export const Listed = z.object({
  /** A mark of the gateway: another one's list says nothing of this one's. */
  gateway: z.string(),
  /** A mark of each id, and when it was listed last (hours since 1970). */
  ids: z.record(z.string().regex(MARK), z.number().int()),
});
export type Listed = z.infer<typeof Listed>;

const HOUR_MS = 3_600_000;
/** Hours for which an id that is not listed any more is remembered: accounts that rest for a while hide their models. */
const KEPT = 720;

/** A short mark of a text that is the same on every machine (FNV-1a, two times 32 bits); ids compare without regard to case. */
export function markOf(text: string): string {
  const sum = (seed: number): number => {
    let hash = seed;
    for (const sign of text.trim().toLowerCase()) hash = Math.imul(hash ^ (sign.codePointAt(0) ?? 0), 0x01000193) >>> 0;
    return hash;
  };
  return `${sum(0x811c9dc5).toString(36)}${sum(0x2f0b4c47).toString(36)}`.slice(0, 13);
}

/**
 * Takes a list. The first one of a gateway is where it begins: nothing in it is new.
 *
 * @param served ids that the gateway lists now; null when the list could not be read.
 * @param gateway its address.
 * @param now milliseconds since 1970.
 * @returns `fresh`: ids that it did not list in the last thirty days.
 */
export function takeList(
  before: Listed | undefined,
  served: readonly string[] | null,
  gateway: string | null,
  now: number,
): { listed: Listed | undefined; fresh: string[] } {
  if (served === null || served.length === 0 || gateway === null) return { listed: before, fresh: [] };
  if (served.length > LISTED_LIMIT) return { listed: undefined, fresh: [] };
  const hour = Math.floor(now / HOUR_MS);
  const known = before?.gateway === markOf(gateway) ? before.ids : null;
  const marks = served.map((id) => [markOf(id), hour] as const);
  const kept = Object.entries(known ?? {}).filter(([, last]) => Math.abs(hour - last) <= KEPT);
  const ids = Object.entries({ ...Object.fromEntries(kept), ...Object.fromEntries(marks) });
  // The longest gone goes first; what is listed now stays.
  const newest = ids.sort(([, a], [, b]) => b - a).slice(0, LISTED_LIMIT);
  const fresh = known === null ? [] : served.filter((id) => !Object.hasOwn(known, markOf(id)));
  return { listed: { gateway: markOf(gateway), ids: Object.fromEntries(newest) }, fresh };
}

/** Whether the gateway listed the id before, and does not now. */
export const hasLeft = (listed: Listed | undefined, id: string, served: readonly string[]): boolean =>
  listed !== undefined &&
  served.length > 0 &&
  Object.hasOwn(listed.ids, markOf(id)) &&
  !served.some((one) => markOf(one) === markOf(id));
