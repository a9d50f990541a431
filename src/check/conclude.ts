import type { Audience } from "../core/features.ts";
import type { CheckReport } from "../core/report.ts";
import type { Depth, Finding } from "../core/shapes.ts";
import { asAnswered, diagnose, type KnownFact } from "../diagnose/collapse.ts";
import { factsOf, slowModels } from "../diagnose/facts.ts";
import { statusOf } from "../diagnose/status.ts";
import type { DiagnosisContext } from "../diagnose/templates.ts";
import { usageFacts } from "../diagnose/usage.ts";
import { finding } from "../diagnose/wording.ts";
import { ownModel, type SettingsView } from "../observe/ai_settings.ts";
import { type Drift, driftOf } from "../observe/drift.ts";
import type { Observation } from "../observe/observe.ts";
import { defaultElsewhere, featureModel, featureRows } from "../probe/feature_rows.ts";
import { resolveMaxTokens } from "../probe/max_tokens.ts";
import type { Sent } from "../probe/send.ts";
import type { StoredKey } from "../windmill/variables.ts";
import { ownCrowd } from "./busy.ts";
import { modelRows, summarise } from "./compose.ts";
import { breachesOf } from "./invariants.ts";
import { type Age, staleFacts } from "./stale.ts";

/** What a check makes of all that it has seen. Pure. */

/** Everything that was seen. */
export interface Seen {
  observation: Observation;
  /** The probes with their answers; those that went out with what was before are marked. */
  sent: readonly Sent[];
  age: Age;
  depth: Depth;
  /** Models that answered when they were asked last although the gateway does not list them. */
  answered: readonly string[];
  /** Where the job reaches the server that browsers use. */
  server_url: string;
  /** How many probes there was no time for. */
  not_asked: number;
  /** For whom AI agent steps can use the connection at all; null when it is not known. */
  steps_for?: Audience | null;
  /** The key, where it was read because an answer might repeat it, and what takes it out of every text. */
  stored?: StoredKey | null;
  clean?: (text: string) => string;
}

/** What is said of it. */
export interface Conclusion extends Pick<CheckReport, "status" | "summary" | "probes" | "models" | "features"> {
  findings: Finding[];
  /** Ids that the gateway lists; null when the list could not be read. */
  served: string[] | null;
  /** What the settings, the resource, the secret and the schedule say is wrong. */
  facts: readonly KnownFact[];
  /** Where the workspace differs from what was asked for. */
  drift: readonly Drift[];
}

export function conclude(seen: Seen): Conclusion {
  const { observation, sent, age, depth, not_asked, stored = null } = seen;
  const { view } = observation.settings;
  const served = servedBy(sent);
  const context = contextOf(seen, served);
  const drift = driftOf(observation, served);
  const read = asAnswered(factsOf(observation, served, drift), sent, context);
  const facts = [
    ...read,
    ...slowModels(sent.map((one) => one.probe)),
    ...foretold(sent, view, observation.server_version),
    ...staleFacts(age, sent),
    ...ownCrowd(sent),
  ];
  const first = diagnose(sent, facts, context);
  const form = formOf(stored, first.findings);
  const { findings, probes } = form.length > 0 ? diagnose(sent, [...facts, ...form], context) : first;
  const status = statusOf(findings);
  return {
    status,
    summary: summarise({ status, depth, findings, probes, view, not_asked }),
    findings,
    probes,
    models: modelRows(view, served, probes),
    features: featureRows(probes, view, seen.steps_for ?? null),
    served,
    facts: read,
    drift,
  };
}

/**
 * A conclusion that contradicts nothing that was seen. Where one would, its findings make way for what was seen, in plain words: that is
 * a mistake of this program, and saying nothing false is all that is left to do about it.
 */
export function upheld(conclusion: Conclusion, { observation, sent }: Pick<Seen, "observation" | "sent">): Conclusion {
  const breaches = breachesOf({ ...conclusion, observation, sent });
  if (breaches.length === 0) return conclusion;
  const broken = new Set(breaches.map(({ code }) => code));
  const unsure = new Set(breaches.map(({ feature }) => feature));
  const kept = conclusion.findings.filter(({ code }) => !broken.has(code));
  const lost = conclusion.findings.filter(({ code }) => broken.has(code));
  const rules = [...new Set(breaches.map(({ rule }) => rule))];
  const contradiction = finding(
    "signs-contradict",
    [
      { text: `Not upheld: ${rules.join("; ")}.` },
      ...lost.flatMap(({ evidence }) =>
        evidence.map(({ excerpt: text, route, model, status: answered }) => ({ route, model, status: answered, text })),
      ),
    ],
    {},
    sent.filter(({ probe }) => !probe.ok && !probe.stale).map(({ probe }) => probe.id),
  );
  const findings = [...kept, contradiction];
  const status = statusOf(findings);
  const features = conclusion.features.map((row) =>
    unsure.has(row.feature) ? { feature: row.feature, state: "not-tested" as const, why: contradiction.title } : row,
  );
  return { ...conclusion, status, findings, features, summary: `${contradiction.title}. ${contradiction.cause}` };
}

/** What the key's figures foretell of the chats that Windmill will send. */
export function foretold(sent: readonly Sent[], view: SettingsView, version: string): KnownFact[] {
  const usage = sent.find((one) => one.probe.kind === "usage" && one.probe.ok && !one.probe.stale);
  const models = [...new Set([featureModel(view, "chat"), featureModel(view, "metadata")])];
  const reservations = models.flatMap((choice): [string, number][] =>
    "model" in choice ? [[choice.model, resolveMaxTokens(choice.model, view.max_tokens_per_model, version)]] : [],
  );
  return usage ? usageFacts(usage.outcome.body, new Map(reservations)) : [];
}

/** The model list: as users' requests get it over the server route, else over the worker's, else by path. Nothing of before. */
export function servedBy(sent: readonly Sent[]): string[] | null {
  const lists = sent.filter(({ probe }) => probe.kind === "models" && probe.ok && !probe.stale);
  const live = lists.filter(({ probe }) => !probe.candidate);
  const list = live.find(({ probe }) => probe.route === "server") ?? live[0] ?? lists[0];
  return list?.models ?? null;
}

/** What is wrong with the form of a key that the gateway refuses. */
function formOf(stored: StoredKey | null, findings: readonly Finding[]): KnownFact[] {
  if (!findings.some(({ layer }) => layer === "key")) return [];
  const slip = stored?.slip?.says ?? (stored?.padded ? "has blanks or a line break around it" : null);
  return slip ? [{ code: "key-malformed", seen: `The key ${slip}` }] : [];
}

/** What is known of the connection, for the words of findings. */
export function contextOf(
  { observation: { resource, secret, settings }, age, answered, server_url, stored, clean }: Seen,
  served: string[] | null,
): DiagnosisContext {
  const { view } = settings;
  const prefix = stored?.secret.prefix ?? "";
  return {
    base_url: resource?.state === "ok" ? resource.base_url : null,
    resource_path: view.connection?.resource_path ?? null,
    secret_path: secret?.path ?? null,
    key_prefix: prefix.startsWith("sk-") ? prefix : null,
    server_url,
    default_model: ownModel(view.default_model),
    chat_elsewhere: defaultElsewhere(view) !== null,
    served,
    answered,
    until: untilOf(age),
    ...(clean ? { clean } : {}),
  };
}

/** When the last process that still uses what was before must be done with it. */
const untilOf = ({ stale }: Age): string | null =>
  stale
    .map(({ until }) => until)
    .sort()
    .at(-1) ?? null;
