import { canRead, canWrite, isValidPath } from "../access.ts";
import { badPath, badRequest, notAuthorized, notFound, writeRefused } from "../errors.ts";
import { json, pathAfter, type Register, type Request, text, workspaceOf } from "../http.ts";
import { parseJson } from "../json_text.ts";
import { any, optional, type Read, readBody, record, string, struct } from "../shape.ts";
import type { Store, Workspace } from "../store.ts";
import { engineOf } from "./engine.ts";
import { locksmithOf } from "./locks.ts";
import { flowSpec, identityOf, scriptSpec } from "./runnables.ts";
import { type App, type AppPolicy, deployedIn, runnableScript } from "./state.ts";

/**
 * Apps, as far as raw ones are deployed, served and run. Read in Windmill's source (backend/windmill-api/src/apps.rs): the
 * policy's owner is whoever deploys unless the caller asks to keep it, files and runnables are kept as they were sent, and a
 * runnable that the policy does not list is refused.
 */

const POLICY = struct("Policy", {
  execution_mode: string,
  on_behalf_of: optional(string),
  on_behalf_of_email: optional(string),
  triggerables_v2: optional(record(string, any)),
});
const APP = struct("CreateApp", {
  path: string,
  summary: string,
  value: any,
  policy: POLICY,
  preserve_on_behalf_of: optional(any),
});
const EXECUTE = struct("ExecuteApp", {
  args: record(string, any),
  component: string,
  path: optional(string),
  raw_code: optional(any),
  force_viewer_static_fields: optional(any),
});

const lastVersions = new WeakMap<Store, number>();

/** Somebody's app without a page, which the export shows all the same. */
export function seedApp(store: Store, workspace: Workspace, path: string, raw = false): App {
  const app: App = {
    path,
    summary: "theirs",
    value: raw ? { files: { "/index.tsx": "theirs" }, runnables: {} } : {},
    raw,
    policy: { execution_mode: "publisher", on_behalf_of: "u/member" },
    extraPerms: {},
    createdBy: "member",
    createdAt: store.clock.iso(),
    versions: [],
  };
  deployedIn(workspace).apps.set(path, app);
  return app;
}

export const registerApps: Register = (api, context) => {
  const { store } = context;
  const engine = engineOf(context);
  const locksmith = locksmithOf(engine);
  const line = "apps.rs:768";

  const readable = (c: Request, path: string): App => {
    const workspace = workspaceOf(c, store);
    const app = deployedIn(workspace).apps.get(path);
    if (!app || !canRead(workspace, c.get("actor"), path, app.extraPerms)) {
      throw notFound(`App not found at name ${path} (${line})`);
    }
    return app;
  };

  /** The parts of a deployment in the order in which the server needs them. @throws ApiError 400 for others */
  const parts = async (c: Request): Promise<{ app: Read<typeof APP>; js: string; css: string }> => {
    const form = await new Response(await c.req.arrayBuffer(), {
      headers: { "content-type": c.req.header("content-type") ?? "" },
    }).formData();
    const names = [...form.keys()];
    if (names[0] !== "app") throw badRequest("App payload need to be created first");
    if (!names.includes("js")) throw badRequest("js or css file not uploaded");
    const part = async (name: string): Promise<string> => {
      const value = form.get(name);
      return value === null ? "" : typeof value === "string" ? value : value.text();
    };
    return { app: APP.read(parseJson(await part("app")), []), js: await part("js"), css: await part("css") };
  };

  const deploy = (c: Request, before: App | undefined, sent: Awaited<ReturnType<typeof parts>>): App => {
    const { username, email, isAdmin, groups } = c.get("actor");
    const keep = sent.app.preserve_on_behalf_of === true && (isAdmin || groups.includes("wm_deployers"));
    const { on_behalf_of, on_behalf_of_email, execution_mode, triggerables_v2 } = sent.app.policy;
    const owner =
      keep && on_behalf_of
        ? { on_behalf_of, ...(on_behalf_of_email ? { on_behalf_of_email } : {}) }
        : { on_behalf_of: `u/${username}`, on_behalf_of_email: email };
    const policy: AppPolicy = { execution_mode, ...owner, triggerables_v2: { ...triggerables_v2 } };
    const id = (lastVersions.get(store) ?? 0) + 1;
    lastVersions.set(store, id);
    const { path, summary, value } = sent.app;
    return {
      ...{ path, summary, value, raw: true, policy, extraPerms: before?.extraPerms ?? {} },
      ...{ createdBy: username, createdAt: store.clock.iso() },
      versions: [...(before?.versions ?? []), { id, js: sent.js, css: sent.css }],
    };
  };

  api.get("/api/w/:w/apps/list", (c) => {
    const workspace = workspaceOf(c, store);
    const shown = [...deployedIn(workspace).apps.values()].filter(({ path, extraPerms }) =>
      canRead(workspace, c.get("actor"), path, extraPerms),
    );
    return json(
      shown.map(({ path, summary, raw, extraPerms }) => ({
        workspace_id: workspace.id,
        path,
        summary,
        extra_perms: extraPerms,
        starred: false,
        raw_app: raw,
      })),
    );
  });

  api.get("/api/w/:w/apps/get/p/*", (c) => {
    const { path, summary, value, raw, policy, extraPerms, createdBy, createdAt, versions } = readable(
      c,
      pathAfter(c, "/apps/get/p/"),
    );
    const about = { id: 1, path, summary, versions: versions.map(({ id }) => id), policy, extra_perms: extraPerms };
    return json({ ...about, value, created_at: createdAt, created_by: createdBy, raw_app: raw });
  });

  api.get("/api/w/:w/apps/exists/*", (c) =>
    json(deployedIn(workspaceOf(c, store)).apps.has(pathAfter(c, "/apps/exists/"))),
  );

  api.post("/api/w/:w/apps/create_raw", async (c) => {
    const workspace = workspaceOf(c, store);
    const actor = c.get("actor");
    if (actor.isOperator) throw notAuthorized("Operators cannot create apps for security reasons");
    const sent = await parts(c);
    const { path } = sent.app;
    const { apps } = deployedIn(workspace);
    if (apps.has(path)) throw badRequest(`App with path ${path} already exists`);
    if (!isValidPath(path)) throw badPath(store.release, "app", line);
    if (!canWrite(workspace, actor, path)) throw writeRefused(store.release, "app", line);
    const app = deploy(c, undefined, sent);
    apps.set(path, app);
    locksmith.appDeployed(workspace, app, identityOf(actor));
    return text(path, 201);
  });

  api.post("/api/w/:w/apps/update_raw/*", async (c) => {
    const workspace = workspaceOf(c, store);
    const path = pathAfter(c, "/apps/update_raw/");
    const before = deployedIn(workspace).apps.get(path);
    if (!before || !canWrite(workspace, c.get("actor"), path, before.extraPerms)) {
      throw notFound(`App not found at name ${path} (${line})`);
    }
    const app = deploy(c, before, await parts(c));
    deployedIn(workspace).apps.set(path, app);
    locksmith.appDeployed(workspace, app, identityOf(c.get("actor")));
    return text(`app ${path} updated (npath: "${path}")`);
  });

  api.delete("/api/w/:w/apps/delete/*", (c) => {
    const path = pathAfter(c, "/apps/delete/");
    const workspace = workspaceOf(c, store);
    if (!canWrite(workspace, c.get("actor"), path, deployedIn(workspace).apps.get(path)?.extraPerms)) {
      throw notFound(`App not found at name ${path} (${line})`);
    }
    deployedIn(workspace).apps.delete(path);
    return text(`app ${path} deleted`);
  });

  // Windmill encrypts the version's number; here it is the number itself, which is as good for a stand-in on one machine.
  api.get("/api/w/:w/apps/secret_of_latest_version/*", (c) => {
    const version = readable(c, pathAfter(c, "/apps/secret_of_latest_version/")).versions.at(-1);
    return text(Buffer.from(`bundle_${version?.id ?? 0}`).toString("hex"));
  });

  api.get("/api/w/:w/apps_u/get_data/v/:file", (c) => {
    const [secret = "", type = ""] = c.req.param("file").split(".");
    const id = /^bundle_(\d+)$/.exec(Buffer.from(secret, "hex").toString("utf8"))?.[1];
    const versions = [...deployedIn(workspaceOf(c, store)).apps.values()].flatMap((app) => app.versions);
    const version = versions.find((one) => String(one.id) === id);
    if (type !== "js" && type !== "css") throw badRequest("Invalid file type, only .css and .js are supported");
    if (!version) throw notFound("File not found");
    return new Response(version[type], {
      headers: { "content-type": type === "js" ? "text/javascript" : "text/css", "x-content-type-options": "nosniff" },
    });
  });

  api.post("/api/w/:w/apps_u/execute_component/*", async (c) => {
    const workspace = workspaceOf(c, store);
    const actor = c.get("actor");
    const path = pathAfter(c, "/apps_u/execute_component/");
    const sent = await readBody(c, EXECUTE);
    const app = deployedIn(workspace).apps.get(path);
    if (sent.path === undefined || sent.raw_code !== undefined || sent.force_viewer_static_fields !== undefined) {
      throw badRequest("the stand-in runs scripts and flows of deployed apps only");
    }
    if (!app) throw notFound(`App not found at name ${path} (${line})`);
    const known = app.policy.triggerables_v2 ?? {};
    if (!(sent.path in known) && !(`${sent.component}:${sent.path}` in known)) {
      throw badRequest(`Path ${sent.path} forbidden by policy`);
    }
    if (!canRead(workspace, actor, path, app.extraPerms)) {
      throw notAuthorized(`Missing read permissions on the \`${path}\` app to execute \`${sent.component}\` runnable`);
    }
    const [, kind, target = ""] = /^(script|flow)\/(.*)$/.exec(sent.path) ?? [];
    const job = engine.push(workspace, {
      ...specOf(workspace, kind, target),
      args: sent.args,
      createdBy: actor.username,
      identity: app.policy.execution_mode === "viewer" ? identityOf(actor) : publisherOf(store, workspace, app.policy),
      endUserEmail: actor.email,
    });
    void engine.start(job);
    return text(job.id);
  });
};

/** What an app's runnable is made of. Whether the viewer may read the script does not matter: the app's policy lists it. */
function specOf(workspace: Workspace, kind: string | undefined, path: string) {
  if (kind === "flow") {
    const flow = deployedIn(workspace).flows.get(path);
    if (!flow) throw notFound(`flow not found at name ${path} (lib.rs:2115)`);
    return flowSpec(flow);
  }
  const script = runnableScript(workspace, path);
  if (!script) throw notFound(`script not found at name ${path} (lib.rs:1854)`);
  return scriptSpec(script);
}

/** The rights of who deployed the app, as they are now. */
function publisherOf(store: Store, workspace: Workspace, { on_behalf_of = "", on_behalf_of_email = "" }: AppPolicy) {
  const username = on_behalf_of.replace(/^u\//, "");
  const member = workspace.members.get(username);
  return {
    email: on_behalf_of_email,
    username,
    isAdmin: member?.isAdmin === true || store.users.get(on_behalf_of_email)?.superAdmin === true,
    groups: [...(member?.groups ?? [])],
  };
}
