import "windmill-client@1.818.0";
import "zod@4.6.7";
import type { Change } from "./changes.ts";
import type { Windmill } from "./windmill.ts";
import { readAiSettings } from "./workspace/settings.ts";

/** Keys of the settings that were there before and that this server did not keep: it drops those it does not know. */
export async function lostSettings(windmill: Windmill, changes: readonly Change[]): Promise<string[]> {
  const saved = changes.find((change) => change.kind === "save-ai-settings");
  if (!saved) return [];
  const kept = await readAiSettings(windmill);
  const lost = Object.keys(saved.after).filter((key) => (saved.after[key] ?? null) !== null && !(key in kept));
  return lost.length === 0
    ? []
    : [
        `This server does not know these AI settings and dropped them when the settings were saved: ${lost.join(", ")}. They were written by a newer version of Windmill.`,
      ];
}
