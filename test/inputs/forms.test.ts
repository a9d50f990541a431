import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { ROOT } from "../../tools/shared/programs.ts";
import { type Schema, schemaOf, schemaOfFlow, shownFields } from "../world/form.ts";

/** What people see when they open a form, before they fill anything in. */

const MOST = 6;
const bundle = readdirSync(join(ROOT, "f/codex_pooler"));
const forms = new Map<string, Schema>([
  ...bundle
    .filter((name) => name.endsWith(".script.yaml"))
    .map((file): [string, Schema] => {
      const name = file.replace(".script.yaml", "");
      return [name, schemaOf(name)];
    }),
  ...bundle
    .filter((name) => name.endsWith("__flow"))
    .map((folder): [string, Schema] => {
      const name = folder.replace("__flow", "");
      return [`the flow ${name}`, schemaOfFlow(name)];
    }),
]);

describe("a form", () => {
  for (const [name, schema] of forms) {
    it(`of ${name} shows at most ${MOST} fields, and all of them when the toggle is on`, () => {
      const shown = shownFields(schema);
      assert.ok(shown.length <= MOST, shown.join());
      assert.deepEqual(shownFields(schema, { more: true }), Object.keys(schema.properties));
    });

    it(`of ${name} hides nothing that is filled in, because Windmill drops what is hidden`, () => {
      const hidden = Object.keys(schema.properties).filter((field) => !shownFields(schema).includes(field));
      for (const field of hidden) {
        const { type, format, default: blank } = schema.properties[field] ?? {};
        const given = [
          ...(type === "boolean" ? [true] : []),
          ...(type === "integer" ? [Number(blank ?? 0) + 1] : []),
          ...(type === "array" || String(format).startsWith("dynmultiselect-") ? [["x"]] : []),
          ...(type === "string" || String(format).startsWith("dynselect-") ? ["x"] : []),
          ...(type === "object" && format === undefined ? [{ x: 1 }] : []),
        ];
        assert.equal(given.length, 1, `${field} is of a kind that this test does not know`);
        assert.ok(shownFields(schema, { [field]: given[0] }).includes(field), field);
      }
    });
  }

  it("of connect asks first for what most people need", () => {
    assert.deepEqual(shownFields(forms.get("connect") as Schema), [
      ...["base_url", "api_key", "default_model", "schedule", "mode", "more"],
    ]);
  });
});
