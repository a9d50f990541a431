import type { Depth, Outcome, ProbeKind, Route } from "../core/shapes.ts";
import { configuredModels, type SettingsView } from "../observe/ai_settings.ts";
import {
  agentBody,
  agentMaxTokensBody,
  agentSchemaBody,
  agentTemperatureBody,
  agentToolResultBody,
  agentToolsBody,
  type ChatBody,
  connectionCheckBody,
  largeBody,
  metadataBody,
  streamBody,
  strictToolsBody,
  summaryBody,
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
  /** The JSON body for a model; `maxTokens` as {@link resolveMaxTokens} gives it. A GET has none. */
  body?(model: string, maxTokens: number): ChatBody;
  judge(outcome: Outcome): Verdict;
  /** What to send next; null = `judge` decides on the first answer. */
  next?(sent: ChatBody, outcome: Outcome): FollowUp | null;
}

const CHAT_PATH = "chat/completions";
const completions = { method: "POST", path: CHAT_PATH } as const;

/** All probes, cheapest first. The shapes: docs/windmill.md, what the features send. */
export const FEATURE_PROBES: readonly FeatureProbe[] = [
  {
    kind: "models",
    depth: "free",
    routes: ["server", "worker"],
    method: "GET",
    path: "models",
    models: "none",
    judge: judgeModels,
  },
  {
    kind: "usage",
    depth: "free",
    routes: ["server"],
    method: "GET",
    path: "usage",
    models: "none",
    judge: judgeUsage,
  },
  {
    kind: "chat",
    depth: "chat",
    routes: ["server", "worker"],
    ...completions,
    models: "every",
    body: testKeyBody,
    judge: judgeCompletion,
  },
  {
    kind: "connection-check",
    depth: "features",
    routes: ["server"],
    ...completions,
    models: "by-role",
    body: connectionCheckBody,
    judge: judgeCompletion,
  },
  {
    kind: "metadata",
    depth: "features",
    routes: ["server"],
    ...completions,
    models: "by-role",
    body: metadataBody,
    judge: judgeCompletion,
  },
  {
    kind: "summary",
    depth: "features",
    routes: ["server"],
    ...completions,
    models: "by-role",
    body: summaryBody,
    judge: judgeStream,
  },
  {
    kind: "stream",
    depth: "features",
    routes: ["server"],
    ...completions,
    models: "by-role",
    body: streamBody,
    judge: judgeStream,
  },
  {
    kind: "tools",
    depth: "features",
    routes: ["server"],
    ...completions,
    models: "by-role",
    body: toolsBody,
    judge: (outcome) => judgeToolCall(outcome, TOOL_NAME),
    next: answerTheTool,
  },
  {
    kind: "large",
    depth: "features",
    routes: ["server"],
    ...completions,
    models: "by-role",
    body: largeBody,
    judge: judgeAccepted,
  },
  {
    kind: "strict-tools",
    depth: "features",
    routes: ["server"],
    ...completions,
    models: "by-role",
    body: strictToolsBody,
    judge: judgeAccepted,
  },
  ...(
    [
      { kind: "agent", body: agentBody, judge: judgeStream },
      {
        kind: "agent-tools",
        body: agentToolsBody,
        judge: (outcome) => judgeToolCall(outcome, TOOL_NAME),
        next: goOnWithTheStep,
      },
      { kind: "agent-schema", body: agentSchemaBody, judge: judgeAccepted },
      { kind: "agent-temperature", body: agentTemperatureBody, judge: judgeStream },
      { kind: "agent-max-tokens", body: agentMaxTokensBody, judge: judgeStream },
    ] satisfies Pick<FeatureProbe, "kind" | "body" | "judge" | "next">[]
  ).map(
    (row): FeatureProbe => ({
      next: (sent, outcome) => retryWithoutStreamOptions(sent, outcome, row.judge),
      ...row,
      depth: "features",
      routes: ["worker"],
      ...completions,
      models: "by-role",
    }),
  ),
];

/** Probes of what only some people set or see: where nothing else fails, a failure is something to know and no trouble. */
export const OPTIONAL_KINDS: ReadonlySet<ProbeKind> = new Set<ProbeKind>([
  "strict-tools",
  "agent-schema",
  "agent-temperature",
  "agent-max-tokens",
  "connection-check",
]);

/** The second turn of a chat with tools; a gateway may accept the first and stumble over the replayed call. */
function answerTheTool(sent: ChatBody, outcome: Outcome): FollowUp | null {
  if (!judgeToolCall(outcome, TOOL_NAME).ok) return null;
  const reply = readStream(outcome);
  return reply.ok ? { body: toolResultBody(sent, reply.text, reply.calls), judge: judgeStream } : null;
}

/** The words in a 400 after which the worker tries once more without `stream_options` (backend/windmill-worker/src/ai_executor.rs). */
const STREAM_OPTIONS_REFUSED = ["stream_options", "include_usage", "Additional properties are not allowed"];

function retryWithoutStreamOptions(
  sent: ChatBody,
  { status, body }: Outcome,
  judge: FollowUp["judge"],
): FollowUp | null {
  if (status !== 400 || !STREAM_OPTIONS_REFUSED.some((words) => body.includes(words))) return null;
  return { body: withoutStreamOptions(sent), judge };
}

/** The second turn of an agent step with tools. One that objects to `stream_options` is judged by that. */
function goOnWithTheStep(sent: ChatBody, outcome: Outcome): FollowUp | null {
  if (!judgeToolCall(outcome, TOOL_NAME).ok) {
    return retryWithoutStreamOptions(sent, outcome, (second) => judgeToolCall(second, TOOL_NAME));
  }
  const reply = readStream(outcome);
  return reply.ok ? { body: agentToolResultBody(sent, reply.text, reply.calls), judge: judgeStream } : null;
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
