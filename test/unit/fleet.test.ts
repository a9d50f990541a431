import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { FleetList, FleetReport, type FleetRow, fleetReport, MemberInput } from "../../f/codex_pooler/lib/fleet.ts";
import { renderFleet } from "../../f/codex_pooler/lib/fleet_html.ts";
import { parseInputs } from "../../f/codex_pooler/lib/inputs.ts";

const AT = "2026-11-24T10:00:00.000Z";
const member = (workspace: string) => ({ workspace, token_path: `u/admin/token_${workspace}`, server_url: "" });
const row = (workspace: string, change: Partial<FleetRow> = {}): FleetRow => ({
  ...{ workspace, status: "healthy", finding: null, code: null, owner: null, findings: 0, tokens: 0 },
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
        ["b", "unknown", "Its check failed: ExecutionErr: timeout after 300s"],
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

  it("is shown as one table, with texts that are no markup, and stays small", () => {
    const names = Array.from({ length: 1000 }, (_, index) => `team-${String(index).padStart(4, "0")}`);
    const report = fleetReport(names.map(member), names.map(down), AT);
    const html = renderFleet(report);
    assert.equal(html.split("<table").length, 2);
    assert.ok(html.includes("&lt;b&gt;refused&lt;/b&gt; (and 1 more)"));
    assert.ok(html.includes("the operator of the gateway"));
    assert.ok(html.includes("and 900 more"));
    assert.ok(html.length < 90_000, `${html.length} characters`);
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

  it("costs no tokens unless somebody asks for it", () => {
    assert.equal(parseInputs(MemberInput, { workspace: "a", token_path: "u/admin/t" }).depth, "free");
  });
});
