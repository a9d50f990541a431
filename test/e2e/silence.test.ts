import assert from "node:assert/strict";
import { after, before, beforeEach, describe, it } from "node:test";
import { z } from "zod";
import { ChangeReport } from "../../src/core/report.ts";
import { callWindmill } from "../../tools/shared/windmill_api.ts";
import { startPagerDuty } from "../standins/pagers/pagerduty.ts";
import { leaksOf } from "../world/leaks.ts";
import {
  errorOf,
  reportOf,
  startDeployedWorld,
  WEBHOOK_VARIABLE,
  WORKSPACE,
  type World,
  writesOf,
} from "../world/world.ts";

/** Keeping quiet on purpose, by the form that alerts and pages lead to; and what monitors see of it. */

let world: World;
before(async () => {
  world = await startDeployedWorld();
});
beforeEach(async () => {
  await world.reset();
  await world.storeWebhook();
});
after(() => world.close());

const Silenced = z.looseObject({
  summary: z.string(),
  acknowledged: z.looseObject({ by: z.string() }).nullable(),
  maintenance: z.array(z.looseObject({ id: z.string(), from: z.string(), until: z.string() })),
});

const connect = async (filled: object = { alert_webhook_path: WEBHOOK_VARIABLE }): Promise<void> => {
  const connected = await world.runConnect({ schedule: "every 5 minutes", ...filled });
  assert.equal(reportOf(connected, ChangeReport).status, "healthy");
};
const ticks = async (count: number): Promise<void> => {
  for (let tick = 0; tick < count; tick++) await world.tick();
};
const texts = (): string[] => world.webhook.alerts.map(({ text }) => text);

/** Follows a link as Windmill's page of a script does: what stands behind the # fills the form. */
async function follow(link: string, filled: object = {}): Promise<z.infer<typeof Silenced>> {
  const url = new URL(link);
  assert.equal(url.pathname, "/scripts/get/f/codex_pooler/silence");
  const fields = [...new URLSearchParams(url.hash.slice(1))].map(([name, value]) => [name, JSON.parse(value)]);
  return reportOf(await world.run("silence", { ...Object.fromEntries(fields), ...filled }), Silenced);
}
const linkIn = (text = ""): string => /Acknowledge: (\S+)/.exec(text)?.[1] ?? "";

describe("an alert", () => {
  it("is acknowledged by its link: no word until it is over, and then who knew and why", async () => {
    await connect();
    const [[key, state] = []] = [...world.pooler.keys];
    world.pooler.keys.clear();
    await ticks(2);
    assert.equal(texts().length, 1);
    world.windmill.requests.length = 0;
    const done = await follow(linkIn(texts()[0]), { reason: "The pool is refilled" });
    assert.equal(done.acknowledged?.by, "admin");
    assert.deepEqual(
      [...new Set(writesOf(world))].filter((one) => !one.includes("health_")),
      [],
    );
    const { health, steps } = await world.tick();
    assert.equal(health.health.incident?.acknowledged?.holds, true);
    assert.equal(steps.notify, undefined);
    if (key && state) world.pooler.keys.set(key, state);
    await ticks(2);
    assert.equal(texts().length, 2);
    assert.match(texts()[1] ?? "", /works again.*\nAcknowledged by admin at .* UTC: The pool is refilled\n/);
    // The link of an incident that is over leads nowhere else.
    const late = await world.run("silence", { what: "acknowledge", id: health.health.incident?.id });
    assert.match(errorOf(late), /id: it is over since .* No incident is open/);
  });

  it("at PagerDuty is one incident: triggered, acknowledged there too, resolved", async () => {
    const pagerduty = await startPagerDuty();
    try {
      await world.storeSecret("u/admin/pager", pagerduty.url.replace("//", `//${pagerduty.key}@`));
      await connect({ alert_webhook_path: "u/admin/pager", webhook_format: "pagerduty" });
      const [[key, state] = []] = [...world.pooler.keys];
      world.pooler.keys.clear();
      // The answer to the opening is lost, so that nobody knows whether it was heard.
      pagerduty.fates.push("answer lost");
      await ticks(3);
      assert.deepEqual(
        pagerduty.incidents.map((one) => one.state),
        ["triggered"],
      );
      await world.run("silence", { what: "acknowledge" });
      await world.tick();
      assert.equal(pagerduty.incidents[0]?.state, "acknowledged");
      if (key && state) world.pooler.keys.set(key, state);
      await ticks(2);
      assert.deepEqual(
        pagerduty.incidents.map((one) => one.state),
        ["resolved"],
      );
      assert.deepEqual(leaksOf(world, pagerduty.key), []);
    } finally {
      await pagerduty.close();
    }
  });
});

describe("a maintenance", () => {
  it("in which it breaks tells nobody, says so on the page, and tells the opening when it is over", async () => {
    await connect();
    await world.tick();
    const planned = reportOf(
      await world.run("silence", { what: "maintenance", until: "2 h", reason: "The gateway is updated" }),
      Silenced,
    );
    assert.match(planned.summary, /nobody is told/);
    world.pooler.keys.clear();
    await ticks(2);
    const { health, steps } = await world.tick();
    assert.equal(health.status, "down");
    assert.deepEqual([steps.notify, texts()], [undefined, []]);
    const html = JSON.stringify(steps.remember?.result);
    assert.match(
      html,
      /In maintenance: refused<\/span> until .* UTC, by admin: The gateway is updated\. Nobody is told\./,
    );
    await world.run("silence", { what: "lift" });
    await world.tick();
    assert.equal(texts().length, 1);
    assert.match(texts()[0] ?? "", /does not work/);
  });

  it("comes again in its time zone, and is lifted by its id", async () => {
    await connect();
    await world.tick();
    const args = { what: "maintenance", begins: "0 2 * * 0", until: "90 min", timezone: "Europe/Berlin" };
    const { maintenance } = reportOf(await world.run("silence", args), Silenced);
    const [window] = maintenance;
    assert.ok(window);
    assert.match(window.from, /T0[01]:00:00\.000Z$/);
    assert.equal(Date.parse(window.until) - Date.parse(window.from), 90 * 60_000);
    const lifted = reportOf(await world.run("silence", { what: "lift", id: window.id }), Silenced);
    assert.deepEqual(lifted.maintenance, []);
  });

  it("is refused with the field that is wrong, and changes nothing then", async () => {
    await connect();
    await world.tick();
    for (const [args, says] of [
      [{ what: "" }, /what: is missing\. Choose acknowledge, maintenance or lift/],
      [{ what: "maintenance" }, /until: is missing/],
      [{ what: "maintenance", until: "soon" }, /until: is neither a length nor a time/],
      [{ what: "maintenance", until: "8 d" }, /until: makes a maintenance of more than 7 days/],
      [{ what: "maintenance", begins: "next week", until: "1 h" }, /begins: is neither a time nor a cron expression/],
      [{ what: "maintenance", begins: "0 * * * *", until: "2 h" }, /comes again after 60 min: it would never end/],
      [{ what: "maintenance", until: "1 h", timezone: "Mars" }, /timezone: is no time zone that is known/],
      [{ what: "acknowledge" }, /No incident is open/],
      [{ what: "lift" }, /nothing keeps quiet now/],
    ] as const) {
      assert.match(errorOf(await world.run("silence", args)), says);
    }
    const { health } = (await world.tick()).health;
    assert.deepEqual([health.maintenance, health.planned], [null, []]);
  });

  it("is refused to who may run the script but not write in the folder, in words", async () => {
    await connect();
    await world.tick();
    await callWindmill(world.target, `w/${WORKSPACE}/folders/update/codex_pooler`, z.unknown(), {
      extra_perms: { "u/admin": true, "u/member": false },
    });
    const run = await world.run("silence", { what: "maintenance", until: "1 h" }, world.windmill.member.token);
    assert.match(errorOf(run), /You may run this script, but not write in the folder f\/codex_pooler/);
  });

  it("before the first check has nobody to keep quiet", async () => {
    const run = await world.run("silence", { what: "maintenance", until: "1 h" });
    assert.match(errorOf(run), /has remembered no check yet/);
  });
});

describe("metrics", () => {
  it("are scraped with a token for this script only, ask the gateway nothing and write nothing", async () => {
    await connect();
    await world.tick();
    const token = await callWindmill(world.target, "users/tokens/create", z.string(), {
      label: "prometheus",
      scopes: ["jobs:run:scripts:f/codex_pooler/metrics"],
    });
    world.windmill.requests.length = 0;
    world.pooler.requests.length = 0;
    const scrape = (script: string) =>
      fetch(`${world.windmill.url}/api/w/${WORKSPACE}/jobs/run_wait_result/p/f/codex_pooler/${script}`, {
        headers: { authorization: `Bearer ${token}` },
      });
    const answer = await scrape("metrics");
    const text = await answer.text();
    assert.deepEqual(
      [answer.status, answer.headers.get("content-type")],
      [200, "text/plain; version=0.0.4; charset=utf-8"],
    );
    assert.match(text, /^windmill_ai_up 1$/m);
    assert.match(text, /^windmill_ai_model_up\{model="gpt-5\.5",route="server"\} 1$/m);
    assert.deepEqual(writesOf(world), []);
    assert.deepEqual(world.pooler.requests, []);
    assert.equal((await scrape("check")).status, 403);
  });
});
