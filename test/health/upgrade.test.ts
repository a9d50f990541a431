import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { chooseDepth } from "../../src/health/depth.ts";
import { readHistory } from "../../src/health/history_keep.ts";
import { dueNews } from "../../src/health/news.ts";
import { readHealthState } from "../../src/health/read_state.ts";
import { HealthState } from "../../src/health/state.ts";
import { takeTick } from "../../src/health/tick.ts";
import { ROOT } from "../../tools/shared/programs.ts";
import { DEFAULTS, iso, MINUTE, type Trouble, tick } from "./health_fixture.ts";

/** A memory that release 0.1.0 made: 29 hours with an outage, then a warning that stands, then broken tools of which people were told. */
const stored = JSON.parse(readFileSync(join(ROOT, "test/fixtures/memory_of_0_1_0.json"), "utf8"));
const LAST = Date.parse(stored.state.last.at);
const WARNING: Trouble = { code: "secret-shared", seen: null, severity: "warning" };
const SETTINGS = stored.state.last.fingerprint;

describe("the memory of 0.1.0", () => {
  const { value, repairs } = readHealthState(stored.state, iso(LAST));

  it("is taken over whole, and nothing of it is called damaged", () => {
    assert.ok(value);
    assert.deepEqual(repairs, []);
    assert.deepEqual(HealthState.parse(JSON.parse(JSON.stringify(value))), value);
    assert.deepEqual([value.status, value.incident?.current.code], ["down", "tools-ignored"]);
    assert.deepEqual(
      value.open.map(({ finding, depth }) => `${depth} ${finding.code}`),
      ["free secret-shared", "features tools-ignored"],
    );
    assert.equal(value.features.find(({ feature }) => feature === "chat")?.state, "broken");
    assert.equal(value.models[0]?.asked_at, stored.state.results.chat.at);
    assert.deepEqual(value.turns.length, 1);
    assert.deepEqual(readHistory(stored.history).repairs, []);
  });

  it("tells nothing again that was told, and goes on where it was", () => {
    assert.ok(value);
    const at = iso(LAST + 5 * MINUTE);
    const shallow = takeTick(
      value,
      tick(LAST + 5 * MINUTE, [WARNING], { depth: "free", fingerprint: SETTINGS }),
      DEFAULTS,
    );
    assert.deepEqual([shallow.status, dueNews(shallow, at, 24)], ["down", []]);
    const question = { memory: value, fingerprint: "edited", now: LAST + 5 * MINUTE, chat_every: 60 };
    assert.equal(chooseDepth(question).depth, "features");
    const mended = [1, 2].reduce(
      (state: HealthState, index) =>
        takeTick(
          state,
          tick(LAST + (5 + 5 * index) * MINUTE, [WARNING], { depth: "features", fingerprint: SETTINGS }),
          DEFAULTS,
        ),
      shallow,
    );
    assert.equal(mended.status, "degraded");
    assert.deepEqual(
      dueNews(mended, iso(LAST + 15 * MINUTE), 24).map(({ kind, status, previous }) => [kind, status, previous]),
      [["cause", "degraded", "down"]],
    );
  });
});
