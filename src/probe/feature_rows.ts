import type { Audience, Feature, FeatureRow } from "../core/features.ts";
import type { Probe, ProbeKind, Route } from "../core/shapes.ts";
import { ownModel, PROVIDER, type SettingsView } from "../observe/ai_settings.ts";
import { EVERYBODY } from "../observe/audience.ts";

/** What people know of Windmill AI, and which requests must work for it (docs/windmill.md, what the features send). */

/** Whose turn it is: `chat` = the default model, `metadata` = the one for summaries, titles and step inputs. */
export type ModelRole = "chat" | "metadata";

interface FeatureNeeds {
  feature: Feature;
  /** The way that its requests take. */
  route: Route;
  /** Probes that must pass, and for which model. */
  needs: readonly { kind: ProbeKind; role: ModelRole }[];
  /** What an admin should know beside the result. */
  note?: { works?: string; broken?: string };
}

const chatWith = (...kinds: ProbeKind[]) => kinds.map((kind) => ({ kind, role: "chat" }) as const);
const metadataWith = (...kinds: ProbeKind[]) => kinds.map((kind) => ({ kind, role: "metadata" }) as const);

/** Code completion is missing here: no request of its kind is ever sent, see {@link codeCompletion}. */
export const FEATURES: readonly FeatureNeeds[] = [
  { feature: "chat", route: "server", needs: chatWith("tools", "stream") },
  { feature: "AI sessions", route: "server", needs: chatWith("tools", "large") },
  { feature: "fix", route: "server", needs: chatWith("tools") },
  { feature: "summaries and metadata", route: "server", needs: metadataWith("summary", "metadata") },
  { feature: "form filling", route: "server", needs: [...chatWith("tools"), ...metadataWith("metadata")] },
  {
    feature: "flow chat with optional inputs",
    route: "server",
    needs: chatWith("strict-tools"),
    note: {
      broken:
        "It concerns only the chat docked in the flow editor, which operators and people who opted out of AI sessions see, on flows with an optional input. AI sessions are not affected.",
    },
  },
  {
    feature: "agent steps",
    route: "worker",
    needs: chatWith("agent"),
    note: {
      works:
        "Each agent step names its own resource and model; what was tested is this connection with its default model. Since Windmill 1.794 the chat offers the models of this resource for agent steps to the same people.",
    },
  },
  { feature: "agent steps with tools", route: "worker", needs: chatWith("agent-tools") },
  { feature: "agent steps with an output schema", route: "worker", needs: chatWith("agent-schema") },
  {
    feature: "agent steps that set a temperature",
    route: "worker",
    needs: chatWith("agent-temperature"),
    note: {
      broken: "Steps that set none are another row: leave the field blank, or choose another model for the step.",
    },
  },
  {
    feature: "agent steps that limit their output",
    route: "worker",
    needs: chatWith("agent-max-tokens"),
    note: { broken: "Steps that set no maximum are another row: leave the field blank, or choose another model." },
  },
];

/** Features that send requests of one of these kinds. */
export const featuresOf = (kinds: readonly ProbeKind[]): Feature[] =>
  FEATURES.filter(({ needs }) => needs.some(({ kind }) => kinds.includes(kind))).map(({ feature }) => feature);

/** The model behind a role, or why it is none of this connection's. */
export type ModelChoice = { model: string } | { provider: string } | { none: true };

/** Windmill's own order: the role's setting, then the default model, then the first model of the first provider. */
export function featureModel(view: SettingsView, role: ModelRole): ModelChoice {
  const chosen = (role === "metadata" ? view.metadata_model : null) ?? view.default_model;
  if (chosen) {
    const model = ownModel(chosen);
    return model === null ? { provider: chosen.provider } : { model };
  }
  const [provider] = view.providers;
  if (provider === undefined) return { none: true };
  if (provider !== PROVIDER) return { provider };
  const model = view.connection?.models[0];
  return model === undefined ? { none: true } : { model };
}

/** Whose model answers chats instead of the gateway's, e.g. `openai:gpt-4o`, or `openai` for its first one; null when it is the gateway's. */
export function defaultElsewhere(view: SettingsView): string | null {
  const choice = featureModel(view, "chat");
  if (!("provider" in choice) || !view.providers.includes(choice.provider)) return null;
  return view.default_model ? `${choice.provider}:${view.default_model.model}` : choice.provider;
}

/**
 * What each Windmill feature is worth under these settings, by the probes that were sent. Those of a candidate do not count, and
 * those that went out with what was there before do not either.
 *
 * @param stepsFor for whom AI agent steps can use the connection at all; null when it is not known.
 */
export function featureRows(
  probes: readonly Probe[],
  view: SettingsView,
  stepsFor: Audience | null = null,
): FeatureRow[] {
  const live = probes.filter((probe) => !probe.candidate && !probe.stale);
  const rows = FEATURES.map((feature): FeatureRow => {
    const row = featureRow(feature, live, view);
    const ours = feature.needs.every(({ role }) => "model" in featureModel(view, role));
    const whom = feature.route === "server" ? EVERYBODY : stepsFor;
    return ours && whom !== null ? { ...row, for_whom: whom } : row;
  });
  return [...rows, codeCompletion(view)];
}

function featureRow(wanted: FeatureNeeds, probes: readonly Probe[], view: SettingsView): FeatureRow {
  const { feature, route, needs, note } = wanted;
  if (view.ai_disabled && route === "server") {
    const why = "This workspace hides Windmill's AI features (copilot_disabled), whatever the gateway answers.";
    return { feature, state: "broken", why, code: "ai-disabled" };
  }
  const passed: string[] = [];
  const missing: string[] = [];
  for (const { kind, role } of needs) {
    const choice = featureModel(view, role);
    if (!("model" in choice)) return notOurs(feature, choice);
    const same = probes.filter((probe) => probe.route === route && probe.model === choice.model);
    const failed = same.find((probe) => !probe.ok && (probe.kind === kind || SIMPLER.has(probe.kind)));
    if (failed) return { feature, state: "broken", why: sentences(whyBroken(failed), note?.broken), ...codeOf(failed) };
    (same.some((probe) => probe.kind === kind) ? passed : missing).push(`${NAMES[kind]} with ${choice.model}`);
  }
  if (missing.length === 0) return { feature, state: "works", why: sentences(`Tested: ${list(passed)}.`, note?.works) };
  return { feature, state: "not-tested", why: whyUntested(passed, missing, route, probes) };
}

/** Requests that are simpler than every feature's: where they fail for a model, its features fail too. */
const SIMPLER: ReadonlySet<ProbeKind> = new Set<ProbeKind>(["chat"]);

/** What each probe is called in a sentence. */
const NAMES: Readonly<Record<ProbeKind, string>> = {
  models: "the list of models",
  usage: "the key's usage",
  chat: "a plain completion",
  metadata: "a completion as summaries use it",
  summary: "a streamed summary",
  stream: "a streamed answer",
  tools: "a tool call and its answer",
  large: "a turn with 70 tools and 83 kB",
  "strict-tools": "a strict tool schema with an optional property",
  agent: "an answer as an agent step asks for it",
  "agent-tools": "a tool call as an agent step asks for it",
  "agent-schema": "an answer by a schema as an agent step asks for it",
  "agent-temperature": "an answer with a temperature",
  "agent-max-tokens": "an answer with max_completion_tokens",
  "connection-check": "the connection check of the setup guide",
};

function whyBroken(probe: Probe): string {
  const model = probe.model === null ? "" : ` with ${probe.model}`;
  return `${capital(NAMES[probe.kind])}${model} failed over the ${probe.route} route${probe.code ? ` (${probe.code})` : ""}.`;
}

function whyUntested(passed: string[], missing: string[], route: Route, probes: readonly Probe[]): string {
  const listing = probes.find((probe) => probe.kind === "models" && probe.route === route && !probe.ok);
  return sentences(
    `Not asked for: ${list(missing)}. Run check with depth "features".`,
    passed.length > 0 ? `Worked: ${list(passed)}.` : "",
    listing ? `The list of models already failed over the ${route} route (${listing.code ?? "no diagnosis"}).` : "",
  );
}

function notOurs(feature: Feature, choice: { provider: string } | { none: true }): FeatureRow {
  if ("provider" in choice) {
    const why = `The AI settings give this to the provider "${choice.provider}", not to this connection.`;
    return { feature, state: "not-tested", why };
  }
  const why = "The AI settings name no model that Windmill could ask.";
  return { feature, state: "broken", why, code: "no-default-model" };
}

/** Code completion by the settings alone: it is the one feature that this connection cannot carry. */
function codeCompletion(view: SettingsView): FeatureRow {
  const feature = "code completion";
  const model = ownModel(view.code_completion_model);
  if (model !== null) {
    const why = `Will not work: code_completion_model is ${PROVIDER}:${model}. The editor completes code only with models whose id contains "codestral" or is "deepseek-v4-pro", and the request always carries "stop", which Codex Pooler refuses. Unset it: nothing is lost.`;
    return { feature, state: "broken", why, code: "code-completion-on-customai" };
  }
  const other = view.code_completion_model?.provider;
  const why =
    other === undefined
      ? "Not offered through this connection: it needs a fill-in-the-middle model, and the AI settings name none, as they should."
      : `The AI settings give this to the provider "${other}", not to this connection.`;
  return { feature, state: "not-tested", why };
}

const codeOf = ({ code }: Probe): { code?: string } => (code === null ? {} : { code });
const list = (items: readonly string[]): string => [...new Set(items)].join(", ");
const sentences = (...parts: (string | undefined)[]): string => parts.filter(Boolean).join(" ");
const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
