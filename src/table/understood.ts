import { OPEN_AI_SETTINGS } from "./remedies.ts";
import type { Row } from "./row.ts";

/** Settings of a shape that this product does not know. They are left alone, and what they mean is not guessed. */
export const UNDERSTOOD_ROWS: readonly Row[] = [
  {
    code: "connection-not-understood",
    layer: "workspace-settings",
    severity: "critical",
    owner: "workspace-admin",
    title: "The AI settings describe the connection in a way that this product does not know",
    cause:
      "The provider customai is in the AI settings, but its resource path or its list of models has another shape than Windmill's settings page writes: settings written by a script, or by a newer Windmill. So it is not known what people's requests go through, and nothing was asked.",
    remedy: [
      OPEN_AI_SETTINGS,
      "Choose the resource and the models of Custom AI once more and save: the page writes both anew.",
      "If that does not help, install a newer version of this bundle.",
    ],
    match: [],
    blind: true,
    explains: ["no-default-model", "default-model-not-enabled", "no-metadata-model"],
    examples: [],
  },
  {
    code: "own-settings-ignored",
    layer: "workspace-settings",
    severity: "warning",
    owner: "workspace-admin",
    title: "Windmill does not use this workspace's own AI settings",
    cause:
      "The workspace has AI settings, and people get others: Windmill could not read those of the workspace and took the instance's without a word. The providers that nobody gets are in the evidence.",
    remedy: [
      OPEN_AI_SETTINGS,
      "Save the page once: it writes all keys anew. Or run f/codex_pooler/connect.",
      "If the instance's settings are meant: remove the workspace's own providers on that page.",
    ],
    match: [],
    explains: ["instance-settings-in-use"],
    examples: [],
  },
  {
    code: "settings-not-understood",
    layer: "workspace-settings",
    severity: "info",
    owner: "workspace-admin",
    title: "A part of the AI settings has a shape that this product does not know",
    cause:
      "The part that the evidence names was written by a newer Windmill or by a script. It is left as it is; what depends on it was checked as if it were not set.",
    remedy: ["Nothing needs to be done while Windmill AI works. A newer version of this bundle may know the shape."],
    match: [],
    examples: [],
  },
  {
    code: "signs-contradict",
    layer: "unrecognised",
    severity: "warning",
    owner: "workspace-admin",
    title: "What was seen does not fit together",
    cause:
      "The check saw signs that contradict each other, so it names no cause. What it saw is in the evidence and in the list of requests.",
    remedy: [
      "Run f/codex_pooler/check again: what was in motion is then at rest.",
      "If it comes back, the evidence shows which requests were answered and which were not; please report it with them.",
    ],
    match: [],
    examples: [],
  },
];
