import { wrongShape } from "./errors.ts";
import type { Request } from "./http.ts";
import { type JsonNode, parseJson } from "./json_text.ts";

/**
 * Reads a typed value out of JSON, with the wording of the server's refusals: unknown keys are dropped, a missing or
 * mistyped one is refused with its path and place.
 */
export interface Shape<T> {
  read(node: JsonNode, path: string[]): T;
  /** Whether the key may be absent or null. */
  optional?: true;
}

/** What a {@link Shape} reads. */
export type Read<S> = S extends Shape<infer T> ? T : never;

/** The body of a request. @throws ApiError 400 when it is not JSON, 422 when it has another shape */
export async function readBody<T>(request: Request, shape: Shape<T>): Promise<T> {
  return shape.read(parseJson(await request.req.text()), []);
}

/** Reads a stored value with the same rules; undefined when it does not have the shape. */
export function readStored<T>(value: unknown, shape: Shape<T>): T | undefined {
  try {
    return shape.read(parseJson(JSON.stringify(value ?? null)), []);
  } catch {
    return undefined;
  }
}

function refuse(path: string[], why: string, end: string): never {
  throw wrongShape(`${path.length > 0 ? `${path.join(".")}: ` : ""}${why} ${end}`);
}

function describe(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "sequence";
  if (typeof value === "string") return `string ${JSON.stringify(value)}`;
  if (typeof value === "number") return `${Number.isInteger(value) ? "integer" : "floating point"} \`${value}\``;
  return typeof value === "boolean" ? `boolean \`${value}\`` : "map";
}

function primitive<T>(expected: string, is: (value: unknown) => value is T): Shape<T> {
  return {
    read: ({ value, end }, path) =>
      is(value) ? value : refuse(path, `invalid type: ${describe(value)}, expected ${expected}`, end),
  };
}

export const string = primitive("a string", (value): value is string => typeof value === "string");
export const boolean = primitive("a boolean", (value): value is boolean => typeof value === "boolean");
/** Any JSON, null included. */
export const any: Shape<unknown> = { read: ({ value }) => value };

const INTEGER = primitive("i32", (value): value is number => typeof value === "number" && Number.isInteger(value));
export const i32: Shape<number> = {
  read(node, path) {
    const value = INTEGER.read(node, path);
    return value === (value | 0) ? value : refuse(path, `invalid value: integer \`${value}\`, expected i32`, node.end);
  },
};

/** A value that may be absent or null, read as undefined. */
export function optional<T>(shape: Shape<T>): Shape<T | undefined> {
  return { optional: true, read: (node, path) => (node.value === null ? undefined : shape.read(node, path)) };
}

export function array<T>(shape: Shape<T>): Shape<T[]> {
  return {
    read({ value, end, items }, path) {
      if (!items) refuse(path, `invalid type: ${describe(value)}, expected a sequence`, end);
      return items.map((item, i) => shape.read(item, [...path.slice(0, -1), `${path.at(-1) ?? ""}[${i}]`]));
    },
  };
}

/** One of some names, as a value or as a key. */
export function variant<const V extends string>(names: readonly V[]): Shape<V> {
  return {
    read({ value, end }, path) {
      const name = string.read({ value, end }, path);
      const known = names.find((other) => other === name);
      return known ?? refuse(path, unknownVariant(name, names), end);
    },
  };
}

/** The refusal of a name that is not among the known ones. */
export function unknownVariant(name: string, names: readonly string[]): string {
  return `unknown variant \`${name}\`, expected one of ${names.map((known) => `\`${known}\``).join(", ")}`;
}

/** An object with free keys (`keys` = string) or keys out of a list, whose place in a refusal's path is `?`. */
export function record<K extends string, T>(keys: Shape<K>, shape: Shape<T>): Shape<Partial<Record<K, T>>> {
  return {
    read({ value, end, entries }, path) {
      if (!entries) refuse(path, `invalid type: ${describe(value)}, expected a map`, end);
      const read: Partial<Record<K, T>> = {};
      for (const { key, keyEnd, node } of entries) {
        const known = keys.read({ value: key, end: keyEnd }, [...path, "?"]);
        read[known] = shape.read(node, [...path, (keys as Shape<string>) === string ? key : "?"]);
      }
      return read;
    },
  };
}

/** An object with known keys. `name` is what the server calls it when something else is sent. */
export function struct<F extends Record<string, Shape<unknown>>>(
  name: string,
  fields: F,
): Shape<{ [K in keyof F]: Read<F[K]> }> {
  return {
    read({ value, end, entries }, path) {
      if (!entries) refuse(path, `invalid type: ${describe(value)}, expected struct ${name}`, end);
      const read: Record<string, unknown> = {};
      for (const { key, node } of entries) {
        const field = fields[key];
        if (field) read[key] = field.read(node, [...path, key]);
      }
      for (const [key, field] of Object.entries(fields)) {
        if (!(key in read) && !field.optional) refuse(path, `missing field \`${key}\``, end);
      }
      return read as { [K in keyof F]: Read<F[K]> };
    },
  };
}
