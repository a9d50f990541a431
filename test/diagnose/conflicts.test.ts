import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { classify, rank } from "../../src/diagnose/match.ts";
import { STRENGTH } from "../../src/table/row.ts";
import { TABLE, UNRECOGNISED } from "../../src/table/table.ts";
import { gatewaySays } from "./signals.ts";

/** Texts that were made up after the rows: the message says one thing, its status, type or code suggests another, or nobody knows it. */
interface MadeUp {
  name: string;
  body: unknown;
  expected: string;
}

function read<T>(path: string): T {
  return JSON.parse(readFileSync(new URL(path, import.meta.url), "utf8")) as T;
}

const CONFLICTS = read<MadeUp[]>("conflicts.json");
/** `[name, body, code]`: wordings of the same causes as in test/gateway_texts, from memory or made up. */
const MORE = read<[string, unknown, string][]>("../fixtures/more_wordings.json");

/** Words that no table will ever know. */
const BLIND = "Zorbl quint fendle marrow";

describe("a message against its status, type and code", () => {
  for (const { name, body, expected } of CONFLICTS) {
    it(`${name} -> ${expected}`, () => assert.equal(classify(gatewaySays(body)).code, expected, JSON.stringify(body)));
  }
});

describe("other wordings of the same causes", () => {
  for (const [name, body, expected] of MORE) {
    it(`${name} -> ${expected}`, () => assert.equal(classify(gatewaySays(body)).code, expected, JSON.stringify(body)));
  }
});

describe("a row without words", () => {
  const sorts = new Set(TABLE.flatMap(({ match }) => match.flatMap(({ sort = [], code = [] }) => [...sort, ...code])));
  const types = new Set(TABLE.flatMap(({ match }) => match.flatMap(({ type = [], text }) => (text ? [] : type))));

  it("yields to a message that nobody knows, whatever the type or status", () => {
    for (const type of [...types].filter((one) => !sorts.has(one))) {
      const { code } = classify(gatewaySays({ error: { message: BLIND, type, code: null } }));
      assert.equal(code, UNRECOGNISED, type);
    }
    for (const status of [400, 401, 402, 403, 404, 405, 408, 413, 422, 429, 500, 502, 503, 504]) {
      const { code } = classify(gatewaySays({ error: { message: BLIND, code: status } }));
      assert.equal(code, UNRECOGNISED, String(status));
    }
  });

  it("decides where the message says no more than the status does", () => {
    for (const message of [
      "",
      "An error occurred, please try again later.",
      "Error: something went wrong (request id: ab12cd34)",
    ]) {
      const { code } = classify(gatewaySays({ error: { message, type: "rate_limit_error", code: 429 } }));
      assert.equal(code, "rate-limited", message);
    }
  });
});

describe("two rows with words that fit equally", () => {
  it("are told apart: one narrows the other, in every text of the collections", () => {
    const bodies = [...CONFLICTS.map(({ body }) => body), ...MORE.map(([, body]) => body)];
    for (const body of bodies) {
      const [first, second] = rank(gatewaySays(body));
      if (!first || !second || first.strength !== second.strength || first.strength < STRENGTH.gist) continue;
      assert.fail(`${first.row.code} and ${second.row.code}: ${JSON.stringify(body)}`);
    }
  });

  it("narrow rows that exist, and no two narrow each other", () => {
    const byCode = new Map(TABLE.map((row) => [row.code, row]));
    for (const row of TABLE) {
      for (const code of row.narrows ?? []) {
        assert.ok(byCode.has(code), `${row.code} narrows ${code}`);
        assert.ok(!byCode.get(code)?.narrows?.includes(row.code), `${row.code} and ${code} narrow each other`);
      }
      if (row.behind) assert.ok(byCode.has(row.behind), `${row.code} behind ${row.behind}`);
    }
  });

  it("are no knowledge where both have only the gist", () => {
    const body = { error: { message: "the key of this model: unknown, expired" } };
    assert.equal(classify(gatewaySays(body)).code, UNRECOGNISED);
  });
});
