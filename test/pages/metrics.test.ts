import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { emptyHistory } from "../../src/health/history.ts";
import { acknowledge, planMaintenance } from "../../src/health/silence.ts";
import type { HealthState } from "../../src/health/state.ts";
import { exposition } from "../../src/pages/exposition.ts";
import { metricsText } from "../../src/pages/metrics.ts";
import { HOUR, iso, live, MINUTE, START } from "../health/health_fixture.ts";

/** A life of six hours, in the last of which people are refused. */
const lived = live({
  ticks: Array.from({ length: 72 }, (_, index) => START + index * 5 * MINUTE),
  troubles: (at) => (at >= START + 5 * HOUR ? [{ code: "quota-gone", seen: "chat" }] : []),
});
const NOW = START + 6 * HOUR;
const model = {
  id: "gpt-5.5",
  configured: true,
  is_default: true,
  is_metadata: false,
  served: true,
  server: "failed" as const,
  worker: "ok" as const,
  ms: 850,
  asked_at: iso(NOW - 5 * MINUTE),
};
const state: HealthState = {
  ...lived.state,
  models: [model],
  features: [
    { feature: "chat", state: "broken", why: "", code: "quota-gone", tried_at: iso(NOW) },
    { feature: "agent steps", state: "works", why: "", tried_at: iso(NOW) },
    { feature: "fix", state: "not-tested", why: "", tried_at: null },
  ],
};

/** Series by name and labels. */
function read(text: string): Map<string, number> {
  const series = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  return new Map(
    series.map((line) => [line.slice(0, line.lastIndexOf(" ")), Number(line.slice(line.lastIndexOf(" ")))]),
  );
}

describe("metrics", () => {
  const text = metricsText({ state, history: lived.history, now: NOW });
  const series = read(text);
  it("say what people go by, what was measured last, and when", () => {
    assert.equal(series.get("windmill_ai_up"), 0);
    assert.equal(series.get('windmill_ai_status{status="down"}'), 1);
    assert.equal(series.get('windmill_ai_status{status="healthy"}'), 0);
    assert.equal(series.get('windmill_ai_measured_status{status="down"}'), 1);
    assert.equal(series.get("windmill_ai_last_check_timestamp_seconds"), (NOW - 5 * MINUTE) / 1000);
    assert.equal(series.get("windmill_ai_status_since_timestamp_seconds"), (START + 5 * HOUR) / 1000);
  });

  it("say how each model answered by route, and how long it took, in seconds", () => {
    assert.equal(series.get('windmill_ai_model_up{model="gpt-5.5",route="server"}'), 0);
    assert.equal(series.get('windmill_ai_model_up{model="gpt-5.5",route="worker"}'), 1);
    assert.equal(series.get('windmill_ai_model_answer_seconds{model="gpt-5.5"}'), 0.85);
    assert.equal(series.get('windmill_ai_feature_up{feature="chat"}'), 0);
    assert.equal(series.get('windmill_ai_feature_up{feature="agent steps"}'), 1);
    assert.equal(series.has('windmill_ai_feature_up{feature="fix"}'), false);
  });

  it("count incidents, findings, tokens and the share of time served", () => {
    assert.equal(series.get("windmill_ai_incident"), 1);
    assert.equal(series.get('windmill_ai_incidents{window="24h"}'), 1);
    assert.equal(series.get('windmill_ai_findings{severity="critical"}'), 1);
    assert.equal(series.get('windmill_ai_finding{code="quota-gone",severity="critical",owner="gateway-operator"}'), 1);
    assert.equal(series.get('windmill_ai_check_tokens{window="24h"}'), lived.tokens);
    const share = series.get('windmill_ai_served_ratio{window="7d",maintenance="included"}') ?? 0;
    assert.ok(share > 0.8 && share < 0.85, String(share));
  });

  it("say whether nobody is told on purpose, and why", () => {
    assert.equal(series.get('windmill_ai_silenced{by="maintenance"}'), 0);
    const by = { by: "anna", at: iso(NOW), reason: "" };
    const planned = planMaintenance(
      acknowledge(state, "", by, null).state,
      { from: iso(NOW), until: iso(NOW + HOUR), again: null },
      by,
    );
    const quiet = read(metricsText({ state: planned.state, history: lived.history, now: NOW }));
    assert.equal(quiet.get('windmill_ai_silenced{by="maintenance"}'), 1);
    assert.equal(quiet.get('windmill_ai_silenced{by="acknowledgement"}'), 1);
    const later = read(metricsText({ state: planned.state, history: lived.history, now: NOW - HOUR }));
    assert.equal(later.get("windmill_ai_maintenance_next_timestamp_seconds"), NOW / 1000);
  });

  it("name every metric once, with its help and type in front of its series", () => {
    const names = [...text.matchAll(/^# TYPE (\S+) gauge$/gm)].map(([, name]) => name);
    assert.equal(new Set(names).size, names.length);
    assert.deepEqual(
      [...text.matchAll(/^# HELP (\S+) \S/gm)].map(([, name]) => name),
      names,
    );
    assert.deepEqual(new Set([...series.keys()].map((one) => one.replace(/\{.*/, ""))), new Set(names));
  });

  it("have at most 200 models, whatever a gateway lists, and no series twice", () => {
    const many = Array.from({ length: 900 }, (_, index) => ({
      ...model,
      id: `${"m".repeat(index < 5 ? 500 : 1)}${index}`,
    }));
    const rows = metricsText({ state: { ...state, models: many }, history: emptyHistory(), now: NOW })
      .split("\n")
      .filter((line) => line.startsWith("windmill_ai_model_answer_seconds{"));
    // The first five differ only beyond what a label holds.
    assert.equal(rows.length, 196);
    assert.equal(new Set(rows).size, rows.length);
  });

  it("say of a state that is not there only that", () => {
    const empty = read(metricsText({ state: null, history: emptyHistory(), now: NOW }));
    assert.deepEqual([...empty], [["windmill_ai_watched", 0]]);
  });
});

describe("the text", () => {
  it("escapes what would end a label or a line, and drops what is no number and no text", () => {
    const hostile = 'a"b\\c\nd\ud800{}';
    const samples = [
      { labels: { model: hostile }, value: 1 },
      { labels: { model: "nan" }, value: Number.NaN },
    ];
    assert.equal(
      exposition([
        { name: "x", help: "a\\b\nc", samples },
        { name: "y", help: "", samples: [] },
      ]),
      '# HELP x a\\\\b\\nc\n# TYPE x gauge\nx{model="a\\"b\\\\c\\nd{}"} 1\n',
    );
  });
});
