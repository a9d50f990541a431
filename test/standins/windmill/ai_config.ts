import {
  array,
  boolean,
  i32,
  optional,
  type Read,
  readStored,
  record,
  type Shape,
  string,
  struct,
  variant,
} from "./shape.ts";
import type { Release, Store, Workspace } from "./store.ts";

const PROVIDERS = [
  "openai",
  "azure_openai",
  "azure_foundry",
  "anthropic",
  "mistral",
  "deepseek",
  "googleai",
  "groq",
  "openrouter",
  "togetherai",
  "customai",
  "aws_bedrock",
] as const;

/** The AI providers that a release knows. */
export function providersOf(release: Release): readonly string[] {
  return release === "1.743.0" ? PROVIDERS.filter((provider) => provider !== "azure_foundry") : PROVIDERS;
}

/** The AI settings as a release types them: it drops every other key, and refuses unknown providers. */
export function aiConfigShape(release: Release) {
  const provider = variant(providersOf(release));
  const model = optional(struct("ProviderModel", { model: string, provider }));
  return struct("AIConfig", {
    providers: optional(
      record(
        provider,
        struct("ProviderConfig", {
          resource_path: string,
          models: array(string),
          web_search_enabled: optional(boolean),
        }),
      ),
    ),
    default_model: model,
    metadata_model: model,
    code_completion_model: model,
    custom_prompts: optional(record(string, string) as Shape<Record<string, string>>),
    max_tokens_per_model: optional(record(string, i32) as Shape<Record<string, number>>),
  });
}

export type AiConfig = Read<ReturnType<typeof aiConfigShape>>;

/** The AI settings that count in a workspace, and the workspace that their resource paths are read in. */
export interface EffectiveAiConfig {
  config: unknown;
  resourcesOf: Workspace | undefined;
}

function hasProviders(store: Store, config: unknown): boolean {
  const read = config === undefined ? undefined : readStored(config, aiConfigShape(store.release));
  return Object.keys(read?.providers ?? {}).length > 0;
}

/** Whether the workspace's own settings name a provider; if not (or if they do not parse), the instance's count. */
export function hasOwnProviders(store: Store, workspace: Workspace): boolean {
  return hasProviders(store, workspace.aiConfig);
}

/** Whether the instance has AI settings with a provider. */
export function hasInstanceProviders(store: Store): boolean {
  return hasProviders(store, store.settings.get("ai_config"));
}

/** The workspace's own settings, or the instance's, whose resources live in `admins`; undefined when there are neither. */
export function effectiveAiConfig(store: Store, workspace: Workspace): EffectiveAiConfig | undefined {
  if (hasOwnProviders(store, workspace)) return { config: workspace.aiConfig, resourcesOf: workspace };
  const config = store.settings.get("ai_config");
  return config === undefined ? undefined : { config, resourcesOf: store.workspaces.get("admins") };
}
