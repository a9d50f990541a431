import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { describe, it } from "node:test";
import { STANDIN_KEY } from "../gateway/pooler.ts";
import { SCENARIO_OF_ENTRY, startScriptedGateway } from "../gateway/scripted.ts";

interface Entry {
  name: string;
  request: { method: string; path: string; body?: object };
  response: { status?: number; headers?: Record<string, string>; body?: unknown; failure?: string };
}

describe("the gateway of the recordings", () => {
  const GATEWAY_KEYS: Record<string, string | undefined> = {
    "authorization header overrides key": "Bearer something-else",
    "empty key": undefined,
  };
  const UNANSWERED = ["chat slow, client gives up at 1 s", "stream streamcut"];

  it("says what Windmill passed on, for every entry that reached it", async () => {
    const gateway = await startScriptedGateway();
    try {
      const entries = JSON.parse(
        await readFile(new URL("../../recordings/ai-proxy.json", import.meta.url), "utf8"),
      ) as Entry[];
      const reached = entries.filter((entry) => Object.hasOwn(SCENARIO_OF_ENTRY, entry.name));
      assert.equal(reached.length, Object.keys(SCENARIO_OF_ENTRY).length);
      for (const { name, request, response } of reached.filter((entry) => !UNANSWERED.includes(entry.name))) {
        const authorization = name in GATEWAY_KEYS ? GATEWAY_KEYS[name] : `Bearer ${STANDIN_KEY}`;
        const path = request.path.replace("/api/w/demo/ai/proxy/", "");
        const got = await fetch(`${gateway.url}/${SCENARIO_OF_ENTRY[name]}/v1/${path}`, {
          method: request.method,
          redirect: "manual",
          headers: { "content-type": "application/json", ...(authorization ? { authorization } : {}) },
          ...(request.body ? { body: JSON.stringify(request.body) } : {}),
        });
        const body = await got.text();
        assert.equal(typeof response.body === "object" ? JSON.stringify(response.body) : response.body, body, name);
        // Windmill turns every error into 400 text/plain; what is not an error keeps its status and headers.
        if (response.status === 400) assert.ok(got.status >= 400, name);
        else {
          assert.equal(got.status, response.status, name);
          for (const [header, value] of Object.entries(response.headers ?? {})) {
            assert.equal(got.headers.get(header), value, `${name}: ${header}`);
          }
        }
      }
    } finally {
      await gateway.close();
    }
  });

  it("breaks a stream off after it began, and lets a slow one be given up", async () => {
    const gateway = await startScriptedGateway();
    const ask = (scenario: string, body: object, signal?: AbortSignal) =>
      fetch(`${gateway.url}/${scenario}/v1/chat/completions`, {
        method: "POST",
        headers: { authorization: `Bearer ${STANDIN_KEY}` },
        body: JSON.stringify(body),
        ...(signal ? { signal } : {}),
      });
    try {
      const cut = await ask("streamcut", { model: "gpt-6-luna", stream: true });
      assert.equal(cut.status, 200);
      await assert.rejects(cut.text(), /terminated/);
      await assert.rejects(ask("slow", { model: "gpt-6-luna" }, AbortSignal.timeout(50)), { name: "TimeoutError" });
    } finally {
      await gateway.close();
    }
  });
});
