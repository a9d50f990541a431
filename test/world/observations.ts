import { type RawAiSettings, viewSettings } from "../../src/observe/ai_settings.ts";
import { INTENT_VERSION, type Intent } from "../../src/observe/intent.ts";
import { type Observation, sightOf } from "../../src/observe/observe.ts";

/** Observations of workspaces, made by the same functions that read real ones. */

/** Where the connection's resource and secret are in them. */
export const PATH = "f/ai/gateway";
export const MODELS = ["gpt-5.5", "gpt-6-luna"];

/** AI settings that name the connection. */
export const settingsWith = (more: Record<string, unknown> = {}): Record<string, unknown> => ({
  providers: { customai: { resource_path: PATH, models: MODELS } },
  default_model: { provider: "customai", model: "gpt-5.5" },
  metadata_model: { provider: "customai", model: "gpt-5.5" },
  ...more,
});

export const intentWith = (more: Partial<Intent> = {}): Intent => ({
  version: INTENT_VERSION,
  at: "2026-11-24T10:00:00Z",
  by: "u/admin",
  active: true,
  resource_path: PATH,
  secret_path: PATH,
  base_url: "https://gw.example.com/v1",
  models: MODELS,
  default_model: "gpt-5.5",
  metadata_model: "gpt-5.5",
  left_out: [],
  schedule_off: false,
  before: { providers: false, default_model: null, metadata_model: null },
  made: { resource_type: false, schedule: false, secrets: [], resources: [], limits: [] },
  ...more,
});

export const SCHEDULE = {
  path: "f/codex_pooler/health",
  schedule: "0 */5 * * * *",
  timezone: "UTC",
  enabled: true,
  script_path: "f/codex_pooler/health",
  is_flow: true,
};

export interface Sketch {
  /** The workspace's own settings as stored. */
  own?: RawAiSettings | null;
  /** What people get; the own ones when absent. */
  effective?: RawAiSettings;
  source?: Observation["settings"]["source"];
  /** The resource's value; null for a resource that is missing. */
  value?: unknown;
  type?: string;
  more?: Partial<Observation>;
}

/** An observation of a sound workspace, with what the sketch says. */
export function observationOf({
  own = settingsWith(),
  effective,
  source,
  value,
  type,
  more,
}: Sketch = {}): Observation {
  const got = effective ?? own ?? {};
  const view = viewSettings(got);
  const path = view.connection?.resource_path ?? "";
  const about = { path, type: type ?? "customai", description: "" };
  const stored = value ?? { base_url: "https://gw.example.com/v1", api_key: `$var:${PATH}`, headers: {} };
  return {
    at: "2026-11-24T10:00:00.000Z",
    workspace: "team",
    caller: { username: "admin", admin: true },
    server_version: "CE v1.795.0",
    settings: {
      own,
      effective: got,
      source: source ?? (view.providers.length > 0 ? "workspace" : "none"),
      instance_providers: [],
      view,
    },
    resource:
      view.connection === null || path === ""
        ? null
        : value === null
          ? { state: "missing", path }
          : sightOf({ ...about, value: stored }),
    secret: { path: PATH, state: "ok", description: "", shared: false },
    schedule: SCHEDULE,
    old_key: null,
    intent: null,
    has_resource_type: true,
    ...more,
  };
}
