import { z } from "zod";
import type { Parameter, ParsedType } from "./parser.ts";

/** A form field of a script as Windmill keeps it: part structure (from the signature), part hints (kept by hand). */
export type Field = { [key: string]: unknown };

/** The form of a script. */
export interface FormSchema {
  $schema: string;
  type: "object";
  /** Order of the fields in the form; absent when there are none. */
  order?: string[];
  properties: Record<string, Field>;
  required: string[];
}

const DIALECT = "https://json-schema.org/draft/2020-12/schema";

/**
 * What people may add to a field by hand: keys that Windmill's form reads and its own tools keep (facts on the CLI, 5.1, and
 * on the forms). `default` and `format` are hints where the signature says nothing about them.
 */
const HINTS = [
  ...["title", "description", "placeholder", "enumLabels", "password", "pattern", "customErrorMessage"],
  ...["min", "max", "multiselect", "showExpr", "minRows", "disableCreate", "disableVariablePicker", "dateFormat"],
  ...["default", "format", "order"],
];

const Kinds = {
  str: z.object({ str: z.array(z.string()).nullable() }),
  list: z.object({ list: z.union([z.string(), z.record(z.string(), z.unknown()), z.null()]) }),
  object: z.object({
    object: z.object({
      name: z.string().nullish(),
      props: z
        .array(z.object({ key: z.string(), typ: z.union([z.string(), z.record(z.string(), z.unknown())]) }))
        .nullish(),
    }),
  }),
};

/** The parser's words for plain types. */
const WORDS: Readonly<Record<string, Field>> = {
  int: { type: "integer" },
  float: { type: "number" },
  bool: { type: "boolean" },
  email: { type: "string", format: "email" },
  datetime: { type: "string", format: "date-time" },
};

/**
 * The part of a field that follows from its type alone.
 *
 * @returns null for a type of which Windmill makes a field that people cannot use: a resource picker for an imported type
 * or a `Record`, a JSON editor for `any` or a union of different types.
 */
export function structureOf(type: ParsedType): Field | null {
  if (typeof type === "string") return WORDS[type] ?? null;
  const text = Kinds.str.safeParse(type);
  if (text.success) return { type: "string", ...(text.data.str === null ? {} : { enum: text.data.str }) };
  const list = Kinds.list.safeParse(type);
  if (list.success) {
    const items = list.data.list === null ? null : structureOf(list.data.list);
    return items === null ? null : { type: "array", items };
  }
  const object = Kinds.object.safeParse(type);
  if (!object.success || object.data.object.name) return null;
  const properties: Record<string, Field> = {};
  for (const { key, typ } of object.data.object.props ?? []) {
    const field = structureOf(typ);
    if (field === null) return null;
    properties[key] = field;
  }
  return { type: "object", ...(Object.keys(properties).length === 0 ? {} : { properties }) };
}

const asFields = (value: unknown): Record<string, Field> => {
  const parsed = z.record(z.string(), z.record(z.string(), z.unknown())).safeParse(value);
  return parsed.success ? parsed.data : {};
};
const asField = (value: unknown): Field => z.record(z.string(), z.unknown()).catch({}).parse(value);

/** Structure from the signature, hints from what is kept, also inside objects and lists. */
function mergeField(structure: Field, kept: Field): Field {
  const hints = Object.fromEntries(HINTS.flatMap((key) => (kept[key] === undefined ? [] : [[key, kept[key]]])));
  const merged: Field = { ...hints, ...structure };
  if (structure.items !== undefined) merged.items = mergeField(asField(structure.items), asField(kept.items));
  if (structure.properties !== undefined) {
    const inner = asFields(kept.properties);
    merged.properties = Object.fromEntries(
      Object.entries(asFields(structure.properties)).map(([key, field]) => [key, mergeField(field, inner[key] ?? {})]),
    );
  }
  return merged;
}

/** What is wrong with the hints of one field, each completing "schema.properties.<name> ...". */
function hintProblems(field: Field, kept: Field): string[] {
  const structural = ["type", "enum", "items", "properties", "originalType"];
  const unknown = Object.keys(kept).filter((key) => !HINTS.includes(key) && !structural.includes(key));
  const said = unknown.map(
    (key) => `has "${key}", which Windmill's form does not read: remove it or correct the spelling.`,
  );
  if (!Array.isArray(field.enum)) return said;
  const values: unknown[] = field.enum;
  const labels = Object.keys(asField(field.enumLabels)).filter((value) => !values.includes(value));
  if (labels.length > 0) said.push(`has enumLabels for ${labels.join(", ")}, which main does not accept.`);
  if (field.default !== undefined && !values.includes(field.default))
    said.push("has a default that main does not accept.");
  return said;
}

/**
 * The form of a script: which fields exist, their types, choices, literal defaults and which are required from `main`'s
 * signature, everything that is there for people from the kept schema.
 *
 * @param parameters of `main`; none for a library.
 * @param kept the schema in the repository, in any state; its `order` is kept for fields that exist.
 */
export function formSchema(parameters: readonly Parameter[], kept: Field): { schema: FormSchema; problems: string[] } {
  const problems: string[] = [];
  const keptFields = asFields(kept.properties);
  const properties: Record<string, Field> = {};
  for (const { name, type, default: value } of parameters) {
    const keptField = keptFields[name] ?? {};
    const structure = structureOf(type);
    if (structure === null) {
      problems.push(
        `main's parameter ${name} has a type that Windmill shows as a resource picker or as bare JSON: write it out in the signature as plain types.`,
      );
      continue;
    }
    const field = mergeField({ ...structure, ...(value === undefined ? {} : { default: value }) }, keptField);
    problems.push(...hintProblems(field, keptField).map((text) => `schema.properties.${name} ${text}`));
    properties[name] = field;
  }
  const names = Object.keys(properties);
  const keptOrder = z.array(z.string()).catch([]).parse(kept.order);
  const order = [...new Set([...keptOrder.filter((name) => names.includes(name)), ...names])];
  const required = parameters.flatMap(({ name, optional }) => (optional ? [] : [name]));
  return {
    schema: { $schema: DIALECT, type: "object", ...(names.length === 0 ? {} : { order }), properties, required },
    problems,
  };
}
