import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { nextCheck } from "../../src/core/next_check.ts";
import { BOUNDS, History } from "../../src/health/history.ts";
import { timeline, tokensPerDay, uptime } from "../../src/health/history_view.ts";
import { DAY, every, HOUR, type Life, type Lived, live, MINUTE, START, type Trouble, tick } from "./health_fixture.ts";

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

const kinds = ({ alerts }: Lived): string[] => alerts.map(({ kind, status }) => `${kind} ${status}`);
const hours = (at: number): number => (at - START) / HOUR;
const WARNING: Trouble = { code: "secret-shared", seen: null, severity: "warning" };
const TOOLS: Trouble = { code: "tools-ignored", seen: "tools" };
const BLIND: Trouble = { code: "server-url-unreachable", severity: "warning", blind: true };

describe("causes that change", () => {
  const nth = (at: number): number => Math.floor((at - START) / (5 * MINUTE));
  const alternating = (at: number): Trouble =>
    nth(at) % 2 ? { code: "gateway-timeout" } : { code: "gateway-starting" };

  it("and make an outage are told as one: its beginning within two ticks, its end within two, beside a warning that stands", () => {
    const lived = months({
      ticks: every(5, 3),
      troubles: (at) => [WARNING, ...(hours(at) >= 10 && hours(at) < 20 ? [alternating(at)] : [])],
      rules: { remind_every: 0 },
    });
    assert.deepEqual(
      lived.alerts.map(({ kind, status, previous, told_at }) => [kind, status, previous, hours(told_at)]),
      [
        ["opening", "degraded", null, 5 / 60],
        ["cause", "down", "degraded", 10 + 5 / 60],
        ["cause", "degraded", "down", 20 + 5 / 60],
      ],
    );
  });

  it("and only warn after an outage do not keep it down", () => {
    const warnings = (at: number): Trouble => ({
      code: nth(at) % 2 ? "slow" : "no-metadata-model",
      seen: null,
      severity: "warning",
    });
    const lived = months({
      ticks: every(5, 1),
      troubles: (at) => (hours(at) < 1 ? [] : hours(at) < 2 ? [{ code: "gateway-down" }] : [warnings(at)]),
      rules: { remind_every: 0 },
    });
    assert.deepEqual(kinds(lived), ["opening down", "cause degraded"]);
  });

  it("each outage is told, and its end, while a warning stands for weeks", () => {
    const outages = [34, 41, 50, 58, 200, 400];
    const lived = months({
      ticks: every(5, 20),
      troubles: (at) => [
        ...(hours(at) >= 12 ? [WARNING] : []),
        ...(outages.some((from) => hours(at) >= from && hours(at) < from + 2) ? DOWN : []),
      ],
      rules: { remind_every: 0 },
    });
    assert.deepEqual(kinds(lived), ["opening degraded", ...outages.flatMap(() => ["cause down", "cause degraded"])]);
  });

  it("any edit, shallow check, outage or blind moment leaves broken tools open: one opening, one recovery, when they work again", () => {
    const ends = 60;
    const lives: Record<string, Partial<Life>> = {
      "an edit": { fingerprint: (at) => (hours(at) < 26 ? "a" : "b") },
      "an edit every six hours": { fingerprint: (at) => `s${Math.floor(hours(at) / 6)}` },
      "settings that cannot be read now and then": { fingerprint: (at) => (nth(at) % 7 === 0 ? "" : "a") },
      "a depth that somebody chose": { wish: "chat", ticks: every(5, 3).filter((at) => hours(at) > 30) },
    };
    for (const [what, life] of Object.entries(lives)) {
      const troubles = (at: number) => (hours(at) >= 1 && hours(at) < ends ? [TOOLS] : []);
      const before = live({ ticks: every(5, 3).filter((at) => hours(at) <= 30), troubles });
      assert.deepEqual(kinds(before), ["opening down"], what);
      if (life.wish) {
        const shallow = live({ troubles, rules: { remind_every: 0 }, ticks: [], ...life, from: before });
        assert.deepEqual([kinds(shallow), shallow.state.status], [[], "down"], what);
        continue;
      }
      const lived = months({ ticks: every(5, 4), troubles, rules: { remind_every: 0 }, ...life });
      assert.deepEqual(kinds(lived), ["opening down", "recovery healthy"], what);
      assert.ok(hours(lived.alerts[1]?.told_at ?? 0) >= ends, what);
      assert.ok(hours(lived.alerts[1]?.told_at ?? 0) <= ends + 1.25, what);
    }
    for (const [what, other] of Object.entries({ unreachable: DOWN, "without accounts": CHAT_ONLY, blind: [BLIND] })) {
      for (const [from, to] of [
        [27, 27.33],
        [27.1, 27.43],
        [27.1, 33.1],
      ] as const) {
        const troubles = (at: number) => {
          const h = hours(at);
          return h >= from && h < to ? other : h >= 1 && h < ends ? [TOOLS] : [];
        };
        const lived = months({ ticks: every(5, 4), troubles, rules: { remind_every: 0 } });
        const end = lived.alerts.findIndex(({ kind }) => kind === "recovery");
        assert.ok(hours(lived.alerts[end]?.told_at ?? 0) >= ends, `${what} from ${from} to ${to}: ${kinds(lived)}`);
        assert.equal(end, lived.alerts.length - 1, what);
      }
    }
  });
});

describe("months of random trouble", () => {
  const CAUSES: readonly Trouble[] = [
    { code: "gateway-down" },
    { code: "gateway-timeout" },
    { code: "quota-gone", seen: "chat" },
    TOOLS,
    WARNING,
    { code: "slow", seen: "chat", severity: "warning" },
    BLIND,
  ];
  /** Stretches of trouble: which, from when and for how long, in minutes; several may overlap. */
  const stretches = fc.array(
    fc.record({
      cause: fc.constantFrom(...CAUSES),
      from: fc.integer({ min: 0, max: 4 * 1440 }),
      length: fc.integer({ min: 1, max: 1000 }),
    }),
    { maxLength: 14 },
  );

  it("openings and recoveries alternate, and there are no more messages than true changes", () => {
    fc.assert(
      fc.property(stretches, fc.boolean(), (all, alternate) => {
        const ticks = every(5, 6);
        const troubles = (at: number): Trouble[] => {
          const minute = (at - START) / MINUTE;
          const now = all
            .filter(({ from, length }) => minute >= from && minute < from + length)
            .map(({ cause }) => cause);
          return alternate && now.length > 0 && Math.floor(minute / 5) % 2 === 0
            ? now.map((one) => (one.severity || one.blind ? one : { ...one, code: `${one.code}-2` }))
            : now;
        };
        const lived = months({ ticks, troubles, rules: { remind_every: 0 } });
        const frame = lived.alerts.map(({ kind }) => kind).filter((kind) => kind !== "cause");
        assert.ok(
          frame.every((kind, index) => kind === (index % 2 === 0 ? "opening" : "recovery")),
          String(frame),
        );
        const turns = lived.alerts.filter(
          ({ status, kind }, index) => kind !== "cause" || status !== lived.alerts[index - 1]?.status,
        );
        // Each stretch begins once and ends once.
        assert.ok(turns.length <= 2 * all.length, `${kinds(lived)}`);
      }),
      { numRuns: 40, endOnFailure: true },
    );
  });

  it("what people are told follows the truth: a status that holds for a day is the one that they were told last", () => {
    fc.assert(
      fc.property(stretches, fc.constantFrom(...CAUSES, null), (all, last) => {
        const quiet = 5 * 1440;
        const troubles = (at: number): Trouble[] => {
          const minute = (at - START) / MINUTE;
          if (minute >= quiet) return last ? [last] : [];
          return all.filter(({ from, length }) => minute >= from && minute < from + length).map(({ cause }) => cause);
        };
        const ticks = every(5, 7);
        const lived = months({ ticks, troubles, rules: { remind_every: 0 } });
        const truth = tick(ticks.at(-1) ?? 0, last ? [last] : [], { depth: "features" }).status;
        assert.equal(lived.state.status, truth);
        assert.equal(lived.alerts.at(-1)?.status ?? "healthy", truth);
      }),
      { numRuns: 40, endOnFailure: true },
    );
  });
});

describe("a target of which nobody knows whether it got the alert", () => {
  const outage = (at: number) => (between(at, 10 * HOUR, 34 * HOUR) ? DOWN : []);
  const alertsOf = (outcome: NonNullable<Life["outcome"]>) =>
    live({ ticks: every(5, 2), troubles: outage, rules: { remind_every: 0 }, outcome }).alerts;

  it("gets each message five times at most, ever later, marked as repeated and under one id", () => {
    const alerts = alertsOf(() => "maybe");
    const openings = alerts.filter(({ kind }) => kind === "opening");
    assert.deepEqual(
      openings.map(({ told_at, repeated = 0 }) => [(told_at - START) / MINUTE - 605, repeated]),
      [
        [0, 0],
        [5, 1],
        [20, 2],
        [80, 3],
        [320, 4],
      ],
    );
    assert.equal(new Set(openings.map(({ id }) => id)).size, 1);
    assert.equal(alerts.filter(({ kind }) => kind === "recovery").length, 5);
    assert.equal(alerts.length, 10);
  });

  it("counts as told: the end is told, and what is repeated then is the end", () => {
    const alerts = alertsOf((at) => (at < START + 11 * HOUR ? "maybe" : "taken"));
    assert.deepEqual(
      alerts.map(({ kind, repeated = 0 }) => `${kind} ${repeated}`),
      ["opening 0", "opening 1", "opening 2", "opening 3", "recovery 0"],
    );
  });
});

it("a target that certainly refuses is tried at three ticks, then after a quarter of an hour, then each hour", () => {
  const tries: number[] = [];
  live({
    ticks: every(5, 1),
    troubles: (at) => (at >= START + HOUR ? DOWN : []),
    outcome: (at) => {
      tries.push((at - START - HOUR) / MINUTE);
      return "refused";
    },
  });
  assert.deepEqual(tries.slice(0, 7), [5, 10, 15, 30, 90, 150, 210]);
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
