import assert from "node:assert/strict";
import { join } from "node:path";
import { describe, it, type TestContext } from "node:test";
import { withTemporaryFolder } from "../../tools/shared/temporary.ts";
import type { Target } from "../../tools/shared/windmill_api.ts";
import { runWmill } from "../../tools/shared/wmill.ts";
import { dependencyJobs, deployed, settle } from "../standins/windmill/jobs/run.ts";
import type { Relocking } from "../standins/windmill/relocking.ts";
import { startWindmill, type WindmillStandin } from "../standins/windmill/server.ts";
import type { Workspace } from "../standins/windmill/store.ts";
import { RELEASE_010, writeRelease010 } from "../world/release_010.ts";

/**
 * What a push of version 0.1.0 sets off: 156 scripts that import each other. Measured on a real server without merging and with
 * one worker, which needed two thirds of a second for a job: 2,959 jobs had been made 13 minutes after the push, 1,783 of them
 * waited, and their number grew.
 */

const JOB_MS = 660;
const MINUTE_MS = 60_000;

interface Pushed {
  windmill: WindmillStandin;
  workspace: Workspace;
  /** Pushes the tree once more and returns what wmill says. */
  push(...options: string[]): Promise<string>;
}

/** Pushes version 0.1.0 with the real wmill into a Windmill that ends with the test. */
async function pushed(
  t: TestContext,
  relocking: Partial<Relocking>,
  use: (pushed: Pushed) => Promise<void>,
): Promise<void> {
  const windmill = await startWindmill({ relocking });
  t.after(() => windmill.close());
  const workspace = windmill.createWorkspace("team");
  const target: Target = { baseUrl: windmill.url, workspace: workspace.id, token: windmill.admin.token };
  await withTemporaryFolder(async (folder) => {
    await writeRelease010(join(folder, "tree"));
    const push = async (...options: string[]): Promise<string> => {
      const run = await runWmill(target, folder, ["sync", "push", "--yes", "--locks-required", ...options]);
      assert.equal(run.status, 0, `${run.stdout}${run.stderr}`);
      return run.stdout;
    };
    await push();
    await use({ windmill, workspace, push });
  });
}

describe("a push of version 0.1.0", { concurrency: false }, () => {
  it("sets off thousands of jobs where they are not merged, and goes on to the limit of the stand-in", async (t) => {
    const said = t.mock.method(console, "error", () => undefined);
    await pushed(t, { jobMs: JOB_MS, most: 5_000 }, async ({ windmill, workspace }) => {
      const looks = [];
      for (const minutes of [1, 4, 8]) {
        await windmill.clock.advance(minutes * MINUTE_MS);
        looks.push(dependencyJobs(windmill, workspace.id));
      }
      const [first, second, last] = looks;
      assert.ok(first && second && last);
      assert.ok(first.made > 156, `${first.made} after a minute`);
      assert.ok(second.made > 2 * first.made && last.made > 2_000, `${second.made}, then ${last.made}`);
      assert.ok(second.queued > first.queued && last.queued > second.queued, `${last.queued} wait in the end`);
      assert.deepEqual([last.merged, last.failed, last.notMade], [0, 0, 0]);
      const most = Math.max(...last.items.map(({ made }) => made));
      assert.ok(most > 20, `one script has ${most} jobs`);

      await settle(windmill);
      const { items, notMade, queued } = dependencyJobs(windmill, workspace.id);
      const ofScripts = items.filter(({ kind }) => kind === "script").reduce((sum, { made }) => sum + made, 0);
      assert.deepEqual([ofScripts, queued], [5_000, 0]);
      assert.ok(notMade > 0);
      assert.match(String(said.mock.calls[0]?.arguments[0]), /re-locks no further: 5000 jobs/);
    });
  });

  it("has no job of its own but for the flows", async (t) => {
    await pushed(t, { most: 0 }, async ({ windmill, workspace }) => {
      t.mock.method(console, "error", () => undefined);
      await settle(windmill);
      const { scripts, flows } = deployed(workspace);
      assert.deepEqual([scripts.size, flows.size], [156, 2]);
      for (const { path, stub } of RELEASE_010) {
        const [script, ...more] = scripts.get(path) ?? [];
        assert.deepEqual([script?.content, more.length], [stub, 0], path);
        assert.ok(script?.lock, path);
      }
      const { items } = dependencyJobs(windmill, workspace.id);
      assert.deepEqual(
        items.map(({ kind, path, made }) => [kind, path, made]),
        [
          ["flow", "f/codex_pooler/fleet", 1],
          ["flow", "f/codex_pooler/health", 1],
        ],
      );
    });
  });

  it("sets off fewer where they are merged, but not few, and leaves the same scripts in more versions", async (t) => {
    await pushed(t, { merge: true, jobMs: JOB_MS }, async ({ windmill, workspace, push }) => {
      const { scripts } = deployed(workspace);
      const before = new Map([...scripts].map(([path, versions]) => [path, versions[0]?.lock]));
      await settle(windmill);
      const { made, merged, succeeded, failed, notMade } = dependencyJobs(windmill, workspace.id);
      assert.ok(made < 2_000 && merged > 0, `${made} made, ${merged} of them merged`);
      assert.ok(succeeded > 100, `${succeeded} have run`);
      assert.deepEqual([failed, notMade], [0, 0]);
      const versions = [...scripts.values()].flat();
      assert.equal(versions.length, 156 + succeeded - 2, "each job but those of the two flows made a version");
      assert.equal(versions.filter(({ archived }) => !archived).length, 156);
      for (const [path, all] of scripts) assert.equal(all.at(-1)?.lock, before.get(path), path);
      const changes = (await push("--dry-run")).split("\n").filter((line) => /^[+~-] /.test(line));
      assert.deepEqual(changes, ["~ folder f/codex_pooler/folder.meta.yaml"]);
    });
  });
});
