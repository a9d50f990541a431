import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import type { Depth } from "../../src/core/shapes.ts";
import { HealthState, LIMITS } from "../../src/health/state.ts";
import { calmMs } from "../../src/health/streaks.ts";
import { orderOf, type Tick, takeTick } from "../../src/health/tick.ts";
import { DEFAULTS, every, HOUR, iso, type Lived, live, MINUTE, START, type Trouble, tick } from "./health_fixture.ts";

/** The state machine of the health flow: when a status counts, and what an incident is. */

const DOWN: Trouble = { code: "gateway-down" };
const OTHER: Trouble = { code: "quota-gone" };
const LASTING: Trouble = { code: "private-address-server", lasting: true };
const BLIND: Trouble = { code: "server-url-unreachable", severity: "warning", blind: true };

const SIGNS: Record<string, readonly Trouble[]> = {
  ".": [],
  d: [DOWN],
  o: [OTHER],
  l: [LASTING],
  w: [{ code: "worker-only", severity: "warning" }],
  u: [BLIND],
};

/** A life of one sign per tick, one each 5 minutes. */
function signs(text: string, rules: Partial<typeof DEFAULTS> = {}, takes?: (index: number) => boolean): Lived {
  const ticks = every(5, 365).slice(0, text.length);
  const index = (at: number): number => (at - START) / (5 * MINUTE);
  return live({
    ticks,
    troubles: (at) => SIGNS[text.charAt(index(at))] ?? [],
    rules,
    wish: "chat",
    ...(takes ? { takes: (at) => takes(index(at)) } : {}),
  });
}
const told = (lived: Lived): string[] =>
  lived.alerts.map(({ kind, status, told_at }) => `${kind} ${status} @${(told_at - START) / (5 * MINUTE)}`);

describe("people are told", () => {
  const cases: [title: string, ticks: string, told: string[], rules?: Partial<typeof DEFAULTS>][] = [
    ["nothing as long as it works", "......", []],
    ["after two bad ticks, and after two good ones", ".dd..", ["opening down @2", "recovery healthy @4"]],
    ["nothing of a single bad tick", "..d..d..d..", []],
    ["nothing of a single good tick within an incident", "dd.d.d.d", ["opening down @1"]],
    ["at once of what never heals by itself", ".l..", ["opening down @1", "recovery healthy @3"]],
    ["at once of the first tick ever when it never heals", "l", ["opening down @0"]],
    ["of a connection that is broken from the start", "dd", ["opening down @1"]],
    [
      "as soon and as late as they want",
      ".ddd...",
      ["opening down @3", "recovery healthy @6"],
      { failures_before_alert: 3, successes_before_recovery: 3 },
    ],
    ["of another cause when it is sure", ".ddoo", ["opening down @2", "cause down @4"]],
    ["not of a cause that was there for one tick", ".dddodd", ["opening down @2"]],
    [
      "of a cause once per incident, however often it comes back",
      ".ddooddoodd..",
      ["opening down @2", "cause down @4", "recovery healthy @12"],
    ],
    [
      "of a turn for the better that is not well yet",
      ".ddww..",
      ["opening down @2", "cause degraded @4", "recovery healthy @6"],
    ],
    ["of a monitor that is blind, and when it sees again", ".uu..", ["opening unknown @2", "recovery healthy @4"]],
    ["nothing of a blind moment", ".u.u.u", []],
    [
      "not of a recovery while it is blind",
      ".dduuuu..",
      ["opening down @2", "cause unknown @4", "recovery healthy @8"],
    ],
    ["of trouble although a blind tick lies between its ticks", ".dud", ["opening down @3"]],
  ];
  for (const [title, ticks, expected, rules] of cases) {
    it(`${title}: ${ticks}`, () => assert.deepEqual(told(signs(ticks, rules)), expected));
  }

  it("again when no target took it, until one does", () => {
    assert.deepEqual(told(signs(".ddddd", {}, (index) => index > 3)), ["opening down @4"]);
    assert.deepEqual(told(signs(".dd....", {}, (index) => index < 4 || index > 5)), [
      "opening down @2",
      "recovery healthy @6",
    ]);
  });

  it("nothing of the end of trouble that nobody was told of", () => {
    assert.deepEqual(told(signs(".dd...", {}, (index) => index > 3)), []);
  });

  it("by a reminder as long as it lasts, or by none", () => {
    const long = "d".repeat(12 * 24 * 3);
    assert.deepEqual(told(signs(long)), ["opening down @1", "reminder down @289", "reminder down @577"]);
    assert.deepEqual(told(signs(long, { remind_every: 0 })), ["opening down @1"]);
    assert.equal(told(signs(long, { remind_every: 1 })).length, 1 + 71);
  });
});

describe("an incident", () => {
  it("has a start, an end, a cause, and the findings that came and went", () => {
    const { state } = signs(".ddoo..");
    const [one] = state.incidents;
    const at = (index: number): string => iso(START + index * 5 * MINUTE);
    assert.equal(one?.id, "20260301T000500Z");
    assert.deepEqual([one?.start, one?.opened, one?.end], [at(1), at(2), at(5)]);
    assert.deepEqual(
      [one?.cause.code, one?.current.code, one?.worst, one?.before],
      ["gateway-down", "quota-gone", "down", "healthy"],
    );
    assert.deepEqual(
      one?.findings.map(({ code, first, last }) => [code, first, last]),
      [
        ["gateway-down", at(2), at(2)],
        ["quota-gone", at(3), at(4)],
      ],
    );
    assert.deepEqual([state.status, state.since, state.incident], ["healthy", at(5), null]);
  });

  it("needs more than two good ticks to end after two others within a day: 15 min, then 30, up to 4 h", () => {
    const after = (count: number, hours = 1): number =>
      calmMs(new Array(count).fill(iso(START)), iso(START + hours * HOUR)) / MINUTE;
    assert.deepEqual(
      [0, 1, 2, 3, 4, 5, 6, 20].map((count) => after(count)),
      [0, 0, 15, 30, 60, 120, 240, 240],
    );
    assert.equal(after(20, 25), 0);
  });
});

describe("the order of ticks", () => {
  const state = takeTick(null, tick(START), DEFAULTS);
  const cases: [string, number, string][] = [
    ["later", 5 * MINUTE, "next"],
    ["the same", 0, "again"],
    ["a little earlier", -MINUTE, "late"],
    ["an hour earlier, as of a clock that was set back", -HOUR, "next"],
  ];
  for (const [title, offset, order] of cases) {
    it(`${title} is ${order}`, () => assert.equal(orderOf(state, tick(START + offset)), order));
  }

  it("is that in which they came where two have the same time", () => {
    const other = tick(START, [LASTING], { id: "another run's" });
    assert.equal(orderOf(state, other), "next");
    const after = takeTick(state, other, DEFAULTS);
    assert.deepEqual([after.status, after.last?.at], ["down", iso(START + 1)]);
    assert.equal(orderOf(after, other), "again");
  });

  it("of a check that a change made at its end is always the last: whoever looked meanwhile saw it half done", () => {
    const change = tick(START - MINUTE, [LASTING], { by: "connect by u/admin" });
    assert.equal(orderOf(state, change), "next");
    assert.deepEqual(takeTick(state, change, DEFAULTS).last?.at, iso(START + 1));
  });

  it("makes no difference where a tick is late or comes again", () => {
    const after = takeTick(state, tick(START - MINUTE, [LASTING]), DEFAULTS);
    assert.equal(after, state);
    assert.equal(takeTick(state, tick(START, [LASTING]), DEFAULTS), state);
  });

  it("leaves nothing in the future when the clock is set back", () => {
    const ill = takeTick(
      takeTick(null, tick(START + 365 * 24 * HOUR), DEFAULTS),
      tick(START + 366 * 24 * HOUR, [LASTING]),
      DEFAULTS,
    );
    const back = takeTick(ill, tick(START, [LASTING]), DEFAULTS);
    const later = [back.since, back.incident?.start, back.looks.chat?.at].filter((at) => Date.parse(at ?? "") > START);
    assert.deepEqual(later, []);
    const well = [1, 2].reduce((one, index) => takeTick(one, tick(START + index * 5 * MINUTE), DEFAULTS), back);
    assert.equal(well.status, "healthy");
  });
});

describe("results of several depths", () => {
  const deep: Trouble = { code: "quota-gone", seen: "chat" };
  it("stand until they are measured again: a green model list heals no model", () => {
    const ill = takeTick(null, tick(START, [deep], { depth: "chat" }), DEFAULTS);
    const shallow = takeTick(ill, tick(START + 5 * MINUTE, [], { depth: "free" }), DEFAULTS);
    assert.equal(shallow.last?.status, "down");
    assert.equal(shallow.status, "down");
    const well = takeTick(shallow, tick(START + 10 * MINUTE, [], { depth: "chat" }), DEFAULTS);
    assert.equal(well.last?.status, "healthy");
  });

  const ill = takeTick(null, tick(START, [deep], { depth: "chat" }), DEFAULTS);
  const after = (change: Partial<Tick>, troubles: Trouble[] = []) =>
    takeTick(ill, tick(START + 5 * MINUTE, troubles, change), DEFAULTS);

  const STANDS: Record<string, HealthState> = {
    "an edit of the settings": after({ depth: "free", fingerprint: "others" }),
    "a shallow check by hand": after({ depth: "free", fingerprint: "" }),
    "an outage before it": after({ depth: "features" }, [DOWN]),
    "a blind moment": after({ depth: "features" }, [BLIND]),
    "a check that could not look": after({ depth: "features", status: "unknown", could_not_look: "Windmill: 500" }),
    "a check without time for it": after({
      depth: "chat",
      probes: [{ id: "server:models", kind: "models" }],
      not_asked: ["server:chat:gpt-5.5"],
    }),
    "half a year": takeTick(ill, tick(START + 183 * 24 * HOUR, [], { depth: "free" }), DEFAULTS),
  };
  for (const [what, state] of Object.entries(STANDS)) {
    it(`are not ended by ${what}`, () => {
      const chat = state.open.find(({ finding }) => finding.code === "quota-gone");
      assert.deepEqual([chat?.depth, chat?.first, chat?.last], ["chat", iso(START), iso(START)]);
      assert.deepEqual(state.looks.chat?.at, iso(START));
    });
  }

  it("end when they are measured well, and when what they are about is gone from the settings", () => {
    assert.deepEqual(after({ depth: "chat" }).open, []);
    const gone = after({ depth: "chat", probes: [{ id: "server:chat:another", kind: "chat" }] });
    assert.deepEqual(gone.open, []);
  });

  it("stand for the models that were not measured, and for no others", () => {
    const both = ["server:chat:a", "server:chat:b"].map((id) => ({ id, kind: "chat" as const }));
    const [found] = tick(START, [deep]).findings;
    assert.ok(found);
    const bad = tick(START, [deep], { probes: both, findings: [{ ...found, probes: both.map(({ id }) => id) }] });
    const first = takeTick(null, bad, DEFAULTS);
    const half = tick(START + MINUTE, [], { probes: both.slice(0, 1), not_asked: ["server:chat:b"] });
    const state = takeTick(first, half, DEFAULTS);
    assert.deepEqual(
      state.open.map(({ finding }) => finding.probes),
      [["server:chat:b"]],
    );
    assert.equal(state.last?.status, "down");
  });
});

describe("what is known of a feature", () => {
  const row = (state: "works" | "not-tested" | "broken", code?: string) => [
    { feature: "chat" as const, state, why: state, ...(code ? { code } : {}) },
  ];
  const after = (...ticks: [Depth, ReturnType<typeof row>, Trouble[]?][]) =>
    ticks.reduce(
      (one: HealthState | null, [depth, features, troubles = []], index) =>
        takeTick(one, tick(START + index * 5 * MINUTE, troubles, { depth, features }), DEFAULTS),
      null,
    )?.features[0]?.state;
  const untested = row("not-tested");
  const ill: Trouble[] = [{ code: "quota-gone", seen: "chat" }];
  const cut: Trouble[] = [{ code: "stream-cut", seen: "stream" }];

  it("stands until it is tried again", () => {
    assert.equal(
      after(["features", row("works")], ["free", untested], ["chat", untested], ["free", untested]),
      "works",
    );
    assert.equal(after(["features", row("broken", "stream-cut"), cut], ["chat", untested]), "broken");
    assert.equal(after(["chat", untested], ["free", untested]), "not-tested");
  });

  it("is that it does not work while models fail, and what it was before when they answer again", () => {
    const broken = row("broken", "quota-gone");
    assert.equal(after(["features", row("works")], ["chat", broken, ill], ["free", untested]), "broken");
    assert.equal(after(["features", row("works")], ["chat", broken, ill], ["chat", untested]), "works");
    assert.equal(after(["features", row("works")], ["features", broken, ill], ["chat", untested]), "works");
    assert.equal(after(["features", broken, ill], ["chat", untested]), "not-tested");
  });
});

describe("for any sequence of ticks", () => {
  const sequences = fc
    .array(fc.constantFrom(...Object.keys(SIGNS)), { minLength: 1, maxLength: 120 })
    .map((list) => list.join(""));
  const deliveries = fc.array(fc.boolean(), { minLength: 120, maxLength: 120 });

  it("an incident has one opening, then turns and causes, then one recovery; none is told twice in a row", () => {
    fc.assert(
      fc.property(sequences, deliveries, (text, takes) => {
        const { alerts } = signs(text, {}, (index) => takes[index] ?? true);
        const frame = alerts.map(({ kind }) => kind).filter((kind) => kind === "opening" || kind === "recovery");
        assert.ok(
          frame.every((kind, index) => kind === (index % 2 === 0 ? "opening" : "recovery")),
          String(frame),
        );
        for (const id of new Set(alerts.map(({ incident }) => incident))) {
          const mine = alerts.filter(({ incident }) => incident === id);
          const kinds = mine.map(({ kind }) => kind);
          assert.equal(kinds.filter((kind) => kind === "opening").length, 1);
          assert.equal(kinds[0], "opening");
          assert.ok(kinds.filter((kind) => kind === "recovery").length <= 1);
          const told = mine.filter(({ kind }) => kind === "cause" || kind === "opening");
          told.slice(1).forEach(({ status, code }, index) => {
            const before = told.slice(0, index + 1);
            const isTurn = before.at(-1)?.status !== status;
            assert.ok(isTurn || !before.some((one) => one.status === status && one.code === code), `${status}/${code}`);
          });
        }
      }),
    );
  });

  it("nobody is told anything unless the status changed, and recovery follows opening", () => {
    fc.assert(
      fc.property(sequences, (text) => {
        const { alerts, state } = signs(text);
        const open = alerts.filter(({ kind }) => kind === "opening").length;
        const over = alerts.filter(({ kind }) => kind === "recovery").length;
        assert.equal(open - over, state.incident === null ? 0 : 1);
        assert.equal(open, state.incidents.length + (state.incident ? 1 : 0));
        if (!/[dolwu]/.test(text)) assert.deepEqual(alerts, []);
      }),
    );
  });

  it("the state is one that can be stored and read, and stays within its bounds", () => {
    fc.assert(
      fc.property(sequences, (text) => {
        const { state } = signs(text.repeat(3));
        assert.deepEqual(HealthState.parse(JSON.parse(JSON.stringify(state))), state);
        assert.ok(state.incidents.length <= LIMITS.incidents);
      }),
    );
  });

  it("the status that people go by is measured at least once, and is that of the incident", () => {
    fc.assert(
      fc.property(sequences, (text) => {
        const { state } = signs(text);
        if (state.incident) assert.equal(state.status, state.incident.current.status);
        assert.ok(Date.parse(state.since) <= Date.parse(state.last?.at ?? ""));
      }),
    );
  });
});
