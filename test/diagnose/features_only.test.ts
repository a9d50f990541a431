import assert from "node:assert/strict";
import { afterEach, describe, it } from "node:test";
import type { CheckReport } from "../../src/core/report.ts";
import type { FaultName } from "../standins/gateway/pooler.ts";
import { KEY, startTwoGateways, type TwoGateways } from "../world/two_gateways.ts";

/** What a gateway refuses only for some features is said to be about these, and is no more of a trouble than they are. */

let world: TwoGateways;
afterEach(() => world.close());

async function checked(fault: FaultName): Promise<CheckReport> {
  world = await startTwoGateways();
  await world.connect({ api_key: KEY });
  world.a.faults.push({ name: fault });
  return world.check({ depth: "features" });
}

const stateOf = ({ features }: CheckReport, wanted: string): string | undefined =>
  features.find(({ feature }) => feature === wanted)?.state;

/** What is found beside the strict schemas that Codex Pooler refuses by design. */
const found = ({ findings }: CheckReport) =>
  findings.filter(({ code }) => code !== "schedule-missing" && code !== "strict-schema-refused");

describe("a gateway that refuses what only some people set", () => {
  it("is not broken because its model takes no temperature: steps that set one fail, all others work", async () => {
    const report = await checked("refuses_temperature");
    assert.equal(report.status, "healthy", report.summary);
    assert.equal(stateOf(report, "agent steps"), "works");
    assert.equal(stateOf(report, "agent steps that set a temperature"), "broken");
    const [finding, ...more] = found(report);
    assert.deepEqual(more, []);
    assert.equal(finding?.severity, "info");
    assert.match(
      finding.cause,
      /It concerns agent steps that set a temperature\. What .*agent steps.* send was answered\./,
    );
    assert.match(finding.evidence[0]?.excerpt ?? "", /doesn't support temperature/);
  });

  const OPTIONAL: readonly [FaultName, string][] = [
    ["refuses_max_completion_tokens", "agent steps that limit their output"],
    ["refuses_response_format", "agent steps with an output schema"],
  ];
  for (const [fault, feature] of OPTIONAL) {
    it(`stays healthy with ${fault}, and says so for ${feature}`, async () => {
      const report = await checked(fault);
      assert.equal(report.status, "healthy", report.summary);
      assert.equal(stateOf(report, feature), "broken");
      assert.equal(stateOf(report, "agent steps"), "works");
      assert.ok(
        found(report).every(({ cause }) => cause.includes(feature)),
        JSON.stringify(found(report)),
      );
    });
  }
});

describe("a gateway that refuses what many people use", () => {
  it("is in trouble for AI sessions when it takes fewer tools than they send", async () => {
    const report = await checked("refuses_many_tools");
    assert.equal(stateOf(report, "AI sessions"), "broken");
    assert.equal(stateOf(report, "fix"), "works");
    assert.notEqual(report.status, "healthy");
    assert.match(found(report)[0]?.cause ?? "", /It concerns AI sessions\./);
  });
});
