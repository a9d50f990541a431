import { isObject, type Json } from "./json.ts";

/** What is wrong with a schema and where; the path is the one that the gateway reports as `param`. */
export interface SchemaProblem {
  path: string;
  detail: string;
}

const TYPES = new Set(["null", "boolean", "object", "array", "number", "integer", "string"]);

/**
 * The rules of the gateway for a schema marked `strict: true`: every node has a known `type`, objects set
 * `additionalProperties: false` and list every property in `required`, the root is an object. Nothing is repaired on chat.
 * @returns the first problem, walking a node's type, its object rules and then its children; null when there is none
 */
export function strictSchemaProblem(schema: unknown, path: string): SchemaProblem | null {
  if (!isObject(schema)) return { path, detail: "schema must be an object" };
  if (schema.type !== "object") return { path, detail: "root schema must have type object" };
  return nodeProblem(schema, path);
}

function nodeProblem(node: unknown, path: string): SchemaProblem | null {
  if (!isObject(node)) return { path, detail: "schema node must be an object" };
  return typeProblem(node, path) ?? objectProblem(node, path) ?? childProblem(node, path);
}

function typeProblem(node: Json, path: string): SchemaProblem | null {
  const types = Array.isArray(node.type) ? node.type : [node.type];
  const known = types.length > 0 && types.every((type) => typeof type === "string" && TYPES.has(type));
  if (known && new Set(types).size === types.length) return null;
  return { path: `${path}.type`, detail: "type must be a string or a non-empty array of strings" };
}

function objectProblem(node: Json, path: string): SchemaProblem | null {
  const types = Array.isArray(node.type) ? node.type : [node.type];
  const isObjectSchema =
    types.includes("object") || "properties" in node || "required" in node || "additionalProperties" in node;
  if (!isObjectSchema) return null;
  if (node.additionalProperties !== false) {
    return { path, detail: "object schemas must set additionalProperties to false" };
  }
  const required = node.required ?? [];
  if (!Array.isArray(required)) {
    return { path: `${path}.required`, detail: "required must be an array of property names" };
  }
  const names = Object.keys(isObject(node.properties) ? node.properties : {});
  const missing = names.filter((name) => !required.includes(name)).sort()[0];
  if (missing !== undefined) {
    const detail = `object schemas must list every property in required (missing ${missing})`;
    return { path: `${path}.required`, detail };
  }
  const extra = required.filter((name) => !names.includes(String(name))).sort()[0];
  if (extra === undefined) return null;
  const detail = `object schemas must not list required entries missing from properties (extra ${String(extra)})`;
  return { path: `${path}.required`, detail };
}

function childProblem(node: Json, path: string): SchemaProblem | null {
  return first(children(node, path), ([childPath, child]) => nodeProblem(child, childPath));
}

function children(node: Json, path: string): [string, unknown][] {
  const named = ["properties", "$defs", "definitions"].flatMap((key) =>
    isObject(node[key])
      ? Object.entries(node[key])
          .sort(([a], [b]) => (a < b ? -1 : 1))
          .map(([name, child]): [string, unknown] => [`${path}.${key}.${name}`, child])
      : [],
  );
  const listed = ["anyOf", "oneOf", "allOf"].flatMap((key) =>
    Array.isArray(node[key])
      ? node[key].map((child, index): [string, unknown] => [`${path}.${key}.${index}`, child])
      : [],
  );
  const items: [string, unknown][] = node.items === undefined ? [] : [[`${path}.items`, node.items]];
  return [...named, ...items, ...listed];
}

/** The first result of `find` that is not null. */
function first<T, R>(items: readonly T[], find: (item: T) => R | null): R | null {
  for (const item of items) {
    const found = find(item);
    if (found !== null) return found;
  }
  return null;
}
