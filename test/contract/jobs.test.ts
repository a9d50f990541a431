import { after, before, test } from "node:test";
import { withTemporaryFolder } from "../../tools/shared/temporary.ts";
import { startScriptedGateway } from "../standins/gateway/scripted.ts";
import { settle } from "../standins/windmill/jobs/run.ts";
import { seedResource, seedVariable } from "../standins/windmill/seed.ts";
import { startWindmill } from "../standins/windmill/server.ts";
import { withoutComputed } from "./computed.ts";
import { loadRecording, replay } from "./replay.ts";
import { deploySample } from "./sample_tree.ts";

const FILE = "jobs-and-schedules.json";
const CONNECTION = "u/admin/codex_pooler_windmill_codegen";
const POOL_API_KEY = `sk-cxp-0123456789ab-${"k".repeat(43)}`;

let gateway: Awaited<ReturnType<typeof startScriptedGateway>>;
before(async () => {
  gateway = await startScriptedGateway();
});
after(() => gateway.close());

test(`the stand-in answers ${FILE} as Windmill did`, async (t) => {
  const windmill = await startWindmill({ version: "CE v1.515.1-4396-gdad4c10c8b", allowPrivate: { worker: true } });
  t.after(() => windmill.close());
  const workspace = windmill.createWorkspace("demo");
  seedVariable(windmill.store, workspace, CONNECTION, POOL_API_KEY, { description: "Pool API key" });
  seedResource(windmill.store, workspace, CONNECTION, {
    api_key: `$var:${CONNECTION}`,
    base_url: `${gateway.url}/ok/v1`,
    headers: {},
  });
  workspace.aiConfig = {
    providers: { customai: { models: ["gpt-6-luna"], resource_path: CONNECTION } },
    default_model: { model: "gpt-6-luna", provider: "customai" },
  };
  await withTemporaryFolder((folder) => deploySample(windmill, "demo", "sample-demo", folder));
  await replay(FILE, loadRecording(FILE), {
    substitutions: {
      "<admin-token>": windmill.admin.token,
      "<member-token>": windmill.member.token,
      "http://127.0.0.1:8002": windmill.processes.worker.url,
      "http://localhost:8000": windmill.url,
    },
    origin: () => windmill.url,
    // Whoever recorded it waited for a job before asking about it.
    prepare: () => settle(windmill),
    adapt: withoutComputed,
  });
});
