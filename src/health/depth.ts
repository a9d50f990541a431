import type { Depth } from "../core/shapes.ts";
import { failingSince, hurts } from "./open.ts";
import { currentFindings, type HealthState } from "./state.ts";

/** How deep a tick of the health flow looks: `free` as a rule, deeper when it is time or when there is something to see. Pure. */

export interface DepthQuestion {
  /** Null before the first tick. */
  memory: HealthState | null;
  /** Of settings, resource and intent now; "" when not known. */
  fingerprint: string;
  /** Milliseconds since 1970. */
  now: number;
  /** Minutes from one `chat` to the next. */
  chat_every: number;
  /** When a run was queued that came after the last remembered one and failed (ISO 8601); null when there was none. */
  unremembered?: string | null;
}

export interface DepthChoice {
  depth: Depth;
  /** Why, as a sentence. */
  why: string;
}

const MINUTE_MS = 60_000;
/** Ticks come a little before or after their minute. */
const SLACK_MS = MINUTE_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
/** Milliseconds after which a look that something stopped is tried again: by the next tick, before an outage is called over. */
const MISSED_MS = 5 * MINUTE_MS;
/** Milliseconds after which trouble is measured again at the latest: `features` costs about five times as much as `chat`. */
const AGAIN_MS = { chat: 15 * MINUTE_MS, features: HOUR_MS } as const;
type Paid = keyof typeof AGAIN_MS;

const age = (at: string | null, now: number): number =>
  at === null ? Number.POSITIVE_INFINITY : Math.abs(now - Date.parse(at));

/** How long ago a depth was asked for, whatever came of it. */
const waited = ({ tried }: HealthState, depth: Paid, now: number): number => age(tried[depth], now) + SLACK_MS;

/** How long ago a depth was measured. */
const known = ({ looks }: HealthState, depth: Paid, now: number): number => age(looks[depth]?.at ?? null, now);

const isChanged = ({ last }: HealthState, fingerprint: string): boolean =>
  fingerprint !== "" && (last?.fingerprint ?? "") !== "" && last?.fingerprint !== fingerprint;

/** Whether nothing that a cheaper look sees stops every request: then a deeper one would say nothing new. */
const isOpenTo = (depth: Paid, { open }: HealthState): boolean =>
  !open.some(
    (one) => one.finding.severity === "critical" && one.finding.probes.length > 0 && LEVEL[one.depth] < LEVEL[depth],
  );
const LEVEL: Readonly<Record<Depth, number>> = { free: 0, chat: 1, features: 2 };

/** Trouble that is new is measured at every tick, older trouble each time after a quarter of its age, after a change at once. */
function dueAgain(depth: Paid, { now, fingerprint }: DepthQuestion, memory: HealthState): boolean {
  const since = failingSince(memory.open, depth);
  if (since === null || !isOpenTo(depth, memory)) return false;
  const wait = Math.min(AGAIN_MS[depth], Math.abs(now - Date.parse(since)) / 4);
  return isChanged(memory, fingerprint) || waited(memory, depth, now) >= wait;
}

const isServed = ({ last }: HealthState): boolean => last?.status === "healthy" || last?.status === "degraded";

type Rule = DepthChoice & { due: (question: DepthQuestion, memory: HealthState) => boolean };

/** The first rule that is due decides. */
const RULES: readonly Rule[] = [
  {
    depth: "features",
    why: "What Windmill's features send failed and is tried again.",
    due: (question, memory) => dueAgain("features", question, memory),
  },
  {
    depth: "features",
    why: "What Windmill's features send could not be tried when it was time, and can be now.",
    due: ({ now }, memory) =>
      isServed(memory) &&
      isOpenTo("features", memory) &&
      memory.tried.features !== null &&
      Date.parse(memory.tried.features) > Date.parse(memory.looks.features?.at ?? "1970-01-01T00:00:00Z") &&
      waited(memory, "features", now) >= MISSED_MS,
  },
  {
    depth: "features",
    why: "Before it is called over, what Windmill's features send is tried: nobody saw it while it lasted.",
    due: (_, memory) =>
      memory.incident !== null &&
      memory.last?.status === "healthy" &&
      isOpenTo("features", memory) &&
      Date.parse(memory.looks.features?.at ?? memory.incident.start) <= Date.parse(memory.incident.start),
  },
  {
    depth: "features",
    why: "What Windmill's features send was not tried since the settings were changed.",
    due: ({ now, fingerprint }, memory) =>
      isServed(memory) &&
      fingerprint !== "" &&
      (memory.looks.features?.fingerprint ?? fingerprint) !== fingerprint &&
      waited(memory, "features", now) >= HOUR_MS,
  },
  {
    depth: "features",
    why: "What Windmill's features send is tried once a day.",
    due: ({ now }, memory) => isServed(memory) && known(memory, "features", now) + SLACK_MS >= DAY_MS,
  },
  {
    depth: "chat",
    why: "The AI settings, the resource or the intent were changed.",
    due: ({ fingerprint }, memory) => isChanged(memory, fingerprint),
  },
  {
    depth: "chat",
    why: "The status is about to change.",
    due: (_, { last, status }) => last !== null && last.status !== status,
  },
  {
    depth: "chat",
    why: "Models failed and are asked again.",
    due: (question, memory) => dueAgain("chat", question, memory),
  },
  {
    depth: "chat",
    why: "The gateway gives no model list, so that only asking a model tells whether it works.",
    due: (_, { open }) => currentFindings(open).some((one) => one.code === "models-list-unavailable" && hurts(one)),
  },
  {
    depth: "chat",
    why: "It is time to ask the models.",
    due: ({ now, chat_every }, memory) => waited(memory, "chat", now) >= chat_every * MINUTE_MS,
  },
];

/** Chooses the depth of a tick. */
export function chooseDepth(question: DepthQuestion): DepthChoice {
  const { memory } = question;
  if (memory === null) return affordable({ depth: "features", why: "Nothing is known yet." }, question);
  const rule = RULES.find(({ due }) => due(question, memory));
  return rule
    ? affordable({ depth: rule.depth, why: rule.why }, question)
    : { depth: "free", why: "Nothing has changed, and the models were asked not long ago." };
}

/**
 * What may be spent while runs are not remembered: to a memory that stands still, everything is due at every tick. The first run of
 * an hour may ask the models, the first of a day what features send.
 */
function affordable(choice: DepthChoice, { now, unremembered = null }: DepthQuestion): DepthChoice {
  if (unremembered === null) return choice;
  const before = Date.parse(unremembered);
  const isFirst = (span: number): boolean => Math.floor(before / span) !== Math.floor(now / span);
  const why = "The last run could not be remembered: until that works, this is as deep as it looks in this hour.";
  if (!isFirst(HOUR_MS)) return { depth: "free", why };
  return choice.depth === "features" && !isFirst(DAY_MS) ? { depth: "chat", why } : choice;
}
