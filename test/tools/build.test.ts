import assert from "node:assert/strict";
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, describe, it } from "node:test";
import { parse } from "yaml";
import { importedPackages, lockText, readPackages } from "../../tools/build/packages.ts";
import { parseSignature } from "../../tools/build/parser.ts";
import { applyBuild, type BuildPlan, planBuild } from "../../tools/build/plan.ts";
import { hashOf, readReleases } from "../../tools/build/releases.ts";
import { ROOT, runProgram } from "../../tools/shared/programs.ts";

const homes: string[] = [];
after(() => Promise.all(homes.map((home) => rm(home, { recursive: true, force: true }))));

/** A small repository with this one's packages. */
async function repositoryOf(files: Readonly<Record<string, string>>): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), "codex-pooler-build-"));
  homes.push(root);
  for (const file of ["package.json", "package-lock.json", "biome.json"]) await cp(join(ROOT, file), join(root, file));
  await symlink(join(ROOT, "node_modules"), join(root, "node_modules"), "junction");
  for (const [file, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, file)), { recursive: true });
    await writeFile(join(root, file), text);
  }
  return root;
}

const FORM = (fields = "{}") =>
  `export const form = { summary: "Say", description: "Says it.", timeout_s: 60, fields: ${fields} };\n`;

/** Builds a repository with one command, `say`. */
async function built(files: Readonly<Record<string, string>>): Promise<{ root: string; script: string }> {
  const root = await repositoryOf(files);
  const { writes, problems } = await planBuild(root);
  assert.deepEqual(problems, []);
  await applyBuild(root, writes);
  return { root, script: await readFile(join(root, "f/codex_pooler/say.ts"), "utf8") };
}

const problemsOf = ({ problems }: BuildPlan): string =>
  problems.map(({ file, message }) => `${file}: ${message}`).join();

describe("a script is built from its command", () => {
  const WORDS = {
    "src/core/words.ts":
      '/** Says how deep. */\nexport const say = (depth: string): string => ["depth", depth].join(" ");\nexport const unused = "not for anybody";\nexport interface Shape { a: string }\n',
    "src/inputs/say.ts": FORM('{ depth: { title: "Depth" }, more: { title: "More" } }'),
  };
  const COMMAND =
    'import { say } from "../core/words.ts";\n\n/** Says it. */\nexport async function main(depth: "free" | "chat" = "chat", more?: string[]) {\n  return [say(depth), more];\n}\n';

  it("with main as it was written first, then what it uses and nothing else, comments kept, types gone", async () => {
    const { script } = await built({ ...WORDS, "src/commands/say.ts": COMMAND });
    assert.equal(
      script,
      [
        '// Built by "npm run build" from src/commands/say.ts: change it there.',
        "",
        "/** Says it. */",
        'export async function main(depth: "free" | "chat" = "chat", more?: string[]) {',
        "  return [say(depth), more];",
        "}",
        "",
        "/** Says how deep. */",
        'const say = (depth) => ["depth", depth].join(" ");',
        "",
      ].join("\n"),
    );
  });

  it("to the same bytes every time, and is then up to date", async () => {
    const files = { ...WORDS, "src/commands/say.ts": COMMAND };
    const [one, other] = [await built(files), await built(files)];
    assert.equal(one.script, other.script);
    assert.deepEqual(await planBuild(one.root), { writes: [], problems: [] });
  });

  it("with the names of main's parameters, whatever else has these names", async () => {
    const { script } = await built({
      "src/core/depth.ts": 'export const depth = () => "outer";\nexport const more = () => "outer";\n',
      "src/core/more.ts": 'import { depth } from "./depth.ts";\nexport const more = () => depth();\n',
      "src/inputs/say.ts": FORM("{ depth: {}, more: {} }"),
      "src/commands/say.ts":
        'import { depth as outer } from "../core/depth.ts";\nimport { more as other } from "../core/more.ts";\nexport async function main(depth: string, more = 1) {\n  return [depth, more, outer(), other()];\n}\n',
    });
    const signature = parseSignature(script);
    assert.ok(Array.isArray(signature));
    assert.deepEqual(
      signature.map(({ name }) => name),
      ["depth", "more"],
    );
    const run = await runProgram([process.execPath, "--import", "tsx", "--input-type=module"], {
      cwd: ROOT,
      input: `${script.replace(": string", "")}\nconsole.log(JSON.stringify(await main("mine", 2)));\n`,
    });
    assert.equal(run.stdout.trim(), '["mine",2,"outer","outer"]', run.stderr);
  });

  it("with every function and type that it exports as they were written, because forms ask them for choices", async () => {
    const { script, root } = await built({
      "src/core/depth.ts": 'export const filterText = () => "outer";\n',
      "src/inputs/say.ts": FORM('{ depth: { title: "Depth" }, wide: { title: "Wide" } }'),
      "src/commands/say.ts":
        'import { filterText as outer } from "../core/depth.ts";\n\n/** How deep. */\nexport type DynSelect_offeredDepths = string;\n\n/** What can be chosen. */\nexport async function offeredDepths(wide?: boolean, filterText = "") {\n  return [wide ? "chat" : "free", filterText, outer()];\n}\n\n/** Says it. */\nexport async function main(depth?: DynSelect_offeredDepths, wide = false) {\n  return [depth, wide];\n}\n',
    });
    assert.equal(
      script,
      [
        '// Built by "npm run build" from src/commands/say.ts: change it there.',
        "",
        "/** How deep. */",
        "export type DynSelect_offeredDepths = string;",
        "",
        "/** Says it. */",
        "export async function main(depth?: DynSelect_offeredDepths, wide = false) {",
        "  return [depth, wide];",
        "}",
        "",
        "/** What can be chosen. */",
        'export async function offeredDepths(wide?: boolean, filterText = "") {',
        "  return offeredDepthsBody(wide, filterText);",
        "}",
        "",
        "async function offeredDepthsBody(wide, filterText$1) {",
        '  return [wide ? "chat" : "free", filterText$1, filterText()];',
        "}",
        "",
        'const filterText = () => "outer";',
        "",
      ].join("\n"),
    );
    assert.deepEqual(
      (parseSignature(script, "offeredDepths") as { name: string }[]).map(({ name }) => name),
      ["wide", "filterText"],
    );
    const { schema } = parse(await readFile(join(root, "f/codex_pooler/say.script.yaml"), "utf8"));
    assert.deepEqual(schema.properties.depth, { type: "object", format: "dynselect-offeredDepths", title: "Depth" });
  });

  it("with the packages that it reaches under their pins, and locks exactly these", async () => {
    const { root, script } = await built({
      "src/core/shape.ts":
        'import * as z from "zod";\nimport { setProgress } from "windmill-client";\nexport const Shape = z.string();\nexport const tell = setProgress;\n',
      "src/inputs/say.ts": FORM(),
      "src/commands/say.ts":
        'import { Shape } from "../core/shape.ts";\nexport async function main() {\n  return Shape.parse("x");\n}\n',
    });
    assert.match(script, /^import \* as z from "zod@\d+\.\d+\.\d+";$/m);
    assert.doesNotMatch(script, /windmill-client/);
    const { packages } = await readPackages(root);
    assert.deepEqual(importedPackages(script, packages), ["zod"]);
    assert.equal(await readFile(join(root, "f/codex_pooler/say.script.lock"), "utf8"), lockText(["zod"], packages));
  });

  const refusals: { it: string; files: Record<string, string>; says: RegExp }[] = [
    {
      it: "an import of a package that no script may have",
      files: {
        "src/commands/say.ts": 'import { x } from "left-pad";\nexport async function main() { return x; }\n',
        "src/inputs/say.ts": FORM(),
      },
      says: /src\/commands\/say\.ts imports "left-pad".*zod/,
    },
    {
      it: "a command without main",
      files: {
        "src/commands/say.ts": "export async function other() { return 1; }\n",
        "src/inputs/say.ts": FORM(),
      },
      says: /say\.ts exports no function main/,
    },
    {
      it: "choices that no exported function answers",
      files: {
        "src/commands/say.ts":
          "type DynSelect_offered = string;\nexport async function main(depth?: DynSelect_offered) { return depth; }\n",
        "src/inputs/say.ts": FORM("{ depth: {} }"),
      },
      says: /depth offers what offered answers, and the command exports no such function/,
    },
    {
      it: "choices that depend on what the form does not ask for",
      files: {
        "src/commands/say.ts":
          "export type DynSelect_offered = string;\nexport async function offered(gone: string) { return [gone]; }\nexport async function main(depth?: DynSelect_offered) { return depth; }\n",
        "src/inputs/say.ts": FORM("{ depth: {} }"),
      },
      says: /offered takes gone, which the form does not have/,
    },
    {
      it: "an exported value, which nobody could call",
      files: {
        "src/commands/say.ts": "export const other = 1;\nexport async function main() { return 1; }\n",
        "src/inputs/say.ts": FORM(),
      },
      says: /exports export const other = 1; ... A command exports functions and type aliases only/,
    },
    {
      it: "a parameter that the form does not describe",
      files: {
        "src/commands/say.ts": "export async function main(depth: string) { return depth; }\n",
        "src/inputs/say.ts": FORM(),
      },
      says: /src\/inputs\/say\.ts: main has a parameter depth, and the form does not describe it/,
    },
    {
      it: "a field that main does not have",
      files: {
        "src/commands/say.ts": "export async function main() { return 1; }\n",
        "src/inputs/say.ts": FORM("{ gone: {} }"),
      },
      says: /the form has a field gone, and main has no such parameter/,
    },
  ];
  for (const { it: title, files, says } of refusals) {
    it(`refuses ${title}`, async () => assert.match(problemsOf(await planBuild(await repositoryOf(files))), says));
  }

  it("and a file that belongs to no command goes", async () => {
    const { root } = await built({ ...WORDS, "src/commands/say.ts": COMMAND });
    await mkdir(join(root, "f/codex_pooler/lib"));
    await writeFile(join(root, "f/codex_pooler/lib/old.ts"), "export {};\n");
    await writeFile(join(root, "f/codex_pooler/old.script.yaml"), "summary: old\n");
    const { writes } = await planBuild(root);
    assert.deepEqual(
      writes.filter(({ text }) => text === null).map(({ file }) => file),
      ["f/codex_pooler/lib", "f/codex_pooler/old.script.yaml"],
    );
  });
});

describe("what is deployed from this repository", () => {
  it("is what its source says; else run: npm run build", async () => {
    const { writes, problems } = await planBuild(ROOT);
    assert.deepEqual(problems, []);
    assert.deepEqual(
      writes.map(({ file }) => file),
      [],
      "stale: run npm run build",
    );
  });

  it("is known to a later release, so that an upgrade can tell what this one leaves behind", async () => {
    const releases = await readReleases(ROOT);
    assert.equal(Object.keys(releases["0.1.0"] ?? {}).length, 156);
    const { version } = JSON.parse(await readFile(join(ROOT, "package.json"), "utf8"));
    const check = await readFile(join(ROOT, "f/codex_pooler/check.ts"), "utf8");
    assert.equal(releases[version]?.["f/codex_pooler/check"], hashOf(check));
  });
});

describe("locks", () => {
  /** The lock that a real server wrote for a script that reaches both packages. */
  const recorded = (file: string) => readFile(join(ROOT, "test/recordings/sample-rec/f/sample", file), "utf8");

  it("have the text of a real server's", async () => {
    const lock = await recorded("inspect.script.lock");
    const packages = new Map(
      [...lock.matchAll(/^ {4}"([^"]+)": \["[^"]+@([\d.]+)", "", \{\}, "([^"]+)"\],$/gm)].map(
        ([, name = "", version = "", integrity = ""]) => [name, { version, integrity }],
      ),
    );
    assert.ok(packages.size > 0);
    assert.equal(lockText([...packages.keys()], packages), lock);
  });
});
