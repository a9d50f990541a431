import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { headerSlip } from "../../src/core/headers.ts";
import { rank } from "../../src/diagnose/match.ts";
import { finding } from "../../src/diagnose/wording.ts";
import { rowOf, TABLE } from "../../src/table/table.ts";
import { diagnosesPage } from "../../tools/explain/diagnoses_page.ts";
import { diagnoseExchange, Exchange } from "../../tools/explain/exchange.ts";
import { exampleSignal, signalOf } from "./signals.ts";

const ROOT = new URL("../../", import.meta.url);

describe("the diagnosis table", () => {
  for (const row of TABLE) {
    it(`${row.code}: every example is diagnosed as it, ahead of all other rows`, () => {
      for (const example of row.examples) {
        const [best] = rank(exampleSignal(example));
        assert.equal(best?.row.code, row.code, JSON.stringify(example));
      }
    });
  }

  it("has one row per code, in kebab-case, with a remedy", () => {
    const codes = TABLE.map(({ code }) => code);
    assert.deepEqual([...new Set(codes)], codes);
    for (const { code, remedy, title } of TABLE) {
      assert.match(code, /^[a-z0-9]+(-[a-z0-9]+)*$/);
      assert.ok(remedy.length > 0, code);
      assert.ok(!title.endsWith("."), `${code}: a title is no sentence`);
    }
  });

  it("gives every row that answers can match an example", () => {
    const without = TABLE.filter(({ match, examples }) => match.length > 0 && examples.length === 0).map(
      ({ code }) => code,
    );
    assert.deepEqual(without, []);
  });

  it("explains only codes that exist", () => {
    for (const row of TABLE)
      for (const code of row.explains ?? []) assert.ok(rowOf(code), `${row.code} explains ${code}`);
  });

  it("leaves no placeholder unfilled, whatever is unknown", () => {
    for (const { code } of TABLE) {
      const { title, cause, remedy } = finding(code, []);
      // Words in braces that are no placeholders: the shell's, curl's and YAML's.
      const text = [title, cause, ...remedy].join("\n").replace(/%\{http_code\}|-I\{\}|exec \{\}|headers: \{\}/g, "");
      assert.doesNotMatch(text, /\{\w*\}/, code);
    }
  });

  it("has a row for every slip that the forms and the settings can show", () => {
    const headers = ["authorization", "x-codex-session-id", "host", "bad name"].map(
      (name) => headerSlip(name, "x")?.code,
    );
    const slips = ["unresolved", "blanks", "not-http", "credentials", "query", "endpoint", "no-v1"].map(
      (slip) => `base-url-${slip}`,
    );
    for (const code of [...headers, ...slips]) assert.equal(rowOf(code ?? "").layer, "resource");
  });

  it("is what docs/diagnoses.md says (else run: npm run docs)", () => {
    assert.equal(readFileSync(new URL("docs/diagnoses.md", ROOT), "utf8"), diagnosesPage());
  });
});

describe("private addresses", () => {
  const body =
    "Bad request: URL targets a private/internal IP address. If you need to use private/internal AI endpoints, set the ALLOW_PRIVATE_AI_BASE_URLS=true environment variable";

  it("are told apart by the route only", () => {
    for (const [route, code] of [
      ["server", "private-address-server"],
      ["worker", "private-address-worker"],
      [null, "private-address-server"],
    ] as const) {
      assert.equal(rank(signalOf({ body }, { route }))[0]?.row.code, code);
    }
  });

  it("name the process, its Compose service and its Helm values", () => {
    const server = finding("private-address-server", []).remedy.join("\n");
    assert.match(server, /services:\n {2}windmill_server:\n {4}environment:\n {6}- ALLOW_PRIVATE_AI_BASE_URLS=true/);
    assert.match(
      server,
      /windmill:\n {2}app:\n {4}extraEnv:\n {6}- name: ALLOW_PRIVATE_AI_BASE_URLS\n {8}value: "true"/,
    );
    const worker = finding("private-address-worker", []).remedy.join("\n");
    assert.match(worker, /services:\n {2}windmill_worker:/);
    assert.match(worker, /windmill:\n {2}workerGroups:\n {4}- name: default\n {6}extraEnv:/);
  });

  it("say that the text came in a 400, which a gateway can send as well", () => {
    assert.match(finding("private-address-server", [{ status: 400, text: body }]).cause, /came in a 400/);
    assert.doesNotMatch(finding("ai-not-configured", [{ status: 500 }]).cause, /came in a 400/);
  });
});

describe("Windmill's own words in a 400", () => {
  it("are not believed when Windmill sends them with another status", () => {
    for (const body of [
      "Internal: AI resource not configured @ai.rs:734:48",
      "Not found: Could not find the resource u/admin/absent, update the resource path in the workspace settings",
      "Not authorized: Unauthorized",
    ]) {
      assert.equal(rank(signalOf({ body }))[0]?.row.code, "windmill-words-in-400", body);
    }
  });

  it("ignore the place in Windmill's source, which changes with every release", () => {
    for (const place of [" @ai.rs:734:48", " @src/deep/ai.rs:1", " (ai.rs:99)", ""]) {
      const body = `Internal: AI resource not configured${place}`;
      assert.equal(rank(signalOf({ status: 500, body }))[0]?.row.code, "ai-not-configured");
    }
  });
});

/** Code per failing exchange, from the facts: what the exchange's name and server say was broken. */
const RECORDED: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "ai-proxy": {
    "models empty": "models-empty",
    "model not found": "model-not-served",
    "embeddings unsupported": "endpoint-unsupported",
    "chat with logprobs": "unsupported-parameter",
    "unknown route": "endpoint-not-found",
    "chat keymissing": "key-refused",
    "chat keyexpired": "key-expired",
    "chat limit": "key-limit-reached",
    "chat v1off": "v1-disabled",
    "chat quota": "quota-exhausted",
    "chat overloaded": "gateway-overloaded",
    "chat html200": "sign-in-page",
    "chat empty200": "empty-object",
    "chat redirect": "redirect",
    "chat emptycontent": "empty-content",
    "chat errorin200": "error-in-200",
    "chat slow, client gives up at 1 s": "timeout",
    "stream streamerror": "stream-error",
    "stream streamcut": "stream-cut",
    "stream nostream": "stream-ignored",
    "connection refused": "connection-refused",
    "unresolvable host": "host-not-found",
    "private literal loopback": "private-address-server",
    "private name localhost": "private-address-server",
    "private literal 10/8": "private-address-server",
    "not a URL": "base-url-invalid",
    "unresolved variable in base_url": "base-url-invalid",
    "no base_url": "base-url-missing",
    "variable missing": "secret-missing",
    "value not an object": "resource-malformed",
    "authorization header overrides key": "key-refused",
    "empty key": "key-refused",
    "resource missing": "resource-missing",
    "provider header missing": "provider-header",
    "provider header unknown": "provider-header",
    "AI not configured": "ai-not-configured",
    "provider not configured": "provider-missing",
    "configured resource missing": "resource-missing",
    "configured, guard rejects": "private-address-server",
    "token invalid": "windmill-token-refused",
    "token absent": "windmill-token-refused",
    "member with X-Resource-Path of admin": "resource-missing",
  },
  "ai-settings": {
    "whoami invalid token": "windmill-token-refused",
    "get_settings member": "not-admin",
    "edit_copilot_config by member": "not-admin",
    "edit_copilot_config unknown provider": "settings-refused",
    "edit_copilot_config missing models": "settings-refused",
    "edit_copilot_config not json": "settings-refused",
  },
  "instance-ai-settings": {
    "proxy with instance config, resource absent": "resource-missing",
    "resource type create again": "item-exists",
  },
  "variables-and-resources": {
    "variable get absent": "item-missing",
    "variable create again": "item-exists",
    "variable update absent": "item-missing",
    "variable create bad path": "path-refused",
    "variable get by member": "no-access",
    "variable create by member in admin space": "no-access",
    "resource get absent": "item-missing",
    "resource create again": "item-exists",
    "resource update absent": "item-missing",
    "resource get by member": "no-access",
  },
  "jobs-and-schedules": {
    "run and wait, script throws": "job-failed",
    "run absent script": "item-missing",
    "schedule get absent": "item-missing",
    "schedule create five-field cron": "schedule-refused",
    "schedule create bad timezone": "schedule-refused",
    "schedule create with on_recovery": "schedule-refused",
    "schedule create absent flow": "item-missing",
    "schedule create again": "item-exists",
    "schedule delete again": "item-missing",
    "state read absent": "item-missing",
    "state interpolated absent": "item-missing",
    "update value absent": "item-missing",
    "state delete again": "item-missing",
    "member runs a script of a folder without access": "no-access",
    "member creates a schedule": "item-missing",
    "member reads resource value": "no-access",
  },
  // The CLI looks items up before it creates them.
  cli: {
    "push-fresh": "item-missing",
    "script-run": "item-missing",
    "flow-run": "item-missing",
    "resource-push": "item-missing",
    "schedule-push": "item-missing",
  },
  "older-server-1.743-differences": {
    "edit_copilot_config unknown provider": "settings-refused",
    "variable create bad path": "path-refused",
    "variable get by member": "no-access",
    "variable create by member in admin space": "no-access",
    "resource get by member": "no-access",
    "provider header unknown": "provider-header",
  },
};

describe("the recordings", () => {
  for (const [file, expected] of Object.entries(RECORDED)) {
    it(`${file}: every failing exchange has its true cause, and no other exchange has one`, () => {
      const text = readFileSync(new URL(`test/recordings/${file}.json`, ROOT), "utf8");
      const exchanges = (JSON.parse(text) as unknown[]).map((entry) => Exchange.parse(entry));
      const failing = new Set<string>();
      for (const exchange of exchanges) {
        const name = String(exchange.name ?? exchange.step);
        const code = diagnoseExchange(exchange)?.code ?? null;
        const { status = null } = exchange.response ?? {};
        const answered = status !== null && status < 300;
        if (code === null) {
          assert.ok(answered, `${name}: answered ${status} and has no cause`);
          continue;
        }
        failing.add(name);
        assert.equal(code, expected[name], `${name} (${status})`);
      }
      assert.deepEqual([...failing].sort(), Object.keys(expected).sort());
    });
  }
});
