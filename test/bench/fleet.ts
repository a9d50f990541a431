import { FleetReport } from "../../f/codex_pooler/lib/fleet.ts";
import { addConnectedWorkspace } from "../e2e/fleet_world.ts";
import { KEY, reportOf, startDeployedWorld, WORKSPACE } from "../e2e/world.ts";
import { rootOf } from "../standins/windmill/jobs/environment.ts";
import { jobsOf, runFlow, setConcurrency } from "../standins/windmill/jobs/run.ts";
import { seedResource } from "../standins/windmill/seed.ts";
import { announce } from "./figures.ts";

/** What a fleet costs: one run over some workspaces is measured, and counted up to a thousand. */

const FLEET = "f/codex_pooler/fleet";
const LIST = "f/codex_pooler/fleet_members";
const WORKERS = 2;
/** What the figures are counted up to. */
const LARGE = { workspaces: 1_000, minutes: 5 };

/** Runs the fleet flow over so many workspaces, with the list in a resource, at depth free. */
export async function benchFleet(workspaces: number): Promise<object> {
  announce(`a fleet of ${workspaces} workspaces`);
  const world = await startDeployedWorld();
  try {
    const { windmill, pooler, target } = world;
    setConcurrency(windmill, WORKERS);
    const members = [];
    for (let index = 0; index < workspaces; index++) {
      const workspace = `team-${String(index).padStart(4, "0")}`;
      const token_path = `u/admin/token_${index}`;
      await world.storeSecret(token_path, await addConnectedWorkspace(world, workspace, KEY));
      members.push({ workspace, token_path });
    }
    seedResource(windmill.store, world.workspace, LIST, { workspaces: members });
    const before = { windmill: windmill.requests.length, pooler: pooler.requests.length };
    const started = performance.now();
    const run = await runFlow(windmill, WORKSPACE, FLEET, { fleet_path: LIST, parallelism: WORKERS }, target.token);
    const seconds = (performance.now() - started) / 1000;
    const report = reportOf(run, FleetReport);
    const jobs = jobsOf(windmill, WORKSPACE).filter((job) => rootOf(job).id === run.id);
    const checks = jobs.filter(({ stepId, kind }) => stepId === "check_workspace" && kind === "script");
    const perRun = {
      jobs: jobs.length,
      windmill_requests: windmill.requests.slice(before.windmill).length,
      gateway_requests: pooler.requests.length - before.pooler,
      tokens: report.tokens,
    };
    const worker_ms = checks.reduce((sum, { durationMs }) => sum + durationMs, 0) / workspaces;
    return {
      workspaces,
      workers: WORKERS,
      healthy: report.counts.healthy,
      run_s: round(seconds),
      worker_ms_per_workspace: round(worker_ms),
      per_run: perRun,
      kept_bytes: {
        result: JSON.stringify(run.result).length,
        arguments_of_an_iteration: JSON.stringify(jobs.find(({ kind }) => kind === "flownode")?.args ?? {}).length,
        the_list: JSON.stringify(members).length,
      },
      counted_up: countUp(perRun, workspaces, worker_ms),
    };
  } finally {
    await world.close();
  }
}

/** The same per hour for the large fleet: the cost of a run is its own few jobs and the same again for each workspace. */
function countUp(perRun: Record<string, number>, workspaces: number, worker_ms: number): object {
  const runs = 60 / LARGE.minutes;
  const scale = (count: number): number => Math.round((count / workspaces) * LARGE.workspaces * runs);
  const hour = Object.fromEntries(Object.entries(perRun).map(([name, count]) => [name, scale(count)]));
  const busy = (worker_ms / 1000) * LARGE.workspaces;
  return {
    ...LARGE,
    per_hour: hour,
    worker_s_per_run: round(busy),
    workers_kept_busy: round(busy / (LARGE.minutes * 60)),
  };
}

const round = (value: number): number => Math.round(value * 100) / 100;
