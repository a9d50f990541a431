import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import type { Change } from "../../src/change/change.ts";
import {
  continued,
  isOf,
  offTheCopy,
  type Snapshot,
  snapshotOf,
  touchedBy,
  undoneIds,
} from "../../src/change/snapshot.ts";
import { sameJson } from "../../src/core/json.ts";
import { candidatePath, copyPath } from "../../src/core/temporary.ts";

const PATH = "u/admin/gateway";
const about = { id: "second", at: "2026-11-24T10:00:00Z", by: "u/admin", command: "connect" };

/** AI settings with a few places, any of which a change or a person may touch. */
const place = fc.constantFrom("models", "default_model", "custom_prompts", "max_tokens_per_model", "x_new");
const values = fc.dictionary(place, fc.constantFrom("a", "b", "c"));
const settingsWith = (more: object): Record<string, unknown> => ({
  providers: { customai: { resource_path: PATH, models: ["m"] } },
  ...more,
});
const settings = values.map(settingsWith);
const resource = fc.record({ base_url: fc.constantFrom("http://a/v1", "http://b/v1"), headers: fc.constant({}) });

const snapshot = (more: Partial<Snapshot>): Snapshot => ({
  ...about,
  id: "first",
  ai_settings: null,
  resource: null,
  open: true,
  ...more,
});
const found = (now: Record<string, unknown>, resources: [string, unknown][] = []) => ({
  settings: now,
  resources: new Map(resources),
});
const saving = (before: Record<string, unknown>, after: Record<string, unknown>): Change => ({
  ...{ kind: "save-ai-settings", before, after, via: "server" },
});

describe("the snapshot of a change", () => {
  it("leaves out what stands in the workspace for a moment only, wherever it is in the plan", () => {
    const value = { api_key: "$var:u/admin/gateway", base_url: "http://a/v1", headers: {} };
    const temporary = [copyPath(PATH), candidatePath(PATH)].flatMap((path): Change[] => [
      { kind: "delete-resource", path, resource_type: "customai", value, description: "" },
      { kind: "create-resource", path, resource_type: "customai", value, description: "" },
    ]);
    const change: Change = {
      kind: "replace-resource",
      path: PATH,
      before: { ...value, headers: { a: "1" } },
      after: value,
    };
    const made = snapshotOf([...temporary, change, ...temporary], about);
    assert.deepEqual(made && touchedBy(made).map(({ path }) => path), [PATH]);
    assert.equal(snapshotOf(temporary, about), null);
  });

  it("tells of every resource, that of the connection first", () => {
    const made = (path: string): Change => ({
      ...{
        kind: "create-resource",
        path,
        resource_type: "customai",
        value: { base_url: "http://a/v1" },
        description: "",
      },
    });
    const one = snapshotOf([made("u/admin/other"), made(PATH), saving({}, settingsWith({}))], about);
    assert.deepEqual(one && touchedBy(one).map(({ path }) => path), [PATH, "u/admin/other"]);
  });
});

describe("a change that goes on where another run died", () => {
  it("was begun at what was there before both, wherever the first one stopped", () => {
    fc.assert(
      fc.property(settings, settings, settings, fc.boolean(), (start, first, second, saved) => {
        const dead = snapshot({ ai_settings: { before: start, after: first } });
        const now = saved ? first : start;
        const own = snapshotOf([saving(now, second)], about);
        const both = continued([dead], own, found(now));
        assert.deepEqual(both?.ai_settings?.before ?? second, start);
        assert.deepEqual(both?.ai_settings?.after ?? second, second);
      }),
    );
  });

  it("does not take what somebody else has changed in between for its own", () => {
    fc.assert(
      fc.property(values, values, values, settings, (start, mine, theirs, second) => {
        const first = { ...start, ...mine };
        // Somebody else writes where the first run did not.
        const elsewhere = Object.fromEntries(Object.entries(theirs).filter(([key]) => !(key in mine)));
        const now = settingsWith({ ...first, ...elsewhere });
        const dead = snapshot({ ai_settings: { before: settingsWith(start), after: settingsWith(first) } });
        const both = continued([dead], snapshotOf([saving(now, second)], about), found(now));
        assert.deepEqual(both?.ai_settings?.before ?? second, settingsWith({ ...start, ...elsewhere }));
      }),
    );
  });

  it("was begun at the resource as it was, whether the first one had made, changed, emptied or deleted it", () => {
    const state = fc.option(resource, { nil: null });
    fc.assert(
      fc.property(state, state, fc.boolean(), fc.boolean(), (start, first, reached, emptied) => {
        const dead = snapshot({ resource: { path: PATH, before: start, after: first } });
        const between = first === null && emptied && start !== null ? {} : first;
        const both = continued([dead], null, found({}, [[PATH, reached ? between : start]]));
        const before = both ? (touchedBy(both)[0]?.before ?? null) : reached ? between : start;
        assert.ok(sameJson(before, start));
      }),
    );
  });

  it("keeps the wish of before, the oldest one, and answers to the ids of all runs", () => {
    const dead = [
      snapshot({ id: "second try", intent: { wish: "of the first try" } }),
      snapshot({ id: "first try", intent: { wish: "of before" }, continues: ["none"] }),
    ];
    const both = continued(dead, snapshotOf([saving({}, settingsWith({}))], about), found({}));
    assert.deepEqual(both?.intent, { wish: "of before" });
    for (const id of ["second", "second try", "first try", "none"]) assert.ok(both && isOf(both, id));
  });

  it("leads to the resource of before, not to the copy that people were left on", () => {
    const start = settingsWith({ custom_prompts: "a" });
    const away = { ...start, providers: { customai: { resource_path: copyPath(PATH), models: ["m"] } } };
    const dead = snapshot({
      ai_settings: { before: start, after: settingsWith({ custom_prompts: "b" }) },
      resource: { path: PATH, before: { base_url: "http://a/v1" }, after: { base_url: "http://b/v1" } },
    });
    const own = snapshotOf([saving(away, settingsWith({ custom_prompts: "c" }))], about);
    const both = continued([dead], own, found(away, [[PATH, { base_url: "http://a/v1" }]]));
    assert.deepEqual(both?.ai_settings?.before, start);
    assert.deepEqual(offTheCopy(away, [PATH]), settingsWith({ custom_prompts: "a" }));
    assert.deepEqual(offTheCopy(away, ["f/elsewhere/gateway"]), away);
  });

  it("is none where everything is as before the first one", () => {
    const start = settingsWith({});
    const dead = snapshot({ ai_settings: { before: start, after: settingsWith({ x_new: "a" }) } });
    assert.equal(continued([dead], null, found(start)), null);
  });
});

describe("what is undone", () => {
  it("is what an undo was about that was not undone itself", () => {
    const list = [snapshot({ id: "c", undoes: "b" }), snapshot({ id: "b", undoes: "a" }), snapshot({ id: "a" })];
    assert.deepEqual([...undoneIds(list)], ["b"]);
    assert.deepEqual([...undoneIds(list.slice(1))], ["a"]);
  });
});
