import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { seedResource, seedVariable } from "../windmill/seed.ts";
import { type Account, startWindmill, type WindmillStandin } from "../windmill/server.ts";
import type { Workspace } from "../windmill/store.ts";
import { customAi, windmillClient } from "./windmill_client.ts";

/** The facts about variables, resources and settings that no recording holds (docs/windmill.md, items). */

let windmill: WindmillStandin;
let workspace: Workspace;
let api: ReturnType<typeof windmillClient>;

beforeEach(async () => {
  windmill = await startWindmill();
  workspace = windmill.createWorkspace("demo");
  api = windmillClient(windmill, "demo");
});
afterEach(() => windmill.close());

const secret = (path: string, value = "s3cret") => seedVariable(windmill.store, workspace, path, value);
const resource = (path: string, value: unknown) => seedResource(windmill.store, workspace, path, value);

test("a secret is stored as ciphertext, which can be stored again as it is", async () => {
  const body = { path: "u/admin/a", value: "s3cret", is_secret: true, description: "" };
  await api.post("variables/create", body);
  const stored = workspace.variables.get("u/admin/a")?.value ?? "";
  assert.match(stored, /^[A-Za-z0-9+/]{22}==$/);
  await api.post("variables/create?already_encrypted=true", { ...body, path: "u/admin/b", value: stored });
  assert.equal((await api.get("variables/get_value/u/admin/b")).json, "s3cret");
});

test("a variable with an expiry is gone once that has passed", async () => {
  const expires_at = new Date(windmill.clock.now() + 60_000).toISOString();
  await api.post("variables/create", { path: "u/admin/a", value: "x", is_secret: true, description: "", expires_at });
  await windmill.clock.advance(59_000);
  assert.equal((await api.get("variables/exists/u/admin/a")).json, true);
  await windmill.clock.advance(2_000);
  assert.equal((await api.get("variables/exists/u/admin/a")).json, false);
});

test("an update keeps what it does not name, and cannot reveal a secret by calling it none", async () => {
  secret("u/admin/a");
  await api.post("variables/update/u/admin/a", { description: "new" });
  assert.equal((await api.get("variables/get_value/u/admin/a")).json, "s3cret");
  const { status, text } = await api.post("variables/update/u/admin/a", { is_secret: false });
  assert.deepEqual([status, text], [400, "Bad request: cannot change is_secret without updating value too"]);
});

test("renaming a variable renames the resource at the same path and rewrites its reference", async () => {
  secret("u/admin/a");
  resource("u/admin/a", { api_key: "$var:u/admin/a", other: "$var:u/admin/a/b" });
  await api.post("variables/update/u/admin/a", { path: "u/admin/b" });
  assert.deepEqual([...workspace.variables.keys(), ...workspace.resources.keys()], ["u/admin/b", "u/admin/b"]);
  assert.deepEqual((await api.get("resources/get_value/u/admin/b")).json, {
    api_key: "$var:u/admin/b",
    other: "$var:u/admin/a/b",
  });
});

test("renaming a resource renames the variable at the same path, but not the reference to it", async () => {
  secret("u/admin/a");
  resource("u/admin/a", { api_key: "$var:u/admin/a" });
  await api.post("resources/update/u/admin/a", { path: "u/admin/b" });
  assert.deepEqual([...workspace.variables.keys()], ["u/admin/b"]);
  assert.deepEqual((await api.get("resources/get_value/u/admin/b")).json, { api_key: "$var:u/admin/a" });
});

test("deleting a variable deletes the resource at the same path", async () => {
  secret("u/admin/a");
  resource("u/admin/a", {});
  await api.delete("variables/delete/u/admin/a");
  assert.deepEqual([workspace.variables.size, workspace.resources.size], [0, 0]);
});

test("deleting a resource deletes every variable that it refers to, also one that another resource needs", async () => {
  secret("u/admin/shared");
  secret("u/admin/kept");
  resource("u/admin/old", { nested: [{ key: "$var:u/admin/shared" }] });
  resource("u/admin/new", { api_key: "$var:u/admin/shared" });
  await api.delete("resources/delete/u/admin/old");
  assert.deepEqual([...workspace.variables.keys()], ["u/admin/kept"]);
});

test("a member cannot delete what they cannot see, though the answer for a variable says so", async () => {
  const token = windmill.member.token;
  secret("u/admin/a");
  resource("u/admin/b", {});
  assert.equal((await api.delete("variables/delete/u/admin/a", { token })).text, "variable u/admin/a deleted");
  assert.equal((await api.delete("resources/delete/u/admin/b", { token })).status, 404);
  assert.deepEqual([workspace.variables.size, workspace.resources.size], [1, 1]);
});

test("the values of a resource are kept and can be restored, those of a state are not", async () => {
  for (const type of ["customai", "state"]) {
    await api.post("resources/create", { path: `u/admin/${type}`, value: { v: 1 }, resource_type: type });
    await api.post(`resources/update_value/u/admin/${type}`, { value: { v: 2 } });
    await api.post(`resources/update_value/u/admin/${type}`, { value: { v: 2 } });
  }
  const { versions } = (await api.get("resources/history/p/u/admin/customai")).json as { versions: { id: number }[] };
  assert.equal(versions.length, 2);
  await api.post(`resources/history/restore/v/${versions[1]?.id}`, {});
  assert.deepEqual((await api.get("resources/get_value/u/admin/customai")).json, { v: 1 });
  assert.deepEqual((await api.get("resources/history/p/u/admin/state")).json, { versions: [], versioned: false });
});

test("a resource's references are resolved at any depth, under the reader's rights", async () => {
  secret("u/admin/a");
  secret("u/member/b", "mine");
  resource("u/admin/inner", { key: "$var:u/admin/a" });
  resource("u/admin/outer", { list: [{ inner: "$res:u/admin/inner" }] });
  resource("u/member/own", { key: "$var:u/member/b" });
  resource("u/member/reach", { key: "$var:u/admin/a" });
  const read = (path: string, token?: string) =>
    api.get(`resources/get_value_interpolated/${path}`, token === undefined ? {} : { token });
  const { token } = windmill.member;
  assert.deepEqual((await read("u/admin/outer")).json, { list: [{ inner: { key: "s3cret" } }] });
  assert.deepEqual((await read("u/member/own", token)).json, { key: "mine" });
  assert.equal((await read("u/member/reach", token)).status, 401);
});

test("a folder shows its items to its readers and lets its writers write", async () => {
  const folder = {
    name: "ai",
    displayName: "ai",
    owners: ["u/admin"],
    summary: null,
    createdBy: "admin",
    editedAt: "",
  };
  const [reader, writer] = ["reader@x.test", "writer@x.test"].map((email) => windmill.addUser(email, [workspace])) as [
    Account,
    Account,
  ];
  workspace.folders.set("ai", { ...folder, extraPerms: { "u/reader": false, "u/writer": true } });
  resource("f/ai/pool", {});
  const attempts = async ({ token }: Account) => [
    (await api.get("resources/get/f/ai/pool", { token })).status,
    (await api.post("resources/update_value/f/ai/pool", { value: {} }, { token })).status,
    (await api.post("resources/create", { path: "f/ai/x", resource_type: "t" }, { token })).status,
  ];
  assert.deepEqual(await attempts(reader), [200, 404, 401]);
  assert.deepEqual(await attempts(writer), [200, 200, 201]);
  assert.deepEqual(await attempts(windmill.member), [401, 404, 401]);
  const whoami = (await api.get("users/whoami", { token: reader.token })).json as Record<string, unknown>;
  assert.deepEqual([whoami.folders_read, whoami.folders, whoami.folders_owners], [["ai"], [], []]);
});

test("a list shows no secret values and not the reader's ephemeral ones, and only what the reader may see", async () => {
  secret("u/admin/a");
  secret("u/admin/secret_arg/0123456789ab");
  secret("u/member/b");
  const paths = async (token: string) =>
    ((await api.get("variables/list", { token })).json as { path: string; value: unknown }[]).map(({ path, value }) => [
      path,
      value,
    ]);
  assert.deepEqual(await paths(windmill.admin.token), [
    ["u/admin/a", null],
    ["u/member/b", null],
  ]);
  assert.deepEqual(await paths(windmill.member.token), [["u/member/b", null]]);
});

test("a prompt of more than 5000 bytes is refused, a number that is no i32 too", async () => {
  const save = (extra: object) => api.post("workspaces/edit_copilot_config", { ...customAi("u/admin/pool"), ...extra });
  const long = await save({ custom_prompts: { script: "é".repeat(2501) } });
  assert.deepEqual(
    [long.status, long.text],
    [400, "Bad request: Custom prompt for mode 'script' exceeds maximum length of 5000 characters (current: 5002)"],
  );
  const wide = await save({ max_tokens_per_model: { "customai:m": 3_000_000_000 } });
  assert.equal(wide.status, 422);
  assert.match(
    wide.text,
    /: max_tokens_per_model\.customai:m: invalid value: integer `3000000000`, expected i32 at line 1/,
  );
  assert.equal(workspace.aiConfig, undefined);
});

test("a community server takes two workspaces besides admins", async () => {
  const create = async (id: string) => {
    const response = await fetch(`${windmill.url}/api/workspaces/create`, {
      method: "POST",
      headers: { authorization: `Bearer ${windmill.admin.token}` },
      body: JSON.stringify({ id, name: id, username: "admin" }),
    });
    return response.status;
  };
  assert.deepEqual([await create("second"), await create("third")], [201, 400]);
});
