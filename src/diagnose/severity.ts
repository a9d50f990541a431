import type { Layer, Probe, ProbeKind, Severity } from "../core/shapes.ts";
import { OPTIONAL_KINDS } from "../probe/feature_probes.ts";
import { featuresOf } from "../probe/feature_rows.ts";
import type { ProbedOutcome } from "../probe/probed.ts";
import { rowOf } from "../table/table.ts";
import type { DiagnosisContext } from "./templates.ts";
import type { Evidence } from "./wording.ts";

/** How much a cause hurts, and whom: what else was answered decides. Pure. */

/** What is about to become a finding. */
export interface Cause {
  code: string;
  severity: Severity;
  evidence: Evidence[];
  probes: string[];
}

/** Probes that stand for a user's request; the others are the model list and the usage figures. */
export const isCompletion = ({ kind }: Probe): boolean => kind !== "models" && kind !== "usage";
/** Probes that are answered under the same circumstances. */
export const sameWay = (a: Probe, b: Probe): boolean => a.route === b.route && a.candidate === b.candidate;

/**
 * What a cause is about where the same model answers other requests of the same way: it is a matter of what these features send. Null
 * where it is not known to be one.
 *
 * `optional`: whether it is about nothing but what only some people set or see.
 */
export function onlyFor(cause: Cause, probed: readonly ProbedOutcome[]): { says: string; optional: boolean } | null {
  const mine = probed.filter(({ probe }) => cause.probes.includes(probe.id)).map(({ probe }) => probe);
  const features = featuresOf(mine.map(({ kind }) => kind));
  const others = probed.filter(
    ({ probe }) => probe.ok && !probe.stale && isCompletion(probe) && mine.some((one) => isBeside(one, probe)),
  );
  if (mine.length === 0 || features.length === 0 || others.length === 0) return null;
  if (!mine.every((one) => others.some(({ probe }) => isBeside(one, probe)))) return null;
  const works = featuresOf(others.map(({ probe }) => probe.kind)).filter((feature) => !features.includes(feature));
  return {
    says: [
      `It concerns ${features.join(", ")}.`,
      works.length > 0 ? `What ${works.join(", ")} send was answered.` : "A plain question was answered.",
    ].join(" "),
    optional: mine.every(({ kind }) => OPTIONAL_KINDS.has(kind)),
  };
}

/** Whether two probes differ in what they ask only. */
const isBeside = (a: Probe, b: Probe): boolean => sameWay(a, b) && a.model === b.model && a.kind !== b.kind;

/** Layers in which figures alone say that a chat will be refused. */
const FORETOLD: ReadonlySet<Layer> = new Set<Layer>(["key-policy", "quota"]);

/** What every check asks. */
const PLAIN: ReadonlySet<ProbeKind> = new Set<ProbeKind>(["models", "chat"]);

/** What keeps people from Windmill AI although every request would be answered. */
const HIDES: ReadonlySet<string> = new Set(["ai-disabled"]);

/**
 * A critical cause is a warning while people are served in spite of it: while their default chat works, or goes to another provider,
 * or, where no model was asked, while the server route answers and the trouble is elsewhere.
 */
export function calm(cause: Cause, probed: readonly ProbedOutcome[], context: DiagnosisContext): Severity {
  const concerned = probed.filter(({ probe }) => cause.probes.includes(probe.id)).map(({ probe }) => probe);
  // Whatever it is called: a list or a plain question that failed is more than something to know.
  if (cause.severity === "info" && concerned.some(({ kind, ok }) => !ok && PLAIN.has(kind))) return "warning";
  if (cause.severity !== "critical" || HIDES.has(cause.code)) return cause.severity;
  const { default_model: main, chat_elsewhere = false, trial = false } = context;
  const blind = rowOf(cause.code).blind === true;
  // A worker that cannot be asked leaves open what people get, who go through the server.
  if (blind && concerned.length > 0 && concerned.every(({ route }) => route === "worker")) return "warning";
  if (chat_elsewhere && !blind) return "warning";
  const asUsersDo = ({ route, candidate }: Probe): boolean => route === "server" && candidate === trial;
  const fine = (test: (probe: Probe) => boolean): boolean =>
    probed.some(({ probe }) => probe.ok && asUsersDo(probe) && test(probe));
  const works = typeof main === "string" && fine((probe) => isCompletion(probe) && probe.model === main);
  const asked = probed.some(({ probe }) => isCompletion(probe));
  const listed = !asked && fine(({ kind }) => kind === "models");
  const spared = (probe: Probe): boolean => !asUsersDo(probe) || !isCompletion(probe) || probe.model !== main;
  if (works) {
    // What the key's figures foretell of Windmill's chats, a small question cannot disprove.
    const foretold = concerned.length === 0 && FORETOLD.has(rowOf(cause.code).layer);
    return concerned.every(spared) && !foretold ? "warning" : "critical";
  }
  return listed && concerned.length > 0 && concerned.every(spared) ? "warning" : "critical";
}
