import type { FeatureRow } from "../../../../src/core/features.ts";
import type { Depth, Finding, ModelRow, Status } from "../../../../src/core/shapes.ts";

/** Words and colours, one row per thing. The names of tones are classes in css/base.css. */

export type Tone = "good" | "warn" | "bad" | "none";

export interface Words {
  tone: Tone;
  words: string;
}

/** A status as a tone; the words of the present one come with the data. */
export const STATUS: Record<Status, { tone: Tone }> = {
  healthy: { tone: "good" },
  degraded: { tone: "warn" },
  down: { tone: "bad" },
  unknown: { tone: "none" },
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

/** What a timeline's cell is made of, in the order of its parts. */
export const PARTS: readonly Words[] = [
  { tone: "good", words: "works" },
  { tone: "warn", words: "with a problem" },
  { tone: "bad", words: "down" },
  { tone: "none", words: "could not be measured" },
];

export const RANGE_WORDS = { h24: "24 hours", d7: "7 days", d30: "30 days" } as const;
export type RangeName = keyof typeof RANGE_WORDS;
export const RANGE_NAMES = Object.keys(RANGE_WORDS) as RangeName[];
