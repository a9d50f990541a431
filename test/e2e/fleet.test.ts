import assert from "node:assert/strict";
import { after, before, beforeEach, describe, it } from "node:test";
import { FleetReport } from "../../src/fleet/fleet.ts";
import { poolKey } from "../standins/gateway/pooler.ts";
import { jobsOf, killJob, type Run, runFlow } from "../standins/windmill/jobs/run.ts";
import { seedResource } from "../standins/windmill/seed.ts";
import { addConnectedWorkspace } from "../world/fleet_world.ts";
import { errorOf, reportOf, startDeployedWorld, WORKSPACE, type World } from "../world/world.ts";

/** The fleet flow: many workspaces of one instance, each checked with its own token. */

const FLEET = "f/codex_pooler/fleet";
/** Workspaces beside the one that has the bundle. */
const NORTH = "north";
const SOUTH = "south";
const KEYS = {
  north: `sk-cxp-0123456789ab-${"n".repeat(43)}`,
  south: `sk-cxp-0123456789ab-${"s".repeat(43)}`,
};
const tokens: Record<string, string> = {};

let world: World;
before(async () => {
  world = await startDeployedWorld();
  for (const id of [NORTH, SOUTH] as const) {
    tokens[id] = await addConnectedWorkspace(world, id, KEYS[id]);
  }
});
beforeEach(async () => {
  await world.reset();
  for (const key of Object.values(KEYS)) world.pooler.keys.set(key, poolKey());
  for (const [id, token] of Object.entries(tokens)) await world.storeSecret(`u/admin/token_${id}`, token);
});
after(() => world.close());

const member = (workspace: string, token_path = `u/admin/token_${workspace}`) => ({ workspace, token_path });

const runFleet = (args: object): Promise<Run> =>
  runFlow(
    world.windmill,
    WORKSPACE,
    FLEET,
    { fleet_path: "", depth: "free", parallelism: 5, ...args },
    world.target.token,
  );

const lines = ({ rows }: FleetReport) => rows.map(({ workspace, status }) => [workspace, status]);

describe("the fleet flow", () => {
  it("says whose AI settings serve each workspace: its own, the instance's, or none", async () => {
    const { store } = world.windmill;
    const [north, south] = [store.workspaces.get(NORTH), store.workspaces.get(SOUTH)];
    assert.ok(north && south);
    const own = south.aiConfig;
    const whose = async (): Promise<unknown[]> => {
      const report = reportOf(await runFleet({ workspaces: [member(NORTH), member(SOUTH)] }), FleetReport);
      return report.rows.map(({ workspace, settings }) => [workspace, settings]).sort();
    };
    try {
      south.aiConfig = undefined;
      assert.deepEqual(await whose(), [
        [NORTH, "workspace"],
        [SOUTH, "none"],
      ]);
      store.settings.set("ai_config", own);
      assert.deepEqual(await whose(), [
        [NORTH, "workspace"],
        [SOUTH, "instance"],
      ]);
    } finally {
      south.aiConfig = own;
    }
  });

  it("checks every workspace with its own token, and shows one table", async () => {
    world.pooler.keys.delete(KEYS.south);
    const run = await runFleet({ workspaces: [member(NORTH), member(SOUTH)] });
    const report = reportOf(run, FleetReport);
    assert.deepEqual(lines(report), [
      [SOUTH, "down"],
      [NORTH, "healthy"],
    ]);
    const [south] = report.rows;
    assert.match(south?.finding ?? "", /key/i);
    assert.equal(south?.owner === null, false);
    const asked = world.windmill.requests.filter(({ path }) => path.includes("/ai/proxy/"));
    assert.deepEqual([...new Set(asked.map(({ path }) => path.split("/")[3]))].sort(), [NORTH, SOUTH]);
  });

  it("goes on when a token is refused, missing, or of another workspace", async () => {
    await world.storeSecret("u/admin/token_revoked", "no-such-token");
    const workspaces = [
      member("west", "u/admin/token_north"),
      member(SOUTH, "u/admin/token_gone"),
      member(WORKSPACE, "u/admin/token_revoked"),
      member(NORTH),
    ];
    const report = reportOf(await runFleet({ workspaces }), FleetReport);
    assert.deepEqual(report.counts, { healthy: 1, degraded: 0, down: 0, unknown: 3 });
    const findings = new Map(report.rows.map(({ workspace, finding }) => [workspace, finding ?? ""]));
    assert.equal(
      findings.get(SOUTH),
      "There is no variable u/admin/token_gone that this run may read. Store a token of a member of south there.",
    );
    assert.equal(findings.get(WORKSPACE), "Windmill refuses the token of the request");
    assert.equal(findings.get("west"), "Windmill refuses the token of the request");
  });

  it("names what is wrong by the diagnosis table, and leads from each line to the check of that workspace", async () => {
    // A superadmin's token passes for any workspace, also for one that does not exist.
    await world.storeSecret("u/admin/token_super", world.windmill.admin.token);
    const workspaces = [
      member("nosuch", "u/admin/token_super"),
      member(WORKSPACE, "u/admin/token_super"),
      member(NORTH),
    ];
    const run = await runFleet({ workspaces });
    const { rows } = reportOf(run, FleetReport);
    assert.deepEqual(
      rows.map(({ workspace, code, finding }) => [workspace, code, finding]),
      [
        [WORKSPACE, "ai-not-configured", "Windmill AI is not configured"],
        ["nosuch", "workspace-missing", "There is no such workspace"],
        [NORTH, null, null],
      ],
    );
    assert.doesNotMatch(JSON.stringify(run.result), /SqlErr|rows returned|\.rs:/);
    for (const { workspace, run_url = "" } of rows) {
      const [, id] = /\/run\/([0-9a-f-]+)\?workspace=team$/.exec(run_url) ?? [];
      const job = jobsOf(world.windmill, WORKSPACE).find((one) => one.id === id);
      assert.deepEqual([job?.stepId, job?.args.workspace], ["check_workspace", workspace]);
      assert.ok(JSON.stringify(run.result).includes(`<a href=\\"${run_url}\\">${workspace}</a>`));
    }
  });

  it("goes on when an iteration dies", async () => {
    const stop = world.windmill.intercept(({ path }) => {
      const running = jobsOf(world.windmill, WORKSPACE).find(
        ({ stepId, args, phase }) => stepId === "check_workspace" && args.workspace === NORTH && phase === "running",
      );
      if (path.startsWith("/api/w/north/") && running) killJob(world.windmill, WORKSPACE, running.id);
      return undefined;
    });
    const report = reportOf(await runFleet({ workspaces: [member(NORTH), member(SOUTH)] }), FleetReport);
    stop();
    assert.deepEqual(lines(report), [
      [NORTH, "unknown"],
      [SOUTH, "healthy"],
    ]);
  });

  it("reads the list from a resource, so that no iteration carries it", async () => {
    const path = "f/codex_pooler/fleet_members";
    seedResource(world.windmill.store, world.workspace, path, { workspaces: [member(NORTH), member(SOUTH)] });
    const report = reportOf(await runFleet({ workspaces: [], fleet_path: path }), FleetReport);
    assert.deepEqual(lines(report), [
      [NORTH, "healthy"],
      [SOUTH, "healthy"],
    ]);
    const iterations = jobsOf(world.windmill, WORKSPACE).filter(({ kind }) => kind === "flownode");
    assert.equal(iterations.length, 2);
    for (const { args } of iterations) assert.deepEqual(args.workspaces, []);
  });

  it("refuses a list with a slip before anything is checked", async () => {
    const run = await runFleet({ workspaces: [{ workspace: NORTH, token_path: "" }] });
    assert.match(errorOf(run), /workspaces\.0\.token_path: is missing/);
    const missing = await runFleet({ workspaces: [], fleet_path: "f/codex_pooler/nobody" });
    assert.match(errorOf(missing), /fleet_path: there is no resource f\/codex_pooler\/nobody/);
    const many = await runFleet({ workspaces: [], parallelism: 500 });
    assert.match(errorOf(many), /parallelism: is no whole number from 1 to 50/);
    assert.deepEqual(
      world.windmill.requests.filter(({ path }) => path.includes("/ai/proxy/")),
      [],
    );
  });

  it("leaves the tokens nowhere, and changes nothing", async () => {
    const before = world.windmill.requests.length;
    reportOf(await runFleet({ workspaces: [member(NORTH), member(SOUTH)], depth: "chat" }), FleetReport);
    const kept = JSON.stringify(
      jobsOf(world.windmill, WORKSPACE).map(({ args, result, logs, flowStatus }) => ({
        args,
        result,
        logs,
        flowStatus,
      })),
    );
    for (const token of Object.values(tokens)) assert.ok(!kept.includes(token));
    const writes = world.windmill.requests
      .slice(before)
      .filter(({ method, path, jobId }) => jobId !== null && method !== "GET" && !path.includes("/ai/proxy/"));
    assert.deepEqual(writes, []);
  });
});
