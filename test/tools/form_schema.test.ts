import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parse } from "yaml";
import { parseSignature } from "../../tools/metadata/parser.ts";
import type { Field } from "../../tools/metadata/schema.ts";
import { type ScriptYaml, scriptYaml } from "../../tools/metadata/script_yaml.ts";

/** What the metadata command makes of a script with this signature and this kept file. */
function yamlOf(parameters: string, kept?: string): ScriptYaml {
  const source = `export async function main(${parameters}) {}\n`;
  const signature = parseSignature(source);
  assert.ok(signature !== null);
  return scriptYaml("f/codex_pooler/connect", source, signature, kept);
}

interface Form {
  order?: string[];
  properties: Record<string, Field>;
  required: string[];
}
const formOf = (yaml: ScriptYaml): Form => parse(yaml.text).schema;

describe("the form follows from main's signature", () => {
  // Facts on the CLI, section 5.1, and the recorded forms of sample-demo.
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
      const form = formOf(yamlOf(parameter));
      assert.deepEqual(form.properties, { a: field });
      assert.deepEqual(form.required, required ? ["a"] : []);
    });
  }

  for (const parameter of ["a: Record<string, string>", "a: Imported", "a: any", "a: unknown", "a: string | number"]) {
    it(`${parameter} is refused, because people cannot fill such a field`, () => {
      const { problems } = yamlOf(parameter);
      assert.equal(problems.length, 1);
      assert.match(problems[0] ?? "", /main's parameter a .* plain types/);
    });
  }
});

const KEPT = `summary: Connect
description: |
  **Connects** the workspace.
lock: '!inline f/codex_pooler/connect.script.lock'
kind: script
schema:
  $schema: 'https://json-schema.org/draft/2020-12/schema'
  type: object
  order: [mode, base_url, api_key]
  properties:
    base_url: {type: string, format: uri, title: Gateway URL, description: Ends in /v1, placeholder: "https://example.com/v1"}
    api_key: {type: string, password: true, description: Pool API key}
    mode: {type: string, enum: [plan, apply], default: plan, enumLabels: {plan: Show, apply: Do}}
  required: [base_url]
timeout: 120
`;
const SIGNATURE = 'base_url: string, api_key?: string, mode: "plan" | "apply" = "plan"';

describe("what people wrote into the form", () => {
  it("is left alone, to the byte, while the signature agrees", () => {
    assert.deepEqual(yamlOf(SIGNATURE, KEPT), { text: KEPT, stale: [], problems: [] });
  });

  it("survives a change of the signature", () => {
    const yaml = yamlOf(`${SIGNATURE.replace('"apply"', '"apply" | "check"')}, models: string[] = []`, KEPT);
    assert.deepEqual(yaml.stale, [
      'schema.order is ["mode","base_url","api_key"], and must be ["mode","base_url","api_key","models"]',
      'schema.properties.mode.enum is ["plan","apply"], and must be ["plan","apply","check"]',
      'schema.properties.models is absent, and must be {"type":"array","items":{"type":"string"},"default":[]}',
    ]);
    const { summary, description, timeout } = parse(yaml.text);
    assert.deepEqual([summary, description, timeout], ["Connect", "**Connects** the workspace.\n", 120]);
    const { properties } = formOf(yaml);
    assert.deepEqual(properties.api_key, { type: "string", password: true, description: "Pool API key" });
    assert.deepEqual(properties.base_url, {
      type: "string",
      format: "uri",
      title: "Gateway URL",
      description: "Ends in /v1",
      placeholder: "https://example.com/v1",
    });
    assert.deepEqual(properties.mode?.enumLabels, { plan: "Show", apply: "Do" });
  });

  const mismatches: { it: string; from: string; to: string; says: string }[] = [
    {
      it: "type",
      from: "api_key: {type: string",
      to: "api_key: {type: number",
      says: 'schema.properties.api_key.type is "number", and must be "string"',
    },
    {
      it: "required",
      from: "required: [base_url]",
      to: "required: []",
      says: 'schema.required is [], and must be ["base_url"]',
    },
    {
      it: "order",
      from: "order: [mode, base_url, api_key]",
      to: "order: [mode, base_url]",
      says: 'schema.order is ["mode","base_url"], and must be ["mode","base_url","api_key"]',
    },
    {
      it: "default",
      from: "default: plan",
      to: "default: apply",
      says: 'schema.properties.mode.default is "apply", and must be "plan"',
    },
    {
      it: "a field that main lacks",
      from: "  required:",
      to: "    gone: {type: string}\n  required:",
      says: 'schema.properties.gone is {"type":"string"}, and must be absent',
    },
    {
      it: "the lock's file",
      from: "connect.script.lock",
      to: "other.script.lock",
      says: 'lock is "!inline f/codex_pooler/other.script.lock", and must be "!inline f/codex_pooler/connect.script.lock"',
    },
    { it: "a time limit", from: "timeout: 120\n", to: "", says: "timeout is absent, and must be 300" },
  ];
  for (const { it: title, from, to, says } of mismatches) {
    it(`is compared with the signature: ${title}`, () => {
      assert.ok(KEPT.includes(from));
      assert.deepEqual(yamlOf(SIGNATURE, KEPT.replace(from, to)).stale, [says]);
    });
  }

  const slips: { it: string; from: string; to: string; says: RegExp }[] = [
    { it: "a misspelt key", from: "title: Gateway URL", to: "titel: Gateway URL", says: /base_url has "titel"/ },
    {
      it: "a label for a choice that main lacks",
      from: "apply: Do",
      to: "appply: Do",
      says: /mode has enumLabels for appply/,
    },
    {
      it: "a key that gives away rights",
      from: "kind: script",
      to: "kind: script\non_behalf_of_email: a@b.c",
      says: /has "on_behalf_of_email"/,
    },
  ];
  for (const { it: title, from, to, says } of slips) {
    it(`is refused with ${title}`, () => {
      assert.ok(KEPT.includes(from));
      const { problems } = yamlOf(SIGNATURE, KEPT.replace(from, to));
      assert.equal(problems.length, 1);
      assert.match(problems[0] ?? "", says);
    });
  }
});
