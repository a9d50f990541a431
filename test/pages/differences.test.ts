import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { differences } from "../../src/pages/differences.ts";

/** What a person reads: the cells of the table, a line per element. */
function rowsOf(path: string, before: unknown, after: unknown): string[][] {
  const { text } = differences([{ path, before, after }]);
  const rows = [...text.matchAll(/<tr>(.*?)<\/tr>/gs)].slice(1);
  return rows.map(([, row = ""]) =>
    [...row.matchAll(/<td[^>]*>(.*?)<\/td>/gs)].map(([, cell = ""]) =>
      cell
        .replace(/<\/div>/g, "\n")
        .replace(/<[^>]*>/g, "")
        .trim(),
    ),
  );
}

describe("a difference reads as", () => {
  const cases: { it: string; path: string; before: unknown; after: unknown; rows: string[][] }[] = [
    { it: "a value before and after", path: "a", before: "x", after: "y", rows: [["a", "x", "y"]] },
    { it: "none where there was nothing", path: "a", before: null, after: 3, rows: [["a", "none", "3"]] },
    {
      it: "what comes and what goes of a list, with counts",
      path: "models",
      before: ["a", "b", "c"],
      after: ["b", "c", "d", "e"],
      rows: [["models", "− a\n3 in all, 2 stay", "+ d\n+ e\n4 in all, 2 stay"]],
    },
    {
      it: "the first of many, and how many more",
      path: "models",
      before: ["m0"],
      after: Array.from({ length: 200 }, (_, index) => `m${index}`),
      rows: [
        [
          "models",
          "1 in all, 1 stays",
          `${Array.from({ length: 12 }, (_, index) => `+ m${index + 1}`).join("\n")}\n+ 187 more\n200 in all, 1 stays`,
        ],
      ],
    },
    {
      it: "the order, where only that differs",
      path: "models",
      before: ["a", "b"],
      after: ["b", "a"],
      rows: [["models", "1. a\n2. b", "1. b\n2. a"]],
    },
    {
      it: "a new list",
      path: "models",
      before: null,
      after: ["a"],
      rows: [["models", "none", "+ a\n1 in all"]],
    },
    {
      it: "headers one by one",
      path: "headers",
      before: { "x-a": "1", "x-b": "2" },
      after: { "x-b": "3", "x-c": "4" },
      rows: [
        ["headers.x-a", "1", "none"],
        ["headers.x-b", "2", "3"],
        ["headers.x-c", "none", "4"],
      ],
    },
    {
      it: "what is in a new object, place by place",
      path: "providers",
      before: null,
      after: { customai: { models: ["a"], resource_path: "u/admin/r" } },
      rows: [
        ["providers.customai.models", "none", "+ a\n1 in all"],
        ["providers.customai.resource_path", "none", "u/admin/r"],
      ],
    },
    {
      it: "the lines of a text that come and go",
      path: "custom_prompts.chat",
      before: "one\ntwo\nthree\nfour",
      after: "one\ntwo and a half\nthree\nfour\nfive",
      rows: [["custom_prompts.chat", "− two\n4 lines, 3 as before", "+ two and a half\n+ five\n5 lines, 3 as before"]],
    },
    {
      it: "entries of a list of objects by their number",
      path: "list",
      before: [{ a: 1 }],
      after: [{ a: 2 }, { a: 3 }],
      rows: [
        ["list.1.a", "1", "2"],
        ["list.2.a", "none", "3"],
      ],
    },
    { it: "an empty object", path: "args", before: null, after: {}, rows: [["args", "none", "empty"]] },
  ];
  for (const { it: title, path, before, after, rows } of cases) {
    it(title, () => assert.deepEqual(rowsOf(path, before, after), rows));
  }

  it("nothing that looks like JSON, whatever differs", () => {
    const { text } = differences([
      { path: "x", before: { a: [{ b: [1, { c: "d" }] }] }, after: [{ e: { f: null } }, ["g"], "h"] },
      { path: "y", before: "text", after: { a: { b: 1 } } },
    ]);
    assert.doesNotMatch(text.replace(/<[^>]*>/g, ""), /[{}[\]]|&quot;/);
  });

  it("text, where it has markup in it", () => {
    const { text } = differences([{ path: "<b>", before: "<img src=x>", after: ["<script>"] }]);
    assert.doesNotMatch(text, /<img|<script|<b>&/);
  });

  it("little, of very much", () => {
    const before = Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`k${index}`, "x".repeat(5000)]));
    const { text } = differences([
      { path: "", before, after: {} },
      { path: "p", before: "a\n".repeat(3000), after: "b" },
    ]);
    assert.ok(text.length < 60_000, String(text.length));
    assert.match(text, /and 461 more places/);
  });
});
