import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { parse } from "yaml";
import { listBundle } from "../../tools/metadata/bundle.ts";
import { applyMetadata, planMetadata } from "../../tools/metadata/plan.ts";
import { PROGRAMS, ROOT, runProgram } from "../../tools/shared/programs.ts";
import { type BundleFixture, bundleFixture } from "./bundle_fixture.ts";

const fixtures: BundleFixture[] = [];
after(() => Promise.all(fixtures.map((fixture) => fixture.end())));

async function fixtureOf(files: Readonly<Record<string, string>>): Promise<BundleFixture> {
  const fixture = await bundleFixture(files);
  fixtures.push(fixture);
  return fixture;
}

/** Writes the metadata of the files and returns the repository. */
async function written(files: Readonly<Record<string, string>>): Promise<BundleFixture> {
  const fixture = await fixtureOf(files);
  const { writes, problems } = await planMetadata(fixture.root);
  assert.deepEqual(problems, []);
  await applyMetadata(fixture.root, writes);
  return fixture;
}

const pinsOf = (text: string): string[] => [...text.matchAll(/^import "([^"]+)";$/gm)].map((match) => match[1] ?? "");
const sample = (file: string): Promise<string> =>
  readFile(join(ROOT, "test/recordings/sample-rec/f/sample", file), "utf8");

const SHAPES =
  'import { z } from "zod@4.6.7";\nexport const Shape = z.string();\nexport type Shape = z.infer<typeof Shape>;\n';
const CLIENT = 'import { VariableService } from "windmill-client@1.818.0";\nexport const service = VariableService;\n';
const ZOD = "zod@4.6.7";
const WINDMILL = "windmill-client@1.818.0";

describe("pins", () => {
  const LIBRARIES = { "lib/shapes.ts": SHAPES, "lib/client.ts": CLIENT };
  const cases: { it: string; source: string; pins: string[] }[] = [
    { it: "a module without packages gets none", source: "export const one = 1;\n", pins: [] },
    { it: "a package that the module imports itself needs no further pin", source: SHAPES, pins: [] },
    {
      it: "a package that is reached through a module is pinned",
      source: 'import { Shape } from "../unit/shapes.ts";\nexport const parse = (x: unknown) => Shape.parse(x);\n',
      pins: [ZOD],
    },
    {
      it: "type-only imports count as reaching",
      source: 'import type { Shape } from "../unit/shapes.ts";\nexport const empty = (x: Shape) => x === "";\n',
      pins: [ZOD],
    },
    {
      it: "a package that is imported for its types only is pinned, because bun drops that import",
      source: 'import { z } from "zod@4.6.7";\nexport type Text = z.ZodString;\n',
      pins: [ZOD],
    },
    {
      it: "several are sorted by name",
      source:
        'import { Shape } from "../unit/shapes.ts";\nimport { service } from "../unit/client.ts";\nexport const all = [Shape, service];\n',
      pins: [WINDMILL, ZOD],
    },
    {
      it: "pins that are no longer needed, or of another version, go away",
      source:
        'import "windmill-client@1.818.0";\nimport "zod@4.6.6";\nimport { Shape } from "../unit/shapes.ts";\nexport const shape = Shape;\n',
      pins: [ZOD],
    },
    {
      it: "all packages are pinned where a type-only import would change their order",
      source:
        'import { Shape } from "../unit/shapes.ts";\nimport type { service } from "../unit/client.ts";\nimport { z } from "zod@4.6.7";\nimport { VariableService } from "windmill-client@1.818.0";\nexport const all = (x: typeof service) => [Shape, z, VariableService, x];\n',
      pins: [],
    },
  ];
  for (const { it: title, source, pins } of cases) {
    it(title, async () => {
      const fixture = await written({ ...LIBRARIES, "lib/probe.ts": source });
      assert.deepEqual(pinsOf(await fixture.read("lib/probe.ts")), pins);
    });
  }

  it("stand after the comment at the top of the file and before its first import", async () => {
    const source = '/** What this is. */\n\nimport { Shape } from "../unit/shapes.ts";\nexport const shape = Shape;\n';
    const fixture = await written({ "lib/shapes.ts": SHAPES, "lib/probe.ts": source });
    const text = await fixture.read("lib/probe.ts");
    assert.equal(text, source.replace("import {", 'import "zod@4.6.7";\nimport {'));
  });
});

describe("locks", () => {
  it("are byte for byte the recorded ones, for both packages, for zod alone and for none", async () => {
    const fixture = await written({
      "lib/client.ts": CLIENT,
      "lib/shapes.ts": SHAPES,
      "lib/none.ts": "export const a = 1;\n",
    });
    await fixture.write(
      "both.ts",
      'import { service } from "../unit/lib/client.ts";\nimport { Shape } from "../unit/lib/shapes.ts";\nexport async function main() { return [service, Shape]; }\n',
    );
    const { writes } = await planMetadata(fixture.root);
    const both = writes.find(({ file }) => file === "f/codex_pooler/both.script.lock");
    assert.equal(both?.text, await sample("inspect.script.lock"));
    assert.equal(await fixture.read("lib/shapes.script.lock"), await sample("lib_shape.script.lock"));
    assert.equal(await fixture.read("lib/none.script.lock"), await sample("check__flow/alert.lock"));
  });

  it("list what the worker's own bun finds, in its order, pinned, for every script of this repository", async () => {
    const { modules } = await listBundle(ROOT);
    const script = fileURLToPath(new URL("worker_lock.mjs", import.meta.url));
    const input = JSON.stringify({ root: ROOT, scripts: modules });
    const run = await runProgram([...PROGRAMS.bun, script], { cwd: ROOT, input });
    assert.equal(run.status, 0, run.stderr);
    const found: Record<string, Record<string, string>> = JSON.parse(run.stdout);
    assert.ok(modules.length > 10);
    for (const module of modules) {
      const lock = await readFile(join(ROOT, `${module}.script.lock`), "utf8");
      const locked: Record<string, string> = JSON.parse(lock.slice(0, lock.indexOf("//bun.lock"))).dependencies;
      assert.deepEqual(Object.entries(found[module] ?? {}), Object.entries(locked), module);
    }
  });
});

describe("problems name the file and the fix", () => {
  const cases: { it: string; file: string; text: string; says: RegExp }[] = [
    {
      it: "no version",
      file: "lib/a.ts",
      text: 'import { z } from "zod";\nexport const s = z;\n',
      says: /write "zod@4\.6\.7"/,
    },
    {
      it: "another version",
      file: "lib/a.ts",
      text: 'import { z } from "zod@3.25.0";\nexport const s = z;\n',
      says: /write "zod@4\.6\.7"/,
    },
    {
      it: "a type-only import without version",
      file: "lib/a.ts",
      text: 'import type { z } from "zod";\nexport type S = z.ZodString;\n',
      says: /write "zod@4\.6\.7"/,
    },
    {
      it: "a package that is no dependency",
      file: "lib/a.ts",
      text: 'import { Hono } from "hono@4.13.19";\nexport const h = Hono;\n',
      says: /package\.json does not list/,
    },
    {
      it: "a relative import without .ts",
      file: "lib/a.ts",
      text: 'import { x } from "./b";\nexport const y = x;\n',
      says: /write the \.ts/,
    },
    {
      it: "a module outside the bundle",
      file: "lib/a.ts",
      text: 'import { x } from "../../other.ts";\nexport const y = x;\n',
      says: /no file of the bundle/,
    },
    {
      it: "a name that Windmill reads as a language",
      file: "lib/prefetch.ts",
      text: "export const y = 1;\n",
      says: /fetch, bun or deno/,
    },
    { it: "a name with a dot", file: "lib/a.test.ts", text: "export const y = 1;\n", says: /no dots/ },
    { it: "metadata of a script that is gone", file: "lib/a.script.yaml", text: "summary: gone\n", says: /delete it/ },
    {
      it: "a generic arrow function, which tsx reads as an element",
      file: "lib/a.ts",
      text: "export const same = <T>(x: T): T => x;\n",
      says: /as \.tsx/,
    },
    { it: "no TypeScript", file: "lib/a.ts", text: "export const = 1;\n", says: /not valid TypeScript/ },
  ];
  for (const { it: title, file, text, says } of cases) {
    it(title, async () => {
      const { root } = await fixtureOf({ [file]: text });
      const { problems, writes } = await planMetadata(root);
      assert.deepEqual(
        problems.map((problem) => problem.file),
        [`f/codex_pooler/${file}`],
      );
      assert.match(problems[0]?.message ?? "", says);
      assert.deepEqual(writes, []);
    });
  }
});

describe("the whole repository", () => {
  it("is unchanged by a second run", async () => {
    const fixture = await written({
      "connect.ts":
        'import { Shape } from "../unit/lib/shapes.ts";\nexport async function main(base_url: string) { return Shape.parse(base_url); }\n',
      "lib/shapes.ts": SHAPES,
      "lib/deep/client.ts": CLIENT,
      "health__flow/flow.yaml": "summary: Health\nvalue:\n  modules: []\n",
    });
    assert.deepEqual(await planMetadata(fixture.root), { writes: [], problems: [] });
  });

  it("names a stale lock, form and wmill.yaml, and writes nothing by itself", async () => {
    const fixture = await written({ "connect.ts": "export async function main(a: string) { return a; }\n" });
    await fixture.write("connect.ts", "export async function main(a: number, b?: boolean) { return [a, b]; }\n");
    await fixture.write("connect.script.lock", "{}");
    await fixture.write("lib/more.ts", "export const more = 1;\n");
    const { writes } = await planMetadata(fixture.root);
    const files = writes.map(({ file }) => file.replace("f/codex_pooler/", ""));
    assert.deepEqual(files, [
      "connect.script.lock",
      "connect.script.yaml",
      "lib/more.script.lock",
      "lib/more.script.yaml",
      "wmill.yaml",
      "wmill-lock.yaml",
    ]);
    assert.equal(await fixture.read("connect.script.lock"), "{}");
    const yaml = writes.find(({ file }) => file.endsWith("connect.script.yaml"));
    assert.deepEqual(yaml?.why, [
      'schema.order is ["a"], and must be ["a","b"]',
      'schema.properties.a.type is "string", and must be "number"',
      'schema.properties.b is absent, and must be {"type":"boolean"}',
    ]);
  });

  it("gives libraries a description from their docblock and no form", async () => {
    const source = "/** Rules for base URLs, e.g. of gateways. More of it. */\n\nexport const rules = [];\n";
    const fixture = await written({ "lib/base_url.ts": source });
    assert.deepEqual(parse(await fixture.read("lib/base_url.script.yaml")), {
      summary: "Codex Pooler library: base_url",
      description: "Rules for base URLs, e.g. of gateways.",
      lock: "!inline f/codex_pooler/lib/base_url.script.lock",
      kind: "script",
      schema: { $schema: "https://json-schema.org/draft/2020-12/schema", type: "object", properties: {}, required: [] },
    });
  });
});
