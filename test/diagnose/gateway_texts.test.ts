import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { z } from "zod";
import { classify, rank } from "../../src/diagnose/match.ts";
import { STRENGTH } from "../../src/table/row.ts";
import { rowOf } from "../../src/table/table.ts";
import { gatewaySays, outcomeOf, signalOf } from "./signals.ts";

/** Texts of other gateways, each with its source and its true cause: test/gateway_texts/README.md. */
const Text = z.strictObject({
  name: z.string(),
  source: z.url(),
  status: z.number().int(),
  content_type: z.string().optional(),
  body: z.unknown(),
  expected: z.string(),
  recalled: z.literal(true).optional(),
});
type Text = z.infer<typeof Text>;

const FOLDER = new URL("../gateway_texts/", import.meta.url);
const FAMILIES = readdirSync(FOLDER)
  .filter((file) => file.endsWith(".json"))
  .map((file) => ({ file, texts: z.array(Text).parse(JSON.parse(readFileSync(new URL(file, FOLDER), "utf8"))) }));

/** The text as it comes through Windmill's proxy, which turns every error into a 400 and keeps the body only. */
const arrives = ({ status, body, content_type = "application/json" }: Text) =>
  status < 400
    ? signalOf(outcomeOf({ status, content_type, body: typeof body === "string" ? body : JSON.stringify(body) }))
    : gatewaySays(body);

describe("the texts of other gateways", () => {
  for (const { file, texts } of FAMILIES) {
    describe(file, () => {
      for (const text of texts) {
        it(`${text.name} -> ${text.expected}`, () => {
          assert.equal(rowOf(text.expected).code, text.expected);
          assert.equal(classify(arrives(text)).code, text.expected, JSON.stringify(text.body).slice(0, 400));
        });
      }
    });
  }

  it("are enough, and each names its source", () => {
    const all = FAMILIES.flatMap(({ texts }) => texts);
    assert.ok(all.filter(({ recalled }) => !recalled).length >= 160, "read at their source");
    const names = FAMILIES.flatMap(({ file, texts }) => texts.map(({ name }) => `${file} ${name}`));
    assert.deepEqual([...new Set(names)], names);
  });

  it("leave no two rows that fit equally without saying which one narrows the other", () => {
    for (const text of FAMILIES.flatMap(({ texts }) => texts)) {
      const [first, second] = rank(arrives(text));
      if (!first || !second || first.strength !== second.strength || first.strength < STRENGTH.gist) continue;
      assert.fail(`${text.name}: ${first.row.code} and ${second.row.code}`);
    }
  });
});
