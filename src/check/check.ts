import { type CheckReport, REPORT_VERSION } from "../core/report.ts";
import type { Depth, Finding, Probe, Route } from "../core/shapes.ts";
import { diagnose } from "../diagnose/collapse.ts";
import { configuredModels, PROVIDER, type SettingsView } from "../observe/ai_settings.ts";
import { type Observation, observe } from "../observe/observe.ts";
import { type Sent, sendProbes } from "../probe/send.ts";
import type { Progress } from "../windmill/progress.ts";
import { readSecret } from "../windmill/variables.ts";
import type { Windmill } from "../windmill/windmill.ts";
import { isBusy } from "./busy.ts";
import { connectionFacts, tokensOf } from "./compose.ts";
import { conclude, type Seen, servedBy, upheld } from "./conclude.ts";
import { type Age, ageOf, type StaleRoute, withAge } from "./stale.ts";

/** The walk of `check`: observe, probe over both routes, diagnose, report. It changes nothing. */

/** How deep a check looks, chosen for what was observed. */
export interface Due {
  depth: Depth;
  /** Why, as a sentence, and a mark of what it was chosen for. */
  chosen: { why: string; fingerprint: string };
  /** Models that are known to answer although the gateway does not list them. */
  answered: readonly string[];
}

/** How deep to look, or who says it once it is known what there is. */
export type CheckWish = ({ depth: Depth } | { due: (observation: Observation) => Promise<Due> }) & {
  /**
   * Whether to wait until no process uses the key or address of before any more, and to look again, where one still does. It takes a
   * minute at most. Else the report says which one, and until when.
   */
  patient?: boolean;
};

/**
 * Checks the connection as users reach it.
 *
 * Never fails for what it finds: when Windmill itself does not answer, that is the report.
 */
export const checkConnection = async (windmill: Windmill, wish: CheckWish, progress: Progress): Promise<CheckReport> =>
  (await examine(windmill, wish, progress)).report;

/** A check with what it was made from, for walks that go on from there. */
export interface Examined {
  observation: Observation;
  report: CheckReport;
  /** Ids that the gateway lists; null when the list could not be read. */
  served: string[] | null;
  /** Routes that still use the key or address of before. */
  stale: StaleRoute[];
}

/** Milliseconds after which a check begins no second look: the step of the health flow has 300 s for both. */
const SECOND_LOOK_MS = 90_000;

/** Checks the connection as users reach it, and answers what was read too. */
export async function examine(windmill: Windmill, wish: CheckWish, progress: Progress): Promise<Examined> {
  const started = performance.now();
  const first = await look(windmill, wish, progress);
  const late = performance.now() - started > SECOND_LOOK_MS;
  if (first.age.switched.length > 0 && first.age.stale.length === 0) return look(windmill, wish, progress);
  if (!wish.patient || late || first.age.stale.length === 0) return first;
  await outlive(first.stale, progress);
  return look(windmill, { ...wish, settled: true }, progress);
}

/** Waits until the last of these routes must have dropped what it had. */
async function outlive(stale: readonly StaleRoute[], progress: Progress): Promise<void> {
  const routes = stale.map(({ route }) => route).join(" and ");
  const end = Math.max(...stale.map(({ over_at }) => over_at)) + SPARE_MS;
  for (let left = end - performance.now(); left > 0; left = end - performance.now()) {
    progress.step(`the ${routes} route still uses what was before: looking again in ${Math.ceil(left / 1000)} s`, 0.9);
    await new Promise((resolve) => setTimeout(resolve, Math.min(left, WAIT_STEP_MS)));
  }
}

const WAIT_STEP_MS = 10_000;
/** Milliseconds beyond the end of Windmill's own memory. */
const SPARE_MS = 500;

/** One look. `settled`: no process can have anything of before, so answers that differ are no matter of age. */
async function look(
  windmill: Windmill,
  wish: CheckWish & { settled?: boolean },
  progress: Progress,
): Promise<Examined & { age: Age }> {
  const started = performance.now();
  progress.step("read the AI settings, the resource and the schedule", 0.05);
  const observation = await observe(windmill);
  const due = "due" in wish ? await wish.due(observation) : { depth: wish.depth, answered: [] };
  const { depth, answered } = due;
  const observed = performance.now();
  const { view } = observation.settings;
  const models = configuredModels(view);
  progress.step(`ask the gateway over both routes (${depth}, ${models.length} models)`, 0.15);
  const path = pathToAsk(observation);
  const raw = view.connection === null ? [] : await probe(windmill, depth, observation, path, progress);
  const age: Age = wish.settled ? { stale: [], switched: [] } : await ageOf(windmill, view, path, raw);
  const sent = withAge(raw, age);
  const probed = performance.now();
  progress.step("diagnose", 0.95);

  const seen = { observation, sent, age, depth, answered, server_url: windmill.routes.server };
  const first = conclude(seen);
  const key = await lookAtKey(windmill, observation, first.findings);
  const { served, ...concluded } = upheld(key ? conclude({ ...seen, key }) : first, seen);
  const report: CheckReport = {
    version: REPORT_VERSION,
    workspace: observation.workspace,
    checked_at: observation.at,
    server_version: observation.server_version,
    depth,
    ...("chosen" in due ? { chosen: due.chosen } : {}),
    connection: connectionFacts(observation),
    ...concluded,
    timings_ms: {
      observe: Math.round(observed - started),
      probe: Math.round(probed - observed),
      slowest_probe: Math.max(0, ...concluded.probes.map(({ ms }) => ms)),
      total: Math.round(performance.now() - started),
    },
    tokens: tokensOf(concluded.probes),
  };
  return { observation, report, served, stale: age.stale, age };
}

/** The path by which the resource can be asked under the caller's rights; null where it cannot, or where there is none. */
export function pathToAsk({ resource, secret, caller }: Observation): string | null {
  if (resource?.state !== "ok") return null;
  return caller.admin || secret === null || secret.state === "ok" || secret.state === "not-secret"
    ? resource.path
    : null;
}

/**
 * Asks as users do. Their answers may come from credentials that Windmill cached up to 60 s ago, so the model list, which costs
 * nothing, is also asked for by the resource's path, which bypasses the cache.
 */
async function probe(
  windmill: Windmill,
  depth: Depth,
  { settings: { view }, server_version: version }: Observation,
  path: string | null,
  progress: Progress,
): Promise<Sent[]> {
  const [live, direct] = await Promise.all([
    sendProbes(
      windmill,
      { depth, view, version, candidate: null },
      { isBusy, onDone: (share) => progress.reach(0.15 + 0.75 * share) },
    ),
    path === null ? [] : sendProbes(windmill, { depth: "free", view, candidate: path, only: ["models"] }),
  ]);
  return [...live, ...direct];
}

/**
 * Looks at the stored key, only when the gateway refuses it: Windmill audits every look at a secret. What leaves is its form, and the
 * first characters, which the gateway's own pages show. Null where there is nothing to look at.
 */
async function lookAtKey(
  windmill: Windmill,
  { secret }: Observation,
  findings: readonly Finding[],
): Promise<NonNullable<Seen["key"]> | null> {
  if (secret?.state !== "ok" || !findings.some(({ layer }) => layer === "key")) return null;
  const stored = await readSecret(windmill, secret.path).catch(() => null);
  if (stored === null) return null;
  const slip = stored.slip?.says ?? (stored.padded ? "has blanks or a line break around it" : null);
  const { prefix } = stored.secret;
  return {
    facts: slip ? [{ code: "key-malformed", seen: `The key ${slip}` }] : [],
    prefix: prefix.startsWith("sk-") ? prefix : null,
  };
}

/** How a candidate answers. */
export interface Tried {
  findings: Finding[];
  probes: Probe[];
  /** Ids that the gateway lists; null when the list could not be read. */
  served: string[] | null;
  /** Whether the server that browsers use could be reached from here at all. */
  server_reachable: boolean;
}

/**
 * Asks a resource that is not live yet, by its path.
 *
 * @param models ids to ask for a completion each; none = only what costs no tokens.
 */
export async function probeCandidate(
  windmill: Windmill,
  candidate: string,
  models: readonly string[],
  base_url: string,
): Promise<Tried> {
  const [first] = models;
  const chosen = first === undefined ? null : { provider: PROVIDER, model: first };
  const view: SettingsView = {
    providers: [PROVIDER],
    connection: { resource_path: candidate, models: [...models] },
    default_model: chosen,
    metadata_model: chosen,
    code_completion_model: null,
    max_tokens_per_model: {},
    ai_disabled: false,
    unreadable: [],
  };
  const sent = await sendProbes(
    windmill,
    { depth: first === undefined ? "free" : "chat", view, candidate },
    { isBusy },
  );
  const served = servedBy(sent);
  const context = {
    served,
    base_url,
    resource_path: candidate,
    server_url: windmill.routes.server,
    default_model: first ?? null,
  };
  const { findings, probes } = diagnose(sent, [], context);
  return { findings, probes, served, server_reachable: isReached(sent, "server") };
}

/** Whether any request over the route came back from Windmill or from beyond it. */
const isReached = (sent: readonly Sent[], route: Route): boolean =>
  sent.some(({ probe }) => probe.route === route && probe.status !== null);
