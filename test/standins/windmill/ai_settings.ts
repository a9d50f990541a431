import { requireAdmin } from "./access.ts";
import { type AiConfig, aiConfigShape, effectiveAiConfig, hasInstanceProviders, hasOwnProviders } from "./ai_config.ts";
import { badRequest, internal } from "./errors.ts";
import { json, type Register, workspaceOf } from "./http.ts";
import { jsonb } from "./jsonb.ts";
import { readBody, readStored } from "./shape.ts";
import type { Store, Workspace } from "./store.ts";

/** Bytes of one custom prompt. */
const PROMPT_LIMIT = 5000;

/** Reading and replacing a workspace's AI settings. */
export const registerAiSettings: Register = (api, { store, process }) => {
  api.post("/api/w/:w/workspaces/edit_copilot_config", async (c) => {
    const config = await readBody(c, aiConfigShape(store.release));
    requireAdmin(c.get("actor"));
    const workspace = workspaceOf(c, store);
    checkPrompts(config);
    // Only here, and before the settings change: another process keeps what it has cached, and so can a request in between.
    process.credentials.invalidate(workspace.id);
    workspace.aiConfig = jsonb(JSON.parse(JSON.stringify(config)));
    return json({ effective_ai_config: info(store, workspace), ...settingsState(store, workspace) });
  });

  api.get("/api/w/:w/workspaces/get_copilot_info", (c) => {
    // As 1.788.0 says it to a superadmin, who gets as far as this with any id.
    if (!store.workspaces.has(c.req.param("w"))) {
      const none = "no rows returned by a query that expected to return at least one row";
      throw internal(`getting ai config: ${none}`, "workspaces.rs:190:9");
    }
    return json(info(store, workspaceOf(c, store)));
  });

  api.get("/api/w/:w/workspaces/get_copilot_settings_state", (c) => json(settingsState(store, workspaceOf(c, store))));
};

function checkPrompts(config: AiConfig): void {
  for (const [mode, prompt] of Object.entries(config.custom_prompts ?? {})) {
    const length = Buffer.byteLength(prompt);
    if (length <= PROMPT_LIMIT) continue;
    throw badRequest(
      `Custom prompt for mode '${mode}' exceeds maximum length of ${PROMPT_LIMIT} characters (current: ${length})`,
    );
  }
}

/** What users' browsers get: the settings that count, without the keys that the release does not know. */
function info(store: Store, workspace: Workspace): AiConfig | object {
  const effective = effectiveAiConfig(store, workspace);
  return (effective && readStored(effective.config, aiConfigShape(store.release))) ?? {};
}

function settingsState(store: Store, workspace: Workspace) {
  const hasInstance = hasInstanceProviders(store);
  return {
    has_instance_ai_config: hasInstance,
    uses_instance_ai_config: hasInstance && !hasOwnProviders(store, workspace),
    ...(hasInstance ? { instance_ai_summary: instanceSummary(store) } : {}),
  };
}

function instanceSummary(store: Store) {
  const config = readStored(store.settings.get("ai_config"), aiConfigShape(store.release));
  return {
    providers: Object.entries(config?.providers ?? {}).map(([provider, settings]) => ({
      provider,
      models: settings?.models ?? [],
    })),
    default_model: config?.default_model,
    metadata_model: config?.metadata_model,
    code_completion_model: config?.code_completion_model,
  };
}
