import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { RELEASES_FILE, readReleases } from "../../tools/build/releases.ts";
import { type DeployResult, deploy } from "../../tools/deploy/deploy.ts";
import { withTemporaryFolder } from "../../tools/shared/temporary.ts";
import type { Target } from "../../tools/shared/windmill_api.ts";
import { runWmill } from "../../tools/shared/wmill.ts";
import { windmillClient } from "../standins/tests/windmill_client.ts";
import { type DependencyReport, dependencyJobs, deployed, settle } from "../standins/windmill/jobs/run.ts";
import { currentScript } from "../standins/windmill/jobs/state.ts";
import { startWindmill, type WindmillStandin } from "../standins/windmill/server.ts";
import type { Workspace } from "../standins/windmill/store.ts";
import { RELEASE_010, STUBS_RELEASED, writeRelease010 } from "../world/release_010.ts";
import { type RepositoryCopy, repositoryCopy } from "../world/repository_copy.ts";

/** From version 0.1.0, whose libraries were scripts of their own, to the present one, with what it leaves behind. */

/** A library of 0.1.0 that somebody has made their own since. */
const THEIRS = "f/codex_pooler/lib/json";

let windmill: WindmillStandin;
let workspace: Workspace;
let target: Target;
let repository: RepositoryCopy;
const said: string[] = [];

const deployCopy = (prune: boolean): Promise<DeployResult> => {
  said.length = 0;
  const talk = { say: (line: string) => void said.push(line), confirm: async () => true };
  return deploy(target, { root: repository.root, dryRun: false, prune }, talk);
};
const libraries = RELEASE_010.map(({ path }) => path).filter((path) => path.startsWith("f/codex_pooler/lib/"));
const standing = () => libraries.filter((path) => currentScript(workspace, path) !== undefined);

/** The dependency jobs that `work` leads to, as `<kind> <path>`. */
async function jobsOf(work: () => Promise<unknown>): Promise<string[]> {
  const counts = ({ items }: DependencyReport) =>
    new Map(items.map(({ kind, path, made }) => [`${kind} ${path}`, made] as const));
  const earlier = counts(dependencyJobs(windmill, workspace.id));
  await work();
  await settle(windmill);
  return [...counts(dependencyJobs(windmill, workspace.id))]
    .filter(([item, made]) => made > (earlier.get(item) ?? 0))
    .map(([item]) => item);
}

before(async () => {
  windmill = await startWindmill({ relocking: { merge: true } });
  workspace = windmill.createWorkspace("team");
  target = { baseUrl: windmill.url, workspace: workspace.id, token: windmill.admin.token };
  repository = await repositoryCopy();
  const releases = await readReleases(repository.root);
  await repository.upgrade(RELEASES_FILE, JSON.stringify({ ...releases, "0.1.0": STUBS_RELEASED }));
  await withTemporaryFolder(async (folder) => {
    await writeRelease010(join(folder, "tree"));
    const run = await runWmill(target, folder, ["sync", "push", "--yes"]);
    assert.equal(run.status, 0, run.stderr);
  });
  await settle(windmill);
  const content = "export const mine = 1;\n";
  const edit = {
    path: THEIRS,
    content,
    language: "bun",
    summary: "",
    description: "",
    auto_parent: true,
    lock: "mine",
  };
  const { status, text } = await windmillClient(windmill, workspace.id).call("POST", "scripts/create", { body: edit });
  assert.equal(status, 201, text);
  await settle(windmill);
});
after(async () => {
  await windmill.close();
  await repository.end();
});

describe("an upgrade of version 0.1.0", { concurrency: false }, () => {
  it("has no dependency job for a script, and archives nothing unasked", async () => {
    const jobs = await jobsOf(async () => assert.equal(await deployCopy(false), "deployed"));
    const flows = ["flow f/codex_pooler/fleet", "flow f/codex_pooler/health"];
    assert.deepEqual(jobs.sort(), ["app f/codex_pooler/dashboard", ...flows]);
    for (const path of repository.scripts) {
      assert.equal(currentScript(workspace, path)?.content, await repository.read(`${path}.ts`), path);
    }
    assert.equal(standing().length, 142);
    assert.ok(
      said.some((line) => line.startsWith("141 script(s) of a past release are no longer used.")),
      said.join("\n"),
    );
    assert.ok(said.some((line) => line.includes(`left alone: ${THEIRS} `)));
  });

  it("archives what the release had put there when it is asked to, and nothing that somebody has changed", async () => {
    const others = deployed(workspace).scripts.size;
    const jobs = await jobsOf(async () => assert.equal(await deployCopy(true), "deployed"));
    assert.deepEqual(jobs, []);
    assert.deepEqual(standing(), [THEIRS]);
    assert.equal(deployed(workspace).scripts.size, others);
    for (const path of repository.scripts) assert.ok(currentScript(workspace, path), path);
    assert.equal(await deployCopy(true), "unchanged");
  });
});
