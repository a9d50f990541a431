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
  one: z.object({ dynselect: z.string() }),
  several: z.object({ dynmultiselect: z.string() }),
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
  // What DynSelect_<function> and DynMultiselect_<function> become in Windmill's own form (frontend/src/lib/utils.ts, DynamicInput).
  const one = Kinds.one.safeParse(type);
  if (one.success) return { type: "object", format: `dynselect-${one.data.dynselect}` };
  const several = Kinds.several.safeParse(type);
  if (several.success) return { type: "object", format: `dynmultiselect-${several.data.dynmultiselect}` };
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

/** The toggle of a form that shows the fields which few people need. */
export const MORE = "more";

/**
 * When a field behind the toggle is shown: the toggle is on, or the field is filled in. Windmill drops the value of a hidden field, so
 * one that a link or an earlier run has filled in must not hide.
 */
function shownWhen(name: string, { type, format, default: value }: Field): string {
  const given = `fields.${name}`;
  const several = type === "array" || (typeof format === "string" && format.startsWith("dynmultiselect-"));
  const filled = (): string => {
    if (several) return `${given}?.length > 0`;
    if (format === undefined && type === "object") return `Object.keys(${given} ?? {}).length > 0`;
    if (type === "boolean") return `${given} == true`;
    return value === undefined || value === ""
      ? `!!${given}`
      : `(${given} ?? ${JSON.stringify(value)}) != ${JSON.stringify(value)}`;
  };
  return `fields.${MORE} == true || ${filled()}`;
}

/** What is wrong with a field whose choices a function of the script computes. */
function choiceProblems(
  name: string,
  { format }: Field,
  fields: Readonly<Record<string, FormField>>,
  signatureOf: (name: string) => readonly Parameter[] | "library" | null,
): string[] {
  const [, offers] = /^dyn(?:multi)?select-(.+)$/.exec(typeof format === "string" ? format : "") ?? [];
  if (offers === undefined) return [];
  const signature = signatureOf(offers);
  if (!Array.isArray(signature))
    return [`${name} offers what ${offers} answers, and the command exports no such function.`];
  const foreign = signature.map((one: Parameter) => one.name).filter((one) => !(one in fields) && one !== "filterText");
  return foreign.length > 0 ? [`${offers} takes ${foreign.join(", ")}, which the form does not have.`] : [];
}

/**
 * The form of a script: its fields, their types, choices and literal defaults, and which are required, from `main`'s signature;
 * order, words and hints from its description.
 *
 * @param parameters of `main`.
 * @param fields the description, in the order of the form.
 * @param signatureOf the parameters of another function that the script exports.
 */
export function formSchema(
  parameters: readonly Parameter[],
  fields: Readonly<Record<string, FormField>>,
  signatureOf: (name: string) => readonly Parameter[] | "library" | null = () => "library",
): { schema: FormSchema; problems: string[] } {
  const problems: string[] = [];
  const properties: Record<string, Field> = {};
  const byName = new Map(parameters.map((parameter) => [parameter.name, parameter]));
  for (const [name, { more, ...hints }] of Object.entries(fields)) {
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
    const field: Field = { ...structure, ...hints, ...(literal === undefined ? {} : { default: literal }) };
    properties[name] = more ? { ...field, showExpr: shownWhen(name, field) } : field;
    problems.push(...hintProblems(name, field, hints), ...choiceProblems(name, field, fields, signatureOf));
    if (more && !(MORE in fields))
      problems.push(`${name} stands behind the toggle ${MORE}, which the form does not have.`);
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
