import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { z } from "zod";
import { readReleases } from "../../tools/build/releases.ts";
import { type Conversation, type DeployResult, deploy } from "../../tools/deploy/deploy.ts";
import { ROOT } from "../../tools/shared/programs.ts";
import { withTemporaryFolder } from "../../tools/shared/temporary.ts";
import { callWindmill, type Target } from "../../tools/shared/windmill_api.ts";
import { runWmill } from "../../tools/shared/wmill.ts";
import { dependencyJobs, deployed, settle } from "../standins/windmill/jobs/run.ts";
import { startWindmill, type WindmillStandin } from "../standins/windmill/server.ts";
import { RELEASE_010, writeRelease010 } from "../world/release_010.ts";
import { type RepositoryCopy, repositoryCopy } from "../world/repository_copy.ts";

/** What a deployment costs the workers that everybody shares, and what an upgrade from 0.1.0 leaves behind. */

let windmill: WindmillStandin;
let repository: RepositoryCopy;
let target: Target;
const said: string[] = [];
const talk: Conversation = { say: (line) => void said.push(line), confirm: async () => true };

async function deployTo(workspace: string, options: { prune?: boolean; dryRun?: boolean } = {}): Promise<DeployResult> {
  said.length = 0;
  const { prune = false, dryRun = false } = options;
  return deploy({ ...target, workspace }, { root: repository.root, dryRun, prune }, talk);
}

/** The dependency jobs of a workspace so far, as `<kind> <path>`, each as often as it was made. */
async function jobsOf(workspace: string): Promise<string[]> {
  await settle(windmill);
  const { items } = dependencyJobs(windmill, workspace);
  return items.flatMap(({ kind, path, made }) => Array<string>(made).fill(`${kind} ${path}`)).sort();
}

/** Paths of the scripts that the workspace has, without archived ones. */
function scriptsOf(id: string): string[] {
  const workspace = windmill.store.workspaces.get(id);
  assert.ok(workspace);
  const current = [...deployed(workspace).scripts].filter(([, versions]) => versions.at(-1)?.archived === false);
  return current.map(([path]) => path).sort();
}

before(async () => {
  windmill = await startWindmill();
  target = { baseUrl: windmill.url, workspace: "", token: windmill.admin.token };
  repository = await repositoryCopy();
});
after(async () => {
  await windmill.close();
  await repository.end();
});

describe("a deployment to an empty workspace", { concurrency: false }, () => {
  const FIRST = ["app f/codex_pooler/dashboard", "flow f/codex_pooler/fleet", "flow f/codex_pooler/health"];

  it("starts no dependency job for any script", async () => {
    windmill.createWorkspace("fresh");
    assert.equal(await deployTo("fresh"), "deployed");
    assert.deepEqual(await jobsOf("fresh"), FIRST);
    assert.equal(scriptsOf("fresh").length, repository.scripts.length);
    assert.match(said.join("\n"), /Deployed in [\d.]+ s\. Compared/);
  });

  it("starts none at all when it is repeated, nor after a change of code", async () => {
    assert.equal(await deployTo("fresh"), "unchanged");
    const words = "src/core/words.ts";
    await repository.upgrade(words, (await repository.read(words)).replace('"nobody"', '"nobody at all"'));
    assert.equal(await deployTo("fresh"), "deployed");
    assert.deepEqual(await jobsOf("fresh"), FIRST);
  });

  it("is what the plain wmill does in a clone, without a build", async () => {
    windmill.createWorkspace("plain");
    await withTemporaryFolder(async (folder) => {
      const { copySyncTree, linkPackages } = await import("../../tools/shared/sync_tree.ts");
      await copySyncTree(ROOT, join(folder, "tree"));
      await linkPackages(ROOT, join(folder, "tree"));
      const run = await runWmill({ ...target, workspace: "plain" }, folder, ["sync", "push", "--yes"]);
      assert.equal(run.status, 0, run.stderr);
    });
    assert.deepEqual(await jobsOf("plain"), FIRST);
    assert.deepEqual(scriptsOf("plain"), scriptsOf("fresh"));
  });
});

describe("an upgrade from 0.1.0", { concurrency: false }, () => {
  const CHANGED = "f/codex_pooler/lib/json";
  const THEIRS = ["f/codex_pooler/lib/their_library", "f/codex_pooler/their_script"];
  const post = (path: string, body: object) =>
    callWindmill({ ...target, workspace: "old" }, `w/old/${path}`, z.string(), body);
  const libraries = RELEASE_010.map(({ path }) => path).filter((path) => path.includes("/lib/"));

  before(async () => {
    await windmill.close();
    // What the old release sets off by itself is another test's question.
    windmill = await startWindmill({ relocking: { most: 0 } });
    target = { baseUrl: windmill.url, workspace: "", token: windmill.admin.token };
    windmill.createWorkspace("old");
    await withTemporaryFolder(async (folder) => {
      await writeRelease010(join(folder, "tree"));
      const run = await runWmill({ ...target, workspace: "old" }, folder, [
        "sync",
        "push",
        "--yes",
        "--locks-required",
      ]);
      assert.equal(run.status, 0, run.stderr);
    });
    const script = { language: "bun", kind: "script", summary: "theirs", description: "", schema: {}, lock: "" };
    for (const path of THEIRS)
      await post("scripts/create", { ...script, path, content: "export async function main() {}" });
    const current = await callWindmill(target, `w/old/scripts/get/p/${CHANGED}`, z.looseObject({ hash: z.string() }));
    await post("scripts/create", { ...current, parent_hash: current.hash, content: "export const mine = 1;" });
    // The tree of 0.1.0 in the tests is made of stubs, so the copy's list of releases has their hashes.
    const file = join(repository.root, "tools/build/releases.json");
    const releases = await readReleases(repository.root);
    const stubs = Object.fromEntries(RELEASE_010.map(({ path, stubSha256 }) => [path, stubSha256]));
    await writeFile(file, `${JSON.stringify({ ...releases, "0.1.0": stubs }, null, 2)}\n`);
  });

  it("knows the scripts that 0.1.0 had really put there", async () => {
    const real = (await readReleases(ROOT))["0.1.0"];
    assert.deepEqual(real, Object.fromEntries(RELEASE_010.map(({ path, sha256 }) => [path, sha256])));
  });

  it("replaces what is still there, names what is left behind, and archives none of it by itself", async () => {
    assert.equal(libraries.length, 142);
    assert.equal(await deployTo("old"), "deployed");
    assert.ok(said.some((line) => line.startsWith("141 script(s) of a past release are no longer used. Add --prune")));
    assert.ok(said.some((line) => line.includes(`left alone: ${CHANGED} was of a past release`)));
    assert.deepEqual(
      libraries.filter((path) => !scriptsOf("old").includes(path)),
      [],
    );
  });

  it("shows with --prune --dry-run what would be archived, and archives nothing", async () => {
    assert.equal(await deployTo("old", { prune: true, dryRun: true }), "planned");
    assert.equal(said.filter((line) => line.startsWith("  - archive script f/codex_pooler/lib/")).length, 141);
    assert.ok(scriptsOf("old").includes("f/codex_pooler/lib/redact"));
  });

  it("archives with --prune what is still a past release's, and nothing else", async () => {
    assert.equal(await deployTo("old", { prune: true }), "deployed");
    assert.deepEqual(scriptsOf("old"), [...repository.scripts, CHANGED, ...THEIRS].sort());
    assert.equal(await deployTo("old", { prune: true }), "unchanged");
  });

  it("leaves in the workspace what is in the repository", async () => {
    const read = (path: string) => readFile(join(repository.root, `${path}.ts`), "utf8");
    const workspace = windmill.store.workspaces.get("old");
    assert.ok(workspace);
    for (const path of repository.scripts) {
      assert.equal(deployed(workspace).scripts.get(path)?.at(-1)?.content, await read(path), path);
    }
  });
});
