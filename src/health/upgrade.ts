import * as z from "zod";
import { FeatureRow } from "../core/features.ts";
import { ConnectionFacts, Depth, Finding, ModelRow, Status } from "../core/shapes.ts";
import { depthOf, subjectsOf } from "./open.ts";
import { type HealthState, Incident, LIMITS, newState, type OpenFinding, Run, Time } from "./state.ts";
import { incidentId } from "./tick.ts";

/** Memories that earlier versions stored, brought up to date. Pure. */

/** The state up to version 1. */
const FirstVersion = z.object({
  version: z.literal(1),
  status: Status,
  since: Time,
  announced: Status.nullable(),
  checked_at: Time,
});

function fromFirst({ status, since, announced, checked_at }: z.infer<typeof FirstVersion>): HealthState {
  const state = newState(status, since);
  const cause = { status, code: "", title: "Found by an older version" } as const;
  const known = announced !== null && announced !== "healthy";
  const incident: Incident = {
    id: incidentId(since),
    start: since,
    opened: since,
    end: status === "healthy" ? since : null,
    before: null,
    worst: known ? announced : status,
    cause,
    current: { ...cause, since },
    findings: [],
    told: { at: checked_at, opening: true, recovery: false, status: announced, causes: [`${announced}/`], count: 1 },
    acknowledged: null,
  };
  if (!known) return state;
  return status === "healthy" ? { ...state, incidents: [incident] } : { ...state, incident, heading: "worse" };
}

const SecondIncident = z
  .looseObject({ told: z.looseObject({ causes: z.array(z.string()) }) })
  .transform(({ told, ...rest }) => ({
    ...rest,
    told: { status: lastTold(told.causes), count: told.causes.length, ...told },
  }))
  .pipe(Incident);

/** The status of the last cause that people were told of. */
function lastTold(causes: readonly string[]): Status | null {
  return Status.safeParse(causes.at(-1)?.split("/")[0]).data ?? null;
}

const SecondResult = z.object({
  at: Time,
  tokens: z.number().int(),
  findings: z.array(Finding),
  failing_since: Time.nullable(),
});

/** The state of version 2, that of release 0.1.0: the last result of each depth, and streaks of good and bad ticks. */
const SecondVersion = z.object({
  version: z.literal(2),
  status: Status,
  since: Time,
  last: z
    .object({
      at: Time,
      status: Status,
      depth: Depth,
      fingerprint: z.string(),
      run_url: z.string(),
      connection: ConnectionFacts.nullable(),
      server_version: z.string(),
    })
    .nullable()
    .catch(null),
  streaks: z
    .object({
      good: Run.nullable(),
      bad: Run.nullable(),
      blind: Run.nullable(),
      cause: Run.extend({ key: z.string() }).nullable(),
    })
    .catch({ good: null, bad: null, blind: null, cause: null }),
  results: z
    .object({ free: SecondResult.nullable(), chat: SecondResult.nullable(), features: SecondResult.nullable() })
    .catch({ free: null, chat: null, features: null }),
  models: z.array(ModelRow).catch([]),
  features: z.array(FeatureRow).catch([]),
  features_tried: z.array(FeatureRow).catch([]),
  unlisted: z.array(z.string()).catch([]),
  incident: SecondIncident.nullable().catch(null),
  incidents: z.array(SecondIncident).catch([]),
});

function fromSecond(old: z.infer<typeof SecondVersion>): HealthState {
  const { status, since, last, streaks, results, incident, incidents } = old;
  const { good, bad, blind, cause } = streaks;
  const fingerprint = last?.fingerprint ?? "";
  const look = ({ at, tokens }: z.infer<typeof SecondResult>) => ({ at, tokens, fingerprint });
  const tried_at = results.features?.at ?? null;
  const rows = (all: readonly FeatureRow[]) =>
    all.map((row) => ({ ...row, tried_at: row.state === "not-tested" ? null : tried_at }));
  const asked_at = results.chat?.at ?? null;
  const asked = ({ server, worker }: ModelRow): boolean => server !== "not-tested" || worker !== "not-tested";
  return {
    ...newState(status, since),
    last: last && { ...last, by: "" },
    streaks: {
      ...{ well: good, ill: bad, blind, cause, seen: null },
      served: good ?? runOf("degraded", cause),
      down: runOf("down", cause),
    },
    open: Object.values(results).flatMap((result) => (result === null ? [] : result.findings.map(openOf(result)))),
    looks: {
      free: results.free && look(results.free),
      chat: results.chat && look(results.chat),
      features: results.features && look(results.features),
    },
    tried: { chat: results.chat?.at ?? null, features: results.features?.at ?? null },
    models: old.models.map((row) => ({ ...row, asked_at: asked(row) ? asked_at : null })),
    features: rows(old.features),
    features_tried: rows(old.features_tried),
    unlisted: old.unlisted,
    incident,
    incidents,
    turns: incidents.flatMap(({ end }) => end ?? []).slice(0, LIMITS.turns),
    heading: incident === null ? "better" : "worse",
  };
}

/** How long a status has lasted at least, by its cause. */
const runOf = (status: Status, cause: { key: string; count: number; since: string } | null): Run | null =>
  cause?.key.startsWith(`${status}/`) ? { count: cause.count, since: cause.since } : null;

const openOf =
  ({ at, failing_since }: z.infer<typeof SecondResult>) =>
  (finding: Finding): OpenFinding => ({
    finding: { ...finding, probes: subjectsOf(finding).slice(0, LIMITS.subjects) },
    depth: depthOf(finding),
    first: failing_since ?? at,
    last: at,
  });

/** A memory of an earlier version as this one has it; null for anything else. */
export function upgraded(stored: unknown): HealthState | null {
  const second = SecondVersion.safeParse(stored);
  if (second.success) return fromSecond(second.data);
  const first = FirstVersion.safeParse(stored);
  return first.success ? fromFirst(first.data) : null;
}
