import { showableAddress } from "../core/address.ts";
import { type CheckReport, REPORT_VERSION } from "../core/report.ts";
import type { ConnectionFacts, Depth, Finding, ModelRow, Probe, Route, Status } from "../core/shapes.ts";
import { diagnose, type KnownFact } from "../diagnose/collapse.ts";
import { factsOf, slowModels } from "../diagnose/facts.ts";
import { whatPeopleGet } from "../diagnose/people.ts";
import { statusOf } from "../diagnose/status.ts";
import type { DiagnosisContext } from "../diagnose/templates.ts";
import { usageFacts } from "../diagnose/usage.ts";
import { configuredModels, ownModel, PROVIDER, type SettingsView } from "../observe/ai_settings.ts";
import { type Drift, driftOf } from "../observe/drift.ts";
import { fingerprintOf } from "../observe/fingerprint.ts";
import { type Observation, observe } from "../observe/observe.ts";
import { resolveMaxTokens } from "../probe/feature_probes.ts";
import { defaultElsewhere, featureModel, featureRows } from "../probe/feature_rows.ts";
import { notAsked, type ProbeRun, type Sent, sendProbes } from "../probe/send.ts";
import { serverTime } from "../windmill/jobs.ts";
import type { Progress } from "../windmill/progress.ts";
import type { StoredKey } from "../windmill/variables.ts";
import type { Windmill } from "../windmill/windmill.ts";
import { outlook } from "./ahead.ts";
import { blindReport } from "./blind.ts";
import { keyPathOf, withoutKey } from "./refusals.ts";

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
export type CheckWish = { depth: Depth } | { due: (observation: Observation) => Promise<Due> };

/**
 * Milliseconds from the beginning of a check within which every probe is over. A check always ends with a report: the step of the
 * health flow has 300 s (f/codex_pooler/health__flow/flow.yaml), of which it needs some to start and to read a key.
 */
const CHECK_MS = 250_000;

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
  /** What the settings, the resource, the secret and the schedule say is wrong. */
  facts: readonly KnownFact[];
  /** Where the workspace differs from what was asked for. */
  drift: readonly Drift[];
}

/** Checks the connection as users reach it, and answers what was read too. */
export async function examine(windmill: Windmill, wish: CheckWish, progress: Progress): Promise<Examined> {
  const started = performance.now();
  progress.step("read the AI settings, the resource and the schedule", 0.05);
  const observation = await observe(windmill);
  const due = "due" in wish ? await wish.due(observation) : { depth: wish.depth, answered: [] };
  const { depth, answered } = due;
  const observed = performance.now();
  const { view } = observation.settings;
  const models = configuredModels(view);
  progress.step(`ask the gateway over both routes (${depth}, ${models.length} models)`, 0.15);
  const run = { depth, view, candidate: null, until: started + CHECK_MS };
  const sent = view.connection === null ? [] : await probe(windmill, run, observation, progress);
  const not_asked = view.connection === null ? [] : notAsked(run, sent);
  const probed = performance.now();
  progress.step("diagnose", 0.95);

  const served = servedBy(sent);
  const context = { ...contextOf(windmill, observation, served), answered };
  const drift = driftOf(observation, served);
  const read = factsOf(observation, served, drift);
  const facts = [...read, ...slowModels(sent.map((one) => one.probe)), ...foretold(sent, view), ...staleRoutes(sent)];
  const first = diagnose(sent, facts, context);
  const open = openTexts(context, models, sent);
  const worded = await withoutKey(windmill, { sent, findings: first.findings, open }, async () =>
    observation.secret?.state === "ok" ? observation.secret.path : null,
  );
  const { findings: found, probes } = worded
    ? diagnose(worded.sent, [...facts, ...formOf(worded.stored, first.findings)], { ...context, clean: worded.clean })
    : first;
  const elsewhere = defaultElsewhere(view);
  const ahead = await outlook(sent, observation, depth);
  const all = [...found, ...ahead.findings];
  const findings = elsewhere === null ? all : all.map(spared);
  const status = statusOf(findings);
  const report: CheckReport = {
    version: REPORT_VERSION,
    status,
    summary: summarise(status, depth, findings, { probes, notAsked: not_asked.length, elsewhere }),
    workspace: observation.workspace,
    checked_at: observation.at,
    server_version: observation.server_version,
    depth,
    ...("chosen" in due ? { chosen: due.chosen } : {}),
    fingerprint: await fingerprintOf(observation),
    ...(observation.intent?.active ? { asked_at: observation.intent.at } : {}),
    connection: connectionFacts(observation),
    findings,
    probes,
    ...(not_asked.length > 0 ? { not_asked } : {}),
    models: modelRows(view, served, probes),
    features: featureRows(probes, view),
    ...ahead.figures,
    timings_ms: {
      observe: Math.round(observed - started),
      probe: Math.round(probed - observed),
      slowest_probe: Math.max(0, ...probes.map(({ ms }) => ms)),
      total: Math.round(performance.now() - started),
    },
    tokens: tokensOf(probes),
  };
  return { observation, report, served, facts: read, drift };
}

/**
 * Asks as users do. Their answers may come from credentials that Windmill cached up to 60 s ago, so the model list, which costs
 * nothing, is also asked for by the resource's path, which bypasses the cache.
 */
async function probe(
  windmill: Windmill,
  run: ProbeRun,
  { resource }: Observation,
  progress: Progress,
): Promise<Sent[]> {
  const [live, direct] = await Promise.all([
    sendProbes(windmill, run, (share) => progress.reach(0.15 + 0.75 * share)),
    resource?.state === "ok"
      ? sendProbes(windmill, { ...run, depth: "free", candidate: resource.path, only: ["models"] })
      : [],
  ]);
  return [...live, ...direct];
}

/** What the key's figures foretell of the chats that Windmill will send. */
function foretold(sent: readonly Sent[], view: SettingsView): KnownFact[] {
  const usage = sent.find((one) => one.probe.kind === "usage" && one.probe.ok);
  const models = [...new Set([featureModel(view, "chat"), featureModel(view, "metadata")])];
  const reservations = models.flatMap((choice): [string, number][] =>
    "model" in choice ? [[choice.model, resolveMaxTokens(choice.model, view.max_tokens_per_model)]] : [],
  );
  return usage ? usageFacts(usage.outcome.body, new Map(reservations)) : [];
}

/** Findings that concern every AI feature of the workspace, whoever's model it uses. */
const CONCERNS_ALL: ReadonlySet<string> = new Set(["ai-disabled"]);

/** Where the default model is another provider's, trouble of the gateway refuses those who pick its models, and nobody else. */
const spared = (one: Finding): Finding =>
  one.severity === "critical" && !CONCERNS_ALL.has(one.code) ? { ...one, severity: "warning" } : one;

/** Routes over which the connection answers now, while users are still refused with what Windmill had cached. */
function staleRoutes(sent: readonly Sent[]): KnownFact[] {
  const lists = sent.map((one) => one.probe).filter(({ kind }) => kind === "models");
  const stale = lists.filter(
    (live) => !live.candidate && !live.ok && lists.some((one) => one.candidate && one.ok && one.route === live.route),
  );
  return stale.map(({ route }) => ({ code: "stale-credentials", seen: `over the ${route} route` }));
}

/** What is wrong with the form of a key that the gateway refuses. */
function formOf(stored: StoredKey | null, findings: readonly Finding[]): KnownFact[] {
  if (!findings.some(({ layer }) => layer === "key")) return [];
  const slip = stored?.slip?.says ?? (stored?.padded ? "has blanks or a line break around it" : null);
  return slip ? [{ code: "key-malformed", seen: `The key ${slip}` }] : [];
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
  const sent = await sendProbes(windmill, { depth: first === undefined ? "free" : "chat", view, candidate });
  const served = servedBy(sent);
  const context = {
    served,
    base_url,
    resource_path: candidate,
    server_url: windmill.routes.server,
    default_model: first ?? null,
  };
  const unworded = diagnose(sent, [], context);
  const open = openTexts(context, models, sent);
  const worded = await withoutKey(windmill, { sent, findings: unworded.findings, open }, () =>
    keyPathOf(windmill, candidate),
  );
  const { findings, probes } = worded ? diagnose(worded.sent, [], { ...context, clean: worded.clean }) : unworded;
  return { findings, probes, served, server_reachable: isReached(sent, "server") };
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

/** The model list, as the server route saw it, else the worker route. */
function servedBy(sent: readonly Sent[]): string[] | null {
  const lists = sent.filter(({ probe }) => probe.kind === "models" && probe.ok);
  const list = lists.find(({ probe }) => probe.route === "server") ?? lists[0];
  return list?.models ?? null;
}

const contextOf = (
  windmill: Windmill,
  { resource, secret, settings }: Observation,
  served: string[] | null,
): DiagnosisContext => ({
  base_url: resource?.state === "ok" ? resource.base_url : null,
  resource_path: settings.view.connection?.resource_path ?? null,
  secret_path: secret?.path ?? null,
  server_url: windmill.routes.server,
  default_model: ownModel(settings.view.default_model),
  served,
});

function connectionFacts({ settings, resource, secret, schedule }: Observation): ConnectionFacts {
  return {
    settings: settings.of_instance && settings.source === "workspace" ? "instance" : settings.source,
    resource_path: settings.view.connection?.resource_path ?? null,
    base_url: resource?.state === "ok" ? showableAddress(resource.base_url) : null,
    secret_path: secret?.path ?? null,
    default_model: ownModel(settings.view.default_model),
    metadata_model: ownModel(settings.view.metadata_model),
    default_elsewhere: defaultElsewhere(settings.view),
    schedule: schedule && { cron: schedule.schedule, enabled: schedule.enabled, timezone: schedule.timezone },
  };
}

/** One row per configured model, then one per other model that the gateway lists. */
export function modelRows(view: SettingsView, served: readonly string[] | null, probes: readonly Probe[]): ModelRow[] {
  const configured = configuredModels(view);
  const known = new Set(configured.map((id) => id.toLowerCase()));
  const others = (served ?? []).filter((id) => !known.has(id.toLowerCase()));
  const listed = new Set((served ?? []).map((id) => id.toLowerCase()));
  return [...configured, ...others].map((id) => {
    // Feature probes fail for what a feature asks, not for the model: the features table shows them.
    const mine = probes.filter(({ model, kind }) => model === id && kind === "chat");
    const side = (route: Route): ModelRow["server"] => {
      const there = mine.filter((probe) => probe.route === route);
      if (there.length === 0) return "not-tested";
      return there.every(({ ok }) => ok) ? "ok" : "failed";
    };
    const times = mine.filter(({ ok, route }) => ok && route === "server").map(({ ms }) => ms);
    return {
      id,
      configured: view.connection?.models.includes(id) ?? false,
      is_default: ownModel(view.default_model) === id,
      is_metadata: ownModel(view.metadata_model) === id,
      served: served === null ? null : listed.has(id.toLowerCase()),
      server: side("server"),
      worker: side("worker"),
      ms: times.length > 0 ? Math.max(...times) : null,
    };
  });
}

const tokensOf = (probes: readonly Probe[]): number => probes.reduce((sum, { tokens }) => sum + (tokens ?? 0), 0);

const HEALTHY: Record<Depth, string> = {
  free: "The gateway answers over both routes. No model was asked, as depth free costs no tokens.",
  chat: "Every configured model answers over both routes.",
  features: "Every configured model answers over both routes, and what Windmill's features send was tried.",
};

const SUMMARY: Record<Exclude<Status, "healthy" | "down">, string> = {
  degraded: "People are served, but something needs a look.",
  unknown: "It could not be measured what people get.",
};

/** One line: the status and its first cause. */
function summarise(
  status: Status,
  depth: Depth,
  findings: readonly Finding[],
  { probes, notAsked, elsewhere }: { probes: readonly Probe[]; notAsked: number; elsewhere: string | null },
): string {
  if (status === "healthy" && notAsked > 0)
    return `What was asked answers; there was no time left for ${notAsked} of the requests of depth ${depth}.`;
  if (status === "healthy") return HEALTHY[depth];
  const [first, ...more] = findings.filter(({ severity }) => severity !== "info");
  const people =
    status === "degraded" && elsewhere !== null
      ? `The default model, ${elsewhere}, does not go through the gateway and was not checked; its own models have a problem.`
      : status === "down"
        ? whatPeopleGet(findings, probes)
        : SUMMARY[status];
  return `${people} ${first ? `${first.title}${more.length > 0 ? `, and ${more.length} more` : ""}.` : ""}`.trim();
}
