import { type ConnectInput, EVERY_MODEL } from "../inputs/connect.ts";
import { InputError } from "../inputs/parse.ts";
import { ownModel, type SettingsView } from "../observe/ai_settings.ts";
import { among, without } from "../observe/drift.ts";

/** Which models a connect enables, and which of them chat and metadata use. Pure. */

/** Stands for the models in a plan that is made before the gateway can be asked. It is never applied. */
export const ALL_SERVED = "(every model that the gateway lists)";

/** The models to enable, and which of them chat and metadata use; null leaves a setting as it is. */
export interface ModelChoice {
  models: string[];
  default_model: string | null;
  metadata_model: string | null;
  /** Ids that the gateway lists and that were not chosen; null where what was left out before counts on. */
  left_out: string[] | null;
  /** Windmill's token limits that are to be set, by model id. */
  limits: Readonly<Record<string, number>>;
  /** What was decided without being asked for, in words. */
  notes: string[];
}

/** The models that are enabled now. */
export interface EnabledModels {
  models: readonly string[];
  /** Whether the gateway is the one that they were chosen from. */
  same_gateway: boolean;
  /** Whether some of that gateway's models were left out. */
  some_left_out: boolean;
}

/** Whether the models are known only when the gateway's list is. */
export const needsList = (input: Pick<ConnectInput, "models">, enabled: EnabledModels | null): boolean =>
  input.models.includes(EVERY_MODEL) || (input.models.length === 0 && enabled === null);

interface Wanted {
  models: string[];
  left_out: string[] | null;
  notes: string[];
  /** Whether an id that the gateway does not list is a slip of whoever named it. */
  named: boolean;
}

/**
 * Chooses models from the input, the gateway's list and the settings.
 *
 * @param served ids that the gateway lists; null when its list could not be read.
 * @param enabled the models that are enabled now, which a blank means; null on a first connect.
 * @throws InputError for ids that the gateway does not list.
 */
export function chooseModels(
  input: ConnectInput,
  served: string[] | null,
  view: SettingsView,
  enabled: EnabledModels | null,
): ModelChoice {
  const { models, left_out, notes, named } = wantedModels(input, served, enabled);
  const slips: string[] = [];
  if (models.length === 0) {
    slips.push(
      served === null
        ? "models: the gateway's model list could not be read, so there is nothing to choose from. Name the models."
        : "models: the gateway lists no model for this key. Ask its operator which models the key may use.",
    );
  }
  const known = served === null || !named ? [...models, ...(served ?? [])] : served;
  for (const id of models.filter((one) => !known.includes(one))) slips.push(`models: ${notServed(id, known)}`);
  for (const field of ["default_model", "metadata_model"] as const) {
    const id = input[field];
    if (id === "") continue;
    if (!known.includes(id)) slips.push(`${field}: ${notServed(id, known)}`);
    else if (!models.includes(id))
      slips.push(`${field}: "${id}" is not among models. Add it there or choose one of: ${list(models)}.`);
  }
  if (slips.length > 0) throw new InputError(slips);

  const first = (served && among(models, served)[0]) ?? (models[0] as string);
  const settle = (field: "default_model" | "metadata_model", fallback: string): string | null => {
    if (input[field] !== "") return input[field];
    const current = view[field];
    if (current !== null) {
      const own = ownModel(current);
      if (own === null || models.includes(own)) return null;
      notes.push(`${field} was ${own}, which is not among the models any more; it becomes ${fallback}.`);
      return fallback;
    }
    notes.push(`${field} was not set; it becomes ${fallback}.`);
    return fallback;
  };
  const default_model = settle("default_model", first);
  const metadata_model = settle("metadata_model", default_model ?? ownModel(view.default_model) ?? first);
  return { models, default_model, metadata_model, left_out, limits: {}, notes };
}

function wantedModels(input: ConnectInput, served: string[] | null, enabled: EnabledModels | null): Wanted {
  const chosen = (models: string[], notes: string[] = []): Wanted => ({
    ...{ models, notes, named: true },
    left_out: served?.filter((id) => !models.includes(id)) ?? null,
  });
  if (needsList(input, enabled)) return chosen(served ?? []);
  if (input.models.length > 0 || enabled === null) return chosen(input.models);
  if (enabled.same_gateway || served === null) {
    const gone = served === null || served.length === 0 ? [] : without(enabled.models, served);
    return {
      ...{ models: [...enabled.models], left_out: null, named: false },
      notes:
        gone.length > 0 ? [`Not listed by the gateway any more: ${list(gone)}. f/codex_pooler/repair mends that.`] : [],
    };
  }
  const there = among(enabled.models, served);
  if (there.length === 0 && enabled.some_left_out) {
    throw new InputError([
      `models: the gateway lists none of those that are enabled now (${list(enabled.models)}). Name the models that people may choose, or write ${EVERY_MODEL} for all that it lists: ${list(served)}.`,
    ]);
  }
  if (there.length === 0) return chosen(served);
  const others = without(served, there);
  return chosen(
    there,
    others.length > 0 ? [`The gateway also lists ${list(others)}: name them in models, or write ${EVERY_MODEL}.`] : [],
  );
}

/** Ids for people; many are cut short. */
export const list = (ids: readonly string[]): string =>
  `${ids.slice(0, 20).join(", ")}${ids.length > 20 ? ", ..." : ""}`;

function notServed(id: string, served: readonly string[]): string {
  const twin = served.find((one) => one.toLowerCase() === id.toLowerCase());
  if (twin) return `"${id}" is not served under this spelling. Write "${twin}".`;
  return `"${id}" is not served by the gateway. It serves: ${list(served) || "none"}.`;
}

/** A plan's models when the gateway cannot be asked before the candidate exists. */
export const openChoice = (input: ConnectInput): ModelChoice => ({
  models: [ALL_SERVED],
  default_model: input.default_model || null,
  metadata_model: input.metadata_model || null,
  left_out: [],
  limits: {},
  notes: [
    `Every model that the gateway lists will be enabled, because models is ${input.models.length === 0 ? "blank" : EVERY_MODEL}. The list is read when the plan is applied: a plan stores no key to ask with.`,
  ],
});
