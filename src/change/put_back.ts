import { sameJson } from "../core/json.ts";

/** What putting something back gives. */
export interface PutBack {
  value: unknown;
  /** Dotted places that somebody has changed since. */
  conflicts: string[];
}

/**
 * Puts back what a change did to a JSON document, and nothing else: places that the change did not touch stay as they are now.
 *
 * @param current the document now, `before` and `after` as the change found and left it.
 * @param overwrite whether places that somebody has changed since are put back too; else they stay and are conflicts.
 */
export function putBack(current: unknown, before: unknown, after: unknown, overwrite: boolean): PutBack {
  const conflicts: string[] = [];
  const walk = (now: unknown, was: unknown, became: unknown, place: string): unknown => {
    if (sameJson(was, became) || sameJson(now, was)) return now;
    if (sameJson(now, became)) return was;
    if (isObject(now) && isObject(was ?? {}) && isObject(became ?? {})) {
      return eachKey(now, asObject(was), asObject(became), place, walk);
    }
    conflicts.push(place || "everything");
    return overwrite ? was : now;
  };
  return { value: walk(current, before, after, ""), conflicts };
}

type Plain = Record<string, unknown>;

const isObject = (value: unknown): value is Plain =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const asObject = (value: unknown): Plain => (isObject(value) ? value : {});

function eachKey(
  now: Plain,
  was: Plain,
  became: Plain,
  place: string,
  walk: (now: unknown, was: unknown, became: unknown, place: string) => unknown,
): Plain {
  const keys = [...new Set([...Object.keys(now), ...Object.keys(was)])];
  const entries = keys.map((key): [string, unknown] => [
    key,
    walk(now[key], was[key], became[key], place ? `${place}.${key}` : key),
  ]);
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined));
}
