import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { fitting, isShowable } from "../../src/core/fitting.ts";
import { type CheckReport, finish } from "../../src/core/report.ts";
import type { Finding, ModelRow, Probe } from "../../src/core/shapes.ts";
import { failureMessage, HealthReport, inShort, lineOf } from "../../src/health/report.ts";
import { currentFindings } from "../../src/health/state.ts";
import { viewHealth } from "../../src/health/view.ts";
import { renderHealth } from "../../src/pages/health.ts";
import { renderCheck } from "../../src/pages/report.ts";
import { DAY, every, HOUR, iso, live, START } from "../health/health_fixture.ts";
import { finding } from "../tell/alert_fixture.ts";

/** The report of the health flow, as a page, as a few lines and as a message. */

const DAYS = 12;
const END = START + DAYS * DAY;
const NOW = END - 60_000;
const lived = live({
  ticks: every(15, DAYS),
  troubles: (at) =>
    at > END - 3 * HOUR || (at > START + 4 * DAY && at < START + 5 * DAY) ? [{ code: "gateway-down" }] : [],
});

const model = (id: string): ModelRow => ({
  id,
  configured: true,
  is_default: false,
  is_metadata: false,
  served: true,
  server: "ok",
  worker: "ok",
  ms: 800,
});
const probe = (id: string, ok: boolean): Probe => ({
  id,
  kind: "chat",
  route: "server",
  model: "m",
  candidate: false,
  ok,
  status: ok ? 200 : 400,
  ms: 900,
  code: ok ? null : "quota-exhausted",
  excerpt: ok ? "" : "x".repeat(300),
});

function reportOf(change: Partial<HealthReport> = {}): HealthReport {
  const { state, history } = lived;
  const health = viewHealth(state, history, NOW);
  const findings = change.findings ?? currentFindings(state.open);
  const line = lineOf(health, NOW);
  return {
    ...{ version: 1, now: line, status: state.status, since: state.since, measured: "down", summary: line },
    ...{ workspace: "team", checked_at: iso(NOW), server_version: "CE v1.788.0", depth: "free" },
    connection: {
      ...{ settings: "workspace", resource_path: "u/admin/x", base_url: "https://x/v1", secret_path: null },
      ...{ default_model: null, metadata_model: null, schedule: null },
    },
    ...{ findings, probes: [], models: [model("gpt-5.5")], features: [], standing: [], notes: [], health },
    timings_ms: { observe: 1, probe: 2, slowest_probe: 2, total: 4 },
    tokens: 0,
    kept_bytes: { state: 4_000, history: 50_000 },
    telling: { news: null, afterwards: null, announce: false, fail: false, needed: false },
    what_to_know_and_do: inShort(line, findings, health, []),
    ...change,
  } as HealthReport;
}

describe("the page", () => {
  const page = renderHealth(reportOf());

  it("begins with the status, since when, and what to do", () => {
    const order = [
      "does not work",
      "Since 2026-03-12 21:15 UTC",
      "Title of gateway-down",
      "Let the key use",
      "How it has been",
      "Incidents",
      "Models",
      "Last results",
    ];
    const places = order.map((words) => page.indexOf(words));
    assert.ok(!places.includes(-1), `${places}`);
    assert.deepEqual(
      places,
      [...places].sort((a, b) => a - b),
    );
  });

  it("shows uptimes, percentiles, ages, tokens and the next check", () => {
    assert.match(page, /88\.08 %.*served in 24 hours/s);
    assert.match(page, /p50 \/ p95, 24 h/);
    assert.match(page, /chat<\/td>.*?(min|h|now)/s);
    assert.match(page, /Tokens used by checks: \d+ today/);
    assert.match(page, /Next check: as the schedule says/);
  });

  it("is made of what Windmill's page lets through: no style elements, scripts, handlers or text colours but those of statuses", () => {
    assert.doesNotMatch(page, /<(style|script|iframe|foreignObject)|\son\w+=|javascript:/i);
    const colours = [...page.matchAll(/[;"]color:([^;"]+)/g)].map(([, colour]) => colour);
    assert.deepEqual(
      [...new Set(colours)].sort(),
      ["#16a34a", "#8a8f98", "#d97706", "#dc2626"].filter((one) => colours.includes(one)),
    );
    assert.match(page, /<svg [^>]*role="img"[\s\S]*<title>[^<]+: down<\/title>/);
  });

  it("shows hostile texts as texts", () => {
    const evil = '<img src=x onerror="alert(1)"></svg><script>';
    const bad = finding({ title: evil, cause: evil, remedy: [evil] });
    const html = renderHealth(reportOf({ findings: [bad], models: [model(evil)], notes: [evil], now: evil }));
    assert.ok(!html.includes("<img") && !html.includes("<script"));
    assert.ok(html.includes("&lt;img"));
  });

  it("says what an earlier, deeper check has found", () => {
    const standing = [{ code: "gateway-down", depth: "chat" as const, at: iso(NOW - HOUR) }];
    assert.match(renderHealth(reportOf({ standing })), /Found 1 h ago by a check of depth chat/);
  });
});

describe("a report", () => {
  /** A text that does not compress. */
  const noise = (seed: number, length: number): string => {
    let state = seed;
    const next = () => (state = (state * 48_271) % 2_147_483_647);
    return Array.from({ length }, () => "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdef".charAt(next() % 32)).join("");
  };
  const big = () => {
    const long = (index: number): Finding =>
      finding({
        code: `code-${index}`,
        cause: "c".repeat(600),
        evidence: [1, 2, 3].map((one) => ({
          ...{ route: "server", model: "m".repeat(60), status: 400, excerpt: noise(index * 7 + one, 300) },
        })) as Finding["evidence"],
      });
    return reportOf({
      findings: Array.from({ length: 12 }, (_, index) => long(index)),
      probes: Array.from({ length: 400 }, (_, index) => ({
        ...probe(`server:chat:${index}`, index % 2 === 0),
        excerpt: noise(index + 1, 300),
      })),
      models: Array.from({ length: 60 }, (_, index) => model(`gpt-${index}-${"x".repeat(40)}`)),
    });
  };

  it("that is larger than Windmill shows loses what is missed least, and says so", () => {
    const whole = (one: HealthReport) => ({ ...one, html: renderHealth(one) });
    assert.ok(!isShowable(whole(big())));
    const small = fitting(big(), whole);
    assert.ok(isShowable(whole(small)));
    assert.ok(small.findings.length >= 5);
    assert.match(small.notes.join(), /too big to be shown/);
    assert.deepEqual(HealthReport.parse(small), small);
    assert.ok(isShowable(finish(big(), renderHealth)));
  });

  it("of any other kind does the same", () => {
    const { probes, models, findings } = big();
    const check = {
      ...reportOf(),
      notes: undefined,
      probes,
      models,
      findings,
      summary: "It is down.",
    } as unknown as CheckReport;
    const shown = finish(check, renderCheck);
    assert.ok(isShowable(shown));
    assert.match(shown.summary, /^It is down\. Parts of the report were left out/);
  });

  it("that fits is left as it is, also one of many models that all fail alike", () => {
    const report = reportOf();
    assert.equal(
      fitting(report, (one) => one),
      report,
    );
    const said = "The pool has used up its quota. ".repeat(9);
    const alike = reportOf({
      probes: Array.from({ length: 200 }, (_, index) => ({
        ...probe(`server:chat:model-${index}`, false),
        excerpt: said,
      })),
    });
    assert.ok(JSON.stringify(alike).length > 90_000);
    assert.equal(
      fitting(alike, (one) => ({ ...one, html: renderHealth(one) })),
      alike,
    );
  });

  it("says in a few lines what to know and do, for a terminal", () => {
    const lines = reportOf().what_to_know_and_do;
    assert.match(lines[0] ?? "", /does not work, for 2 h 44 min/);
    assert.match(lines.join("\n"), /- Title of gateway-down\n {2}the operator of the gateway: Let the key use/);
    assert.match(lines.join("\n"), /Up: 24 h 88\.08 %/);
    // Windmill stores keys by their length, so the longest is what a terminal shows last.
    const longest = Object.keys(reportOf({ alert: { delivered: true, targets: [] } })).sort(
      (a, b) => b.length - a.length,
    )[0];
    assert.equal(longest, "what_to_know_and_do");
  });

  it("of a run that fails on purpose has cause and remedy in its first lines", () => {
    const [first, second, third] = failureMessage(reportOf()).split("\n");
    assert.match(first ?? "", /does not work, for/);
    assert.match(second ?? "", /Title of gateway-down: The gateway does not list it/);
    assert.match(third ?? "", /1\. Let the key use/);
  });
});
