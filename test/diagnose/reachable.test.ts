import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import type { Outcome, Probe, ProbeKind } from "../../src/core/shapes.ts";
import { diagnose, type KnownFact } from "../../src/diagnose/collapse.ts";
import { explainText } from "../../src/diagnose/explain.ts";
import { factsOf, slowModels } from "../../src/diagnose/facts.ts";
import { classify } from "../../src/diagnose/match.ts";
import { valuesFor } from "../../src/diagnose/templates.ts";
import { usageFacts } from "../../src/diagnose/usage.ts";
import { driftOf } from "../../src/observe/drift.ts";
import type { ProbedOutcome } from "../../src/probe/probed.ts";
import {
  judgeAccepted,
  judgeCompletion,
  judgeModels,
  judgeStream,
  judgeToolCall,
  type Verdict,
} from "../../src/probe/replies.ts";
import { TABLE } from "../../src/table/table.ts";
import { intentWith, observationOf, PATH, SCHEDULE, type Sketch, settingsWith } from "../world/observations.ts";
import { exampleSignal, outcomeOf } from "./signals.ts";

/** Nothing that a person may read is there for nobody: every row can be raised, every placeholder is filled, every sentence is shown. */

const WITH = (value: object): Sketch => ({
  value: { base_url: "https://gw.example.com/v1", api_key: `$var:${PATH}`, headers: {}, ...value },
});

/** Workspaces, by the code that is read in their settings, resource, secret or schedule. */
const WORKSPACES: Readonly<Record<string, Sketch>> = {
  "ai-not-configured": { own: {} },
  "provider-missing": { own: { providers: { openai: { resource_path: "u/a/b", models: [] } } } },
  "settings-unreadable": { own: settingsWith(), effective: {} },
  "own-settings-ignored": {
    own: settingsWith(),
    effective: { providers: { openai: { resource_path: "u/a/b", models: ["m"] } } },
    source: "instance",
  },
  "connection-not-understood": { own: settingsWith({ providers: { customai: { resource: PATH, models: "all" } } }) },
  "settings-not-understood": { own: settingsWith({ max_tokens_per_model: "many" }) },
  "instance-settings-in-use": { own: {}, effective: settingsWith(), source: "instance" },
  "ai-disabled": { own: settingsWith({ copilot_disabled: true }) },
  "no-default-model": { own: settingsWith({ default_model: null }) },
  "no-metadata-model": { own: settingsWith({ metadata_model: null }) },
  "default-model-not-enabled": { own: settingsWith({ default_model: { provider: "customai", model: "other" } }) },
  "default-model-nowhere": { own: settingsWith({ default_model: { provider: "mistral", model: "m" } }) },
  "code-completion-on-customai": {
    own: settingsWith({ code_completion_model: { provider: "customai", model: "gpt-5.5" } }),
  },
  "duplicate-model-id": {
    own: settingsWith({
      providers: {
        customai: { resource_path: PATH, models: ["gpt-5.5"] },
        openai: { resource_path: "u/a/b", models: ["gpt-5.5"] },
      },
    }),
  },
  "resource-missing": { value: null },
  "resource-malformed": { value: ["no object"] },
  "resource-unreadable": { more: { resource: { state: "hidden", path: PATH } } },
  "resource-type-other": { type: "openai" },
  "resource-type-missing": { more: { has_resource_type: false } },
  "key-not-set": WITH({ api_key: "" }),
  "literal-key-in-resource": WITH({ api_key: `sk-cxp-0123456789ab-${"k".repeat(43)}` }),
  "fork-keeps-copy": { more: { workspace: "wm-fork-mine" } },
  "base-url-missing": WITH({ base_url: "" }),
  "base-url-unresolved": WITH({ base_url: "$var:u/a/url" }),
  "base-url-blanks": WITH({ base_url: "https://gw.example.com /v1" }),
  "base-url-not-http": WITH({ base_url: "gw.example.com/v1" }),
  "base-url-credentials": WITH({ base_url: "https://me:word@gw.example.com/v1" }),
  "base-url-query": WITH({ base_url: "https://gw.example.com/v1?x=1" }),
  "base-url-endpoint": WITH({ base_url: "https://gw.example.com/v1/models" }),
  "base-url-no-v1": WITH({ base_url: "https://gw.example.com" }),
  "base-url-slash": WITH({ base_url: "https://gw.example.com/v1/" }),
  "credential-header": WITH({ headers: { authorization: "Bearer x" } }),
  "session-header": WITH({ headers: { "session-id": "1" } }),
  "forbidden-header": WITH({ headers: { host: "other" } }),
  "malformed-header": WITH({ headers: { "a b": "c" } }),
  "readable-header": WITH({ headers: { "x-gateway-secret": "word" } }),
  "secret-missing": { more: { secret: { path: PATH, state: "missing", description: "", shared: false } } },
  "secret-not-secret": { more: { secret: { path: PATH, state: "not-secret", description: "", shared: false } } },
  "secret-shared": { more: { secret: { path: PATH, state: "ok", description: "", shared: true } } },
  "schedule-error": { more: { schedule: { ...SCHEDULE, enabled: false, error: "quota reached" } } },
  "schedule-off": { more: { schedule: { ...SCHEDULE, enabled: false } } },
  "schedule-missing": { more: { schedule: null } },
  "old-key-kept": { more: { old_key: { path: "u/admin/codex_pooler_previous_key" } } },
  "settings-drift": { more: { intent: intentWith({ default_model: "gpt-6-luna" }) } },
};

const SERVED = ["gpt-5.5", "gpt-6-luna"];
const readIn = (sketch: Sketch): string[] => {
  const observation = observationOf(sketch);
  return factsOf(observation, SERVED, driftOf(observation, SERVED)).map(({ code }) => code);
};

/** What is measured, by code. */
const MEASURED: Readonly<Record<string, () => KnownFact[]>> = {
  slow: () => slowModels([{ id: "x", kind: "chat", route: "server", model: "m", ok: true, ms: 11_000 }]),
  "key-limit-below-reservation": () =>
    usageFacts(JSON.stringify({ limits: [limit({ max_value: 100 })] }), new Map([["m", 8_192]])),
  "key-limit-reached": () =>
    usageFacts(JSON.stringify({ limits: [limit({ remaining_value: 1 })] }), new Map([["m", 8_192]])),
};
const limit = (more: object) => ({
  ...{ limit_type: "total_tokens", limit_window: "day", max_value: 1_000_000, remaining_value: 1_000_000 },
  ...more,
});

/** What the list of models and the answers say together. */
const CONTRADICTING: Readonly<Record<string, () => string[]>> = {
  "model-refused": () => {
    const refusal = outcomeOf({ body: JSON.stringify({ error: { message: "no", code: "invalid_model" } }) });
    const answers = [probed("chat", false, refusal), probed("stream", true, outcomeOf({ status: 200 }))];
    return diagnose(answers, [], { served: ["m"] }).findings.map(({ code }) => code);
  },
  "model-unlisted": () => {
    const fact = { code: "model-not-served", seen: "served: other", model: "m" };
    return diagnose([probed("chat", true, outcomeOf({ status: 200 }))], [fact], {}).findings.map(({ code }) => code);
  },
};

/**
 * Raised by a whole check (test/check/stale.test.ts, key.test.ts, invariants.test.ts), by one that could not look (blind.ts), and by the
 * health flow whose memory cannot be written (test/health, test/e2e/health.test.ts).
 */
const ELSEWHERE = ["stale-credentials", "key-malformed", "signs-contradict", "check-failed", "memory-failed"];

const probed = (kind: ProbeKind, ok: boolean, outcome: Outcome, more: Partial<ProbedOutcome> = {}): ProbedOutcome => {
  const probe: Probe = {
    ...{ id: `server:${kind}:m`, kind, route: "server", model: kind === "models" ? null : "m", candidate: false, ok },
    ...{ status: outcome.status, ms: 1, code: null, excerpt: "" },
  };
  return { probe, outcome, ...more };
};

describe("every row of the table", () => {
  it("is raised by something: an answer, a pasted text, or what was read and measured", () => {
    const raised = new Set<string>([
      ...TABLE.flatMap(({ examples }) => examples.map((example) => classify(exampleSignal(example)).code)),
      ...Object.values(WORKSPACES).flatMap(readIn),
      ...Object.values(MEASURED).flatMap((measure) => measure().map(({ code }) => code)),
      ...diagnose(
        [probed("models", false, outcomeOf({ body: "Not Found" })), probed("chat", true, outcomeOf({ status: 200 }))],
        [],
        {},
      ).findings.map(({ code }) => code),
      ...["model-refused", "model-unlisted"].flatMap((code) => CONTRADICTING[code]?.() ?? []),
      ...explainText("Failed to send request: Connection error.").findings.map(({ code }) => code),
      classify(exampleSignal({ body: { error: { message: "Zorp.", code: "x1", type: "x2" } } })).code,
      ...ELSEWHERE,
    ]);
    assert.deepEqual(
      TABLE.map(({ code }) => code).filter((code) => !raised.has(code)),
      [],
    );
  });

  for (const [code, sketch] of Object.entries(WORKSPACES)) {
    it(`says ${code} of the workspace that has it, and not of a sound one`, () => {
      assert.ok(readIn(sketch).includes(code), readIn(sketch).join(", "));
      assert.ok(!readIn({}).includes(code));
    });
  }
  for (const [code, measure] of Object.entries(MEASURED)) {
    it(`says ${code} of what was measured`, () => {
      assert.deepEqual(
        measure().map((fact) => fact.code),
        [code],
      );
    });
  }

  it("finds nothing in a sound workspace", () => {
    assert.deepEqual(readIn({}), []);
  });
});

describe("placeholders", () => {
  const filled = valuesFor({ routes: new Set(), models: [], text: "", location: "" }, {});
  const used = new Set(
    TABLE.flatMap(({ title, cause, remedy }) => [title, cause, ...remedy]).flatMap((text) =>
      [...text.matchAll(/\{(\w{1,30})\}/g)].map(([, name = ""]) => name),
    ),
  );

  it("are all filled, but for the one that curl fills", () => {
    assert.deepEqual(
      [...used].filter((name) => !filled.has(name)),
      ["http_code"],
    );
  });

  it("are all used", () => {
    assert.deepEqual(
      [...filled.keys()].filter((name) => !used.has(name)),
      [],
    );
  });
});

const json = (body: unknown, more: Partial<Outcome> = {}): Outcome =>
  outcomeOf({
    status: 200,
    content_type: "application/json",
    body: typeof body === "string" ? body : JSON.stringify(body),
    ...more,
  });
const sse = (body: string, more: Partial<Outcome> = {}): Outcome =>
  json(body, { content_type: "text/event-stream", ...more });
const frame = (delta: object, finish: string | null = null): string =>
  `data: ${JSON.stringify({ choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`;
const call = (name: string, args: string): string =>
  frame({ tool_calls: [{ index: 0, id: "c", type: "function", function: { name, arguments: args } }] }, "tool_calls");
const tool = (outcome: Outcome): Verdict => judgeToolCall(outcome, "report");

/** Answers with 200 that are none, the kind of probe that meets them, and who judges. */
const BAD_ANSWERS: readonly [ProbeKind, (outcome: Outcome) => Verdict, Outcome][] = [
  ["chat", judgeCompletion, json("<!doctype html><html></html>", { content_type: "text/html" })],
  ["chat", judgeCompletion, json('{"id":', { failure: { kind: "aborted", message: "terminated" } })],
  ["chat", judgeCompletion, json("")],
  ["chat", judgeCompletion, json("ok")],
  ["chat", judgeCompletion, json({ error: { message: "no luck", code: "x" } })],
  ["chat", judgeCompletion, json("[1]")],
  ["chat", judgeCompletion, json({})],
  ["chat", judgeCompletion, json({ id: "x", choices: [] })],
  ["chat", judgeCompletion, json({ choices: [{ message: { content: "" } }] })],
  ["models", judgeModels, json({ models: [] })],
  ["models", judgeModels, json({ data: [] })],
  ["models", judgeModels, json({ data: [{ name: "m" }] })],
  ["stream", judgeStream, sse(`data: ${JSON.stringify({ error: { message: "late trouble", code: "y" } })}\n\n`)],
  ["stream", judgeStream, sse('data: {"choices":[{"del\n\n')],
  ["stream", judgeStream, sse(frame({ content: "o" }), { failure: { kind: "aborted", message: "terminated" } })],
  ["stream", judgeStream, sse("")],
  ["stream", judgeStream, sse(frame({ content: "o" }))],
  ["stream", judgeStream, json(frame({ content: "o" }), { content_type: "text/plain" })],
  ["stream", judgeStream, json({ choices: [{ message: { content: "ok" } }] })],
  ["stream", judgeStream, sse(`${frame({}, "stop")}data: [DONE]\n\n`)],
  ["strict-tools", judgeAccepted, sse(`${frame({}, "stop")}data: [DONE]\n\n`)],
  ["tools", tool, sse(`${frame({}, "stop")}data: [DONE]\n\n`)],
  ["tools", tool, sse(`${frame({ content: "I cannot." }, "stop")}data: [DONE]\n\n`)],
  ["tools", tool, sse(call("other", "{}"))],
  ["tools", tool, sse(call("report", '{"value": "o'))],
];

describe("what is wrong with an answer that says 200", () => {
  const shown = BAD_ANSWERS.map(([kind, judge, outcome]) => {
    const verdict = judge(outcome);
    assert.ok(!verdict.ok, outcome.body);
    const { problem } = verdict;
    const [finding] = diagnose([probed(kind, false, outcome, { problem })], [], {}).findings;
    return { detail: problem.detail, error: problem.error, excerpt: finding?.evidence[0]?.excerpt ?? "" };
  });

  it("stands in the evidence of its finding, in front of what came back", () => {
    for (const { detail, excerpt } of shown) assert.ok(excerpt.startsWith(detail), `${detail} / ${excerpt}`);
  });

  it("is followed by the gateway's own error where there is one, and not by the frames around it", () => {
    const errors = shown.filter(({ error }) => error);
    assert.deepEqual(
      errors.map(({ excerpt }) => excerpt),
      ["an error came with status 200: no luck / x", "the stream carries an error: late trouble / y"],
    );
  });

  it("is said by every sentence that the judges have", () => {
    const source = readFileSync(new URL("../../src/probe/replies.ts", import.meta.url), "utf8");
    const written = [...source.matchAll(/wrong\(\s*"[a-z0-9-]+",\s*(?:outcome\.body[^:]*\? )?"([^"]+)"/g)].map(
      ([, sentence = ""]) => sentence,
    );
    assert.ok(written.length >= 20, `${written.length} sentences found`);
    const said = new Set(shown.map(({ detail }) => detail));
    assert.deepEqual(
      written.filter((sentence) => !said.has(sentence)),
      [],
    );
  });
});
