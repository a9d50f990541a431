import assert from "node:assert/strict";
import { after, before, beforeEach, describe, it } from "node:test";
import { ChangeReport, CheckReport } from "../../src/core/report.ts";
import { poolKey } from "../standins/gateway/pooler.ts";
import { plainValue } from "../standins/windmill/secrets.ts";
import { seedVariable } from "../standins/windmill/seed.ts";
import { ask, askMeanwhile } from "../world/browser_client.ts";
import { leaksOf } from "../world/leaks.ts";
import { CONNECTION, errorOf, KEY, reportOf, startDeployedWorld, type World, writesOf } from "../world/world.ts";

/** Rotating the key with real jobs. */

const NEW_KEY = `sk-cxp-ba9876543210-${"Zx8Cv3Bn6Mq1Lw5Ke9Jr2Ht7Gy4Fu0Di_aSdPoIuYtRe"}`;

let world: World;
before(async () => {
  world = await startDeployedWorld({ realTime: true });
});
beforeEach(async () => {
  await world.reset();
  world.pooler.keys.set(NEW_KEY, poolKey());
  reportOf(await world.runConnect(), ChangeReport);
});
after(() => world.close());

const rotate = async (filled: object) => world.run("rotate_key", { mode: "apply", ...filled });

function storedKey(): string {
  const variable = world.workspace.variables.get(CONNECTION);
  assert.ok(variable);
  return plainValue(world.workspace, variable) ?? "";
}

/** Variables of forms that hold a key. */
const typedKeys = () =>
  [...world.workspace.variables.values()]
    .filter((one) => one.path.includes("/secret_arg/") && plainValue(world.workspace, one).startsWith("sk-"))
    .map(({ path }) => path);
const temporary = () =>
  [...world.workspace.variables.values(), ...world.workspace.resources.values()].filter(({ description }) =>
    description?.startsWith("Temporary: "),
  );

describe("rotating the key", () => {
  it("shows what it would do without doing it, and keeps the typed key for the run that applies it", async () => {
    const writes = writesOf(world).length;
    const plan = reportOf(await world.run("rotate_key", { new_key: await world.typeSecret(NEW_KEY) }), ChangeReport);
    assert.deepEqual(
      plan.changes.map(({ action, target }) => `${action} ${target}`),
      [
        "create secret variable u/admin/codex_pooler_previous_key",
        `change secret variable ${CONNECTION}`,
        "delete secret variable u/admin/codex_pooler_previous_key",
      ],
    );
    assert.equal(writesOf(world).length, writes);
    assert.equal(storedKey(), KEY);
    assert.equal(typedKeys().length, 1);
  });

  const refusals: { it: string; spoil?: () => void; filled: object; says: RegExp }[] = [
    { it: "no key is given", filled: {}, says: /new_key: is missing/ },
    {
      it: "the key is given twice",
      filled: { new_key: NEW_KEY, new_key_path: "u/admin/new" },
      says: /new_key: is given twice/,
    },
    {
      it: "there is no such variable",
      filled: { new_key_path: "u/admin/absent" },
      says: /there is no variable u\/admin\/absent/,
    },
    {
      it: "the variable is that of the live key",
      filled: { new_key_path: CONNECTION },
      says: /variable of the live key itself/,
    },
    { it: "the key is none of Codex Pooler's", filled: { new_key: "Bearer abc" }, says: /new_key: / },
    {
      it: "the gateway refuses the new key",
      spoil: () => void world.pooler.keys.delete(NEW_KEY),
      filled: { new_key: NEW_KEY },
      says: /^The key was sent in plain text with this run[\s\S]*Nothing was changed, because the connection would not work/,
    },
    {
      it: "the new key serves fewer models",
      spoil: () => void world.pooler.keys.set(NEW_KEY, poolKey({ allowedModels: ["gpt-5.5"] })),
      filled: { new_key: NEW_KEY },
      says: /^The key was sent in plain text with this run[\s\S]*does not serve gpt-6-luna, gpt-6-terra/,
    },
  ];
  for (const { it: title, spoil, filled, says } of refusals) {
    it(`changes nothing when ${title}`, async () => {
      spoil?.();
      const run = await rotate(filled);
      assert.match(errorOf(run), says);
      assert.equal(storedKey(), KEY);
      assert.deepEqual(temporary(), []);
    });
  }

  it("changes nothing when the key is the one that is stored already, and warns of a key sent in plain text", async () => {
    const report = reportOf(await rotate({ new_key: KEY }), ChangeReport);
    assert.deepEqual(report.changes, []);
    assert.match(report.notes.join("\n"), /sent in plain text with this run/);
  });

  it("swaps the key in without a refused request, outlives the caches, and leaves nothing behind", async () => {
    const typed = await world.typeSecret(NEW_KEY);
    let expires = "";
    const stop = world.windmill.intercept(({ path, body }) => {
      if (path.endsWith("/variables/create") && body.includes("previous_key")) {
        expires = String((JSON.parse(body) as Record<string, unknown>).expires_at);
      }
      return undefined;
    });
    const { result: run, served, refused } = await askMeanwhile(world, rotate({ new_key: typed }));
    stop();
    const report = reportOf(run, ChangeReport);
    assert.equal(report.status, "healthy");
    assert.equal(storedKey(), NEW_KEY);
    assert.deepEqual([refused, temporary(), typedKeys()], [[], [], []]);
    assert.ok(served > 100, `only ${served} requests`);
    // The old key is not needed any more by any process.
    world.pooler.keys.delete(KEY);
    assert.equal((await ask(world)).status, 200);
    assert.deepEqual([leaksOf(world, KEY), leaksOf(world, NEW_KEY)], [[], []]);
    // Should the run die, Windmill deletes the old key by itself.
    const days = (Date.parse(expires) - Date.now()) / 86_400_000;
    assert.ok(days > 6 && days < 8, expires);

    // "Run again" submits the reference to what was typed.
    const again = reportOf(await rotate({ new_key: typed }), ChangeReport);
    assert.deepEqual([again.changes, again.status, storedKey()], [[], "healthy", NEW_KEY]);
    assert.match(again.notes.join(" "), /To rotate again, type another one/);
  });

  it("that died is told by check, and what it has left is removed by repair", async () => {
    const path = "u/admin/codex_pooler_previous_key";
    const description = "Temporary: f/codex_pooler/rotate_key keeps the old key until the new one has proven itself";
    seedVariable(world.windmill.store, world.workspace, path, KEY, { description });
    const check = reportOf(await world.runCheck(), CheckReport);
    assert.deepEqual(
      check.findings.filter(({ severity }) => severity !== "info").map(({ code, repairable }) => [code, repairable]),
      [["old-key-kept", true]],
    );
    const repair = reportOf(await world.run("repair", { mode: "apply", depth: "chat" }), ChangeReport);
    assert.deepEqual(
      repair.changes.map(({ action, target }) => `${action} ${target}`),
      [`delete secret variable ${path}`],
    );
    assert.deepEqual([repair.status, temporary()], ["healthy", []]);
  });
});
