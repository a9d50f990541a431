import assert from "node:assert/strict";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { describe, it, type TestContext } from "node:test";
import { z } from "zod";
import { describePlan, planOf, readDryRun } from "../../tools/deploy/plan.ts";
import { ROOT, type Run, runProgram } from "../../tools/shared/programs.ts";
import { callWindmill, withoutToken } from "../../tools/shared/windmill_api.ts";

const TOKEN = "token0123456789abcdefghijklmnopq";

/** What wmill 1.819 prints for a dry run with --json-output, with the line that it may put before. */
const report = (changes: { type: string; path: string }[]): string =>
  `Creating new folder: codex_pooler\n${JSON.stringify({ success: true, changes, total: changes.length, warning: "destructive" }, null, 2)}\n`;
const added = (path: string) => ({ type: "added", path });
const edited = (path: string) => ({ type: "edited", path });

describe("the plan", () => {
  it("groups files into scripts, flows, apps and the folder", () => {
    const plan = planOf(
      readDryRun(
        report([
          added("f/codex_pooler/folder.meta.yaml"),
          ...["script.lock", "script.yaml", "ts"].map((file) => added(`f/codex_pooler/connect.${file}`)),
          edited("f/codex_pooler/lib/workspace/settings.script.lock"),
          added("f/codex_pooler/health__flow/flow.yaml"),
          added("f/codex_pooler/dashboard__raw_app/lib/view.ts"),
          added("f/codex_pooler/dashboard__raw_app/backend/data.yaml"),
          added("f/codex_pooler/dashboard__raw_app/raw_app.yaml"),
        ]),
      ),
    );
    assert.deepEqual(plan, {
      items: [
        { kind: "script", path: "f/codex_pooler/connect", action: "create" },
        { kind: "app", path: "f/codex_pooler/dashboard", action: "create" },
        { kind: "flow", path: "f/codex_pooler/health", action: "create" },
        { kind: "script", path: "f/codex_pooler/lib/workspace/settings", action: "update" },
      ],
      newFolder: true,
      refusals: [],
    });
    assert.deepEqual(describePlan(plan), [
      "  + create folder f/codex_pooler",
      "  + create script f/codex_pooler/connect",
      "  + create app f/codex_pooler/dashboard",
      "  + create flow f/codex_pooler/health",
      "  ~ update script f/codex_pooler/lib/workspace/settings",
      "3 to create, 1 to update, 0 to delete. Nothing else is touched.",
    ]);
  });

  it("has nothing to do when only the folder is listed, which wmill does every time", () => {
    const plan = planOf(readDryRun(report([edited("f/codex_pooler/folder.meta.yaml")])));
    assert.deepEqual(plan, { items: [], newFolder: false, refusals: [] });
    assert.match(describePlan(plan).join(), /^Nothing to do/);
  });

  it("has nothing to do when people have shared the app, and updates it when its page changed, also when a part of it went", () => {
    const shared = edited("f/codex_pooler/dashboard__raw_app/raw_app.yaml");
    assert.deepEqual(planOf([shared]), { items: [], newFolder: false, refusals: [] });
    const page = edited("f/codex_pooler/dashboard__raw_app/App.svelte");
    const gone = { type: "deleted", path: "f/codex_pooler/dashboard__raw_app/parts/Old.svelte" };
    assert.deepEqual(planOf([shared, page, gone]), {
      items: [{ kind: "app", path: "f/codex_pooler/dashboard", action: "update" }],
      newFolder: false,
      refusals: [],
    });
  });

  it("reads the report of a workspace that needs nothing", () => {
    assert.deepEqual(readDryRun('{\n  "success": true,\n  "message": "No changes to push",\n  "total": 0\n}\n'), []);
  });

  const refused: { it: string; type: string; path: string; says: string }[] = [
    { it: "a deletion", type: "deleted", path: "f/codex_pooler/theirs.ts", says: "delete f/codex_pooler/theirs.ts" },
    {
      it: "a deleted app",
      type: "deleted",
      path: "f/codex_pooler/theirs__raw_app/raw_app.yaml",
      says: "delete f/codex_pooler/theirs__raw_app/raw_app.yaml",
    },
    {
      it: "a deleted app of components",
      type: "deleted",
      path: "f/codex_pooler/theirs__app/app.yaml",
      says: "delete f/codex_pooler/theirs__app/app.yaml",
    },
    {
      it: "a deleted resource type",
      type: "deleted",
      path: "c_x.resource-type.yaml",
      says: "delete c_x.resource-type.yaml",
    },
    {
      it: "a file of somebody else",
      type: "edited",
      path: "f/other/a.ts",
      says: "change f/other/a.ts, which is no file of this bundle",
    },
    {
      it: "a secret",
      type: "added",
      path: "u/admin/k.variable.yaml",
      says: "change u/admin/k.variable.yaml, which is no file of this bundle",
    },
    {
      it: "a kind of change that is not known",
      type: "ws_specific_flag",
      path: "f/codex_pooler/connect.ts",
      says: "ws_specific_flag f/codex_pooler/connect.ts",
    },
  ];
  for (const { it: title, type, path, says } of refused) {
    it(`is refused with ${title}`, () => {
      assert.deepEqual(planOf([added("f/codex_pooler/connect.ts"), { type, path }]).refusals, [says]);
    });
  }

  for (const output of [
    "",
    "No workspace given",
    '{"success": false, "error": "missing_folders"}',
    '{"success": tru',
  ]) {
    it(`is not read from ${JSON.stringify(output)}`, () => {
      assert.throws(() => readDryRun(output), /did not report a plan/);
    });
  }
});

/** A server that answers every request the same way. Ends with the test. */
async function serve(test: TestContext, answer: RequestListener): Promise<string> {
  const server = createServer(answer);
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  test.after(() => server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const deployTool = (args: string[], env: NodeJS.ProcessEnv): Promise<Run> =>
  runProgram([process.execPath, "--import", "tsx", join(ROOT, "tools/deploy.ts"), ...args], {
    cwd: ROOT,
    env: { ...process.env, WM_TOKEN: undefined, ...env },
  });

describe("the token", () => {
  it("is taken out of every text", () => {
    assert.equal(withoutToken(`Bearer ${TOKEN}, again ${TOKEN}`, TOKEN), "Bearer <WM_TOKEN>, again <WM_TOKEN>");
    assert.equal(withoutToken("as it is", ""), "as it is");
  });

  it("is not in the message about a server that sends it back", async (test) => {
    const url = await serve(test, (request, response) => {
      response.writeHead(400).end(`You sent: ${request.headers.authorization}`);
    });
    const target = { baseUrl: url, workspace: "demo", token: TOKEN };
    await assert.rejects(callWindmill(target, "version", z.string()), ({ message }: Error) => {
      assert.match(message, /answered 400: You sent: Bearer <WM_TOKEN>/);
      return !message.includes(TOKEN);
    });
  });

  it("does not follow a redirect", async (test) => {
    const asked: string[] = [];
    const url = await serve(test, (request, response) => {
      asked.push(request.url ?? "");
      response.writeHead(302, { location: "/login" }).end();
    });
    await assert.rejects(
      callWindmill({ baseUrl: url, workspace: "demo", token: TOKEN }, "version", z.string()),
      /answered 302/,
    );
    assert.deepEqual(asked, ["/api/version"]);
  });
});

describe("npm run deploy", () => {
  it("names everything that is wrong at once, shows the usage and ends with 2", async () => {
    const { status, stderr } = await deployTool(["--base-url", "w.example.com", "--force"], {});
    assert.equal(status, 2);
    for (const says of [
      /--force is unknown/,
      /--base-url is not/,
      /--workspace is missing/,
      /WM_TOKEN is not set/,
      /Usage:/,
    ]) {
      assert.match(stderr, says);
    }
  });

  it("does not print a token that was typed as an argument", async () => {
    const { status, stdout, stderr } = await deployTool(["--token", TOKEN, TOKEN], {});
    assert.equal(status, 2);
    assert.ok(!`${stdout}${stderr}`.includes(TOKEN));
  });

  it("explains itself and ends with 0", async () => {
    const { status, stdout } = await deployTool(["--help"], {});
    assert.equal(status, 0);
    assert.match(stdout, /Exit code: 0 .*; 1 .*; 2 .*;\n3 /);
  });
});
