import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { viewChange } from "../../src/change/handlers.ts";
import { Secret } from "../../src/core/secret.ts";
import { ConnectInput } from "../../src/inputs/connect.ts";
import { parseInputs } from "../../src/inputs/parse.ts";
import { viewSettings } from "../../src/observe/ai_settings.ts";
import type { Observation, ResourceSight } from "../../src/observe/observe.ts";
import { chooseModels } from "../../src/walks/connect_models.ts";
import { consequences, planConnection, resourceValue, type Target } from "../../src/walks/connect_plan.ts";

const PATH = "u/admin/codex_pooler_windmill_codegen";
const SERVED = ["gpt-5.5", "gpt-6-luna", "gpt-6-terra"];

const input = (more: Record<string, unknown> = {}) =>
  parseInputs(ConnectInput, { base_url: "https://g.example.com/v1", mode: "apply", ...more });

function observation(own: Record<string, unknown> = {}, more: Partial<Observation> = {}): Observation {
  return {
    at: "2026-11-24T10:00:00Z",
    workspace: "demo",
    caller: { username: "admin", admin: true },
    server_version: "CE v1.788.0",
    settings: {
      own,
      effective: own,
      source: "workspace",
      of_instance: false,
      instance_providers: [],
      view: viewSettings(own),
    },
    resource: null,
    secret: null,
    old_key: null,
    schedule: null,
    intent: null,
    has_resource_type: true,
    ...more,
  };
}

const target = (more: Partial<Target> = {}): Target => ({
  observation: observation(),
  resource_path: PATH,
  secret_path: PATH,
  resource: { state: "missing", path: PATH },
  stored: null,
  key: new Secret(`sk-cxp-0123456789ab-${"k".repeat(43)}`),
  base_url: "https://g.example.com/v1",
  headers: {},
  resource_type_exists: false,
  moved_from: null,
  enabled: null,
  ...more,
});

const plan = (more: Partial<Target> = {}, form: Record<string, unknown> = {}) => {
  const aimed = target(more);
  return planConnection(
    aimed,
    chooseModels(input(form), SERVED, aimed.observation.settings.view, aimed.enabled),
    input(form),
    "server",
  );
};

const inPlace = (value: unknown): ResourceSight => ({
  state: "ok",
  path: PATH,
  type: "customai",
  description: "",
  base_url: "https://g.example.com/v1",
  headers: {},
  key: { kind: "reference", path: PATH },
  rest: {},
  value,
});

describe("planning a connection", () => {
  it("makes everything in an empty workspace, the AI settings after what they refer to", () => {
    assert.deepEqual(
      plan({}, { schedule: "every 5 minutes" }).map(({ kind }) => kind),
      ["create-resource-type", "create-secret", "create-resource", "save-ai-settings", "create-schedule"],
    );
  });

  it("plans nothing when everything is in place", () => {
    const own = {
      providers: { customai: { resource_path: PATH, models: SERVED } },
      default_model: { provider: "customai", model: "gpt-5.5" },
      metadata_model: { provider: "customai", model: "gpt-5.5" },
    };
    const settled = target({ key: null, resource_type_exists: true, observation: observation(own) });
    assert.deepEqual(plan({ ...settled, resource: inPlace(resourceValue(settled)) }), []);
  });

  it("refers to the secret and holds no key, in the resource and in what is shown", () => {
    const changes = plan();
    const resource = changes.find((change) => change.kind === "create-resource");
    assert.equal(resource?.value.api_key, `$var:${PATH}`);
    const shown = JSON.stringify(changes.map(viewChange));
    assert.ok(shown.includes("sk-cxp-0123456789ab…"));
    assert.ok(!shown.includes("kkkk"));
  });

  it("hides a key that stands in the resource in clear", () => {
    const literal = {
      api_key: `sk-cxp-0123456789ab-${"z".repeat(43)}`,
      base_url: "https://old.example.com/v1",
      headers: {},
    };
    const change = plan({ resource: inPlace(literal) }).find(({ kind }) => kind === "replace-resource");
    assert.ok(change);
    assert.ok(!JSON.stringify(viewChange(change)).includes("zzzz"));
  });

  it("keeps keys of the resource that it does not know", () => {
    const resource = { ...inPlace({}), rest: { organization_id: "org-1" } } as ResourceSight;
    assert.equal(resourceValue(target({ resource })).organization_id, "org-1");
  });

  it("switches a schedule off and nothing else of it", () => {
    const schedule = {
      path: "f/codex_pooler/health",
      schedule: "0 */10 * * * *",
      timezone: "Europe/Berlin",
      enabled: true,
      script_path: "f/codex_pooler/health",
      is_flow: true,
      args: { alert_webhook_path: "u/admin/hook", depth: "free" },
    };
    const change = plan({ observation: observation({}, { schedule }) }, { schedule: "off" }).at(-1);
    assert.equal(change?.kind, "replace-schedule");
    assert.deepEqual(viewChange(change).differences, [{ path: "enabled", before: true, after: false }]);
  });

  it("leaves an existing schedule alone when none is asked for", () => {
    assert.ok(!plan().some(({ kind }) => kind.endsWith("schedule")));
  });

  it("gives an existing schedule what was filled in for it, and leaves how often it runs and the rest of its arguments", () => {
    const schedule = {
      path: "f/codex_pooler/health",
      schedule: "0 */7 * * * *",
      timezone: "Europe/Berlin",
      enabled: false,
      script_path: "f/codex_pooler/health",
      is_flow: true,
      args: { alert_webhook_path: "u/admin/hook", remind_every: 24 },
    };
    const watch = { remind_every: 4, fail_job_when: "", chat_every: null };
    const change = plan({ observation: observation({}, { schedule }) }, { watch }).at(-1);
    assert.ok(change?.kind === "replace-schedule");
    assert.deepEqual(change.spec.args, { alert_webhook_path: "u/admin/hook", remind_every: 4 });
    assert.deepEqual(
      [change.spec.schedule, change.spec.timezone, change.spec.enabled],
      ["0 */7 * * * *", "Europe/Berlin", false],
    );
    assert.ok(!plan({}, { watch }).some(({ kind }) => kind.endsWith("schedule")), "there is none to give it to");
  });
});

describe("what a plan means for people", () => {
  const choice = {
    models: ["gpt-5.5"],
    default_model: "gpt-5.5",
    metadata_model: "gpt-5.5",
    left_out: [],
    limits: {},
    notes: [],
  };

  it("says that own settings shadow the instance's, and which providers people lose", () => {
    const seen = observation();
    const settings = { ...seen.settings, source: "instance" as const, instance_providers: ["openai", "customai"] };
    const notes = consequences(target({ observation: { ...seen, settings } }), choice);
    assert.match(notes.join(" "), /shadow.*people here lose openai/);
  });

  it("warns of the same id under two providers, and of models that people lose", () => {
    const own = {
      providers: {
        openai: { resource_path: "u/a/o", models: ["gpt-5.5"] },
        customai: { resource_path: PATH, models: ["old"] },
      },
    };
    const notes = consequences(target({ observation: observation(own) }), choice).join(" ");
    assert.match(notes, /Another provider has gpt-5\.5 too/);
    assert.match(notes, /No longer offered to people: old/);
  });

  it("says that a connection of another path stays behind with its key", () => {
    const notes = consequences(target({ moved_from: "u/boss/gateway" }), choice).join(" ");
    assert.match(notes, /moved from the resource u\/boss\/gateway to .*stays as it is, with its key/);
  });
});
