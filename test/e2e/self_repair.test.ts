import assert from "node:assert/strict";
import { after, before, beforeEach, describe, it } from "node:test";
import { asRecord } from "../../src/core/json.ts";
import { ChangeReport } from "../../src/core/report.ts";
import { jsonb } from "../standins/windmill/jsonb.ts";
import { reportOf, startDeployedWorld, type Tick, WEBHOOK_VARIABLE, type World } from "../world/world.ts";

/** What the health flow mends while people sleep, with real jobs. */

let world: World;
before(async () => {
  world = await startDeployedWorld();
});
beforeEach(async () => {
  await world.reset();
  await world.storeWebhook();
});
after(() => world.close());

const MODELS = ["gpt-5.5", "gpt-6-luna", "gpt-6-terra"];
const connect = async (self_repair: string): Promise<void> => {
  const filled = { schedule: "hourly", alert_webhook_path: WEBHOOK_VARIABLE, webhook_format: "json", self_repair };
  reportOf(await world.runConnect({ ...filled, models: MODELS, default_model: "gpt-6-luna" }), ChangeReport);
};
const ticks = async (count: number): Promise<Tick[]> => {
  const all: Tick[] = [];
  for (let one = 0; one < count; one++) all.push(await world.tick());
  return all;
};
const settings = (): Record<string, unknown> => asRecord(world.workspace.aiConfig);
const defaultModel = (): unknown => asRecord(settings().default_model).model;
const notices = () => world.webhook.alerts.filter(({ kind }) => (kind as string) === "notice");

describe("self-repair", () => {
  it("replaces a model that is gone, tells it with a link to undo it, and does not do it again", async () => {
    await connect("models");
    await ticks(2);
    world.pooler.models = ["gpt-5.5", "gpt-6-terra"];
    const [first, second, third] = await ticks(3);
    assert.equal(first?.steps.mend, undefined);
    assert.equal(first?.health.telling.mend, undefined);
    assert.ok(second?.health.telling.mend, JSON.stringify(second?.health.findings.map(({ code }) => code)));
    assert.ok(second.steps.mend);
    assert.equal(defaultModel(), "gpt-6-terra");
    assert.equal(third?.health.measured, "healthy");
    const [told, ...more] = notices();
    assert.deepEqual(more, []);
    assert.match(told?.text ?? "", /Mended by itself: Replaces models that are gone\./);
    assert.match(told?.text ?? "", /gpt-6-luna/);
    assert.match(told?.text ?? "", /Undo it: \S+\/scripts\/get\/f\/codex_pooler\/undo\?/);
    assert.equal(third?.health.health.notices?.length, 1);
    // A person undoes it, as the model is back, and it goes again: that is their choice now.
    world.pooler.models = MODELS;
    await world.expireCaches();
    const id = /snapshot=%22([0-9a-f-]+)%22/.exec(told?.text ?? "")?.[1] ?? assert.fail("no snapshot in the link");
    reportOf(await world.run("undo", { mode: "apply", snapshot: id }), ChangeReport);
    assert.equal(defaultModel(), "gpt-6-luna");
    world.pooler.models = ["gpt-5.5", "gpt-6-terra"];
    await ticks(4);
    assert.equal(defaultModel(), "gpt-6-luna");
    assert.equal(notices().length, 1);
  });

  it("puts back what others changed, an hour after they did", async () => {
    await connect("settings");
    await ticks(2);
    world.workspace.aiConfig = jsonb({ ...settings(), default_model: { provider: "customai", model: "gpt-5.5" } });
    const [first] = await ticks(1);
    assert.equal(first?.steps.mend, undefined);
    assert.equal(defaultModel(), "gpt-5.5");
    await ticks(2);
    assert.equal(defaultModel(), "gpt-6-luna");
    // Whoever changes it once more wants it so.
    world.workspace.aiConfig = jsonb({ ...settings(), default_model: { provider: "customai", model: "gpt-5.5" } });
    await ticks(4);
    assert.equal(defaultModel(), "gpt-5.5");
  });

  it("does nothing unless it was chosen, and nothing that the choice does not cover", async () => {
    for (const choice of ["", "settings"]) {
      await world.reset();
      await world.storeWebhook();
      await connect(choice);
      await ticks(2);
      world.pooler.models = ["gpt-5.5", "gpt-6-terra"];
      const all = await ticks(3);
      assert.deepEqual(
        all.map(({ steps }) => steps.mend),
        [undefined, undefined, undefined],
      );
      assert.equal(defaultModel(), "gpt-6-luna");
      assert.deepEqual(notices(), []);
    }
  });

  it("puts back what did not help, and leaves it", async () => {
    await connect("models");
    await ticks(2);
    const was = structuredClone(settings());
    world.pooler.models = [];
    const all = await ticks(4);
    assert.deepEqual(settings(), was);
    assert.ok(all.filter(({ steps }) => steps.mend).length <= 1);
    assert.deepEqual(notices(), []);
  });
});
