import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { featureTone } from "../../f/codex_pooler/dashboard__raw_app/lib/view.ts";
import { severityOf } from "../../src/core/features.ts";
import { Status } from "../../src/core/shapes.ts";
import { headlineOf, pendingOf, withTimes } from "../../src/health/headline.ts";
import { currentFindings, type HealthState, type KnownFeature, newState } from "../../src/health/state.ts";
import { takeTick } from "../../src/health/tick.ts";
import { DEFAULTS, iso, MINUTE, START, type Trouble, tick } from "./health_fixture.ts";

/** The one headline: every combination of what was measured, what counts, and what is broken below it. */

const TROUBLES: Record<Status, Trouble[]> = {
  healthy: [],
  degraded: [{ code: "slow", seen: "chat", severity: "warning" }],
  down: [{ code: "gateway-down" }],
  unknown: [{ code: "server-url-unreachable", severity: "warning", blind: true }],
};

/** A memory in which one status counts and another one was measured last, by real ticks. */
function memory(counted: Status, measured: Status): HealthState {
  const before = counted === "healthy" ? ["healthy", "healthy"] : ["healthy", counted, counted];
  const ticks = [...before, measured] as Status[];
  const state = ticks.reduce(
    (one: HealthState | null, status, index) =>
      takeTick(one, tick(START + index * 5 * MINUTE, TROUBLES[status]), DEFAULTS),
    null,
  );
  assert.ok(state);
  return state;
}
const at = (index: number): string => iso(START + index * 5 * MINUTE);
const BROKEN: KnownFeature = { feature: "chat", state: "broken", why: "x", code: "tools-ignored", tried_at: at(0) };
const WORKS: KnownFeature = { feature: "fix", state: "works", why: "x", tried_at: at(0) };
const TONES = { healthy: "good", degraded: "warn", down: "bad", unknown: "none" } as const;

describe("the headline", () => {
  for (const counted of Status.options) {
    for (const measured of Status.options) {
      for (const broken of [false, true]) {
        it(`where ${counted} counts and ${measured} was measured${broken ? ", with a broken feature" : ""}`, () => {
          const state = { ...memory(counted, measured), features: broken ? [WORKS, BROKEN] : [WORKS] };
          assert.equal(state.status, counted);
          const { tone, title, was, says } = headlineOf(state, DEFAULTS);
          // The colour is what was measured, and never green above something red.
          assert.equal(tone, broken && measured === "healthy" ? "warn" : TONES[measured]);
          assert.ok(!(tone === "good" && broken));
          assert.ok(title !== "" && was !== "" && says.length > 0);
          const words = says.join(" ");
          // What counts beside it is said exactly where it differs.
          assert.equal(/more check|held for/.test(words), counted !== measured, words);
          if (counted === "healthy" && measured !== "healthy")
            assert.match(words, /people are told, after 1 more check/);
          if (counted === "down" && measured === "unknown")
            assert.match(words, /counts until then: Windmill AI does not work/);
          if (counted === "down" && measured === "healthy") {
            assert.match(title, broken ? /with a problem/ : /works again$/);
            assert.match(words, /incident that began \{2026.* is over after 1 more check like this/);
          }
          if (broken && measured === "healthy") assert.match(words, /Does not work: chat\./);
          if (broken && measured !== "healthy") assert.doesNotMatch(words, /Does not work:/);
        });
      }
    }
  }

  it("of a connection that is broken from its first check says when people are told", () => {
    const state = takeTick(null, tick(START, TROUBLES.down), DEFAULTS);
    const { tone, says } = headlineOf(state, DEFAULTS);
    assert.deepEqual([tone, says], ["bad", [`Since {${at(0)}}. People are told after 1 more check like this.`]]);
  });

  it("says how long what comes and goes has to hold", () => {
    const flapping = { ...memory("down", "healthy"), turns: [at(0), at(0), at(0)] };
    assert.deepEqual(pendingOf(flapping, DEFAULTS), { since: at(3), checks: 1, minutes: 30 });
    assert.match(
      headlineOf(flapping, DEFAULTS).says.join(),
      /after 1 more check like this and when it has held for 30 more min/,
    );
  });

  it("stays green above a limit that is for information only, which is not shown in red either", () => {
    const limit: Trouble = { code: "strict-schema-refused", seen: "strict-tools", severity: "info" };
    const state = [0, 1].reduce(
      (one: HealthState | null, index) =>
        takeTick(one, tick(START + index * MINUTE, [limit], { depth: "features" }), DEFAULTS),
      null,
    );
    assert.ok(state);
    const row: KnownFeature = { ...BROKEN, code: "strict-schema-refused" };
    const shown = headlineOf({ ...state, features: [row] }, DEFAULTS);
    assert.equal(shown.tone, "good");
    assert.equal(featureTone(row, currentFindings(state.open)), "none");
    assert.equal(featureTone(BROKEN, []), "bad");
    assert.equal(severityOf(BROKEN, []), "critical");
  });

  it("of a memory without a tick says that nothing is known", () => {
    assert.equal(headlineOf(newState("healthy", at(0)), DEFAULTS).tone, "none");
  });

  it("speaks of the gateway's models where the default model goes another way", () => {
    const state = memory("degraded", "degraded");
    assert.ok(state.last);
    const connection: NonNullable<typeof state.last.connection> = {
      ...{
        settings: "workspace" as const,
        resource_path: null,
        base_url: null,
        secret_path: null,
        default_model: null,
      },
      ...{ metadata_model: null, schedule: null, default_elsewhere: "openai:gpt-4o" },
    };
    const { title, was, says } = headlineOf({ ...state, last: { ...state.last, connection } }, DEFAULTS);
    assert.equal(title, "The gateway's models have a problem");
    assert.equal(was, "The gateway's models had a problem");
    assert.match(says.join(" "), /The default model, openai:gpt-4o, does not go through the gateway/);
  });

  it("has times that each page writes in its own way", () => {
    assert.equal(
      withTimes(`Since {${at(1)}}, {no time}.`, (one) => String(Date.parse(one) - START)),
      `Since 300000, {no time}.`,
    );
  });
});
