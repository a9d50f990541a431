import { reportOf, HEALTH, startDeployedWorld, WORKSPACE, type World } from "../e2e/world.ts";
import { CheckReport } from "../../f/codex_pooler/lib/report.ts";
import { jobsOf, runFlow, setConcurrency } from "../standins/windmill/jobs/run.ts";
import { connectModels } from "./check.ts";
import { announce, figures, repeat } from "./figures.ts";

/** What a tick of the health flow costs, and how many of them one worker can do. */

/** Milliseconds that the stand-in gateway takes for a completion. */
const LATENCY_MS = 300;
const MODELS = 3;
const RUNS = 10;

/** Runs the flow back to back on one worker, at the depth that costs nothing and at the one that asks the models. */
export async function benchTicks(): Promise<object> {
  const world = await startDeployedWorld();
  try {
    setConcurrency(world.windmill, 1);
    await connectModels(world, MODELS);
    world.pooler.latencyMs = LATENCY_MS;
    const depths: Record<string, object> = {};
    for (const depth of ["free", "chat"] as const) {
      announce(`ticks of depth ${depth}`);
      await tick(world, depth);
      const ticks = await repeat(RUNS, () => tick(world, depth));
      const ms = figures(ticks.map((one) => one.ms));
      const [{ ms: _, ...counts } = { ms: 0 }] = ticks;
      depths[depth] = { tick_ms: ms, ticks_per_minute: Math.floor(60_000 / ms.median), ...counts };
    }
    return { models: MODELS, upstream_latency_ms: LATENCY_MS, workers: 1, depths };
  } finally {
    await world.close();
  }
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
    jobs: 1 + children.length,
    windmill_requests: asked.length,
    gateway_requests: pooler.requests.length - before.pooler,
    tokens: reportOf(flow, CheckReport).tokens,
  };
}
