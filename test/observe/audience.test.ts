import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { agentStepsNote, audienceOf, type Folders, folderOf, type Shared } from "../../src/observe/audience.ts";
import { type Actor, canRead } from "../standins/windmill/access.ts";
import type { Workspace } from "../standins/windmill/store.ts";

/** For whom AI agent steps work: who may read both the resource and the secret. */

const item = (path: string, ...shared: string[]): Shared => ({ path, with: shared });
const folder = (owners: string[], ...readers: string[]) => ({
  owners,
  extra_perms: Object.fromEntries([...owners, ...readers].map((who) => [who, false])),
});

describe("the audience of a resource and a secret", () => {
  it("is its owner and the admins where both lie with one person", () => {
    const { scope, who, says } = audienceOf([item("u/ada/pool"), item("u/ada/pool")]);
    assert.deepEqual([scope, who], ["readers", ["u/ada"]]);
    assert.match(says, /^Admins, and who may read both the resource and its key: ada\./);
  });

  it("is the folder's people by name where the folder was looked at, and the folder by name where it was not", () => {
    const items = [item("f/ai/pool"), item("f/ai/pool")];
    const known = audienceOf(items, { ai: folder(["u/ada"], "g/data") });
    assert.deepEqual(known.who, ["u/ada", "g/data"]);
    assert.match(known.says, /ada, the group data/);
    assert.deepEqual(audienceOf(items).who, ["f/ai"]);
    assert.match(audienceOf(items).says, /whoever may read the folder ai/);
  });

  it("is everybody where every member may read both", () => {
    const open: Folders = { ai: folder(["u/ada"], "g/all") };
    assert.equal(audienceOf([item("f/ai/pool"), item("f/ai/pool")], open).scope, "everybody");
    assert.equal(audienceOf([item("u/ada/pool", "g/all"), item("u/ada/key", "g/all")]).scope, "everybody");
    const limited = audienceOf([item("f/ai/pool"), item("u/ada/key", "g/data")], open);
    assert.deepEqual([limited.scope, limited.who], ["readers", ["u/ada", "g/data"]]);
  });

  it("is the admins alone where nobody else may read both, and open where only Windmill knows", () => {
    assert.equal(audienceOf([item("u/ada/pool"), item("u/bob/key")]).scope, "admins");
    const open = audienceOf([item("g/data/pool"), item("u/bob/key", "g/ops")]);
    assert.deepEqual([open.scope, open.who], ["readers", []]);
    assert.match(open.says, /among the group data and also among bob, the group ops/);
  });

  it("never promises what Windmill refuses, nor leaves out a person whom it names", () => {
    const people = ["ada", "bob", "cy"];
    const groups = ["data", "ops"];
    const principal = fc.constantFrom("u/ada", "u/bob", "u/cy", "g/data", "g/ops", "g/all");
    const anyItem = fc.record({
      path: fc.constantFrom("u/ada/x", "u/bob/x", "g/data/x", "f/ai/x", "f/lab/x"),
      with: fc.uniqueArray(principal, { maxLength: 3 }),
    });
    const anyFolder = fc.record({
      owners: fc.uniqueArray(principal, { maxLength: 2 }),
      readers: fc.uniqueArray(principal, { maxLength: 3 }),
    });
    fc.assert(
      fc.property(anyItem, anyItem, anyFolder, anyFolder, fc.subarray(groups), (resource, secret, ai, lab, mine) => {
        const folders = { ai: folder(ai.owners, ...ai.readers), lab: folder(lab.owners, ...lab.readers) };
        const audience = audienceOf([resource, secret], folders);
        const workspace = {
          folders: new Map(
            Object.entries(folders).map(([name, { owners, extra_perms }]) => [
              name,
              { owners, extraPerms: extra_perms },
            ]),
          ),
        } as unknown as Workspace;
        for (const username of people) {
          const member = { username, groups: ["all", ...mine], isAdmin: false } as unknown as Actor;
          const reads = [resource, secret].every(({ path, with: shared }) =>
            canRead(workspace, member, path, Object.fromEntries(shared.map((who) => [who, false]))),
          );
          const principals = [`u/${username}`, ...mine.map((group) => `g/${group}`)];
          if (audience.scope === "everybody") assert.ok(reads, `${username} may not read both`);
          if (audience.who.some((who) => principals.includes(who))) assert.ok(reads, `${username} was named`);
          if (audience.scope === "admins" && mine.length === 0) assert.ok(!reads, `${username} may read both`);
        }
      }),
      { numRuns: 2_000 },
    );
  });
});

describe("a plan's note", () => {
  it("says for whom agent steps will work, unless it is everybody", () => {
    assert.match(
      agentStepsNote(audienceOf([item("u/ada/a"), item("u/ada/b")])) ?? "",
      /every member\. AI agent steps.*ada/,
    );
    assert.equal(agentStepsNote(audienceOf([item("f/ai/a")], { ai: folder([], "g/all") })), null);
    assert.equal(folderOf("u/ada/x"), null);
  });
});
