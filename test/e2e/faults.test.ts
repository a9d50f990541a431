import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, describe, it, mock } from "node:test";
import { isDeepStrictEqual } from "node:util";
import { type PoolerStandin, poolKey, startPooler } from "../standins/gateway/pooler.ts";
import type { Interception } from "../standins/windmill/intercept.ts";
import { startWindmill, type WindmillStandin } from "../standins/windmill/server.ts";
import type { Workspace } from "../standins/windmill/store.ts";
import {
  callNamer,
  copyContents,
  deployHealthFlow,
  essenceOf,
  leftovers,
  skipWaits,
  spoil,
  type Trial,
  tryConnect,
} from "./trials.ts";
import { othersMoveIn } from "./workspace_contents.ts";
import { GATEWAY_HOST, PUBLIC_ADDRESS } from "./world.ts";

/** Connect in mode apply, with every single call that it makes failing once: the workspace is as before or as intended, never a mix. */

const OLD_KEY = `sk-cxp-0123456789ab-${"Lm3Qz8Rw5Xk1Vb7Nc4Hd9Jf2Gs6Tp0Ya_oEuIiAqSwDe"}`;
const NEW_KEY = `sk-cxp-ba9876543210-${"Zx8Cv3Bn6Mq1Lw5Ke9Jr2Ht7Gy4Fu0Di_aSdPoIuYtRe"}`;

/** What is there before, and what is asked for. */
const SCENARIOS: { it: string; earlier: object | null; filled: object }[] = [
  { it: "a fresh connection", earlier: null, filled: { api_key: NEW_KEY, schedule: "hourly" } },
  {
    it: "another key, other models and another interval for a connection",
    earlier: { api_key: OLD_KEY, schedule: "hourly" },
    filled: {
      ...{ api_key: NEW_KEY, replace_secret: true, models: ["gpt-6-luna", "gpt-6-terra"], default_model: "gpt-6-luna" },
      ...{ headers: { "x-team": "windmill" }, schedule: "every 5 minutes" },
    },
  },
];

const REFUSED: Interception = {
  takesEffect: false,
  show: { status: 500, body: "Internal: no connection to the database" },
};
const LOST_BEFORE: Interception = { takesEffect: false, show: "drop" };
const LOST_AFTER: Interception = { takesEffect: true, show: "drop" };
const SILENT_AFTER: Interception = { takesEffect: true, show: "hang" };

const isProbe = (call: string): boolean => call.includes("ai/proxy/");
const isWrite = (call: string): boolean => !isProbe(call) && !call.startsWith("GET ");

/** Ways to fail, and the calls that can fail so with a meaning of its own: what was only read is not there either way. */
const FAULTS: { it: string; how: Interception; concerns: (call: string) => boolean }[] = [
  { it: "is refused", how: REFUSED, concerns: () => true },
  { it: "is lost before it takes effect", how: LOST_BEFORE, concerns: (call) => isWrite(call) || isProbe(call) },
  { it: "takes effect, but its answer is lost", how: LOST_AFTER, concerns: isWrite },
];

let windmill: WindmillStandin;
let pooler: PoolerStandin;
let resume: () => void;
let workspaces = 0;

before(async () => {
  windmill = await startWindmill();
  pooler = await startPooler({ keys: { [OLD_KEY]: poolKey(), [NEW_KEY]: poolKey() } });
  windmill.network.hosts.set(GATEWAY_HOST, { addresses: [PUBLIC_ADDRESS], port: pooler.port });
});
beforeEach(() => {
  resume = skipWaits();
});
afterEach(() => resume());
after(async () => {
  await Promise.all([windmill.close(), pooler.close()]);
});

/** A new workspace that holds what `like` does, or what others put there. */
function newWorkspace(like?: Workspace): Workspace {
  workspaces += 1;
  const workspace = windmill.createWorkspace(`team-${workspaces}`);
  if (like) copyContents(like, workspace);
  else {
    othersMoveIn(windmill.store, workspace);
    deployHealthFlow(workspace);
  }
  return workspace;
}

for (const { it: title, earlier, filled } of SCENARIOS) {
  describe(`${title}, whichever call fails`, { concurrency: false }, () => {
    let start: Workspace;
    let was: unknown;
    let intended: unknown;
    const calls: string[] = [];

    before(async () => {
      start = newWorkspace();
      if (earlier) assert.equal((await tryConnect(windmill, start, earlier)).error, "");
      was = essenceOf(start);
      const workspace = newWorkspace(start);
      const name = callNamer(workspace.id);
      const stop = windmill.intercept((request) => {
        const call = name(request);
        if (call !== undefined) calls.push(call);
        return undefined;
      });
      const { error } = await tryConnect(windmill, workspace, filled);
      stop();
      assert.equal(error, "");
      intended = essenceOf(workspace);
      assert.deepEqual(leftovers(workspace), []);
    });

    /** Runs it with a call that fails, and again. Answers what must not be, in words. */
    async function survives(call: string, how: Interception): Promise<string[]> {
      const workspace = newWorkspace(start);
      const end = spoil(windmill, workspace.id, call, how);
      const first = await tryConnect(windmill, workspace, filled);
      const problems = end() ? [] : ["the call was not made"];
      const now = essenceOf(workspace);
      const isBefore = isDeepStrictEqual(now, was);
      const isIntended = isDeepStrictEqual(now, intended);
      if (!isBefore && !isIntended) problems.push(`a mix was left: ${JSON.stringify(now)}`);
      if (first.succeeded && !isIntended) problems.push("it claims success");
      if (/put back|Nothing was changed/.test(first.error) && !isBefore)
        problems.push("it claims that nothing changed");
      const again = await tryConnect(windmill, workspace, filled);
      if (!again.succeeded) problems.push(`the second run fails: ${again.error}`);
      if (!isDeepStrictEqual(essenceOf(workspace), intended)) problems.push("the second run did not mend it");
      for (const path of leftovers(workspace)) problems.push(`${path} stays for good`);
      if ([first, again].some(tells)) problems.push("a key is told");
      return problems.map((problem) => `${call}: ${problem}\n    ${first.error.replaceAll("\n", "\n    ")}`);
    }

    for (const { it: fault, how, concerns } of FAULTS) {
      it(`survives that it ${fault}`, async () => {
        const failures: string[] = [];
        const concerned = calls.filter(concerns);
        assert.ok(concerned.length > 10, `only ${concerned.length} calls`);
        for (const call of concerned) failures.push(...(await survives(call, how)));
        assert.equal(failures.join("\n"), "");
      });
    }
  });
}

/** Whether a run told more of a key than its prefix. */
const tells = ({ said }: Trial): boolean =>
  [OLD_KEY, NEW_KEY].some((key) => said.includes(key.slice(-20)) || said.includes(key.slice(20, 40)));

describe("connecting", () => {
  it("survives that the settings are saved, but Windmill stays silent", async () => {
    const workspace = newWorkspace();
    const was = essenceOf(workspace);
    const end = spoil(windmill, workspace.id, "POST workspaces/edit_copilot_config", SILENT_AFTER);
    const shorten = AbortSignal.timeout.bind(AbortSignal);
    const patience = mock.method(AbortSignal, "timeout", (ms: number) => shorten(ms / 10));
    const { succeeded, error } = await tryConnect(windmill, workspace, { api_key: NEW_KEY });
    patience.mock.restore();
    assert.ok(end());
    assert.equal(succeeded, false);
    assert.match(error, /Saving the workspace's AI settings: Windmill did not answer \(no answer within 15 s\)/);
    assert.deepEqual(essenceOf(workspace), was);
  });

  it("puts everything back when it works for the candidate, but not as users reach it", async () => {
    const workspace = newWorkspace();
    const was = essenceOf(workspace);
    const stop = windmill.intercept(({ path, headers }) =>
      path.includes("/ai/proxy/") && headers["x-resource-path"] === undefined
        ? { takesEffect: false, show: { status: 400, body: "Bad request: Resource path is empty" } }
        : undefined,
    );
    const { succeeded, error } = await tryConnect(windmill, workspace, { api_key: NEW_KEY, schedule: "hourly" });
    stop();
    assert.equal(succeeded, false);
    assert.match(error, /worked when it was tried, but not as users reach it/);
    assert.match(error, /put back/);
    assert.deepEqual(essenceOf(workspace), was);
    assert.deepEqual(leftovers(workspace), []);
  });
});
