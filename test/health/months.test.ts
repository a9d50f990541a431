import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { nextCheck } from "../../src/core/next_check.ts";
import { BOUNDS, History } from "../../src/health/history.ts";
import { timeline, tokensPerDay, uptime } from "../../src/health/history_view.ts";
import { DAY, every, HOUR, type Life, type Lived, live, MINUTE, START, type Trouble } from "./health_fixture.ts";

/** Months in the life of the health flow, on a clock that is moved: tens of thousands of ticks at the depths that it chooses. */

const DOWN: readonly Trouble[] = [{ code: "gateway-down" }];
const CHAT_ONLY: readonly Trouble[] = [{ code: "quota-gone", seen: "chat" }];

const between = (at: number, from: number, to: number): boolean => at >= START + from && at < START + to;

/** What must hold of every life. */
function assertQuiet({ alerts, state }: Lived): void {
  for (const id of new Set(alerts.map(({ incident }) => incident))) {
    const kinds = alerts.filter(({ incident }) => incident === id).map(({ kind }) => kind);
    assert.equal(kinds.filter((kind) => kind === "opening").length, 1, id);
    assert.ok(kinds.filter((kind) => kind === "recovery").length <= 1, id);
  }
  const openings = alerts.filter(({ kind }) => kind === "opening").length;
  const recoveries = alerts.filter(({ kind }) => kind === "recovery").length;
  assert.equal(openings - recoveries, state.incident === null ? 0 : 1);
}

function months(life: Partial<Life> & Pick<Life, "troubles">): Lived {
  const lived = live({ ticks: every(5, 90), ...life });
  assertQuiet(lived);
  return lived;
}

describe("three months at one tick each 5 minutes", () => {
  it("without trouble: no alert, few tokens, and the memory stays small", () => {
    const { alerts, depths, tokens, largest, history } = months({ troubles: () => [] });
    assert.deepEqual(alerts, []);
    const perDay = (depth: string): number => depths.filter((one) => one.depth === depth).length / 90;
    assert.equal(perDay("features"), 1);
    // Once an hour, one of which features is.
    assert.ok(perDay("chat") >= 22 && perDay("chat") <= 24, String(perDay("chat")));
    assert.ok(tokens / 90 < 2_500);
    assert.ok(largest.state < 20_000, String(largest.state));
    assert.ok(largest.history < 90_000, String(largest.history));
    assert.equal(history.hours.length, BOUNDS.hours);
    assert.equal(history.ticks.length, BOUNDS.ticks);
  });

  it("with an outage of three days: opening, two reminders on time, recovery", () => {
    const { alerts } = months({ troubles: (at) => (between(at, 10 * DAY, 13 * DAY) ? DOWN : []) });
    const after = alerts.map(({ kind, told_at }) => `${kind} ${(told_at - START - 10 * DAY) / MINUTE}`);
    const day = DAY / MINUTE;
    assert.deepEqual(after, ["opening 5", `reminder ${day + 5}`, `reminder ${2 * day + 5}`, `recovery ${3 * day + 5}`]);
  });

  it("with an outage that only asking a model shows: found within the hour, told once, over within 20 minutes", () => {
    const { alerts, depths } = months({
      troubles: (at) => (between(at, 10 * DAY + 7 * MINUTE, 11 * DAY) ? CHAT_ONLY : []),
    });
    assert.deepEqual(
      alerts.map(({ kind }) => kind),
      ["opening", "recovery"],
    );
    const [opening, recovery] = alerts;
    assert.ok((opening?.told_at ?? 0) <= START + 10 * DAY + 75 * MINUTE);
    assert.ok((recovery?.told_at ?? 0) <= START + 11 * DAY + 20 * MINUTE);
    // It is measured again while it lasts, and not at every tick.
    const during = depths.filter(
      ({ at, depth }) => between(at, 10 * DAY + 2 * HOUR, 11 * DAY) && depth !== "free",
    ).length;
    assert.ok(during >= 22 * 4 - 2 && during <= 22 * 4 + 2, String(during));
  });

  for (const [title, period, bad] of [
    ["10 minutes bad, 10 minutes good", 4, 2],
    ["every other tick bad", 2, 1],
    ["15 minutes bad, an hour good", 15, 3],
  ] as const) {
    it(`that flap, ${title}: no storm of alerts`, () => {
      const { alerts, state } = months({
        troubles: (at) => (Math.floor((at - START) / (5 * MINUTE)) % period < bad ? DOWN : []),
      });
      const perDay = alerts.length / 90;
      assert.ok(perDay <= 24, String(perDay));
      const worst = Math.max(
        ...Array.from(
          { length: 90 },
          (_, day) => alerts.filter(({ told_at }) => between(told_at, day * DAY, (day + 1) * DAY)).length,
        ),
      );
      assert.ok(worst <= 24, String(worst));
      assert.ok(state.incidents.length <= 50);
    });
  }

  it("with a webhook that is dead for a week: what is due then is told once when it is back", () => {
    const { alerts } = months({
      troubles: (at) => (between(at, 10 * DAY, 12 * DAY) || between(at, 15 * DAY, 30 * DAY) ? DOWN : []),
      takes: (at) => !between(at, 9 * DAY, 16 * DAY),
    });
    assert.deepEqual(
      alerts
        .filter(({ kind }) => kind !== "reminder")
        .map(({ kind, told_at }) => `${kind} ${Math.floor((told_at - START) / DAY)}`),
      ["opening 16", "recovery 30"],
    );
  });
});

describe("a clock that is not even", () => {
  it("missed ticks and a pause of two weeks are harmless", () => {
    const ticks = every(5, 60).filter((at, index) => index % 7 !== 3 && !between(at, 20 * DAY, 34 * DAY));
    const { alerts, history } = months({ ticks, troubles: () => [] });
    assert.deepEqual(alerts, []);
    const { percent, silent_hours } = uptime(history, START + 34 * DAY + HOUR, "d30");
    assert.equal(percent, 100);
    assert.ok(silent_hours >= 14 * 24);
  });

  it("ticks of two flows at once, late ones and repeated ones count once each and change no status", () => {
    const ticks = every(5, 30).flatMap((at, index) => (index % 3 === 0 ? [at + 2_000, at, at + 2_000] : [at]));
    const { alerts, history } = months({ ticks, troubles: (at) => (between(at, 10 * DAY, 11 * DAY) ? DOWN : []) });
    assert.deepEqual(
      alerts.map(({ kind }) => kind),
      ["opening", "recovery"],
    );
    const counted = history.hours.flatMap(({ n }) => n).reduce((sum, count) => sum + count, 0);
    assert.equal(counted, new Set(ticks).size);
  });

  it("a clock that jumps a year ahead for one tick, and one that goes back by three hours", () => {
    const ticks = every(5, 30).map((at, index) =>
      index === 2_000 ? at + 365 * DAY : index > 4_000 ? at - 3 * HOUR : at,
    );
    const { alerts, state, history } = months({
      ticks,
      troubles: (at) => (between(at, 20 * DAY, 21 * DAY) ? DOWN : []),
    });
    assert.deepEqual(
      alerts.map(({ kind }) => kind),
      ["opening", "recovery"],
    );
    assert.equal(state.status, "healthy");
    assert.ok(Date.parse(state.since) < START + 22 * DAY);
    const now = ticks.at(-1) ?? START;
    assert.ok(uptime(history, now, "d30").measured_hours > 24 * 29);
  });

  it("daylight saving moves nothing: ticks of a schedule in a zone with it, over the change", () => {
    // Europe/Berlin skips an hour on 2026-03-29; an hourly schedule goes on once an hour.
    const zoned = { cron: "0 0 * * * *", enabled: true, timezone: "Europe/Berlin" };
    const from = Date.parse("2026-03-28T00:00:00.000Z");
    const ticks: number[] = [];
    for (
      let at: string | null = nextCheck(zoned, from);
      at !== null && ticks.length < 72;
      at = nextCheck(zoned, Date.parse(at))
    ) {
      ticks.push(Date.parse(at));
    }
    assert.deepEqual(
      ticks.map((at, index) => at - (ticks[index - 1] ?? from)),
      new Array(72).fill(HOUR),
    );
    const { alerts, history } = months({ ticks, troubles: () => [] });
    assert.deepEqual(alerts, []);
    assert.equal(uptime(history, ticks.at(-1) ?? 0, "d7").measured_hours, 72);
  });
});

describe("an edit of the settings", () => {
  it("is checked by asking the models at the next tick, and once", () => {
    const edited = START + 2 * DAY + 12 * MINUTE;
    const { depths } = months({
      ticks: every(5, 3),
      troubles: () => [],
      fingerprint: (at) => (at < edited ? "before" : "after"),
    });
    const next = depths.filter(({ at }) => at >= edited).slice(0, 3);
    assert.deepEqual(
      next.map(({ depth }) => depth),
      ["chat", "free", "free"],
    );
    assert.match(next[0]?.why ?? "", /were changed/);
  });
});

describe("the largest history", () => {
  it("of 20 models asked every 5 minutes for a month stays within 400 kB, and can be read", () => {
    const models = Array.from({ length: 30 }, (_, index) => `gpt-6-some-model-with-a-name-${index}`);
    const { history } = months({ ticks: every(5, 45), troubles: () => DOWN, wish: "chat" });
    const hours = history.hours.map((hour) => ({
      ...hour,
      l: Object.fromEntries(models.slice(0, 20).map((_, place) => [place, "ABCDEFGHIJKL"])),
    }));
    const full = { ...history, models: models.slice(0, 20), hours };
    const size = JSON.stringify(full).length;
    assert.ok(size < 400_000, String(size));
    assert.deepEqual(History.parse(JSON.parse(JSON.stringify(full))), full);
    assert.equal(timeline(full, START + 45 * DAY - MINUTE, "d30").cells, "d".repeat(60));
    assert.equal(tokensPerDay(full, START + 45 * DAY - MINUTE).length, 30);
  });
});
