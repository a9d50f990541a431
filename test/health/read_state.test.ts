import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { emptyHistory } from "../../src/health/history.ts";
import { readHistory } from "../../src/health/history_keep.ts";
import { dueNews } from "../../src/health/news.ts";
import { readHealthState } from "../../src/health/read_state.ts";
import { HealthState, LIMITS, newState } from "../../src/health/state.ts";
import { takeTick } from "../../src/health/tick.ts";
import { DEFAULTS, iso, live, MINUTE, START, tick } from "./health_fixture.ts";

/** What is stored may be anything: it is repaired, and that is said. */

const AT = iso(START);
const lived = (): HealthState =>
  live({ ticks: [0, 1, 2, 3, 4].map((index) => START + index * MINUTE), troubles: () => [{ code: "x" }], wish: "chat" })
    .state;

describe("a stored memory", () => {
  it("that is whole is read as it is", () => {
    assert.deepEqual(readHealthState(lived(), AT), { value: lived(), repairs: [] });
  });

  it("that is not there, is nothing", () => {
    assert.deepEqual(readHealthState(null, AT), { value: null, repairs: [] });
  });

  it("that cannot be read at all begins anew, and says so", () => {
    for (const stored of [7, "x", [], {}, { version: 2 }, { version: 9, status: "fine" }]) {
      const { value, repairs } = readHealthState(stored, AT);
      assert.equal(value, null, JSON.stringify(stored));
      assert.match(repairs.join(), /begins anew/);
    }
  });

  it("of version 1 is taken over: people are told of the end of what they were told of", () => {
    const first = { version: 1, status: "down", since: AT, announced: "down", checked_at: AT };
    const { value, repairs } = readHealthState(first, AT);
    assert.deepEqual(repairs, []);
    assert.equal(value?.status, "down");
    assert.ok(value?.incident?.told.opening);
    const ticks = [1, 2].map((index) => tick(START + index * 5 * MINUTE));
    const state = ticks.reduce((one: HealthState | null, next) => takeTick(one, next, DEFAULTS), value);
    assert.deepEqual(state && dueNews(state, AT, 24).map(({ kind }) => kind), ["recovery"]);
  });

  it("of version 1 that was well, or of which nobody was told, has no incident", () => {
    for (const [status, announced] of [
      ["healthy", "healthy"],
      ["down", null],
      ["down", "healthy"],
    ]) {
      const { value } = readHealthState({ version: 1, status, since: AT, announced, checked_at: AT }, AT);
      assert.deepEqual([value?.status, value?.incident, value?.incidents], [status, null, []]);
    }
  });

  it("of a version to come keeps what can be read", () => {
    const { value, repairs } = readHealthState({ ...lived(), version: 4, more: true }, AT);
    assert.deepEqual(value, lived());
    assert.match(repairs.join(), /another version/);
  });

  it("that is damaged keeps the other fields, and says which are lost", () => {
    const { value, repairs } = readHealthState({ ...lived(), looks: { free: 1 }, incident: { id: 7 } }, AT);
    assert.deepEqual(repairs, ["The memory was damaged and lost: looks, incident."]);
    assert.deepEqual(value, { ...lived(), looks: newState("down", AT).looks, incident: null });
  });

  it("with times that are none loses what they are in", () => {
    const { value } = readHealthState({ ...lived(), since: "yesterday" }, AT);
    assert.equal(value?.since, AT);
  });

  it("with too many incidents, or too much in them, is cut", () => {
    const { incident } = lived();
    assert.ok(incident);
    const incidents = new Array(400).fill({ ...incident, end: AT });
    assert.equal(readHealthState({ ...lived(), incidents }, AT).value?.incidents.length, LIMITS.incidents);
    const huge = { ...incident, cause: { ...incident.cause, title: "x".repeat(1_000_000) } };
    const { value, repairs } = readHealthState({ ...lived(), incident: huge }, AT);
    assert.equal(value?.status, "down");
    assert.ok(JSON.stringify(value).length < 2_000);
    assert.match(repairs.join(), /too big/);
  });

  it("whatever it is, can be read, and the next tick makes a whole one of it", () => {
    const damaged = fc.oneof(
      fc.anything(),
      fc
        .record({ key: fc.constantFrom(...Object.keys(HealthState.shape)), value: fc.jsonValue() })
        .map(({ key, value }) => ({
          ...lived(),
          [key]: value,
        })),
    );
    fc.assert(
      fc.property(damaged, (stored) => {
        const json = JSON.stringify(stored);
        const { value } = readHealthState(json === undefined ? undefined : JSON.parse(json), AT);
        const next = takeTick(value, tick(START + 60 * MINUTE), DEFAULTS);
        assert.deepEqual(HealthState.parse(next), next);
      }),
    );
  });
});

describe("a stored history", () => {
  it("that is damaged keeps the rows that can be read", () => {
    const good = [START, 0, 0, 40, 0];
    const { value, repairs } = readHistory({ version: 1, models: ["a"], ticks: [good, [1], "x"], hours: [{ h: 1 }] });
    assert.deepEqual(value, { ...emptyHistory(), models: ["a"], ticks: [good] });
    assert.match(repairs.join(), /damaged/);
  });

  it("of another version, or of another kind, begins anew", () => {
    for (const stored of [{ version: 7, models: [], ticks: [], hours: [] }, [], "x", 1]) {
      assert.deepEqual(readHistory(stored).value, emptyHistory());
    }
    assert.deepEqual(readHistory(null), { value: emptyHistory(), repairs: [] });
  });
});
