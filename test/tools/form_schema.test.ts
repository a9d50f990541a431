import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parse } from "yaml";
import { type FormField, moreOptions } from "../../src/inputs/form.ts";
import { parseSignature } from "../../tools/build/parser.ts";
import type { Field } from "../../tools/build/schema.ts";
import { scriptYaml } from "../../tools/build/script_yaml.ts";

/** Whether a form with these values shows a field, by Windmill's own rule: the expression is JavaScript over `fields`. */
const shows = ({ showExpr }: Field, fields: Record<string, unknown>): boolean =>
  typeof showExpr !== "string" || Boolean(new Function("fields", `"use strict"; return ${showExpr}`)(fields));

interface Schema {
  order?: string[];
  properties: Record<string, Field>;
  required: string[];
}

/** What the build makes of a script with this signature and these words. */
function yamlOf(parameters: string, fields: Record<string, FormField>): { schema: Schema; problems: string[] } {
  const signature = parseSignature(`export async function main(${parameters}) {}\n`);
  assert.ok(Array.isArray(signature));
  const form = { summary: "Connect", description: "**Connects** it.", timeout_s: 120, fields };
  const offers = "export async function ids() { return []; }\n";
  const { text, problems } = scriptYaml("f/codex_pooler/connect", form, signature, offers);
  return { schema: parse(text).schema, problems };
}

describe("a form takes its types from main's signature", () => {
  // The forms that a real wmill made of such signatures (test/recordings/sample-demo).
  const cases: { parameter: string; field: Field; required: boolean }[] = [
    { parameter: "a: string", field: { type: "string" }, required: true },
    { parameter: "a: number", field: { type: "number" }, required: true },
    { parameter: "a: boolean = false", field: { type: "boolean", default: false }, required: false },
    { parameter: "a?: string", field: { type: "string" }, required: false },
    { parameter: "a: string | null = null", field: { type: "string" }, required: false },
    {
      parameter: 'a: "plan" | "apply" = "plan"',
      field: { type: "string", enum: ["plan", "apply"], default: "plan" },
      required: false,
    },
    {
      parameter: "a: string[] = []",
      field: { type: "array", items: { type: "string" }, default: [] },
      required: false,
    },
    {
      parameter: 'a: ("x" | "y")[]',
      field: { type: "array", items: { type: "string", enum: ["x", "y"] } },
      required: true,
    },
    { parameter: "a: { [key: string]: string } = {}", field: { type: "object", default: {} }, required: false },
    {
      parameter: "a: { id: string; n: number }",
      field: { type: "object", properties: { id: { type: "string" }, n: { type: "number" } } },
      required: true,
    },
  ];
  for (const { parameter, field, required } of cases) {
    it(parameter, () => {
      const { schema } = yamlOf(parameter, { a: { title: "A" } });
      assert.deepEqual(schema.properties, { a: { ...field, title: "A" } });
      assert.deepEqual(schema.required, required ? ["a"] : []);
    });
  }

  for (const parameter of ["a: Record<string, string>", "a: Imported", "a: any", "a: unknown", "a: string | number"]) {
    it(`${parameter} is refused, because people cannot fill such a field`, () => {
      const { problems } = yamlOf(parameter, { a: { title: "A" } });
      assert.equal(problems.length, 1);
      assert.match(problems[0] ?? "", /main's parameter a .* plain types/);
    });
  }
});

describe("a form takes its words and its order from its description", () => {
  const SIGNATURE = 'base_url: string, api_key?: string, mode: "plan" | "apply" = "plan"';
  const FIELDS: Record<string, FormField> = {
    mode: { title: "Mode", enumLabels: { plan: "Show", apply: "Do" } },
    base_url: { title: "Gateway URL", format: "uri", placeholder: "https://example.com/v1" },
    api_key: { title: "Key", password: true, default: "" },
  };

  it("and main's literal default counts", () => {
    const { schema, problems } = yamlOf(SIGNATURE, FIELDS);
    assert.deepEqual(problems, []);
    assert.deepEqual(schema.order, ["mode", "base_url", "api_key"]);
    assert.deepEqual(schema.properties.mode, {
      ...{ type: "string", enum: ["plan", "apply"], default: "plan" },
      ...{ title: "Mode", enumLabels: { plan: "Show", apply: "Do" } },
    });
    assert.deepEqual(schema.properties.api_key, { type: "string", title: "Key", password: true, default: "" });
    assert.deepEqual(schema.required, ["base_url"]);
  });

  const slips: { it: string; fields: Record<string, FormField>; says: RegExp }[] = [
    {
      it: "a label for a choice that main lacks",
      fields: { ...FIELDS, mode: { title: "Mode", enumLabels: { appply: "Do" } } },
      says: /mode has enumLabels for appply/,
    },
    {
      it: "a default that main does not accept",
      fields: { ...FIELDS, mode: { title: "Mode", default: "both" } },
      says: /mode has a default that main does not accept/,
    },
    {
      it: "a field that main lacks",
      fields: { ...FIELDS, gone: { title: "G" } },
      says: /a field gone, and main has no/,
    },
    {
      it: "no words for a parameter",
      fields: { mode: FIELDS.mode ?? { title: "" }, base_url: { title: "U" } },
      says: /parameter api_key, and the form does not describe it/,
    },
  ];
  for (const { it: title, fields, says } of slips) {
    it(`is refused with ${title}`, () => {
      const { problems } = yamlOf(SIGNATURE, fields);
      assert.equal(problems.length, 1);
      assert.match(problems[0] ?? "", says);
    });
  }
});

describe("a field behind the toggle", () => {
  const kinds = {
    text: { parameter: "a?: string", given: "x", blank: ["", undefined] },
    choice: { parameter: 'a: "x" | "y" = "x"', given: "y", blank: ["x", undefined] },
    switch: { parameter: "a: boolean = false", given: true, blank: [false, undefined] },
    list: { parameter: "a: string[] = []", given: ["x"], blank: [[], undefined] },
    object: { parameter: "a: object = {}", given: { x: 1 }, blank: [{}, undefined] },
    number: { parameter: "a: number = 5", given: 6, blank: [5, undefined] },
    several: { parameter: "a: DynMultiselect_ids = []", given: ["x"], blank: [[], undefined] },
    one: { parameter: "a?: DynSelect_ids", given: "x", blank: ["", undefined] },
  };
  for (const [kind, { parameter, given, blank }] of Object.entries(kinds)) {
    it(`is shown when the toggle is on or when it is filled in, because Windmill drops what is hidden: ${kind}`, () => {
      const fields: Record<string, FormField> = { more: moreOptions, a: { title: "A", more: true } };
      const { schema } = yamlOf(`more: boolean = false, ${parameter}`, fields);
      const field = schema.properties.a ?? {};
      assert.equal("more" in field, false);
      assert.deepEqual(
        blank.map((a) => shows(field, { a, more: false })),
        [false, false],
      );
      assert.equal(shows(field, {}), false);
      assert.equal(shows(field, { more: true }), true);
      assert.equal(shows(field, { a: given }), true);
    });
  }

  it("needs the toggle", () => {
    const { problems } = yamlOf("a?: string", { a: { title: "A", more: true } });
    assert.match(problems.join(), /a stands behind the toggle more, which the form does not have/);
  });
});
