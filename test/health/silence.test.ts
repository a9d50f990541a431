import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { uptime } from "../../src/health/history_view.ts";
import { acknowledge, lift, planMaintenance } from "../../src/health/silence.ts";
import { type HealthState, newState } from "../../src/health/state.ts";
import { DAY, every, HOUR, iso, type Life, type Lived, live, MINUTE, START, type Trouble } from "./health_fixture.ts";

const anna = (at: number, reason = "The gateway is updated") => ({ by: "anna", at: iso(at), reason });
const told = ({ alerts }: Lived) =>
  alerts.map(({ kind, status, told_at }) => `${kind} ${status} ${(told_at - START) / MINUTE}`);

/** Something that somebody does once, at a tick. */
const once =
  (when: number, what: (state: HealthState) => HealthState): NonNullable<Life["does"]> =>
  (at, state) =>
    at === when ? what(state) : state;
const acknowledged = (when: number, until: number | null = null) =>
  once(when, (state) => acknowledge(state, "", anna(when), until === null ? null : iso(until)).state);
const maintenance = (from: number, until: number, when = from) =>
  once(when, (state) => planMaintenance(state, { from: iso(from), until: iso(until), again: null }, anna(when)).state);

const DOWN: Trouble[] = [{ code: "quota-gone" }];
const WARN: Trouble[] = [{ code: "slow", severity: "warning" }];
const between = (from: number, to: number, troubles: Trouble[]) => (at: number) =>
  at >= from && at < to ? troubles : [];
const day = every(5, 1);

describe("an acknowledged incident", () => {
  const lasting = between(START + HOUR, START + 23 * HOUR, DOWN);
  const rules = { remind_every: 2 };

  it("has no reminders, and its end is told", () => {
    const known = live({ ticks: day, troubles: lasting, rules, does: acknowledged(START + 90 * MINUTE) });
    assert.deepEqual(told(known), ["opening down 65", "recovery healthy 1385"]);
    assert.deepEqual(known.alerts[1]?.acknowledged, anna(START + 90 * MINUTE));
    const unknown = live({ ticks: day, troubles: lasting, rules });
    assert.ok(unknown.alerts.filter(({ kind }) => kind === "reminder").length > 5);
  });

  it("is told when it gets worse, and reminded of then; not when it gets another cause or better", () => {
    const troubles = (at: number): Trouble[] => {
      const minute = (at - START) / MINUTE;
      if (minute < 60) return [];
      if (minute < 120) return WARN;
      if (minute < 240) return [{ code: "other", severity: "warning" }];
      if (minute < 600) return DOWN;
      return minute < 1200 ? WARN : [];
    };
    const lived = live({ ticks: day, troubles, rules, does: acknowledged(START + 90 * MINUTE) });
    assert.deepEqual(told(lived), [
      ...["opening degraded 65", "cause down 245", "reminder down 365", "reminder down 485"],
      ...["recovery healthy 1205"],
    ]);
  });

  it("is told of again when the time is over", () => {
    const lived = live({
      ticks: day,
      troubles: lasting,
      rules,
      does: acknowledged(START + 90 * MINUTE, START + 6 * HOUR),
    });
    assert.deepEqual(told(lived).slice(0, 3), ["opening down 65", "reminder down 360", "reminder down 480"]);
  });

  it("is acknowledged by its id only while it is open", () => {
    const { state } = live({ ticks: day.slice(0, 20), troubles: lasting });
    const { incident } = state;
    assert.ok(incident);
    const at = START + 2 * HOUR;
    assert.match(acknowledge(state, incident.id, anna(at), null).says[0] ?? "", /acknowledged until it is over/);
    const refused =
      (id: string, from: HealthState, until: string | null = null) =>
      () =>
        acknowledge(from, id, anna(at), until);
    assert.throws(refused("20200101T000000Z", state), /there is no such incident\. The open incident is/);
    assert.throws(refused("", newState("healthy", iso(START))), /No incident is open: there is nothing to acknowledge/);
    assert.throws(refused("", state, iso(START)), /until: lies in the past/);
    const over = live({ ticks: day, troubles: between(START, START + HOUR, DOWN) }).state;
    assert.throws(refused(over.incidents[0]?.id ?? "", over), /it is over since 2026-03-01 01:00 UTC/);
  });
});

describe("a maintenance", () => {
  const from = START + 2 * HOUR;
  const until = START + 4 * HOUR;

  it("in which all goes wrong and well again tells nobody, and shares are said with and without it", () => {
    const lived = live({
      ticks: day,
      troubles: between(from + 10 * MINUTE, until - 30 * MINUTE, DOWN),
      does: maintenance(from, until),
    });
    assert.deepEqual(told(lived), []);
    assert.equal(lived.state.incidents.length, 1);
    const { percent, outside_maintenance } = uptime(lived.history, START + DAY - 1, "h24");
    assert.equal(outside_maintenance, 100);
    assert.ok(percent !== null && percent < 95, String(percent));
  });

  it("that ends badly: the opening is told at once", () => {
    const lived = live({
      ticks: day,
      troubles: between(from + 10 * MINUTE, until + HOUR, DOWN),
      does: maintenance(from, until),
    });
    assert.deepEqual(told(lived), ["opening down 240", "recovery healthy 305"]);
  });

  it("that an open incident outlasts: it is told once more at the end; one that ended in it: the end is told then", () => {
    const outlasting = between(from - HOUR, until + HOUR, DOWN);
    assert.deepEqual(told(live({ ticks: day, troubles: outlasting, does: maintenance(from, until) })), [
      ...["opening down 65", "reminder down 240", "recovery healthy 305"],
    ]);
    // Another one begins and ends within: nobody ever hears of it.
    const two = (at: number) => [
      ...between(from - HOUR, from + 20 * MINUTE, DOWN)(at),
      ...between(from + 60 * MINUTE, from + 80 * MINUTE, DOWN)(at),
    ];
    const lived = live({ ticks: day, troubles: two, does: maintenance(from, until) });
    assert.deepEqual(told(lived), ["opening down 65", "recovery healthy 240"]);
    assert.equal(lived.state.incidents.length, 2);
  });

  it("that is lifted tells at the next check how it is", () => {
    const does: Life["does"] = (at, state) => {
      if (at === from) return maintenance(from, until)(at, state);
      return at === START + 3 * HOUR ? lift(state, "", iso(at)).state : state;
    };
    const lived = live({ ticks: day, troubles: between(from + 10 * MINUTE, until + HOUR, DOWN), does });
    assert.deepEqual(told(lived).slice(0, 1), ["opening down 180"]);
    assert.deepEqual(lived.state.maintenance, []);
  });

  it("that comes again hides each time, and nothing in between", () => {
    const again = { cron: "0 2 * * *", timezone: "UTC", minutes: 60 };
    const does = once(
      START,
      (state) =>
        planMaintenance(state, { from: iso(START + 2 * HOUR), until: iso(START + 3 * HOUR), again }, anna(START)).state,
    );
    const troubles = (at: number): Trouble[] => {
      const minute = ((at - START) / MINUTE) % 1440;
      return (minute >= 130 && minute < 170) || (minute >= 600 && minute < 640) ? DOWN : [];
    };
    const first = live({ ticks: [START - 5 * MINUTE], troubles: () => [] });
    const lived = live({ ticks: every(5, 3), troubles, does, from: first });
    assert.deepEqual(
      told(lived).map((one) => one.split(" ")[0]),
      ["opening", "recovery", "opening", "recovery", "opening", "recovery"],
    );
    assert.equal(lived.state.incidents.length, 6);
    assert.equal(lived.state.maintenance[0]?.from, iso(START + 3 * DAY + 2 * HOUR));
  });

  it("is refused when it ends before it begins, is over, or lasts more than 7 days", () => {
    const state = newState("healthy", iso(START));
    const plan = (begin: number, end: number, before = state) =>
      planMaintenance(before, { from: iso(begin), until: iso(end), again: null }, anna(START));
    assert.throws(() => plan(START + HOUR, START), /until: is not after the beginning \(2026-03-01 01:00 UTC\)/);
    assert.throws(() => plan(START - 2 * HOUR, START - HOUR), /until: lies in the past/);
    assert.throws(() => plan(START, START + 8 * DAY), /more than 7 days/);
    const five = plan(START, START + 5 * DAY).state;
    assert.throws(() => plan(START + 4 * DAY, START + 9 * DAY, five), /more than 7 days together with the one from/);
  });

  it("that overlaps another becomes one with it, and says so; beside one that comes again it stays, and says so", () => {
    const first = planMaintenance(
      newState("healthy", iso(START)),
      { from: iso(from), until: iso(until), again: null },
      anna(START, "a"),
    );
    const wider = { from: iso(until - HOUR), until: iso(until + HOUR), again: null };
    const second = planMaintenance(first.state, wider, anna(START, "b"));
    assert.deepEqual(
      second.state.maintenance.map((one) => [one.from, one.until, one.reason]),
      [[iso(from), iso(until + HOUR), "a; b"]],
    );
    assert.match(second.says.join(" "), /overlaps m20260301T0200, and the two are one now/);
    const again = { cron: "0 3 * * *", timezone: "UTC", minutes: 60 };
    const third = planMaintenance(
      second.state,
      { from: iso(START + 3 * HOUR), until: iso(START + 4 * HOUR), again },
      anna(START),
    );
    assert.equal(third.state.maintenance.length, 2);
    assert.match(third.says.join(" "), /nobody is told until both are over/);
  });

  it("is lifted by its id, or as the only one; otherwise the ids are named", () => {
    const empty = newState("healthy", iso(START));
    assert.throws(() => lift(empty, "", iso(START)), /nothing keeps quiet now/);
    const one = planMaintenance(empty, { from: iso(from), until: iso(until), again: null }, anna(START)).state;
    assert.deepEqual(lift(one, "", iso(START)).state.maintenance, []);
    const two = planMaintenance(
      one,
      { from: iso(from + DAY), until: iso(until + DAY), again: null },
      anna(START),
    ).state;
    assert.throws(() => lift(two, "", iso(START)), /Planned are m20260301T0200 .*, m20260302T0200/);
    assert.throws(() => lift(two, "gone", iso(START)), /no acknowledgement and no window has it/);
    assert.deepEqual(
      lift(two, "m20260302T0200", iso(START)).state.maintenance.map(({ id }) => id),
      ["m20260301T0200"],
    );
  });
});

describe("for any troubles, acknowledgements and windows", () => {
  const trouble = fc.record({ from: fc.nat(1400), length: fc.integer({ min: 1, max: 600 }), bad: fc.boolean() });
  const window = fc.record({ when: fc.nat(1400), ahead: fc.nat(120), length: fc.integer({ min: 5, max: 300 }) });
  const known = fc.record({ when: fc.nat(1400), length: fc.option(fc.integer({ min: 5, max: 600 })) });
  const round = (minute: number) => Math.floor(minute / 5) * 5;

  it("nobody is told in a window, what is worse is told, and in the end people know how it is", () => {
    fc.assert(
      fc.property(
        fc.array(trouble, { maxLength: 6 }),
        fc.array(window, { maxLength: 4 }),
        fc.array(known, { maxLength: 4 }),
        (troubles, windows, acks) => {
          const seen: [number, HealthState][] = [];
          const does: Life["does"] = (at, before) => {
            let state = before;
            const minute = (at - START) / MINUTE;
            for (const { when, ahead, length } of windows) {
              if (round(when) !== minute) continue;
              const begin = at + ahead * MINUTE;
              try {
                state = planMaintenance(
                  state,
                  { from: iso(begin), until: iso(begin + length * MINUTE), again: null },
                  anna(at),
                ).state;
              } catch {}
            }
            for (const { when, length } of acks) {
              if (round(when) !== minute || state.incident === null) continue;
              state = acknowledge(state, "", anna(at), length === null ? null : iso(at + length * MINUTE)).state;
            }
            seen.push([at, state]);
            return state;
          };
          const at = (time: number): Trouble[] => {
            const minute = (time - START) / MINUTE;
            return troubles
              .filter(({ from, length }) => minute >= from && minute < from + length)
              .map(({ bad }) => (bad ? DOWN : WARN)[0] as Trouble);
          };
          // Two days, of which the second is quiet.
          const lived = live({ ticks: every(5, 2), troubles: at, does });
          for (const { told_at, kind } of lived.alerts) {
            const state = seen.find(([time]) => time === told_at)?.[1];
            const time = iso(told_at);
            const within = state?.maintenance.some(({ from, until }) => from <= time && time < until);
            assert.ok(!within, `${kind} at ${time} in a window`);
          }
          // Openings and recoveries alternate, and the last word is how it is.
          const turns = lived.alerts
            .filter(({ kind }) => kind === "opening" || kind === "recovery")
            .map(({ kind }) => kind);
          assert.deepEqual(
            turns,
            turns.map((_, index) => (index % 2 === 0 ? "opening" : "recovery")),
          );
          assert.equal(lived.state.incident, null);
          assert.notEqual(turns.at(-1), "opening");
          const silent = lived.state.incidents.filter(({ told: one }) => one.opening && !one.recovery);
          assert.deepEqual(silent, []);
        },
      ),
      { numRuns: 60 },
    );
  });
});
