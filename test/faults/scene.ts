import { type PoolerStandin, poolKey, startPooler } from "../standins/gateway/pooler.ts";
import { deployed } from "../standins/windmill/jobs/run.ts";
import { startWindmill, type WindmillStandin } from "../standins/windmill/server.ts";
import type { Workspace } from "../standins/windmill/store.ts";
import { copyContents, othersMoveIn } from "../world/workspace_contents.ts";
import { GATEWAY_HOST, HEALTH, PUBLIC_ADDRESS } from "../world/world.ts";
import { type BrokenGateways, startBrokenGateways } from "./broken_gateways.ts";

/** What a trial happens in: a Windmill of its own with one workspace, before gateways that all trials share. */

/** Keys that the gateway knows, and one that it does not. They open nothing else. */
export const OLD_KEY = `sk-cxp-0123456789ab-${"Lm3Qz8Rw5Xk1Vb7Nc4Hd9Jf2Gs6Tp0Ya_oEuIiAqSwDe"}`;
export const NEW_KEY = `sk-cxp-ba9876543210-${"Zx8Cv3Bn6Mq1Lw5Ke9Jr2Ht7Gy4Fu0Di_aSdPoIuYtRe"}`;
export const BAD_KEY = `sk-cxp-00ff00ff00ff-${"Wq2Er4Ty6Ui8Op1As3Df5Gh7Jk9Lz0Xc_vBnMmNbVcXz"}`;
export const KEYS = [OLD_KEY, NEW_KEY, BAD_KEY];

/** The gateways: a good one, and one for every way in which it can fail. */
export interface Gateways {
  good: PoolerStandin;
  broken: BrokenGateways;
  close(): Promise<void>;
}

export async function startGateways(): Promise<Gateways> {
  const keys = { [OLD_KEY]: poolKey(), [NEW_KEY]: poolKey() };
  const [good, broken] = await Promise.all([startPooler({ keys }), startBrokenGateways()]);
  return {
    good,
    broken,
    async close() {
      await Promise.all([good.close(), broken.close()]);
    },
  };
}

export interface Scene {
  windmill: WindmillStandin;
  workspace: Workspace;
  gateways: Gateways;
  close(): Promise<void>;
}

/** A new Windmill whose workspace holds what `like` does, or what other people put there. */
export async function openScene(gateways: Gateways, like?: Workspace): Promise<Scene> {
  const windmill = await startWindmill();
  windmill.network.hosts.set(GATEWAY_HOST, { addresses: [PUBLIC_ADDRESS], port: gateways.good.port });
  gateways.good.requests.length = 0;
  for (const key of gateways.good.keys.values()) key.ledger.length = 0;
  const workspace = windmill.createWorkspace("team");
  if (like) copyContents(like, workspace);
  else {
    othersMoveIn(windmill.store, workspace);
    deployHealthFlow(workspace);
  }
  return { windmill, workspace, gateways, close: () => windmill.close() };
}

/** Puts the health flow into a workspace, so that it can be scheduled. Nothing runs it. */
export function deployHealthFlow(workspace: Workspace): void {
  deployed(workspace).flows.set(HEALTH, {
    ...{ path: HEALTH, version: 1, summary: "", description: "", value: { modules: [] }, schema: {}, settings: {} },
    ...{ archived: false, editedBy: "admin", editedAt: "2026-11-24T00:00:00Z", extraPerms: {} },
  });
}
