import { type CheckReport, REPORT_VERSION } from "../core/report.ts";
import type { Depth, Finding, Probe, Route } from "../core/shapes.ts";
import { diagnose, type KnownFact } from "../diagnose/collapse.ts";
import type { DiagnosisContext } from "../diagnose/templates.ts";
import { configuredModels, PROVIDER, type SettingsView } from "../observe/ai_settings.ts";
import type { Drift } from "../observe/drift.ts";
import { fingerprintOf } from "../observe/fingerprint.ts";
import { type Observation, observe } from "../observe/observe.ts";
import { seeAudience } from "../observe/see_audience.ts";
import { notAsked, type ProbeRun, type Sent, sendProbes } from "../probe/send.ts";
import { serverTime } from "../windmill/jobs.ts";
import type { Progress } from "../windmill/progress.ts";
import type { Windmill } from "../windmill/windmill.ts";
import { askAsMember } from "./as_member.ts";
import { blindReport } from "./blind.ts";
import { isBusy } from "./busy.ts";
import { connectionFacts, tokensOf } from "./compose.ts";
import { conclude, contextOf, foretold, servedBy, upheld } from "./conclude.ts";
import { keyPathOf, withoutKey } from "./refusals.ts";
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
  /** Windmill as a member sees it, whose requests are to be tried too. */
  member?: Windmill;
};

/**
 * Milliseconds from the beginning of a check within which every probe is over. A check always ends with a report: the step of the
 * health flow has 300 s (f/codex_pooler/health__flow/flow.yaml), of which it needs some to start and to read a key.
 */
const CHECK_MS = 250_000;
/** Milliseconds after which a check begins no second look: with the minute of waiting before it, it must fit into the same time. */
const SECOND_LOOK_MS = 90_000;

/**
 * Checks the connection as users reach it.
 *
 * Never fails for what it finds: when Windmill itself does not answer, that is the report.
 */
export async function checkConnection(windmill: Windmill, wish: CheckWish, progress: Progress): Promise<CheckReport> {
  const started = performance.now();
  try {
    return (await examine(windmill, wish, progress)).report;
  } catch (error) {
    const { workspace } = windmill;
    const about = { workspace, depth: "depth" in wish ? wish.depth : ("free" as const) };
    const took_ms = performance.now() - started;
    return blindReport(
      { ...about, at: await serverTime(windmill), took_ms },
      error instanceof Error ? error.message : String(error),
    );
  }
}

/** A check with what it was made from, for walks that go on from there. */
export interface Examined {
  observation: Observation;
  report: CheckReport;
  /** Ids that the gateway lists; null when the list could not be read. */
  served: string[] | null;
  /** Routes that still use the key or address of before. */
  stale: StaleRoute[];
  /** What the settings, the resource, the secret and the schedule say is wrong. */
  facts: readonly KnownFact[];
  /** Where the workspace differs from what was asked for. */
  drift: readonly Drift[];
}

/** Checks the connection as users reach it, and answers what was read too. */
export async function examine(windmill: Windmill, wish: CheckWish, progress: Progress): Promise<Examined> {
  const started = performance.now();
  const again = { ...wish, until: started + CHECK_MS };
  const first = await look(windmill, again, progress);
  const { stale, switched } = first.age;
  const late = performance.now() - started > SECOND_LOOK_MS;
  if (late) return first;
  if (switched.length > 0 && stale.length === 0) return look(windmill, again, progress);
  if (!wish.patient || stale.length === 0) return first;
  await outlive(stale, progress);
  return look(windmill, { ...again, settled: true }, progress);
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
  wish: CheckWish & { until: number; settled?: boolean },
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
  const run: ProbeRun = { depth, view, version: observation.server_version, candidate: null, until: wish.until };
  const path = pathToAsk(observation);
  const raw = view.connection === null ? [] : await probe(windmill, run, path, progress);
  const not_asked = view.connection === null ? [] : notAsked(run, raw);
  const age: Age = wish.settled ? { stale: [], switched: [] } : await ageOf(windmill, run, path, raw);
  const sent = withAge(raw, age);
  const probed = performance.now();
  progress.step("diagnose", 0.95);

  const { server: server_url } = windmill.routes;
  const steps_for = await seeAudience(windmill, observation, depth === "features");
  const seen = { observation, sent, age, depth, answered, not_asked: not_asked.length, server_url, steps_for };
  const first = conclude(seen);
  const open = openTexts(contextOf(seen, first.served), models, sent);
  const worded = await withoutKey(windmill, { sent, findings: first.findings, open }, async () =>
    observation.secret?.state === "ok" ? observation.secret.path : null,
  );
  const as_member = wish.member && view.connection ? await askAsMember(wish.member, view) : null;
  const { served, facts, drift, ...concluded } = upheld(worded ? conclude({ ...seen, ...worded }) : first, seen);
  const report: CheckReport = {
    version: REPORT_VERSION,
    workspace: observation.workspace,
    checked_at: observation.at,
    server_version: observation.server_version,
    depth,
    ...("chosen" in due ? { chosen: due.chosen } : {}),
    fingerprint: await fingerprintOf(observation),
    connection: connectionFacts(observation),
    ...concluded,
    ...(not_asked.length > 0 ? { not_asked } : {}),
    ...(as_member ? { as_member } : {}),
    timings_ms: {
      observe: Math.round(observed - started),
      probe: Math.round(probed - observed),
      slowest_probe: Math.max(0, ...concluded.probes.map(({ ms }) => ms)),
      total: Math.round(performance.now() - started),
    },
    tokens: tokensOf(concluded.probes),
  };
  return { observation, report, served, facts, drift, stale: age.stale, age };
}

/** The path by which the resource can be asked under the caller's rights; null where it cannot, or where there is none. */
export function pathToAsk({ resource, secret, caller }: Observation): string | null {
  if (resource?.state !== "ok") return null;
  const readable = secret === null || secret.state === "ok" || secret.state === "not-secret";
  return caller.admin || readable ? resource.path : null;
}

/**
 * Asks as users do. Their answers may come from credentials that Windmill cached up to 60 s ago, so the model list, which costs
 * nothing, is also asked for by the resource's path, which bypasses the cache.
 */
async function probe(windmill: Windmill, run: ProbeRun, path: string | null, progress: Progress): Promise<Sent[]> {
  const onDone = (share: number): void => progress.reach(0.15 + 0.75 * share);
  const [live, direct] = await Promise.all([
    sendProbes(windmill, run, { isBusy, onDone }),
    path === null ? [] : sendProbes(windmill, { ...run, depth: "free", candidate: path, only: ["models"] }),
  ]);
  return [...live, ...direct];
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

/** What a candidate is asked for, and what is known of it. */
export interface Trial {
  /** Ids to ask for a completion each; none = only what costs no tokens. */
  models: readonly string[];
  base_url: string;
  /** The token limits of the AI settings, by which the key's figures foretell whether people's chats would be refused. */
  max_tokens_per_model?: Readonly<Record<string, number>>;
  /** What the same candidate answered before, whose list of models need not be asked for again. */
  listed?: Tried;
}

/** Asks a resource that is not live yet, by its path. */
export async function probeCandidate(
  windmill: Windmill,
  candidate: string,
  { models, base_url, max_tokens_per_model = {}, listed }: Trial,
): Promise<Tried> {
  const [first] = models;
  const chosen = first === undefined ? null : { provider: PROVIDER, model: first };
  const view: SettingsView = {
    providers: [PROVIDER],
    connection: { resource_path: candidate, models: [...models] },
    default_model: chosen,
    metadata_model: chosen,
    code_completion_model: null,
    max_tokens_per_model: { ...max_tokens_per_model },
    ai_disabled: false,
    unreadable: [],
  };
  const run: ProbeRun = { depth: first === undefined ? "free" : "chat", view, candidate };
  // Figures are asked for again: they cost nothing, and tell what is left.
  const sent = await sendProbes(windmill, listed ? { ...run, only: ["chat", "usage"] } : run, { isBusy });
  const served = listed ? listed.served : servedBy(sent);
  const context = {
    served,
    base_url,
    resource_path: candidate,
    server_url: windmill.routes.server,
    default_model: first ?? null,
    trial: true,
  };
  const facts = first === undefined ? [] : foretold(sent, view, "");
  const unworded = diagnose(sent, facts, context);
  const open = openTexts(context, models, sent);
  const worded = await withoutKey(windmill, { sent, findings: unworded.findings, open }, () =>
    keyPathOf(windmill, candidate),
  );
  const { findings, probes } = worded ? diagnose(worded.sent, facts, { ...context, clean: worded.clean }) : unworded;
  return { findings, probes, served, server_reachable: listed?.server_reachable === true || isReached(sent, "server") };
}

/** Texts of this connection that are no secret, whatever they look like. */
const openTexts = (context: DiagnosisContext, models: readonly string[], sent: readonly Sent[]): string[] => [
  ...[context.base_url, context.resource_path, context.secret_path, context.server_url].flatMap((text) => text ?? []),
  ...models,
  ...(context.served ?? []),
  ...sent.map(({ probe }) => probe.code ?? ""),
];

/** Whether any request over the route came back from Windmill or from beyond it. */
const isReached = (sent: readonly Sent[], route: Route): boolean =>
  sent.some(({ probe }) => probe.route === route && probe.status !== null);
