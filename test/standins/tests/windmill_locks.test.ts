import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { bunLock, installedPackages, learnFrom } from "../windmill/jobs/bun_lock.ts";
import { scanImports, stripPins } from "../windmill/jobs/imports.ts";
import { packagesOf } from "../windmill/jobs/modules.ts";
import { jobsOf, runScript } from "../windmill/jobs/run.ts";
import { startFixture, WORKSPACE } from "./windmill_fixture.ts";

const sample = (file: string) =>
  readFileSync(new URL(`../../recordings/sample-rec/f/sample/${file}`, import.meta.url), "utf8");
const names = (source: string) => scanImports(source).map(({ specifier }) => specifier);

test("imports are found in source order, without those of types", () => {
  const source = `
import { a } from "first";
import type { T } from "types-only";
import { type A, type B } from "types-only-too";
import { type C, d } from "mixed";
import "bare@1.2.3";
import {
  many,
  lines,
} from "./lib/many.ts";
import type from "default-called-type";
export { e } from "re-exported";
export * from "./all.ts";
export type { F } from "exported-type";
const lazy = () => import("dynamic");
`;
  assert.deepEqual(names(source), [
    "first",
    "mixed",
    "bare@1.2.3",
    "./lib/many.ts",
    "default-called-type",
    "re-exported",
    "./all.ts",
    "dynamic",
  ]);
});

test("what only looks like an import is none", () => {
  const source = [
    "// import a from 'comment';",
    "/*",
    "import b from 'block comment';",
    "*/",
    "const quotes = /[\"'`]/g, ratio = total / 2;",
    "const text = `",
    "import c from 'template';",
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the source of a nested template
    "${nested(`import d from 'nested'`)}`;",
    'export const word = "from";',
    'import real from "real";',
  ].join("\n");
  assert.deepEqual(names(source), ["real"]);
});

test("pins are stripped from packages, also from scoped ones and sub-paths", () => {
  const source = 'import "zod@4.6.7";\nimport x from "@scope/name@1.2.3/sub/path";\nimport y from "./zod@4.ts";\n';
  assert.equal(
    stripPins(source),
    'import "zod";\nimport x from "@scope/name/sub/path";\nimport y from "./zod@4.ts";\n',
  );
});

test("dependencies are listed in the order of the walk, and only the script's own pins count", () => {
  const sources = new Map([
    ["f/x/entry", 'import { b } from "./lib/b.ts";\nimport "zod@4.6.7";\nimport { w } from "windmill-client@1.818.0";'],
    [
      "f/x/lib/b",
      'import { z } from "zod@1.0.0";\nimport { c } from "/f/y/c.ts";\nimport { e } from "eventsource-parser@2.0.0";',
    ],
    ["f/y/c", 'import "node:fs";\nimport { m } from "minimatch";\nimport "../x/entry.ts";'],
  ]);
  assert.deepEqual(
    [...packagesOf("f/x/entry", sources).packages],
    [
      ["zod", "4.6.7"],
      ["minimatch", "latest"],
      ["eventsource-parser", "latest"],
      ["windmill-client", "1.818.0"],
    ],
  );
});

test("the text of a lock is what a real server wrote", () => {
  const pinned = `${sample("inspect.ts").replace("windmill-client", "windmill-client@1.818.0")}\nimport "zod@4.6.7";\n`;
  const sources = new Map([
    ["f/sample/inspect", pinned],
    ["f/sample/lib_shape", sample("lib_shape.ts")],
  ]);
  const { packages } = packagesOf("f/sample/inspect", sources);
  assert.equal(bunLock(packages, installedPackages(), 1), sample("inspect.script.lock"));
  assert.equal(bunLock(new Map(), installedPackages(), 1), sample("check__flow/alert.lock"));
});

test("bun 1.4 writes another version of the format and nothing else", () => {
  const packages = new Map([["zod", "4.6.7"]]);
  const [older, newer] = ([1, 2] as const).map((version) => bunLock(packages, installedPackages(), version));
  assert.notEqual(newer, older);
  assert.equal(newer?.replace('"lockfileVersion": 2', '"lockfileVersion": 1'), older);
});

test("names are sorted in bun.lock and keep the walk's order in package.json", () => {
  const packages = new Map([
    ["zod", "latest"],
    ["windmill-client", "1.818.0"],
  ]);
  const lock = bunLock(packages, installedPackages(), 1);
  const [packageJson = "", locked = ""] = lock.split("\n//bun.lock\n");
  assert.deepEqual(Object.keys(JSON.parse(packageJson).dependencies), ["zod", "windmill-client"]);
  assert.deepEqual(
    [...locked.matchAll(/^ {8}"([\w-]+)"/gm)].map(([, name]) => name),
    ["windmill-client", "zod"],
  );
  assert.match(locked, /"zod": "latest",/);
  assert.match(locked, /"zod": \["zod@4\.6\.7", "", \{\}, "sha512-/);
});

test("a package that the registry does not have, or not in that version, cannot be locked", () => {
  const lockOf = (name: string, version: string) => () => bunLock(new Map([[name, version]]), installedPackages(), 1);
  assert.throws(lockOf("left-pad", "latest"), /left-pad - 404/);
  assert.throws(lockOf("zod", "3.0.0"), /No version matching "3\.0\.0" found for specifier "zod"/);
});

test("a version that a pushed lock names is in the registry, and latest stays what it is", () => {
  const registry = installedPackages();
  const [{ version = "" } = {}] = registry.get("zod") ?? [];
  const lock = bunLock(new Map([["zod", "latest"]]), registry, 1);
  const older = lock.replaceAll('"latest"', '"4.0.0"').replace(`zod@${version}`, "zod@4.0.0");
  assert.throws(() => bunLock(new Map([["zod", "4.0.0"]]), registry, 1), /No version matching/);
  learnFrom(older, registry);
  assert.equal(bunLock(new Map([["zod", "4.0.0"]]), registry, 1), older);
  assert.equal(bunLock(new Map([["zod", "latest"]]), registry, 1), lock);
});

test("what writes the locks of this repository and what makes them here share no code", () => {
  const root = new URL("../../../", import.meta.url);
  const importsIn = (folder: string) =>
    readdirSync(new URL(folder, root), { recursive: true, encoding: "utf8" })
      .filter((file) => /\.m?ts$/.test(file))
      .flatMap((file) => names(readFileSync(new URL(`${folder}/${file}`, root), "utf8")));
  const ours = importsIn("test/standins/windmill");
  const theirs = importsIn("tools");
  assert.ok(ours.length > 0 && theirs.length > 0);
  assert.deepEqual(
    theirs.filter((name) => name.includes("standins")),
    [],
  );
  assert.deepEqual(
    ours.filter((name) => /\/(tools|src)\//.test(name)),
    [],
  );
});

test("a script without a lock has one dependency job and can be run after it", async (t) => {
  const { windmill, script } = await startFixture(t);
  await script("f/team/alone", "export async function main() { return 1; }", { lock: "" });
  assert.deepEqual(
    jobsOf(windmill, WORKSPACE).map(({ kind }) => kind),
    ["dependencies"],
  );
  assert.equal((await runScript(windmill, WORKSPACE, "f/team/alone", {}, windmill.admin.token)).result, 1);
});

test("a script whose lock cannot be made is not run, and says why", async (t) => {
  const { script, call } = await startFixture(t);
  await script("f/team/broken", 'import "./absent.ts";\nexport async function main() {}', { lock: "" });
  const { body } = await call("GET", "/scripts/get/p/f/team/broken");
  assert.match(
    (body as { lock_error_logs: string }).lock_error_logs,
    /Failed to find relative import at f\/team\/absent\.ts/,
  );
  assert.equal((await call("POST", "/jobs/run/p/f/team/broken", {})).status, 404);
});
