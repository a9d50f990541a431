import "windmill-client@1.818.0";
import "zod@4.6.7";
import { isKept, keysLost } from "../kept_settings.ts";
import type { Route } from "../shapes.ts";
import type { Windmill } from "../windmill.ts";
import { readAiSettings, writeAiSettings } from "../workspace/settings.ts";
import { changed, type HandlersOf, swap } from "./change.ts";

/** Changes of the workspace's AI settings. */
export const SETTINGS: HandlersOf<"save-ai-settings"> = {
  "save-ai-settings": {
    view: ({ before, after }) => ({
      action: "change",
      target: "workspace AI settings",
      differences: changed(before, after),
      needs: "An admin of the workspace.",
      undo: "Run f/codex_pooler/undo while its snapshot is on record, or save the values shown as before (Workspace settings, Windmill AI).",
    }),
    apply: (windmill, { before, after, via }) => swapSettings(windmill, before, after, via),
    async revert(windmill, { before, after, via }) {
      await swapSettings(windmill, after, before, via);
      const lost = keysLost(await readAiSettings(windmill), before);
      if (lost.length > 0) throw new Error(`this server does not know these keys and dropped them: ${lost.join(", ")}`);
    },
  },
};

type Settings = Record<string, unknown>;

const swapSettings = (windmill: Windmill, expected: Settings, next: Settings, via: Route): Promise<void> =>
  swap(
    "The workspace's AI settings",
    () => readAiSettings(windmill),
    isKept,
    [expected, next],
    () => writeAiSettings(windmill, next, via),
  );
