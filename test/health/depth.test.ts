import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { PROBE_DEPTH } from "../../src/core/shapes.ts";
import { chooseDepth, type DepthQuestion } from "../../src/health/depth.ts";
import { wishOfCheck } from "../../src/health/due.ts";
import type { HealthState } from "../../src/health/state.ts";
import { takeTick } from "../../src/health/tick.ts";
import { fingerprintOf } from "../../src/observe/fingerprint.ts";
import type { Observation } from "../../src/observe/observe.ts";
import { FEATURE_PROBES } from "../../src/probe/feature_probes.ts";
import type { Windmill } from "../../src/windmill/windmill.ts";
import { DAY, DEFAULTS, HOUR, iso, MINUTE, START, type Trouble, tick } from "./health_fixture.ts";

/** How deep a tick looks. */

const TOOLS_ILL: Trouble = { code: "tools-ignored", seen: "tools" };
const CHAT_ILL: Trouble = { code: "quota-gone", seen: "chat" };

/** A memory of checks, each minutes before START, at a depth and with what was wrong. */
const memory = (
  ...checks: [minutes: number, depth: "free" | "chat" | "features", troubles?: Trouble[]][]
): HealthState => {
  const state = checks.reduce(
    (one: HealthState | null, [minutes, depth, troubles = []]) =>
      takeTick(one, tick(START - minutes * MINUTE, troubles, { depth }), DEFAULTS),
    null,
  );
  assert.ok(state);
  return state;
};

const depthOf = (state: HealthState | null, change: Partial<DepthQuestion> = {}): string =>
  chooseDepth({ memory: state, fingerprint: "settings", now: START, chat_every: 60, ...change }).depth;

const WELL = memory([300, "features"], [20, "chat"], [5, "free"]);

describe("the depth of a tick is", () => {
  const cases: [title: string, depth: string, wanted: string][] = [
    ["features where nothing is known", depthOf(null), "features"],
    ["free where nothing has changed", depthOf(WELL), "free"],
    ["chat where the models were asked an hour ago", depthOf(WELL, { now: START + 40 * MINUTE }), "chat"],
    ["chat a few seconds before the hour is over", depthOf(WELL, { now: START + 40 * MINUTE - 20_000 }), "chat"],
    ["free before that", depthOf(WELL, { now: START + 35 * MINUTE }), "free"],
    ["chat as often as is wanted", depthOf(WELL, { chat_every: 15 }), "chat"],
    ["chat after an edit", depthOf(memory([50, "features"], [5, "free"]), { fingerprint: "others" }), "chat"],
    [
      "features after an edit where they were not tried within the hour",
      depthOf(WELL, { fingerprint: "others" }),
      "features",
    ],
    ["free where the settings could not be read", depthOf(WELL, { fingerprint: "" }), "free"],
    [
      "features after an edit while what features send is known to fail, however short ago it was tried",
      depthOf(memory([300, "features", [TOOLS_ILL]], [5, "features", [TOOLS_ILL]]), { fingerprint: "others" }),
      "features",
    ],
    [
      "free while the gateway is down, whatever fails behind it",
      depthOf(memory([55, "features", [TOOLS_ILL]], [40, "free", [{ code: "x" }]], [5, "free", [{ code: "x" }]])),
      "free",
    ],
    ["features after a day", depthOf(WELL, { now: START + DAY }), "features"],
    [
      "chat where the status is about to change",
      depthOf(memory([300, "features"], [10, "chat"], [5, "free", [{ code: "x" }]])),
      "chat",
    ],
    ["chat where models failed just now", depthOf(memory([300, "features"], [5, "chat", [CHAT_ILL]])), "chat"],
    [
      "chat where models failed long ago and were asked 15 minutes ago",
      depthOf(memory([900, "features"], [600, "chat", [CHAT_ILL]], [15, "chat", [CHAT_ILL]], [5, "free"])),
      "chat",
    ],
    [
      "free where they were asked 5 minutes ago",
      depthOf(memory([900, "features"], [600, "chat", [CHAT_ILL]], [595, "chat", [CHAT_ILL]], [5, "chat", [CHAT_ILL]])),
      "free",
    ],
    [
      "features where what features send failed just now",
      depthOf(memory([300, "chat"], [5, "features", [{ code: "cut", seen: "stream", severity: "warning" }]])),
      "features",
    ],
    [
      "chat where the gateway gives no model list",
      depthOf(
        memory(
          [300, "features"],
          [10, "chat", [{ code: "models-list-unavailable", severity: "warning" }]],
          [5, "chat", [{ code: "models-list-unavailable", severity: "warning" }]],
        ),
      ),
      "chat",
    ],
  ];
  for (const [title, depth, wanted] of cases) it(`${title}: ${wanted}`, () => assert.equal(depth, wanted));

  it("not features once a day while people are refused: that would say nothing new", () => {
    const down = memory([1500, "features"], [10, "chat", [{ code: "x" }]], [5, "chat", [{ code: "x" }]]);
    assert.equal(depthOf(down), "free");
    assert.equal(depthOf(down, { now: START + HOUR }), "chat");
    assert.equal(depthOf(memory([10, "chat", [{ code: "x" }]], [5, "chat", [{ code: "x" }]])), "free");
  });
});

describe("while runs are not remembered, of a day's ticks", () => {
  const frozen = takeTick(null, tick(START, [], { depth: "features" }), DEFAULTS);
  for (const [what, state] of [
    ["a memory that stands still", frozen],
    ["no memory at all", null],
  ] as const) {
    it(`with ${what}, one asks what features send and 24 ask the models at most`, () => {
      const depths: Record<string, number> = {};
      const from = START + 2 * DAY;
      for (let now = from; now < from + DAY; now += 5 * MINUTE) {
        const unremembered = iso(now - 5 * MINUTE);
        const depth = depthOf(state, { now, unremembered });
        depths[depth] = (depths[depth] ?? 0) + 1;
      }
      assert.deepEqual(depths, { features: 1, chat: 23, free: 264 });
    });
  }
});

it("every kind of probe has the depth that its row says", () => {
  for (const { kind, depth } of FEATURE_PROBES) assert.equal(PROBE_DEPTH[kind], depth, kind);
});

describe("the fingerprint", () => {
  const observation = (base_url: string, models: string[], at = 1) =>
    ({
      settings: { effective: { providers: { customai: { models } } }, source: "workspace" },
      resource: {
        state: "ok",
        path: "u/a/b",
        value: { api_key: "sk-secret", base_url },
        base_url,
        headers: {},
        key: { kind: "literal", prefix: "sk-" },
        rest: {},
      },
      secret: null,
      intent: { at },
    }) as unknown as Observation;

  it("changes with the settings, the resource and the intent, and with nothing else", async () => {
    const base = await fingerprintOf(observation("https://a/v1", ["m"]));
    assert.match(base, /^[0-9a-f]{16}$/);
    assert.equal(await fingerprintOf(observation("https://a/v1", ["m"])), base);
    assert.notEqual(await fingerprintOf(observation("https://b/v1", ["m"])), base);
    assert.notEqual(await fingerprintOf(observation("https://a/v1", ["m", "n"])), base);
    assert.notEqual(await fingerprintOf(observation("https://a/v1", ["m"], 2)), base);
  });
});

it("a depth that somebody asks for is taken, whatever is due", () => {
  const nobody = undefined as unknown as Windmill;
  assert.deepEqual(wishOfCheck(nobody, { depth: "chat", chat_every: 60 }), { depth: "chat" });
});
