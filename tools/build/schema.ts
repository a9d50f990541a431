import { z } from "zod";
import type { FormField } from "../../src/inputs/form.ts";
import type { Parameter, ParsedType } from "./parser.ts";

/** A field of a form as Windmill keeps it. */
export type Field = { [key: string]: unknown };

/** The form of a script as Windmill keeps it. */
export interface FormSchema {
  $schema: string;
  type: "object";
  /** Order of the fields in the form; absent when there are none. */
  order?: string[];
  properties: Record<string, Field>;
  required: string[];
}

const DIALECT = "https://json-schema.org/draft/2020-12/schema";

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

/** What is wrong with the hints of one field. */
function hintProblems(name: string, field: Field, { enumLabels, default: value }: FormField): string[] {
  if (!Array.isArray(field.enum)) return [];
  const values: unknown[] = field.enum;
  const foreign = Object.keys(enumLabels ?? {}).filter((label) => !values.includes(label));
  return [
    ...(foreign.length > 0 ? [`${name} has enumLabels for ${foreign.join(", ")}, which main does not accept.`] : []),
    ...(value !== undefined && !values.includes(value) ? [`${name} has a default that main does not accept.`] : []),
  ];
}

/**
 * The form of a script: its fields, their types, choices and literal defaults, and which are required, from `main`'s signature;
 * order, words and hints from its description.
 *
 * @param parameters of `main`.
 * @param fields the description, in the order of the form.
 */
export function formSchema(
  parameters: readonly Parameter[],
  fields: Readonly<Record<string, FormField>>,
): { schema: FormSchema; problems: string[] } {
  const problems: string[] = [];
  const properties: Record<string, Field> = {};
  const byName = new Map(parameters.map((parameter) => [parameter.name, parameter]));
  for (const [name, hints] of Object.entries(fields)) {
    const parameter = byName.get(name);
    if (parameter === undefined) {
      problems.push(`the form has a field ${name}, and main has no such parameter.`);
      continue;
    }
    const structure = structureOf(parameter.type);
    if (structure === null) {
      problems.push(
        `main's parameter ${name} has a type that Windmill shows as a resource picker or as bare JSON: write it out in the signature as plain types.`,
      );
      continue;
    }
    const { default: literal } = parameter;
    properties[name] = { ...structure, ...hints, ...(literal === undefined ? {} : { default: literal }) };
    problems.push(...hintProblems(name, properties[name], hints));
  }
  for (const { name } of parameters) {
    if (!(name in fields)) problems.push(`main has a parameter ${name}, and the form does not describe it.`);
  }
  const order = Object.keys(properties);
  const required = parameters.flatMap(({ name, optional }) => (optional ? [] : [name]));
  return {
    schema: { $schema: DIALECT, type: "object", ...(order.length === 0 ? {} : { order }), properties, required },
    problems,
  };
}
