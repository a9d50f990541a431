import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { announced, type HealthState, readHealthState, takeTick } from "../../f/codex_pooler/lib/health_state.ts";
import type { Status } from "../../f/codex_pooler/lib/shapes.ts";

/** Feeds ticks one after the other; `delivers` says whether the alert of that tick gets through. */
function story(ticks: [Status, delivers?: boolean][]): { announce: boolean; since: string }[] {
  let state: HealthState | null = null;
  return ticks.map(([status, delivers = true], minute) => {
    const taken = takeTick(state, { status, at: `2026-11-24T10:${String(minute).padStart(2, "0")}:00Z` });
    state = taken.transition.announce && delivers ? announced(taken.state) : taken.state;
    return { announce: taken.transition.announce, since: taken.transition.since };
  });
}
const alerts = (ticks: [Status, boolean?][]): boolean[] => story(ticks).map(({ announce }) => announce);

describe("the memory of the health flow", () => {
  it("says nothing as long as a new connection works", () => {
    assert.deepEqual(alerts([["healthy"], ["healthy"]]), [false, false]);
  });

  it("tells a change once, and the recovery", () => {
    assert.deepEqual(alerts([["healthy"], ["down"], ["down"], ["healthy"], ["healthy"]]), [
      false,
      true,
      false,
      true,
      false,
    ]);
  });

  it("tells of a connection that is broken from the start", () => {
    assert.deepEqual(alerts([["down"], ["down"]]), [true, false]);
  });

  it("tells again when the alert did not get through, until it does", () => {
    assert.deepEqual(alerts([["healthy"], ["down", false], ["down", false], ["down"], ["down"]]), [
      false,
      true,
      true,
      true,
      false,
    ]);
  });

  it("keeps quiet when a trouble that nobody was told of is over", () => {
    assert.deepEqual(alerts([["healthy"], ["down", false], ["healthy"]]), [false, true, false]);
  });

  it("knows since when the status holds", () => {
    assert.deepEqual(
      story([["healthy"], ["down"], ["down"]]).map(({ since }) => since.slice(11, 16)),
      ["10:00", "10:01", "10:01"],
    );
  });

  it("starts afresh from a state that is damaged or of another version", () => {
    for (const stored of [null, 7, "x", {}, { version: 2 }, { version: 1, status: "fine" }]) {
      assert.equal(readHealthState(stored), null);
    }
  });
});
