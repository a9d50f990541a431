import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { existsSync, statSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { describe, it } from "node:test";
import { minimatch } from "minimatch";
import { parse } from "yaml";
import { looksLikeCredential } from "../../src/core/redact.ts";
import { listDeployed } from "../../tools/build/deployed.ts";
import { parseSignature } from "../../tools/build/parser.ts";
import { ROOT, runProgram } from "../../tools/shared/programs.ts";
import { syncFiles } from "../../tools/shared/sync_tree.ts";

const read = (file: string): Promise<string> => readFile(join(ROOT, file), "utf8");

/** Files that git tracks, or would with the next `git add`. */
async function repositoryFiles(): Promise<string[]> {
  const argv = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"];
  const { status, stdout, stderr } = await runProgram(argv, { cwd: ROOT });
  assert.equal(status, 0, stderr);
  return [...new Set(stdout.split("\0"))].filter((file) =>
    statSync(join(ROOT, file), { throwIfNoEntry: false })?.isFile(),
  );
}

/** Whole credentials: the gateway's pool keys and operator tokens, keys of other providers, Windmill's job tokens, JWTs. */
const WHOLE_CREDENTIALS = [
  /\b(?:sk|mcp)-cxp-[0-9a-f]{12}-([\w-]{43})/g,
  /\bsk-(?:proj-|ant-|or-v1-)?([A-Za-z0-9]{32,})/g,
  /\bjwt_([\w.-]{60,})/g,
  /\beyJ[\w-]{10,}\.[\w-]{10,}\.([\w-]{20,})/g,
];
/** A random text of 32 characters or more has many more different ones; made-up fixtures repeat a few. */
const DIFFERENT_CHARACTERS = 14;

const credentialsIn = (text: string): string[] =>
  WHOLE_CREDENTIALS.flatMap((pattern) => [...text.matchAll(pattern)])
    .filter(([, secret = ""]) => new Set(secret).size >= DIFFERENT_CHARACTERS)
    .map(([credential]) => `${credential.slice(0, 12)}...`);

/** Places of the file that match, as `file:line`. */
const places = (file: string, text: string, pattern: RegExp): string[] =>
  text.split("\n").flatMap((line, index) => (pattern.test(line) ? [`${file}:${index + 1}`] : []));

describe("no secret is in the repository", () => {
  it("the scanner knows a key from a made-up one", () => {
    const random = "q7Zk2LxV9mB4tRwY8cN1dFhJ3gPs6KaQe5UoIzXbMvC";
    assert.equal(credentialsIn(`key: sk-cxp-3f2a9c81d07e-${random}`).length, 1);
    assert.deepEqual(credentialsIn(`key: sk-cxp-0123456789ab-${"k".repeat(43)}`), []);
  });

  it("no file holds a whole credential", async () => {
    for (const file of await repositoryFiles()) {
      if (file !== "test/tools/repository.test.ts") assert.deepEqual(credentialsIn(await read(file)), [], file);
    }
  });

  it("mirrored variables are ciphertext, and mirrored resources only refer to them", async () => {
    const files = await repositoryFiles();
    const mirrored = files.filter((file) => /\.(variable|resource)\.yaml$/.test(file));
    assert.ok(mirrored.includes("u/admin/codex_pooler_windmill_codegen.resource.yaml"));
    for (const file of mirrored) {
      const text = await read(file);
      assert.equal(looksLikeCredential(text), false, `${file} holds something that looks like a credential`);
      const { is_secret, value } = parse(text);
      if (file.endsWith(".resource.yaml")) assert.match(value.api_key, /^\$var:[ufg]\//, file);
      else {
        assert.equal(is_secret, true, file);
        assert.equal(Buffer.from(value, "base64").length % 16, 0, `${file} is no ciphertext`);
      }
    }
  });
});

describe("nothing of one machine is in the repository", () => {
  it("no path of somebody's machine", async () => {
    const found = await Promise.all(
      (await repositoryFiles())
        .filter((file) => file !== "package-lock.json")
        .map(async (file) => places(file, await read(file), /\/(work|farm|root|home|Users)\/[a-z.]/)),
    );
    assert.deepEqual(found.flat(), []);
  });

  it("no registry in package-lock.json and .npmrc", async () => {
    assert.deepEqual(places("package-lock.json", await read("package-lock.json"), /"resolved"|registry|\.tgz/), []);
    assert.deepEqual(places(".npmrc", await read(".npmrc"), /registry\s*=|_auth|:\/\//), []);
  });
});

describe("package-lock.json", () => {
  it("holds every package that another one names, for all platforms: npm ci refuses a lock that does not", async () => {
    const { packages } = JSON.parse(await read("package-lock.json"));
    const locked = Object.keys(packages);
    const named = Object.values<Record<string, object | undefined>>(packages).flatMap((entry) =>
      Object.keys({ ...entry.dependencies, ...entry.optionalDependencies }),
    );
    const missing = named.filter((name) => !locked.some((place) => place.endsWith(`node_modules/${name}`)));
    assert.deepEqual(missing, []);
  });
});

describe("the recordings", () => {
  /** SHA-256 over names and contents, of the folder as it was handed over. The stand-ins are measured by it, so it is never edited. */
  const DIGEST = "f040d70a5ab524cc9e2a990139a200fe60d3008706726bee1a4b0c2413eff6f6";

  async function digestOf(folder: string): Promise<string> {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
    const hash = createHash("sha256");
    for (const file of files.sort())
      hash
        .update(relative(folder, file))
        .update("\0")
        .update(await readFile(file));
    return hash.digest("hex");
  }

  it("are byte for byte what the real server sent", async () => {
    const handedOver = join(ROOT, "../shared/recordings");
    for (const folder of [join(ROOT, "test/recordings"), handedOver].filter((folder) => existsSync(folder))) {
      assert.equal(await digestOf(folder), DIGEST, relative(ROOT, folder));
    }
  });
});

describe("wmill.yaml", () => {
  const approves = (includes: readonly string[], file: string): boolean => includes.some((one) => minimatch(file, one));

  it("includes every file of the bundle and nothing else", async () => {
    const { includes } = parse(await read("wmill.yaml"));
    const wanted = (await syncFiles(ROOT)).filter((file) => !file.startsWith("wmill"));
    assert.deepEqual(
      wanted.filter((file) => !approves(includes, file)),
      [],
    );
    const others = (await repositoryFiles()).filter((file) => !wanted.includes(file));
    assert.deepEqual(
      others.filter((file) => approves(includes, file)),
      [],
    );
  });

  it("does not reach what others keep in the same workspace, also in the same folder", async () => {
    const { includes } = parse(await read("wmill.yaml"));
    const theirs = [
      "f/codex_pooler/their_script.ts",
      "f/codex_pooler/lib/their_library.ts",
      "f/codex_pooler/their_flow__flow/flow.yaml",
      "f/codex_pooler/connect.py",
      "f/codex_pooler/health.schedule.yaml",
      "f/codex_pooler/health_state.resource.yaml",
      "f/codex_pooler/alert_webhook.variable.yaml",
      "f/codex_pooler/status__app/app.yaml",
      "f/codex_pooler/status__raw_app/raw_app.yaml",
      "f/codex_pooler/dashboard__app/app.yaml",
      "f/other/dashboard__raw_app/raw_app.yaml",
      "f/other/check.ts",
      "u/admin/codex_pooler_windmill_codegen.resource.yaml",
      "u/admin/codex_pooler_windmill_codegen.variable.yaml",
    ];
    assert.deepEqual(
      theirs.filter((file) => approves(includes, file)),
      [],
    );
  });

  it("covers apps, because the bundle has one", async () => {
    const { apps } = await listDeployed(ROOT);
    assert.deepEqual(apps, ["f/codex_pooler/dashboard__raw_app"]);
    assert.equal(parse(await read("wmill.yaml")).skipApps, false);
  });

  it("leaves out every type of item that the bundle has none of, and names no workspace", async () => {
    const settings = parse(await read("wmill.yaml"));
    const skipped = [
      "Variables",
      "Secrets",
      "Resources",
      "ResourceTypes",
      "WorkspaceDependencies",
      "DatatableMigrations",
    ];
    for (const type of skipped) assert.equal(settings[`skip${type}`], true, type);
    const included = ["Schedules", "Triggers", "Users", "Groups", "Settings", "Key"];
    for (const type of included) assert.equal(settings[`include${type}`], false, type);
    assert.deepEqual(settings.workspaces, {});
  });
});

describe("flows", () => {
  interface Step {
    type: string;
    path: string;
    input_transforms: Record<string, unknown>;
  }
  const isStep = (value: unknown): value is Step =>
    typeof value === "object" && value !== null && "type" in value && value.type === "script" && "path" in value;
  const stepsIn = (value: unknown): Step[] => [
    ...(isStep(value) ? [value] : []),
    ...(typeof value === "object" && value !== null ? Object.values(value).flatMap(stepsIn) : []),
  ];

  it("run scripts of the bundle, with inputs that those have", async () => {
    const { flows } = await listDeployed(ROOT);
    assert.ok(flows.length > 0);
    for (const flow of flows) {
      for (const { path, input_transforms } of stepsIn(parse(await read(`${flow}/flow.yaml`)))) {
        const signature = parseSignature(await read(`${path}.ts`));
        assert.ok(Array.isArray(signature), `${flow}: ${path} has no main`);
        const inputs = signature.map(({ name }) => name);
        const unknown = Object.keys(input_transforms).filter((name) => !inputs.includes(name));
        assert.deepEqual(unknown, [], `${flow}: inputs that ${path} does not have`);
        const missing = signature.filter(({ name, optional }) => !optional && !(name in input_transforms));
        assert.deepEqual(missing, [], `${flow}: inputs that ${path} needs`);
      }
    }
  });
});
