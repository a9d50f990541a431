import { asRecord, sameJson } from "../core/json.ts";
import type { Route } from "../core/shapes.ts";
import { readAiSettings, writeAiSettings } from "../windmill/settings.ts";
import type { Windmill } from "../windmill/windmill.ts";
import { changed, type HandlersOf, StaleError, swap } from "./change.ts";
import { isKept, keysLost } from "./kept_settings.ts";
import { putBack } from "./put_back.ts";

/** Changes of the workspace's AI settings. */
export const SETTINGS: HandlersOf<"save-ai-settings"> = {
  "save-ai-settings": {
    view: ({ before, after, of_instance }) => ({
      action: "change",
      ...VIEWS[of_instance ? "instance" : "workspace"],
      differences: changed(before, after),
    }),
    apply: (windmill, { before, after, via, keeps_others }) =>
      (keeps_others ? patchSettings : swapSettings)(windmill, before, after, via),
    async revert(windmill, { before, after, via }) {
      await patchSettings(windmill, after, before, via);
      const lost = keysLost(await readAiSettings(windmill), before);
      if (lost.length > 0) throw new Error(`this server does not know these keys and dropped them: ${lost.join(", ")}`);
    },
  },
};

const UNDO = "Run f/codex_pooler/undo while its snapshot is on record, or save the values shown as before";
const VIEWS = {
  workspace: {
    target: "workspace AI settings",
    needs: "An admin of the workspace.",
    undo: `${UNDO} (Workspace settings, Windmill AI).`,
  },
  instance: {
    target: "AI settings of the instance",
    needs: "A superadmin's token.",
    undo: `${UNDO} (Instance settings, AI).`,
  },
} as const;

type Settings = Record<string, unknown>;

const TARGET = "The workspace's AI settings";

const swapSettings = (windmill: Windmill, expected: Settings, next: Settings, via: Route): Promise<void> =>
  swap(
    TARGET,
    () => readAiSettings(windmill),
    isKept,
    [expected, next],
    () => writeAiSettings(windmill, next, via),
  );

/**
 * Moves the settings on from one state to the next without touching what somebody else has changed in between: stopping there
 * would leave people on what is about to go.
 *
 * @throws StaleError when the places that differ are somebody else's now.
 */
async function patchSettings(windmill: Windmill, from: Settings, to: Settings, via: Route): Promise<void> {
  const current = await readAiSettings(windmill);
  const { value, conflicts } = putBack(current, to, from, false);
  if (conflicts.length > 0) throw new StaleError(TARGET);
  if (!sameJson(value, current)) await writeAiSettings(windmill, asRecord(value), via);
}
