import { z } from "zod";
import { CheckReport } from "../../src/core/report.ts";
import { callWindmill } from "../../tools/shared/windmill_api.ts";
import { runScript, settle } from "../standins/windmill/jobs/run.ts";
import { reportOf, startDeployedWorld, WORKSPACE, type World } from "../world/world.ts";
import { announce, figures, repeat } from "./figures.ts";

/** What a check costs: time beside an empty job and its own slowest probe, requests and tokens at each depth. */

/** Milliseconds that the stand-in gateway takes for a completion. */
const LATENCY_MS = 300;
const RUNS = 7;
const EMPTY = "u/admin/empty";
/** Milliseconds that a check may take beside {@link ROUNDS} slowest probes and an empty job. */
const ALLOWANCE_MS = 150;
/** 40 completions: a check begins with few at a time and never takes more than 20, so that people find a place (src/probe/crowd.ts). */
const ROUNDS = 3;

/** Times checks of 1, 5 and 20 models, and counts what each depth sends. */
export async function benchCheck(): Promise<object> {
  announce("starting the stand-ins and deploying");
  const world = await startDeployedWorld();
  try {
    await deployEmptyScript(world);
    const duration = async (path: string, args: object) => {
      const run = await runScript(world.windmill, WORKSPACE, path, args, world.target.token);
      return { run, ms: run.job.durationMs };
    };
    // The first run of a script builds its bundle, as on a real worker.
    await duration(EMPTY, {});
    announce("an empty bun job");
    const empty = (await repeat(RUNS, () => duration(EMPTY, {}))).map(({ ms }) => ms);
    const checks = [];
    for (const count of [1, 5, 20]) {
      announce(`a check of ${count} models at ${LATENCY_MS} ms`);
      await connectModels(world, count);
      world.pooler.latencyMs = LATENCY_MS;
      await duration("f/codex_pooler/check", { depth: "chat" });
      const runs = await repeat(RUNS, () => duration("f/codex_pooler/check", { depth: "chat" }));
      const slowest = runs.map(({ run }) => reportOf(run, CheckReport).timings_ms.slowest_probe);
      checks.push({ models: count, job_ms: figures(runs.map(({ ms }) => ms)), slowest_probe_ms: figures(slowest) });
      world.pooler.latencyMs = 0;
    }
    const emptyMs = figures(empty);
    const largest = checks.at(-1);
    const allowed = ROUNDS * (largest?.slowest_probe_ms.median ?? 0) + emptyMs.median + ALLOWANCE_MS;
    const measured = largest?.job_ms.median ?? Number.NaN;
    return {
      upstream_latency_ms: LATENCY_MS,
      empty_job_ms: emptyMs,
      checks,
      goal: {
        says: "20 models: 3 x slowest probe + empty job + 150 ms, in one job",
        allowed_ms: allowed,
        measured_ms: measured,
        met: measured <= allowed,
      },
      cost: await cost(world),
    };
  } finally {
    await world.close();
  }
}

/** Requests to the gateway and tokens of one check at each depth, with three models. */
async function cost(world: World): Promise<object> {
  await connectModels(world, 3);
  const depths: Record<string, object> = {};
  for (const depth of ["free", "chat", "features"]) {
    announce(`what depth ${depth} sends`);
    const from = world.pooler.requests.length;
    const report = reportOf(await world.runCheck({ depth }), CheckReport);
    const sent = world.pooler.requests.slice(from);
    const count = (end: string): number => sent.filter(({ path }) => path.endsWith(end)).length;
    depths[depth] = {
      requests: sent.length,
      models: count("/models"),
      usage: count("/usage"),
      chat: count("/chat/completions"),
      tokens: report.tokens,
    };
  }
  return { models: 3, depths };
}

/** Makes the gateway list so many models, and connects the workspace to them. */
export async function connectModels(world: World, count: number, filled: object = {}): Promise<void> {
  await world.reset();
  world.pooler.models = Array.from(
    { length: count },
    (_, index) => `gpt-6-bench-${String(index + 1).padStart(2, "0")}`,
  );
  const connected = await world.runConnect(filled);
  if (!connected.success) throw new Error(`connect failed: ${JSON.stringify(connected.result)}`);
}

async function deployEmptyScript(world: World): Promise<void> {
  await callWindmill(world.target, `w/${WORKSPACE}/scripts/create`, z.unknown(), {
    path: EMPTY,
    content: "export async function main() {}\n",
    language: "bun",
    kind: "script",
    summary: "",
    description: "",
    schema: { type: "object", properties: {} },
    lock: '{\n  "dependencies": {}\n}\n//bun.lock\n<empty>',
  });
  await settle(world.windmill);
}
