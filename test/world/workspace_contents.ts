import { deployed } from "../standins/windmill/jobs/run.ts";
import { jsonb } from "../standins/windmill/jsonb.ts";
import { plainValue } from "../standins/windmill/secrets.ts";
import { seedResource, seedVariable } from "../standins/windmill/seed.ts";
import type { Store, Workspace } from "../standins/windmill/store.ts";

/** What a workspace holds, to be compared: what was changed, and what was left alone. */

/** Where Windmill's forms put what people type into a password field. */
const TYPED_SECRETS = /^u\/[^/]+\/secret_arg\//;

/**
 * Everything that a workspace holds but its runs, the secrets of forms and the states that scripts keep: a copy, with secrets
 * in plain text.
 */
export function contentsOf(workspace: Workspace): Record<string, unknown> {
  const { scripts, flows, schedules, apps } = deployed(workspace);
  const variables = [...workspace.variables.values()].filter(({ path }) => !TYPED_SECRETS.test(path));
  return structuredClone({
    aiConfig: workspace.aiConfig ?? null,
    variables: variables.map((variable) => ({ ...variable, value: plainValue(workspace, variable) })),
    resources: [...workspace.resources.values()].filter(({ resourceType }) => resourceType !== "state"),
    resourceVersions: workspace.resourceVersions,
    resourceTypes: [...workspace.resourceTypes.values()],
    folders: [...workspace.folders.values()],
    scripts: [...scripts.entries()],
    flows: [...flows.entries()],
    schedules: [...schedules.entries()],
    apps: [...apps.entries()],
  });
}

/** Everything that a workspace holds but its runs and the history of resources: the states that scripts keep are part of it. */
export function wholeOf(workspace: Workspace): unknown {
  const { resourceVersions: _history, ...contents } = contentsOf(workspace);
  const states = [...workspace.resources.values()].filter(({ resourceType }) => resourceType === "state");
  return structuredClone({ ...contents, states });
}

/** AI settings of a workspace that others set up: two providers, a prompt, a limit, and a key of a newer Windmill. */
export const OTHERS_AI_SETTINGS = {
  providers: {
    openai: { resource_path: "u/member/openai", models: ["gpt-4o"] },
    anthropic: { resource_path: "u/member/anthropic", models: ["claude-sonnet-5"] },
  },
  code_completion_model: { provider: "openai", model: "gpt-4o" },
  custom_prompts: { script: "Write comments in French." },
  max_tokens_per_model: { "openai:gpt-4o": 4096 },
};

/** Puts items of other people into a workspace: AI settings with their resources and keys, and some inside `f/codex_pooler`. */
export function othersMoveIn(store: Store, workspace: Workspace): void {
  workspace.aiConfig = jsonb(OTHERS_AI_SETTINGS);
  for (const provider of ["openai", "anthropic"]) {
    seedVariable(store, workspace, `u/member/${provider}_key`, `key of ${provider}`);
    seedResource(
      store,
      workspace,
      `u/member/${provider}`,
      { api_key: `$var:u/member/${provider}_key` },
      { resourceType: provider },
    );
  }
  seedVariable(store, workspace, "f/codex_pooler/their_token", "their token");
  seedResource(store, workspace, "f/codex_pooler/their_database", { host: "db" }, { resourceType: "postgresql" });
}

/** Makes a workspace hold what another one does, as if everything had been done in both. */
export function copyContents(from: Workspace, to: Workspace): void {
  to.aiConfig = structuredClone(from.aiConfig);
  to.key = from.key;
  for (const items of ["variables", "resources", "resourceTypes", "folders"] as const) {
    const target = to[items] as Map<string, unknown>;
    for (const [path, item] of from[items]) target.set(path, structuredClone(item));
  }
  for (const items of ["flows", "schedules"] as const) {
    const target = deployed(to)[items] as Map<string, unknown>;
    for (const [path, item] of deployed(from)[items]) target.set(path, structuredClone(item));
  }
}
