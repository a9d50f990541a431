import { factsOf } from "../../src/diagnose/facts.ts";
import { likelyBaseUrls } from "../../src/inputs/base_url.ts";
import { parseInputs } from "../../src/inputs/parse.ts";
import { RepairInput } from "../../src/inputs/repair.ts";
import { viewSettings } from "../../src/observe/ai_settings.ts";
import { driftOf } from "../../src/observe/drift.ts";
import type { Intent } from "../../src/observe/intent.ts";
import { type Observation, sightOf } from "../../src/observe/observe.ts";
import type { Scene } from "../../src/repair/draft.ts";
import { ADDRESS_CODES } from "../../src/repair/repairs.ts";

/** Scenes for repairs, as the walk would gather them. */

export const PATH = "u/admin/codex_pooler_windmill_codegen";
export const BASE_URL = "https://g.example.com/v1";
export const SERVED = ["gpt-5.5", "gpt-6-luna", "gpt-6-terra"];

/** What connect was asked for; `more` overrides. */
export const intent = (more: Partial<Intent> = {}): Intent => ({
  version: 2,
  at: "2026-11-24T10:00:00Z",
  by: "u/admin",
  active: true,
  resource_path: PATH,
  secret_path: PATH,
  base_url: BASE_URL,
  models: ["gpt-5.5", "gpt-6-luna"],
  default_model: "gpt-5.5",
  metadata_model: "gpt-5.5",
  left_out: ["gpt-6-terra"],
  schedule_off: false,
  before: { providers: true, default_model: null, metadata_model: null },
  made: { resource_type: true, schedule: true, secrets: [PATH], resources: [PATH], limits: [] },
  ...more,
});

export const model = (id: string) => ({ provider: "customai", model: id });

/** AI settings of a connection that is as it was asked for. */
export const connected = (more: Record<string, unknown> = {}): Record<string, unknown> => ({
  providers: { customai: { resource_path: PATH, models: ["gpt-5.5", "gpt-6-luna"] } },
  default_model: model("gpt-5.5"),
  metadata_model: model("gpt-5.5"),
  ...more,
});

/** The value of a resource that is as it was asked for. */
export const valued = (more: Record<string, unknown> = {}): Record<string, unknown> => ({
  api_key: `$var:${PATH}`,
  base_url: BASE_URL,
  headers: {},
  ...more,
});

export function observed(
  own: Record<string, unknown>,
  value: unknown = valued(),
  more: Partial<Observation> = {},
): Observation {
  const view = viewSettings(own);
  const source = view.providers.length > 0 ? "workspace" : "none";
  return {
    at: "2026-11-24T10:00:00Z",
    workspace: "demo",
    caller: { username: "admin", admin: true },
    server_version: "CE v1.788.0",
    settings: { own, effective: own, source, of_instance: false, instance_providers: [], view },
    resource: sightOf({ path: PATH, type: "customai", description: "", value }),
    secret: { path: PATH, state: "ok", description: "", shared: false },
    old_key: null,
    schedule: null,
    intent: intent(),
    has_resource_type: true,
    ...more,
  };
}

/** The scene of an observation; the likeliest base URL counts as proven. */
export function sceneOf(observation: Observation, more: Partial<Scene> = {}, form: object = {}): Scene {
  const { resource } = observation;
  const served = more.served === undefined ? SERVED : more.served;
  const facts = new Set(factsOf(observation, served, driftOf(observation, served)).map(({ code }) => code));
  const codes = new Set([...facts, ...(more.findings ?? []).map(({ code }) => code)]);
  const slip = ADDRESS_CODES.some((code) => codes.has(code)) && resource?.state === "ok";
  const literal = resource?.state === "ok" && resource.key.kind === "literal";
  return {
    observation,
    resource,
    remake: null,
    no_resource: "",
    unfinished: false,
    findings: [],
    facts,
    codes,
    served,
    refused: [],
    input: parseInputs(RepairInput, form),
    base_url: slip ? (likelyBaseUrls(resource.base_url, [BASE_URL])[0] ?? null) : null,
    tried_urls: [],
    old_key: null,
    covered: null,
    key_place: literal ? { path: PATH, state: "free" } : null,
    wished_secret: "usable",
    ...more,
  };
}
