import assert from "node:assert/strict";
import { type CheckWish, checkConnection } from "../../src/check/check.ts";
import { ChangeReport, CheckReport } from "../../src/core/report.ts";
import { ConnectInput } from "../../src/inputs/connect.ts";
import { parseInputs } from "../../src/inputs/parse.ts";
import { RepairInput } from "../../src/inputs/repair.ts";
import { RotateInput } from "../../src/inputs/rotate_key.ts";
import { UndoInput } from "../../src/inputs/undo.ts";
import { connect } from "../../src/walks/connect.ts";
import { repair } from "../../src/walks/repair.ts";
import { rotate } from "../../src/walks/rotate_key.ts";
import { undo } from "../../src/walks/undo.ts";
import { type Command, type Outcome, runJob } from "../faults/run.ts";
import { deployHealthFlow } from "../faults/scene.ts";
import { type PoolerStandin, poolKey, STANDIN_KEY, startPooler } from "../standins/gateway/pooler.ts";
import { deployed } from "../standins/windmill/jobs/run.ts";
import { startWindmill, type WindmillStandin } from "../standins/windmill/server.ts";
import type { Workspace } from "../standins/windmill/store.ts";

/**
 * A workspace that moves from one gateway to another, with commands that run in this process: their waits pass at once and take the
 * stand-in's clock along, so both processes of Windmill keep what they remember for 60 s of it, as real ones do. Nothing here empties a
 * memory before somebody looks.
 */

/** Hosts of the gateways. */
export const A = "gateway-a.example.com";
export const B = "gateway-b.example.com";
export const urlOf = (host: string): string => `http://${host}/v1`;
export const KEY = STANDIN_KEY;
export const OTHER_KEY = `sk-cxp-ba9876543210-${"Zx8Cv3Bn6Mq1Lw5Ke9Jr2Ht7Gy4Fu0Di_aSdPoIuYtRe"}`;
/** Where connect puts variable and resource. */
export const CONNECTION = "u/admin/codex_pooler_windmill_codegen";

export interface TwoGateways {
  windmill: WindmillStandin;
  workspace: Workspace;
  a: PoolerStandin;
  b: PoolerStandin;
  /** What the commands reported on their way, line by line. */
  connect(filled?: object): Promise<ChangeReport>;
  repair(filled?: object): Promise<ChangeReport>;
  rotate(filled?: object): Promise<ChangeReport>;
  undo(filled?: object): Promise<ChangeReport>;
  check(wish?: CheckWish): Promise<CheckReport>;
  /** Runs a command and answers how it ended. */
  run(name: string, command: Command, filled?: object): Promise<Outcome>;
  /** Log lines of the last run. */
  lines(): string[];
  /** Asks as a member's browser does over each route, so that both processes remember what they went with. */
  warm(): Promise<void>;
  /** Ids of the models that a gateway was asked for a completion since it was last asked so. */
  completions(gateway: PoolerStandin): string[];
  close(): Promise<void>;
}

/** Starts a Windmill between two gateways. Both know both keys unless a test says otherwise. */
export async function startTwoGateways(models: { a?: string[]; b?: string[] } = {}): Promise<TwoGateways> {
  const keys = () => ({ [KEY]: poolKey(), [OTHER_KEY]: poolKey() });
  const [windmill, a, b] = await Promise.all([
    startWindmill(),
    startPooler({ keys: keys(), ...(models.a ? { models: models.a } : {}) }),
    startPooler({ keys: keys(), ...(models.b ? { models: models.b } : {}) }),
  ]);
  windmill.network.hosts.set(A, { addresses: ["93.184.216.34"], port: a.port });
  windmill.network.hosts.set(B, { addresses: ["93.184.216.35"], port: b.port });
  const workspace = windmill.createWorkspace("team");
  deployHealthFlow(workspace);
  const run = (name: string, command: Command, filled: object = {}) =>
    runJob({ windmill, workspace }, { name, command, filled });
  const lastJob = () => [...deployed(workspace).jobs.values()].at(-1);
  const report = async (name: string, command: Command, filled: object): Promise<ChangeReport> => {
    const { succeeded, error } = await run(name, command, filled);
    assert.ok(succeeded, `${name}: ${error}`);
    return ChangeReport.parse(lastJob()?.result);
  };
  return {
    windmill,
    workspace,
    a,
    b,
    connect: (filled = {}) =>
      report("connect", (api, args, progress) => connect(api, parseInputs(ConnectInput, args), progress), {
        base_url: urlOf(A),
        mode: "apply",
        ...filled,
      }),
    repair: (filled = {}) =>
      report("repair", (api, args, progress) => repair(api, parseInputs(RepairInput, args), progress), {
        mode: "apply",
        ...filled,
      }),
    rotate: (filled = {}) =>
      report("rotate_key", (api, args, progress) => rotate(api, parseInputs(RotateInput, args), progress), {
        mode: "apply",
        ...filled,
      }),
    undo: (filled = {}) =>
      report("undo", (api, args, progress) => undo(api, parseInputs(UndoInput, args), progress), {
        mode: "apply",
        ...filled,
      }),
    async check(wish = { depth: "chat" }) {
      const { succeeded, error } = await run("check", (api, _args, progress) => checkConnection(api, wish, progress));
      assert.ok(succeeded, error);
      return CheckReport.parse(lastJob()?.result);
    },
    run,
    lines: () => (lastJob()?.logs ?? "").split("\n"),
    async warm() {
      for (const { url } of [windmill.processes.server, windmill.processes.worker]) {
        await fetch(`${url}/api/w/team/ai/proxy/models`, {
          headers: { authorization: `Bearer ${windmill.member.token}`, "x-provider": "customai" },
        }).then((answer) => answer.text());
      }
    },
    completions(gateway) {
      const asked = gateway.requests.filter(({ path }) => path.endsWith("/chat/completions"));
      gateway.requests.length = 0;
      return asked.map(({ body }) => String((body as { model?: unknown }).model));
    },
    async close() {
      await Promise.all([windmill.close(), a.close(), b.close()]);
    },
  };
}
