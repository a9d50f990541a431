import { OPEN_AI_SETTINGS } from "./remedies.ts";
import type { Row } from "./row.ts";

/** The workspace's AI settings: what Windmill reads before it looks at any resource. */
export const SETTINGS_ROWS: readonly Row[] = [
  {
    code: "ai-not-configured",
    layer: "workspace-settings",
    severity: "critical",
    owner: "workspace-admin",
    title: "Windmill AI is not configured",
    cause: "Neither this workspace nor the instance has AI settings, so Windmill does not know any AI provider.",
    remedy: [
      "Run f/codex_pooler/connect with the gateway's base URL and a Pool API key.",
      "Or by hand: Workspace settings > Windmill AI > Custom AI, choose the customai resource, enable models, save.",
    ],
    match: [{ windmill: /^Internal: AI resource not configured/, unless_status: [400] }],
    explains: ["no-default-model", "default-model-not-enabled", "provider-missing"],
    examples: [
      { status: 500, body: "Internal: AI resource not configured @ai.rs:734:48", content_type: "text/plain" },
      { status: 500, body: "Internal: AI resource not configured @ai.rs:698:21", content_type: "text/plain" },
    ],
  },
  {
    code: "provider-missing",
    layer: "workspace-settings",
    severity: "critical",
    owner: "workspace-admin",
    title: "The AI settings do not have the provider customai",
    cause:
      "AI settings exist, but without the provider customai: somebody removed it on the settings page, or the settings in effect are others than you think (a fork keeps its own copy, the instance has its own).",
    remedy: [
      "Run f/codex_pooler/connect; it adds the provider and leaves the others alone.",
      "Or by hand: Workspace settings > Windmill AI > Custom AI, choose the customai resource, enable models, save.",
    ],
    repairable: true,
    match: [{ windmill: /^Bad request: Provider \w{0,40} ?not configured/i, status: [400] }],
    explains: ["no-default-model", "default-model-not-enabled"],
    examples: [{ body: "Bad request: Provider CustomAI not configured", content_type: "text/plain" }],
  },
  {
    code: "provider-header",
    layer: "workspace-settings",
    severity: "critical",
    owner: "workspace-admin",
    title: "The request does not name the provider customai",
    cause: "Windmill's AI proxy needs the header X-Provider; it was missing or had another value than it knows.",
    remedy: ["Send the header `X-Provider: customai`. Windmill's own pages do; this comes from a script or from curl."],
    match: [
      { windmill: /^Bad request: Provider is required/, status: [400] },
      { windmill: /^Bad request: Invalid AI provider/, status: [400] },
    ],
    examples: [
      { body: "Bad request: Provider is required", content_type: "text/plain" },
      {
        body: "Bad request: Invalid AI provider: unknown variant `nope`, expected one of `openai`, `customai`",
        content_type: "text/plain",
      },
    ],
  },
  {
    code: "settings-unreadable",
    layer: "workspace-settings",
    severity: "critical",
    owner: "workspace-admin",
    title: "Windmill cannot read its AI settings",
    cause:
      "The stored AI settings have a shape that this Windmill does not understand: a key is missing or has a value of the wrong kind. Settings of the workspace that do not parse are silently replaced by the instance's.",
    remedy: [
      OPEN_AI_SETTINGS,
      "Save the page once: it writes all keys anew. Or run f/codex_pooler/connect.",
      "If the instance's settings are in effect: Instance settings > AI, save there.",
    ],
    match: [
      {
        windmill:
          /^Bad request: (?:missing field|unknown variant|unknown field|invalid type|invalid value|duplicate field|data did not match any variant|expected )/,
        status: [400],
        last: true,
      },
    ],
    tells_apart: "The same message with `AIResource` in it is about the resource, not about the settings.",
    examples: [
      { body: "Bad request: missing field `models` at line 1 column 82", content_type: "text/plain" },
      { body: 'Bad request: invalid type: string "x", expected a map', content_type: "text/plain" },
    ],
  },
  {
    code: "settings-refused",
    layer: "workspace-settings",
    severity: "warning",
    owner: "workspace-admin",
    title: "Windmill refuses these AI settings",
    cause:
      "A request to change something had a body that this Windmill does not accept: an unknown provider, a missing field, a token limit that is no whole number, or no JSON. Nothing was changed.",
    remedy: ["Correct the part that the message names and save again."],
    match: [
      { windmill: /^Failed to (?:deserialize the JSON body|parse the request body as JSON)/ },
      { windmill: /^Bad request: Custom prompt for mode/ },
    ],
    examples: [
      {
        status: 422,
        body: "Failed to deserialize the JSON body into the target type: providers.?: missing field `models` at line 1 column 82",
        content_type: "text/plain",
      },
      {
        status: 400,
        body: "Failed to parse the request body as JSON: EOF while parsing an object at line 1 column 1",
        content_type: "text/plain",
      },
      {
        status: 400,
        body: "Bad request: Custom prompt for mode 'ask' exceeds maximum length of 5000 characters (current: 6021)",
        content_type: "text/plain",
      },
    ],
  },
  {
    code: "ai-disabled",
    layer: "workspace-settings",
    severity: "critical",
    owner: "workspace-admin",
    title: "Windmill AI is switched off for this workspace",
    cause:
      "The setting copilot_disabled is on: Windmill hides its AI features from people, although the connection may work.",
    remedy: [OPEN_AI_SETTINGS, "Switch AI on for the workspace and save."],
    match: [],
    examples: [],
  },
  {
    code: "no-default-model",
    layer: "workspace-settings",
    severity: "warning",
    owner: "workspace-admin",
    title: "No default model is set for customai",
    cause:
      "The AI settings have no default model of this provider. Chat then takes the first model of the first provider, which may be another provider's.",
    remedy: [OPEN_AI_SETTINGS, "Choose a default chat model and save."],
    repairable: true,
    match: [],
    examples: [],
  },
  {
    code: "default-model-not-enabled",
    layer: "workspace-settings",
    severity: "warning",
    owner: "workspace-admin",
    title: "{model} is a default or metadata model but not enabled",
    cause:
      "The model {model} is used as default or metadata model but is not in the list of enabled models. It works for now, but the settings page drops it as soon as somebody opens and saves it.",
    remedy: [OPEN_AI_SETTINGS, "Add {model} to the enabled models of Custom AI, or choose another default, and save."],
    repairable: true,
    match: [],
    examples: [],
  },
  {
    code: "default-model-nowhere",
    layer: "workspace-settings",
    severity: "warning",
    owner: "workspace-admin",
    title: "The default or metadata model is one of a provider that is not configured",
    cause:
      "The AI settings name a default or metadata model of a provider that they do not have, so what uses it has nobody to ask. It is in the evidence.",
    remedy: [OPEN_AI_SETTINGS, "Choose another default or metadata model and save."],
    repairable: true,
    match: [],
    examples: [],
  },
  {
    code: "no-metadata-model",
    layer: "workspace-settings",
    severity: "info",
    owner: "workspace-admin",
    title: "No metadata model is set",
    cause:
      "Windmill then takes the default model for summaries, names and form filling, and its settings page cannot be saved before one is chosen.",
    remedy: [OPEN_AI_SETTINGS, "Choose a metadata model and save."],
    repairable: true,
    match: [],
    examples: [],
  },
  {
    code: "duplicate-model-id",
    layer: "workspace-settings",
    severity: "warning",
    owner: "workspace-admin",
    title: "{model} is enabled under two providers",
    cause:
      "The settings page remembers defaults by model id only. With the same id under two providers, the next save there can silently move the default to the other provider.",
    remedy: [OPEN_AI_SETTINGS, "Disable {model} under one of the providers and save."],
    match: [],
    examples: [],
  },
  {
    code: "code-completion-on-customai",
    layer: "workspace-settings",
    severity: "warning",
    owner: "workspace-admin",
    title: "A code completion model is set on customai",
    cause:
      "Windmill's code completion sends a `stop` field that Codex Pooler refuses, and Windmill's editor uses it with codestral models only. The setting brings nothing but failing requests.",
    remedy: [OPEN_AI_SETTINGS, "Switch code completion off, or choose a provider with a codestral model, and save."],
    repairable: true,
    match: [],
    examples: [],
  },
  {
    code: "instance-settings-in-use",
    layer: "workspace-settings",
    severity: "info",
    owner: "workspace-admin",
    title: "The workspace uses the instance's AI settings",
    cause:
      "This workspace has no AI settings of its own, so those of the instance are in effect; their resource lives in the workspace `admins`.",
    remedy: [
      "Nothing needs to be done. What is wrong with the connection is mended in the workspace `admins`, where f/codex_pooler/repair, rotate_key and connect have the scope `instance`.",
      "To give this workspace its own connection, run f/codex_pooler/connect; its settings then hide all of the instance's providers.",
    ],
    match: [],
    examples: [],
  },
  {
    code: "fork-keeps-copy",
    layer: "workspace-settings",
    severity: "info",
    owner: "workspace-admin",
    title: "This workspace is a fork with its own copy of the AI settings",
    cause: "A fork copies the AI settings once. Later changes in the parent workspace do not reach it.",
    remedy: ["After a change in the parent, run f/codex_pooler/connect here too, or make a new fork."],
    match: [],
    examples: [],
  },
  {
    code: "settings-drift",
    layer: "workspace-settings",
    severity: "warning",
    owner: "workspace-admin",
    title: "The AI settings are no longer what connect was asked for",
    cause: "Somebody changed the AI settings or the resource since the last f/codex_pooler/connect.",
    remedy: [
      "If the change was meant: run f/codex_pooler/repair with accept_drift, so that the present state counts as wanted.",
      "If not: put back by hand what the evidence names.",
    ],
    repairable: true,
    match: [],
    examples: [],
  },
];
