import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { scanImports, stripPins } from "../windmill/jobs/imports.ts";
import { installedReleases } from "../windmill/jobs/locks.ts";
import { dependenciesOf, EMPTY_LOCK, LockError, lockText, relock } from "../windmill/jobs/relock.ts";
import { jobsOf, runScript, settle } from "../windmill/jobs/run.ts";
import { type Fixture, startFixture, WORKSPACE } from "./windmill_fixture.ts";

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
    [...dependenciesOf("f/x/entry", sources)],
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
  assert.equal(relock("f/sample/inspect", sources, installedReleases()), sample("inspect.script.lock"));
  assert.equal(EMPTY_LOCK, sample("check__flow/alert.lock"));
});

test("names are sorted in bun.lock and keep the walk's order in package.json", () => {
  const lock = lockText(
    new Map([
      ["zod", "latest"],
      ["windmill-client", "1.818.0"],
    ]),
    installedReleases(),
  );
  const [packageJson = "", bunLock = ""] = lock.split("\n//bun.lock\n");
  assert.deepEqual(Object.keys(JSON.parse(packageJson).dependencies), ["zod", "windmill-client"]);
  assert.deepEqual(
    [...bunLock.matchAll(/^ {8}"([\w-]+)"/gm)].map(([, name]) => name),
    ["windmill-client", "zod"],
  );
  assert.match(bunLock, /"zod": "latest",/);
  assert.match(bunLock, /"zod": \["zod@4\.6\.7", "", \{\}, "sha512-/);
});

test("a lock that cannot be made says what is missing", () => {
  const lockOf = (source: string) => () => relock("f/x/a", new Map([["f/x/a", source]]), installedReleases());
  assert.throws(
    lockOf('import "./absent.ts";'),
    (error: Error) => error instanceof LockError && /f\/x\/absent\.ts/.test(error.message),
  );
  assert.throws(lockOf('import "left-pad";'), /left-pad is not installed/);
  assert.throws(lockOf('import "zod@3.0.0";'), /zod@3\.0\.0, but 4\.6\.7 is installed/);
});

const LIBRARY = 'import { z } from "zod";\nexport const Name = z.string();\n';
const ENTRY = 'import { Name } from "./library.ts";\nexport async function main() { return Name.parse("x"); }\n';

async function lockOf({ call }: Fixture, path: string): Promise<unknown> {
  return ((await call("GET", `/scripts/get/p/${path}`)).body as { lock?: unknown }).lock;
}

test("importers are locked again five seconds after their library was deployed", async (t) => {
  const fixture = await startFixture(t);
  const { windmill, script } = fixture;
  await script("f/team/library", LIBRARY, { lock: "library's own" });
  await script("f/team/entry", ENTRY, { lock: "entry's own" });
  await script("f/team/pinned", `import "zod@4.6.7";\n${ENTRY}`, { lock: "pinned's own" });
  await fixture.call("POST", "/scripts/create", {
    ...{ path: "f/team/library", content: `${LIBRARY}// changed\n`, language: "bun", summary: "", description: "" },
    ...{ lock: "library's new", auto_parent: true },
  });
  await windmill.store.clock.advance(4_000);
  assert.equal(await lockOf(fixture, "f/team/entry"), "entry's own");
  await windmill.store.clock.advance(1_500);
  await settle(windmill);
  assert.match(String(await lockOf(fixture, "f/team/entry")), /"zod": "latest"/);
  assert.match(String(await lockOf(fixture, "f/team/pinned")), /"zod": "4\.6\.7"/);
  assert.equal(await lockOf(fixture, "f/team/library"), "library's new");
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
  assert.match((body as { lock_error_logs: string }).lock_error_logs, /f\/team\/absent\.ts, which does not exist/);
  assert.equal((await call("POST", "/jobs/run/p/f/team/broken", {})).status, 404);
});
