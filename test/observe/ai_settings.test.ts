import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { asRecord, canonical, differences, sameJson } from "../../src/core/json.ts";
import { configuredModels, viewSettings, withConnection, withoutConnection } from "../../src/observe/ai_settings.ts";

const MINE = { resource_path: "u/admin/codex_pooler_windmill_codegen", models: ["gpt-5.5"] };

/** Settings as other people and other Windmill versions may have left them: any keys, any JSON, plus the known ones. */
const foreignSettings = fc
  .record(
    {
      providers: fc.dictionary(
        fc.constantFrom("openai", "anthropic", "customai", "mistral", "a_new_one"),
        fc.oneof(
          fc.record({ resource_path: fc.string(), models: fc.array(fc.string()) }),
          fc.record({ resource_path: fc.string(), models: fc.array(fc.string()), web_search_enabled: fc.boolean() }),
          fc.jsonValue(),
        ),
      ),
      default_model: fc.record({ provider: fc.constantFrom("openai", "customai"), model: fc.string() }),
      metadata_model: fc.oneof(fc.constant(null), fc.jsonValue()),
      code_completion_model: fc.record({ provider: fc.string(), model: fc.string() }),
      custom_prompts: fc.dictionary(fc.string(), fc.string()),
      max_tokens_per_model: fc.dictionary(fc.string(), fc.nat()),
    },
    { requiredKeys: [] },
  )
  .chain((known) => fc.dictionary(fc.string(), fc.jsonValue()).map((unknown) => ({ ...unknown, ...known })))
  // Settings come from a JSON answer: plain objects only.
  .map((settings) => JSON.parse(JSON.stringify(settings)) as Record<string, unknown>);

/** A copy without the three places that a connection may change. */
function others(settings: Record<string, unknown>): unknown {
  const { default_model: _default, metadata_model: _metadata, providers, ...rest } = settings;
  const { customai: _mine, ...foreign } = { ...(providers as Record<string, unknown> | undefined) };
  return { ...rest, foreign };
}

describe("patching the AI settings", () => {
  it("leaves everything of others bit for bit as it was", () => {
    fc.assert(
      fc.property(foreignSettings, fc.constantFrom(null, "gpt-5.5"), (settings, model) => {
        const before = structuredClone(settings);
        const next = withConnection(settings, { ...MINE, default_model: model, metadata_model: model });
        assert.equal(JSON.stringify(others(next)), JSON.stringify(others(before)));
        assert.deepEqual(settings, before, "the input is not changed in place");
      }),
    );
  });

  it("puts the connection in place and is the same when repeated", () => {
    fc.assert(
      fc.property(foreignSettings, (settings) => {
        const once = withConnection(settings, { ...MINE, default_model: "gpt-5.5", metadata_model: "gpt-5.5" });
        assert.deepEqual(viewSettings(once).connection, MINE);
        assert.deepEqual(viewSettings(once).default_model?.model, "gpt-5.5");
        const twice = withConnection(once, { ...MINE, default_model: "gpt-5.5", metadata_model: "gpt-5.5" });
        assert.ok(sameJson(once, twice));
      }),
    );
  });

  it("keeps unknown keys inside its own provider", () => {
    const next = withConnection(
      { providers: { customai: { resource_path: "u/old/one", models: [], a_new_key: 7 } } },
      { ...MINE, default_model: null, metadata_model: null },
    );
    assert.deepEqual(next, { providers: { customai: { ...MINE, a_new_key: 7 } } });
  });

  it("leaves default and metadata model alone when they are not asked for", () => {
    const settings = { default_model: { provider: "openai", model: "gpt-5" }, metadata_model: null };
    const next = withConnection(settings, { ...MINE, default_model: null, metadata_model: null });
    assert.deepEqual(next.default_model, settings.default_model);
    assert.equal(next.metadata_model, null);
  });

  it("never sets a code completion model", () => {
    const next = withConnection({}, { ...MINE, default_model: "gpt-5.5", metadata_model: "gpt-5.5" });
    assert.ok(!("code_completion_model" in next));
  });
});

describe("taking the connection out of the AI settings", () => {
  const ROLES = ["default_model", "metadata_model", "code_completion_model"] as const;
  /** Settings with no trace of this provider. */
  const withoutOurs = foreignSettings.map((settings: Record<string, unknown>) => {
    const { customai: _ours, ...providers } = asRecord(settings.providers);
    const roles = ROLES.filter((role) => asRecord(settings[role]).provider === "customai");
    const kept = Object.fromEntries(Object.entries(settings).filter(([key]) => !roles.some((role) => role === key)));
    return "providers" in settings ? { ...kept, providers } : kept;
  });

  it("gives back bit for bit what was there before it was put in", () => {
    fc.assert(
      fc.property(withoutOurs, (settings: Record<string, unknown>) => {
        const desired = { ...MINE, default_model: null, metadata_model: null };
        const departure = { default_model: null, metadata_model: null, limits: [] };
        const back = withoutConnection(withConnection(settings, desired), {
          ...departure,
          keep_providers: "providers" in settings,
        });
        assert.deepEqual(back, settings);
      }),
    );
  });

  it("leaves everything of others as it is, whatever stood there", () => {
    fc.assert(
      fc.property(foreignSettings, fc.boolean(), (settings: Record<string, unknown>, keep_providers) => {
        const departure = { default_model: null, metadata_model: null, limits: ["customai:gpt-5.5"], keep_providers };
        const after = withoutConnection(settings, departure);
        const { customai: _ours, ...others } = asRecord(settings.providers);
        assert.deepEqual(asRecord(after.providers), others);
        const changed = new Set<string>(["providers", "max_tokens_per_model", ...ROLES]);
        for (const [key, value] of Object.entries(settings)) if (!changed.has(key)) assert.deepEqual(after[key], value);
        for (const role of ROLES) {
          const own =
            asRecord(settings[role]).provider === "customai" && typeof asRecord(settings[role]).model === "string";
          assert.deepEqual(after[role], own ? undefined : settings[role]);
        }
      }),
    );
  });
});

describe("reading the AI settings", () => {
  it("never fails, and names what it does not understand", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (settings) => {
        viewSettings(settings);
      }),
    );
    const view = viewSettings({ providers: { customai: { resource_path: 3 } }, default_model: "gpt" });
    assert.equal(view.connection, null);
    assert.deepEqual(view.unreadable, ["providers.customai", "default_model"]);
  });

  it("lists each model once: enabled ones first, then default and metadata, of its own provider only", () => {
    const view = viewSettings({
      providers: { customai: { resource_path: "u/a/b", models: ["b", "a", "b"] } },
      default_model: { provider: "customai", model: "c" },
      metadata_model: { provider: "openai", model: "gpt-5" },
    });
    assert.deepEqual(configuredModels(view), ["b", "a", "c"]);
  });
});

describe("comparing JSON", () => {
  it("does not mind the order of keys, but that of lists", () => {
    assert.ok(sameJson({ a: 1, b: { c: [1, 2], d: 2 } }, { b: { d: 2, c: [1, 2] }, a: 1 }));
    assert.ok(!sameJson({ a: [1, 2] }, { a: [2, 1] }));
  });

  it("names the deepest place that differs", () => {
    const before = { providers: { openai: { models: ["x"] }, customai: { models: ["a"] } } };
    const after = { providers: { openai: { models: ["x"] }, customai: { models: ["b"], resource_path: "u/a/b" } } };
    assert.deepEqual(differences(before, after), [
      { path: "providers.customai.models", before: ["a"], after: ["b"] },
      { path: "providers.customai.resource_path", before: undefined, after: "u/a/b" },
    ]);
  });

  it("finds a difference exactly when the canonical texts differ", () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (a, b) => {
        assert.equal(differences(a, b).length === 0, canonical(a) === canonical(b));
      }),
    );
  });
});
