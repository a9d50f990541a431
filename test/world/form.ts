import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { z } from "zod";
import { ROOT } from "../../tools/shared/programs.ts";
import { callWindmill } from "../../tools/shared/windmill_api.ts";
import { idle, jobsOf, type Run, runOf, runScript } from "../standins/windmill/jobs/run.ts";
import { WORKSPACE, type World } from "./world.ts";

/** What Windmill's form makes of a script's schema, as far as it decides what people see and what is submitted. */

const Schema = z.looseObject({
  order: z.array(z.string()).default([]),
  properties: z.record(
    z.string(),
    z.looseObject({ format: z.string().optional(), showExpr: z.string().optional(), default: z.unknown().optional() }),
  ),
});
export type Schema = z.infer<typeof Schema>;

/** The form of a script of the bundle. */
export const schemaOf = (script: string): Schema =>
  Schema.parse(parse(readFileSync(join(ROOT, "f/codex_pooler", `${script}.script.yaml`), "utf8")).schema);

/** The form of a flow of the bundle. */
export const schemaOfFlow = (flow: string): Schema =>
  Schema.parse(parse(readFileSync(join(ROOT, "f/codex_pooler", `${flow}__flow/flow.yaml`), "utf8")).schema);

/** The fields that a form shows, in their order, when these are filled in (`computeShow` in Windmill's frontend/src/lib/utils.ts). */
export function shownFields({ order, properties }: Schema, fields: Record<string, unknown> = {}): string[] {
  return order.filter((name) => {
    const { showExpr } = properties[name] ?? {};
    return showExpr === undefined || Boolean(new Function("fields", `"use strict"; return ${showExpr}`)(fields));
  });
}

const Choice = z.object({ label: z.string(), value: z.string(), disabled: z.literal(true).optional() });
export type Choice = z.infer<typeof Choice>;

/** What a field's drop-down offers while the form is filled in like this: the job that it starts, and what that answers. */
export async function offered(
  { windmill, target }: World,
  script: string,
  field: string,
  filled: Record<string, unknown> = {},
  token = target.token,
): Promise<{ choices: Choice[]; run: Run }> {
  const [, entry = ""] = /^dyn(?:multi)?select-(.+)$/.exec(schemaOf(script).properties[field]?.format ?? "") ?? [];
  assert.notEqual(entry, "", `${field} of ${script} offers nothing`);
  const id = await callWindmill({ ...target, token }, `w/${WORKSPACE}/jobs/run/dynamic_select`, z.string(), {
    entrypoint_function: entry,
    args: { ...filled, filterText: "", _ENTRYPOINT_OVERRIDE: entry },
    runnable_ref: { source: "deployed", path: `f/codex_pooler/${script}`, runnable_kind: "script" },
  });
  await idle(windmill);
  const job = jobsOf(windmill, WORKSPACE).find((one) => one.id === id);
  assert.ok(job);
  const run = runOf(job);
  assert.ok(run.success, JSON.stringify(run.result));
  return { choices: z.array(Choice).parse(run.result), run };
}

/** A link to a form, taken apart as Windmill's page of a script does it: what follows the `#` is a query whose values are JSON. */
export function readLink(url: string): { script: string; workspace: string | null; fields: Record<string, unknown> } {
  const { pathname, searchParams, hash } = new URL(url);
  const [, script = ""] = /^\/scripts\/get\/f\/codex_pooler\/(\w+)$/.exec(pathname) ?? [];
  const given = [...new URLSearchParams(hash.slice(1))].map(([name, text]): [string, unknown] => [
    name,
    JSON.parse(text),
  ]);
  return { script, workspace: searchParams.get("workspace"), fields: Object.fromEntries(given) };
}

/**
 * What a form submits that was opened with these fields and left as it is: hidden fields are dropped, shown ones get their defaults, and
 * a choice that is not offered is dropped too (SchemaForm.svelte, DynamicInput.svelte).
 */
export async function submitted(
  world: World,
  script: string,
  fields: Record<string, unknown>,
): Promise<Record<string, unknown>> {
  const schema = schemaOf(script);
  const args = Object.fromEntries(
    shownFields(schema, fields).flatMap((name): [string, unknown][] => {
      const value = fields[name] ?? schema.properties[name]?.default;
      return value === undefined ? [] : [[name, value]];
    }),
  );
  for (const [name, value] of Object.entries(args)) {
    const format = schema.properties[name]?.format ?? "";
    if (!/^dyn(multi)?select-/.test(format)) continue;
    const { [name]: _own, ...others } = args;
    const known = new Set((await offered(world, script, name, others)).choices.map((choice) => choice.value));
    if (Array.isArray(value)) args[name] = value.filter((one) => known.has(one));
    else if (!known.has(String(value))) delete args[name];
  }
  return args;
}

/** Clicks a link and then "Run": opens the form as the link fills it, and submits it as it is. */
export async function follow(world: World, url: string, token = world.target.token): Promise<Run> {
  const { script, workspace, fields } = readLink(url);
  assert.equal(workspace, WORKSPACE);
  const args = await submitted(world, script, fields);
  return runScript(world.windmill, WORKSPACE, `f/codex_pooler/${script}`, args, token);
}

/** The address of a link in a result's page, found by its words as a person finds it. */
export function linkNamed({ result }: Run, words: string | RegExp): string {
  const { html } = z.looseObject({ html: z.string() }).parse(result);
  const links = [...html.matchAll(/<a href="([^"]*)"[^>]*>([^<]*)<\/a>/g)];
  const [, address] =
    links.find(([, , label = ""]) => (typeof words === "string" ? label === words : words.test(label))) ?? [];
  assert.ok(address, `no link ${words} among: ${links.map(([, , label]) => label).join(", ") || "none"}`);
  return address.replaceAll("&amp;", "&").replaceAll("&#39;", "'").replaceAll("&quot;", '"');
}
