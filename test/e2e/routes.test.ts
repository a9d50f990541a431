import assert from "node:assert/strict";
import { after, before, beforeEach, describe, it } from "node:test";
import { ChangeReport, CheckReport } from "../../src/core/report.ts";
import { PRIVATE_ADDRESS, reportOf, startDeployedWorld, WEBHOOK_VARIABLE, type World } from "../world/world.ts";

/**
 * Users' browsers go through the server, jobs through their worker, and each process has its own switch for private addresses.
 * A check over one route alone is green while every user is refused, or red while nobody is.
 */

let world: World;
before(async () => {
  world = await startDeployedWorld();
});
beforeEach(async () => {
  await world.reset();
  await world.storeWebhook();
  const connected = await world.runConnect({ schedule: "every 5 minutes", alert_webhook_path: WEBHOOK_VARIABLE });
  assert.equal(reportOf(connected, ChangeReport).status, "healthy");
});
after(() => world.close());

const check = async (depth = "chat"): Promise<CheckReport> => reportOf(await world.runCheck({ depth }), CheckReport);

/** How the completions went, by route. */
const completions = (report: CheckReport, route: string): boolean[] =>
  report.probes.filter((probe) => probe.kind === "chat" && probe.route === route).map(({ ok }) => ok);

/** The gateway moves to a private address, and only these processes are allowed to go there. */
function guard(allowed: { server: boolean; worker: boolean }): void {
  world.moveGateway(PRIVATE_ADDRESS);
  world.windmill.processes.server.allowPrivate = allowed.server;
  world.windmill.processes.worker.allowPrivate = allowed.worker;
}

const GUARD_CODES = ["private-address-server", "private-address-worker"];
const guardsOf = ({ findings }: CheckReport): string[] =>
  findings.map(({ code }) => code).filter((code) => GUARD_CODES.includes(code));
const remedyOf = ({ findings }: CheckReport, code: string): string =>
  findings.find((one) => one.code === code)?.remedy.join("\n") ?? "";

describe("a server that refuses private addresses beside a worker that allows them", () => {
  beforeEach(() => guard({ server: false, worker: true }));

  it("is down for the check, although the worker route works", async () => {
    const report = await check();
    assert.deepEqual([...new Set(completions(report, "worker"))], [true]);
    assert.deepEqual([...new Set(completions(report, "server"))], [false]);
    assert.equal(report.status, "down");
    assert.deepEqual(guardsOf(report), ["private-address-server"]);
  });

  it("gets the remedy for the server: the line for Docker Compose and for the Helm chart", async () => {
    const remedy = remedyOf(await check(), "private-address-server");
    assert.match(remedy, /windmill_server:\n\s+environment:\n\s+- ALLOW_PRIVATE_AI_BASE_URLS=true/);
    assert.match(remedy, /app:\n\s+extraEnv:\n\s+- name: ALLOW_PRIVATE_AI_BASE_URLS\n\s+value: "true"/);
    assert.doesNotMatch(remedy, /windmill_worker/);
  });

  it("is down for the scheduled health flow, and people are told which process it is", async () => {
    const { check: report, steps } = await world.tick();
    assert.equal(report.status, "down");
    assert.ok(steps.notify?.success);
    assert.match(world.webhook.alerts[0]?.text ?? "", /does not work[\s\S]*The Windmill server refuses/);
  });
});

describe("a worker that refuses private addresses beside a server that allows them", () => {
  beforeEach(() => guard({ server: true, worker: false }));

  it("is not down for the check: people are served, and agent steps are not", async () => {
    const report = await check();
    assert.deepEqual([...new Set(completions(report, "server"))], [true]);
    assert.deepEqual([...new Set(completions(report, "worker"))], [false]);
    assert.equal(report.status, "degraded");
    assert.deepEqual(guardsOf(report), ["private-address-worker"]);
    const { features } = await check("features");
    const states = new Map(features.map(({ feature, state }) => [feature, state]));
    assert.equal(states.get("chat"), "works");
    assert.equal(states.get("agent steps"), "broken");
  });

  it("does not stop a change: the connection is made and says what is wrong for agent steps", async () => {
    const report = reportOf(await world.runConnect({ api_key: "", headers: { "x-team": "windmill" } }), ChangeReport);
    assert.deepEqual([report.status, report.changes.length], ["degraded", 1]);
    assert.deepEqual(
      report.findings.filter(({ severity }) => severity !== "info").map(({ code, severity }) => [code, severity]),
      [["private-address-worker", "warning"]],
    );
    const undone = reportOf(await world.run("undo", { mode: "apply" }), ChangeReport);
    assert.deepEqual([undone.status, undone.changes.length], ["degraded", 1]);
  });

  it("gets the remedy for the workers", async () => {
    const remedy = remedyOf(await check(), "private-address-worker");
    assert.match(remedy, /windmill_worker:\n\s+environment:\n\s+- ALLOW_PRIVATE_AI_BASE_URLS=true/);
    assert.match(remedy, /workerGroups:/);
    assert.doesNotMatch(remedy, /windmill_server/);
  });

  it("is degraded for the scheduled health flow, and people are told so", async () => {
    const { check: report } = await world.tick();
    assert.equal(report.status, "degraded");
    assert.match(world.webhook.alerts[0]?.text ?? "", /works, with a problem[\s\S]*The Windmill workers refuse/);
  });
});

describe("both processes", () => {
  it("are named when both refuse, and neither when both allow", async () => {
    guard({ server: false, worker: false });
    assert.deepEqual(guardsOf(await check()), GUARD_CODES);
    guard({ server: true, worker: true });
    const report = await check();
    assert.deepEqual(report.findings, []);
    assert.equal(report.status, "healthy");
  });
});

describe("a server that cannot be reached from the worker", () => {
  it("is not claimed to work: the status is unknown, and server_url is the way out", async () => {
    world.windmill.store.settings.set("base_url", "http://127.0.0.1:9");
    const report = await check();
    assert.equal(report.status, "unknown");
    assert.deepEqual([...new Set(completions(report, "worker"))], [true]);
    const reached = reportOf(await world.runCheck({ server_url: world.windmill.url }), CheckReport);
    assert.equal(reached.status, "healthy");
  });
});

describe("a worker that cannot reach the server's address", () => {
  // Nothing listens there: the instance's own address often does not work from inside a worker's container.
  const unreachable = "http://127.0.0.1:9";

  it("says that it is not known what people get, and names the field that helps", async () => {
    const report = reportOf(await world.runCheck({ server_url: unreachable }), CheckReport);
    assert.equal(report.status, "unknown");
    const blind = report.findings.find(({ code }) => code === "server-url-unreachable");
    assert.match(blind?.remedy.join("\n") ?? "", /server_url/);
    assert.ok(completions(report, "worker").every(Boolean));
  });

  it("can still connect, over its own route, and does not claim that people are served", async () => {
    await world.reset();
    const report = reportOf(await world.runConnect({ server_url: unreachable }), ChangeReport);
    assert.equal(report.status, "unknown");
    assert.ok(report.findings.some(({ code }) => code === "server-url-unreachable"));
    await world.expireCaches();
    assert.equal((await check()).status, "healthy");
  });
});
