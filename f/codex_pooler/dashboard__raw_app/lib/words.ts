import type { FeatureRow } from "../../../../src/core/features.ts";
import type { Depth, Finding, ModelRow, Status } from "../../../../src/core/shapes.ts";

/** Words and colours, one row per thing. The names of tones are classes in css/base.css. */

export type Tone = "good" | "warn" | "bad" | "none";

export interface Words {
  tone: Tone;
  words: string;
}

/** `was` is for a status that is known from the past only. */
export const STATUS: Record<Status, Words & { short: string; was: string }> = {
  healthy: { tone: "good", words: "Windmill AI works", short: "Works", was: "Windmill AI worked" },
  degraded: {
    tone: "warn",
    words: "Windmill AI works, with a problem",
    short: "With a problem",
    was: "Windmill AI worked, with a problem,",
  },
  down: { tone: "bad", words: "Windmill AI does not work", short: "Down", was: "Windmill AI did not work" },
  unknown: {
    tone: "none",
    words: "Nobody knows whether Windmill AI works",
    short: "Could not be measured",
    was: "Windmill AI could not be checked",
  },
};

export const SEVERITY: Record<Finding["severity"], Words> = {
  critical: { tone: "bad", words: "People are affected" },
  warning: { tone: "warn", words: "Needs a look" },
  info: { tone: "none", words: "For information" },
};

/** Who can fix it, after "To be done by". */
export const OWNER: Record<Finding["owner"], string> = {
  "workspace-admin": "an admin of this workspace",
  "windmill-operator": "the operator of Windmill",
  "gateway-operator": "the operator of the gateway",
  wait: "nobody",
};

export const FEATURE: Record<FeatureRow["state"], Words> = {
  works: { tone: "good", words: "Works" },
  "not-tested": { tone: "none", words: "Not tested" },
  broken: { tone: "bad", words: "Does not work" },
};

export const ROUTE: Record<ModelRow["server"], Words> = {
  ok: { tone: "good", words: "answers" },
  failed: { tone: "bad", words: "fails" },
  "not-tested": { tone: "none", words: "not asked" },
};

export const DEPTH: Record<Depth, string> = {
  free: "Routes and model list",
  chat: "One word from each model",
  features: "What Windmill's features send",
};

/** The signs of a timeline's cells. */
export const CELL: Record<string, Words & { height: number }> = {
  h: { tone: "good", words: "works", height: 100 },
  g: { tone: "warn", words: "with a problem", height: 100 },
  d: { tone: "bad", words: "down", height: 100 },
  u: { tone: "none", words: "could not be measured", height: 60 },
};

export const RANGE_WORDS = { h24: "24 hours", d7: "7 days", d30: "30 days" } as const;
export type RangeName = keyof typeof RANGE_WORDS;
export const RANGE_NAMES = Object.keys(RANGE_WORDS) as RangeName[];
