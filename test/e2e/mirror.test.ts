import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, afterEach, before, describe, it } from "node:test";
import { parse } from "yaml";
import { ROOT, type Run, runProgram } from "../../tools/shared/programs.ts";
import { plainValue } from "../standins/windmill/secrets.ts";
import { seedResource, seedVariable } from "../standins/windmill/seed.ts";
import { startWindmill, type WindmillStandin } from "../standins/windmill/server.ts";
import type { Workspace } from "../standins/windmill/store.ts";

const KEY = `sk-cxp-0123456789ab-${"k".repeat(43)}`;
const PATH = "u/admin/codex_pooler_windmill_codegen";
const VALUE = { api_key: `$var:${PATH}`, base_url: "https://codex-pooler.example.com/v1", headers: {} };

let windmill: WindmillStandin;
let workspace: Workspace;
let root: string;

before(async () => {
  windmill = await startWindmill();
  workspace = windmill.createWorkspace("team");
  root = await mkdtemp(join(tmpdir(), "codex-pooler-mirror-"));
});
afterEach(async () => {
  workspace.resources.clear();
  workspace.variables.clear();
  delete workspace.aiConfig;
  await rm(root, { recursive: true, force: true });
});
after(() => windmill.close());

/** A workspace that is connected as the seed document shows it. */
function connect(value: unknown = VALUE, isSecret = true): void {
  seedResource(windmill.store, workspace, PATH, value, { description: "Codex Pooler API credentials for Windmill AI" });
  seedVariable(windmill.store, workspace, PATH, KEY, { isSecret, description: "pool key" });
  workspace.aiConfig = { providers: { customai: { resource_path: PATH, models: ["gpt-5.5"] } } };
}

const mirror = (token: string, ...args: string[]): Promise<Run> =>
  runProgram(
    [
      ...[process.execPath, "--import", "tsx", join(ROOT, "tools/mirror.ts")],
      ...["--base-url", windmill.url, "--workspace", "team", "--root", root, ...args],
    ],
    { cwd: ROOT, env: { ...process.env, WM_TOKEN: token } },
  );

const filesWritten = async (): Promise<string[]> =>
  (await readdir(root, { recursive: true, withFileTypes: true }).catch(() => []))
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1))
    .sort();

describe("npm run mirror", () => {
  it("writes the resource and the encrypted variable of the workspace's AI settings, and nothing else", async () => {
    connect();
    seedVariable(windmill.store, workspace, "u/admin/somebody_elses", "another secret");
    const run = await mirror(windmill.admin.token);
    assert.equal(run.status, 0, run.stderr);
    assert.deepEqual(await filesWritten(), [`${PATH}.resource.yaml`, `${PATH}.variable.yaml`]);
    assert.deepEqual(parse(await readFile(join(root, `${PATH}.resource.yaml`), "utf8")), {
      description: "Codex Pooler API credentials for Windmill AI",
      value: VALUE,
      resource_type: "customai",
    });
    const variable = parse(await readFile(join(root, `${PATH}.variable.yaml`), "utf8"));
    assert.deepEqual(variable, {
      description: "pool key",
      value: workspace.variables.get(PATH)?.value,
      is_secret: true,
    });
    const stored = workspace.variables.get(PATH);
    assert.ok(stored);
    assert.equal(plainValue(workspace, { ...stored, value: String(variable.value) }), KEY);
  });

  it("never asks for the decrypted value, and prints neither key nor token", async () => {
    connect();
    const from = windmill.requests.length;
    const run = await mirror(windmill.admin.token, "--resource", PATH);
    assert.equal(run.status, 0, run.stderr);
    const asked = windmill.requests.slice(from).filter(({ path }) => path.includes("/variables/"));
    assert.deepEqual(
      asked.map(({ path, query }) => `${path}?${query}`),
      [`/api/w/team/variables/get/${PATH}?decrypt_secret=false&include_encrypted=true`],
    );
    for (const secret of [KEY, windmill.admin.token]) assert.ok(!`${run.stdout}${run.stderr}`.includes(secret));
  });

  const refusals: { it: string; prepare: () => void; args?: string[]; member?: boolean; says: RegExp }[] = [
    {
      it: "a key that stands in the resource",
      prepare: () => connect({ ...VALUE, api_key: KEY }),
      says: /no reference to a secret variable/,
    },
    {
      it: "a credential in a header",
      prepare: () => connect({ ...VALUE, headers: { "x-route": `Bearer ${KEY}` } }),
      says: /looks like a credential/,
    },
    { it: "a variable that is no secret", prepare: () => connect(VALUE, false), says: /not marked as secret/ },
    { it: "a workspace without a connection", prepare: () => undefined, says: /have no customai provider/ },
    {
      it: "a resource that is not there",
      prepare: () => connect(),
      args: ["--resource", "u/admin/absent"],
      says: /answered 404/,
    },
    { it: "somebody who is no admin", prepare: () => connect(), member: true, says: /is no admin of "team"/ },
  ];
  for (const { it: title, prepare, args = [], member = false, says } of refusals) {
    it(`refuses ${title}, and writes nothing`, async () => {
      prepare();
      const run = await mirror((member ? windmill.member : windmill.admin).token, ...args);
      assert.equal(run.status, 3, run.stderr);
      assert.match(run.stderr, says);
      assert.ok(!`${run.stdout}${run.stderr}`.includes(KEY));
      assert.deepEqual(await filesWritten(), []);
    });
  }
});
