import assert from "node:assert/strict";
import { afterEach, describe, it } from "node:test";
import { KEY, startTwoGateways, type TwoGateways } from "../world/two_gateways.ts";

/** What a check makes of a gateway that has no place for all of its requests. */

let world: TwoGateways;
afterEach(() => world.close());

const OVERLOADED = "server_is_overloaded";

describe("a check that is refused for want of a place", () => {
  it("asks again, and reports nothing where it was its own crowd", async () => {
    world = await startTwoGateways();
    await world.connect({ api_key: KEY });
    world.a.faults.push({ name: OVERLOADED, times: 4 });
    const report = await world.check();
    assert.equal(report.status, "healthy", report.summary);
    assert.ok(report.models.every(({ server, worker }) => server === "ok" && worker === "ok"));
  });

  it("reports a gateway that stays full, and says what it has asked for itself", async () => {
    world = await startTwoGateways();
    await world.connect({ api_key: KEY });
    world.a.faults.push({ name: OVERLOADED });
    const report = await world.check();
    const [finding] = report.findings;
    assert.equal(finding?.code, "gateway-overloaded");
    assert.equal(finding.owner, "wait");
    const seen = finding.evidence.map(({ excerpt }) => excerpt).join("\n");
    assert.match(seen, /This check asked for 6 completions, \d+ at most at a time, and asked again more slowly/);
    assert.match(seen, /server_is_overloaded/);
  });
});
