import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { ROOT, runProgram } from "../../tools/shared/programs.ts";

describe("npm run explain", () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "explain-"));
  });
  after(() => rm(folder, { recursive: true }));

  const explain = (...argv: string[]) =>
    runProgram([process.execPath, "--import", "tsx", "tools/explain.ts", ...argv], { cwd: ROOT });

  it("prints one entry per exchange, a healthy one with the code ok", async () => {
    const file = join(folder, "exchanges.json");
    const refusal = { error: { message: "upstream request failed", type: "server_error", code: "quota_exhausted" } };
    const path = "/api/w/demo/ai/proxy/chat/completions";
    await writeFile(
      file,
      JSON.stringify([
        {
          name: "fine",
          request: { path },
          response: {
            status: 200,
            headers: { "content-type": "application/json" },
            body: { choices: [{ message: { content: "ok" } }] },
          },
        },
        {
          name: "quota",
          request: { path },
          response: { status: 400, headers: { "content-type": "text/plain" }, body: JSON.stringify(refusal) },
        },
        { name: "late", request: { path }, failure: "TimeoutError: The operation was aborted due to timeout" },
        {
          request: { path: "/v1/chat/completions" },
          response: {
            status: 503,
            headers: { "content-type": "text/html" },
            body: "<html><title>503 Service Unavailable</title></html>",
          },
        },
        { name: "broken", request: { path }, response: { status: 400, headers: null, body: "x".repeat(10_000_000) } },
      ]),
    );
    const { status, stdout } = await explain(file);
    assert.equal(status, 0);
    const printed = JSON.parse(stdout) as Record<string, unknown>[];
    assert.deepEqual(
      printed.map(({ name, code }) => [name, code]),
      [
        ["fine", "ok"],
        ["quota", "quota-exhausted"],
        ["late", "timeout"],
        ["exchange 3", "gateway-proxy-error"],
        ["broken", "unrecognised"],
      ],
    );
    for (const entry of printed)
      assert.deepEqual(Object.keys(entry), ["name", "code", "severity", "owner", "cause", "remedy"]);
    assert.deepEqual(printed[0], {
      name: "fine",
      code: "ok",
      severity: "none",
      owner: "none",
      cause: "Nothing is wrong with this exchange.",
      remedy: [],
    });
    assert.ok(stdout.length < 20_000);
  });

  it("says what is wrong with a file it cannot use", async () => {
    const object = join(folder, "object.json");
    await writeFile(object, "{}");
    const text = join(folder, "text.json");
    await writeFile(text, "no json");
    const list = join(folder, "list.json");
    await writeFile(list, "[1]");
    const cases = [
      [[], /give exactly one file/],
      [[join(folder, "absent.json")], /cannot be read/],
      [[object], /holds no array/],
      [[text], /is not JSON/],
      [[list], /entry 0 is no exchange/],
    ] as const;
    for (const [argv, message] of cases) {
      const { status, stderr, stdout } = await explain(...argv);
      assert.equal(status, 2);
      assert.equal(stdout, "");
      assert.match(stderr, message);
      assert.match(stderr, /Usage: npm run --silent explain/);
    }
  });
});
