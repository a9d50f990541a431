import assert from "node:assert/strict";
import { describe, it, type TestContext } from "node:test";
import { Secret } from "../../src/core/secret.ts";
import type { WebhookFormat } from "../../src/inputs/alert.ts";
import type { Alert } from "../../src/tell/alert.ts";
import type { News, Occasion } from "../../src/tell/news.ts";
import { readTargets } from "../../src/tell/targets.ts";
import { postAlert } from "../../src/tell/webhook.ts";
import { startNtfy } from "../standins/pagers/ntfy.ts";
import { type PagerDutyStandin, startPagerDuty } from "../standins/pagers/pagerduty.ts";
import { alertOf, finding, PLACE } from "./alert_fixture.ts";

/** Posts an alert to what a variable holds; nothing of it may be named. */
async function post(text: string, format: WebhookFormat, alert: Alert) {
  const patience = { timeoutMs: 10_000, now: () => 0, pause: async () => {} };
  const deliveries = await postAlert(readTargets(new Secret(text), format), alert, patience);
  return deliveries;
}

const NEXT: Record<Occasion, Partial<News>> = {
  opening: {},
  cause: { kind: "cause", previous: "degraded", at: "2026-11-24T10:10:00.000Z" },
  reminder: { kind: "reminder", at: "2026-11-25T10:10:00.000Z" },
  acknowledgement: { kind: "acknowledgement", at: "2026-11-24T10:15:00.000Z" },
  recovery: { kind: "recovery", status: "healthy", previous: "down", at: "2026-11-24T10:20:00.000Z" },
};

describe("PagerDuty", () => {
  const start = async (t: TestContext): Promise<PagerDutyStandin & { address: string }> => {
    const standin = await startPagerDuty();
    t.after(() => standin.close());
    return Object.assign(standin, { address: standin.url.replace("//", `//${standin.key}@`) });
  };
  const tell = (standin: { address: string }, kind: Occasion, change: Partial<News> = {}) =>
    post(standin.address, "pagerduty", alertOf({ ...NEXT[kind], ...change }));

  it("gets one incident for one incident: triggered, made worse, acknowledged, resolved", async (t) => {
    const standin = await start(t);
    const [delivery] = await tell(standin, "opening", { status: "degraded" });
    assert.deepEqual([delivery?.delivered, delivery?.problem], [true, ""]);
    assert.equal(standin.incidents[0]?.severity, "warning");
    await tell(standin, "cause");
    assert.deepEqual(
      standin.incidents.map(({ state, severity }) => [state, severity]),
      [["triggered", "critical"]],
    );
    await tell(standin, "acknowledgement");
    assert.equal(standin.incidents[0]?.state, "acknowledged");
    await tell(standin, "recovery");
    assert.deepEqual(
      standin.incidents.map(({ state, log }) => [state, log.length]),
      [["resolved", 4]],
    );
    const [, , ...later] = standin.incidents[0]?.log ?? [];
    assert.deepEqual(
      later.map(({ payload }) => payload),
      [undefined, undefined],
    );
  });

  it("has one incident also when answers are lost on the way and everything is said again", async (t) => {
    const standin = await start(t);
    standin.fates.push("answer lost");
    assert.equal((await tell(standin, "opening"))[0]?.delivered, false);
    assert.equal((await tell(standin, "opening"))[0]?.delivered, true);
    standin.fates.push("lost");
    await tell(standin, "recovery");
    await tell(standin, "recovery");
    assert.deepEqual(
      standin.incidents.map(({ state }) => state),
      ["resolved"],
    );
  });

  it("has none of a resolve for an incident that it never heard of", async (t) => {
    const standin = await start(t);
    assert.equal((await tell(standin, "recovery"))[0]?.delivered, true);
    assert.deepEqual(standin.incidents, []);
  });

  it("tells incidents of two workspaces, two instances and two times apart", async (t) => {
    const standin = await start(t);
    for (const place of [
      {},
      { workspace: "other" },
      { run_url: "https://staging.example.com/run/1?workspace=team" },
      { incident: "20261125T100000Z" },
    ]) {
      await post(standin.address, "pagerduty", { ...alertOf(), ...place });
    }
    assert.equal(standin.incidents.length, 4);
  });

  it("says what is wrong in full, and leads to the run", async (t) => {
    const standin = await start(t);
    await post(standin.address, "pagerduty", alertOf({}, [finding({ title: "t".repeat(3_000) })]));
    const [event] = standin.incidents[0]?.log ?? [];
    assert.equal(event?.payload?.class, "model-not-served");
    assert.equal(event?.client_url, PLACE.run_url);
    assert.match(JSON.stringify(event?.payload?.custom_details), /Let the key use gpt-5\.5 again/);
  });

  it("is told at PagerDuty's own address when the variable holds the routing key alone", () => {
    const [target] = readTargets(new Secret("R0uTiNgKeY4codexpooler7aB3xQ9zW2"), "pagerduty");
    assert.equal(target?.name, "webhook at events.pagerduty.com (pagerduty)");
    assert.equal(target?.address?.url.href, "https://events.pagerduty.com/v2/enqueue");
    const [eu] = readTargets(new Secret("https://R0uTiNgKeY4codexpooler7aB3xQ9zW2@events.eu.pagerduty.com"), "auto");
    assert.equal(eu?.name, "webhook at events.eu.pagerduty.com (pagerduty)");
  });

  it("repeats no key in what it says of a refusal, and posts nothing without one", async (t) => {
    const standin = await start(t);
    const wrong = "WrOnGkEyWrOnGkEyWrOnGkEyWrOnGkEy";
    const refused = await post(standin.url.replace("//", `//${wrong}@`), "pagerduty", alertOf());
    assert.match(refused[0]?.problem ?? "", /answered 400 .*Invalid routing key/);
    const without = await post(standin.url, "pagerduty", alertOf());
    assert.match(without[0]?.problem ?? "", /routing key is missing/);
    const short = await post("tooshort", "pagerduty", alertOf());
    assert.match(short[0]?.problem ?? "", /or the routing key of 32 characters/);
    assert.ok(!JSON.stringify([refused, without, short]).includes(wrong));
    assert.deepEqual(standin.incidents, []);
  });
});

describe("ntfy", () => {
  it("shows the last word of an incident in place of what was said before", async (t) => {
    const standin = await startNtfy();
    t.after(() => standin.close());
    const address = `${standin.url}/windmill-alerts_9xK2`;
    const opening = await post(address, "ntfy", alertOf());
    assert.deepEqual(
      opening.map(({ delivered }) => delivered),
      [true],
    );
    const [first] = standin.notifications;
    assert.deepEqual([first?.topic, first?.priority, first?.tags], ["windmill-alerts_9xK2", 5, ["rotating_light"]]);
    assert.match(first?.title ?? "", /does not work/);
    assert.match(first?.message ?? "", /gpt-5\.5 is not served\n.*Let the key use/);
    assert.equal(first?.click, PLACE.run_url);
    await post(address, "ntfy", alertOf(NEXT.recovery));
    assert.equal(standin.published, 2);
    assert.deepEqual(
      standin.notifications.map(({ tags, message }) => [tags, message]),
      [[["white_check_mark"], "Windmill AI in team works again (after 20 min)"]],
    );
  });

  it("takes the longest alert as a message and not as a file", async (t) => {
    const standin = await startNtfy();
    t.after(() => standin.close());
    const wide = Array.from({ length: 9 }, () => finding({ title: "語".repeat(300), remedy: ["修".repeat(300)] }));
    await post(`${standin.url}/a`, "ntfy", alertOf({}, wide));
    assert.deepEqual(
      standin.notifications.map(({ attached }) => attached),
      [false],
    );
  });

  it("is signed in to with a token before the host, which is named nowhere", async (t) => {
    const token = "tk_AgQdq7mVBoFD37zQVN29RhuMzNIz2";
    const standin = await startNtfy(token);
    t.after(() => standin.close());
    const signedIn = await post(`${standin.url.replace("//", `//:${token}@`)}/a`, "ntfy", alertOf());
    assert.equal(signedIn[0]?.delivered, true);
    const refused = await post(`${standin.url}/a`, "ntfy", alertOf());
    assert.match(refused[0]?.problem ?? "", /answered 401/);
    assert.ok(!JSON.stringify([signedIn, refused]).includes(token));
  });

  it("needs a topic in its address", async () => {
    for (const address of ["https://ntfy.sh", "https://ntfy.sh/", "https://ntfy.sh/a%20b"]) {
      assert.match((await post(address, "auto", alertOf()))[0]?.problem ?? "", /has no topic/);
    }
  });
});

describe("targets", () => {
  it("of the same host and service have a name each", () => {
    const names = readTargets(new Secret("https://ntfy.sh/a\nhttps://ntfy.sh/b https://hooks.slack.com/c"), "auto");
    assert.deepEqual(
      names.map(({ name }) => name),
      ["webhook at ntfy.sh (ntfy)", "webhook at ntfy.sh (ntfy) #2", "webhook at hooks.slack.com (slack)"],
    );
  });
});
