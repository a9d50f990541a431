import { OPEN_AI_SETTINGS, RUN_CHECK } from "./remedies.ts";
import type { Row } from "./row.ts";

/** What the gateway's list of models and its answers say together. Neither is said where only one of them was seen. */
export const MODEL_SEEN_ROWS: readonly Row[] = [
  {
    code: "model-refused",
    layer: "model",
    severity: "critical",
    owner: "gateway-operator",
    title: "The gateway has {model} and refuses requests for it",
    cause:
      "The gateway lists {model}, or has answered with it in this very check, and refused another request for it as unknown or not available: no account behind it offers the model at the moment, or not all of its servers know it. {gateway_lists}",
    remedy: [
      "In Codex Pooler's admin pages see that the model is active and that an account of the pool offers it.",
      OPEN_AI_SETTINGS,
      "If it lasts, replace {model} by {nearest}, also where it is the default or metadata model, and save.",
      RUN_CHECK,
    ],
    repairable: true,
    match: [],
    examples: [],
  },
  {
    code: "model-unlisted",
    layer: "model",
    severity: "info",
    owner: "gateway-operator",
    title: "{model} answers, but the gateway does not list it",
    cause:
      "Requests for {model} are answered, so people are served. Windmill's settings page and its pickers offer what the gateway lists, so nobody can choose it there. {gateway_lists}",
    remedy: ["Nothing needs to be done while it answers. The gateway's operator can add it to the list."],
    match: [],
    examples: [],
  },
];
