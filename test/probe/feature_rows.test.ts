import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Feature, FeatureRow } from "../../src/core/features.ts";
import type { Probe, ProbeKind, Route } from "../../src/core/shapes.ts";
import { viewSettings } from "../../src/observe/ai_settings.ts";
import { FEATURE_PROBES } from "../../src/probe/feature_probes.ts";
import { FEATURES, featureModel, featureRows, featuresOf } from "../../src/probe/feature_rows.ts";

const SETTINGS = {
  providers: { customai: { resource_path: "u/admin/pool", models: ["gpt-5.5", "gpt-6-luna"] } },
  default_model: { provider: "customai", model: "gpt-5.5" },
  metadata_model: { provider: "customai", model: "gpt-6-luna" },
};

function probe(kind: ProbeKind, model: string | null, more: Partial<Probe> = {}): Probe {
  const route: Route = kind.startsWith("agent") ? "worker" : "server";
  const ok = more.ok ?? true;
  const base = { candidate: false, status: ok ? 200 : 400, ms: 5, code: ok ? null : "some-code", excerpt: "" };
  return { id: `${route}:${kind}:${model}`, kind, route, model, ok, ...base, ...more };
}

/** What a check at depth `features` sends for {@link SETTINGS}, all of it answered well. */
const ALL_GOOD: Probe[] = [
  probe("models", null),
  probe("chat", "gpt-5.5"),
  probe("chat", "gpt-6-luna"),
  probe("metadata", "gpt-6-luna"),
  probe("summary", "gpt-6-luna"),
  probe("stream", "gpt-5.5"),
  probe("tools", "gpt-5.5"),
  probe("large", "gpt-5.5"),
  probe("strict-tools", "gpt-5.5"),
  probe("agent", "gpt-5.5"),
  probe("agent-tools", "gpt-5.5"),
  probe("agent-schema", "gpt-5.5"),
  probe("agent-temperature", "gpt-5.5"),
  probe("agent-max-tokens", "gpt-5.5"),
];

function rows(probes: Probe[], settings: Record<string, unknown> = SETTINGS): Record<string, FeatureRow> {
  const all = featureRows(probes, viewSettings(settings));
  for (const row of all) FeatureRow.parse(row);
  return Object.fromEntries(all.map((row) => [row.feature, row]));
}

const states = (all: Record<string, FeatureRow>) =>
  Object.fromEntries(Object.entries(all).map(([feature, { state }]) => [feature, state]));

/** ALL_GOOD, but one probe failed. */
const failing = (kind: ProbeKind, model: string | null) =>
  ALL_GOOD.map((one) => (one.kind === kind && one.model === model ? probe(kind, model, { ok: false }) : one));

describe("featureRows", () => {
  it("has a row for every feature, and every need is a probe that takes the feature's route", () => {
    assert.deepEqual(Object.keys(rows([])), Feature.options);
    for (const { feature, route, needs } of FEATURES) {
      for (const { kind } of needs) {
        const row = FEATURE_PROBES.find((one) => one.kind === kind);
        assert.ok(row, kind);
        assert.ok(row.routes.includes(route), `${feature}: ${kind}`);
        assert.ok(featuresOf([kind]).includes(feature), `${feature}: ${kind}`);
      }
    }
  });

  it("says works only for what was asked and answered in full", () => {
    const { "code completion": completion, ...rest } = states(rows(ALL_GOOD));
    assert.deepEqual(new Set(Object.values(rest)), new Set(["works"]));
    assert.equal(completion, "not-tested");
    assert.ok(
      Object.values(states(rows([probe("models", null), probe("chat", "gpt-5.5")]))).every(
        (one) => one === "not-tested",
      ),
    );
    const partly = rows(ALL_GOOD.filter(({ kind }) => kind !== "stream")).chat;
    assert.equal(partly?.state, "not-tested");
    assert.match(partly?.why ?? "", /Not asked for: a streamed answer with gpt-5\.5.*Worked: a tool call/);
  });

  it("breaks the features of the model and the shape that failed, and no others", () => {
    const broken = (all: Record<string, FeatureRow>) =>
      Object.values(all)
        .filter(({ state }) => state === "broken")
        .map(({ feature }) => feature);
    assert.deepEqual(broken(rows(failing("tools", "gpt-5.5"))), ["chat", "AI sessions", "fix", "form filling"]);
    assert.deepEqual(broken(rows(failing("metadata", "gpt-6-luna"))), ["summaries and metadata", "form filling"]);
    assert.deepEqual(broken(rows(failing("stream", "gpt-5.5"))), ["chat"]);
    assert.deepEqual(broken(rows(failing("agent", "gpt-5.5"))), ["agent steps"]);
    assert.deepEqual(broken(rows(failing("strict-tools", "gpt-5.5"))), ["flow chat with optional inputs"]);
    const row = rows(failing("tools", "gpt-5.5")).chat;
    assert.equal(row?.code, "some-code");
    assert.match(row?.why ?? "", /gpt-5\.5 failed over the server route \(some-code\)/);
  });

  it("breaks a model's features where a plain completion already fails, without having asked for more", () => {
    const all = rows([probe("models", null), probe("chat", "gpt-6-luna", { ok: false }), probe("chat", "gpt-5.5")]);
    assert.equal(all["summaries and metadata"]?.state, "broken");
    assert.equal(all.chat?.state, "not-tested");
    assert.equal(all["agent steps"]?.state, "not-tested", "the server route says nothing about the worker's");
    const worker = rows([probe("chat", "gpt-5.5", { ok: false, route: "worker" })]);
    assert.equal(worker["agent steps"]?.state, "broken");
    assert.equal(worker.chat?.state, "not-tested");
  });

  it("mentions a model list that failed, and counts no candidate", () => {
    const all = rows([probe("models", null, { ok: false, code: "key-missing" })]);
    assert.equal(all.chat?.state, "not-tested");
    assert.match(all.chat?.why ?? "", /list of models already failed over the server route \(key-missing\)/);
    assert.equal(rows(ALL_GOOD.map((one) => ({ ...one, candidate: true }))).chat?.state, "not-tested");
  });

  it("leaves another provider's features alone, and says when Windmill has no model to ask", () => {
    const other = rows(ALL_GOOD, { ...SETTINGS, default_model: { provider: "anthropic", model: "x" } });
    assert.equal(other.chat?.state, "not-tested");
    assert.match(other.chat?.why ?? "", /"anthropic"/);
    assert.equal(other["summaries and metadata"]?.state, "works");
    const none = rows([], {}).chat;
    assert.deepEqual([none?.state, none?.code], ["broken", "no-default-model"]);
  });

  it("never promises code completion, and says so plainly when it is set on this provider", () => {
    const set = rows(ALL_GOOD, { ...SETTINGS, code_completion_model: { provider: "customai", model: "gpt-5.5" } });
    const row = set["code completion"];
    assert.deepEqual([row?.state, row?.code], ["broken", "code-completion-on-customai"]);
    assert.match(row?.why ?? "", /^Will not work/);
    const elsewhere = rows(ALL_GOOD, {
      ...SETTINGS,
      code_completion_model: { provider: "mistral", model: "codestral" },
    });
    assert.equal(elsewhere["code completion"]?.state, "not-tested");
    assert.match(elsewhere["code completion"]?.why ?? "", /"mistral"/);
  });

  it("says that a workspace hides the features, which agent steps do not care about", () => {
    const hidden = rows(ALL_GOOD, { ...SETTINGS, copilot_disabled: true });
    assert.deepEqual([hidden.chat?.state, hidden.chat?.code], ["broken", "ai-disabled"]);
    assert.equal(hidden["agent steps"]?.state, "works");
  });
});

describe("featureModel", () => {
  it("follows Windmill's order: the role's setting, the default model, the first model of the first provider", () => {
    const choose = (settings: Record<string, unknown>, role: "chat" | "metadata") =>
      featureModel(viewSettings(settings), role);
    const { metadata_model: _unset, ...withoutMetadata } = SETTINGS;
    assert.deepEqual(choose(SETTINGS, "metadata"), { model: "gpt-6-luna" });
    assert.deepEqual(choose(withoutMetadata, "metadata"), { model: "gpt-5.5" });
    assert.deepEqual(choose({ providers: SETTINGS.providers }, "chat"), { model: "gpt-5.5" });
    const two = { openai: { resource_path: "u/a/b", models: ["gpt"] }, ...SETTINGS.providers };
    assert.deepEqual(choose({ providers: two }, "chat"), { provider: "openai" });
  });
});
