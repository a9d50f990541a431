/** A JSON object of unknown shape. */
export type Json = { [key: string]: unknown };

/** True for an object that is neither null nor an array. */
export function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
