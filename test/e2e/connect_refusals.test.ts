import assert from "node:assert/strict";
import { after, before, beforeEach, describe, it } from "node:test";
import type { Interceptor } from "../standins/windmill/intercept.ts";
import { contentsOf, OTHERS_AI_SETTINGS, othersMoveIn } from "../world/workspace_contents.ts";
import { CONNECTION, errorOf, KEY, PRIVATE_ADDRESS, startDeployedWorld, type World, writesOf } from "../world/world.ts";

/** Connecting when it cannot or must not be done: what is there stays, and the error says what to do. */

let world: World;
before(async () => {
  world = await startDeployedWorld();
});
beforeEach(async () => {
  await world.reset();
  othersMoveIn(world.windmill.store, world.workspace);
});
after(() => world.close());

/** Runs connect, which must fail, and returns the error. What the workspace holds must be what it held before. */
async function refused(filled: object, token?: string): Promise<string> {
  const before = contentsOf(world.workspace);
  const run = await world.runConnect(filled, token);
  assert.equal(run.success, false, JSON.stringify(run.result));
  const { resourceVersions: _history, ...now } = contentsOf(world.workspace);
  const { resourceVersions: _before, ...was } = before;
  assert.deepEqual(now, was);
  return errorOf(run);
}

const REFERENCE = "$var:u/member/openai_key";
const JWT = `eyJhbGciOiJIUzI1NiJ9.${"a".repeat(40)}.${"b".repeat(40)}`;

describe("input that cannot be used", () => {
  const slips: { it: string; filled: object; says: RegExp }[] = [
    { it: "a base_url that is missing", filled: { base_url: "" }, says: /- base_url: is missing/ },
    { it: "a base_url of another scheme", filled: { base_url: "ftp://gw.example.com/v1" }, says: /- base_url: .*http/ },
    { it: "a base_url without a scheme", filled: { base_url: "gw.example.com/v1" }, says: /- base_url: .*http/ },
    {
      it: "a base_url with a query",
      filled: { base_url: "https://gw.example.com/v1?a=b" },
      says: /- base_url: .*query/,
    },
    {
      it: "a base_url with user info",
      filled: { base_url: "https://user:pass@gw.example.com/v1" },
      says: /- base_url: .*password/,
    },
    { it: "a base_url without /v1", filled: { base_url: "https://gw.example.com" }, says: /- base_url: .*\/v1/ },
    {
      it: "a base_url of one endpoint",
      filled: { base_url: "https://gw.example.com/v1/chat/completions" },
      says: /- base_url: .*End it at \/v1/,
    },
    { it: "a header with a credential", filled: { headers: { Authorization: "Basic x" } }, says: /- headers: Auth/ },
    { it: "a header with a key in it", filled: { headers: { "x-team": KEY } }, says: /- headers: x-team .*key/ },
    { it: "a header that pins sessions", filled: { headers: { "session-id": "1" } }, says: /- headers: session-id/ },
    // Windmill resolves a reference before the script sees it.
    { it: "a secret_path as a reference", filled: { secret_path: REFERENCE }, says: /- secret_path: is not a path/ },
    { it: "a secret_path that Windmill refuses", filled: { secret_path: "x" }, says: /- secret_path: .*path/ },
    { it: "a resource_path that Windmill refuses", filled: { resource_path: "u/admin" }, says: /- resource_path: / },
    { it: "an interval that there is not", filled: { schedule: "daily" }, says: /- schedule: .*every 5 minutes/ },
    { it: "no key, and none stored", filled: { api_key: "" }, says: /- secret_path: there is no variable/ },
    {
      it: "a webhook variable that there is not",
      filled: { alert_webhook_path: "u/admin/absent" },
      says: /- alert_webhook_path: .*no variable u\/admin\/absent/,
    },
    {
      it: "a resource of another type",
      filled: { resource_path: "f/codex_pooler/their_database" },
      says: /- resource_path: .*postgresql/,
    },
  ];
  for (const { it: title, filled, says } of slips) {
    it(`is refused before anything is touched: ${title}`, async () => {
      assert.match(await refused(filled), says);
      assert.deepEqual(writesOf(world), []);
      assert.deepEqual(world.pooler.requests, []);
    });
  }

  const keys: { it: string; key: string; says: RegExp }[] = [
    { it: "an MCP token", key: "mcp-cxp-0123456789ab-secret", says: /MCP token/ },
    { it: "a JWT", key: JWT, says: /JWT/ },
    { it: "a prefix only", key: "sk-cxp-0123456789ab", says: /prefix/ },
    { it: 'a key with "Bearer " in front', key: `Bearer ${KEY}`, says: /Bearer/ },
    { it: "a key with a blank inside", key: `${KEY.slice(0, 30)} ${KEY.slice(30)}`, says: /blanks/ },
  ];
  for (const { it: title, key, says } of keys) {
    it(`is refused before anything is touched: ${title}`, async () => {
      const error = await refused({ api_key: await world.typeSecret(key) });
      assert.match(error, /- api_key: /);
      assert.match(error, says);
      assert.ok(!error.includes(key));
      assert.deepEqual(writesOf(world), []);
    });
  }

  it("is named field by field, all at once", async () => {
    const error = await refused({ base_url: "gw", secret_path: "x", headers: { cookie: "a=b" } });
    assert.match(error, /- base_url: [\s\S]*- secret_path: [\s\S]*- headers: /);
  });
});

describe("connecting is refused, and nothing live changes", () => {
  it("for somebody who is no admin", async () => {
    const folder = world.workspace.folders.get("codex_pooler");
    assert.ok(folder);
    folder.extraPerms["g/all"] = false;
    const error = await refused({ api_key: KEY }, world.windmill.member.token);
    assert.match(error, /u\/member, who is not an admin of the workspace team/);
    assert.deepEqual(writesOf(world), []);
  });

  it("when a key is typed and another one is stored already, unless it is to be replaced", async () => {
    await world.storeSecret(CONNECTION, `sk-cxp-ba9876543210-${"o".repeat(43)}`);
    const error = await refused({});
    assert.match(error, /- api_key: .*already holds a key \(sk-cxp-ba9876543210….*replace_secret/);
    assert.deepEqual(writesOf(world), []);
    const replaced = await world.runConnect({ replace_secret: true });
    assert.equal(replaced.success, true, errorOf(replaced));
  });

  it("when the variable of the key is not secret", async () => {
    await world.storeSecret(CONNECTION, KEY);
    Object.assign(world.workspace.variables.get(CONNECTION) ?? {}, { isSecret: false, value: KEY });
    const error = await refused({ api_key: "" });
    assert.match(error, /- secret_path: .*not secret/);
    assert.deepEqual(writesOf(world), []);
  });

  it("for a default model that the gateway does not serve, with what it serves", async () => {
    const error = await refused({ default_model: "gpt-4" });
    assert.match(error, /- default_model: "gpt-4" is not served.*gpt-5\.5, gpt-6-luna, gpt-6-terra/);
  });

  it("when the gateway refuses the key", async () => {
    world.pooler.keys.clear();
    const error = await refused({});
    assert.match(error, /Nothing was changed/);
    assert.match(error, /key/i);
  });

  it("when the gateway's address is private, naming both processes that refuse it and the setting", async () => {
    world.moveGateway(PRIVATE_ADDRESS);
    const error = await refused({});
    assert.match(error, /Nothing was changed/);
    assert.match(error, /environment of the Windmill server/);
    assert.match(error, /- ALLOW_PRIVATE_AI_BASE_URLS=true/);
  });
});

describe("somebody else's change while connect runs", () => {
  const theirs = { ...OTHERS_AI_SETTINGS, custom_prompts: { script: "Write comments in Latin." } };

  /** Saves the settings as somebody else would, once, right before the first request that fits. */
  const saveBefore = (fits: (path: string) => boolean): (() => void) => {
    let saved = false;
    const save: Interceptor = ({ path }) => {
      if (!saved && fits(path)) {
        saved = true;
        world.workspace.aiConfig = structuredClone(theirs);
      }
      return undefined;
    };
    return world.windmill.intercept(save);
  };

  it("to the AI settings is kept, and everything else is put back", async () => {
    const { aiConfig: _, resourceVersions: _history, ...before } = contentsOf(world.workspace);
    const stop = saveBefore((path) => path.endsWith("/resources/type/create"));
    const run = await world.runConnect();
    stop();
    assert.equal(run.success, false);
    assert.match(errorOf(run), /AI settings was changed by somebody else.*Run the script again/);
    const { aiConfig, resourceVersions: _versions, ...now } = contentsOf(world.workspace);
    assert.deepEqual(aiConfig, theirs);
    assert.deepEqual(now, before);
  });

  it("is where the next run starts from", async () => {
    const stop = saveBefore((path) => path.endsWith("/resources/type/create"));
    await world.runConnect();
    stop();
    const run = await world.runConnect();
    assert.equal(run.success, true, errorOf(run));
    const { custom_prompts } = world.workspace.aiConfig as typeof theirs;
    assert.deepEqual(custom_prompts, theirs.custom_prompts);
  });
});
