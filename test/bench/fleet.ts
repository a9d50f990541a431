import { FleetReport } from "../../src/fleet/fleet.ts";
import { rootOf } from "../standins/windmill/jobs/environment.ts";
import { jobsOf, runFlow, setConcurrency } from "../standins/windmill/jobs/run.ts";
import { seedResource } from "../standins/windmill/seed.ts";
import { addConnectedWorkspace } from "../world/fleet_world.ts";
import { KEY, reportOf, startDeployedWorld, WORKSPACE, type World } from "../world/world.ts";
import { announce } from "./figures.ts";

/** What a fleet costs: runs over one and over some workspaces are measured, and counted up to a thousand. */

const FLEET = "f/codex_pooler/fleet";
const LIST = "f/codex_pooler/fleet_members";
const WORKERS = 2;
/** As many as the ticks are measured with, see ticks.ts. */
const MODELS = ["gpt-5.5", "gpt-6-luna", "gpt-6-terra"] as const;
/** What the figures are counted up to. */
const LARGE = 1_000;
/** Checks per hour that are counted up: every 5 minutes what costs nothing, the models once an hour. */
const PER_HOUR = { free: 12, chat: 1 } as const;

interface Member {
  workspace: string;
  token_path: string;
}

/** What a run costs; each number grows with the workspaces. */
type Cost = Record<"jobs" | "windmill_requests" | "gateway_requests" | "tokens" | "worker_ms", number>;

/** Runs the fleet flow over so many workspaces of three models each, with the list in a resource, at two depths. */
export async function benchFleet(workspaces: number): Promise<object> {
  const world = await startDeployedWorld();
  try {
    setConcurrency(world.windmill, WORKERS);
    announce(`connecting ${workspaces} workspaces`);
    const members = await connectMembers(world, workspaces);
    const depths = {
      free: await measure(world, members, "free"),
      chat: await measure(world, members, "chat"),
    };
    const hours = (Object.keys(PER_HOUR) as (keyof typeof PER_HOUR)[]).map((depth) =>
      scaled(countUp(depths[depth].own, depths[depth].per_workspace), PER_HOUR[depth]),
    );
    const per_hour = hours.reduce((a, b) => together(a, b, (x, y) => x + y));
    return {
      workspaces,
      workers: WORKERS,
      depths,
      counted_up: {
        workspaces: LARGE,
        checks_per_hour: PER_HOUR,
        per_hour,
        workers_kept_busy: round(per_hour.worker_ms / 3_600_000),
        the_list_bytes: JSON.stringify(members).length * (LARGE / workspaces),
      },
    };
  } finally {
    await world.close();
  }
}

async function connectMembers(world: World, count: number): Promise<Member[]> {
  const members = [];
  for (let index = 0; index < count; index++) {
    const workspace = `team-${String(index).padStart(4, "0")}`;
    const token_path = `u/admin/token_${index}`;
    await world.storeSecret(token_path, await addConnectedWorkspace(world, workspace, KEY, MODELS));
    members.push({ workspace, token_path });
  }
  return members;
}

/** The cost of a run over one workspace and over all; the difference is what each costs, the rest is the run's own. */
async function measure(world: World, members: readonly Member[], depth: keyof typeof PER_HOUR) {
  await runOver(world, members.slice(0, 1), depth);
  announce(`a fleet of ${members.length} workspaces at depth ${depth}`);
  const one = await runOver(world, members.slice(0, 1), depth);
  const all = await runOver(world, members, depth);
  const per_workspace = together(all.cost, one.cost, (x, y) => round((x - y) / Math.max(1, members.length - 1)));
  const own = together(one.cost, per_workspace, (x, y) => round(x - y));
  return { run_s: all.run_s, healthy: all.healthy, result_bytes: all.result_bytes, per_workspace, own };
}

async function runOver(world: World, members: readonly Member[], depth: string) {
  const { windmill, pooler, target } = world;
  world.workspace.resources.delete(LIST);
  seedResource(windmill.store, world.workspace, LIST, { workspaces: members });
  const before = { windmill: windmill.requests.length, pooler: pooler.requests.length };
  const started = performance.now();
  const args = { fleet_path: LIST, parallelism: WORKERS, depth };
  const run = await runFlow(windmill, WORKSPACE, FLEET, args, target.token);
  const run_s = round((performance.now() - started) / 1000);
  const report = reportOf(run, FleetReport);
  const jobs = jobsOf(windmill, WORKSPACE).filter((job) => rootOf(job).id === run.id);
  const scripts = jobs.filter(({ kind }) => kind === "script");
  const cost: Cost = {
    jobs: jobs.length,
    // Those of the members' own tokens too, which are no job's.
    windmill_requests: windmill.requests.length - before.windmill,
    gateway_requests: pooler.requests.length - before.pooler,
    tokens: report.tokens,
    worker_ms: scripts.reduce((sum, { durationMs }) => sum + durationMs, 0),
  };
  return { run_s, cost, healthy: report.counts.healthy, result_bytes: JSON.stringify(run.result).length };
}

const countUp = (own: Cost, each: Cost): Cost => together(own, each, (x, y) => x + y * LARGE);

const scaled = (cost: Cost, times: number): Cost => together(cost, cost, (x) => Math.round(x * times));

const together = (a: Cost, b: Cost, add: (a: number, b: number) => number): Cost =>
  Object.fromEntries(Object.entries(a).map(([name, value]) => [name, add(value, b[name as keyof Cost])])) as Cost;

const round = (value: number): number => Math.round(value * 100) / 100;
