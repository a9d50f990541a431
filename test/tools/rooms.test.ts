import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { join, posix } from "node:path";
import { describe, it } from "node:test";
import { ROOT } from "../../tools/shared/programs.ts";

/** The rooms of src/ in their order: an import goes to an earlier room or stays at home. docs/architecture.md tells what is in each. */
const ROOMS = [
  ...["core", "inputs", "windmill", "observe", "probe", "table", "diagnose", "check", "change", "tell", "health"],
  ...["fleet", "pages", "dashboard", "repair", "walks", "choices", "commands"],
];

/** Lines that a file may have; tables may be longer. */
const LONGEST = 300;

interface Source {
  file: string;
  room: string;
  text: string;
  /** What it imports: files of src/ as paths, packages by name; whether only as a type. */
  imports: { from: string; type: boolean }[];
}

async function readSources(): Promise<Source[]> {
  const entries = await readdir(join(ROOT, "src"), { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => posix.join(parentPath.slice(ROOT.length + 1).replaceAll("\\", "/"), name));
  return Promise.all(
    files.sort().map(async (file) => {
      const text = await readFile(join(ROOT, file), "utf8");
      const imports = [...text.matchAll(/^(?:import|export)\s+(type\s)?[^;"]*?from\s+"([^"]+)"|^import\s+"([^"]+)"/gm)];
      return {
        file,
        room: file.split("/")[1] ?? "",
        text,
        imports: imports.map(([, type, from = "", bare]) => ({
          from: bare ?? (from.startsWith(".") ? posix.join(posix.dirname(file), from) : from),
          type: type !== undefined,
        })),
      };
    }),
  );
}

const sources = await readSources();

describe("the rooms of src/", () => {
  it("are those that are known, and every file is in one", () => {
    assert.ok(sources.length > 100);
    assert.deepEqual([...new Set(sources.map(({ room }) => room))].sort(), [...ROOMS].sort());
  });

  it("import from earlier rooms only, or stay at home; types count", () => {
    const order = (room: string): number => ROOMS.indexOf(room);
    const against = sources.flatMap(({ file, room, imports }) =>
      imports
        .filter(({ from }) => from.startsWith("src/") && order(from.split("/")[1] ?? "") > order(room))
        .map(({ from }) => `${file} imports ${from}`),
    );
    assert.deepEqual(against, []);
  });

  it("import nothing from outside src/ but packages", () => {
    const outside = sources.flatMap(({ file, imports }) =>
      imports
        .filter(({ from }) => from.startsWith("..") || /^(f|test|tools)\//.test(from))
        .map(({ from }) => `${file} imports ${from}`),
    );
    assert.deepEqual(outside, []);
  });

  it("have no circles", () => {
    const byFile = new Map(sources.map((source) => [source.file, source]));
    const done = new Set<string>();
    const circles: string[] = [];
    const visit = (file: string, way: string[]): void => {
      if (way.includes(file)) circles.push([...way.slice(way.indexOf(file)), file].join(" > "));
      if (done.has(file) || way.includes(file)) return;
      for (const { from } of byFile.get(file)?.imports ?? []) if (byFile.has(from)) visit(from, [...way, file]);
      done.add(file);
    };
    for (const { file } of sources) visit(file, []);
    assert.deepEqual(circles, []);
  });

  it("have no two files of a room that differ by an ending only", () => {
    const stems = new Map<string, string[]>();
    for (const { file } of sources) {
      const stem = file.replace(/(s|ing|ed|er)?\.ts$/, "");
      stems.set(stem, [...(stems.get(stem) ?? []), file]);
    }
    assert.deepEqual(
      [...stems.values()].filter((files) => files.length > 1),
      [],
    );
  });

  it(`hold files of at most ${LONGEST} lines, but for tables`, () => {
    const long = sources.filter(({ room, text }) => room !== "table" && text.split("\n").length - 1 > LONGEST);
    assert.deepEqual(
      long.map(({ file }) => file),
      [],
    );
  });

  it("are each told of in docs/architecture.md", async () => {
    const told = await readFile(join(ROOT, "docs/architecture.md"), "utf8");
    assert.deepEqual(
      ROOMS.filter((room) => !told.includes(`\`${room}\``)),
      [],
    );
  });
});

describe("the commands", () => {
  it("import no other command, and each has its form in a file of its name", async () => {
    const forms = await readdir(join(ROOT, "src/inputs"));
    for (const { file, imports } of sources.filter(({ room }) => room === "commands")) {
      assert.ok(forms.includes(posix.basename(file)), `src/inputs/${posix.basename(file)} is missing`);
      assert.deepEqual(
        imports.filter(({ from }) => from.startsWith("src/commands/")),
        [],
        file,
      );
    }
  });
});

describe("what is deployed", () => {
  it("is three files for each command, two flows and the folder beside the app, and at most sixteen commands", async () => {
    const entries = await readdir(join(ROOT, "f/codex_pooler"), { recursive: true, withFileTypes: true });
    const files = entries.filter((entry) => entry.isFile() && !entry.parentPath.includes("__raw_app"));
    const commands = sources.filter(({ room }) => room === "commands").length;
    assert.ok(commands <= 16, `${commands} commands: each is a line in everybody's home page`);
    assert.equal(files.length, 3 * commands + 3);
  });
});
