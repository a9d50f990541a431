import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { z } from "zod";
import { ROOT } from "../../tools/shared/programs.ts";
import { callWindmill } from "../../tools/shared/windmill_api.ts";
import { idle, jobsOf, type Run, runOf } from "../standins/windmill/jobs/run.ts";
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
