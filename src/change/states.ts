import type { ChangeView } from "../core/change_view.ts";
import { sameJson } from "../core/json.ts";
import { HEALTH_STATE } from "../core/paths.ts";
import { deleteVersions, replaceVersion } from "../windmill/moving.ts";
import { deleteResourceOnly, deleteState, readState, writeState } from "../windmill/resources.ts";
import type { Windmill } from "../windmill/windmill.ts";
import { type HandlersOf, StaleError } from "./change.ts";

const view = (action: ChangeView["action"], path: string): ChangeView => ({
  action,
  target: `record ${path}`,
  differences: [],
  needs: "Write access to the folder f/codex_pooler.",
  undo: "Not needed: it is this product's own record.",
});

/** Changes of what the product keeps for itself: states in its folder. */
export const RECORDS: HandlersOf<"write-record" | "delete-record"> = {
  "write-record": {
    view: ({ path, before }) => view(before === null ? "create" : "change", path),
    apply: async (windmill, { path, after }) => {
      await writeState(windmill, path, after);
    },
    revert: async (windmill, { path, before, after }) => {
      const current = await readState(windmill, path);
      if (current === null || sameJson(current, before)) return;
      if (!sameJson(current, after)) throw new StaleError(`The record ${path}`);
      if (before === null) await deleteState(windmill, path);
      else await writeState(windmill, path, before);
    },
  },
  "delete-record": {
    view: ({ path }) => view("delete", path),
    apply: async (windmill, { path }) => {
      if (path === HEALTH_STATE) await deleteVersions(windmill, path);
      // A record may hold references, and Windmill would delete the variables that they name.
      if ((await readState(windmill, path)) !== null) await deleteResourceOnly(windmill, path);
    },
    revert: (windmill, { path, before }) => restore(windmill, path, before),
  },
};

async function restore(windmill: Windmill, path: string, before: unknown): Promise<void> {
  if (path === HEALTH_STATE) {
    // A tick may have begun a new one meanwhile.
    await replaceVersion(windmill, path, null, before);
    return;
  }
  const current = await readState(windmill, path);
  // Emptied, so that nothing goes with it, but not deleted any more.
  if (current === null || sameJson(current, {})) await writeState(windmill, path, before);
}
