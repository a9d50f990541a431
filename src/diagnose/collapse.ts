import { type Finding, Layer, type Probe, type ProbeKind, type Route, type Severity } from "../core/shapes.ts";
import { among } from "../observe/drift.ts";
import { type ProbedOutcome, seenOf } from "../probe/probed.ts";
import { rowOf } from "../table/table.ts";
import { classify } from "./match.ts";
import { type Cause, calm, isCompletion, onlyFor, sameWay } from "./severity.ts";
import type { DiagnosisContext } from "./templates.ts";
import { finding } from "./wording.ts";

/** From many failed probes to few findings: one per root cause, with the probes it explains. */

/** Something that was read in the settings, and the row that it means. */
export interface KnownFact {
  code: string;
  /** What was seen; "" when the row says it all. */
  seen: string;
  model?: string;
  route?: Route;
  /** Where it is worse than its row says. */
  severity?: Severity;
  /** Ids of the probes that it was seen in; none when it was read in the settings. */
  probes?: string[];
}

interface Diagnosed extends ProbedOutcome {
  /** What its own answer says, seen beside its neighbours' answers. */
  own: string;
  /** What made it fail: its own code, or the obstacle before it. */
  root: string;
}

const depth = (layer: Layer): number => Layer.options.indexOf(layer);
const depthOf = (code: string): number => depth(rowOf(code).layer);
/** A cause up to here stops every request of its route; behind it, models and features differ. */
const BLOCKING = depth("key");
const SEVERITIES: readonly Severity[] = ["critical", "warning", "info"];

/** What a check found. */
export interface Diagnosis {
  /** One per root cause: most severe first, then in the order of a request's way. */
  findings: Finding[];
  /** The probes with the code of what their own answer says; null for those that are fine. */
  probes: Probe[];
}

/** The code of a request that went out with the key or address of before. */
const STALE = "stale-credentials";

/**
 * Diagnoses a check. Probes that went out with what was there before are no evidence of anything but that.
 *
 * @param facts what the settings say; what a root cause makes unknowable among them is left out.
 */
export function diagnose(
  probed: readonly ProbedOutcome[],
  facts: readonly KnownFact[],
  context: DiagnosisContext,
): Diagnosis {
  const present = probed.filter(({ probe }) => !probe.stale);
  const failed = failures(present, context.served ?? null);
  const causes = merge([
    ...knowable(asAnswered(facts, present, context), failed),
    ...failed.filter(isTelling(failed)).map(fromProbe),
  ]);
  const codes = new Map(failed.map(({ probe, own }) => [probe.id, own]));
  return {
    findings: withoutConsequences(causes)
      .map((cause) => wordCause(cause, probed, context))
      .sort(
        (a, b) => SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity) || depth(a.layer) - depth(b.layer),
      ),
    probes: probed.map(({ probe }) => ({
      ...probe,
      code: probe.stale && !probe.ok ? STALE : (codes.get(probe.id) ?? null),
    })),
  };
}

function wordCause(cause: Cause, probed: readonly ProbedOutcome[], context: DiagnosisContext): Finding {
  const worded = finding(cause.code, cause.evidence, context, cause.probes);
  const severity = isRaised(cause) ? worse(worded.severity, cause.severity) : worded.severity;
  const only = onlyFor(cause, probed);
  return {
    ...worded,
    ...(only ? { cause: `${worded.cause} ${only.says}` } : {}),
    severity: only?.optional ? "info" : calm({ ...cause, severity }, probed, context),
  };
}

/** The code of one probe: null when it is fine, else what its answer says, seen beside the others' answers. */
function codeOf(one: ProbedOutcome, probed: readonly ProbedOutcome[], served: readonly string[] | null): string | null {
  if (one.probe.ok) return null;
  const { outcome, problem, probe } = one;
  const { code } = classify({
    outcome,
    route: probe.route,
    kind: probe.kind,
    model: probe.model,
    ...(problem ? { problem } : {}),
  });
  return refine(code, probe, probed, served);
}

function failures(probed: readonly ProbedOutcome[], served: readonly string[] | null): Diagnosed[] {
  const failed = probed.flatMap((one) => {
    const own = codeOf(one, probed, served);
    return own === null ? [] : [{ ...one, own, root: own }];
  });
  return failed.map((one) => ({ ...one, root: rootOf(one, failed, probed) }));
}

/** Probes with the full token limit of a chat, and those with a small one. */
const LARGE: ReadonlySet<ProbeKind> = new Set(["stream", "tools", "large", "strict-tools"]);
const SMALL: ReadonlySet<ProbeKind> = new Set(["chat", "metadata", "summary", "connection-check"]);

/** What only the neighbours of a probe tell: the same words mean something else when others succeed. */
function refine(
  code: string,
  probe: Probe,
  probed: readonly ProbedOutcome[],
  served: readonly string[] | null,
): string {
  const fine = (test: (other: Probe) => boolean): boolean =>
    probed.some(({ probe: other }) => other.ok && sameWay(other, probe) && test(other));
  if (probe.kind === "models" && code !== "models-empty" && fine(isCompletion)) return "models-list-unavailable";
  if (code === "key-limit-reached" && LARGE.has(probe.kind)) {
    return fine((other) => other.model === probe.model && SMALL.has(other.kind)) ? "key-limit-below-reservation" : code;
  }
  const gone =
    code === "endpoint-not-found" && isCompletion(probe) && fine((other) => other.kind === probe.kind)
      ? "model-not-served"
      : code;
  const { model } = probe;
  if (gone !== "model-not-served" || model === null) return gone;
  // It cannot be gone for a gateway that lists it, or that has just answered with it.
  const answers = probed.some(({ probe: other }) => other.ok && isCompletion(other) && other.model === model);
  return answers || (served !== null && among([model], served).length > 0) ? "model-refused" : gone;
}

/** Facts with those put right that answers have disproved: a model that is not listed and answers is not gone, the list is not whole. */
export const asAnswered = (
  facts: readonly KnownFact[],
  probed: readonly ProbedOutcome[],
  { answered = [] }: DiagnosisContext,
): KnownFact[] =>
  facts.map((fact) => {
    const { code, model } = fact;
    if (code !== "model-not-served" || model === undefined) return fact;
    const asked = probed.filter(({ probe }) => isCompletion(probe) && probe.model === model && !probe.stale);
    const answers = asked.length === 0 ? answered.includes(model) : asked.some(({ probe }) => probe.ok);
    return answers ? { ...fact, code: "model-unlisted" } : fact;
  });

/** Where nothing works on a way, the first obstacle is the cause and all later ones are its consequences. */
function rootOf(one: Diagnosed, failed: readonly Diagnosed[], probed: readonly ProbedOutcome[]): string {
  const here = (other: ProbedOutcome): boolean => sameWay(other.probe, one.probe);
  if (probed.some((other) => here(other) && other.probe.ok && other.probe.kind !== "usage")) return one.own;
  const codes = failed.filter(here).map(({ own }) => own);
  const count = (code: string): number => codes.filter((other) => other === code).length;
  const first = codes
    .filter((code) => depthOf(code) <= BLOCKING)
    .sort((a, b) => depthOf(a) - depthOf(b) || count(b) - count(a))[0];
  return first ?? one.own;
}

/** Not every gateway serves usage figures, so they only confirm what other probes say. */
const isTelling =
  (failed: readonly Diagnosed[]) =>
  (one: Diagnosed): boolean =>
    one.probe.kind !== "usage" || failed.some(({ probe, root }) => probe.kind !== "usage" && root === one.root);

/** A consequence lends its cause the probe's id, but not its answer: that would prove something else. */
const fromProbe = ({ probe, outcome, problem, own, root }: Diagnosed): Cause => ({
  code: root,
  severity: rowOf(root).severity,
  probes: [probe.id],
  evidence:
    own !== root
      ? []
      : [
          {
            route: probe.route,
            model: probe.model,
            status: outcome.status,
            text: seenOf({ outcome, ...(problem ? { problem } : {}) }),
            ...(outcome.location === undefined ? {} : { location: outcome.location }),
            ...(outcome.request_id === undefined ? {} : { request_id: outcome.request_id }),
          },
        ],
});

/** Facts that need an answer of the gateway's: nobody knows which models it serves while it cannot be asked. */
const NEEDS_GATEWAY: ReadonlySet<string> = new Set([
  "model-not-served",
  "model-unlisted",
  "models-empty",
  "models-list-unavailable",
  "slow",
  "key-limit-below-reservation",
]);

function knowable(facts: readonly KnownFact[], failed: readonly Diagnosed[]): Cause[] {
  const blocked = failed.some(
    ({ probe, root }) => probe.route === "server" && probe.kind !== "usage" && depthOf(root) <= BLOCKING,
  );
  return facts
    .filter(({ code }) => !blocked || !NEEDS_GATEWAY.has(code))
    .map(({ code, seen, model, route, severity = rowOf(code).severity, probes = [] }) => ({
      code,
      severity,
      evidence: [{ text: seen, ...(model === undefined ? {} : { model }), ...(route === undefined ? {} : { route }) }],
      probes,
    }));
}

const worse = (a: Severity, b: Severity): Severity => SEVERITIES.find((one) => one === a || one === b) ?? a;
/** Whether a consequence made the cause more severe than its row says. */
const isRaised = ({ code, severity }: Cause): boolean => severity !== rowOf(code).severity;

const join = (a: Cause, b: Cause): Cause => ({
  ...a,
  severity: worse(a.severity, b.severity),
  evidence: [...a.evidence, ...b.evidence],
  probes: [...new Set([...a.probes, ...b.probes])],
});

/** One cause per code. */
function merge(all: readonly Cause[]): Cause[] {
  const merged = new Map<string, Cause>();
  for (const one of all) {
    const same = merged.get(one.code);
    merged.set(one.code, same ? join(same, one) : one);
  }
  return [...merged.values()];
}

/** Drops what another cause explains; its probes and its answers go there. */
function withoutConsequences(all: readonly Cause[]): Cause[] {
  const explainedBy = ({ code }: Cause): readonly string[] => rowOf(code).explains ?? [];
  const gone = new Set(all.flatMap(explainedBy));
  return all
    .filter(({ code }) => !gone.has(code))
    .map((cause) => all.filter(({ code }) => explainedBy(cause).includes(code)).reduce(join, cause));
}
