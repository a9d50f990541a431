import assert from "node:assert/strict";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { strFromU8, unzipSync } from "fflate";
import { z } from "zod";
import { type Conversation, type DeployResult, deploy } from "../../tools/deploy/deploy.ts";
import { ROOT, type Run, runProgram } from "../../tools/shared/programs.ts";
import { withTemporaryFolder } from "../../tools/shared/temporary.ts";
import { callWindmill, type Target } from "../../tools/shared/windmill_api.ts";
import { runWmill } from "../../tools/shared/wmill.ts";
import { seedApp } from "../standins/windmill/jobs/app_routes.ts";
import { deployed } from "../standins/windmill/jobs/run.ts";
import type { App } from "../standins/windmill/jobs/state.ts";
import { startWindmill, type WindmillStandin } from "../standins/windmill/server.ts";
import { type RepositoryCopy, repositoryCopy } from "../world/repository_copy.ts";

/** Items of the bundle as the export names them. */
const OURS = /^f\/codex_pooler\/(?!.*their_)(?:folder\.meta|[\w/]+\.(?:ts|script|flow|raw_app))/;

let windmill: WindmillStandin;
let target: Target;
let repository: RepositoryCopy;
const said: string[] = [];

const talk: Conversation = {
  say: (line) => void said.push(line),
  confirm: async () => true,
};
const deployCopy = async (): Promise<DeployResult> => {
  said.length = 0;
  return deploy(target, { root: repository.root, dryRun: false, prune: false }, talk);
};
const planned = (): string[] => said.filter((line) => /^ {2}[+~] /.test(line));

const post = (path: string, body: object): Promise<string> => callWindmill(target, `w/team/${path}`, z.string(), body);

/** Scripts, flows, apps, variables, resources, schedules and a resource type of other people, also inside the bundle's folder. */
async function othersMoveIn(): Promise<void> {
  await post("folders/create", { name: "codex_pooler", owners: ["u/member"], extra_perms: { "g/all": false } });
  await post("folders/create", { name: "other" });
  await post("resources/type/create", { name: "c_their_type", schema: {}, description: "theirs" });
  for (const folder of ["f/codex_pooler", "f/other", "u/member"]) {
    const path = `${folder}/their_`;
    const empty = { schema: { type: "object", properties: {} }, summary: "theirs", description: "" };
    const lock = '{\n  "dependencies": {}\n}\n//bun.lock\n<empty>';
    const script = { language: "bun", kind: "script", content: "export async function main() {}", lock };
    await post("scripts/create", { ...empty, ...script, path: `${path}script` });
    await post("flows/create", { ...empty, path: `${path}flow`, value: { modules: [] } });
    const workspace = windmill.store.workspaces.get("team");
    assert.ok(workspace);
    seedApp(windmill.store, workspace, `${path}app`);
    seedApp(windmill.store, workspace, `${path}page`, true);
    await post("variables/create", { path: `${path}secret`, value: "their secret", is_secret: true, description: "" });
    await post("resources/create", { path: `${path}resource`, value: { a: 1 }, resource_type: "c_their_type" });
    await post("schedules/create", {
      ...{ path: `${path}schedule`, schedule: "0 0 3 * * *", timezone: "Etc/UTC", enabled: false },
      ...{ script_path: `${path}flow`, is_flow: true, args: {} },
    });
  }
}

/** Everything that the workspace exports, by name. */
async function exported(): Promise<Map<string, string>> {
  const query = "archive_type=zip&include_schedules=true&preserve_extra_perms=true&default_ts=bun&settings_version=v2";
  const response = await fetch(`${windmill.url}/api/w/team/workspaces/tarball?${query}`, {
    headers: { authorization: `Bearer ${target.token}` },
  });
  const entries = Object.entries(unzipSync(new Uint8Array(await response.arrayBuffer())));
  return new Map(entries.map(([name, content]) => [name, strFromU8(content)]));
}

const split = (entries: ReadonlyMap<string, string>) => ({
  ours: [...entries].filter(([name]) => OURS.test(name)).sort(),
  theirs: [...entries].filter(([name]) => !OURS.test(name)).sort(),
});

/** What an admin leaves who shares the app with everybody. */
const SHARED = { "g/all": false };

/** The dashboard as it is deployed. */
function appOf(): App {
  const workspace = windmill.store.workspaces.get("team");
  const app = workspace && deployed(workspace).apps.get("f/codex_pooler/dashboard");
  assert.ok(app);
  return app;
}

/** Command lines of all processes, where the machine shows them. */
function runningCommandLines(): string[] {
  const processes = existsSync("/proc/self/cmdline") ? readdirSync("/proc").filter((name) => /^\d+$/.test(name)) : [];
  return processes.flatMap((id) => {
    try {
      return [readFileSync(`/proc/${id}/cmdline`, "utf8")];
    } catch {
      return []; // It ended meanwhile.
    }
  });
}

before(async () => {
  windmill = await startWindmill();
  windmill.createWorkspace("team");
  target = { baseUrl: windmill.url, workspace: "team", token: windmill.admin.token };
  repository = await repositoryCopy();
  await othersMoveIn();
});
after(async () => {
  await windmill.close();
  await repository.end();
});

describe("deploying into a workspace that others use", { concurrency: false }, () => {
  let before: ReturnType<typeof split>;
  const commandLines: string[] = [];

  it("creates the bundle and plans no deletion", async () => {
    before = split(await exported());
    assert.ok(before.theirs.length >= 20);
    const look = windmill.intercept(({ path }) => {
      if (path.endsWith("/workspaces/tarball")) commandLines.push(...runningCommandLines());
      return undefined;
    });
    assert.equal(await deployCopy(), "deployed");
    look();
    const scripts = repository.scripts.map((path) => `  + create script ${path}`);
    const flows = repository.flows.map((path) => `  + create flow ${path.replace(/__flow$/, "")}`);
    const apps = repository.apps.map((path) => `  + create app ${path.replace(/__raw_app$/, "")}`);
    assert.equal(apps.length, 1);
    assert.deepEqual(planned().sort(), [...scripts, ...flows, ...apps].sort());
    assert.ok(said.includes(`${planned().length} to create, 0 to update, 0 to delete. Nothing else is touched.`));
  });

  it("leaves everything of others as it was, and its own folder's owners and rights too", async () => {
    const now = await exported();
    assert.deepEqual(split(now).theirs, before.theirs);
    const folder = JSON.parse(now.get("f/codex_pooler/folder.meta.json") ?? "{}");
    assert.equal(folder.display_name, "Codex Pooler");
    assert.ok(folder.owners.includes("u/member"));
    assert.equal(folder.extra_perms["g/all"], false);
  });

  it("deploys exactly the files of the repository, with their locks, also after the server's own re-locking", async () => {
    const { ours } = split(await exported());
    const now = new Map(ours);
    for (const path of repository.scripts) {
      assert.equal(now.get(`${path}.ts`), await repository.read(`${path}.ts`), path);
      const { lock } = JSON.parse(now.get(`${path}.script.json`) ?? "{}");
      assert.equal(lock, await repository.read(`${path}.script.lock`), path);
    }
  });

  it("deploys the app with the page that wmill bundled of it, running as who deployed it", async () => {
    const app = appOf();
    assert.equal(app.policy.execution_mode, "publisher");
    assert.equal(app.policy.on_behalf_of, `u/${windmill.admin.username}`);
    const { js = "", css = "" } = app.versions.at(-1) ?? {};
    assert.ok(
      js.includes("Windmill AI works") && css.includes("--ground"),
      "the page and its styles are in the bundle",
    );
  });

  it("changes no script, no flow and no app when it is repeated, also when people have shared the app", async () => {
    appOf().extraPerms = SHARED;
    assert.equal(await deployCopy(), "unchanged");
    assert.deepEqual(planned(), []);
    assert.equal(appOf().versions.length, 1);
  });

  it("sends only what an upgrade changed, also when a module reaches a further package and the app's page changes", async () => {
    const page = "f/codex_pooler/dashboard__raw_app/css/base.css";
    await repository.upgrade(page, `${await repository.read(page)}\n/* newer */\n`);
    const words = "src/core/words.ts";
    await repository.upgrade(words, (await repository.read(words)).replace('"nobody"', '"nobody at all"'));
    const changed = await repository.changedItems();
    assert.ok(
      changed.includes("f/codex_pooler/remember") && !changed.includes("f/codex_pooler/fleet_list"),
      changed.join(),
    );
    assert.equal(await deployCopy(), "deployed");
    const scripts = changed.map((path) => `  ~ update script ${path}`);
    assert.deepEqual(planned().sort(), [...scripts, "  ~ update app f/codex_pooler/dashboard"].sort());
    assert.equal(appOf().versions.length, 2);
    assert.deepEqual(appOf().extraPerms, SHARED);
    assert.deepEqual(split(await exported()).theirs, before.theirs);
    assert.equal(await deployCopy(), "unchanged");
  });

  it("keeps the token out of command lines, out of what it says, and out of files", async () => {
    if (existsSync("/proc/self/cmdline")) assert.ok(commandLines.some((line) => line.includes("windmill-cli")));
    for (const text of [...commandLines, ...said]) assert.ok(!text.includes(target.token));
  });

  it("says so when somebody edits a script while it deploys", async () => {
    const words = "src/core/words.ts";
    await repository.upgrade(words, (await repository.read(words)).replace('"nobody at all"', '"nobody"'));
    const path = "f/codex_pooler/check";
    const edits: Promise<unknown>[] = [];
    const edit = async (): Promise<void> => {
      const current = await callWindmill(target, `w/team/scripts/get/p/${path}`, z.looseObject({ hash: z.string() }));
      const theirs = { path, parent_hash: current.hash, content: "export async function main() {}", language: "bun" };
      await post("scripts/create", { ...current, ...theirs });
    };
    const look = windmill.intercept(({ path: asked }) => {
      // The push is over when the queue is asked for, and the comparison begins with a new process.
      if (asked.endsWith("/jobs/queue/list") && edits.length === 0) edits.push(edit());
      return undefined;
    });
    const root = repository.root;
    await assert.rejects(deploy(target, { root, dryRun: false, prune: false }, talk), {
      name: "Failure",
      message: /still differ from the repository:\n {2}script f\/codex_pooler\/check\n/,
    });
    look();
  });
});

describe("npm run deploy", () => {
  const run = (args: string[], token = windmill.admin.token): Promise<Run> =>
    runProgram(
      [process.execPath, "--import", "tsx", join(ROOT, "tools/deploy.ts"), "--base-url", windmill.url, ...args],
      { cwd: ROOT, env: { ...process.env, WM_TOKEN: token } },
    );

  const refusals: { it: string; args: string[]; token?: () => string; says: RegExp }[] = [
    { it: "a workspace that is not there", args: ["--workspace", "absent"], says: /has no workspace "absent"/ },
    {
      it: "a token that is not valid",
      args: ["--workspace", "team"],
      token: () => "nonsense",
      says: /WM_TOKEN is not valid/,
    },
    {
      it: "somebody who is no admin",
      args: ["--workspace", "team"],
      token: () => windmill.member.token,
      says: /member .* is no admin of "team"/,
    },
  ];
  for (const { it: title, args, token, says } of refusals) {
    it(`refuses ${title}, changes nothing and ends with 3`, async () => {
      const from = windmill.requests.length;
      const { status, stderr } = await run(["--yes", ...args], token?.());
      assert.equal(status, 3, stderr);
      assert.match(stderr, says);
      assert.deepEqual(
        windmill.requests.slice(from).filter(({ method, path }) => method !== "GET" && !path.endsWith("/exists")),
        [],
      );
    });
  }

  it("shows the plan and ends with 2 where nobody can confirm it", async () => {
    const empty = windmill.createWorkspace("empty");
    const { status, stdout, stderr } = await run(["--workspace", empty.id]);
    assert.equal(status, 2, stderr);
    assert.match(stdout, /\+ create script f\/codex_pooler\/connect\n/);
    assert.match(stderr, /add --yes/);
    assert.equal(empty.folders.size, 0);
  });
});

describe("taking the bundle out again", () => {
  it("works as docs/upgrading.md says: with a push from a folder that holds none of it, and leaves everything of others", async () => {
    const before = split(await exported());
    assert.ok(before.ours.length > 25);
    await withTemporaryFolder(async (folder) => {
      const settings = readFileSync(join(ROOT, "wmill.yaml"), "utf8").split("\n");
      mkdirSync(join(folder, "tree"));
      writeFileSync(
        join(folder, "tree", "wmill.yaml"),
        settings.filter((line) => !line.includes("folder.meta")).join("\n"),
      );
      const run = await runWmill(target, folder, ["sync", "push", "--yes"]);
      assert.equal(run.status, 0, run.stderr);
    });
    const { ours, theirs } = split(await exported());
    assert.deepEqual(
      ours.map(([name]) => name),
      ["f/codex_pooler/folder.meta.json"],
    );
    assert.deepEqual(theirs, before.theirs);
  });
});
