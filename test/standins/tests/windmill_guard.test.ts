import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { startScriptedGateway } from "../gateway/scripted.ts";
import { seedResource } from "../windmill/seed.ts";
import { startWindmill, type WindmillStandin } from "../windmill/server.ts";
import type { Workspace } from "../windmill/store.ts";
import { customAi, windmillClient } from "./windmill_client.ts";

/** The check of AI base URLs, case by case (docs/windmill.md, routes). */

const CONNECTION = "u/admin/pool";
const KEY = `sk-cxp-0123456789ab-${"k".repeat(43)}`;
const HINT =
  ". If you need to use private/internal AI endpoints, set the ALLOW_PRIVATE_AI_BASE_URLS=true environment variable";

let windmill: WindmillStandin;
let workspace: Workspace;
let api: ReturnType<typeof windmillClient>;
let gateway: Awaited<ReturnType<typeof startScriptedGateway>>;

before(async () => {
  gateway = await startScriptedGateway();
  windmill = await startWindmill();
  workspace = windmill.createWorkspace("demo");
  api = windmillClient(windmill, "demo");
  const { hosts } = windmill.network;
  hosts.set("public.test", { addresses: ["8.8.8.8"], port: Number(new URL(gateway.url).port) });
  hosts.set("mixed.test", { addresses: ["8.8.8.8", "10.0.0.5"] });
  hosts.set("empty.test", { addresses: [] });
  hosts.set("v6.test", { addresses: ["fd00::5"] });
});
after(async () => {
  await windmill.close();
  await gateway.close();
});

const connect = (base_url: string) => seedResource(windmill.store, workspace, CONNECTION, { base_url, api_key: KEY });

const targeted = `Bad request: URL targets a private/internal IP address${HINT}`;
const resolved = `Bad request: URL resolves to a private/internal IP address${HINT}`;
const REFUSED: Record<string, string> = {
  "http://127.0.0.1:4010/v1": targeted,
  "http://10.1.2.3/v1": targeted,
  "http://172.31.0.1/v1": targeted,
  "http://192.168.1.1/v1": targeted,
  "http://169.254.169.254/v1": targeted,
  "http://100.100.0.1/v1": targeted,
  "http://0.0.0.0/v1": targeted,
  "http://0.1.2.3/v1": targeted,
  "http://2130706433/v1": targeted,
  "http://[::1]/v1": resolved,
  "http://[::ffff:10.0.0.5]/v1": resolved,
  "http://localhost/v1": resolved,
  "http://mixed.test/v1": resolved,
  "http://v6.test/v1": resolved,
  "http://empty.test/v1": "Bad request: Host 'empty.test' did not resolve to any addresses",
  "http://gone.test/v1":
    "Bad request: Failed to resolve host 'gone.test': failed to lookup address information: Name or service not known",
  "localhost:4010/v1": "Bad request: URL scheme 'localhost' is not allowed, only http and https are permitted",
  "ftp://public.test/v1": "Bad request: URL scheme 'ftp' is not allowed, only http and https are permitted",
  "public.test/v1": "Bad request: Invalid URL: relative URL without a base",
  "http://": "Bad request: Invalid URL: empty host",
  "http://public.test:port/v1": "Bad request: Invalid URL: invalid port number",
};
for (const [url, text] of Object.entries(REFUSED)) {
  test(`a guarded process refuses ${url}`, async () => {
    connect(url);
    const refused = await api.proxy("models", { resource: CONNECTION });
    assert.deepEqual([refused.status, refused.text], [400, text]);
  });
}

test("a name counts as the addresses it has at the moment, also for credentials that are cached", async () => {
  connect("http://public.test/ok/v1");
  workspace.aiConfig = customAi(CONNECTION);
  assert.equal((await api.proxy("models")).status, 200);
  const host = windmill.network.hosts.get("public.test");
  windmill.network.hosts.set("public.test", { ...host, addresses: ["127.0.0.1"] });
  const refused = await api.proxy("models");
  assert.deepEqual([refused.status, refused.text], [400, resolved]);
});
