import { deflateSync } from "node:zlib";
import type { Outcome } from "../../standins/windmill/jobs/job.ts";
import type { Job } from "../../standins/windmill/jobs/state.ts";
import type { Invariant, Simulation } from "../simulation.ts";
import { FOLDER } from "../windmill.ts";

/**
 * **Bounded.** No step of the health flow runs into its time-out, no result is larger than what Windmill shows (90,000 bytes as stored,
 * that is compressed; zlib stands for PostgreSQL's compression, with a factor for its being weaker), no state is larger than
 * docs/operating.md promises, and a tick asks the gateway no more than each model over both routes for each feature, at most 24 requests at once as people would be crowded out otherwise, and writes no more than it has to.
 *
 * Rules: `time-out`, `result-size`, `state-size`, `crowd`, `quiet-writes`.
 */
export function bounded(): Invariant {
  const under = new Map<string, number[]>();
  return {
    name: "Bounded",
    onJobEnd(world, job, outcome) {
      const { message = "" } = ((outcome.result as { error?: { message?: string } } | null)?.error ?? {}) as {
        message?: string;
      };
      if (/execution timed out/.test(message))
        world.fail("Bounded", "time-out", `${job.path} ran into its time-out of ${job.timeout} s`);
      watchSize(world, job, outcome);
    },
    onUpstream(world, { owner, time, model, host }) {
      if (model === null || owner.instant) return;
      const latency = Object.values(world.windmill.gateways).find((one) => one.host === host)?.pooler.latencyMs ?? 0;
      const asked = (under.get(owner.name) ?? []).filter((when) => time - when <= latency);
      asked.push(time);
      under.set(owner.name, asked);
      if (latency >= 1_000 && asked.length > CROWD)
        world.fail(
          "Bounded",
          "crowd",
          `${asked.length} completions of one run are under way at once, and a gateway of this kind runs 24`,
        );
    },
    onTick(world, tick) {
      const isQuiet =
        world.memory()?.status === "healthy" &&
        world.ticks.at(-2)?.outcome.success === true &&
        tick.isScheduled &&
        !tick.disturbed &&
        // The first tick makes the memory, and clears away what an older release has left.
        !tick.writes.some((name) => name.endsWith("/health_state/0"));
      if (isQuiet && tick.writes.length > QUIET_WRITES && !tick.steps.has("notify")) {
        world.fail(
          "Bounded",
          "quiet-writes",
          `a tick in which nothing happened writes ${tick.writes.length} times: ${tick.writes.join(", ")}`,
        );
      }
      for (const { path, value, resourceType } of world.windmill.workspace.resources.values()) {
        if (resourceType !== "state" || !path.startsWith(`${FOLDER}/`)) continue;
        const size = JSON.stringify(value ?? null).length;
        const [, limit] = STATES.find(([name]) => path.slice(FOLDER.length + 1).startsWith(name)) ?? [];
        if (limit !== undefined && size > limit)
          world.fail("Bounded", "state-size", `the state ${path} has ${size} characters`);
      }
    },
  };
}

/** Characters that docs/operating.md promises at worst, by the beginning of the state's name; the memory is state and history in one. */
const STATES: readonly (readonly [name: string, limit: number])[] = [
  ["health_state", 375_000],
  ["health_history", 310_000],
  ["snapshots", 400_000],
  ["intent", 60_000],
];
/** Completions of one run at a time: half of what Codex Pooler runs. */
const CROWD = 12;
/** Writes of a tick in which nothing happened, the history of a week's first tick included. */
const QUIET_WRITES = 1;
/** Windmill's limit (`pg_column_size(result) >= 90000`), and by how much pglz is weaker than zlib on reports, at most. */
const RESULT_BYTES = 90_000;
const WEAKER = 2.5;

function watchSize(world: Simulation, job: Job, { result }: Outcome): void {
  const text = JSON.stringify(result ?? null);
  if (text.length < RESULT_BYTES) return;
  const stored = deflateSync(text, { level: 1 }).length * WEAKER;
  if (stored >= RESULT_BYTES)
    world.fail(
      "Bounded",
      "result-size",
      `the result of ${job.path} has ${text.length} characters, about ${Math.round(stored)} bytes as stored`,
    );
}
