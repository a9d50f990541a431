import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Certificate } from "../../src/core/certificate.ts";
import type { ModelRow } from "../../src/core/shapes.ts";
import { type Ahead, lookAhead, type Seen } from "../../src/health/ahead.ts";
import { emptyHistory, type History } from "../../src/health/history.ts";
import { keepTick, readHistory } from "../../src/health/history_keep.ts";
import { LISTED_LIMIT } from "../../src/health/listed.ts";
import { dueNotices, newModels, withNotice } from "../../src/health/notices.ts";
import { newState } from "../../src/health/state.ts";
import { finding } from "../tell/alert_fixture.ts";
import { DAY, HOUR, iso, MINUTE, START } from "./health_fixture.ts";

/** What the memory foresees, from what ticks saw. */

const model = (id: string, change: Partial<ModelRow> = {}): ModelRow => ({
  ...{ id, configured: true, is_default: false, is_metadata: false, served: true },
  ...{ server: "not-tested", worker: "not-tested", ms: null },
  ...change,
});
const seen = (at: number, change: Partial<Seen> = {}): Seen => ({
  at: iso(at),
  base_url: "https://gw.example.com/v1",
  models: [model("gpt-6-luna")],
  findings: [],
  ...change,
});
const codes = ({ findings }: Ahead): string[] => findings.map(({ code }) => code);

describe("a limit that will be reached", () => {
  const climbing = (hours: number, whose: "key" | "pool" = "key"): Ahead => {
    let ahead: Ahead = { history: emptyHistory(), findings: [], fresh: [] };
    for (let hour = 0; hour < hours; hour++) {
      const at = START + hour * HOUR;
      const reset_at = iso(START + 7 * DAY);
      const use = { whose, type: "total_tokens", window: "weekly", max: 1_000_000, used: hour * 12_500, reset_at };
      ahead = lookAhead(ahead.history, seen(at, { limits: [use] }), []);
    }
    return ahead;
  };

  it("is a warning for the gateway's operator that says when, how sure, and what to ask for", () => {
    assert.deepEqual(codes(climbing(12)), []);
    const [found] = climbing(50).findings;
    assert.equal(found?.code, "key-limit-foreseen");
    assert.deepEqual([found?.severity, found?.owner], ["warning", "gateway-operator"]);
    // 80 hours after the beginning.
    assert.equal(found?.title, "The key's limit of tokens (weekly) will be reached about 2026-03-04 08:00 UTC");
    assert.match(found?.cause ?? "", /^61 % is used; .* It begins anew 2026-03-08 00:00 UTC\./);
    assert.match(found?.cause ?? "", /likely/);
    assert.match(found?.remedy[0] ?? "", /more than 2,1\d0,000/);
    assert.doesNotMatch(JSON.stringify(found), /\{\w+\}/);
  });

  it("is the pool's where it is the pool's", () => assert.deepEqual(codes(climbing(50, "pool")), ["quota-foreseen"]));

  it("is kept with the history, and comes back from what is stored", () => {
    const { history } = climbing(50);
    const stored: unknown = JSON.parse(JSON.stringify(history));
    assert.deepEqual(readHistory(stored), { value: history, repairs: [] });
    const ticked = keepTick(history, {
      ...{ at: iso(START), status: "healthy", depth: "free", ms: 1, tokens: 0, answers: [] },
    });
    assert.deepEqual(ticked.limits, history.limits);
    const damaged = { ...history, ticks: "gone" };
    assert.deepEqual(readHistory(damaged).value.limits, history.limits);
    assert.equal(readHistory({ ...history, limits: [{ whose: "nobody's" }] }).value.limits, undefined);
  });
});

describe("a certificate", () => {
  const ends = START + 20 * DAY;
  const certificate: Certificate = {
    ...{ host: "gw.example.com", ends_at: iso(ends), issuer: "Example CA", seen_at: iso(START) },
  };
  const first = lookAhead(emptyHistory(), seen(START, { certificate }), []);

  it("is a warning from 14 days before its end on, whether or not a check looked at it again", () => {
    assert.deepEqual(codes(first), []);
    assert.deepEqual(codes(lookAhead(first.history, seen(ends - 15 * DAY), [])), []);
    const later = lookAhead(first.history, seen(ends - 13 * DAY - HOUR), []);
    assert.equal(later.findings[0]?.title, "The certificate of gw.example.com ends in 13 days");
    assert.match(later.findings[0]?.cause ?? "", /ends on 2026-03-21 00:00 UTC/);
    // When it has ended, the requests say so.
    assert.deepEqual(codes(lookAhead(first.history, seen(ends + HOUR), [])), []);
  });

  it("is said once where the check says it too", () => {
    const said = [finding({ code: "certificate-ends-soon", severity: "warning" })];
    assert.deepEqual(codes(lookAhead(first.history, seen(ends - DAY, { findings: said }), [])), [
      "certificate-ends-soon",
    ]);
  });

  it("is over when it was renewed, and says nothing of another host", () => {
    const renewed = { ...certificate, ends_at: iso(ends + 90 * DAY) };
    assert.deepEqual(codes(lookAhead(first.history, seen(ends - DAY, { certificate: renewed }), [])), []);
    const moved = seen(ends - DAY, { base_url: "https://other.example.com/v1" });
    assert.deepEqual(codes(lookAhead(first.history, moved, [])), []);
  });
});

describe("the gateway's list", () => {
  const lists = (history: History, at: number, ids: readonly string[], more: Partial<Seen> = {}): Ahead =>
    lookAhead(history, seen(at, { models: ids.map((id) => model(id, { configured: false })), ...more }), []);
  const first = lists(emptyHistory(), START, ["gpt-6-luna", "gpt-6-terra"]);

  it("has nothing new in it the first time, and each model once after that", () => {
    assert.deepEqual(first.fresh, []);
    const second = lists(first.history, START + HOUR, ["gpt-6-luna", "GPT-6-Terra", "gpt-6-sol"]);
    assert.deepEqual(second.fresh, ["gpt-6-sol"]);
    // Accounts rest and come back.
    const third = lists(second.history, START + 2 * HOUR, ["gpt-6-luna"]);
    assert.deepEqual(lists(third.history, START + 9 * DAY, ["gpt-6-luna", "gpt-6-sol", "gpt-6-terra"]).fresh, []);
  });

  it("says nothing where it could not be read, of another gateway, or when it is too long to follow", () => {
    assert.deepEqual(lookAhead(first.history, seen(START + HOUR, { models: [] }), []).fresh, []);
    const elsewhere = lists(first.history, START + HOUR, ["a", "b"], { base_url: "https://other.example.com/v1" });
    assert.deepEqual(elsewhere.fresh, []);
    const many = Array.from({ length: LISTED_LIMIT + 1 }, (_, index) => `m${index}`);
    const long = lists(first.history, START + HOUR, many);
    assert.deepEqual([long.fresh, long.history.listed], [[], undefined]);
    const full = lists(emptyHistory(), START, many.slice(1));
    assert.ok(JSON.stringify(full.history).length < 15_000);
  });

  it("tells of a model that has left it and still answers, instead of that it is not served", () => {
    const luna = model("gpt-6-luna", { served: false });
    const models = [luna, model("gpt-6-terra")];
    const evidence = [{ route: null, model: "gpt-6-luna", status: null, excerpt: "" }];
    const findings = [finding({ code: "model-not-served", severity: "warning", evidence })];
    const known = [model("gpt-6-luna", { server: "ok" })];
    const left = lookAhead(first.history, seen(START + HOUR, { models, findings }), known);
    assert.deepEqual(codes(left), ["model-leaving"]);
    assert.equal(left.findings[0]?.title, "gpt-6-luna has left the gateway's list and still answers");
    assert.match(left.findings[0]?.remedy[0] ?? "", /gpt-6-terra/);
    // It stays said while it stays so, and one that does not answer is gone.
    assert.deepEqual(codes(lookAhead(left.history, seen(START + DAY, { models, findings }), known)), ["model-leaving"]);
    const failed = [model("gpt-6-luna", { server: "failed" })];
    assert.deepEqual(codes(lookAhead(first.history, seen(START + HOUR, { models, findings }), failed)), [
      "model-not-served",
    ]);
    // One that was never listed is somebody's choice.
    const alias = [model("our-alias", { served: false }), model("gpt-6-luna"), model("gpt-6-terra")];
    const answering = [model("our-alias", { server: "ok" })];
    assert.deepEqual(codes(lookAhead(first.history, seen(START + HOUR, { models: alias }), answering)), []);
  });
});

describe("a notice of new models", () => {
  const pages = { pages_url: "https://windmill.example.com", workspace: "team" };
  const at = iso(START);

  it("names them, and leads to a form that enables them beside those that are enabled", () => {
    const models = [model("gpt-6-luna"), model("gpt-6-sol", { configured: false })];
    const notice = newModels(["gpt-6-sol"], models, at, true, pages);
    assert.equal(notice?.title, "The gateway now serves gpt-6-sol");
    const url = new URL(notice?.link?.url ?? "");
    assert.equal(url.pathname, "/scripts/get/f/codex_pooler/connect");
    assert.deepEqual(JSON.parse(new URLSearchParams(url.hash.slice(1)).get("models") ?? ""), [
      "gpt-6-luna",
      "gpt-6-sol",
    ]);
    assert.equal(newModels([], models, at, true, pages), null);
    assert.equal(newModels(["GPT-6-luna"], models, at, true, pages), null);
  });

  it("is told once, within a day, and not at all to those who do not want it", () => {
    const told = newModels(["a"], [], at, true, pages);
    const quiet = newModels(["b"], [], iso(START + MINUTE), false, pages);
    assert.ok(told && quiet);
    const state = [told, told, quiet].reduce(withNotice, newState("healthy", at));
    assert.equal(state.notices.length, 2);
    assert.deepEqual(
      dueNotices(state, START + HOUR).map(({ title }) => title),
      ["The gateway now serves a"],
    );
    assert.deepEqual(dueNotices(state, START + 2 * DAY), []);
  });
});

describe("answers against their own last seven days", () => {
  const life = (times: (hour: number) => number, hours: number): History => {
    let history = emptyHistory();
    for (let hour = 0; hour < hours; hour++) {
      const ms = times(hour);
      history = keepTick(history, {
        ...{ at: iso(START + hour * HOUR), status: "healthy", depth: "chat", ms: 40, tokens: 10 },
        answers: [{ model: "gpt-6-luna", ms }],
      });
    }
    return history;
  };
  const at = (history: History, hour: number): string[] => codes(lookAhead(history, seen(START + hour * HOUR), []));

  it("are worth a word, and no more, when they are clearly slower", () => {
    const history = life((hour) => (hour < 200 ? 1_000 + (hour % 5) * 100 : 3_000), 206);
    const { findings } = lookAhead(history, seen(START + 205 * HOUR), []);
    assert.deepEqual(
      findings.map(({ code, severity }) => [code, severity]),
      [["slower-than-it-was", "info"]],
    );
    assert.match(findings[0]?.cause ?? "", /took 3\.\d s or longer/);
  });

  it("are not when they vary as before, when it is short, small, or too little is known", () => {
    assert.deepEqual(
      at(
        life((hour) => 1_000 + (hour % 7) * 400, 206),
        205,
      ),
      [],
    );
    assert.deepEqual(
      at(
        life((hour) => (hour < 204 ? 1_000 : 5_000), 206),
        205,
      ),
      [],
    );
    assert.deepEqual(
      at(
        life((hour) => (hour < 200 ? 200 : 400), 206),
        205,
      ),
      [],
    );
    assert.deepEqual(
      at(
        life((hour) => (hour < 20 ? 1_000 : 5_000), 30),
        29,
      ),
      [],
    );
    // After a week it is as it is.
    assert.deepEqual(
      at(
        life((hour) => (hour < 200 ? 1_000 : 3_000), 400),
        399,
      ),
      [],
    );
  });
});
