import { headline } from "../../../f/codex_pooler/dashboard__raw_app/lib/view.ts";
import { deployedIn } from "../../standins/windmill/jobs/state.ts";
import type { Invariant, Simulation } from "../simulation.ts";
import { HEALTH } from "../windmill.ts";
import { rulesOf } from "./told.ts";

/**
 * **Page.** The dashboard is never greener than what is known: not while a worse status counts, not while a feature is known to be
 * broken, and not when the last check that was remembered is older than two intervals of the schedule (or half an hour, without one):
 * then it says that it is only a memory. A status never stands without its age.
 *
 * Rules: `greener`, `green-features`, `green-old`, `no-age`.
 */
export function page(): Invariant {
  return {
    name: "Page",
    onPage(world, data) {
      const seen = data as Parameters<typeof headline>[0];
      if (!seen.health) return;
      const now = world.time.now;
      const { tone, title, stale, since } = headline(seen, now);
      const memory = world.memory();
      if (tone === "good" && memory && memory.status !== "healthy")
        world.fail("Page", "greener", `the page says "${title}" while ${memory.status} counts`);
      // What only hurts who chooses an option that the gateway does not know is information, and no trouble.
      const hurts = seen.features.filter(
        ({ state, feature }) => state === "broken" && feature !== "flow chat with optional inputs",
      );
      const broken = hurts.map(({ feature }) => feature);
      // A first bad tick is only a first one: the status waits for a second.
      if (tone === "good" && broken.length > 0 && memory?.last?.status === "healthy")
        world.fail(
          "Page",
          "green-features",
          `the page says "${title}" beside features that are broken: ${broken.join(", ")}`,
        );
      watchAge(world, tone, title, stale, seen.health.checked_at, now);
      if (since === "" && seen.health.checked_at)
        world.fail("Page", "no-age", `the page says "${title}" without its age`);
    },
  };
}

/** Milliseconds that a tick may take, and that workers' clocks may differ by. */
const SLACK_MS = 10 * 60_000;

function watchAge(
  world: Simulation,
  tone: string,
  title: string,
  stale: string,
  checkedAt: string | null,
  now: number,
): void {
  if (tone !== "good" || stale !== "") return;
  const schedule = deployedIn(world.windmill.workspace).schedules.get(HEALTH);
  const limit = (schedule?.enabled ? 2 * rulesOf(world).intervalMs : 30 * 60_000) + SLACK_MS;
  const age = checkedAt === null ? Number.POSITIVE_INFINITY : now - Date.parse(checkedAt);
  if (age > limit)
    world.fail(
      "Page",
      "green-old",
      `the page says "${title}" as if it were so now, and the last check that was remembered is ${Math.round(age / 60_000)} min old`,
    );
}
