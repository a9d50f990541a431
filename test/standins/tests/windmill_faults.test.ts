import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { startWindmill, type WindmillStandin } from "../windmill/server.ts";
import { windmillClient } from "./windmill_client.ts";

/** How tests spoil the stand-in's answers and move its clock. */

let windmill: WindmillStandin;
let api: ReturnType<typeof windmillClient>;

beforeEach(async () => {
  windmill = await startWindmill();
  windmill.createWorkspace("demo");
  api = windmillClient(windmill, "demo");
});
afterEach(() => windmill.close());

const VARIABLE = { path: "u/admin/a", value: "x", is_secret: true, description: "" };
const exists = async () => (await api.get("variables/exists/u/admin/a")).json;

for (const takesEffect of [false, true]) {
  test(`a request can get another answer ${takesEffect ? "after" : "without"} taking effect`, async () => {
    const show = { status: 502, body: "Bad gateway" };
    const restore = windmill.intercept(({ method }) => (method === "POST" ? { takesEffect, show } : undefined));
    const spoiled = await api.post("variables/create", VARIABLE);
    assert.deepEqual([spoiled.status, spoiled.text], [502, "Bad gateway"]);
    assert.equal(await exists(), takesEffect);
    restore();
    assert.equal((await api.post("variables/create", VARIABLE)).status, takesEffect ? 400 : 201);
  });

  test(`a connection can break off ${takesEffect ? "after" : "before"} the request took effect`, async () => {
    windmill.intercept(({ method }) => (method === "POST" ? { takesEffect, show: "drop" } : undefined));
    await assert.rejects(api.post("variables/create", VARIABLE), TypeError);
    assert.equal(await exists(), takesEffect);
  });
}

test("a request that hangs ends when the stand-in is closed", async () => {
  windmill.intercept(() => ({ takesEffect: false, show: "hang" }));
  const hanging = assert.rejects(api.get("users/whoami"), TypeError);
  await windmill.close();
  await hanging;
});

test("every request is logged with the process that got it and who asked", async () => {
  await api.post("variables/create?already_encrypted=false", VARIABLE, { through: "worker" });
  await api.get("users/whoami", { token: "wrong" });
  const seen = windmill.requests.map(({ process, method, path, query, actor }) => ({
    process,
    method,
    path,
    query,
    actor,
  }));
  assert.deepEqual(seen, [
    {
      process: "worker",
      method: "POST",
      path: "/api/w/demo/variables/create",
      query: "already_encrypted=false",
      actor: "admin@windmill.dev",
    },
    { process: "server", method: "GET", path: "/api/w/demo/users/whoami", query: "", actor: null },
  ]);
  assert.deepEqual(JSON.parse(windmill.requests[0]?.body ?? ""), VARIABLE);
});

test("moving the clock runs what became due, in order, at its own time", async () => {
  const { clock } = windmill;
  const start = clock.now();
  const ran: [string, number][] = [];
  const note = (name: string) => void ran.push([name, Math.round((clock.now() - start) / 60_000)]);
  clock.at(start + 120_000, () => note("second"));
  clock.at(start + 60_000, () => {
    note("first");
    clock.at(start + 180_000, () => note("added"));
  });
  clock.at(start + 150_000, () => note("cancelled"))();
  clock.at(start + 600_000, () => note("later"));
  await clock.advance(200_000);
  assert.deepEqual(ran, [
    ["first", 1],
    ["second", 2],
    ["added", 3],
  ]);
});
