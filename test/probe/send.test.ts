import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it, type TestContext } from "node:test";
import { parse } from "yaml";
import { KnownSecrets } from "../../src/core/known_secrets.ts";
import { PROVIDER, type SettingsView } from "../../src/observe/ai_settings.ts";
import { notAsked, type ProbeRun, planProbes, sendProbes } from "../../src/probe/send.ts";
import type { Windmill } from "../../src/windmill/windmill.ts";
import { ROOT } from "../../tools/shared/programs.ts";

/** Sending many probes within a limited time, on a clock of its own. */

const windmill = {
  workspace: "team",
  routes: { server: "http://server", worker: "http://worker" },
  authorization: () => ({}),
  secrets: new KnownSecrets(),
} as unknown as Windmill;

const viewOf = (count: number): SettingsView => {
  const models = Array.from({ length: count }, (_, index) => `model-${index}`);
  const first = { provider: PROVIDER, model: "model-0" };
  return {
    providers: [PROVIDER],
    connection: { resource_path: "u/admin/gateway", models },
    default_model: first,
    metadata_model: first,
    code_completion_model: null,
    max_tokens_per_model: {},
    ai_disabled: false,
    unreadable: [],
  };
};

/** A time that passes when everybody waits. `answers` says after how many milliseconds a request is answered; null: never. */
function takeOverTime(t: TestContext, answers: number | null): { now(): number } {
  const real = { fetch: globalThis.fetch, now: performance.now, timeout: AbortSignal.timeout };
  let now = 0;
  const waiting: { at: number; wake: () => void }[] = [];
  let running = true;
  const at = (ms: number, wake: () => void) => waiting.push({ at: now + ms, wake });
  performance.now = () => now;
  AbortSignal.timeout = (ms) => {
    const controller = new AbortController();
    at(ms, () => controller.abort(new DOMException("The operation was aborted due to timeout", "TimeoutError")));
    return controller.signal;
  };
  globalThis.fetch = (_url, init) =>
    new Promise((resolve, reject) => {
      init?.signal?.addEventListener("abort", () => reject(init.signal?.reason));
      const body = { object: "list", data: [], choices: [{ message: { role: "assistant", content: "ok" } }] };
      if (answers !== null) at(answers, () => resolve(Response.json(body)));
    });
  const turn = (): void => {
    if (!running) return;
    waiting.sort((a, b) => a.at - b.at);
    const first = waiting.shift();
    if (first) {
      now = Math.max(now, first.at);
      first.wake();
    }
    setImmediate(turn);
  };
  setImmediate(turn);
  t.after(() => {
    running = false;
    globalThis.fetch = real.fetch;
    performance.now = real.now;
    AbortSignal.timeout = real.timeout;
  });
  return { now: () => now };
}

/** Seconds that Windmill gives the step `check`. */
function limitOfStep(): number {
  const flow = parse(readFileSync(join(ROOT, "f/codex_pooler/health__flow/flow.yaml"), "utf8"));
  return flow.value.modules.find(({ id }: { id: string }) => id === "check").timeout.value;
}

describe("a check of many models", () => {
  const until = 250_000;
  for (const depth of ["chat", "features"] as const) {
    it(`of depth ${depth} ends before Windmill ends its step, though the gateway never answers`, async (t) => {
      const time = takeOverTime(t, null);
      const run: ProbeRun = { depth, view: viewOf(200), candidate: null, until };
      const sent = await sendProbes(windmill, run);
      assert.ok(time.now() <= until && until < (limitOfStep() - 30) * 1000, String(time.now()));
      assert.equal(sent.length + notAsked(run, sent).length, planProbes(run).length);
      assert.ok(notAsked(run, sent).length > 0);
      const late = sent.filter(({ outcome }) => outcome.failure?.kind === "timeout");
      assert.equal(late.length, sent.length);
      // None was called slow for less time than it is promised.
      for (const { probe, outcome } of sent) assert.ok(outcome.ms >= 20_000, probe.id);
      assert.ok(sent.filter(({ probe }) => probe.kind === "chat").every(({ outcome }) => outcome.ms >= 90_000));
      assert.ok(
        sent.some(({ probe }) => probe.model === "model-0"),
        "what people use is asked",
      );
    });
  }

  it("asks all of them where they answer", async (t) => {
    takeOverTime(t, 2_000);
    const run: ProbeRun = { depth: "chat", view: viewOf(200), candidate: null, until };
    const sent = await sendProbes(windmill, run);
    assert.deepEqual(notAsked(run, sent), []);
  });
});
