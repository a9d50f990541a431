import { showableAddress } from "../core/address.ts";
import { asRecord, sameJson } from "../core/json.ts";
import { HEALTH_FLOW } from "../core/paths.ts";
import type { Finding } from "../core/shapes.ts";
import { configuredModels, ownModel, PROVIDER, withConnection } from "../observe/ai_settings.ts";
import { missingModels, wishOf, without } from "../observe/drift.ts";
import { resolveMaxTokens } from "../probe/max_tokens.ts";
import { type Draft, type Mended, type Scene, viewOf } from "./draft.ts";
import { keepsChats } from "./models.ts";
import { useGoodResource, withBaseUrl } from "./resource.ts";

/** Repairs of the AI settings beside the models, and of the schedule. */

/** Unsets code completion where it is given to this provider, which cannot do it. */
export function unsetCodeCompletion(draft: Draft): Mended {
  if (ownModel(viewOf(draft).code_completion_model) === null) return null;
  const { code_completion_model: _gone, ...settings } = draft.settings;
  return { draft: { ...draft, settings } };
}

/** Tokens that are enough for every answer of Windmill's chat; the reference page names the same number. */
const ENOUGH = 16_384;
/** The gateway reserves this much at least (docs/windmill.md, Codex Pooler), so a smaller limit refuses everything. */
const LEAST = 512;
/** Of a limit per day or week, one request may reserve this part, so that a few fit beside each other with their prompts. */
const PART = 4;

/** The largest answer that fits, by what the evidence says of the limit; null when none does. */
export function fittingTokens(finding: Pick<Finding, "code" | "evidence">, reserved: number): number | null {
  const text = finding.evidence.map(({ excerpt }) => excerpt).join(" ");
  const numbers = (text.match(/\d+/g) ?? []).map(Number).filter((one) => one > 1 && one < reserved);
  const perRequest = finding.code === "token-limit-refused" || /output_tokens|per_request/.test(text);
  // A number far too small for a limit is something else, such as a status or a date.
  const limit = Math.min(...numbers.filter((one) => one >= (perRequest ? LEAST / 2 : LEAST)));
  if (!Number.isFinite(limit)) return reserved > ENOUGH ? ENOUGH : Math.floor(reserved / 2);
  const fits = Math.min(ENOUGH, perRequest ? limit : Math.floor(limit / PART));
  return fits < LEAST ? null : fits;
}

/** Lowers Windmill's token limit of the models for which the gateway or the key's policy refuses the reservation. */
export function lowerLimits(draft: Draft, { findings, observation: { server_version } }: Scene): Mended {
  const view = viewOf(draft);
  if (view.connection === null) return null;
  const limits: Record<string, number> = {};
  for (const finding of findings.filter(({ code }) => LIMIT_CODES.includes(code))) {
    const named = finding.evidence.flatMap(({ model }) => (model === null ? [] : [model]));
    // A key's limit is every model's; a refused number is that model's own.
    const models = finding.code === "token-limit-refused" ? named : configuredModels(view);
    const most = Math.max(...models.map((id) => resolveMaxTokens(id, view.max_tokens_per_model, server_version)));
    const tokens = fittingTokens(finding, most);
    if (tokens === null) {
      return {
        person:
          "The limit is smaller than what the gateway reserves for the shortest answer. Only a higher limit helps.",
      };
    }
    for (const id of models) {
      const key = `${PROVIDER}:${id}`;
      if (resolveMaxTokens(id, view.max_tokens_per_model, server_version) > tokens)
        limits[key] = Math.min(tokens, limits[key] ?? tokens);
    }
  }
  if (Object.keys(limits).length === 0) return null;
  const max_tokens_per_model = { ...asRecord(draft.settings.max_tokens_per_model), ...limits };
  return {
    draft: {
      ...draft,
      settings: { ...draft.settings, max_tokens_per_model },
      limits: [...new Set([...draft.limits, ...Object.keys(limits)])],
    },
    notes: [
      "Answers are cut at the lower limit. When the key's limits are raised, remove it under Workspace settings > Windmill AI.",
    ],
  };
}

export const LIMIT_CODES: readonly string[] = ["key-limit-below-reservation", "token-limit-refused"];

/** Switches the health check on again. */
export function switchScheduleOn(draft: Draft, { observation: { schedule } }: Scene): Mended {
  if (schedule === null || schedule.enabled) return null;
  if (schedule.script_path !== HEALTH_FLOW) {
    return {
      person: `The schedule ${schedule.path} is somebody else's (it runs ${schedule.script_path}), so it is left alone.`,
    };
  }
  const notes = schedule.error ? ["Windmill had switched the health check off, so it runs as you from now on."] : [];
  return { draft: { ...draft, schedule_on: true }, notes };
}

/** Puts back what was asked for, unless the present state is to count from now on. */
export function putBack(draft: Draft, scene: Scene): Mended {
  const { input, observation, resource, served } = scene;
  const wish = wishOf(observation);
  const view = viewOf(draft);
  if (wish === null || (input.accept_drift && !scene.unfinished)) return null;
  if (view.connection === null) return useGoodResource(draft, scene);
  const enabled = without(view.connection.models, without(wish.left_out, input.allow_models));
  const all = [...enabled, ...missingModels(wish, enabled, served)];
  const models = all.length > 0 ? all : view.connection.models;
  const role = (key: "default_model" | "metadata_model"): string | null => {
    if (key === "default_model" && keepsChats(draft, scene) !== null) return null;
    const wanted = wish[key];
    return wanted !== null && ownModel(view[key]) !== wanted && models.includes(wanted) ? wanted : null;
  };
  const resource_path = resource?.state === "ok" ? resource.path : view.connection.resource_path;
  const roles = { default_model: role("default_model"), metadata_model: role("metadata_model") };
  const after = {
    ...draft,
    settings: withConnection(draft.settings, { resource_path, models, ...roles }),
    value: wishedValue(draft, scene),
  };
  const stays = staying(scene);
  if (sameJson(after, draft)) return { person: [...stays, KEEP].join(" ") };
  return { draft: after, notes: ["What others changed is put back as it was asked for.", ...stays, KEEP] };
}

const KEEP = "To let the present state count as what is wanted, choose accept_drift.";

/** What was asked for and does not work any more. */
const staying = ({ tried_urls, base_url, wished_secret, observation }: Scene): string[] => [
  ...(base_url === null && tried_urls.length > 0
    ? [`${tried_urls.map(showableAddress).join(", ")} does not answer as a gateway, so base_url stays as it is.`]
    : []),
  ...(wished_secret === "refused"
    ? [`The key in ${wishOf(observation)?.secret_path} does not work there, so the present key stays.`]
    : []),
];

/** The resource's value with the address and the variable that were asked for; a key that stands in it is moved by another repair. */
function wishedValue({ value }: Draft, { observation, resource, base_url, wished_secret }: Scene): Draft["value"] {
  const wish = wishOf(observation);
  if (value === null || wish === null || resource?.state !== "ok") return value;
  const addressed = base_url === null ? value : withBaseUrl(value, base_url);
  if (wished_secret !== "usable" || resource.key.kind === "literal") return addressed;
  const { apiKey: _other, ...rest } = addressed;
  return { ...rest, api_key: `$var:${wish.secret_path}` };
}
