import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { putBack } from "../../src/change/put_back.ts";
import { sameJson } from "../../src/core/json.ts";

const before = { providers: { openai: { models: ["gpt-4o"] } }, default_model: "openai" };
const after = { providers: { openai: { models: ["gpt-4o"] }, customai: { models: ["a"] } }, default_model: "customai" };

describe("putting a change back", () => {
  const cases: { it: string; now: unknown; value: unknown; conflicts: string[] }[] = [
    { it: "restores what the change found", now: after, value: before, conflicts: [] },
    { it: "leaves alone what is restored already", now: before, value: before, conflicts: [] },
    {
      it: "keeps later work in places that the change did not touch",
      now: { ...after, providers: { ...after.providers, mistral: { models: ["m"] } }, prompt: "Be short." },
      value: { ...before, providers: { ...before.providers, mistral: { models: ["m"] } }, prompt: "Be short." },
      conflicts: [],
    },
    {
      it: "does not overwrite later work in a place that the change did touch",
      now: { ...after, default_model: "mistral" },
      value: { ...before, default_model: "mistral" },
      conflicts: ["default_model"],
    },
    {
      it: "does not remove something new to which somebody has added",
      now: { ...after, providers: { ...after.providers, customai: { models: ["a", "b"] } } },
      value: { ...before, providers: { ...before.providers, customai: { models: ["a", "b"] } } },
      conflicts: ["providers.customai.models"],
    },
  ];
  for (const { it: title, now, value, conflicts } of cases) {
    it(title, () => assert.deepEqual(putBack(now, before, after, false), { value, conflicts }));
  }

  it("overwrites later work when it is told to", () => {
    const { value } = putBack({ ...after, default_model: "mistral" }, before, after, true);
    assert.deepEqual(value, before);
  });

  const settings = fc.dictionary(
    fc.constantFrom("a", "b", "c", "d"),
    fc.oneof(fc.integer({ max: 3 }), fc.array(fc.nat(2), { maxLength: 2 })),
  );

  it("restores any document that nobody has touched since", () => {
    fc.assert(
      fc.property(settings, settings, (was, became) => sameJson(putBack(became, was, became, false).value, was)),
    );
  });

  it("never changes a place that the change did not touch", () => {
    fc.assert(
      fc.property(settings, settings, settings, fc.boolean(), (now, was, became, overwrite) => {
        const value = putBack(now, was, became, overwrite).value as Record<string, unknown>;
        return ["a", "b", "c", "d"].every((key) => !sameJson(was[key], became[key]) || sameJson(value[key], now[key]));
      }),
    );
  });
});
