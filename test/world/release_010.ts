import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { stringify } from "yaml";
import { z } from "zod";

/**
 * Version 0.1.0 as a tree that wmill can push: its 156 scripts as stubs. A stub imports what the script imported, in the same order
 * and with the same pins, and has its lock, so that Windmill makes the same dependency jobs of it; it does nothing. Its two flows
 * are there as a sequence of their scripts, its app is not.
 */

const Fixture = z.object({
  folder: z.string(),
  flows: z.record(z.string(), z.array(z.string())),
  locks: z.record(z.string(), z.string()),
  scripts: z.record(
    z.string(),
    z.object({
      sha256: z.string(),
      summary: z.string(),
      main: z.boolean(),
      packages: z.string(),
      imports: z.array(z.string()),
    }),
  ),
});

const { folder, flows, locks, scripts } = Fixture.parse(
  JSON.parse(readFileSync(new URL("../fixtures/release_0.1.0.json", import.meta.url), "utf8")),
);

/** A script of version 0.1.0. */
export interface ReleasedScript {
  /** Windmill path, e.g. `f/codex_pooler/lib/json`. */
  path: string;
  /** SHA-256 of the code that was released, without the white space at its end, as hex. */
  sha256: string;
  /** The stub's code. */
  stub: string;
  /** The same of the stub's code. */
  stubSha256: string;
}

const sha256 = (text: string): string => createHash("sha256").update(text.trimEnd()).digest("hex");

/** Every script of version 0.1.0, sorted by path. */
export const RELEASE_010: readonly ReleasedScript[] = Object.entries(scripts).map(([name, { sha256: released }]) => {
  const stub = stubOf(name);
  return { path: `${folder}/${name}`, sha256: released, stub, stubSha256: sha256(stub) };
});

function stubOf(name: string): string {
  const { main = false, imports = [] } = scripts[name] ?? {};
  const lines = imports.map((specifier, index) =>
    specifier.startsWith("type ")
      ? `import type * as types${index} from "${specifier.slice("type ".length)}";`
      : `import "${specifier}";`,
  );
  const body = main ? `export async function main() {\n  return "${name}";\n}` : `export const stub = "${name}";`;
  return `// Stub of ${name}.ts, version 0.1.0.\n${lines.map((line) => `${line}\n`).join("")}\n${body}\n`;
}

/** Writes the tree of version 0.1.0 into a folder: what `wmill sync push` needs there, and nothing else. */
export async function writeRelease010(root: string): Promise<void> {
  const write = async (file: string, text: string): Promise<void> => {
    await mkdir(dirname(join(root, file)), { recursive: true });
    await writeFile(join(root, file), text);
  };
  const schema = {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    type: "object",
    properties: {},
    required: [],
  };
  for (const [name, { summary, packages }] of Object.entries(scripts)) {
    const path = `${folder}/${name}`;
    const lock = `!inline ${path}.script.lock`;
    await write(`${path}.ts`, stubOf(name));
    await write(`${path}.script.lock`, locks[packages] ?? "");
    await write(`${path}.script.yaml`, stringify({ summary, description: "", lock, kind: "script", schema }));
  }
  for (const [name, steps] of Object.entries(flows)) {
    const modules = steps.map((step) => ({
      id: step,
      value: { type: "script", path: `${folder}/${step}`, input_transforms: {} },
    }));
    const flow = { summary: name, description: "", value: { modules }, schema };
    await write(`${folder}/${name}__flow/flow.yaml`, stringify(flow));
  }
  await write(`${folder}/folder.meta.yaml`, stringify({ summary: "", display_name: "Codex Pooler" }));
  await write("wmill.yaml", stringify(settings()));
}

/** What version 0.1.0 pushed with: exactly its own files, and no kind of item that it did not have. */
function settings(): object {
  const skipped = [
    "Variables",
    "Secrets",
    "Resources",
    "ResourceTypes",
    "WorkspaceDependencies",
    "DatatableMigrations",
  ];
  const left = ["Schedules", "Triggers", "Users", "Groups", "Settings", "Key"];
  return {
    ...{ defaultTs: "bun", nonDottedPaths: true, syncBehavior: "v1" },
    includes: [
      `${folder}/folder.meta.yaml`,
      ...RELEASE_010.map(({ path }) => `${path}.{ts,script.yaml,script.lock}`),
      ...Object.keys(flows).map((name) => `${folder}/${name}__flow/**`),
    ],
    excludes: [],
    ...Object.fromEntries(skipped.map((kind) => [`skip${kind}`, true])),
    ...Object.fromEntries(left.map((kind) => [`include${kind}`, false])),
    workspaces: {},
  };
}
