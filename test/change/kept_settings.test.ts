import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { isKept, keysAtRisk, keysLost } from "../../src/change/kept_settings.ts";

const known = {
  providers: { openai: { resource_path: "u/a/b", models: ["gpt-4o"], web_search_enabled: true } },
  default_model: { provider: "openai", model: "gpt-4o" },
  custom_prompts: { anything: "Be kind." },
  max_tokens_per_model: { "openai:gpt-4o": 4096 },
};
const newer = {
  ...known,
  providers: { openai: { ...known.providers.openai, pricing: { input: 1 } } },
  default_model: { ...known.default_model, reasoning: "high" },
  context_window_per_model: { "openai:gpt-4o": 128_000 },
};

describe("settings that a server has stored", () => {
  it("may lack what a newer Windmill has written, and nothing else", () => {
    assert.deepEqual(keysAtRisk(known), []);
    assert.deepEqual(keysAtRisk(newer), [
      "context_window_per_model",
      "providers.openai.pricing",
      "default_model.reasoning",
    ]);
    assert.deepEqual(keysLost(known, newer), keysAtRisk(newer));
    assert.equal(isKept(known, newer), true);
    assert.equal(isKept(newer, newer), true);
  });

  const others: { it: string; stored: Record<string, unknown> }[] = [
    { it: "a provider is gone", stored: { ...known, providers: {} } },
    { it: "a prompt is gone", stored: { ...known, custom_prompts: {} } },
    { it: "a limit is gone", stored: { ...known, max_tokens_per_model: {} } },
    { it: "the default model is gone", stored: { ...known, default_model: undefined } },
    { it: "a model is another one", stored: { ...known, default_model: { provider: "openai", model: "gpt-5" } } },
    { it: "something was added", stored: { ...known, metadata_model: known.default_model } },
  ];
  for (const { it: title, stored } of others) {
    it(`are not the wanted ones when ${title}`, () => assert.equal(isKept(stored, newer), false));
  }
});
