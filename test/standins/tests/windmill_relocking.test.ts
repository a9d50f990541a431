import assert from "node:assert/strict";
import { describe, type TestContext, test } from "node:test";
import { allowJobs, dependencyJobs, deployed, jobsOf, runFlow, runScript, settle } from "../windmill/jobs/run.ts";
import type { Script } from "../windmill/jobs/state.ts";
import type { Relocking } from "../windmill/relocking.ts";
import { type Fixture, NO_PACKAGES, startFixture, WORKSPACE } from "./windmill_fixture.ts";

/** What imports what, by the script's name. */
type Graph = Readonly<Record<string, readonly string[]>>;

interface Relocked extends Fixture {
  /** Deploys a script with a lock, unless told otherwise, and lets nothing follow from it yet. */
  push(name: string, content: string, lock?: string): Promise<void>;
  /** Deploys a graph and lets follow from it what does, in the order in which it is written. */
  deploy(graph: Graph): Promise<void>;
  /** Changes a script of the graph, and returns the jobs that follow: each with the way that led to it, in the order in which they ran. */
  change(name: string): Promise<string[]>;
  versions(name: string): Script[];
}

/** The code of a script that does nothing but import. */
const importing = (imports: readonly string[], mark = "") =>
  `${imports.map((name) => `import "./${name}.ts";\n`).join("")}export async function main() { return 1; } // ${mark}\n`;

async function start(t: TestContext, relocking: Partial<Relocking> = {}): Promise<Relocked> {
  const fixture = await startFixture(t);
  const { windmill, call } = fixture;
  Object.assign(windmill.store.relocking, relocking);
  const workspace = windmill.store.workspaces.get(WORKSPACE);
  assert.ok(workspace);
  let graph: Graph = {};
  const ran = () =>
    jobsOf(windmill, WORKSPACE)
      .filter(({ kind, phase, isSkipped }) => kind === "dependencies" && phase === "completed" && !isSkipped)
      .map(({ path, args }) => [...((args.already_visited ?? []) as string[]), path])
      .map((way) => way.map((path) => path.replace("f/team/", "")).join(" > "));
  const relocked: Relocked = {
    ...fixture,
    async push(name, content, lock = NO_PACKAGES) {
      const common = { language: "bun", summary: "", description: "", auto_parent: true };
      const answer = await call("POST", "/scripts/create", { path: `f/team/${name}`, content, lock, ...common });
      assert.equal(answer.status, 201, String(answer.body));
    },
    async deploy(added) {
      graph = added;
      for (const [name, imports] of Object.entries(graph)) await relocked.push(name, importing(imports));
      await settle(windmill);
    },
    async change(name) {
      const before = ran().length;
      await relocked.push(name, importing(graph[name] ?? [], "changed"));
      await settle(windmill);
      return ran().slice(before);
    },
    versions: (name) => deployed(workspace).scripts.get(`f/team/${name}`) ?? [],
  };
  return relocked;
}

/** In these graphs a script comes after what it imports, so that nothing follows from the first push. */
const GRAPHS: readonly { it: string; graph: Graph; changed: string; jobs: string[]; merged: string[] }[] = [
  {
    it: "a chain has one job for each link",
    graph: { a: [], b: ["a"], c: ["b"], d: ["c"] },
    changed: "a",
    jobs: ["a > b", "a > b > c", "a > b > c > d"],
    merged: ["a > b", "a > b > c", "a > b > c > d"],
  },
  {
    it: "a diamond has two for its end, one for each way",
    graph: { a: [], b: ["a"], c: ["a"], d: ["b", "c"] },
    changed: "a",
    jobs: ["a > b", "a > c", "a > b > d", "a > c > d"],
    merged: ["a > b", "a > c", "a > c > d"],
  },
  {
    it: "a leaf that all share is reached again through each of them",
    graph: { leaf: [], mid: ["leaf"], top: ["leaf", "mid"] },
    changed: "leaf",
    jobs: ["leaf > mid", "leaf > top", "leaf > mid > top"],
    // The one worker has not taken the first job for top when the second comes.
    merged: ["leaf > mid", "leaf > mid > top"],
  },
  {
    it: "two diamonds one after the other have four for the end",
    graph: { a: [], b: ["a"], c: ["a"], d: ["b", "c"], e: ["d"], f: ["d"], g: ["e", "f"] },
    changed: "a",
    jobs: [
      ...["a > b", "a > c", "a > b > d", "a > c > d"],
      ...["a > b > d > e", "a > b > d > f", "a > c > d > e", "a > c > d > f"],
      ...["a > b > d > e > g", "a > b > d > f > g", "a > c > d > e > g", "a > c > d > f > g"],
    ],
    merged: ["a > b", "a > c", "a > c > d", "a > c > d > e", "a > c > d > f", "a > c > d > f > g"],
  },
  {
    it: "a cycle ends where it began",
    graph: { a: ["c"], b: ["a"], c: ["b"] },
    changed: "a",
    jobs: ["a > b", "a > b > c"],
    merged: ["a > b", "a > b > c"],
  },
];

describe("the jobs that follow from a change", () => {
  for (const { it: title, graph, changed, jobs, merged } of GRAPHS) {
    test(`${title}, on a server built from source and on Windmill's image`, async (t) => {
      for (const [merge, expected] of [
        [false, jobs],
        [true, merged],
      ] as const) {
        const { deploy, change, windmill } = await start(t, { merge });
        await deploy(graph);
        const before = dependencyJobs(windmill, WORKSPACE);
        assert.deepEqual(await change(changed), expected, `merging: ${merge}`);
        const { made, merged: left, queued, failed } = dependencyJobs(windmill, WORKSPACE);
        assert.equal(made - before.made - (left - before.merged), expected.length);
        assert.deepEqual({ queued, failed }, { queued: 0, failed: 0 });
      }
    });
  }

  test("a push in the order of imports has none, the other way round as many as there are ways by then", async (t) => {
    const chain: Graph = { a: [], b: ["a"], c: ["b"] };
    const forwards = await start(t);
    await forwards.deploy(chain);
    assert.equal(dependencyJobs(forwards.windmill, WORKSPACE).made, 0);
    const backwards = await start(t);
    await backwards.deploy(Object.fromEntries(Object.entries(chain).reverse()));
    const { made, items } = dependencyJobs(backwards.windmill, WORKSPACE);
    assert.equal(made, 3);
    assert.deepEqual(
      items.map(({ kind, path, succeeded }) => [kind, path, succeeded]),
      [
        ["script", "f/team/b", 1],
        ["script", "f/team/c", 2],
      ],
    );
  });

  test("they begin fifteen seconds after the push, and the next ones five seconds later", async (t) => {
    const { deploy, push, windmill } = await start(t);
    await deploy({ a: [], b: ["a"], c: ["b"] });
    await push("a", importing([], "changed"));
    const seen: number[][] = [];
    for (const seconds of [5, 6, 4, 5]) {
      await windmill.clock.advance(seconds * 1000);
      const { made, queued, succeeded } = dependencyJobs(windmill, WORKSPACE);
      seen.push([made, queued, succeeded]);
    }
    assert.deepEqual(seen, [
      [0, 0, 0],
      [1, 1, 0],
      [2, 1, 1],
      [2, 0, 2],
    ]);
  });

  test("an import of nothing but types has none, nor has a dynamic one", async (t) => {
    const { push, windmill } = await start(t);
    await push("shapes", "export type Shape = string;");
    await push("user", 'import type { Shape } from "./shapes.ts";\nexport const empty: Shape = "";');
    await push("late", 'export const shapes = () => import("./shapes.ts");');
    await settle(windmill);
    await push("shapes", "export type Shape = number;");
    await settle(windmill);
    assert.equal(dependencyJobs(windmill, WORKSPACE).made, 0);
  });

  test("an archived importer has none, and an importer that no longer imports has none", async (t) => {
    const { deploy, change, push, call } = await start(t);
    await deploy({ a: [], gone: ["a"], changed: ["a"], kept: ["a"] });
    await call("POST", "/scripts/archive/p/f/team/gone");
    await push("changed", importing([]));
    assert.deepEqual(await change("a"), ["a > kept"]);
  });

  test("they stop at the limit, which says so and counts what is left out", async (t) => {
    const { deploy, change, windmill } = await start(t, { most: 2 });
    const said = t.mock.method(console, "error", () => undefined);
    await deploy({ a: [], b: ["a"], c: ["a"], d: ["b", "c"], e: ["b", "c"] });
    assert.deepEqual(await change("a"), ["a > b", "a > c"]);
    const { made, notMade } = dependencyJobs(windmill, WORKSPACE);
    assert.deepEqual({ made, notMade }, { made: 2, notMade: 4 });
    assert.equal(said.mock.callCount(), 1);
    assert.match(String(said.mock.calls[0]?.arguments[0]), /re-locks no further: 2 jobs/);
  });

  test("those that wait are in the queue that people see", async (t) => {
    const { deploy, push, windmill, call } = await start(t);
    await deploy({ a: [], b: ["a"] });
    await push("a", importing([], "changed"));
    await windmill.clock.advance(11_000);
    const { body } = await call("GET", "/jobs/queue/list?job_kinds=dependencies");
    assert.deepEqual(
      (body as { script_path: string; tag: string }[]).map(({ script_path, tag }) => [script_path, tag]),
      [["f/team/b", "dependency"]],
    );
  });

  test("a busy worker takes them later", async (t) => {
    const { deploy, push, windmill } = await start(t);
    await deploy({ a: [], b: ["a"] });
    await push("a", importing([], "changed"));
    allowJobs(windmill, 0);
    await windmill.clock.advance(60_000);
    assert.equal(dependencyJobs(windmill, WORKSPACE).succeeded, 0);
    allowJobs(windmill, Number.POSITIVE_INFINITY);
    await settle(windmill);
    assert.equal(dependencyJobs(windmill, WORKSPACE).succeeded, 1);
  });

  test("one worker takes its time for each", async (t) => {
    const { deploy, push, windmill } = await start(t, { jobMs: 60_000 });
    await deploy({ a: [], b: ["a"], c: ["a"], d: ["a"] });
    await push("a", importing([], "changed"));
    await windmill.clock.advance(20_000);
    const { queued, running, succeeded } = dependencyJobs(windmill, WORKSPACE);
    assert.deepEqual({ queued, running, succeeded }, { queued: 2, running: 1, succeeded: 0 });
    await windmill.clock.advance(60_000);
    assert.equal(dependencyJobs(windmill, WORKSPACE).succeeded, 1);
  });
});

describe("versions", () => {
  test("the job of a push locks the pushed version, one that an import set off makes a version of its own", async (t) => {
    const { push, versions, windmill } = await start(t);
    await push("a", importing([]), "");
    await push("b", importing(["a"]), "");
    await settle(windmill);
    const [a] = versions("a");
    assert.deepEqual([a?.lock, a?.archived, versions("a").length], [NO_PACKAGES, false, 1]);
    const before = versions("b").at(-1);
    const count = versions("b").length;
    await push("a", importing([], "changed"), "");
    await settle(windmill);
    assert.equal(versions("a").length, 2, "the pushed version and the one before");
    const after = versions("b").at(-1);
    assert.equal(versions("b").length, count + 1);
    assert.deepEqual(after?.parentHashes[0], before?.hash);
    assert.deepEqual([before?.archived, after?.archived, after?.lock], [true, false, NO_PACKAGES]);
    assert.equal(after?.content, before?.content);
  });

  test("a version that is being locked has no lock, and the former one runs meanwhile", async (t) => {
    const { deploy, push, windmill, call } = await start(t, { jobMs: 60_000 });
    await deploy({ a: [], b: ["a"] });
    await push("a", importing([], "changed"));
    await windmill.clock.advance(20_000);
    const { body } = await call("GET", "/scripts/get/p/f/team/b");
    const { lock, archived, parent_hashes } = body as { lock?: string; archived: boolean; parent_hashes: string[] };
    assert.deepEqual([lock, archived], [undefined, false]);
    const former = await call("GET", `/scripts/get/h/${parent_hashes[0]}`);
    assert.equal((former.body as { archived: boolean }).archived, true);
    const run = await runScript(windmill, WORKSPACE, "f/team/b", {}, windmill.admin.token);
    assert.deepEqual([run.result, run.job.hash], [1, parent_hashes[0]]);
  });

  test("a lock that cannot be made says why, leads nowhere further, and leaves the former version running", async (t) => {
    const { push, versions, windmill } = await start(t);
    for (const [name, imports] of Object.entries({ a: [], b: ["a"], c: ["b"] })) await push(name, importing(imports));
    await settle(windmill);
    const [former] = versions("b");
    await push("a", importing(["absent"]));
    await settle(windmill);
    const { made, failed } = dependencyJobs(windmill, WORKSPACE);
    assert.deepEqual({ made, failed }, { made: 1, failed: 1 });
    assert.match(versions("b").at(-1)?.lockErrorLogs ?? "", /Failed to find relative import at f\/team\/absent\.ts/);
    assert.equal(versions("c").length, 1);
    const run = await runScript(windmill, WORKSPACE, "f/team/b", {}, windmill.admin.token);
    assert.equal(run.job.hash, former?.hash);
  });

  test("a script that is archived before its job begins fails it", async (t) => {
    const { deploy, push, windmill, call } = await start(t);
    await deploy({ a: [], b: ["a"] });
    await push("a", importing([], "changed"));
    await windmill.clock.advance(11_000);
    await call("POST", "/scripts/archive/p/f/team/b");
    await settle(windmill);
    const job = jobsOf(windmill, WORKSPACE).find(({ kind }) => kind === "dependencies");
    assert.equal(job?.success, false);
    assert.match(JSON.stringify(job?.result), /Non-archived script with path 'f\/team\/b' not found/);
  });
});

const LIBRARY = 'import { z } from "zod";\nexport const Name = z.string();\n';
const ENTRY = 'import { Name } from "./library.ts";\nexport async function main() { return Name.parse("x"); }\n';

describe("the new lock", () => {
  test("names the packages of the imports, with the script's own pins or latest", async (t) => {
    const { push, versions, windmill } = await start(t);
    await push("library", LIBRARY, "library's own");
    await push("entry", ENTRY, "entry's own");
    await push("pinned", `import "zod@4.6.7";\n${ENTRY}`, "pinned's own");
    await settle(windmill);
    assert.equal(versions("entry").at(-1)?.lock, "entry's own");
    await push("library", `${LIBRARY}// changed\n`, "library's new");
    await settle(windmill);
    assert.match(versions("entry").at(-1)?.lock ?? "", /"zod": "latest"/);
    assert.match(versions("pinned").at(-1)?.lock ?? "", /"zod": "4\.6\.7"/);
    assert.equal(versions("library").at(-1)?.lock, "library's new");
  });

  test("is the old one when jobs have given all imports the lock that they had: the job is made all the same", async (t) => {
    const { push, versions, windmill } = await start(t);
    await push("library", LIBRARY, "");
    await settle(windmill);
    await push("entry", ENTRY, "entry's own");
    await settle(windmill);
    await push("library", `${LIBRARY}// changed\n`, "");
    await settle(windmill);
    const { items } = dependencyJobs(windmill, WORKSPACE);
    assert.deepEqual(
      items.map(({ path, succeeded }) => [path, succeeded]),
      [
        ["f/team/entry", 1],
        ["f/team/library", 2],
      ],
    );
    assert.equal(versions("entry").length, 2);
    assert.equal(versions("entry").at(-1)?.lock, "entry's own");
    await push("library", `${LIBRARY}import "windmill-client";\n`, "");
    await settle(windmill);
    assert.match(versions("entry").at(-1)?.lock ?? "", /"windmill-client": "latest"/);
  });

  test("is written by the bun of the worker", async (t) => {
    const { push, versions, windmill } = await start(t, { lockfileVersion: 2 });
    await push("library", LIBRARY, "");
    await settle(windmill);
    assert.match(versions("library").at(-1)?.lock ?? "", /"lockfileVersion": 2/);
  });
});

describe("flows and apps", () => {
  const INLINE =
    'import { Name } from "../library.ts";\nexport async function main() { return Name.parse("inline"); }\n';
  const step = (lock?: string) => ({
    id: "a",
    value: { type: "rawscript", language: "bun", content: INLINE, lock, input_transforms: {} },
  });
  const lockOf = async ({ call }: Fixture, path: string): Promise<string> => {
    const { body } = await call("GET", `/flows/get/${path}`);
    const { value } = body as { value: { modules: { value: { lock?: string } }[] } };
    return value.modules[0]?.value.lock ?? "";
  };

  test("every push of a flow has one job, which locks the steps that have no lock", async (t) => {
    const fixture = await start(t);
    const { push, flow, windmill } = fixture;
    await push("library", LIBRARY);
    await settle(windmill);
    await flow("f/team/unlocked", [step()]);
    await flow("f/team/locked", [step("flow's own")]);
    await settle(windmill);
    assert.match(await lockOf(fixture, "f/team/unlocked"), /"zod": "latest"/);
    assert.equal(await lockOf(fixture, "f/team/locked"), "flow's own");
    assert.deepEqual(
      dependencyJobs(windmill, WORKSPACE).items.map(({ kind, path, made }) => [kind, path, made]),
      [
        ["flow", "f/team/locked", 1],
        ["flow", "f/team/unlocked", 1],
      ],
    );
  });

  test("a flow whose step imports a changed script is locked again, in a new version", async (t) => {
    const fixture = await start(t);
    const { push, flow, windmill, call } = fixture;
    await push("library", LIBRARY);
    await flow("f/team/locked", [step("flow's own")]);
    await settle(windmill);
    const version = async () =>
      ((await call("GET", "/flows/get/f/team/locked")).body as { version_id: number }).version_id;
    const before = await version();
    await push("library", `${LIBRARY}// changed\n`);
    await settle(windmill);
    assert.match(await lockOf(fixture, "f/team/locked"), /"zod": "latest"/);
    assert.equal(await version(), before + 1);
    const { args } = jobsOf(windmill, WORKSPACE).findLast(({ kind }) => kind === "flowdependencies") ?? {};
    assert.deepEqual(args, {
      already_visited: ["f/team/library"],
      triggered_by_relative_import: true,
      nodes_to_relock: ["a"],
    });
    assert.equal((await runFlow(windmill, WORKSPACE, "f/team/locked", {}, windmill.admin.token)).result, "inline");
  });

  test("a flow whose steps are scripts by their path is left alone", async (t) => {
    const { deploy, change, flow, windmill } = await start(t);
    await deploy({ a: [], b: ["a"] });
    await flow("f/team/flow", [{ id: "b", value: { type: "script", path: "f/team/b", input_transforms: {} } }]);
    await settle(windmill);
    assert.deepEqual(await change("a"), ["a > b"]);
    const { items } = dependencyJobs(windmill, WORKSPACE);
    assert.equal(items.find(({ kind }) => kind === "flow")?.made, 1);
  });

  test("every push of an app has one job", async (t) => {
    const { windmill } = await start(t);
    const app = {
      path: "f/team/app",
      summary: "",
      value: { files: {}, runnables: {} },
      policy: { execution_mode: "viewer" },
    };
    const form = new FormData();
    form.append("app", JSON.stringify(app));
    form.append("js", "");
    form.append("css", "");
    const headers = { authorization: `Bearer ${windmill.admin.token}` };
    for (const route of ["create_raw", "update_raw/f/team/app"]) {
      const response = await fetch(`${windmill.url}/api/w/${WORKSPACE}/apps/${route}`, {
        method: "POST",
        headers,
        body: form,
      });
      assert.ok(response.ok, await response.text());
    }
    await settle(windmill);
    const { items } = dependencyJobs(windmill, WORKSPACE);
    assert.deepEqual(items, [
      { kind: "app", path: "f/team/app", made: 2, queued: 0, running: 0, succeeded: 2, failed: 0, merged: 0 },
    ]);
  });
});
