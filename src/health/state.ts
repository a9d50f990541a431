import * as z from "zod";
import { FeatureRow } from "../core/features.ts";
import { ConnectionFacts, Depth, Finding, ModelRow, Severity, Status } from "../core/shapes.ts";
import { News } from "../tell/news.ts";

/**
 * What the health flow remembers from tick to tick. The rule behind its shape: **what is known is what was measured, when, and how
 * deep**. A check never says "nothing is wrong"; it says what it measured. So the memory holds
 *
 * - `open`: what was found wrong and has not been measured as well since. Each finding knows how deep a look it takes to see it and
 *   by which probes it was seen (its subjects: requests of one route, kind and model; none when the settings show it). A tick
 *   closes it only by measuring those subjects on their own merits: a shallower check, an edit, an outage in front of them, a
 *   blind moment or a check that ran out of time leave it open, with its age.
 * - `looks`: per depth, when it was measured last, under which settings; and `tried`, when it was asked for last, whatever came of it.
 * - `models`, `features`: the last answer per subject that people know, each with the time at which it was asked.
 * - `streaks`: ticks in a row that were at least so bad, at most so bad, blind, or had the same cause. They decide when a status
 *   counts; which causes made it does not matter for that.
 * - the incident, the closed ones, and what people were told of each.
 *
 * Times are ISO 8601 by the clock of Windmill's database, see {@link Tick}. It holds no secret: findings and facts are redacted
 * where they are made.
 */

export const STATE_VERSION = 3;

/** Bounds that keep the state small whatever happens: about 60 kB at worst, a few kB as a rule. */
export const LIMITS = {
  incidents: 50,
  open: 30,
  subjects: 130,
  evidence: 3,
  models: 60,
  incident_findings: 20,
  causes: 12,
  turns: 12,
  ticks: 20,
  notices: 10,
  mended: 20,
  windows: 10,
  pagers: 20,
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
  /** The status that the last alert named; null before the first. */
  status: Status.nullable(),
  /** `status/code` of the causes that were told, so that a cause that comes and goes is told once. */
  causes: z.array(z.string()),
  /** How many alerts people were sent of it. */
  count: z.number().int(),
});
export type Told = z.infer<typeof Told>;

/** Somebody has said that they know of an incident. */
export const Acknowledgement = z.object({
  by: z.string(),
  at: Time,
  reason: z.string(),
  /** When it ends; null for the end of the incident. */
  until: Time.nullable(),
  /** The status that it is about: one that is worse is told all the same. */
  status: Status,
});
export type Acknowledgement = z.infer<typeof Acknowledgement>;

/** A window of time in which nobody is told. */
export const Maintenance = z.object({
  id: z.string(),
  by: z.string(),
  /** When it was planned. */
  at: Time,
  reason: z.string(),
  /** The occurrence that lasts or comes next. */
  from: Time,
  until: Time,
  /** When it comes again, by a cron expression in a time zone; null for one that comes once. */
  again: z.object({ cron: z.string(), timezone: z.string(), minutes: z.number().int() }).nullable(),
});
export type Maintenance = z.infer<typeof Maintenance>;

/** What a service that keeps incidents of its own was told last of one of ours. */
export const PagerRow = z.object({
  /** What the target is called; never an address. */
  target: z.string(),
  incident: z.string(),
  /** What it was told of the incident, and with which status. */
  kind: z.enum(["open", "acknowledged", "over"]),
  status: Status,
  /** When that was first taken; null while it was not. */
  at: Time.nullable(),
  /** Whether it takes for over what is not repeated. */
  repeats: z.boolean(),
});
export type PagerRow = z.infer<typeof PagerRow>;

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
  /** Who has said that they know, last; it may be over. */
  acknowledged: Acknowledgement.nullable().default(null),
});
export type Incident = z.infer<typeof Incident>;

/** A finding that was made and not yet measured away. */
export const OpenFinding = z.object({
  /** As it was seen last; `probes` are the subjects that have not been measured as well since. */
  finding: Finding,
  /** How deep a look has to be to see it. */
  depth: Depth,
  /** When it was seen first and last. */
  first: Time,
  last: Time,
});
export type OpenFinding = z.infer<typeof OpenFinding>;

/** The last time a depth was measured. */
const Look = z.object({
  at: Time,
  /** Tokens that the check used which looked. */
  tokens: z.number().int(),
  /** Of the settings under which it looked; "" when not known. */
  fingerprint: z.string(),
});
export type Look = z.infer<typeof Look>;

/** A model with its last answers, and when it was asked for them; null when it never was under the present settings. */
export const KnownModel = ModelRow.extend({ asked_at: Time.nullable() });
export type KnownModel = z.infer<typeof KnownModel>;

/** A feature with its last result, and when it was tried; null when it never was. */
export const KnownFeature = FeatureRow.extend({ tried_at: Time.nullable() });
export type KnownFeature = z.infer<typeof KnownFeature>;

/** Consecutive ticks of a kind. A blind tick (`unknown`) neither ends nor lengthens any but `blind`. */
export const Run = z.object({ count: z.number().int(), since: Time });
export type Run = z.infer<typeof Run>;
export const Streaks = z.object({
  /** All is well. */
  well: Run.nullable(),
  /** At most `degraded`: people are served. */
  served: Run.nullable(),
  /** At least `degraded`. */
  ill: Run.nullable(),
  /** `down`. */
  down: Run.nullable(),
  /** Nothing could be measured. */
  blind: Run.nullable(),
  /** Something could. */
  seen: Run.nullable(),
  /** The same cause was the reason. */
  cause: Run.extend({ key: z.string() }).nullable(),
});
export type Streaks = z.infer<typeof Streaks>;

/** The last tick. */
export const LastTick = z.object({
  at: Time,
  /** What it measured, together with what is still open, which is not yet the status that people go by. */
  status: Status,
  depth: Depth,
  /** Of settings, resource and intent, see observe/fingerprint.ts; "" when none was ever known. */
  fingerprint: z.string(),
  /** Where people see the run. */
  run_url: z.string(),
  /** The command and who ran it, for a check that a change made; "" for the flow's own. */
  by: z.string(),
  connection: ConnectionFacts.nullable(),
  server_version: z.string(),
});
export type LastTick = z.infer<typeof LastTick>;

/** What is told once and is no trouble. */
export const Notice = z.object({
  id: z.string(),
  at: Time,
  kind: z.enum(["new-models", "self-repair"]),
  title: z.string(),
  lines: z.array(z.string()),
  /** What can be done about it. */
  link: z.object({ label: z.string(), url: z.string() }).nullable(),
  /** Whether any target took it, or nobody is to be told. */
  told: z.boolean(),
});
export type Notice = z.infer<typeof Notice>;

/** Telling people without certainty that they got it. */
const Attempt = z.object({
  news: News,
  /** How often it was sent. */
  count: z.number().int(),
  /** When it may be sent again. */
  next: Time,
  /** Whether it may have arrived: then people count as told. */
  maybe: z.boolean(),
});

/** An attempt of the flow to mend something by itself. */
export const Mended = z.object({
  at: Time,
  /** Marks of the causes. */
  causes: z.array(z.string()),
  /** Whether it was made and helped; else nothing has changed. */
  done: z.boolean(),
  /** When the connection was last asked for as it should be: who asks anew begins anew. */
  asked_at: z.string(),
  /** Of the settings that it was tried under. */
  fingerprint: z.string(),
});
export type Mended = z.infer<typeof Mended>;

export const HealthState = z.object({
  version: z.literal(STATE_VERSION),
  /** The status that people go by. */
  status: Status,
  /** When it began. */
  since: Time,
  /** Null when only the status is known, e.g. after an upgrade. */
  last: LastTick.nullable(),
  /** Ids of the last ticks, newest first, so that one that comes again is known. */
  ticks: z.array(z.string()),
  streaks: Streaks,
  open: z.array(OpenFinding),
  looks: z.object({ free: Look.nullable(), chat: Look.nullable(), features: Look.nullable() }),
  tried: z.object({ chat: Time.nullable(), features: Time.nullable() }),
  /** The last answers per model and per feature, whichever tick asked for them. */
  models: z.array(KnownModel),
  features: z.array(KnownFeature),
  /** Features as they were tried last while models answered: they are that again when models answer again. */
  features_tried: z.array(KnownFeature),
  /** Models that answered when they were asked last although the gateway did not list them. */
  unlisted: z.array(z.string()),
  /** The open incident. */
  incident: Incident.nullable(),
  /** The closed ones, newest first, at most {@link LIMITS}. */
  incidents: z.array(Incident),
  /** When the status turned for the better last after it had turned for the worse, newest first: what comes and goes is waited for. */
  turns: z.array(Time),
  /** Which way it turned last. */
  heading: z.enum(["better", "worse"]),
  /** Windows of time in which nobody is told, by when they come. */
  maintenance: z.array(Maintenance).default([]),
  /** When the last of them ended; null when none has. */
  maintained: Time.nullable().default(null),
  /** What services were told that keep incidents of their own. */
  pagers: z.array(PagerRow).default([]),
  /** The tick that is telling people right now, and its time: nobody else tells until it is over. */
  claim: z.object({ by: z.string(), at: Time }).nullable(),
  /** What was sent last and no target took for certain; null when one did. */
  attempt: Attempt.nullable(),
  /** When settings, resource or intent were last seen to have changed; null before the first tick. */
  changed_at: Time.nullable().default(null),
  /** What the flow has tried to mend by itself, newest first. */
  mended: z.array(Mended).default([]),
  /** What was told once, newest first. */
  notices: z.array(Notice).default([]),
});
export type HealthState = z.infer<typeof HealthState>;

/** A state in which only the status is known. */
export const newState = (status: Status, since: string): HealthState => ({
  version: STATE_VERSION,
  status,
  since,
  last: null,
  ticks: [],
  streaks: { well: null, served: null, ill: null, down: null, blind: null, seen: null, cause: null },
  open: [],
  looks: { free: null, chat: null, features: null },
  tried: { chat: null, features: null },
  models: [],
  features: [],
  features_tried: [],
  unlisted: [],
  incident: null,
  incidents: [],
  turns: [],
  heading: "better",
  maintenance: [],
  maintained: null,
  pagers: [],
  claim: null,
  attempt: null,
  changed_at: null,
  mended: [],
  notices: [],
});

const SEVERITIES = Severity.options;

/** What is wrong now, as far as it is known: one finding per code, the most severe first. */
export function currentFindings(open: readonly OpenFinding[]): Finding[] {
  const all = open
    .map(({ finding }) => finding)
    .sort((a, b) => SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity));
  return all.filter(({ code }, index) => all.findIndex((one) => one.code === code) === index);
}
