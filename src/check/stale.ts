import type { Route } from "../core/shapes.ts";
import type { KnownFact } from "../diagnose/collapse.ts";
import { answerInWords, differs, firstRefusal, judgeAge, type Pair, pairsOf } from "../diagnose/marks.ts";
import { ownModel } from "../observe/ai_settings.ts";
import { type ProbeRun, type Sent, sendOne } from "../probe/send.ts";
import type { Windmill } from "../windmill/windmill.ts";

/** Finds out which routes still use the key or address of before. */

/** Milliseconds for which a process of Windmill keeps credentials that it has read (windmill-api, ai.rs), counted from when it read them. */
export const CACHE_MS = 60_000;

/** How often both ways are asked again before a difference counts: a gateway whose replicas disagree would differ by chance too. */
const ROUNDS = 3;

/** A route whose process still uses what was there before. */
export interface StaleRoute {
  route: Route;
  /** ISO 8601, by this worker's clock: when it must be over. */
  until: string;
  /** The same as `performance.now()` tells it. */
  over_at: number;
  /** What told it, in words. */
  seen: string;
  /** Whether users' requests are refused over it meanwhile. */
  refused: boolean;
}

/** What is known of the routes' age. */
export interface Age {
  stale: StaleRoute[];
  /** Routes that answered with what was before and do so no more: what they said is void, and asking again is worth it at once. */
  switched: Route[];
}

/**
 * Holds what users' requests got against what the same requests got by the resource's path. In a sound workspace it asks nothing; a
 * difference, or a refusal, costs a few questions to be sure that it is a matter of age.
 *
 * @param run what was asked as users do.
 * @param sent the probes of a check, with the list of models by path.
 * @param resource_path null where the resource cannot be asked by its path: nothing can be told then.
 */
export async function ageOf(
  windmill: Windmill,
  run: ProbeRun,
  resource_path: string | null,
  sent: readonly Sent[],
): Promise<Age> {
  if (resource_path === null) return { stale: [], switched: [] };
  const routes: Route[] = ["server", "worker"];
  const ages = await Promise.all(routes.map((route) => ageOfRoute(windmill, run, resource_path, sent, route)));
  return {
    stale: ages.flatMap((age) => (age !== null && age !== "switched" ? [age] : [])),
    switched: routes.filter((_, index) => ages[index] === "switched"),
  };
}

async function ageOfRoute(
  windmill: Windmill,
  run: ProbeRun,
  resource_path: string,
  sent: readonly Sent[],
  route: Route,
): Promise<StaleRoute | "switched" | null> {
  const { view } = run;
  const live: ProbeRun = { ...run, depth: "chat" };
  const direct: ProbeRun = { ...live, candidate: resource_path };
  const ask = async ({ probe }: Sent): Promise<Pair | null> => {
    // One after the other: of a gateway that has one place left, the second would be refused for the first one's sake.
    const asUsers = await sendOne(windmill, live, probe);
    const byPath = await sendOne(windmill, direct, probe);
    return asUsers && byPath ? { live: asUsers, direct: byPath } : null;
  };
  const listed = pairsOf(sent).find((pair) => pair.live.probe.route === route && differs(pair.live, pair.direct));
  const pair = listed ?? (await refusedPair());
  if (pair === null) return null;
  for (let round = 0; round < ROUNDS; round++) {
    const again = await ask(pair.live as Sent);
    const verdict = again && judgeAge(pair, again);
    if (verdict === "just-switched") return "switched";
    if (verdict !== "stale") return null;
  }
  return {
    route,
    until: new Date(Date.now() + CACHE_MS).toISOString(),
    over_at: performance.now() + CACHE_MS,
    seen: `over the ${route} route, what users send ${answerInWords(pair.live)}; the same by the resource's path ${answerInWords(pair.direct)}`,
    refused: !pair.live.probe.ok,
  };

  /** Where the lists do not differ, a refused question may: another key of the same gateway. */
  async function refusedPair(): Promise<Pair | null> {
    const refusal = firstRefusal(sent, route, ownModel(view.default_model)) as Sent | undefined;
    const byPath = refusal && (await sendOne(windmill, direct, refusal.probe));
    return refusal && byPath && differs(refusal, byPath) ? { live: refusal, direct: byPath } : null;
  }
}

/** The probes with those marked that went out with what was before. */
export const withAge = (sent: readonly Sent[], { stale, switched }: Age): Sent[] => {
  const old = new Set<Route>([...stale.map(({ route }) => route), ...switched]);
  return sent.map((one) =>
    old.has(one.probe.route) && !one.probe.candidate ? { ...one, probe: { ...one.probe, stale: true } } : one,
  );
};

/** What the age of routes means, as facts for the diagnosis. */
export const staleFacts = ({ stale }: Age, sent: readonly Sent[]): KnownFact[] =>
  stale.map(({ route, seen, refused }) => ({
    code: "stale-credentials",
    seen,
    route,
    probes: sent.filter(({ probe }) => probe.stale && probe.route === route).map(({ probe }) => probe.id),
    // What people get over the server route is refused now, whatever will be.
    ...(refused && route === "server" ? { severity: "critical" as const } : {}),
  }));
