import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { composeAlert, lasting } from "../../src/tell/alert.ts";
import { ACKNOWLEDGE, alertOf, finding, news, PLACE, REPAIR } from "./alert_fixture.ts";

describe("the text of an alert", () => {
  it("of an opening: what does not work, who repairs it, the first step, and the run", () => {
    assert.equal(
      alertOf().text,
      [
        "Windmill AI in team does not work",
        "- gpt-5.5 is not served",
        "  To be done by the operator of the gateway: Let the key use gpt-5.5 again.",
        `Acknowledge: ${ACKNOWLEDGE}`,
        PLACE.run_url,
      ].join("\n"),
    );
  });

  it("of a change of cause and of a reminder: for how long already", () => {
    const at = "2026-11-24T15:20:00.000Z";
    assert.equal(
      alertOf({ kind: "cause", previous: "down", at }).headline,
      "Windmill AI in team still does not work, now for another reason (for 5 h 20 min)",
    );
    assert.equal(
      alertOf({ kind: "cause", previous: "degraded", at }).headline,
      "Windmill AI in team now does not work; before: works, with a problem (incident for 5 h 20 min)",
    );
    assert.equal(
      alertOf({ kind: "reminder", status: "degraded", at }).headline,
      "Windmill AI in team still works, with a problem (for 5 h 20 min)",
    );
  });

  it("speaks of the gateway's models alone where the default model goes another way", () => {
    const news_ = news({ status: "degraded", previous: "healthy" });
    const { text } = composeAlert(news_, [finding({ severity: "warning" })], { ...PLACE, elsewhere: "openai:gpt-4o" });
    assert.match(text, /^The gateway's models in team have a problem\n/);
    assert.match(text, /\nThe default model, openai:gpt-4o, does not go through the gateway and was not checked\.\n/);
    assert.doesNotMatch(text, /Windmill AI/);
    const over = composeAlert(news({ kind: "recovery", status: "healthy" }), [], {
      ...PLACE,
      elsewhere: "openai:gpt-4o",
    });
    assert.match(over.headline, /^The gateway's models in team work again \(after/);
    assert.ok(!("elsewhere" in over));
  });

  it("of a recovery: after how long, and no findings", () => {
    const alert = alertOf({ kind: "recovery", status: "healthy", previous: "down", at: "2026-11-26T10:30:00.000Z" });
    assert.equal(alert.text, `Windmill AI in team works again (after 2 d)\n${PLACE.run_url}`);
    assert.equal(alert.duration_s, 48 * 3600 + 1800);
  });

  it("of an incident that somebody has acknowledged, and of its end: who, when and why", () => {
    const acknowledged = { by: "anna", at: "2026-11-24T10:07:00.000Z", reason: "The gateway is updated" };
    for (const kind of ["cause", "recovery"] as const) {
      const { text } = alertOf({ kind, acknowledged });
      assert.ok(text.includes("\nAcknowledged by anna at 2026-11-24 10:07 UTC: The gateway is updated\n"), text);
    }
    assert.equal(alertOf({ kind: "recovery" }).acknowledge_url, "");
  });

  it("leaves out what is for information only, and counts what does not fit", () => {
    const many = ["a", "b", "c", "d", "e"].map((title) => finding({ title }));
    const { lines, findings } = alertOf({}, [finding({ severity: "info", title: "no matter" }), ...many]);
    assert.deepEqual(
      lines.filter((line) => line.startsWith("-")),
      ["- a", "- b", "- c", "- and 2 more"],
    );
    assert.equal(findings.length, 5);
  });

  it("leads to the repair where a script can do it", () => {
    const alert = alertOf({}, [finding({ repairable: true })]);
    assert.equal(alert.repair_url, REPAIR);
    assert.deepEqual(alert.text.split("\n").slice(-3), [
      `Plan the repair: ${REPAIR}`,
      `Acknowledge: ${ACKNOWLEDGE}`,
      PLACE.run_url,
    ]);
    assert.equal(alertOf().repair_url, "");
    assert.equal(alertOf({ kind: "recovery" }, [finding({ repairable: true })]).repair_url, "");
  });

  it("says so when nobody has to repair anything", () => {
    assert.match(alertOf({}, [finding({ owner: "wait" })]).text, /Nobody has to repair it. What helps: Let the key/);
  });

  it("keeps a long title and a step with code to one short line each", () => {
    const { lines } = alertOf({}, [finding({ title: "t".repeat(900), remedy: ["Run this:\nwmill sync push"] })]);
    assert.equal(lines[0]?.length, 242);
    assert.equal(lines[1], "  To be done by the operator of the gateway: Run this:");
  });
});

it("an alert cut in the middle of a sign is still a text that Windmill's database takes", () => {
  for (const length of [236, 237, 238, 239, 240]) {
    const { text } = alertOf({}, [finding({ title: `${"t".repeat(length)}😀😀😀` })]);
    assert.ok(!/\p{Cs}/u.test(text), JSON.stringify(text));
  }
});

describe("a length of time", () => {
  for (const [seconds, words] of [
    [20, "less than a minute"],
    [60, "1 min"],
    [3599, "1 h"],
    [7500, "2 h 5 min"],
    [86_400, "1 d"],
    [90_000, "1 d 1 h"],
    [88_000, "1 d"],
  ] as const) {
    it(`${seconds} s is ${words}`, () => assert.equal(lasting(seconds), words));
  }
});
