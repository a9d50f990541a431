import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  FleetInput,
  FleetList,
  FleetReport,
  type FleetRow,
  fleetReport,
  MemberInput,
  unknownRow,
} from "../../src/fleet/fleet.ts";
import { parseInputs } from "../../src/inputs/parse.ts";
import { renderFleet } from "../../src/pages/fleet.ts";

const AT = "2026-11-24T10:00:00.000Z";
const member = (workspace: string) => ({ workspace, token_path: `u/admin/token_${workspace}`, server_url: "" });
const row = (workspace: string, change: Partial<FleetRow> = {}): FleetRow => ({
  ...{
    workspace,
    status: "healthy",
    settings: "workspace",
    finding: null,
    code: null,
    owner: null,
    findings: 0,
    tokens: 0,
  },
  ...change,
});
const down = (workspace: string): FleetRow =>
  row(workspace, {
    status: "down",
    finding: "<b>refused</b>",
    code: "key-revoked",
    owner: "gateway-operator",
    findings: 2,
  });

describe("the table of a fleet", () => {
  it("has the worst first, and says how many are well", () => {
    const members = ["a", "b", "c", "d"].map(member);
    const degraded = row("b", { status: "degraded", finding: "slow", owner: "wait", findings: 1 });
    const report = fleetReport(members, [row("a"), degraded, down("c"), row("d")], AT);
    assert.deepEqual(
      report.rows.map(({ workspace }) => workspace),
      ["c", "b", "a", "d"],
    );
    assert.equal(report.status, "down");
    assert.equal(report.summary, "2 of 4 workspaces are healthy, 1 down, 1 degraded.");
    assert.deepEqual(FleetReport.parse(report), report);
  });

  it("has a line for a workspace whose check failed, which says why", () => {
    const error = { error: { name: "ExecutionErr", message: "timeout after 300s" } };
    const { rows } = fleetReport(["a", "b", "c"].map(member), [row("a"), error], AT);
    assert.deepEqual(
      rows.map(({ workspace, status, finding }) => [workspace, status, finding]),
      [
        ["b", "unknown", "Its check failed: ExecutionErr: timeout after 300s. Look at the iteration's run."],
        ["c", "unknown", "Its check gave no result. Look at the iteration's run."],
        ["a", "healthy", null],
      ],
    );
  });

  it("of nobody says so", () => {
    const report = fleetReport([], [], AT);
    assert.equal(report.status, "unknown");
    assert.match(report.summary, /There is no workspace/);
  });

  it("is shown as one table, with texts that are no markup", () => {
    const html = renderFleet(fleetReport(["a", "b"].map(member), [down("a"), row("b")], AT));
    assert.equal(html.split("<table").length, 2);
    assert.ok(html.includes("&lt;b&gt;refused&lt;/b&gt; (and 1 more)"));
    assert.ok(html.includes("the operator of the gateway"));
    assert.ok(!html.includes("more, none"));
  });

  for (const [state, most] of [
    ["well", (name: string) => row(name)],
    ["in the worst state", (name: string) => ({ ...down(name), finding: "<é>".repeat(100) })],
  ] as const) {
    it(`of 2,000 workspaces that are ${state} is a result that Windmill shows, and counts all of them`, () => {
      const names = Array.from({ length: 2000 }, (_, index) => `team-${String(index).padStart(45, "0")}`);
      const results = names.map((name, index) => (index === 1_500 ? down(name) : most(name)));
      const report = fleetReport(names.map(member), results, AT);
      const finished = JSON.stringify({ ...report, wm_renderer: "html", html: renderFleet(report) });
      assert.ok(finished.length < 90_000, `${finished.length} characters`);
      assert.equal(report.rows.length + report.omitted, 2_000);
      assert.equal(report.counts.healthy + report.counts.down, 2_000);
      assert.ok(report.rows.some(({ status }) => status === "down"));
      assert.match(renderFleet(report), /and 1955 more, none in a worse state/);
    });
  }

  it("adds up the tokens of all, also of those that have no row", () => {
    const names = Array.from({ length: 2000 }, (_, index) => `team-${index}`);
    const report = fleetReport(
      names.map(member),
      names.map((name) => row(name, { tokens: 3 })),
      AT,
    );
    assert.ok(report.omitted > 0);
    assert.equal(report.tokens, 6_000);
  });

  it("keeps the advice of a workspace that could not be checked, however long the reason", () => {
    const { finding } = unknownRow("a", "why ".repeat(200), "Look at the token.");
    assert.match(finding ?? "", /….* Look at the token\.$/);
  });
});

describe("the list of a fleet", () => {
  const slipsOf = (list: unknown): string => {
    try {
      parseInputs(FleetList, list);
      return "";
    } catch (error) {
      return (error as Error).message;
    }
  };

  it("names every entry that cannot be used", () => {
    const slips = slipsOf([
      member("ok"),
      { ...member("x"), workspace: "no id" },
      { workspace: "y" },
      { ...member("z"), token_path: "$var:u/a/b" },
    ]);
    assert.match(slips, /1\.workspace: is not the id of a workspace/);
    assert.match(slips, /2\.token_path: is missing/);
    assert.match(slips, /3\.token_path: Write the path alone/);
    assert.ok(!slips.includes("0."));
  });

  it("refuses a workspace that stands there twice, and more than a run can hold", () => {
    assert.match(slipsOf([member("a"), member("a")]), /names a twice/);
    assert.match(slipsOf(Array.from({ length: 2001 }, (_, index) => member(`t${index}`))), /holds more than 2000/);
  });

  it("is checked some at a time: a number that the loop cannot take ends the run before it", () => {
    for (const parallelism of [undefined, null, 0, -1, 2.5, 51, "5", Number.NaN]) {
      assert.throws(() => parseInputs(FleetInput, { parallelism }), /parallelism: is no whole number from 1 to 50/);
    }
    assert.throws(() => parseInputs(FleetInput, {}), /parallelism: is no whole number/);
    for (const parallelism of [1, 50]) assert.equal(parseInputs(FleetInput, { parallelism }).parallelism, parallelism);
  });

  it("costs no tokens unless somebody asks for it", () => {
    assert.equal(parseInputs(MemberInput, { workspace: "a", token_path: "u/admin/t" }).depth, "free");
  });
});
