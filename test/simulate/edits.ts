import { deployedIn } from "../standins/windmill/jobs/state.ts";
import { ticksOf } from "../standins/windmill/jobs/ticks.ts";
import { jsonb } from "../standins/windmill/jsonb.ts";
import { encrypt } from "../standins/windmill/secrets.ts";
import { seedResource, seedVariable } from "../standins/windmill/seed.ts";
import { baseUrlOf, type Person, SECRETS } from "./history.ts";
import { liveOf } from "./live.ts";
import type { Simulation } from "./simulation.ts";
import { HEALTH } from "./windmill.ts";

/** What people do by hand in Windmill, beside the product: one row per kind of edit. */

type Json = Record<string, unknown>;
const record = (value: unknown): Json =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Json) : {};

/** An edit, told after "u/admin ". It answers false where there is nothing to edit. */
export interface Edit {
  tells: string;
  make(world: Simulation, who: Person): boolean;
}

/** Saves the settings page, which empties the cache of the server that saves. */
function saveSettings({ windmill }: Simulation, change: (settings: Json) => Json): boolean {
  windmill.workspace.aiConfig = jsonb(change(structuredClone(record(windmill.workspace.aiConfig))));
  windmill.server.process.credentials.invalidate(windmill.workspace.id);
  return true;
}

function changeCustom(world: Simulation, change: (customai: Json) => Json): boolean {
  const providers = record(record(world.windmill.workspace.aiConfig).providers);
  if (!("customai" in providers)) return false;
  return saveSettings(world, (settings) => ({
    ...settings,
    providers: { ...record(settings.providers), customai: change(record(record(settings.providers).customai)) },
  }));
}

/** Changes the value of the live resource. */
function changeResource({ windmill: { workspace, store } }: Simulation, change: (value: Json) => Json): boolean {
  const live = liveOf(workspace);
  const resource = live && workspace.resources.get(live.path);
  if (!resource) return false;
  Object.assign(resource, { value: jsonb(change(record(resource.value))), editedAt: store.clock.iso() });
  return true;
}

function changeSecret({ windmill: { workspace, store } }: Simulation, text: string): boolean {
  const live = liveOf(workspace);
  const variable = live?.secretPath ? workspace.variables.get(live.secretPath) : undefined;
  if (!variable) return false;
  Object.assign(variable, { value: encrypt(workspace, text), editedAt: store.clock.iso() });
  return true;
}

const withoutProvider = (settings: Json): Json => {
  const { customai: _gone, ...others } = record(settings.providers);
  const kept = Object.entries(settings).filter(([, value]) => record(value).provider !== "customai");
  return { ...Object.fromEntries(kept), providers: others };
};

export const EDITS: Readonly<Record<string, Edit>> = {
  prompt: {
    tells: "writes a prompt into the AI settings",
    make: (world) =>
      saveSettings(world, (settings) => ({
        ...settings,
        custom_prompts: { ...record(settings.custom_prompts), edit: `Keep it short. ${world.time.events}` },
      })),
  },
  otherModel: {
    tells: "enables a model of another provider",
    make: (world) =>
      saveSettings(world, (settings) => ({
        ...settings,
        providers: {
          ...record(settings.providers),
          openai: { resource_path: "u/member/openai", models: ["gpt-4o", "gpt-4o-mini"] },
        },
      })),
  },
  otherDefault: {
    tells: "makes another provider's model the default one",
    make: (world) =>
      saveSettings(world, (settings) => ({
        ...settings,
        providers: { openai: { resource_path: "u/member/openai", models: ["gpt-4o"] }, ...record(settings.providers) },
        default_model: { provider: "openai", model: "gpt-4o" },
      })),
  },
  noDefault: {
    tells: "saves the settings page without a default model",
    make: (world) => saveSettings(world, ({ default_model: _gone, ...settings }) => settings),
  },
  fewerModels: {
    tells: "disables all but one of the gateway's models",
    make: (world) =>
      changeCustom(world, (customai) => ({ ...customai, models: (customai.models as string[]).slice(0, 1) })),
  },
  wrongModel: {
    tells: "enables a model that the gateway does not have",
    make: (world) =>
      changeCustom(world, (customai) => ({ ...customai, models: [...(customai.models as string[]), "gpt-6-lunar"] })),
  },
  noProvider: {
    tells: "takes the gateway out of the AI settings",
    make: (world) =>
      "customai" in record(record(world.windmill.workspace.aiConfig).providers) && saveSettings(world, withoutProvider),
  },
  endpoint: {
    tells: "pastes the whole endpoint into base_url",
    make: (world) =>
      changeResource(world, (value) => ({
        ...value,
        base_url: `${String(value.base_url).replace(/\/chat\/completions$/, "")}/chat/completions`,
      })),
  },
  slash: {
    tells: "writes a slash to the end of base_url",
    make: (world) => changeResource(world, (value) => ({ ...value, base_url: `${String(value.base_url)}/` })),
  },
  otherGateway: {
    tells: "writes the other gateway's address into the resource",
    make: (world) =>
      changeResource(world, (value) => ({
        ...value,
        base_url: baseUrlOf(String(value.base_url).includes("pooler-a") ? "B" : "A"),
      })),
  },
  header: {
    tells: "adds a header to the resource",
    make: (world) =>
      changeResource(world, (value) => ({ ...value, headers: { ...record(value.headers), "x-by-hand": "1" } })),
  },
  secretHeader: {
    tells: "adds a header with a credential to the resource",
    make: (world) =>
      changeResource(world, (value) => ({
        ...value,
        headers: { ...record(value.headers), "Ocp-Apim-Subscription-Key": SECRETS["the credential in a header"] },
      })),
  },
  rawKey: {
    tells: "pastes the key itself into the resource",
    make: (world) => changeResource(world, (value) => ({ ...value, api_key: world.history.setup.keys.A1 })),
  },
  password: {
    tells: "writes a password into base_url",
    make: (world) =>
      changeResource(world, (value) => ({
        ...value,
        base_url: String(value.base_url).replace("://", `://alice:${SECRETS["the password in an address"]}@`),
      })),
  },
  query: {
    tells: "writes a key into the query of base_url",
    make: (world) =>
      changeResource(world, (value) => ({
        ...value,
        base_url: `${String(value.base_url)}?subscription-key=${SECRETS["the key in an address's query"]}`,
      })),
  },
  otherKey: {
    tells: "stores another good key in the secret",
    make: (world) => changeSecret(world, world.history.setup.keys.A2),
  },
  wrongKey: {
    tells: "stores a wrong key in the secret",
    make: (world) => changeSecret(world, world.history.setup.keys.wrong),
  },
  noSecret: {
    tells: "deletes the secret",
    make({ windmill: { workspace } }) {
      const path = liveOf(workspace)?.secretPath;
      return path ? workspace.variables.delete(path) : false;
    },
  },
  noResource: {
    tells: "deletes the resource",
    make({ windmill: { workspace } }) {
      const path = liveOf(workspace)?.path;
      return path ? workspace.resources.delete(path) : false;
    },
  },
  scheduleOff: {
    tells: "switches the schedule off",
    make({ windmill }) {
      const schedule = deployedIn(windmill.workspace).schedules.get(HEALTH);
      if (!schedule?.enabled) return false;
      schedule.enabled = false;
      ticksOf(windmill.engine).disarm(windmill.workspace, HEALTH);
      return true;
    },
  },
  scheduleGone: {
    tells: "deletes the schedule",
    make({ windmill }) {
      ticksOf(windmill.engine).disarm(windmill.workspace, HEALTH);
      return deployedIn(windmill.workspace).schedules.delete(HEALTH);
    },
  },
  interval: {
    tells: "gives the schedule another interval",
    make({ windmill }) {
      const schedule = deployedIn(windmill.workspace).schedules.get(HEALTH);
      if (!schedule?.enabled) return false;
      schedule.schedule = "0 */10 * * * *";
      ticksOf(windmill.engine).arm(windmill.workspace, schedule);
      return true;
    },
  },
  foreignCandidate: {
    tells: "keeps something of their own where the product tries candidates",
    make(world, who) {
      const { store, workspace } = world.windmill;
      const path = `u/${who}/codex_pooler_candidate`;
      if (workspace.resources.has(path)) return false;
      seedResource(store, workspace, path, { host: "db" }, { resourceType: "postgresql" });
      world.others.add(path);
      return true;
    },
  },
  otherTeam: {
    tells: "makes a resource of the same type for another team",
    make(world) {
      const { store, workspace } = world.windmill;
      const path = "f/codex_pooler/another_team";
      if (workspace.resources.has(path)) return false;
      seedVariable(store, workspace, `${path}_key`, world.history.setup.keys.B1);
      seedResource(store, workspace, path, { base_url: baseUrlOf("B"), api_key: `$var:${path}_key` });
      world.others.add(path);
      return true;
    },
  },
  ownResource: {
    tells: "makes the resource by Windmill's own page first, with a slash at the end of the address",
    make(world, who) {
      const { store, workspace } = world.windmill;
      const path = `u/${who}/codex_pooler_windmill_codegen`;
      if (workspace.resources.has(path) || workspace.variables.has(path)) return false;
      seedVariable(store, workspace, path, world.history.setup.keys.A1);
      seedResource(store, workspace, path, { base_url: `${baseUrlOf("A")}/`, api_key: `$var:${path}` });
      return true;
    },
  },
};
