import { canonical } from "../core/json.ts";
import type { Depth } from "../core/shapes.ts";
import type { Observation } from "../observe/observe.ts";
import { currentFindings, type DepthResult, type HealthState } from "./state.ts";

/** How deep a tick of the health flow looks: `free` as a rule, deeper when it is time or when there is something to see. Pure. */

export interface DepthQuestion {
  /** Null before the first tick, or when it cannot be read. */
  memory: HealthState | null;
  /** Of settings, resource and intent now. */
  fingerprint: string;
  /** Milliseconds since 1970. */
  now: number;
  /** Minutes from one `chat` to the next. */
  chat_every: number;
}

export interface DepthChoice {
  depth: Depth;
  /** Why, as a sentence. */
  why: string;
}

const MINUTE_MS = 60_000;
/** Ticks come a little before or after their minute. */
const SLACK_MS = MINUTE_MS;
const DAY_MS = 1440 * MINUTE_MS;
/** Milliseconds after which trouble is measured again at the latest: `features` costs about five times as much as `chat`. */
const AGAIN_MS = { chat: 15 * MINUTE_MS, features: 60 * MINUTE_MS } as const;

const age = (result: DepthResult | null, now: number): number =>
  result === null ? Number.POSITIVE_INFINITY : Math.abs(now - Date.parse(result.at));

/** Trouble that is new is measured at every tick, older trouble each time after a quarter of its age. */
function dueAgain(result: DepthResult | null, depth: keyof typeof AGAIN_MS, now: number): boolean {
  if (!result?.failing_since) return false;
  const wait = Math.min(AGAIN_MS[depth], Math.abs(now - Date.parse(result.failing_since)) / 4);
  return age(result, now) + SLACK_MS >= wait;
}

type Rule = DepthChoice & { due: (question: DepthQuestion, memory: HealthState) => boolean };

/** The first rule that is due decides. */
const RULES: readonly Rule[] = [
  {
    depth: "features",
    why: "What Windmill's features send failed and is tried again.",
    due: ({ now }, { results: { features } }) => dueAgain(features, "features", now),
  },
  {
    depth: "features",
    why: "What Windmill's features send is tried once a day.",
    due: ({ now }, { results: { features }, last }) =>
      age(features, now) + SLACK_MS >= DAY_MS && (last?.status === "healthy" || last?.status === "degraded"),
  },
  {
    depth: "chat",
    why: "The AI settings, the resource or the intent were changed.",
    due: ({ fingerprint }, { last }) => last !== null && last.fingerprint !== fingerprint,
  },
  {
    depth: "chat",
    why: "The status is about to change.",
    due: (_, { last, status }) => last !== null && last.status !== status,
  },
  {
    depth: "chat",
    why: "Models failed and are asked again.",
    due: ({ now }, { results: { chat } }) => dueAgain(chat, "chat", now),
  },
  {
    depth: "chat",
    why: "The gateway gives no model list, so that only asking a model tells whether it works.",
    due: (_, { results }) => currentFindings(results).some(({ code }) => code === "models-list-unavailable"),
  },
  {
    depth: "chat",
    why: "It is time to ask the models.",
    due: ({ now, chat_every }, { results: { chat } }) => age(chat, now) + SLACK_MS >= chat_every * MINUTE_MS,
  },
];

/** Chooses the depth of a tick. */
export function chooseDepth(question: DepthQuestion): DepthChoice {
  const { memory } = question;
  if (memory === null) return { depth: "features", why: "Nothing is known yet." };
  const rule = RULES.find(({ due }) => due(question, memory));
  return rule
    ? { depth: rule.depth, why: rule.why }
    : { depth: "free", why: "Nothing has changed, and the models were asked not long ago." };
}

/**
 * A short mark of everything that decides what users get, so that an edit is noticed. No secret goes into it in a way that could be
 * read back: 64 bits of a hash.
 */
export async function fingerprintOf(observation: Observation): Promise<string> {
  const { settings, resource, secret, intent } = observation;
  const seen = resource?.state === "ok" ? { ...resource, value: null } : (resource?.state ?? null);
  const text = canonical({ ai: settings.effective, source: settings.source, resource: seen, secret, intent });
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return [...new Uint8Array(digest).slice(0, 8)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
