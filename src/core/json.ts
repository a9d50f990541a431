/** Plain JSON documents: comparing them, and finding where they differ. */

/** A JSON object as a record; anything else as an empty one. */
export const asRecord = (value: unknown): Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};

/** Whether two JSON values are the same, whatever the order of their keys: Windmill stores objects in its own order. */
export const sameJson = (a: unknown, b: unknown): boolean => canonical(a) === canonical(b);

/** JSON text with sorted keys; absent and `undefined` values are the same. */
export function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === "object" && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}

/** One changed place of a JSON document; `before` or `after` is undefined when the place is new or gone. */
export interface Difference {
  /** Dotted path, e.g. `providers.customai.models`. */
  path: string;
  before: unknown;
  after: unknown;
}

/** Where two JSON documents differ, deepest objects first-hand: arrays are compared as a whole. */
export function differences(before: unknown, after: unknown, path = ""): Difference[] {
  if (sameJson(before, after)) return [];
  const isObject = (value: unknown): boolean => typeof value === "object" && value !== null && !Array.isArray(value);
  if (!isObject(before) || !isObject(after)) return [{ path, before, after }];
  const a = asRecord(before);
  const b = asRecord(after);
  return [...new Set([...Object.keys(a), ...Object.keys(b)])]
    .sort()
    .flatMap((key) => differences(a[key], b[key], path ? `${path}.${key}` : key));
}
