import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { after, afterEach, before, beforeEach, test } from "node:test";
import { gzipSync } from "node:zlib";
import { seedResource, seedVariable } from "../windmill/seed.ts";
import { startWindmill, type WindmillStandin } from "../windmill/server.ts";
import { issueJobToken, type Workspace } from "../windmill/store.ts";
import { customAi, windmillClient } from "./windmill_client.ts";

/** The facts about Windmill's AI proxy that no recording holds (docs/windmill.md). */

const CONNECTION = "u/admin/pool";
const KEY = `sk-cxp-0123456789ab-${"k".repeat(43)}`;

let windmill: WindmillStandin;
let workspace: Workspace;
let api: ReturnType<typeof windmillClient>;

/** A gateway that keeps what it got and answers as the test at hand says. */
const gateway = {
  url: "",
  got: [] as { method: string; url: string; headers: string[] }[],
  answer: (_request: IncomingMessage, response: ServerResponse): void => void response.end("{}"),
};
const server = createServer((request, response) => {
  gateway.got.push({ method: request.method ?? "", url: request.url ?? "", headers: request.rawHeaders });
  request.resume().on("end", () => gateway.answer(request, response));
});

before(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  gateway.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
after(() => {
  server.closeAllConnections();
  server.close();
});

beforeEach(async () => {
  windmill = await startWindmill({ allowPrivate: { server: true, worker: true } });
  workspace = windmill.createWorkspace("demo");
  api = windmillClient(windmill, "demo");
  gateway.got = [];
  gateway.answer = (_request, response) => void response.end("{}");
  connect({ api_key: `$var:${CONNECTION}`, base_url: `${gateway.url}/v1` });
});
afterEach(() => windmill.close());

function connect(value: object): void {
  seedVariable(windmill.store, workspace, CONNECTION, KEY);
  seedResource(windmill.store, workspace, CONNECTION, value);
  workspace.aiConfig = customAi(CONNECTION);
}

const header = (headers: string[], name: string) =>
  headers.filter((_, i) => headers[i - 1]?.toLowerCase() === name && i % 2 === 1);

test("credentials are cached per process for 60 s, and saving the settings clears only the process that served it", async () => {
  for (const through of ["server", "worker"] as const) await api.proxy("models", { through });
  connect({ api_key: "sk-other", base_url: `${gateway.url}/other/v1` });
  gateway.got = [];

  await api.proxy("models");
  await api.post("workspaces/edit_copilot_config", customAi(CONNECTION));
  await api.proxy("models");
  await api.proxy("models", { through: "worker" });
  await windmill.clock.advance(59_000);
  await api.proxy("models", { through: "worker" });
  await windmill.clock.advance(2_000);
  await api.proxy("models", { through: "worker" });

  const old = "/v1/models";
  const fresh = "/other/v1/models";
  assert.deepEqual(
    gateway.got.map(({ url }) => url),
    [old, fresh, old, old, fresh],
  );
});

test("naming the resource passes the cache by", async () => {
  await api.proxy("models");
  connect({ base_url: `${gateway.url}/other/v1` });
  await api.proxy("models", { resource: CONNECTION });
  await api.proxy("models");
  assert.deepEqual(
    gateway.got.map(({ url }) => url),
    ["/v1/models", "/other/v1/models", "/v1/models"],
  );
});

test("a failure to read the connection is not cached", async () => {
  workspace.resources.delete(CONNECTION);
  assert.equal((await api.proxy("models")).status, 404);
  connect({ base_url: `${gateway.url}/v1` });
  assert.equal((await api.proxy("models")).status, 200);
});

test("a job's one token gets two answers when only the server is guarded, and none in another workspace", async () => {
  windmill.processes.server.allowPrivate = false;
  windmill.createWorkspace("other");
  const token = issueJobToken(windmill.store, windmill.admin.email, {
    workspace: "demo",
    username: "admin",
    isAdmin: true,
    groups: ["all"],
  });
  const guarded = await api.proxy("models", { token });
  assert.equal(guarded.status, 400);
  assert.match(guarded.text, /^Bad request: URL targets a private\/internal IP address\. /);
  assert.equal((await api.proxy("models", { token, through: "worker" })).status, 200);
  assert.equal((await windmillClient(windmill, "other").get("users/whoami", { token })).status, 401);
});

test("the gateway gets the key and the resource's headers, and nothing of the caller's", async () => {
  connect({
    api_key: `$var:${CONNECTION}`,
    base_url: `${gateway.url}/v1`,
    organization_id: "org",
    headers: { "x-route": "a", accept: "text/plain" },
  });
  await api.proxy("chat/completions", { body: { model: "m" }, headers: { "x-mine": "1" } });
  const { headers, url } = gateway.got[0] ?? { headers: [], url: "" };
  assert.equal(url, "/v1/chat/completions");
  assert.deepEqual(
    [
      "authorization",
      "content-type",
      "openai-organization",
      "x-route",
      "accept",
      "user-agent",
      "accept-encoding",
      "x-provider",
      "x-mine",
    ].map((name) => header(headers, name)),
    [
      [`Bearer ${KEY}`],
      ["application/json"],
      ["org"],
      ["a"],
      ["text/plain", "*/*"],
      ["windmill/beta"],
      ["gzip"],
      [],
      [],
    ],
  );
});

test("an authorization header of the resource replaces the key, on 1.743.0 it is sent beside it", async (t) => {
  const value = { api_key: KEY, base_url: `${gateway.url}/v1`, headers: { Authorization: "Bearer mine" } };
  const older = await startWindmill({ release: "1.743.0", allowPrivate: { server: true } });
  t.after(() => older.close());
  seedResource(older.store, older.createWorkspace("demo"), CONNECTION, value);
  connect(value);
  await api.proxy("models");
  await windmillClient(older, "demo").proxy("models", { resource: CONNECTION });
  assert.deepEqual(
    gateway.got.map(({ headers }) => header(headers, "authorization")),
    [["Bearer mine"], [`Bearer ${KEY}`, "Bearer mine"]],
  );
});

test("the path is decoded and may leave the base URL, the query is dropped", async () => {
  await api.proxy("..%2F..%2Fadmin/x?page=2");
  await api.proxy("models?limit=1");
  assert.deepEqual(
    gateway.got.map(({ url }) => url),
    ["/admin/x", "/v1/models"],
  );
});

test("an answer below 400 comes through with its headers and without its compression", async () => {
  gateway.answer = (_request, response) => {
    response.writeHead(202, {
      "content-type": "text/plain",
      "content-encoding": "gzip",
      "x-request-id": "r1",
      "set-cookie": "a=b",
    });
    response.end(gzipSync("unpacked"));
  };
  const { status, text, headers } = await api.proxy("models");
  assert.deepEqual(
    [status, text, headers.get("x-request-id"), headers.get("set-cookie"), headers.get("content-encoding")],
    [202, "unpacked", "r1", "a=b", null],
  );
});

test("a refusal of the gateway is a 400 with its raw body, also when it is empty", async () => {
  gateway.answer = (_request, response) => void response.writeHead(503, { "x-request-id": "r1" }).end();
  const { status, text, headers } = await api.proxy("models");
  assert.deepEqual(
    [status, text, headers.get("content-type"), headers.get("x-request-id")],
    [400, "", "text/plain", null],
  );
});

test("a stream arrives piece by piece, with a comment after 15 s of silence, and ends for the gateway when the reader leaves", async () => {
  gateway.answer = (_request, response) => {
    response.writeHead(200, { "content-type": "text/event-stream" }).write("data: 1\n\n");
  };
  const answering = once(server, "request");
  const response = await fetch(`${windmill.url}/api/w/demo/ai/proxy/chat/completions`, {
    method: "POST",
    headers: { authorization: `Bearer ${windmill.admin.token}`, "x-provider": "customai" },
    body: "{}",
  });
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  assert.equal((await reader?.read())?.value, "data: 1\n\n");
  await windmill.clock.advance(15_000);
  assert.equal((await reader?.read())?.value, ": keepalive\n\n");
  const [, answered] = (await answering) as [IncomingMessage, ServerResponse];
  const gone = once(answered, "close");
  await reader?.cancel();
  await gone;
});

const FAILURES: Record<string, { answer?: (response: ServerResponse) => void; origin?: string; text: RegExp }> = {
  "a gateway that does not speak TLS": {
    origin: "https://gw.test",
    text: /^Error: error sending request for url \(https:\/\/gw\.test:\d+\/v1\/models\): client error \(Connect\): received corrupt message/,
  },
  "a gateway that hangs up": {
    answer: (response) => void response.socket?.destroy(),
    text: /^Error: error sending request for url \(http:\/\/gw\.test:\d+\/v1\/models\): client error \(SendRequest\): connection closed before message completed @ai\.rs:\d+:\d+$/,
  },
  "a name where nobody listens": {
    origin: "http://nobody.test",
    text: /^Error: error sending request for url \(http:\/\/nobody\.test:\d+\/v1\/models\): client error \(Connect\): tcp connect error: Connection refused \(os error 111\) @/,
  },
};
for (const [what, { answer, origin = "http://gw.test", text }] of Object.entries(FAILURES)) {
  test(`${what} is a 500 that names the URL`, async () => {
    const { port } = new URL(gateway.url);
    windmill.network.hosts.set("gw.test", { addresses: ["8.8.8.8"], port: Number(port) });
    windmill.network.hosts.set("nobody.test", { addresses: ["8.8.8.8"] });
    connect({ base_url: `${origin}:${port}/v1` });
    if (answer) gateway.answer = (_request, response) => answer(response);
    const failed = await api.proxy("models");
    assert.equal(failed.status, 500);
    assert.match(failed.text, text);
  });
}

test("a gateway that says nothing for an hour is given up", async () => {
  gateway.answer = () => undefined;
  const asked = once(server, "request");
  const answer = api.proxy("models");
  await asked;
  await windmill.clock.advance(3_600_000);
  const { status, text } = await answer;
  assert.equal(status, 500);
  assert.match(text, /^Error: error sending request for url \(\S+\/v1\/models\): operation timed out @/);
});

test("a base URL that is none gets past no guard as a builder error", async () => {
  connect({ base_url: "gateway/v1" });
  const { status, text } = await api.proxy("models");
  assert.equal(status, 500);
  assert.match(text, /^Error: builder error: relative URL without a base @/);
});

test("only the key and the organization may be references", async () => {
  connect({ api_key: `$var:${CONNECTION}`, base_url: `${gateway.url}/v1`, headers: { "x-key": `$var:${CONNECTION}` } });
  await api.proxy("models");
  const { headers } = gateway.got[0] ?? { headers: [] };
  assert.deepEqual(header(headers, "x-key"), [`$var:${CONNECTION}`]);
});

test("a workspace's settings that do not parse fall through to the instance's, whose resources are in admins", async () => {
  const admins = windmill.store.workspaces.get("admins");
  assert.ok(admins);
  seedResource(windmill.store, admins, "u/admin/shared", { base_url: `${gateway.url}/shared/v1` });
  windmill.store.settings.set("ai_config", customAi("u/admin/shared"));
  workspace.aiConfig = { providers: { nope: {} } };
  assert.equal((await api.proxy("models", { token: windmill.member.token })).status, 200);
  assert.deepEqual(
    gateway.got.map(({ url }) => url),
    ["/shared/v1/models"],
  );
});

test("an administrator of the instance gets a database error for a workspace that does not exist", async () => {
  const { status, text } = await windmillClient(windmill, "absent").proxy("models");
  assert.equal(status, 400);
  assert.match(text, /^SqlErr: no rows returned/);
});
