import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { storedSize } from "../../src/core/stored_size.ts";
import { storedSize as inWindmill } from "../standins/windmill/jobs/stored_size.ts";

/** What PostgreSQL stores of a result, by the product and by the stand-in, against what PostgreSQL 15.20 measured of the same values. */

const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/** Texts that look random and are the same every time. */
function texts(): (length: number) => string {
  let state = 7;
  return (length) =>
    Array.from({ length }, () => {
      state = (state * 1_664_525 + 1_013_904_223) % 4_294_967_296;
      return LETTERS.charAt(Math.floor((state / 4_294_967_296) * 64));
    }).join("");
}

/** A report of so many failed probes, each with an id of its own and with what the gateway said. */
export function sample(kind: "words" | "noise", count: number): object {
  const text = texts();
  const said = (): string =>
    kind === "noise"
      ? text(300)
      : `The pool has used up its quota, so that the request ${text(24)} could not be served. `.repeat(3).slice(0, 300);
  const probes = Array.from({ length: count }, (_, index) => ({
    id: `server:chat:model-${index}`,
    ok: false,
    status: 400,
    request_id: text(24),
    excerpt: said(),
  }));
  return { probes, html: probes.map(({ id, excerpt }) => `<tr><td>${id}</td><td>${excerpt}</td></tr>`).join("") };
}

/** `pg_column_size` of a `jsonb` column, PostgreSQL 15.20 with its default compression (pglz). */
const MEASURED: [kind: "words" | "noise", count: number, stored: number][] = [
  ["words", 20, 2_405],
  ["words", 400, 43_019],
  ["noise", 20, 15_524],
  ["noise", 200, 155_124],
];

describe("the size of a result in Windmill's database", () => {
  for (const [kind, count, stored] of MEASURED) {
    it(`is known of ${count} probes full of ${kind}: ${stored} bytes`, () => {
      const value = sample(kind, count);
      const known = storedSize(JSON.stringify(value));
      assert.ok(known >= stored * 0.97 && known <= stored * 1.25, `${known} by the product`);
      const shown = inWindmill(value);
      assert.ok(Math.abs(shown - stored) <= stored * 0.05, `${shown} by the stand-in`);
    });
  }

  it("is that of the text where nothing repeats", () => {
    const text = texts()(5_000);
    assert.equal(storedSize(JSON.stringify(text)), 5_002);
  });
});
