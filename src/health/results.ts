import type { FeatureRow } from "../core/features.ts";
import { Depth, type Finding, type ModelRow, PROBE_DEPTH, type Probe, type Status } from "../core/shapes.ts";
import { type Cause, currentFindings, type DepthResult, type HealthState, LIMITS } from "./state.ts";

/** One picture out of results of several depths: what a shallow check cannot see stands until it is measured again. Pure. */

/** What a check gave, as far as the memory takes it. */
export interface Checked {
  /** ISO 8601. */
  at: string;
  status: Status;
  depth: Depth;
  findings: readonly Finding[];
  probes: readonly Pick<Probe, "id" | "kind">[];
  models: readonly ModelRow[];
  features: readonly FeatureRow[];
  tokens: number;
}

const DEPTHS = Depth.options;
const LEVEL: Readonly<Record<Status, number>> = { healthy: 0, unknown: 1, degraded: 2, down: 3 };

/** The worse of two statuses: down > degraded > unknown > healthy. */
export const worse = (a: Status, b: Status): Status => (LEVEL[a] >= LEVEL[b] ? a : b);

/**
 * Milliseconds for which trouble that only a deeper check can see stands without being measured again. It is out of reach while
 * the depth is chosen by the flow; it ends what a single deep run by hand has left behind.
 */
const STANDING_MS = 2 * 3_600_000;

/** The depth that a finding needs: that of the cheapest probe that shows it. What is read from settings needs none. */
export function depthOf(finding: Pick<Finding, "probes">, probes: readonly Pick<Probe, "id" | "kind">[]): Depth {
  const places = probes
    .filter(({ id }) => finding.probes.includes(id))
    .map(({ kind }) => DEPTHS.indexOf(PROBE_DEPTH[kind]));
  return DEPTHS[places.length === 0 ? 0 : Math.min(...places)] ?? "free";
}

/** Whether a finding is more than information. */
const hurts = ({ severity }: Finding): boolean => severity !== "info";

/**
 * The results of all depths after a check: those that it measured are new, the deeper ones stand.
 *
 * @param changed whether the settings are others than before, so that what deeper checks found says nothing any more.
 */
export function takeResults(before: HealthState["results"], check: Checked, changed: boolean): HealthState["results"] {
  const reached = DEPTHS.indexOf(check.depth);
  const result = (depth: Depth): DepthResult | null => {
    const old = before[depth];
    if (DEPTHS.indexOf(depth) > reached) return old && standing(old, check.at, changed);
    const own = check.findings.filter((finding) => depthOf(finding, check.probes) === depth).slice(0, LIMITS.findings);
    return {
      at: check.at,
      tokens: check.tokens,
      findings: own.map((one) => ({ ...one, evidence: one.evidence.slice(0, LIMITS.evidence) })),
      failing_since: own.some(hurts) ? (old?.failing_since ?? check.at) : null,
    };
  };
  return { free: result("free"), chat: result("chat"), features: result("features") };
}

function standing(old: DepthResult, at: string, changed: boolean): DepthResult {
  const over = changed || Date.parse(at) - Date.parse(old.at) > STANDING_MS;
  return over && old.failing_since !== null
    ? { ...old, failing_since: null, findings: old.findings.filter((one) => !hurts(one)) }
    : old;
}

/** The status of a check together with what deeper ones found before. A blind check stays blind. */
export function measuredStatus(check: Checked, results: HealthState["results"]): Status {
  if (check.status === "unknown") return "unknown";
  const deeper = DEPTHS.slice(DEPTHS.indexOf(check.depth) + 1).flatMap((depth) => results[depth]?.findings ?? []);
  const statuses = deeper.filter(hurts).map(({ severity }): Status => (severity === "critical" ? "down" : "degraded"));
  return statuses.reduce(worse, check.status);
}

/** A cause, and whether it heals by itself. */
export interface Reason extends Cause {
  lasting: boolean;
}

/** Why the status is what it is: of the findings that weigh most, one that never heals by itself, else the first. */
export function reasonOf(status: Status, results: HealthState["results"]): Reason {
  // What deeper checks found before is no reason for being blind now.
  const weighing = (status === "unknown" ? (results.free?.findings ?? []) : currentFindings(results)).filter(hurts);
  const heaviest = status === "down" ? weighing.filter(({ severity }) => severity === "critical") : weighing;
  const first = heaviest.find(({ lasting }) => lasting) ?? heaviest[0];
  return { status, code: first?.code ?? "", title: first?.title ?? "", lasting: first?.lasting === true };
}

/** Model rows with the last answers of models that this check did not ask. */
export function takeModels(before: readonly ModelRow[], now: readonly ModelRow[]): ModelRow[] {
  return now.slice(0, LIMITS.models).map((row) => {
    const old = before.find(({ id }) => id === row.id);
    const asked = row.server !== "not-tested" || row.worker !== "not-tested";
    return asked || !old ? row : { ...row, server: old.server, worker: old.worker, ms: old.ms };
  });
}

type Features = Pick<HealthState, "features" | "features_tried">;

/**
 * Feature rows with the last results of features that this check did not try. What fails because models fail is no result of the
 * features: it ends when models answer again.
 *
 * @param results those of all depths after this check.
 */
export function takeFeatures(before: Features, check: Checked, results: HealthState["results"]): Features {
  const untried = ({ state }: FeatureRow): boolean => state === "not-tested";
  const old = (rows: readonly FeatureRow[], { feature }: FeatureRow) =>
    rows.find((row) => row.feature === feature && !untried(row));
  const known = check.depth === "free" ? before.features : before.features_tried;
  const features = check.features.map((row) => (untried(row) ? (old(known, row) ?? row) : row));
  if (check.depth !== "features") return { features, features_tried: before.features_tried };
  const deeper = new Set((results.features?.findings ?? []).map(({ code }) => code));
  const ofModels = ({ state, code = "" }: FeatureRow): boolean => state === "broken" && !deeper.has(code);
  const tried = check.features.flatMap((row) => (ofModels(row) ? (old(before.features_tried, row) ?? []) : row));
  return { features, features_tried: tried };
}
