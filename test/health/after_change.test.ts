import assert from "node:assert/strict";
import { after, before, beforeEach, describe, it } from "node:test";
import { HEALTH_FLOW, HEALTH_SCHEDULE } from "../../src/core/paths.ts";
import type { CheckReport } from "../../src/core/report.ts";
import { followChange, followDisconnect } from "../../src/health/after_change.ts";
import { readMemory } from "../../src/health/read_memory.ts";
import type { HealthState } from "../../src/health/state.ts";
import { INTENT } from "../../src/observe/intent.ts";
import { openWindmill, type Windmill } from "../../src/windmill/windmill.ts";
import { deployed } from "../standins/windmill/jobs/run.ts";
import { seedResource, seedVariable } from "../standins/windmill/seed.ts";
import { startWindmill, type WindmillStandin } from "../standins/windmill/server.ts";
import type { Workspace } from "../standins/windmill/store.ts";
import { memoryIn, putMemory } from "../world/health_memory.ts";
import { startWebhook, type Webhook } from "../world/webhook.ts";
import { iso, type Lived, live, MINUTE, START, type Trouble, tick } from "./health_fixture.ts";

/** What a change does to the memory: pages and alerts follow within its run. */

const WEBHOOK = "u/admin/alert_webhook";
const DOWN: Trouble = { code: "gateway-down" };
const TOOLS: Trouble = { code: "tools-ignored", seen: "tools" };
let standin: WindmillStandin;
let workspace: Workspace;
let windmill: Windmill;
let webhook: Webhook;

before(async () => {
  [standin, webhook] = await Promise.all([startWindmill(), startWebhook()]);
  workspace = standin.createWorkspace("team");
  windmill = openWindmill({
    ...{ WM_WORKSPACE: "team", WM_TOKEN: standin.admin.token, WM_PERMISSIONED_AS: "u/admin" },
    ...{ WM_BASE_URL: standin.url, BASE_URL: standin.url, WM_JOB_ID: "0194f8a2-1c3d-7e5f-8a9b-0c1d2e3f4a5b" },
  });
});
beforeEach(() => {
  workspace.resources.clear();
  workspace.variables.clear();
  deployed(workspace).schedules.clear();
  Object.assign(webhook, { alerts: [], bodies: [], status: 200 });
  seedVariable(standin.store, workspace, WEBHOOK, webhook.url);
  connect(true);
  schedule({ alert_webhook_path: WEBHOOK, failures_before_alert: 3 });
});
after(() => Promise.all([standin.close(), webhook.close()]));

/** The record of what was asked for. */
function connect(active: boolean): void {
  const made = { resource_type: false, schedule: false, secrets: [], resources: [], limits: [] };
  const intent = {
    ...{ version: 2, at: iso(START), by: "u/admin", active, resource_path: "u/a/b", secret_path: "u/a/b" },
    ...{ base_url: "https://x/v1", models: [], default_model: null, metadata_model: null, made },
    before: { providers: false, default_model: null, metadata_model: null },
  };
  workspace.resources.delete(INTENT);
  seedResource(standin.store, workspace, INTENT, intent, { resourceType: "state" });
}

function schedule(args: object): void {
  deployed(workspace).schedules.set(HEALTH_SCHEDULE, {
    ...{ path: HEALTH_SCHEDULE, schedule: "0 */5 * * * *", timezone: "Etc/UTC", enabled: true, args },
    ...{ scriptPath: HEALTH_FLOW, isFlow: true, noFlowOverlap: true, wsErrorHandlerMuted: false, summary: null },
    ...{ settings: {}, cronVersion: "v2", editedBy: "admin", editedAt: iso(START), email: "admin@windmill.dev" },
    ...{ permissionedAs: "u/admin", error: null, extraPerms: {} },
  });
}

/** Puts the memory of a life there, all of whose alerts were told. */
function remembered(troubles: Trouble[], ticks = 4): Lived {
  const times = Array.from({ length: ticks }, (_, index) => START + index * 5 * MINUTE);
  const lived = live({ ticks: times, troubles: () => troubles, rules: { failures_before_alert: 2 } });
  putMemory(standin.store, workspace, { ...lived.state, history: lived.history });
  return lived;
}

/** The check that a change made at its end. */
function checkOf(troubles: Trouble[], change: { depth?: "chat" | "features"; minutes?: number } = {}): CheckReport {
  const at = START + (change.minutes ?? 22) * MINUTE;
  const { findings, probes, status, depth } = tick(at, troubles, { depth: change.depth ?? "chat" });
  return {
    ...{ version: 1, status, summary: "x", workspace: "team", checked_at: iso(at), server_version: "CE", depth },
    connection: {
      ...{ settings: "workspace", resource_path: "u/a/b", base_url: "https://new/v1", secret_path: "u/a/b" },
      ...{ default_model: "gpt-5.5", metadata_model: null, schedule: null },
    },
    findings: [...findings],
    probes: probes.map((one) => ({
      ...one,
      route: "server",
      model: "gpt-5.5",
      candidate: false,
      ok: true,
      status: 200,
      ms: 40,
      code: null,
      excerpt: "",
    })),
    ...{ models: [], features: [], timings_ms: { observe: 1, probe: 1, slowest_probe: 1, total: 3 }, tokens: 6 },
    fingerprint: "others",
  };
}

const state = (): HealthState => {
  const { state: found, repairs } = readMemory(memoryIn(workspace), iso(START));
  assert.deepEqual(repairs, []);
  assert.ok(found);
  return found;
};
const told = (): string[] => webhook.alerts.map(({ kind, status }) => `${kind} ${status}`);

describe("a change whose check is well", () => {
  it("ends the open incident at once, and people are told within its run", async () => {
    remembered([DOWN]);
    const { health, notes } = await followChange(windmill, checkOf([]), "repair");
    assert.deepEqual([health?.status, notes], ["healthy", []]);
    assert.deepEqual(told(), ["recovery healthy"]);
    const { status, incident, incidents, last } = state();
    assert.deepEqual([status, incident, incidents[0]?.end], ["healthy", null, iso(START + 22 * MINUTE)]);
    assert.deepEqual([last?.by, last?.connection?.base_url], ["repair by u/admin", "https://new/v1"]);
    assert.equal(incidents[0]?.told.recovery, true);
    assert.equal(health?.health.headline.tone, "good");
  });

  it("counts though it came and went before, and though its job was queued before the last tick", async () => {
    const lived = remembered([DOWN]);
    const turns = [1, 2, 3].map((minute) => iso(START + minute * MINUTE));
    putMemory(standin.store, workspace, { ...lived.state, turns, history: lived.history });
    const { health } = await followChange(windmill, checkOf([], { minutes: 14 }), "connect");
    assert.equal(health?.status, "healthy");
    assert.ok(Date.parse(state().last?.at ?? "") > START + 15 * MINUTE - 1);
  });

  it("leaves open what it did not measure, and tells nobody that it works", async () => {
    const times = [0, 5].map((minute) => START + minute * MINUTE);
    const lived = live({ ticks: times, troubles: () => [TOOLS], wish: "features" });
    putMemory(standin.store, workspace, { ...lived.state, history: lived.history });
    const { health } = await followChange(windmill, checkOf([]), "connect");
    assert.deepEqual([health?.status, told()], ["down", []]);
    const deep = await followChange(windmill, checkOf([], { depth: "features", minutes: 30 }), "connect");
    assert.deepEqual([deep.health?.status, told()], ["healthy", ["recovery healthy"]]);
  });
});

describe("a change whose check is ill", () => {
  it("begins an incident at once, whatever the rules for ticks are", async () => {
    remembered([]);
    const { health } = await followChange(windmill, checkOf([DOWN]), "rotate_key");
    assert.deepEqual([health?.status, told()], ["down", ["opening down"]]);
    assert.equal(state().incident?.cause.code, "gateway-down");
  });

  it("by being blind is one blind tick like any other", async () => {
    remembered([]);
    const blind: Trouble = { code: "server-url-unreachable", severity: "warning", blind: true };
    const { health } = await followChange(windmill, checkOf([blind]), "connect");
    assert.deepEqual([health?.status, health?.measured, told()], ["healthy", "unknown", []]);
  });
});

describe("a change", () => {
  it("is remembered without a schedule too, and the first of all begins the memory", async () => {
    deployed(workspace).schedules.clear();
    const { health, notes } = await followChange(windmill, checkOf([]), "connect");
    assert.deepEqual([health?.status, notes, told()], ["healthy", [], []]);
    assert.equal(state().last?.by, "connect by u/admin");
  });

  it("is no change of a workspace that is not connected any more", async () => {
    connect(false);
    assert.deepEqual(await followChange(windmill, checkOf([]), "undo"), { health: null, notes: [] });
    assert.equal(memoryIn(workspace), undefined);
  });

  it("fails neither for a memory that cannot be written nor for a target that takes no alert, and says so", async () => {
    remembered([DOWN]);
    webhook.status = 404;
    const { health, notes } = await followChange(windmill, checkOf([]), "repair");
    assert.equal(health?.status, "healthy");
    assert.match(notes.join(), /^Not told: webhook at .* answered 404/);
    const stop = standin.intercept(({ method, path }) =>
      method === "POST" && path.includes("/resources/")
        ? { takesEffect: false, show: { status: 403, body: "no" } }
        : undefined,
    );
    const refused = await followChange(windmill, checkOf([], { minutes: 40 }), "repair");
    stop();
    assert.equal(refused.health, null);
    assert.match(refused.notes.join(), /memory does not know of this yet: .*403/);
  });

  it("loses no tick that is remembered at the same time", async () => {
    remembered([]);
    await Promise.all(
      [21, 22, 23].map((minutes) => followChange(windmill, checkOf([], { minutes }), `undo ${minutes}`)),
    );
    const { history } = readMemory(memoryIn(workspace), iso(START));
    assert.equal(history.ticks.length, 7);
  });

  it("goes by the defaults where somebody has written rules by hand that are none", async () => {
    schedule({ alert_webhook_path: WEBHOOK, failures_before_alert: "soon" });
    remembered([DOWN]);
    assert.equal((await followChange(windmill, checkOf([]), "repair")).health?.status, "healthy");
    assert.deepEqual(told(), ["recovery healthy"]);
  });
});

describe("a disconnect that keeps its records", () => {
  it("ends what is remembered, and nobody is told that it works again", async () => {
    remembered([DOWN]);
    connect(false);
    assert.deepEqual(await followDisconnect(windmill), []);
    const { status, incident, incidents, open } = state();
    assert.deepEqual([status, incident, open], ["unknown", null, []]);
    assert.equal(incidents[0]?.told.recovery, true);
    assert.deepEqual(told(), []);
    assert.equal(readMemory(memoryIn(workspace), iso(START)).history.ticks.length, 4);
  });

  it("has nothing to end where nothing is remembered", async () => {
    assert.deepEqual(await followDisconnect(windmill), []);
    assert.equal(memoryIn(workspace), undefined);
  });
});
