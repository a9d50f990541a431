import { Depth, type Finding, PROBE_DEPTH, type Probe, ProbeKind, type Status } from "../core/shapes.ts";
import { isBlind } from "../table/table.ts";
import { type Cause, currentFindings, type HealthState, LIMITS, type OpenFinding } from "./state.ts";

/** What is open: findings of all depths, each until its subjects were measured on their own merits. Pure. */

/** A request of a check, as far as the memory looks at it. */
export type Sent = Pick<Probe, "id" | "kind">;

/** What a check gave, as far as it says what is wrong. */
export interface Measured {
  /** ISO 8601. */
  at: string;
  status: Status;
  depth: Depth;
  findings: readonly Finding[];
  probes: readonly Sent[];
  /** Ids of probes for which the check had no time left. */
  not_asked?: readonly string[] | undefined;
  /** Why the settings could not even be read; nothing was measured then. */
  could_not_look?: string | undefined;
}

const DEPTHS = Depth.options;
const level = (depth: Depth): number => DEPTHS.indexOf(depth);
const LEVEL: Readonly<Record<Status, number>> = { healthy: 0, unknown: 1, degraded: 2, down: 3 };

/** The worse of two statuses: down > degraded > unknown > healthy. */
export const worse = (a: Status, b: Status): Status => (LEVEL[a] >= LEVEL[b] ? a : b);

/** The depth at which a probe is sent, by its id (`route:kind:model`). What is no probe needs none. */
function depthOfId(id: string): Depth {
  const kind = ProbeKind.safeParse(id.split(":")[1]);
  return kind.success ? PROBE_DEPTH[kind.data] : "free";
}

/** The depth that a finding needs: that of the cheapest probe that shows it. What is read from settings needs none. */
export function depthOf({ probes }: Pick<Finding, "probes">): Depth {
  const levels = probes.map((id) => level(depthOfId(id)));
  return DEPTHS[levels.length === 0 ? 0 : Math.min(...levels)] ?? "free";
}

/** The probes that show a finding by themselves: deeper ones fail as its consequence and say nothing of their own. */
export function subjectsOf(finding: Pick<Finding, "probes">): string[] {
  const depth = depthOf(finding);
  return finding.probes.filter((id) => depthOfId(id) === depth);
}

/** Whether a finding is more than information. */
export const hurts = ({ severity }: Finding): boolean => severity !== "info";

/**
 * Ids of the probes that a check measured on their own merits: answered, or failing for a reason of their own depth. One that an
 * obstacle before it stopped, or that nobody could see, was asked for and not measured.
 */
export function measuredIn({ findings, probes }: Measured): ReadonlySet<string> {
  const stopped = new Set(
    findings.flatMap((finding) => {
      if (isBlind(finding.code)) return finding.probes;
      const own = new Set(subjectsOf(finding));
      return finding.probes.filter((id) => !own.has(id));
    }),
  );
  return new Set(probes.map(({ id }) => id).filter((id) => !stopped.has(id)));
}

/** Whether a check measured anything at a depth: what it reached and had nothing to ask for counts. */
export function looked(check: Measured, depth: Depth): boolean {
  if (check.could_not_look !== undefined || level(depth) > level(check.depth)) return false;
  const measured = measuredIn(check);
  const ofDepth = [...check.probes.map(({ id }) => id), ...(check.not_asked ?? [])].filter(
    (id) => depthOfId(id) === depth,
  );
  return ofDepth.length === 0 || ofDepth.some((id) => measured.has(id));
}

/** What is open after a check. */
export function takeFindings(before: readonly OpenFinding[], check: Measured): OpenFinding[] {
  const found = check.findings.map((finding) => ({ finding, depth: depthOf(finding) }));
  const left = stillOpen(before, check);
  const now = found.map(({ finding, depth }): OpenFinding => {
    const old = before.find((one) => isSame(one, finding, depth));
    const rest = left.find((one) => isSame(one, finding, depth))?.finding.probes ?? [];
    const probes = [...new Set([...subjectsOf(finding), ...rest])].slice(0, LIMITS.subjects);
    const evidence = finding.evidence.slice(0, LIMITS.evidence);
    return { finding: { ...finding, probes, evidence }, depth, first: old?.first ?? check.at, last: check.at };
  });
  const kept = left.filter((one) => !found.some(({ finding, depth }) => isSame(one, finding, depth)));
  const all = [...now, ...kept];
  return [...all.filter(({ finding }) => hurts(finding)), ...all.filter(({ finding }) => !hurts(finding))].slice(
    0,
    LIMITS.open,
  );
}

const isSame = (one: OpenFinding, { code }: Finding, depth: Depth): boolean =>
  one.finding.code === code && one.depth === depth;

/** Of what was open before: what the check did not measure, with the subjects that it did not measure. */
function stillOpen(before: readonly OpenFinding[], check: Measured): OpenFinding[] {
  if (check.could_not_look !== undefined) return [...before];
  const measured = measuredIn(check);
  const missed = new Set([
    ...check.probes.map(({ id }) => id).filter((id) => !measured.has(id)),
    ...(check.not_asked ?? []),
  ]);
  return before.flatMap((one) => {
    if (level(one.depth) > level(check.depth)) return [one];
    // A subject that is neither measured nor missed is gone: its model or its feature is no part of the settings any more.
    const probes = one.finding.probes.filter((id) => missed.has(id));
    return probes.length === 0 ? [] : [{ ...one, finding: { ...one.finding, probes } }];
  });
}

/** The status of a check together with what is still open. A blind check stays blind. */
export function measuredStatus(check: Measured, open: readonly OpenFinding[]): Status {
  if (check.status === "unknown") return "unknown";
  const standing = open.filter(({ finding, last }) => last !== check.at && hurts(finding));
  const statuses = standing.map(({ finding }): Status => (finding.severity === "critical" ? "down" : "degraded"));
  return statuses.reduce(worse, check.status);
}

/** A cause, and whether it never heals by itself. */
export interface Reason extends Cause {
  lasting: boolean;
}

/** Why the status is what it is: of the findings that weigh most, one that never heals by itself, else the first. */
export function reasonOf(status: Status, open: readonly OpenFinding[]): Reason {
  const weighing = currentFindings(open).filter(hurts);
  // What was found before is no reason for being blind now.
  const heaviest = weighing.filter(({ severity, code }) =>
    status === "unknown" ? isBlind(code) : status !== "down" || severity === "critical",
  );
  const first = heaviest.find(({ lasting }) => lasting) ?? heaviest[0];
  return { status, code: first?.code ?? "", title: first?.title ?? "", lasting: first?.lasting === true };
}

/** Since when a depth has been finding something worse than information; null when nothing of it is open. */
export function failingSince(open: HealthState["open"], depth: Depth): string | null {
  const firsts = open.filter((one) => one.depth === depth && hurts(one.finding)).map(({ first }) => first);
  return firsts.sort()[0] ?? null;
}
