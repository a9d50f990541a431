import assert from "node:assert/strict";
import { after, before, beforeEach, describe, it } from "node:test";
import { HEALTH_STATE } from "../../src/core/paths.ts";
import { emptyHistory } from "../../src/health/history.ts";
import { changeMemory, forgetMemory, storedNow } from "../../src/health/memory.ts";
import { readMemory } from "../../src/health/read_memory.ts";
import { newState } from "../../src/health/state.ts";
import { INTENT } from "../../src/observe/intent.ts";
import { openWindmill, type Windmill } from "../../src/windmill/windmill.ts";
import { seedResource } from "../standins/windmill/seed.ts";
import { startWindmill, type WindmillStandin } from "../standins/windmill/server.ts";
import type { Workspace } from "../standins/windmill/store.ts";
import { memoriesIn } from "../world/health_memory.ts";

/** The memory where it is kept, against the stand-in: many jobs at once, answers that get lost, and a disconnect in between. */

const AT = "2026-03-01T00:00:00.000Z";
let standin: WindmillStandin;
let workspace: Workspace;
let windmill: Windmill;

before(async () => {
  standin = await startWindmill();
  workspace = standin.createWorkspace("memory");
  windmill = openWindmill({
    WM_WORKSPACE: "memory",
    WM_TOKEN: standin.admin.token,
    WM_BASE_URL: standin.url,
    BASE_URL: standin.url,
  });
});
beforeEach(() => {
  workspace.resources.clear();
  const made = { resource_type: false, schedule: false, secrets: [], resources: [], limits: [] };
  seedResource(
    standin.store,
    workspace,
    INTENT,
    {
      ...{ version: 2, at: AT, by: "u/admin", active: true, resource_path: "u/a/b", secret_path: "u/a/b" },
      ...{ base_url: "https://x/v1", models: [], default_model: null, metadata_model: null, made },
      before: { providers: false, default_model: null, metadata_model: null },
    },
    { resourceType: "state" },
  );
});
after(() => standin.close());

/** Adds a word to what is remembered. */
const add = (word: string) =>
  changeMemory(windmill, ({ state, history }) => {
    const before = state ?? newState("healthy", AT);
    if (before.unlisted.includes(word)) return { store: null, result: word };
    return { store: { state: { ...before, unlisted: [...before.unlisted, word] }, history }, result: word };
  });
const words = async (): Promise<string[]> => readMemory(await storedNow(windmill), AT).state?.unlisted ?? [];

describe("the memory", () => {
  it("loses no change of twenty at once, and leaves one record and no lock", async () => {
    const all = Array.from({ length: 20 }, (_, index) => `word-${index}`);
    assert.deepEqual(await Promise.all(all.map(add)), all);
    assert.deepEqual((await words()).sort(), [...all].sort());
    assert.equal(workspace.resources.size, 2, [...workspace.resources.keys()].join());
    assert.match(memoriesIn(workspace)[0]?.path ?? "", new RegExp(`^${HEALTH_STATE}/\\d+$`));
  });

  it("knows that a change took effect whose answer got lost, and fails when one did not", async () => {
    await add("first");
    for (const takesEffect of [true, false]) {
      const stop = standin.intercept(({ method, path }) =>
        method === "POST" && path.includes("/resources/update/")
          ? { takesEffect, show: { status: 502, body: "" } }
          : undefined,
      );
      try {
        const change = add(`then ${takesEffect}`);
        if (takesEffect) assert.equal(await change, "then true");
        else await assert.rejects(change, /Writing the state f\/codex_pooler\/health_state\/2: Windmill answered 502/);
      } finally {
        stop();
      }
    }
    assert.deepEqual(await words(), ["first", "then true"]);
  });

  it("is not made where nobody has connected, and not again where somebody disconnects meanwhile", async () => {
    workspace.resources.delete(INTENT);
    assert.equal(await add("never"), null);
    assert.deepEqual(memoriesIn(workspace), []);
  });

  it("goes when somebody disconnects between the look at the intent and the first write", async () => {
    const stop = standin.intercept(({ method, path }) => {
      if (method === "POST" && path.endsWith("/resources/create")) workspace.resources.delete(INTENT);
      return undefined;
    });
    assert.equal(await add("never"), null);
    stop();
    assert.deepEqual(memoriesIn(workspace), []);
  });

  it("is forgotten wherever it has moved to, and a change that was under way does not bring it back", async () => {
    await add("first");
    let gone = false;
    const result = await changeMemory(windmill, async ({ state, history }) => {
      if (!gone) {
        gone = true;
        workspace.resources.delete(INTENT);
        await forgetMemory(windmill);
      }
      return { store: { state: state ?? newState("healthy", AT), history }, result: "written" };
    });
    assert.equal(result, null);
    assert.deepEqual(memoriesIn(workspace), []);
  });

  it("holds no text that Windmill could take for a reference: deleting it would delete the variable", async () => {
    await add("$var:u/admin/treasure");
    assert.deepEqual(await words(), [" $var:u/admin/treasure"]);
  });

  it("without a state keeps its history", () => {
    const history = { ...emptyHistory(), models: ["a"] };
    assert.deepEqual(readMemory({ history }, AT), { state: null, history, repairs: [] });
  });
});
