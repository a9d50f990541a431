import { seedResource, seedVariable } from "../standins/windmill/seed.ts";
import type { WindmillStandin } from "../standins/windmill/server.ts";

/** A state of a workspace that the recorded requests met. What is left out stays as it is. */
export interface Scene {
  /** The workspace's AI settings; null = never set. */
  aiConfig?: object | null;
  /** Secret variables: path -> plain text. */
  secrets?: Record<string, string>;
  /** `customai` resources: path -> value. */
  resources?: Record<string, unknown>;
}

/** Brings a workspace into the scene's state, with the `substitutions` made in its texts. */
export function setScene(
  windmill: WindmillStandin,
  workspaceId: string,
  scene: Scene,
  substitutions: Record<string, string>,
): void {
  const workspace = windmill.store.workspaces.get(workspaceId);
  if (!workspace) throw new Error(`The scene's workspace ${workspaceId} does not exist.`);
  let text = JSON.stringify(scene);
  for (const [placeholder, actual] of Object.entries(substitutions)) text = text.replaceAll(placeholder, actual);
  const { aiConfig, secrets = {}, resources = {} } = JSON.parse(text) as Scene;
  if (aiConfig !== undefined) workspace.aiConfig = aiConfig ?? undefined;
  for (const [path, value] of Object.entries(secrets)) {
    seedVariable(windmill.store, workspace, path, value, { description: "recorded" });
  }
  for (const [path, value] of Object.entries(resources)) {
    seedResource(windmill.store, workspace, path, value, { description: "recorded" });
  }
}
