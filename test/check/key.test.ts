import assert from "node:assert/strict";
import { afterEach, describe, it } from "node:test";
import { seedVariable } from "../standins/windmill/seed.ts";
import { leaksOf } from "../world/leaks.ts";
import { CONNECTION, KEY, startTwoGateways, type TwoGateways } from "../world/two_gateways.ts";

/** What a check says of a key that the gateway refuses. */

let world: TwoGateways;
afterEach(() => world.close());

describe("a key that the gateway refuses", () => {
  it("is named by the characters that the gateway's own pages show, and by no other", async () => {
    world = await startTwoGateways();
    await world.connect({ api_key: KEY });
    world.a.keys.clear();
    const [finding] = (await world.check()).findings;
    assert.equal(finding?.code, "key-refused");
    assert.match(finding.cause, /does not accept the key sk-cxp-0123456789ab… that Windmill sends/);
    assert.match(finding.remedy.join("\n"), /look the key up by its prefix sk-cxp-0123456789ab…/);
    assert.deepEqual(leaksOf({ windmill: world.windmill, workspace: world.workspace, pooler: world.a }, KEY), []);
  });

  it("is said to be malformed where its form shows it", async () => {
    world = await startTwoGateways();
    await world.connect({ api_key: KEY });
    seedVariable(world.windmill.store, world.workspace, CONNECTION, `Bearer ${KEY}`);
    await world.windmill.clock.advance(61_000);
    const report = await world.check();
    assert.ok(
      report.findings.some(({ code }) => code === "key-malformed"),
      JSON.stringify(report.findings),
    );
  });
});
