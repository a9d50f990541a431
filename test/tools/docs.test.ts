import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, it } from "node:test";
import { ROOT } from "../../tools/shared/programs.ts";

const read = (file: string): string => readFileSync(join(ROOT, file), "utf8");
const PAGES = [
  "README.md",
  ...readdirSync(join(ROOT, "docs"))
    .filter((file) => file.endsWith(".md"))
    .map((file) => `docs/${file}`),
];

/** A page without its blocks of code, which may hold anything. */
const prose = (page: string): string => read(page).replace(/^ *```[\s\S]*?^ *```/gm, "");

/** Anchors as GitHub makes them of headings. */
const anchorsOf = (page: string): string[] =>
  [...prose(page).matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}_ -]/gu, "")
      .replaceAll(" ", "-"),
  );

describe("the documentation", () => {
  it("links to files and headings that are there", () => {
    const broken = PAGES.flatMap((page) =>
      [...prose(page).matchAll(/\]\((?!https?:)([^)#\s]*)(?:#([^)\s]+))?\)/g)]
        .filter(([, file = "", anchor]) => {
          const target = file === "" ? page : join(dirname(page), file);
          return !existsSync(join(ROOT, target)) || (anchor !== undefined && !anchorsOf(target).includes(anchor));
        })
        .map(([link]) => `${page}: ${link}`),
    );
    assert.deepEqual(broken, []);
  });

  it("names npm commands that package.json has, and README all of them", () => {
    const scripts = Object.keys(JSON.parse(read("package.json")).scripts);
    const named = (page: string): string[] =>
      [...read(page).matchAll(/npm (?:run (?:--silent )?(\w+)|(start|test))/g)].map(
        ([, script, short]) => script ?? short ?? "",
      );
    const unknown = PAGES.flatMap((page) => named(page).filter((name) => !scripts.includes(name)));
    assert.deepEqual(unknown, []);
    assert.deepEqual(
      scripts.filter((name) => !named("README.md").includes(name)),
      [],
    );
  });

  it("names modules that are there", () => {
    const modules = PAGES.flatMap((page) => [
      ...read(page).matchAll(/`((?:src|lib|test|tools|core|probe|health|repair)\/[\w/]+(?:\.(?:ts|json))?)\/?\*?`/g),
    ]);
    assert.ok(modules.length > 20);
    const places = ["", "src/", "f/codex_pooler/dashboard__raw_app/"];
    const missing = modules
      .map(([, path = ""]) => path)
      .filter((path) => !places.some((place) => existsSync(join(ROOT, place, path))));
    assert.deepEqual(missing, []);
  });
});
