import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { describe, it } from "node:test";
import type { Outcome } from "../../src/core/shapes.ts";
import { toolResultBody, toolsBody } from "../../src/probe/bodies.ts";
import { judgeCompletion, judgeModels, judgeStream, judgeToolCall, readStream } from "../../src/probe/replies.ts";

/** Expectations come from docs/windmill.md and from the recorded answers. */

function outcome(body: unknown, more: Partial<Outcome> = {}): Outcome {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return { status: 200, content_type: "application/json", body: text, truncated: false, ms: 1, ...more };
}

function stream(deltas: readonly object[], end = "data: [DONE]\n\n", more: Partial<Outcome> = {}): Outcome {
  const frames = deltas.map((delta) => `data: ${JSON.stringify({ choices: [{ index: 0, delta }] })}\n\n`);
  return outcome(frames.join("") + end, { content_type: "text/event-stream", ...more });
}

const kind = (verdict: { ok: true } | { ok: false; problem: { kind: string } }) =>
  verdict.ok ? "works" : verdict.problem.kind;

describe("judging the recorded answers", () => {
  it("says what each one is worth", async () => {
    const expected: Record<string, string> = {
      "chat ok": "works",
      "chat html200": "html",
      "chat empty200": "empty-object",
      "chat redirect": "refused",
      "chat emptycontent": "empty-content",
      "chat errorin200": "error-object-in-200",
      "chat keymissing": "refused",
      "models ok": "works",
      "models empty": "empty-list",
      "stream ok": "works",
      "stream streamerror": "error-frame",
      "stream nostream": "not-a-stream",
      "stream tool call": "works",
    };
    const path = new URL("../recordings/ai-proxy.json", import.meta.url);
    const entries = JSON.parse(await readFile(path, "utf8")) as {
      name: string;
      response: { status: number; headers: Record<string, string>; body: unknown };
    }[];
    for (const [name, problem] of Object.entries(expected)) {
      const { response } = entries.find((entry) => entry.name === name) ?? assert.fail(name);
      const content_type = response.headers["content-type"]?.split(";")[0] ?? "";
      const answer = outcome(response.body, { status: response.status, content_type });
      const judge = name.startsWith("models")
        ? judgeModels
        : name === "stream tool call"
          ? (one: Outcome) => judgeToolCall(one, "report")
          : name.startsWith("stream")
            ? judgeStream
            : judgeCompletion;
      assert.equal(kind(judge(answer)), problem, name);
    }
  });
});

describe("judging a plain answer", () => {
  it("wants text, not only a message", () => {
    const message = (content: unknown) => outcome({ choices: [{ message: { role: "assistant", content } }] });
    assert.equal(kind(judgeCompletion(message("ok"))), "works");
    for (const content of ["", " \n", null, undefined, []])
      assert.equal(kind(judgeCompletion(message(content))), "empty-content");
    assert.equal(kind(judgeCompletion(outcome({ choices: [{}] }))), "no-choices");
    assert.equal(kind(judgeCompletion(outcome({ id: "x" }))), "no-choices");
    assert.equal(kind(judgeCompletion(outcome("[]"))), "not-json");
  });

  it("names an answer that is too long to be read whole", () => {
    const verdict = judgeCompletion(outcome('{"choices":[', { truncated: true }));
    assert.ok(!verdict.ok && /first 12 characters/.test(verdict.problem.detail));
  });

  it("leaves what is no 2xx, or came too late, to the diagnosis", () => {
    const late = { failure: { kind: "timeout", message: "late" } } as const;
    assert.equal(kind(judgeCompletion(outcome("{}", { status: 400 }))), "refused");
    assert.equal(
      kind(judgeCompletion(outcome("", { status: null, failure: { kind: "network", message: "no" } }))),
      "refused",
    );
    assert.equal(kind(judgeStream(stream([{ content: "o" }], "", late))), "refused");
  });

  it("takes no other list for a list of models", () => {
    assert.equal(kind(judgeModels(outcome({ models: [{ slug: "a" }] }))), "no-list");
    assert.equal(kind(judgeModels(outcome({ data: [{ name: "a" }] }))), "no-list");
    assert.deepEqual(judgeModels(outcome({ data: [{ id: "b" }, { id: "a" }] })), { ok: true, models: ["b", "a"] });
  });
});

describe("reading a stream", () => {
  it("needs [DONE] or a finish_reason, not both, and no particular one", () => {
    const frame = (reason: string) => `data: {"choices":[{"delta":{},"finish_reason":"${reason}"}]}\n\n`;
    assert.equal(kind(judgeStream(stream([{ content: "ok" }]))), "works");
    assert.equal(kind(judgeStream(stream([{ content: "ok" }], frame("length")))), "works");
    assert.equal(kind(judgeStream(stream([{ content: "ok" }], ""))), "stream-cut");
    assert.equal(kind(judgeStream(stream([{ content: "ok" }], "", { truncated: true }))), "works");
  });

  it("takes text in parts, frames without choices, and the usage chunk", () => {
    const usage = 'data: {"choices":[],"usage":{"total_tokens":14}}\n\ndata: [DONE]\n\n';
    const parts = [{ content: [{ type: "text", text: "o" }] }, { content: "k" }];
    assert.deepEqual(judgeStream(stream(parts, usage)), { ok: true, tokens: 14 });
  });

  it("prefers the gateway's own error to the break that follows it", () => {
    const end = 'data: {"error":{"message":"no","type":"server_error","code":"upstream_error"}}\n\n';
    const broken = { failure: { kind: "aborted", message: "terminated" } } as const;
    const verdict = judgeStream(stream([{ role: "assistant" }], end, broken));
    assert.equal(kind(verdict), "error-frame");
    assert.ok(!verdict.ok && verdict.problem.error?.code === "upstream_error");
    assert.equal(kind(judgeStream(stream([{ content: "o" }], "", broken))), "stream-cut");
  });

  it("puts a call together from its deltas and replays the first one as it came", () => {
    const call = (part: object) => ({ tool_calls: [{ index: 1, ...part }] });
    const answer = stream([
      { content: "Calling." },
      call({ id: "call_9", function: { name: "report_status", arguments: "" } }),
      call({ function: { arguments: '{"val' } }),
      call({ function: { arguments: 'ue":"ok"}' } }),
    ]);
    assert.equal(kind(judgeToolCall(answer, "report_status")), "works");
    const reply = readStream(answer);
    assert.ok(reply.ok);
    const [assistant, result] = toolResultBody(toolsBody("m", 1), reply.text, reply.calls).messages.slice(2);
    const replayed = { index: 1, id: "call_9", function: { name: "report_status", arguments: '{"value":"ok"}' } };
    assert.equal(
      JSON.stringify(assistant),
      JSON.stringify({ role: "assistant", content: "Calling.", tool_calls: [replayed] }),
    );
    assert.equal(result?.tool_call_id, "call_9");
  });

  it("makes up the id that a gateway leaves out, and keeps two calls apart", () => {
    const answer = stream([
      { tool_calls: [{ index: 0, function: { name: "report_status", arguments: '{"value":"a"}' } }] },
      { tool_calls: [{ index: 1, function: { name: "report_status", arguments: '{"value":"b"}' } }] },
    ]);
    const reply = readStream(answer);
    assert.ok(reply.ok && reply.calls.length === 2);
    const messages = toolResultBody(toolsBody("m", 1), "", reply.calls).messages;
    assert.deepEqual(
      messages.slice(2).map(({ role, tool_call_id }) => [role, tool_call_id]),
      [
        ["assistant", undefined],
        ["tool", "call_0"],
        ["tool", "call_1"],
      ],
    );
  });

  it("accepts arguments only as a JSON object", () => {
    const answer = (args: string) =>
      stream([{ tool_calls: [{ index: 0, id: "c", function: { name: "f", arguments: args } }] }]);
    assert.equal(kind(judgeToolCall(answer("{}"), "f")), "works");
    for (const args of ["", "{", "[]", "null", '"x"'])
      assert.equal(kind(judgeToolCall(answer(args), "f")), "bad-arguments", args);
  });
});
