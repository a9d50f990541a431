import assert from "node:assert/strict";
import { afterEach, describe, it } from "node:test";
import { openAsMember } from "../../src/check/as_member.ts";
import { checkConnection } from "../../src/check/check.ts";
import { type AsMember, CheckReport } from "../../src/core/report.ts";
import { renderCheck } from "../../src/pages/report.ts";
import { deployed } from "../standins/windmill/jobs/run.ts";
import { seedVariable } from "../standins/windmill/seed.ts";
import { KEY, startTwoGateways, type TwoGateways } from "../world/two_gateways.ts";

/** What works for whom: chat for every member, agent steps with the rights of the person. */

let world: TwoGateways;
afterEach(() => world.close());

const IN_FOLDER = { secret_path: "f/ai/key", resource_path: "f/ai/gateway" };

function makeFolder(readers: string[]): void {
  world.workspace.folders.set("ai", {
    ...{ name: "ai", displayName: "ai", owners: ["u/admin"], summary: null, createdBy: "admin", editedAt: "" },
    extraPerms: Object.fromEntries(["u/admin", ...readers].map((who) => [who, false])),
  });
}

const whomOf = ({ features }: CheckReport, wanted: string) =>
  features.find(({ feature }) => feature === wanted)?.for_whom;

describe("a report", () => {
  it("says that chat is everybody's and agent steps are the owner's, for a connection at its usual place", async () => {
    world = await startTwoGateways();
    await world.connect({ api_key: KEY });
    const report = await world.check({ depth: "features" });
    assert.equal(whomOf(report, "chat")?.scope, "everybody");
    assert.deepEqual(whomOf(report, "agent steps")?.who, ["u/admin"]);
    assert.equal(whomOf(report, "code completion"), undefined);
    assert.match(
      renderCheck(report),
      /every member[\s\S]*Admins, and who may read both the resource and its key: admin/,
    );
  });

  it("names the people of a folder where it looks closely, and asks no more than before where it does not", async () => {
    world = await startTwoGateways();
    makeFolder(["g/data", "u/member"]);
    await world.connect({ api_key: KEY, ...IN_FOLDER });
    assert.deepEqual(whomOf(await world.check({ depth: "features" }), "agent steps")?.who, [
      "u/admin",
      "g/data",
      "u/member",
    ]);
    world.windmill.requests.length = 0;
    const free = await world.check({ depth: "free" });
    assert.deepEqual(whomOf(free, "agent steps")?.who, ["f/ai"]);
    assert.ok(!world.windmill.requests.some(({ path }) => path.includes("/folders/")));
  });
});

describe("asking as a member", () => {
  async function asMember(): Promise<AsMember> {
    const { windmill, workspace } = world;
    seedVariable(windmill.store, workspace, "u/admin/members_token", windmill.member.token);
    const ended = await world.run("check", async (api, _args, progress) => {
      const member = await openAsMember(api, "u/admin/members_token", {});
      return checkConnection(api, { depth: "free", member }, progress);
    });
    assert.ok(ended.succeeded, ended.error);
    const report = CheckReport.parse([...deployed(workspace).jobs.values()].at(-1)?.result);
    assert.ok(report.as_member, JSON.stringify(report.findings[0]?.evidence));
    assert.equal(report.status, world.a.keys.size > 0 ? "healthy" : "down");
    assert.match(renderCheck(report), new RegExp(`Asked as ${report.as_member.who}`));
    return report.as_member;
  }

  it("finds that their chat gets through and their agent steps do not, and why", async () => {
    world = await startTwoGateways();
    await world.connect({ api_key: KEY });
    const { who, chat, agent_steps, why } = await asMember();
    assert.deepEqual([who, chat, agent_steps], [world.windmill.member.username, true, false]);
    assert.match(why, /^agent steps: resource-missing/);
  });

  it("finds that both do where they may read resource and key", async () => {
    world = await startTwoGateways();
    makeFolder(["g/all"]);
    await world.connect({ api_key: KEY, ...IN_FOLDER });
    assert.deepEqual(await asMember(), { who: world.windmill.member.username, chat: true, agent_steps: true, why: "" });
  });

  it("tells of a token that Windmill does not know, and spoils nothing else", async () => {
    world = await startTwoGateways();
    await world.connect({ api_key: KEY });
    world.windmill.store.tokens.delete(world.windmill.member.token);
    const { chat, why } = await asMember();
    assert.equal(chat, false);
    assert.match(why, /Windmill answered 401/);
  });

  it("is what it says also where the gateway is down", async () => {
    world = await startTwoGateways();
    await world.connect({ api_key: KEY });
    world.a.keys.clear();
    await world.windmill.clock.advance(61_000);
    const { chat, why } = await asMember();
    assert.equal(chat, false);
    assert.match(why, /chat: key-refused/);
  });
});
