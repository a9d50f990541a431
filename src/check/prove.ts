import type { Route } from "../core/shapes.ts";
import { differs, markOf, pairsOf } from "../diagnose/marks.ts";
import { type SettingsView, viewSettings } from "../observe/ai_settings.ts";
import { type Sent, sendProbes } from "../probe/send.ts";
import type { Progress } from "../windmill/progress.ts";
import type { Windmill } from "../windmill/windmill.ts";
import { CACHE_MS } from "./stale.ts";

/**
 * Waits after a change of address or key until what users' requests get comes over what is there now: a check that begins earlier
 * would ask with what was there before, and call it proof.
 */

/** What each route answered by a resource's path before a change: what a process shows as long as it still uses that. */
export type MarksBefore = Readonly<Partial<Record<Route, string | null>>>;

const ROUTES: readonly Route[] = ["server", "worker"];
/** Milliseconds between two looks, and beyond the end of Windmill's own memory. */
const LOOK_MS = 5_000;
const SPARE_MS = 5_000;

const ANYTHING: SettingsView = { ...viewSettings({}), connection: { resource_path: "", models: [] } };

const listed = (windmill: Windmill, candidate: string | null): Promise<Sent[]> =>
  sendProbes(windmill, { depth: "free", view: ANYTHING, candidate, only: ["models"] });

/**
 * What a connection shows before it is changed. It is asked by its path, so no process begins to remember it for that.
 *
 * @param resource_path the resource that users' requests go through.
 */
export async function marksBefore(windmill: Windmill, resource_path: string): Promise<MarksBefore> {
  const sent = await listed(windmill, resource_path);
  return Object.fromEntries(sent.map((one) => [one.probe.route, markOf(one)]));
}

/** What can be said of the processes after a change. */
export interface Settled {
  /** `seen`: every route that can be reached has shown what is there now. `waited`: nothing of before can be in use any more. */
  by: "seen" | "waited";
  /** ISO 8601, by this worker's clock: from then on no process, met or not, can use what was before. */
  until: string;
}

/**
 * Waits until the processes behind both routes use what is there now: until each of them has shown it, where that differs from what was
 * before, and else until none can remember that any more, which takes a minute. What users' requests get meanwhile is not judged here.
 *
 * @param change `before` = {@link marksBefore}, null where it was not asked; `resource_path` = what users' requests go through now;
 *   `made_at` = when the last change was made, by `performance.now()`.
 */
export async function settle(
  windmill: Windmill,
  { before, resource_path, made_at }: { before: MarksBefore | null; resource_path: string; made_at: number },
  progress: Progress,
): Promise<Settled> {
  const end = made_at + CACHE_MS + SPARE_MS;
  const until = new Date(Date.now() + end - performance.now()).toISOString();
  for (;;) {
    if (before !== null && (await isSeen(windmill, resource_path, before))) return { by: "seen", until };
    const left = end - performance.now();
    if (left <= 0) return { by: "waited", until };
    progress.step(
      `wait until no process of Windmill uses the key or address of before any more (${Math.ceil(left / 1000)} s at most)`,
      0.7,
    );
    await new Promise((resolve) => setTimeout(resolve, Math.min(left, LOOK_MS)));
  }
}

/** Whether every route that can be reached answers users as it answers by path, and not as it did before. */
async function isSeen(windmill: Windmill, resource_path: string, before: MarksBefore): Promise<boolean> {
  const [live, direct] = await Promise.all([listed(windmill, null), listed(windmill, resource_path)]);
  const pairs = pairsOf([...live, ...direct]);
  const reached = ROUTES.filter((route) => live.some(({ probe }) => probe.route === route && probe.status !== null));
  return (
    reached.length > 0 &&
    reached.every((route) => {
      const pair = pairs.find((one) => one.live.probe.route === route);
      const was = before[route] ?? null;
      return (
        pair !== undefined && was !== null && differs(pair.live, pair.direct) === false && markOf(pair.live) !== was
      );
    })
  );
}

/** What a report says of processes that this run cannot have met; "" where there can be none that still uses what was before. */
export const unmet = ({ by, until }: Settled): string =>
  by === "waited"
    ? ""
    : `Both routes have shown that they use what is there now. If Windmill runs as several servers or workers, one that this run did not meet may use what was before until ${until.slice(11, 19)} UTC.`;
