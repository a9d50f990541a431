import { after, before, test } from "node:test";
import { startScriptedGateway } from "../standins/gateway/scripted.ts";
import { startWindmill } from "../standins/windmill/server.ts";
import { loadRecording, replay } from "./replay.ts";
import { setScene } from "./scene.ts";
import { RECORDED_GATEWAY, SETTINGS } from "./windmill_recordings.ts";

/** What the recorded servers, built from source, called themselves. */
const RECORDED_VERSION = "CE v1.515.1-4396-gdad4c10c8b";
const POOL_API_KEY = `sk-cxp-0123456789ab-${"k".repeat(43)}`;

let gateway: Awaited<ReturnType<typeof startScriptedGateway>>;
before(async () => {
  gateway = await startScriptedGateway();
});
after(() => gateway.close());

for (const [file, setting] of Object.entries(SETTINGS)) {
  test(`the stand-in answers ${file} as Windmill ${setting.release} did`, async (t) => {
    const windmill = await startWindmill({
      release: setting.release,
      version: RECORDED_VERSION,
      allowPrivate: { server: setting.open ?? false, worker: true },
    });
    t.after(() => windmill.close());
    const made = setting.made ?? { [setting.workspace]: setting.workspace };
    for (const [id, name] of Object.entries(made)) windmill.createWorkspace(id, name);
    const substitutions: Record<string, string> = {
      ...setting.called,
      "<admin-token>": windmill.admin.token,
      "<member-token>": windmill.member.token,
      "<pool-api-key>": POOL_API_KEY,
      [RECORDED_GATEWAY]: gateway.url,
    };
    setScene(windmill, setting.workspace, setting.start, substitutions);
    await replay(file, loadRecording(file), {
      substitutions,
      raw: setting.raw ?? [],
      origin: ({ server }) => windmill.processes[server === "private-urls-allowed" ? "worker" : "server"].url,
      prepare: ({ name = "" }) => setScene(windmill, setting.workspace, setting.before[name] ?? {}, substitutions),
    });
  });
}
