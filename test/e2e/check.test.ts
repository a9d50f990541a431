import assert from "node:assert/strict";
import { after, before, beforeEach, describe, it } from "node:test";
import { ChangeReport, CheckReport } from "../../src/core/report.ts";
import type { FaultName } from "../standins/gateway/pooler.ts";
import { CONNECTION, KEY, reportOf, startDeployedWorld, type World } from "../world/world.ts";

/** What a check makes of gateways that answer with anything, of slow ones, and of callers with few rights. */

let world: World;
before(async () => {
  world = await startDeployedWorld();
});
beforeEach(async () => {
  await world.reset();
  assert.equal(reportOf(await world.runConnect(), ChangeReport).status, "healthy");
});
after(() => world.close());

/** Beyond about 90 kB Windmill does not show a result any more. */
const SHOWN_BYTES = 90_000;

/** Markup that no text of a gateway may make: our own pages have neither scripts nor images nor links. */
const FOREIGN_MARKUP = /<(?:script|img|a|iframe|style)\b|<[^>]*\son\w+=/i;

/** Controls and text direction overrides: able to disturb a terminal or to mislead the eye. */
const CONTROLS = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/;

describe("a check of a hostile gateway", () => {
  const hostile: FaultName[] = [
    "huge_error_text",
    "control_characters",
    "markdown_in_error",
    "html_in_error",
    "key_in_error",
    "windmill_prefix_in_error",
    "hostile_model_names",
  ];
  for (const name of hostile) {
    it(`shows a short, inert page without a key: ${name}`, async () => {
      world.pooler.faults.push({ name });
      await world.expireCaches();
      const run = await world.runCheck({ depth: "features" });
      const report = reportOf(run, CheckReport);
      // A list of strange names takes nothing from people whose models answer.
      const spares = name === "hostile_model_names";
      assert.equal(report.status === "healthy", spares, report.summary);
      assert.ok(!spares || report.findings.some(({ code }) => code === "model-unlisted"));
      const text = JSON.stringify(run.result);
      assert.ok(text.length < SHOWN_BYTES, `${text.length} bytes`);
      assert.ok(!`${text}${run.logs}`.includes(KEY.slice(20)));
      const { html } = run.result as { html: string };
      // What looks like markup inside a text is escaped, so it must not be found in the page's own tags.
      assert.equal(FOREIGN_MARKUP.exec(html)?.[0], undefined);
      assert.equal(CONTROLS.exec(html)?.[0], undefined);
    });
  }
});

describe("a check that takes long", () => {
  it("moves Windmill's progress bar and logs a line per step", async () => {
    world.pooler.latencyMs = 2_600;
    const run = await world.runCheck({ depth: "chat" });
    assert.equal(reportOf(run, CheckReport).status, "healthy");
    const moved = world.windmill.requests.filter(({ path }) => path.includes("/job_metrics/set_progress/"));
    assert.ok(moved.length >= 1);
    for (const line of [/read the AI settings/, /ask the gateway over both routes/, /diagnose/]) {
      assert.match(run.logs, line);
    }
  });
});

describe("a check by a member", () => {
  it("measures what people get, and says what it could not look at", async () => {
    const folder = world.workspace.folders.get("codex_pooler");
    assert.ok(folder);
    folder.extraPerms["g/all"] = false;
    const report = reportOf(await world.runCheck({}, world.windmill.member.token), CheckReport);
    assert.equal(report.status, "healthy");
    assert.ok(report.probes.every(({ ok }) => ok));
    assert.equal(report.connection.resource_path, CONNECTION);
    assert.equal(report.connection.base_url, null);
    assert.ok(report.findings.some(({ code }) => code === "resource-unreadable"));
  });
});

describe("a check before anything is connected", () => {
  it("says that AI is not configured, and asks no gateway", async () => {
    await world.reset();
    const report = reportOf(await world.runCheck(), CheckReport);
    assert.equal(report.status, "down");
    assert.equal(report.findings[0]?.code, "ai-not-configured");
    assert.equal(world.pooler.requests.length, 0);
  });
});

describe("a check while Windmill still uses what it had cached", () => {
  it("finds out that the green of users' requests will not last", async () => {
    await world.runCheck();
    world.pooler.keys.clear();
    const value = { base_url: "http://codex-pooler.example.com/v1", api_key: "$var:u/admin/absent", headers: {} };
    const resource = world.workspace.resources.get(CONNECTION);
    assert.ok(resource);
    resource.value = value;
    const report = reportOf(await world.runCheck({ depth: "free" }), CheckReport);
    assert.notEqual(report.status, "healthy");
    assert.ok(report.findings.some(({ code }) => code === "secret-missing"));
  });
});
