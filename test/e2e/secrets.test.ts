import assert from "node:assert/strict";
import { after, before, beforeEach, describe, it } from "node:test";
import { ChangeReport, CheckReport } from "../../src/core/report.ts";
import { poolKey } from "../standins/gateway/pooler.ts";
import { jobsOf } from "../standins/windmill/jobs/run.ts";
import { leaksOf } from "../world/leaks.ts";
import {
  CONNECTION,
  errorOf,
  GATEWAY_HOST,
  reportOf,
  startDeployedWorld,
  WEBHOOK_VARIABLE,
  WORKSPACE,
  type World,
} from "../world/world.ts";

/** Every piece of it is unlike any other text. */
const TYPED_KEY = `sk-cxp-0123456789ab-${"Qz7Lm2Xv9Rt4Wn8Yb3Hc6Jd1Kf5Pg0Sa_TuEiOxQwVr"}`;
const PREFIX = "sk-cxp-0123456789ab";

let world: World;
before(async () => {
  world = await startDeployedWorld();
});
beforeEach(async () => {
  await world.reset();
  world.pooler.keys.set(TYPED_KEY, poolKey());
  await world.storeWebhook();
});
after(() => world.close());

/** Connects, checks on schedule while all is well, while the key is refused with its own text in the answer, and afterwards. */
async function liveThroughIt(filled: object): Promise<void> {
  const report = reportOf(
    await world.runConnect({ schedule: "every 5 minutes", alert_webhook_path: WEBHOOK_VARIABLE, ...filled }),
    ChangeReport,
  );
  assert.equal(report.status, "healthy");
  await world.tick();
  world.pooler.faults.push({ name: "key_in_error" });
  await world.tick();
  world.pooler.faults.length = 0;
  await world.tick();
  await world.tick();
  reportOf(await world.runConnect({ ...filled, api_key: "", mode: "plan" }), ChangeReport);
  assert.deepEqual(
    world.webhook.alerts.map(({ status }) => status),
    ["down", "healthy"],
  );
}

describe("the key", () => {
  it("is nowhere but in secret variables after it was typed into the form", async () => {
    await liveThroughIt({ api_key: await world.typeSecret(TYPED_KEY) });
    assert.deepEqual(leaksOf(world, TYPED_KEY), []);
  });

  it("is nowhere but in its variable when that is named by secret_path", async () => {
    await world.storeSecret("u/admin/pool_key", TYPED_KEY);
    await liveThroughIt({ api_key: "", secret_path: "u/admin/pool_key" });
    assert.deepEqual(leaksOf(world, TYPED_KEY), []);
  });

  it("is shown by its prefix only, in the plan and in the refusal of the gateway", async () => {
    const plan = await world.runConnect({ api_key: await world.typeSecret(TYPED_KEY), mode: "plan" });
    assert.ok(JSON.stringify(plan.result).includes(PREFIX));
    world.pooler.faults.push({ name: "key_in_error" });
    const refused = await world.runConnect({ api_key: await world.typeSecret(TYPED_KEY) });
    assert.equal(refused.success, false);
    assert.deepEqual(leaksOf(world, TYPED_KEY), []);
  });

  // Windmill's client hands the request's body on with its error, and an uncaught error is stored with the run.
  const refusals = [
    { it: "refuses to create the variable", show: { status: 400, body: "Bad request: no more variables" } },
    { it: "fails while it creates the variable", show: { status: 500, body: "Internal: disk full" } },
    { it: "breaks off while it creates the variable", show: "drop" as const },
  ];
  for (const { it: title, show } of refusals) {
    it(`is not in the error when Windmill ${title}`, async () => {
      const reference = await world.typeSecret(TYPED_KEY);
      const stop = world.windmill.intercept(({ path }) =>
        path.endsWith("/variables/create") ? { takesEffect: false, show } : undefined,
      );
      const run = await world.runConnect({ api_key: reference });
      stop();
      assert.equal(run.success, false);
      assert.match(errorOf(run), /variable/);
      assert.deepEqual(leaksOf(world, TYPED_KEY), []);
    });
  }

  it("that was sent in plain text through the API is answered with the advice to replace it", async () => {
    const run = await world.runConnect({ api_key: TYPED_KEY });
    const { notes, status } = reportOf(run, ChangeReport);
    assert.equal(status, "healthy");
    assert.match(notes.join("\n"), /in plain text.*run's history.*revoke this key/s);
    // What was sent is in the arguments, and nowhere else.
    assert.deepEqual(leaksOf(world, TYPED_KEY), [
      `args of f/codex_pooler/connect (${run.id})`,
      `request POST /api/w/${WORKSPACE}/jobs/run/p/f/codex_pooler/connect`,
    ]);
  });
});

/** Keys as other gateways give them out: no pattern knows them. */
const FOREIGN_KEYS = {
  "32 hex digits": "3f9a1c77be024d6583e0aa19c5d2f4b6",
  "a key with a prefix of its own": "vk_live_51Hx8Kq2Zr9Tw4Yb7Nc3Vd",
  "a password": "Tr0ub4dor-and-3-more",
  "a password with special characters": `p@ss;w0rd"'1<x>&%y/z`,
};

describe("a key that has no form that anybody knows", () => {
  for (const [name, key] of Object.entries(FOREIGN_KEYS)) {
    it(`is nowhere when it is ${name} and the gateway repeats it, whole, encoded and shortened`, async () => {
      world.pooler.keys.set(key, poolKey());
      const filled = { schedule: "every 5 minutes", alert_webhook_path: WEBHOOK_VARIABLE };
      const api_key = await world.typeSecret(key);
      assert.equal(reportOf(await world.runConnect({ ...filled, api_key }), ChangeReport).status, "healthy");
      for (const fault of ["key_encoded_in_error", "key_shortened_in_error", "key_in_error"] as const) {
        world.pooler.faults.splice(0, 1, { name: fault });
        const { findings } = reportOf(await world.runCheck({ depth: "free" }), CheckReport);
        assert.match(JSON.stringify(findings), /\(secret\)/, "the refusal is told");
        await world.runConnect({ api_key: await world.typeSecret(key), replace_secret: true });
        const new_key = await world.typeSecret(`${key}-2`);
        const refused = await world.run("rotate_key", { mode: "apply", new_key });
        assert.match(errorOf(refused), /The gateway refuses the key/);
      }
      await world.tick();
      await world.tick();
      for (const script of ["check_now", "dashboard_data", "repair"]) await world.run(script);
      assert.equal(world.webhook.alerts[0]?.status, "down");
      assert.deepEqual(leaksOf(world, key), []);
    });
  }

  it("is not what a member is shown, who may not read it", async () => {
    const key = FOREIGN_KEYS["32 hex digits"];
    world.pooler.keys.set(key, poolKey());
    reportOf(await world.runConnect({ api_key: await world.typeSecret(key) }), ChangeReport);
    const folder = world.workspace.folders.get("codex_pooler");
    assert.ok(folder);
    folder.extraPerms["g/all"] = false;
    world.pooler.faults.push({ name: "key_in_error" });
    const { findings } = reportOf(await world.runCheck({ depth: "free" }, world.windmill.member.token), CheckReport);
    assert.match(JSON.stringify(findings), /key \(hidden\) is not valid here/);
    assert.deepEqual(leaksOf(world, key), []);
  });
});

describe("a credential in the resource", () => {
  /** Connects, puts something else into the resource, as people do by hand, and lets everything look at it. */
  async function withResource(change: object): Promise<void> {
    reportOf(await world.runConnect({ schedule: "every 5 minutes" }), ChangeReport);
    const resource = world.workspace.resources.get(CONNECTION);
    assert.ok(resource);
    Object.assign(resource, { value: { ...(resource.value as object), ...change } });
    await world.expireCaches();
    await world.tick();
    for (const script of ["check_now", "dashboard_data", "disconnect"]) await world.run(script);
    await world.run("repair", { mode: "plan", depth: "chat" });
  }

  /** Where it is besides the resource itself, its history, and the requests that write it. */
  const elsewhere = (secret: string): string[] =>
    leaksOf(world, secret).filter((place) => !/^(?:resource|history of) u\/|^request POST .*\/resources\//.test(place));

  const PASSWORD = "Tr0ub4dor-xyz9";
  const addresses = {
    "before the host": `http://alice:${PASSWORD}@${GATEWAY_HOST}/v1`,
    "with a question mark in it": `http://alice:${PASSWORD}?a@${GATEWAY_HOST}/v1`,
    "in the query": `http://${GATEWAY_HOST}/v1?subscription-key=${PASSWORD}`,
    "in a fragment": `http://${GATEWAY_HOST}/v1#${PASSWORD}`,
  };
  for (const [where, base_url] of Object.entries(addresses)) {
    it(`is shown nowhere when it stands in the address, ${where}`, async () => {
      await withResource({ base_url });
      // What is applied to an address that answers waits until nobody uses the old one: one of them is enough.
      if (where === "before the host") {
        reportOf(await world.run("repair", { mode: "apply", depth: "chat" }), ChangeReport);
        reportOf(await world.run("undo", { mode: "plan" }), ChangeReport);
      }
      assert.deepEqual(elsewhere(PASSWORD), []);
    });
  }

  it("is in no plan, snapshot or result when it is a header that a proxy asks for, and connect says that readers see it", async () => {
    const value = "9f8e7d6c5b4a39281706f5e4d3c2b1a0";
    await world.storeSecret("u/admin/apim", value);
    for (const name of ["Ocp-Apim-Subscription-Key", "CF-Access-Client-Id", "x-functions-key", "X-Vault-Token"]) {
      const headers = { [name]: "$var:u/admin/apim", "x-team": "ops" };
      const plan = reportOf(await world.runConnect({ mode: "plan", headers }), ChangeReport);
      assert.match(JSON.stringify(plan.changes), /\(set\)/);
      const made = reportOf(await world.runConnect({ headers }), ChangeReport);
      assert.match(made.notes.join("\n"), new RegExp(`${name} seems to hold a credential`));
      assert.doesNotMatch(made.notes.join("\n"), /plain text/, "a reference lies open nowhere");
      await world.tick().catch(() => undefined);
      reportOf(await world.runConnect({ headers: { "x-team": "ops" }, api_key: "" }), ChangeReport);
      const undone = reportOf(await world.run("undo", { mode: "plan" }), ChangeReport);
      assert.match(undone.notes.join("\n"), new RegExp(`headers.${name} of .* is in no snapshot`));
      assert.deepEqual(elsewhere(value), []);
    }
  });

  it("does not keep a first connect with such a header from being undone", async () => {
    const headers = { "Ocp-Apim-Subscription-Key": "9f8e7d6c5b4a39281706f5e4d3c2b1a0" };
    reportOf(await world.runConnect({ headers }), ChangeReport);
    const undone = reportOf(await world.run("undo", { mode: "apply" }), ChangeReport);
    assert.equal(undone.applied, true);
    assert.equal(world.workspace.resources.has(CONNECTION), false);
  });
});

describe("what lies open in a run's arguments", () => {
  const RAW = TYPED_KEY;
  const slips: [title: string, script: string, filled: object][] = [
    ["an address without /v1", "connect", { api_key: RAW, base_url: "http://codex-pooler.example.com" }],
    ["a bad path", "connect", { api_key: RAW, secret_path: "nope" }],
    ["a Bearer in front", "connect", { api_key: `Bearer ${RAW}` }],
    ["a path where nothing is", "connect", { api_key: RAW, alert_webhook_path: "u/admin/none" }],
    ["the key in the field of a path", "connect", { api_key: "", secret_path: RAW }],
    ["a key of another form there", "connect", { api_key: "", secret_path: FOREIGN_KEYS["32 hex digits"] }],
    ["the key given twice", "rotate_key", { new_key: RAW, new_key_path: "u/admin/x" }],
    ["the new key in the field of a path", "rotate_key", { new_key_path: RAW }],
    ["a header that is refused", "connect", { headers: { Authorization: `Bearer ${RAW}` } }],
    ["a password in the address", "connect", { base_url: "http://alice:Tr0ub4dor-xyz9@gw.example.com/v1" }],
  ];
  for (const [title, script, filled] of slips) {
    it(`is told first in the error about ${title}`, async () => {
      const run = script === "connect" ? await world.runConnect(filled) : await world.run(script, filled);
      assert.equal(run.success, false);
      const [first = "", ...rest] = errorOf(run).split("\n");
      assert.match(first, /plain text.*run's history/);
      assert.match(rest.join("\n"), /^Nothing was changed/m);
      const places = [...leaksOf(world, RAW), ...leaksOf(world, FOREIGN_KEYS["32 hex digits"])];
      assert.deepEqual(
        places.filter((place) => !/^args of|^request POST .*\/jobs\/run\//.test(place)),
        [],
      );
    });
  }

  it("is not told of what the form has put into a variable", async () => {
    const api_key = await world.typeSecret(TYPED_KEY);
    const run = await world.runConnect({ api_key, secret_path: "nope" });
    assert.doesNotMatch(errorOf(run), /plain text/);
  });
});

describe("the webhook's address", () => {
  it("is nowhere but in its variable, also when the webhook refuses alerts", async () => {
    reportOf(
      await world.runConnect({
        ...{ api_key: await world.typeSecret(TYPED_KEY), schedule: "hourly", alert_webhook_path: WEBHOOK_VARIABLE },
      }),
      ChangeReport,
    );
    world.webhook.status = 403;
    world.pooler.models.length = 1;
    await world.tick();
    await world.tick();
    assert.equal(world.webhook.alerts.length, 1);
    assert.deepEqual(leaksOf(world, world.webhook.token), []);
  });
});

describe("a job's token", () => {
  it("is in no result, log or state", async () => {
    await liveThroughIt({ api_key: await world.typeSecret(TYPED_KEY) });
    const tokens = [...world.windmill.store.tokens].filter(([, { job }]) => job).map(([token]) => token);
    assert.ok(tokens.length > jobsOf(world.windmill, WORKSPACE).length / 2);
    const kept = JSON.stringify([
      jobsOf(world.windmill, WORKSPACE).map(({ args, result, logs }) => [args, result, logs]),
      [...world.workspace.resources.values()],
      world.webhook.bodies,
    ]);
    for (const token of tokens) assert.ok(!kept.includes(token.slice(4, 24)));
  });
});
