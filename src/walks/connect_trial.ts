import { liveOf } from "../change/plan.ts";
import { requireNoWorse } from "../change/standing_trouble.ts";
import { probeCandidate, type Tried } from "../check/check.ts";
import { sameJson } from "../core/json.ts";
import type { Finding, Layer, Route } from "../core/shapes.ts";
import type { ConnectInput } from "../inputs/connect.ts";
import { resolveMaxTokens } from "../probe/max_tokens.ts";
import { fittingTokens } from "../repair/settings.ts";
import type { Windmill } from "../windmill/windmill.ts";
import { chooseModels, list, type ModelChoice } from "./connect_models.ts";
import { resourceValue, type Target } from "./connect_plan.ts";

/** What the trial of a connection tells. */
export interface Outcome {
  choice: ModelChoice;
  /** The process by which the settings are saved: the server's, if it can be reached from here. */
  via: Route;
  warnings: Finding[];
  /** What stands in people's way, before as after. */
  standing: Finding[];
}

/** The models, by the gateway's list. */
export const choiceOf = (input: ConnectInput, served: string[] | null, { observation, enabled }: Target): ModelChoice =>
  chooseModels(input, served, observation.settings.view, enabled);

/**
 * Tries a candidate: lists models, chooses, and asks the default and the metadata model. Few requests, because a key may grant few.
 *
 * @throws Error when users would be worse off than before; nothing live has changed then.
 */
export async function tryTarget(
  windmill: Windmill,
  candidate: string,
  input: ConnectInput,
  target: Target,
): Promise<Outcome> {
  const { base_url, observation } = target;
  const live = liveOf(observation);
  const new_up_to = newUpTo(target);
  const listed = await probeCandidate(windmill, candidate, { models: [], base_url });
  await requireNoWorse(windmill, listed, { live, asked: false, new_up_to });
  const choice = choiceOf(input, listed.served, target);
  const roles = [choice.default_model ?? choice.models[0], choice.metadata_model];
  const models = [...new Set(roles.filter((id) => id !== null && id !== undefined))];
  const { max_tokens_per_model } = observation.settings.view;
  const tried = await probeCandidate(windmill, candidate, { models, base_url, max_tokens_per_model, listed });
  const fitted = input.plan_id === "" ? withLimits(choice, tried, max_tokens_per_model) : null;
  const findings = fitted ? tried.findings.filter(({ code }) => code !== TOO_SMALL) : tried.findings;
  const standing = await requireNoWorse(windmill, { findings }, { live, asked: true, new_up_to });
  const via = tried.server_reachable ? "server" : "worker";
  return { choice: fitted ?? choice, via, warnings: findings, standing };
}

/** The last layer in which something is new: a key, an address or headers prove themselves when requests get past the key. */
const newUpTo = (target: Target): Layer | null => {
  const { resource, key } = target;
  const same = resource.state === "ok" && sameJson(resource.value, resourceValue(target)) && key === null;
  return same && target.moved_from === null ? null : "key";
};

const TOO_SMALL = "key-limit-below-reservation";

/**
 * The choice with token limits that the key's own limit has room for: Windmill reserves the largest answer that a model may give before
 * it sends a chat, and a key with a smaller limit would refuse every chat.
 */
function withLimits(
  choice: ModelChoice,
  { findings }: Tried,
  before: Readonly<Record<string, number>>,
): ModelChoice | null {
  const small = findings.find(({ code }) => code === TOO_SMALL);
  if (small === undefined) return null;
  const reserved = (id: string): number => resolveMaxTokens(id, { ...before });
  const tokens = fittingTokens(small, Math.max(...choice.models.map(reserved)));
  if (tokens === null) return null;
  const lowered = choice.models.filter((id) => reserved(id) > tokens);
  const note = `The key grants fewer tokens than Windmill reserves per request (${small.evidence[0]?.excerpt ?? ""}), which would refuse every chat. So Windmill's token limit of ${list(lowered)} becomes ${tokens}; longer answers are cut. When the key's limit is raised, remove it under Workspace settings > Windmill AI.`;
  return {
    ...choice,
    limits: Object.fromEntries(lowered.map((id) => [id, tokens])),
    notes: [...choice.notes, note],
  };
}
