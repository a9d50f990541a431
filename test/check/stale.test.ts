import assert from "node:assert/strict";
import { afterEach, describe, it } from "node:test";
import type { CheckReport } from "../../src/core/report.ts";
import { poolKey } from "../standins/gateway/pooler.ts";
import { jsonb } from "../standins/windmill/jsonb.ts";
import { seedVariable } from "../standins/windmill/seed.ts";
import { B, CONNECTION, KEY, OTHER_KEY, startTwoGateways, type TwoGateways, urlOf } from "../world/two_gateways.ts";

/** Processes of Windmill that still use the key or address of before are told as such, and never as anything else. */

let world: TwoGateways;
afterEach(() => world.close());

/** What was found, but for what is only to be known, and for the edit by hand that the tests begin with. */
const codes = ({ findings }: Pick<CheckReport, "findings">): string[] =>
  findings
    .map(({ code, severity }) => `${severity} ${code}`)
    .filter((one) => !one.startsWith("info ") && !one.endsWith(" settings-drift"));

/** Somebody edits the resource by hand while both processes remember what was there. */
function moveByHand(more: object): void {
  const resource = world.workspace.resources.get(CONNECTION);
  assert.ok(resource);
  resource.value = jsonb({ ...(resource.value as object), ...more });
}

const OWN = ["b-large", "b-small"];

describe("a check while processes still use what was before", () => {
  it("says so for an address that was changed by hand, calls no model gone, and is healthy when it is over", async () => {
    world = await startTwoGateways({ b: OWN });
    await world.connect({ api_key: KEY });
    await world.warm();
    moveByHand({ base_url: urlOf(B) });
    const report = await world.check();
    assert.equal(report.status, "degraded", "people are served by what was before");
    const [stale, gone] = report.findings.filter(({ code }) => code !== "settings-drift");
    assert.equal(stale?.code, "stale-credentials");
    assert.equal(stale.owner, "wait");
    assert.match(
      stale.title,
      /^Requests through the Windmill server and workers still use what was before, until \d\d:\d\d:\d\d UTC at most$/,
    );
    assert.match(stale.evidence[0]?.excerpt ?? "", /lists gpt-5.5.*by the resource's path lists b-large, b-small/);
    assert.deepEqual(
      [...new Set(report.models.map(({ server, worker }) => `${server} ${worker}`))],
      ["not-tested not-tested"],
    );
    // The models that are gone are so by the list of what is there now, and that is all that is said of the new gateway.
    assert.equal(gone?.code, "model-not-served");
    assert.ok(gone.evidence.every(({ excerpt }) => /served: b-large, b-small/.test(excerpt)));
  });

  it("takes what a worker says from before for no evidence, while the server has been told", async () => {
    world = await startTwoGateways({ b: OWN });
    await world.connect({ api_key: KEY });
    await world.warm();
    moveByHand({ base_url: urlOf(B) });
    world.windmill.processes.server.credentials.invalidate("team");
    world.workspace.aiConfig = jsonb({
      providers: { customai: { resource_path: CONNECTION, models: OWN } },
      default_model: { provider: "customai", model: "b-large" },
      metadata_model: { provider: "customai", model: "b-large" },
    });
    const report = await world.check();
    assert.deepEqual(codes(report), ["warning stale-credentials"]);
    assert.equal(report.status, "degraded");
    assert.deepEqual(
      report.models.map(({ id, server, worker, served }) => [id, server, worker, served]),
      OWN.map((id) => [id, "ok", "not-tested", true]),
    );
    const stale = report.findings.find(({ code }) => code === "stale-credentials");
    assert.match(stale?.title ?? "", /^Requests through the Windmill workers still use/);
  });

  it("does not call a key refused that is no longer the one in use", async () => {
    world = await startTwoGateways();
    await world.connect({ api_key: KEY });
    await world.warm();
    seedVariable(world.windmill.store, world.workspace, CONNECTION, OTHER_KEY);
    world.a.keys.delete(KEY);
    const report = await world.check();
    assert.deepEqual(codes(report), ["critical stale-credentials"]);
    assert.equal(report.status, "down", "people are refused over the server route, if only for a minute");
    await world.windmill.clock.advance(61_000);
    assert.deepEqual(codes(await world.check()), []);
  });

  it("finds a former key out by a refused question when both keys list the same models", async () => {
    world = await startTwoGateways();
    await world.connect({ api_key: KEY });
    await world.warm();
    world.a.keys.set(KEY, poolKey({ limits: { max_tokens_per_day: 1 } }));
    seedVariable(world.windmill.store, world.workspace, CONNECTION, OTHER_KEY);
    const report = await world.check();
    assert.deepEqual([...new Set(report.findings.map(({ code }) => code))].slice(0, 1), ["stale-credentials"]);
    assert.ok(
      !report.findings.some(({ layer }) => layer === "key-policy" || layer === "quota"),
      JSON.stringify(codes(report)),
    );
  });

  it("does not take a gateway for a former one that answers now so and now otherwise", async () => {
    world = await startTwoGateways();
    await world.connect({ api_key: KEY });
    await world.warm();
    let turn = 0;
    world.a.faults.push({
      name: "models_empty",
      get path() {
        return turn++ % 3 === 0 ? "/v1/models" : "/never";
      },
    } as never);
    const report = await world.check();
    assert.ok(!report.findings.some(({ code }) => code === "stale-credentials"), JSON.stringify(codes(report)));
  });

  it("asks nothing more than before when nothing has changed", async () => {
    world = await startTwoGateways();
    await world.connect({ api_key: KEY });
    await world.warm();
    world.a.requests.length = 0;
    assert.equal((await world.check({ depth: "free" })).status, "healthy");
    assert.equal(world.a.requests.length, 5);
  });

  it("waits it out where it can, and then knows", async () => {
    world = await startTwoGateways({ b: OWN });
    await world.connect({ api_key: KEY });
    await world.warm();
    moveByHand({ base_url: urlOf(B) });
    const report = await world.check({ depth: "chat", patient: true });
    assert.ok(!report.findings.some(({ code }) => code === "stale-credentials"), JSON.stringify(codes(report)));
    assert.ok(world.lines().some((line) => /still uses what was before: looking again in \d+ s/.test(line)));
    assert.deepEqual([...new Set(world.completions(world.b))].sort(), ["gpt-5.5", "gpt-6-luna", "gpt-6-terra"]);
  });
});

describe("a change of gateway, while both processes remember the one of before", () => {
  it("ends with both routes proven on the new one, and with no false finding", async () => {
    world = await startTwoGateways({ b: OWN });
    await world.connect({ api_key: KEY });
    await world.warm();
    world.completions(world.a);
    const report = await world.connect({ base_url: urlOf(B), default_model: "b-large", metadata_model: "b-large" });
    assert.deepEqual(codes(report), []);
    assert.equal(report.status, "healthy");
    assert.deepEqual(world.completions(world.a), []);
    assert.deepEqual(codes(await world.check()), []);
  });

  it("does not call models proven that only the former gateway serves", async () => {
    world = await startTwoGateways();
    await world.connect({ api_key: KEY });
    await world.warm();
    world.completions(world.a);
    for (const model of ["gpt-6-luna", "gpt-6-terra"]) world.b.faults.push({ name: "no_eligible_backend", model });
    const report = await world.connect({ base_url: urlOf(B) });
    assert.deepEqual(world.completions(world.a), [], "the verification asked the former gateway");
    assert.deepEqual(
      report.models.map(({ id, server, worker }) => `${id} ${server} ${worker}`),
      ["gpt-5.5 ok ok", "gpt-6-luna failed failed", "gpt-6-terra failed failed"],
    );
  });

  it("says until when processes that it has not met may use what was before", async () => {
    world = await startTwoGateways({ b: OWN });
    await world.connect({ api_key: KEY });
    const report = await world.connect({ base_url: urlOf(B), default_model: "b-large", metadata_model: "b-large" });
    assert.match(
      report.notes.join("\n"),
      /one that this run did not meet may use what was before until \d\d:\d\d:\d\d UTC/,
    );
  });

  it("holds for undo and for repair as well", async () => {
    world = await startTwoGateways({ b: OWN });
    await world.connect({ api_key: KEY });
    await world.connect({ base_url: urlOf(B), default_model: "b-large", metadata_model: "b-large" });
    await world.warm();
    const undone = await world.undo();
    assert.deepEqual(codes(undone), []);
    assert.equal(undone.status, "healthy");
    await world.warm();
    moveByHand({ base_url: urlOf(B) });
    const repaired = await world.repair();
    assert.deepEqual(codes(repaired), []);
    assert.deepEqual(codes(await world.check()), []);
  });

  it("waits for the end of every process's memory where a key is rotated", async () => {
    world = await startTwoGateways();
    await world.connect({ api_key: KEY });
    await world.warm();
    await world.rotate({ new_key: OTHER_KEY });
    world.a.keys.delete(KEY);
    assert.deepEqual(codes(await world.check()), []);
  });
});
