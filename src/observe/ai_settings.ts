import * as z from "zod";
import { asRecord } from "../core/json.ts";

/**
 * The workspace's AI settings as plain data, and the one change this product makes to them. They hold other people's
 * providers, prompts and limits, and keys of Windmill versions that this code does not know: all of that passes through.
 */

/** Windmill's name of the provider that this product owns. */
export const PROVIDER = "customai";

const ModelRef = z.looseObject({ provider: z.string(), model: z.string() });
export type ModelRef = z.infer<typeof ModelRef>;

const Connection = z.looseObject({ resource_path: z.string(), models: z.array(z.string()) });

/** The parts of the AI settings that this product understands; everything else is only carried. */
const AiSettings = z.looseObject({
  providers: z.record(z.string(), z.unknown()).nullish(),
  default_model: ModelRef.nullish(),
  metadata_model: ModelRef.nullish(),
  code_completion_model: ModelRef.nullish(),
  max_tokens_per_model: z.record(z.string(), z.number()).nullish(),
  /** Newer servers: hides the AI features from the UI even when the proxy works. */
  copilot_disabled: z.boolean().nullish(),
});

/** AI settings exactly as Windmill stores them. */
export type RawAiSettings = Readonly<Record<string, unknown>>;

/** What the settings say about this product's provider, in the product's own words. */
export interface SettingsView {
  /** Names of all configured providers. */
  providers: string[];
  /** Null when `customai` is not configured. */
  connection: { resource_path: string; models: string[] } | null;
  default_model: ModelRef | null;
  metadata_model: ModelRef | null;
  code_completion_model: ModelRef | null;
  /** Keys are `<provider>:<model>`, values tokens. */
  max_tokens_per_model: Record<string, number>;
  ai_disabled: boolean;
  /** Names of known keys whose values have a shape that this code does not understand; they are left alone. */
  unreadable: string[];
}

/** Reads settings without ever failing: a part of an unknown shape counts as absent and is named in `unreadable`. */
export function viewSettings(raw: RawAiSettings): SettingsView {
  const unreadable: string[] = [];
  function read<T>(key: string, schema: z.ZodType<T>, value: unknown): T | null {
    const parsed = schema.safeParse(value);
    if (parsed.success) return parsed.data;
    unreadable.push(key);
    return null;
  }
  const shape = AiSettings.shape;
  const providers = read("providers", shape.providers, raw.providers) ?? {};
  const connection = read(`providers.${PROVIDER}`, Connection.optional(), providers[PROVIDER]);
  return {
    providers: Object.keys(providers),
    connection: connection ? { resource_path: connection.resource_path, models: connection.models } : null,
    default_model: read("default_model", shape.default_model, raw.default_model) ?? null,
    metadata_model: read("metadata_model", shape.metadata_model, raw.metadata_model) ?? null,
    code_completion_model:
      read("code_completion_model", shape.code_completion_model, raw.code_completion_model) ?? null,
    max_tokens_per_model: read("max_tokens_per_model", shape.max_tokens_per_model, raw.max_tokens_per_model) ?? {},
    ai_disabled: raw.copilot_disabled === true,
    unreadable,
  };
}

/** The model id of a reference when it points at this product's provider, else null. */
export const ownModel = (ref: ModelRef | null): string | null => (ref?.provider === PROVIDER ? ref.model : null);

/** Every distinct model id that users can reach through this provider: enabled ones, then default, then metadata. */
export function configuredModels(view: SettingsView): string[] {
  const ids = [...(view.connection?.models ?? []), ownModel(view.default_model), ownModel(view.metadata_model)];
  return [...new Set(ids.filter((id): id is string => id !== null))];
}

/** The models that stand for the connection in a trial: default and metadata model, else the first that is enabled. */
export function chosenModels(view: SettingsView): string[] {
  const roles = [ownModel(view.default_model), ownModel(view.metadata_model)].filter((id) => id !== null);
  return roles.length > 0 ? [...new Set(roles)] : (view.connection?.models.slice(0, 1) ?? []);
}

/** Model ids of this provider that another one has too: Windmill's settings page tells models apart by id only. */
export function sharedModels(raw: RawAiSettings): string[] {
  const mine = viewSettings(raw).connection?.models ?? [];
  const others = Object.entries(asRecord(raw.providers))
    .filter(([name]) => name !== PROVIDER)
    .flatMap(([, one]) => {
      const { models } = asRecord(one);
      return Array.isArray(models) ? models : [];
    });
  return mine.filter((id) => others.includes(id));
}

/** What the settings should say about the connection. */
export interface DesiredConnection {
  resource_path: string;
  models: string[];
  /** The id of a model of this provider, or null to leave the setting as it is. */
  default_model: string | null;
  metadata_model: string | null;
}

/**
 * The settings with the connection in place: `providers.customai`, `default_model` and `metadata_model` change, nothing
 * else does, and keys inside `providers.customai` that this code does not know stay.
 */
export function withConnection(raw: RawAiSettings, desired: DesiredConnection): Record<string, unknown> {
  const providers = asRecord(raw.providers);
  const next: Record<string, unknown> = {
    ...raw,
    providers: {
      ...providers,
      [PROVIDER]: {
        ...asRecord(providers[PROVIDER]),
        resource_path: desired.resource_path,
        models: desired.models,
      },
    },
  };
  for (const [key, model] of [
    ["default_model", desired.default_model],
    ["metadata_model", desired.metadata_model],
  ] as const) {
    if (model === null) continue;
    const current = asRecord(raw[key]);
    // An equal reference stays as it is, so that keys inside it survive a repeated run.
    if (current.provider === PROVIDER && current.model === model) continue;
    next[key] = { provider: PROVIDER, model };
  }
  return next;
}

/** What becomes of the settings when the connection goes. */
export interface Departure {
  /** Where a setting that points at this provider shall point instead; null removes it. */
  default_model: unknown;
  metadata_model: unknown;
  /** Keys of `max_tokens_per_model` that go too. */
  limits: readonly string[];
  /** Whether `providers` stays when no provider is left in it. */
  keep_providers: boolean;
}

/** The settings without the connection: what points at `customai` goes or moves as told, everything else stays. */
export function withoutConnection(raw: RawAiSettings, departure: Departure): Record<string, unknown> {
  const view = viewSettings(raw);
  const { [PROVIDER]: _ours, ...providers } = asRecord(raw.providers);
  const next: Record<string, unknown> = { ...raw, providers };
  const keeps = "providers" in raw && (Object.keys(providers).length > 0 || departure.keep_providers);
  if (!keeps) delete next.providers;
  for (const key of ["default_model", "metadata_model", "code_completion_model"] as const) {
    if (ownModel(view[key]) === null) continue;
    const instead = key === "code_completion_model" ? null : departure[key];
    if (instead === null) delete next[key];
    else next[key] = instead;
  }
  const limits = asRecord(raw.max_tokens_per_model);
  if (departure.limits.some((key) => key in limits)) {
    const kept = Object.entries(limits).filter(([key]) => !departure.limits.includes(key));
    if (kept.length > 0) next.max_tokens_per_model = Object.fromEntries(kept);
    else delete next.max_tokens_per_model;
  }
  return next;
}

/** Whether a model reference can be used: its provider is configured and has the model enabled. */
export function isConfigured(raw: RawAiSettings, ref: unknown): boolean {
  const parsed = ModelRef.safeParse(ref);
  if (!parsed.success) return false;
  const { models } = asRecord(asRecord(raw.providers)[parsed.data.provider]);
  return Array.isArray(models) && models.includes(parsed.data.model);
}
