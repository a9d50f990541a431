import { CheckReport } from "../../src/core/report.ts";
import { Depth } from "../../src/core/shapes.ts";
import { jobsOf, runFlow, setConcurrency } from "../standins/windmill/jobs/run.ts";
import { putMemory } from "../world/health_memory.ts";
import { HEALTH, reportOf, startDeployedWorld, WORKSPACE, type World } from "../world/world.ts";
import { connectModels } from "./check.ts";
import { announce, figures, repeat } from "./figures.ts";
import { type Reports, takeMonth } from "./month.ts";

/** What a tick of the health flow costs, how many of them one worker can do, and what a month of memory adds. */

/** Milliseconds that the stand-in gateway takes for a completion. */
const LATENCY_MS = 300;
const MODELS = 3;
const RUNS = 15;

/** Runs the flow back to back on one worker: at each depth, and with a full memory beside an empty one. */
export async function benchTicks(): Promise<object> {
  const world = await startDeployedWorld();
  try {
    setConcurrency(world.windmill, 1);
    await connectModels(world, MODELS);
    announce("checks of each depth");
    const reports = await reportsOf(world);
    announce("forty days of ticks on a moved clock");
    const month = await takeMonth(reports, world.windmill.clock.now());
    world.pooler.latencyMs = LATENCY_MS;
    const depths = {
      free: await measure(world, "free"),
      chat: await measure(world, "chat"),
      features: await measure(world, "features"),
    };
    const { empty, full } = await compare(world, month.stored);
    return {
      models: MODELS,
      upstream_latency_ms: LATENCY_MS,
      workers: 1,
      depths,
      counted_up: countUp(depths),
      ticks_of_40_days: month.figures,
      tick_ms: { with_an_empty_memory: empty, with_a_full_one: full },
    };
  } finally {
    await world.close();
  }
}

/** What the check says at every depth, of a connection that works and of one whose key the gateway does not know. */
async function reportsOf(world: World): Promise<Reports> {
  const all = async () =>
    Object.fromEntries(
      await Promise.all(
        Depth.options.map(async (depth) => [depth, reportOf(await world.runCheck({ depth }), CheckReport)] as const),
      ),
    ) as Record<Depth, CheckReport>;
  const works = await all();
  const keys = new Map(world.pooler.keys);
  world.pooler.keys.clear();
  const fails = await all();
  for (const [key, state] of keys) world.pooler.keys.set(key, state);
  return { works, fails };
}

async function measure(world: World, depth: string) {
  announce(`ticks of depth ${depth}`);
  await tick(world, depth);
  const ticks = await repeat(RUNS, () => tick(world, depth));
  const tick_ms = figures(ticks.map((one) => one.ms));
  const worker_ms = figures(ticks.map((one) => one.cost.worker_ms)).median;
  const [{ cost }] = ticks as [(typeof ticks)[number]];
  return { tick_ms, ticks_per_minute: Math.floor(60_000 / tick_ms.median), cost: { ...cost, worker_ms } };
}

/** Ticks per hour of a flow that runs every 5 minutes and chooses its depth by itself. */
const PER_HOUR = { free: 11 - 1 / 24, chat: 1, features: 1 / 24 } as const;
const LARGE = 1_000;

/** What so many workspaces cost per hour that are each watched by their own flow. */
function countUp(depths: Record<keyof typeof PER_HOUR, { cost: Cost }>): object {
  const sum = (name: keyof Cost): number =>
    Math.round(
      LARGE *
        (Object.keys(PER_HOUR) as (keyof typeof PER_HOUR)[]).reduce(
          (total, depth) => total + PER_HOUR[depth] * depths[depth].cost[name],
          0,
        ),
    );
  const per_hour = Object.fromEntries(
    (Object.keys(depths.free.cost) as (keyof Cost)[]).map((name) => [name, sum(name)]),
  );
  return { workspaces: LARGE, ticks_per_hour: PER_HOUR, per_hour };
}

type Cost = Awaited<ReturnType<typeof tick>>["cost"];

/** Ticks with an empty memory and with a full one in turns, so that whatever else the machine does meets both alike. */
async function compare(world: World, { state, history }: { state: unknown; history: unknown }) {
  const times = { empty: [] as number[], full: [] as number[] };
  announce("ticks with an empty memory and with a full one");
  for (let run = 0; run < RUNS; run++) {
    for (const memory of ["empty", "full"] as const) {
      const full = { ...(state as object), history };
      putMemory(world.windmill.store, world.workspace, memory === "full" ? full : null);
      times[memory].push((await tick(world, "free")).ms);
    }
  }
  return { empty: figures(times.empty), full: figures(times.full) };
}

async function tick(world: World, depth: string) {
  const { windmill, pooler, target } = world;
  const before = { windmill: windmill.requests.length, pooler: pooler.requests.length };
  const started = performance.now();
  const flow = await runFlow(windmill, WORKSPACE, HEALTH, { depth }, target.token);
  const ms = performance.now() - started;
  const children = jobsOf(windmill, WORKSPACE).filter(({ parent }) => parent?.id === flow.id);
  const asked = windmill.requests.slice(before.windmill).filter(({ jobId }) => jobId !== null);
  return {
    ms,
    cost: {
      jobs: 1 + children.length,
      windmill_requests: asked.length,
      gateway_requests: pooler.requests.length - before.pooler,
      tokens: reportOf(flow, CheckReport).tokens,
      worker_ms: children.reduce((sum, { durationMs }) => sum + durationMs, 0),
    },
  };
}
