import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, describe, it } from "node:test";
import { asRecord } from "../../src/core/json.ts";
import { ChangeReport } from "../../src/core/report.ts";
import { type Job, runJob } from "../faults/run.ts";
import { connecting, disconnecting, rotating, undoing } from "../faults/scenarios.ts";
import { BAD_KEY, type Gateways, NEW_KEY, OLD_KEY, openScene, type Scene, startGateways } from "../faults/scene.ts";
import { type PoolKey, poolKey } from "../standins/gateway/pooler.ts";
import { deployed } from "../standins/windmill/jobs/run.ts";
import { GATEWAY_HOST, PUBLIC_ADDRESS } from "../world/world.ts";

/**
 * What is broken before a change and no worse after it does not stop the change, and a key that grants little is not used up by the
 * change itself. Waits pass at once, and the gateway's clock goes along with Windmill's.
 */

let gateways: Gateways;
let scene: Scene;
before(async () => {
  gateways = await startGateways();
});
beforeEach(async () => {
  scene = await openScene(gateways);
  const { good } = gateways;
  Object.assign(good, { faults: [], now: () => scene.windmill.clock.now() });
  for (const key of [OLD_KEY, NEW_KEY]) good.keys.set(key, poolKey());
});
afterEach(() => scene.close());
after(() => gateways.close());

async function succeeds(job: Job): Promise<ChangeReport> {
  const { succeeded, error, id } = await runJob(scene, job);
  assert.ok(succeeded, error);
  return ChangeReport.parse(deployed(scene.workspace).jobs.get(id)?.result);
}

async function fails(job: Job): Promise<string> {
  const was = structuredClone(scene.workspace.aiConfig);
  const { succeeded, error } = await runJob(scene, job);
  assert.equal(succeeded, false);
  assert.deepEqual(scene.workspace.aiConfig, was);
  return error;
}

const FIRST = connecting({ api_key: OLD_KEY });
const customai = () => asRecord(asRecord(asRecord(scene.workspace.aiConfig).providers).customai);
/** Requests to the gateway since a moment, that cost something. */
const completions = (): number => gateways.good.requests.filter(({ method }) => method === "POST").length;

describe("models that no account serves, for everybody", () => {
  beforeEach(async () => {
    await succeeds(FIRST);
    gateways.good.faults.push({ name: "quota_exhausted" });
  });

  it("do not stop a change of headers or models, a rotation, or an undo: each says what stands in people's way", async () => {
    for (const job of [connecting({ headers: { "x-team": "a" } }), rotating({ new_key: NEW_KEY }), undoing()]) {
      const report = await succeeds(job);
      assert.equal(report.status, "down", job.name);
      assert.match(report.notes.join(" "), /refused, before this change as after it/, job.name);
    }
  });

  it("are no excuse for a key that the gateway refuses, or an address where none is", async () => {
    assert.match(await fails(rotating({ new_key: BAD_KEY })), /Nothing was changed/);
    scene.windmill.network.hosts.set("elsewhere.example.com", { addresses: [PUBLIC_ADDRESS], port: 9 });
    const error = await fails(connecting({ base_url: "http://elsewhere.example.com/v1" }));
    assert.match(error, /Nothing was changed/);
  });
});

describe("a gateway that nobody reaches", () => {
  beforeEach(async () => {
    await succeeds(FIRST);
    scene.windmill.network.hosts.set(GATEWAY_HOST, { addresses: [PUBLIC_ADDRESS], port: 9 });
  });

  it("does not stop a change that leaves address and key alone", async () => {
    const report = await succeeds(connecting({ models: ["gpt-6-luna"], schedule: "hourly" }));
    assert.equal(report.status, "down");
    assert.deepEqual(customai().models, ["gpt-6-luna"]);
  });

  it("stops a rotation: nothing would show that the new key works", async () => {
    assert.match(await fails(rotating({ new_key: NEW_KEY })), /Nothing was changed/);
  });
});

describe("an outage that begins with the change", () => {
  it("is no standing trouble: everything is put back", async () => {
    await succeeds(FIRST);
    let saved = false;
    const stop = scene.windmill.intercept(({ path }) => {
      if (path.endsWith("/edit_copilot_config")) {
        saved = true;
        gateways.good.faults.push({ name: "quota_exhausted" });
      }
      return undefined;
    });
    assert.match(await fails(connecting({ models: ["gpt-6-luna"] })), /was put back/);
    stop();
    assert.ok(saved);
  });
});

describe("a key that grants little", () => {
  const limited = (limits: PoolKey["limits"]) => gateways.good.keys.set(OLD_KEY, poolKey({ limits }));

  it("gets token limits with which its tokens per day suffice, and disconnect takes them away again", async () => {
    limited({ max_tokens_per_day: 100_000 });
    const was = structuredClone(scene.workspace.aiConfig);
    const report = await succeeds(FIRST);
    assert.notEqual(report.status, "down");
    const limits = asRecord(asRecord(scene.workspace.aiConfig).max_tokens_per_model);
    assert.ok(Number(limits["customai:gpt-5.5"]) <= 16_384, JSON.stringify(limits));
    assert.equal(limits["openai:gpt-4o"], 4096);
    assert.match(report.notes.join(" "), /grants fewer tokens than Windmill reserves/);
    await succeeds(disconnecting());
    assert.deepEqual(scene.workspace.aiConfig, was);
  });

  it("is refused before anything is made when its tokens of today are used up", async () => {
    limited({ max_tokens_per_day: 1_000_000 });
    const key = gateways.good.keys.get(OLD_KEY);
    key?.ledger.push({ at: scene.windmill.clock.now(), tokens: 999_000 });
    assert.match(await fails(FIRST), /Nothing was changed, because the connection would not work/);
  });

  for (const max_requests_per_minute of [4, 5, 10, 20]) {
    it(`is connected and asked for little when it grants ${max_requests_per_minute} requests per minute`, async () => {
      limited({ max_requests_per_minute });
      gateways.good.requests.length = 0;
      const report = await succeeds(FIRST);
      assert.notEqual(report.status, "unknown");
      assert.deepEqual(customai().models, ["gpt-5.5", "gpt-6-luna", "gpt-6-terra"]);
      assert.ok(completions() <= 2 + 2 * 3 * 2, `${completions()} completions`);
    });
  }
});
