import assert from "node:assert/strict";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, beforeEach, describe, it } from "node:test";
import { ChangeReport } from "../../src/core/report.ts";
import { poolKey } from "../standins/gateway/pooler.ts";
import { offered } from "../world/form.ts";
import { leaksOf } from "../world/leaks.ts";
import {
  BASE_URL,
  CONNECTION,
  KEY,
  PRIVATE_ADDRESS,
  reportOf,
  startDeployedWorld,
  type World,
  writesOf,
} from "../world/world.ts";

/** What forms offer to choose from: the deployed scripts asked as Windmill's drop-downs ask them. */

/** Every piece of it is unlike any other text. */
const TYPED_KEY = `sk-cxp-0123456789ab-${"Qz7Lm2Xv9Rt4Wn8Yb3Hc6Jd1Kf5Pg0Sa_TuEiOxQwVr"}`;
const MODELS = ["gpt-5.5", "gpt-6-luna", "gpt-6-terra"];

let world: World;
before(async () => {
  world = await startDeployedWorld();
});
beforeEach(() => world.reset());
after(() => world.close());

const values = ({ choices }: Awaited<ReturnType<typeof offered>>): string[] => choices.map(({ value }) => value);
const first = ({ choices }: Awaited<ReturnType<typeof offered>>): string => choices[0]?.label ?? "";

/** A gateway of a few lines, at an address of this machine. */
async function gateway(answer: RequestListener): Promise<{ base_url: string; asked: string[]; close(): void }> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const close = () => {
    server.close();
    server.closeAllConnections();
  };
  return { base_url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`, asked, close };
}

describe("the models of a first connection", () => {
  it("are asked for with what was just entered: one request without tokens, and nothing is stored", async () => {
    world.pooler.keys.set(TYPED_KEY, poolKey());
    const api_key = await world.typeSecret(TYPED_KEY);
    const answer = await offered(world, "connect", "models", { base_url: `${world.pooler.url}/v1`, api_key });
    assert.deepEqual(values(answer).slice(1), ["*", ...MODELS]);
    assert.match(first(answer), /private address.*ALLOW_PRIVATE_AI_BASE_URLS=true/);
    assert.deepEqual(
      world.pooler.requests.map(({ method, path, key }) => [method, path, key]),
      [["GET", "/v1/models", TYPED_KEY]],
    );
    assert.deepEqual(writesOf(world), []);
    assert.deepEqual(leaksOf(world, TYPED_KEY), []);
    assert.equal(answer.run.args.api_key, api_key);
    assert.equal(answer.run.logs.includes("sk-"), false);
  });

  const notes: { it: string; filled: (key: string) => object; says: RegExp }[] = [
    { it: "no address", filled: (api_key) => ({ api_key }), says: /^Give the gateway's address first\.$/ },
    { it: "nothing at all", filled: () => ({}), says: /^Give the gateway's address and the key first\.$/ },
    { it: "no key", filled: () => ({ base_url: BASE_URL }), says: /^Type the key first\.$/ },
    {
      it: "an address that is not whole yet",
      filled: (api_key) => ({ base_url: "https://codex-pooler.exam", api_key }),
      says: /^The gateway's address does not end in \/v1\. Append \/v1/,
    },
    {
      it: "a key that is none",
      filled: () => ({ base_url: BASE_URL, api_key: "Bearer abc" }),
      says: /^The key starts with "Bearer "/,
    },
    {
      it: "a name that the worker cannot resolve",
      filled: (api_key) => ({ base_url: "https://gateway.invalid/v1", api_key }),
      says: /^The worker got no answer from the gateway: /,
    },
  ];
  for (const { it: title, filled, says } of notes) {
    it(`say in one line why there are none: ${title}`, async () => {
      const answer = await offered(world, "connect", "default_model", { ...filled(await world.typeSecret(KEY)) });
      assert.deepEqual(values(answer), [""]);
      assert.match(first(answer), says);
      assert.doesNotMatch(first(answer), /\n/);
      assert.deepEqual(world.pooler.requests, []);
    });
  }

  it("say that the gateway refuses the key", async () => {
    const filled = { base_url: `${world.pooler.url}/v1`, api_key: await world.typeSecret(TYPED_KEY) };
    const answer = await offered(world, "connect", "default_model", filled);
    assert.deepEqual(values(answer), [""]);
    assert.match(first(answer), /key/i);
    assert.deepEqual(leaksOf(world, TYPED_KEY), []);
  });

  it("come from no address that the gateway redirects to, which would get the key", async () => {
    const thief = await gateway((_request, response) => response.end('{"data":[{"id":"stolen"}]}'));
    const front = await gateway((_request, response) =>
      response.writeHead(307, { location: `${thief.base_url}/models` }).end(),
    );
    try {
      const filled = { base_url: front.base_url, api_key: await world.typeSecret(TYPED_KEY) };
      const answer = await offered(world, "connect", "default_model", filled);
      assert.deepEqual(values(answer), [""]);
      assert.match(first(answer), /redirect/);
      assert.deepEqual(thief.asked, []);
    } finally {
      thief.close();
      front.close();
    }
  });

  it("hold no key that a gateway sends back, and nothing that only looks like an id", async () => {
    const hostile = await gateway((request, response) => {
      const key = String(request.headers.authorization).slice("Bearer ".length);
      const ids = [key, btoa(key), `model-${key}`, "$var:u/admin/other", "a\u202Eb", "x".repeat(5000), "<b>good</b>"];
      response.end(JSON.stringify({ data: ids.map((id) => ({ id })) }));
    });
    try {
      const filled = { base_url: hostile.base_url, api_key: await world.typeSecret(TYPED_KEY) };
      const answer = await offered(world, "connect", "models", filled);
      assert.ok(values(answer).includes("<b>good</b>"));
      assert.ok(values(answer).every((id) => id.length < 100 && !id.startsWith("$") && !id.includes("\u202E")));
      assert.deepEqual(leaksOf(world, TYPED_KEY), []);
    } finally {
      hostile.close();
    }
  });

  it("are given up in time when the gateway does not answer", async () => {
    const silent = await gateway(() => undefined);
    try {
      const filled = { base_url: silent.base_url, api_key: await world.typeSecret(KEY) };
      const answer = await offered(world, "connect", "default_model", filled);
      assert.deepEqual(values(answer), [""]);
      assert.match(first(answer), /no .*answer within \d+ s/);
    } finally {
      silent.close();
    }
  });

  it("are looked up for admins only", async () => {
    const folder = world.workspace.folders.get("codex_pooler");
    assert.ok(folder);
    folder.extraPerms["g/all"] = false;
    world.pooler.keys.set(TYPED_KEY, poolKey());
    const filled = { base_url: `${world.pooler.url}/v1`, api_key: TYPED_KEY };
    const answer = await offered(world, "connect", "default_model", filled, world.windmill.member.token);
    assert.deepEqual(values(answer), [""]);
    assert.match(first(answer), /Only an admin/);
    assert.deepEqual(world.pooler.requests, []);
  });

  it("can be added to by hand where a gateway lists none", async () => {
    const bare = await gateway((_request, response) => response.writeHead(404).end());
    try {
      const filled = { base_url: bare.base_url, api_key: await world.typeSecret(KEY), models_by_hand: ["my-model"] };
      const answer = await offered(world, "connect", "default_model", filled);
      assert.deepEqual(values(answer), ["", "my-model"]);
      assert.notEqual(first(answer), "What is set now, else the first model");
    } finally {
      bare.close();
    }
  });
});

describe("the models of a connection that is there", () => {
  beforeEach(async () => {
    reportOf(await world.runConnect(), ChangeReport);
    world.pooler.requests.length = 0;
    world.windmill.requests.length = 0;
  });

  it("are asked for through Windmill's proxy, by the resource", async () => {
    const answer = await offered(world, "connect", "default_model", { base_url: BASE_URL, api_key: "" });
    assert.deepEqual(values(answer), ["", ...MODELS]);
    assert.equal(first(answer), "What is set now, else the first model");
    const asked = world.windmill.requests.filter(({ path }) => path.endsWith("/ai/proxy/models"));
    assert.ok(asked.length > 0);
    assert.ok(asked.every(({ headers }) => headers["x-resource-path"] === CONNECTION));
    assert.deepEqual(writesOf(world), []);
    assert.deepEqual(leaksOf(world, KEY), []);
  });

  it("say what Windmill's server says when it refuses the address", async () => {
    world.moveGateway(PRIVATE_ADDRESS);
    const answer = await offered(world, "repair", "exclude_models");
    assert.deepEqual(values(answer), [""]);
    assert.match(first(answer), /refuses? the gateway's private address/);
  });

  it("are not asked for with the stored key at another address", async () => {
    const filled = { base_url: `${world.pooler.url}/v1`, api_key: "" };
    const answer = await offered(world, "connect", "default_model", filled);
    assert.equal(first(answer), `Type the key: the stored one is only sent to ${BASE_URL}.`);
    assert.deepEqual(world.pooler.requests, []);
  });
});

describe("what other forms offer", () => {
  it("undo: its changes, the newest first, with date, command, person and what they touched", async () => {
    assert.match(first(await offered(world, "undo", "snapshot")), /^No change is on record\.$/);
    const connected = await world.runConnect();
    const changed = await world.runConnect({ api_key: "", models: ["gpt-5.5"] });
    const answer = await offered(world, "undo", "snapshot");
    assert.deepEqual(values(answer), ["", changed.id, connected.id]);
    assert.equal(first(answer), "The last change that is not undone yet");
    const [, last, before] = answer.choices.map(({ label }) => label);
    assert.match(last ?? "", /^\d{4}-\d\d-\d\d \d\d:\d\d UTC, connect by u\/admin: AI settings$/);
    assert.match(before ?? "", new RegExp(`connect by u/admin: AI settings, ${CONNECTION}$`));
    reportOf(await world.run("undo", { mode: "apply", snapshot: changed.id }), ChangeReport);
    const undone = (await offered(world, "undo", "snapshot")).choices.find(({ value }) => value === changed.id);
    assert.match(undone?.label ?? "", /\(undone\)$/);
  });

  it("repair: models that were left out, and resources", async () => {
    await world.runConnect({ models: ["gpt-5.5"] });
    assert.deepEqual(values(await offered(world, "repair", "allow_models")), MODELS.slice(1));
    assert.deepEqual(values(await offered(world, "repair", "exclude_models")), MODELS);
    assert.deepEqual(values(await offered(world, "repair", "resource_path")), ["", CONNECTION]);
  });

  it("rotate_key: the secret variables but the live one, without what is in them", async () => {
    await world.runConnect();
    await world.storeSecret("u/admin/next_key", TYPED_KEY);
    const answer = await offered(world, "rotate_key", "new_key_path");
    assert.ok(values(answer).includes("u/admin/next_key"));
    assert.ok(!values(answer).includes(CONNECTION));
    assert.deepEqual(leaksOf(world, TYPED_KEY), []);
  });

  it("disconnect: the other providers' models, and none", async () => {
    await world.runConnect();
    const settings = world.workspace.aiConfig as unknown as { providers: Record<string, unknown> };
    settings.providers.openai = { resource_path: "u/admin/openai", models: ["gpt-4o", "gpt-4o-mini"] };
    const answer = await offered(world, "disconnect", "default_model");
    assert.deepEqual(values(answer), ["", "openai:gpt-4o", "openai:gpt-4o-mini", "none"]);
  });
});
