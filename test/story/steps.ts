import assert from "node:assert/strict";
import { ChangeReport } from "../../src/core/report.ts";
import type { Finding } from "../../src/core/shapes.ts";
import type { HealthReport } from "../../src/health/report.ts";
import {
  KEY,
  PRIVATE_ADDRESS,
  PUBLIC_ADDRESS,
  reportOf,
  WEBHOOK_VARIABLE,
  type World,
  writesOf,
} from "../world/world.ts";
import type { Screen } from "./screen.ts";
import type { Step } from "./tell.ts";

/** The story of a connection, as an admin would live through it. Each step runs for real and asserts what it shows. */

const MODEL = "gpt-5.5";

/** A scheduled tick of the health flow, after Windmill has dropped what it had cached. */
async function tick(world: World, screen: Screen): Promise<HealthReport> {
  await world.expireCaches();
  const { health, steps } = await world.tick();
  if (steps.remember) screen.show(steps.remember);
  return health;
}

function found(report: Pick<HealthReport, "findings">, code: string): Finding {
  const finding = report.findings.find((one) => one.code === code);
  assert.ok(
    finding,
    `expected the finding ${code}, got ${report.findings.map((one) => one.code).join(", ") || "none"}`,
  );
  return finding;
}

/** The alert that came last; fails when there is none beside the first `known`. */
function newAlert(world: World, known: number): string {
  assert.equal(world.webhook.alerts.length, known + 1, "exactly one alert arrives");
  return world.webhook.alerts[known]?.text.split("\n")[0] ?? "";
}

/** @param screen what the admin looks at. */
export const connectionSteps = (screen: Screen): readonly Step[] => [
  {
    title: "Plan the connection",
    expected: "a plan of 5 changes, nothing changed",
    async run(world) {
      const before = writesOf(world).length;
      const run = await world.runConnect({
        mode: "plan",
        schedule: "every 5 minutes",
        alert_webhook_path: WEBHOOK_VARIABLE,
      });
      const plan = reportOf(screen.show(run), ChangeReport);
      assert.equal(plan.changes.length, 5);
      assert.equal(writesOf(world).length, before, "a plan writes nothing");
      return `${plan.changes.length} changes planned: ${plan.changes.map(({ target }) => target.split(" ").slice(0, 2).join(" ")).join(", ")}`;
    },
  },
  {
    title: "Apply it, by the link on the plan's page",
    expected: "connected, checked as users reach it, no key in the run",
    async run(world) {
      const run = await screen.click(world, /^Apply/);
      const report = reportOf(run, ChangeReport);
      assert.equal(report.status, "healthy");
      assert.ok(!JSON.stringify([run.args, run.result, run.logs]).includes(KEY), "the key is nowhere in the run");
      return report.summary;
    },
  },
  {
    title: "Two scheduled ticks",
    expected: "healthy, nobody is told, and the second costs no tokens",
    async run(world) {
      const report = await tick(world, screen);
      assert.equal(report.status, "healthy");
      assert.equal(world.webhook.alerts.length, 0);
      assert.equal(report.depth, "features", "the first check tries everything");
      const next = await tick(world, screen);
      assert.deepEqual([next.status, next.depth, next.tokens], ["healthy", "free", 0]);
      return `${report.status}: ${report.models.length} models over both routes, ${report.tokens} tokens; the next one 0`;
    },
  },
  {
    title: "The gateway's name now resolves to a private address",
    expected: "down, naming the process and the setting; an alert at once, as this never heals by itself",
    async run(world) {
      world.moveGateway(PRIVATE_ADDRESS);
      const report = await tick(world, screen);
      assert.equal(report.status, "down");
      const server = found(report, "private-address-server");
      assert.match(server.remedy.join("\n"), /ALLOW_PRIVATE_AI_BASE_URLS=true/);
      assert.match(server.remedy.join("\n"), /windmill_server/);
      found(report, "private-address-worker");
      return `${server.title}. Alert: ${newAlert(world, 0)}`;
    },
  },
  {
    title: "The operator allows it on the server only",
    expected: "degraded: people are served, agent steps are not",
    async run(world) {
      world.windmill.processes.server.allowPrivate = true;
      const first = await tick(world, screen);
      assert.deepEqual([first.status, first.measured], ["down", "degraded"], "one better check is no better status");
      const report = await tick(world, screen);
      assert.equal(report.status, "degraded");
      const worker = found(report, "private-address-worker");
      assert.ok(!report.findings.some(({ code }) => code === "private-address-server"));
      return `${worker.title}. Alert: ${newAlert(world, 1)}`;
    },
  },
  {
    title: "The operator allows it on the workers too",
    expected: "healthy after two good checks; a recovery alert",
    async run(world) {
      world.windmill.processes.worker.allowPrivate = true;
      const first = await tick(world, screen);
      assert.deepEqual([first.status, first.measured], ["degraded", "healthy"], "one good check is no recovery");
      assert.equal(world.webhook.alerts.length, 2);
      const report = await tick(world, screen);
      assert.equal(report.status, "healthy");
      assert.equal(report.health.incidents.length, 1);
      return `${report.status}. Alert: ${newAlert(world, 2)}`;
    },
  },
  {
    title: "The pool drops the default model",
    expected: "down after two bad checks, naming the id and what is served instead",
    async run(world) {
      world.moveGateway(PUBLIC_ADDRESS);
      world.pooler.models.splice(world.pooler.models.indexOf(MODEL), 1);
      const first = await tick(world, screen);
      assert.deepEqual([first.status, first.measured], ["healthy", "down"], "one bad check is no alert");
      assert.equal(world.webhook.alerts.length, 3);
      const report = await tick(world, screen);
      assert.equal(report.status, "down");
      const gone = found(report, "model-not-served");
      assert.match(gone.title, new RegExp(MODEL.replace(".", "\\.")));
      assert.match(gone.cause, /gpt-6-luna/);
      return `${gone.title}; ${gone.cause.split(". ").at(-1)} Alert: ${newAlert(world, 3)}`;
    },
  },
];
