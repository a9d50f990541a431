import type { Feature } from "../core/features.ts";
import type { Depth, Outcome, ProbeKind, Route } from "../core/shapes.ts";
import { configuredModels, type SettingsView } from "../observe/ai_settings.ts";
import {
  agentBody,
  type ChatBody,
  connectionCheckBody,
  metadataBody,
  streamBody,
  strictToolsBody,
  TOOL_NAME,
  testKeyBody,
  toolResultBody,
  toolsBody,
  withoutStreamOptions,
} from "./bodies.ts";
import { FEATURES, featureModel, type ModelRole } from "./feature_rows.ts";
import {
  judgeAccepted,
  judgeCompletion,
  judgeModels,
  judgeStream,
  judgeToolCall,
  judgeUsage,
  readStream,
  type Verdict,
} from "./replies.ts";

/** A second request that follows from the first one's answer, and how its answer is judged. */
export interface FollowUp {
  body: ChatBody;
  judge(outcome: Outcome): Verdict;
}

/** One kind of probe: what it asks, over which routes, and what its answer must hold. */
export interface FeatureProbe {
  kind: ProbeKind;
  /** The smallest depth at which it is sent. */
  depth: Depth;
  routes: readonly Route[];
  method: "GET" | "POST";
  /** Below the gateway's base URL, without a leading slash. */
  path: string;
  /** Which models it is asked for: none, every configured one, or those that Windmill would use for the features behind it. */
  models: "none" | "every" | "by-role";
  /** The features that need it. */
  features: readonly Feature[];
  /** The JSON body for a model; `maxTokens` as {@link resolveMaxTokens} gives it. A GET has none. */
  body?(model: string, maxTokens: number): ChatBody;
  judge(outcome: Outcome): Verdict;
  /** What to send next; null = `judge` decides on the first answer. */
  next?(sent: ChatBody, outcome: Outcome): FollowUp | null;
}

const CHAT_PATH = "chat/completions";
const completions = { method: "POST", path: CHAT_PATH } as const;

const featuresOf = (kind: ProbeKind): Feature[] =>
  FEATURES.filter(({ needs }) => needs.some((need) => need.kind === kind)).map(({ feature }) => feature);

/** All probes, cheapest first. The shapes: docs/windmill.md, what the features send. */
export const FEATURE_PROBES: readonly FeatureProbe[] = [
  {
    kind: "models",
    depth: "free",
    routes: ["server", "worker"],
    method: "GET",
    path: "models",
    models: "none",
    features: featuresOf("models"),
    judge: judgeModels,
  },
  {
    kind: "usage",
    depth: "free",
    routes: ["server"],
    method: "GET",
    path: "usage",
    models: "none",
    features: featuresOf("usage"),
    judge: judgeUsage,
  },
  {
    kind: "chat",
    depth: "chat",
    routes: ["server", "worker"],
    ...completions,
    models: "every",
    features: featuresOf("chat"),
    body: testKeyBody,
    judge: judgeCompletion,
  },
  {
    kind: "connection-check",
    depth: "features",
    routes: ["server"],
    ...completions,
    models: "by-role",
    features: featuresOf("connection-check"),
    body: connectionCheckBody,
    judge: judgeCompletion,
  },
  {
    kind: "metadata",
    depth: "features",
    routes: ["server"],
    ...completions,
    models: "by-role",
    features: featuresOf("metadata"),
    body: metadataBody,
    judge: judgeCompletion,
  },
  {
    kind: "stream",
    depth: "features",
    routes: ["server"],
    ...completions,
    models: "by-role",
    features: featuresOf("stream"),
    body: streamBody,
    judge: judgeStream,
  },
  {
    kind: "tools",
    depth: "features",
    routes: ["server"],
    ...completions,
    models: "by-role",
    features: featuresOf("tools"),
    body: toolsBody,
    judge: (outcome) => judgeToolCall(outcome, TOOL_NAME),
    next: answerTheTool,
  },
  {
    kind: "strict-tools",
    depth: "features",
    routes: ["server"],
    ...completions,
    models: "by-role",
    features: featuresOf("strict-tools"),
    body: strictToolsBody,
    judge: judgeAccepted,
  },
  {
    kind: "agent",
    depth: "features",
    routes: ["worker"],
    ...completions,
    models: "by-role",
    features: featuresOf("agent"),
    body: agentBody,
    judge: judgeStream,
    next: retryWithoutStreamOptions,
  },
];

/** The second turn of a chat with tools; a gateway may accept the first and stumble over the replayed call. */
function answerTheTool(sent: ChatBody, outcome: Outcome): FollowUp | null {
  if (!judgeToolCall(outcome, TOOL_NAME).ok) return null;
  const reply = readStream(outcome);
  return reply.ok ? { body: toolResultBody(sent, reply.text, reply.calls), judge: judgeStream } : null;
}

/** The words in a 400 after which the worker tries once more without `stream_options` (windmill-worker, ai_executor.rs). */
const STREAM_OPTIONS_REFUSED = ["stream_options", "include_usage", "Additional properties are not allowed"];

function retryWithoutStreamOptions(sent: ChatBody, { status, body }: Outcome): FollowUp | null {
  if (status !== 400 || !STREAM_OPTIONS_REFUSED.some((words) => body.includes(words))) return null;
  return { body: withoutStreamOptions(sent), judge: judgeStream };
}

/** What {@link askProbe} found: the verdict on the last answer, and the outcomes in order (one, or two with a follow-up). */
export interface Asked {
  verdict: Verdict;
  outcomes: Outcome[];
}

/**
 * Sends a probe's one or two requests through `send` and judges them. Tokens are those of all requests together.
 *
 * @param model null for a probe that asks no model
 */
export async function askProbe(
  probe: FeatureProbe,
  model: string | null,
  maxTokens: number,
  send: (request: { method: "GET" | "POST"; path: string; body?: ChatBody }) => Promise<Outcome>,
): Promise<Asked> {
  const { method, path } = probe;
  const body = model === null ? undefined : probe.body?.(model, maxTokens);
  const first = await send({ method, path, ...(body ? { body } : {}) });
  const verdict = probe.judge(first);
  const following = body ? (probe.next?.(body, first) ?? null) : null;
  if (!following) return { verdict, outcomes: [first] };
  const second = await send({ method, path, body: following.body });
  const last = following.judge(second);
  const spent = (verdict.ok ? (verdict.tokens ?? 0) : 0) + (last.ok ? (last.tokens ?? 0) : 0);
  return { verdict: last.ok && spent > 0 ? { ...last, tokens: spent } : last, outcomes: [first, second] };
}

/**
 * The models that a probe is asked for under these settings, without repetition; [null] for a probe that asks none. Empty when the
 * features behind it use another provider.
 */
export function probeModels(probe: FeatureProbe, view: SettingsView): (string | null)[] {
  if (probe.models === "none") return [null];
  if (probe.models === "every") return configuredModels(view);
  const needs = FEATURES.flatMap((row) => row.needs).filter(({ kind }) => kind === probe.kind);
  const roles: ModelRole[] = needs.length > 0 ? needs.map(({ role }) => role) : ["chat"];
  const ids = roles
    .map((role) => featureModel(view, role))
    .flatMap((choice) => ("model" in choice ? [choice.model] : []));
  return [...new Set(ids)];
}

/** Windmill's output limit by a part of the model id, first hit first (copilot/lib.ts:289-331); case counts. */
const MAX_TOKENS_BY_NAME: readonly (readonly [parts: readonly string[], tokens: number])[] = [
  [["gpt-5"], 128_000],
  [["claude-sonnet", "gemini-2.5", "claude-haiku"], 64_000],
  [["gpt-4.1"], 32_768],
  [["claude-opus"], 32_000],
  [["gpt-4o", "codestral"], 16_384],
  [["gpt-4-turbo", "gpt-3.5"], 4_096],
];

/** What Windmill asks of any other model. */
const DEFAULT_MAX_TOKENS = 8_192;

/**
 * The output tokens that Windmill's chat asks a model for.
 *
 * @param maxTokensPerModel the settings' `max_tokens_per_model`, keyed `customai:<model>`
 */
export function resolveMaxTokens(model: string, maxTokensPerModel: Readonly<Record<string, number>>): number {
  const key = `customai:${model}`;
  const own = Object.hasOwn(maxTokensPerModel, key) ? maxTokensPerModel[key] : undefined;
  if (own !== undefined) return own;
  return MAX_TOKENS_BY_NAME.find(([parts]) => parts.some((part) => model.includes(part)))?.[1] ?? DEFAULT_MAX_TOKENS;
}
