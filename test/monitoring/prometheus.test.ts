import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { parse } from "yaml";
import { z } from "zod";
import { ChangeReport } from "../../src/core/report.ts";
import { ROOT } from "../../tools/shared/programs.ts";
import { callWindmill } from "../../tools/shared/windmill_api.ts";
import { issueToken } from "../standins/windmill/store.ts";
import { reportOf, startDeployedWorld, WORKSPACE, type World } from "../world/world.ts";
import { program, type Running, startServer, until } from "./programs.ts";

/** A real Prometheus scrapes the deployed bundle, and knows what the rules and the dashboard of docs/ ask it. */

const Answer = z.object({ status: z.literal("success"), data: z.object({ result: z.array(z.unknown()) }) });
const Rules = z.object({
  groups: z.array(z.object({ rules: z.array(z.object({ alert: z.string(), expr: z.string() })) })),
});
const Dashboard = z.looseObject({
  panels: z.array(z.looseObject({ title: z.string(), targets: z.array(z.looseObject({ expr: z.string() })) })),
});

const read = (file: string): Promise<string> => readFile(join(ROOT, file), "utf8");
const promtool = (args: readonly string[], input = "", cwd = ROOT) => {
  const { status, stdout, stderr } = spawnSync(program("promtool"), args, { input, cwd, encoding: "utf8" });
  return { status, said: `${stdout}${stderr}` };
};

describe("promtool", () => {
  it("finds nothing wrong with the rules, and they fire when they should", () => {
    const checked = promtool(["check", "rules", "docs/prometheus-rules.yml"]);
    assert.equal(checked.status, 0, checked.said);
    const tested = promtool(["test", "rules", "rules.yml"], "", join(ROOT, "test/monitoring"));
    assert.equal(tested.status, 0, tested.said);
  });
});

describe("Prometheus", () => {
  const PATH = `/api/w/${WORKSPACE}/jobs/run_wait_result/p/f/codex_pooler/metrics`;
  let world: World;
  let prometheus: Running;
  let text: string;
  before(async () => {
    world = await startDeployedWorld();
    reportOf(await world.runConnect({ schedule: "every 5 minutes" }), ChangeReport);
    await world.tick();
    world.pooler.keys.clear();
    for (let tick = 0; tick < 3; tick++) await world.tick();
    for (const args of [
      { what: "acknowledge" },
      { what: "maintenance", until: "2 h" },
      { what: "maintenance", begins: "0 2 * * 0", until: "1 h" },
    ]) {
      assert.ok((await world.run("silence", args)).success);
    }
    const { store, admin, url } = world.windmill;
    const token = issueToken(store, admin.email, ["jobs:run:scripts:f/codex_pooler/metrics"]);
    text = await (await fetch(`${url}${PATH}`, { headers: { authorization: `Bearer ${token}` } })).text();
    prometheus = await startServer("prometheus", {
      scrape_configs: [
        {
          job_name: "windmill_ai",
          scrape_interval: "5s",
          scrape_timeout: "5s",
          metrics_path: PATH,
          authorization: { credentials: token },
          static_configs: [{ targets: [url.replace("http://", "")], labels: { workspace: WORKSPACE } }],
        },
      ],
    });
    await until(async () => (await query('up{job="windmill_ai"} == 1')).length === 1);
  });
  after(async () => {
    await prometheus?.close();
    await world?.close();
  });

  async function query(expr: string): Promise<unknown[]> {
    const response = await fetch(`${prometheus.url}/api/v1/query?query=${encodeURIComponent(expr)}`);
    const body = await response.json();
    const parsed = Answer.safeParse(body);
    assert.ok(parsed.success, `${expr}: ${JSON.stringify(body)}`);
    return parsed.data.data.result;
  }

  it("takes every line, and promtool finds nothing to improve", async () => {
    const checked = promtool(["check", "metrics"], text);
    assert.deepEqual([checked.status, checked.said], [0, ""]);
    const lines = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
    assert.ok(lines.length > 40, text);
    assert.equal((await query('{__name__=~"windmill_ai_.*"}')).length, lines.length);
  });

  it("knows everything that the dashboard shows", async () => {
    const { panels } = Dashboard.parse(JSON.parse(await read("docs/grafana-dashboard.json")));
    for (const { title, targets } of panels) {
      for (const { expr } of targets) {
        const asked = expr.replaceAll("$job", ".*").replaceAll("$instance", ".*");
        assert.ok((await query(asked)).length > 0, `${title}: ${asked}`);
      }
    }
  });

  it("knows every metric that a rule names", async () => {
    const { groups } = Rules.parse(parse(await read("docs/prometheus-rules.yml")));
    for (const { alert, expr } of groups.flatMap(({ rules }) => rules)) {
      await query(expr);
      for (const [name] of expr.matchAll(/windmill_ai_[a-z_]+/g)) {
        assert.ok((await query(name)).length > 0, `${alert}: ${name}`);
      }
    }
  });

  it("and a person who may only read jobs of the script's folder can scrape too", async () => {
    await callWindmill(world.target, `w/${WORKSPACE}/folders/update/codex_pooler`, z.unknown(), {
      extra_perms: { "u/admin": true, "u/member": false },
    });
    const { store, member, url } = world.windmill;
    const token = issueToken(store, member.email, ["jobs:run:scripts:f/codex_pooler/metrics"]);
    const answer = await fetch(`${url}${PATH}`, { headers: { authorization: `Bearer ${token}` } });
    assert.match(await answer.text(), /^windmill_ai_up 0$/m);
  });
});
