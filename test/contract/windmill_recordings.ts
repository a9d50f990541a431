import { SCENARIO_OF_ENTRY, type ScenarioName } from "../standins/gateway/scripted.ts";
import type { Scene } from "./scene.ts";

/** The gateway's address in the recordings. */
export const RECORDED_GATEWAY = "http://127.0.0.1:4010";

const CONNECTION = "u/admin/codex_pooler_windmill_codegen";
const PROBE = "u/admin/recorded_probe";
const KEY = `$var:${CONNECTION}`;

const gateway = (scenario: ScenarioName) => `${RECORDED_GATEWAY}/${scenario}/v1`;
const good = { api_key: KEY, base_url: gateway("ok"), headers: {} };

const probe = (value: unknown): Scene => ({ resources: { [PROBE]: value } });
const providers = (paths: Record<string, string>): Scene => ({
  aiConfig: {
    providers: Object.fromEntries(
      Object.entries(paths).map(([name, path]) => [name, { resource_path: path, models: ["gpt-6-luna"] }]),
    ),
  },
});

/** The connection that existed before every recording of the workspace `demo`. */
const CONNECTED: Scene = {
  secrets: { [CONNECTION]: "<pool-api-key>" },
  resources: { [CONNECTION]: good, [PROBE]: good },
};

/** What stood in the probed resource, or in the settings, where it was not simply the gateway of `SCENARIO_OF_ENTRY`. */
const AI_PROXY: Readonly<Record<string, Scene>> = {
  "connection refused": probe({ ...good, base_url: "http://127.0.0.1:9/v1" }),
  "unresolvable host": probe({ ...good, base_url: "http://no-such-host.invalid/v1" }),
  "private literal loopback": probe(good),
  "private name localhost": probe({ ...good, base_url: "http://localhost:4010/ok/v1" }),
  "private literal 10/8": probe({ ...good, base_url: "http://10.0.0.5/v1" }),
  "not a URL": probe({ ...good, base_url: "codex-pooler/v1" }),
  "unresolved variable in base_url": probe({ ...good, base_url: "$var:u/admin/base_url" }),
  "no base_url": probe({ api_key: KEY }),
  "variable missing": probe({ ...good, api_key: "$var:u/admin/absent" }),
  "value not an object": probe("text"),
  "authorization header overrides key": probe({ ...good, headers: { authorization: "Bearer wrong" } }),
  "trailing slash in base_url": probe({ ...good, base_url: `${gateway("ok")}/` }),
  "literal key": probe({ ...good, api_key: "<pool-api-key>" }),
  "empty key": probe({ ...good, api_key: "" }),
  "AI not configured": { aiConfig: null },
  "provider not configured": providers({ openai: "u/admin/openai" }),
  "configured resource missing": providers({ customai: "u/admin/absent" }),
  "configured, guard rejects": providers({ customai: CONNECTION }),
  "configured, private allowed": providers({ customai: CONNECTION }),
  "member uses workspace config": providers({ customai: CONNECTION }),
};

/** What a recording file needs besides its own requests. */
export interface Setting {
  release: "1.795.0" | "1.788.0" | "1.743.0";
  workspace: string;
  /** Workspaces beside it and `admins`, in the order in which they were made, with their names. */
  made?: Readonly<Record<string, string>>;
  /** What the recording calls otherwise than the stand-in does. */
  called?: Readonly<Record<string, string>>;
  /** Whether the server lets AI providers stand at private addresses; not as a rule. */
  open?: boolean;
  /** Before the first exchange. */
  start: Scene;
  /** Before the exchange of that name. */
  before: Readonly<Record<string, Scene>>;
  /** Exchanges whose body is not JSON. */
  raw?: readonly string[];
}

const probes = Object.fromEntries(
  Object.entries(SCENARIO_OF_ENTRY).map(([name, scenario]) => [name, probe({ ...good, base_url: gateway(scenario) })]),
);
const beforeProxied = { ...probes, ...AI_PROXY };

/** One row per recording file of the AI, variable and resource endpoints. */
export const SETTINGS: Readonly<Record<string, Setting>> = {
  "ai-proxy.json": { release: "1.788.0", workspace: "demo", start: CONNECTED, before: beforeProxied },
  "ai-settings.json": {
    release: "1.788.0",
    workspace: "demo",
    start: { aiConfig: {} },
    before: {},
    raw: ["edit_copilot_config not json"],
  },
  "instance-ai-settings.json": { release: "1.788.0", workspace: "rec", start: {}, before: {} },
  "instance-scope-1.795.json": {
    ...{ release: "1.795.0", workspace: "demo", made: { team: "Team", demo: "Demo" }, open: true },
    called: { "mia@example.com": "member@windmill.dev", Mia: "Member", mia: "member" },
    start: { aiConfig: { providers: {} } },
    before: {},
  },
  "variables-and-resources.json": { release: "1.788.0", workspace: "demo", start: CONNECTED, before: {} },
  "older-server-1.743-differences.json": {
    release: "1.743.0",
    workspace: "demo",
    start: {
      secrets: { ...CONNECTED.secrets, "u/admin/recorded_secret": "<pool-api-key>" },
      resources: { ...CONNECTED.resources, "u/admin/recorded_resource": good },
    },
    before: beforeProxied,
  },
};
