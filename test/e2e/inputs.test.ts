import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { parse } from "yaml";
import { z } from "zod";
import { listDeployed } from "../../tools/build/deployed.ts";
import { parseSignature } from "../../tools/build/parser.ts";
import { ROOT } from "../../tools/shared/programs.ts";
import { runScript } from "../standins/windmill/jobs/run.ts";
import { startDeployedWorld, WORKSPACE, type World } from "../world/world.ts";

/**
 * Windmill passes arguments by the names in the built `main`, and drops what it finds no parameter for without a word. So each
 * input of each deployed script is given a value that it must refuse, and the refusal has to name it.
 */

const Yaml = z.object({ schema: z.object({ properties: z.record(z.string(), z.object({ type: z.string() })) }) });
const fieldsOf = (path: string): Record<string, { type: string }> =>
  Yaml.parse(parse(readFileSync(join(ROOT, `${path}.script.yaml`), "utf8"))).schema.properties;

/** A value that no field of this type takes. */
const WRONG: Readonly<Record<string, unknown>> = {
  string: { wrong: true },
  number: "no number",
  integer: "no number",
  boolean: "no switch",
  array: "no list",
  object: "no object",
};

/** Inputs that are read by no input schema, and what shows that they arrive: the words of the result or of the error. */
const OTHERWISE: Readonly<Record<string, { args: object; says: RegExp }>> = {
  "explain.text": { args: { text: "upstream request failed, and then mentions zebra" }, says: /zebra/ },
  "remember.report": { args: { report: { version: "zebra" } }, says: /checked_at/ },
  "notify.report": { args: { report: { error: { name: "Zebra", message: "ran" } } }, says: /Zebra: ran/ },
  "fleet_report.members": {
    args: { members: [{ workspace: "zebra", token_path: "u/a/b" }], results: [] },
    says: /zebra/,
  },
  "fleet_report.results": {
    args: { members: [{ workspace: "one", token_path: "u/a/b" }], results: [{ error: { message: "zebra" } }] },
    says: /zebra/,
  },
};

let world: World;
before(async () => {
  world = await startDeployedWorld();
});
after(() => world.close());

const runOf = (path: string, args: object) =>
  runScript(world.windmill, WORKSPACE, path, args, world.windmill.admin.token);

/** What a run says: its result or its error. */
const saidBy = async (path: string, args: object): Promise<string> =>
  JSON.stringify((await runOf(path, args)).job.result);

/** The result of `remember` that has something to tell: nothing is connected here, and that counts at once. */
async function somethingToTell(): Promise<object> {
  const report = (await runOf("f/codex_pooler/check", { depth: "free" })).job.result;
  const rules = { report, failures_before_alert: 1, has_targets: true };
  return z.looseObject({}).parse((await runOf("f/codex_pooler/remember", rules)).job.result);
}

/** Inputs of `notify` that are read when there is something to tell, and whose slips are a target that was not told. */
const TARGETS = ["alert_webhook_path", "webhook_format", "alert_runnable"];

const { scripts } = await listDeployed(ROOT);

describe("main of every built script", () => {
  for (const path of scripts) {
    it(`${path} has the parameters of its form, by Windmill's own parser`, () => {
      const signature = parseSignature(readFileSync(join(ROOT, `${path}.ts`), "utf8"));
      assert.ok(Array.isArray(signature));
      assert.deepEqual(signature.map(({ name }) => name).sort(), Object.keys(fieldsOf(path)).sort());
    });
  }
});

describe("every input of every command arrives", { concurrency: false }, () => {
  for (const path of scripts) {
    const name = path.slice(path.lastIndexOf("/") + 1);
    const fields = Object.entries(fieldsOf(path));
    const other = (field: string): boolean =>
      OTHERWISE[`${name}.${field}`] !== undefined || (name === "notify" && TARGETS.includes(field));
    const checked = fields.filter(([field]) => !other(field));
    if (checked.length > 0) {
      it(`${name}: ${checked.map(([field]) => field).join(", ")}`, async () => {
        const good = Object.assign({}, ...fields.map(([field]) => OTHERWISE[`${name}.${field}`]?.args));
        const wrong = Object.fromEntries(checked.map(([field, { type }]) => [field, WRONG[type]]));
        const said = await saidBy(path, { ...good, ...wrong });
        assert.deepEqual(
          silentAbout(
            checked.map(([field]) => field),
            said,
          ),
          [],
        );
      });
    }
    for (const [field] of fields) {
      const otherwise = OTHERWISE[`${name}.${field}`];
      if (otherwise === undefined) continue;
      it(`${name}: ${field}`, async () => assert.match(await saidBy(path, otherwise.args), otherwise.says));
    }
  }

  it(`notify: ${TARGETS.join(", ")}`, async () => {
    const wrong = Object.fromEntries(TARGETS.map((field) => [field, WRONG.string]));
    const said = await saidBy("f/codex_pooler/notify", { report: await somethingToTell(), ...wrong });
    assert.deepEqual(silentAbout(TARGETS, said), []);
  });
});

/** Fields that the words of a refusal do not name. */
const silentAbout = (fields: readonly string[], said: string): string[] =>
  fields.filter((field) => !new RegExp(`- ${field}[:.]`).test(said));
