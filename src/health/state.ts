import * as z from "zod";
import { FeatureRow } from "../core/features.ts";
import { ConnectionFacts, Depth, Finding, ModelRow, Severity, Status } from "../core/shapes.ts";

/**
 * What the health flow remembers from tick to tick, at {@link file://./paths.ts} HEALTH_STATE: the status that people go by, the
 * streaks that decide when it changes, the last picture of the connection, and the incidents. Times are ISO 8601. It holds no
 * secret: findings and facts are redacted where they are made.
 */

export const STATE_VERSION = 2;

/** Bounds that keep the state small whatever happens: about 60 kB at worst, a few kB as a rule. */
export const LIMITS = {
  incidents: 50,
  findings: 12,
  evidence: 3,
  models: 60,
  incident_findings: 20,
  causes: 12,
} as const;

/** ISO 8601 in UTC, as `toISOString` writes it. */
export const Time = z.iso.datetime();

/** What makes the status what it is: the first finding of the severity that counts. */
export const Cause = z.object({ status: Status, code: z.string(), title: z.string() });
export type Cause = z.infer<typeof Cause>;

/** What people were told of an incident. */
const Told = z.object({
  /** When the last alert was taken; null before the first. */
  at: Time.nullable(),
  opening: z.boolean(),
  recovery: z.boolean(),
  /** `status/code` of the causes that were told, so that a cause that comes and goes is told once. */
  causes: z.array(z.string()),
});

/** A time in which the status was not `healthy`. */
export const Incident = z.object({
  /** Its start as `20261124T100000Z`. */
  id: z.string(),
  /** The first bad tick. */
  start: Time,
  /** The tick at which it counted: after `failures_before_alert` bad ones, or at once. */
  opened: Time,
  /** The first good tick of those that ended it; null while it lasts. */
  end: Time.nullable(),
  /** The status before it; null when it was there from the start. */
  before: Status.nullable(),
  /** The worst status in it: down > degraded > unknown. */
  worst: Status,
  /** What it began with. */
  cause: Cause,
  /** What it is now, or was at its end, and since when. */
  current: Cause.extend({ since: Time }),
  /** Findings that came and went: when each was seen first and last. */
  findings: z.array(z.object({ code: z.string(), title: z.string(), severity: Severity, first: Time, last: Time })),
  told: Told,
});
export type Incident = z.infer<typeof Incident>;

/** The last result of one depth. */
export const DepthResult = z.object({
  at: Time,
  /** Tokens that the check used which gave it. */
  tokens: z.number().int(),
  /** What this depth sees and no shallower one does: it stands until it is measured again. */
  findings: z.array(Finding),
  /** Since when it has been finding something worse than information; null when it does not. */
  failing_since: Time.nullable(),
});
export type DepthResult = z.infer<typeof DepthResult>;

/** Consecutive ticks of a kind. A blind tick (`unknown`) neither ends nor lengthens the other two. */
const Run = z.object({ count: z.number().int(), since: Time });
export const Streaks = z.object({
  good: Run.nullable(),
  bad: Run.nullable(),
  blind: Run.nullable(),
  /** How often the same cause was the reason without a break. */
  cause: Run.extend({ key: z.string() }).nullable(),
});
export type Streaks = z.infer<typeof Streaks>;

/** The last tick. */
export const LastTick = z.object({
  at: Time,
  /** What it measured, which is not yet the status that people go by. */
  status: Status,
  depth: Depth,
  /** Of settings, resource and intent, see lib/depth.ts; "" when unknown. */
  fingerprint: z.string(),
  /** Where people see the run. */
  run_url: z.string(),
  connection: ConnectionFacts.nullable(),
  server_version: z.string(),
});
export type LastTick = z.infer<typeof LastTick>;

export const HealthState = z.object({
  version: z.literal(STATE_VERSION),
  /** The status that people go by. */
  status: Status,
  /** When it began. */
  since: Time,
  /** Null when only the status is known, e.g. after an upgrade. */
  last: LastTick.nullable(),
  streaks: Streaks,
  results: z.object({
    free: DepthResult.nullable(),
    chat: DepthResult.nullable(),
    features: DepthResult.nullable(),
  }),
  /** The last answers per model and per feature, whichever tick asked for them. */
  models: z.array(ModelRow),
  features: z.array(FeatureRow),
  /** Features as they were tried last while models answered: they are that again when models answer again. */
  features_tried: z.array(FeatureRow),
  /** Models that answered when they were asked last although the gateway did not list them. */
  unlisted: z.array(z.string()),
  /** The open incident. */
  incident: Incident.nullable(),
  /** The closed ones, newest first, at most {@link LIMITS}. */
  incidents: z.array(Incident),
  /** Who is telling people right now: `what` is told by nobody else until it is over. */
  claim: z.object({ what: z.string(), at: Time }).nullable(),
});
export type HealthState = z.infer<typeof HealthState>;

/** A state in which only the status is known. */
export const newState = (status: Status, since: string): HealthState => ({
  version: STATE_VERSION,
  status,
  since,
  last: null,
  streaks: { good: null, bad: null, blind: null, cause: null },
  results: { free: null, chat: null, features: null },
  models: [],
  features: [],
  features_tried: [],
  unlisted: [],
  incident: null,
  incidents: [],
  claim: null,
});

const SEVERITIES = Severity.options;

/** What is wrong now: the findings of every depth's last result, one per code, the most severe first. */
export function currentFindings({ free, chat, features }: HealthState["results"]): Finding[] {
  const all = [free, chat, features].flatMap((result) => result?.findings ?? []);
  return all
    .filter(({ code }, index) => all.findIndex((one) => one.code === code) === index)
    .sort((a, b) => SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity));
}
