import assert from "node:assert/strict";
import { contentsOf, OTHERS_AI_SETTINGS, othersMoveIn } from "../world/workspace_contents.ts";
import type { World } from "../world/world.ts";
import type { Step } from "./tell.ts";

/** Lets other people work in the workspace, and answers the step that shows what became of their work. */
export function seedNeighbours({ windmill, workspace }: World): Step {
  othersMoveIn(windmill.store, workspace);
  const theirs = (): unknown => {
    const { variables, resources } = contentsOf(workspace) as Record<"variables" | "resources", { path: string }[]>;
    return [variables, resources].map((items) => items.filter(({ path }) => /^u\/member\/|\/their_/.test(path)));
  };
  const before = theirs();
  return {
    title: "Other people's work",
    expected: "their providers, prompts, limits, secrets and resources as they were",
    async run() {
      assert.deepEqual(theirs(), before);
      const settings = workspace.aiConfig as unknown as { providers: Record<string, unknown> };
      const { customai: _ours, ...providers } = settings.providers;
      assert.deepEqual(providers, OTHERS_AI_SETTINGS.providers);
      const { providers: _providers, ...rest } = OTHERS_AI_SETTINGS;
      for (const [key, value] of Object.entries(rest)) {
        assert.deepEqual((settings as Record<string, unknown>)[key], value, key);
      }
      return "unchanged";
    },
  };
}
