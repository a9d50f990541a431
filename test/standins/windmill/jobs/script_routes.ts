import { canRead, canWrite, isValidPath } from "../access.ts";
import { badPath, badRequest, notFound, writeRefused } from "../errors.ts";
import { empty, json, pathAfter, type Register, text, workspaceOf } from "../http.ts";
import { readBody } from "../shape.ts";
import type { Workspace } from "../store.ts";
import { engineOf } from "./engine.ts";
import { stripPins } from "./imports.ts";
import { locksmithOf } from "./locks.ts";
import { identityOf } from "./runnables.ts";
import { isSame, NEW_SCRIPT, newVersion } from "./script_body.ts";
import { currentScript, currentScripts, deployedIn, type Script, scriptByHash } from "./state.ts";

/** Scripts: deploying, reading, archiving. */
export const registerScripts: Register = (api, context) => {
  const { store } = context;
  const locksmith = locksmithOf(engineOf(context));

  api.post("/api/w/:w/scripts/create", async (c) => {
    const workspace = workspaceOf(c, store);
    const actor = c.get("actor");
    const sent = await readBody(c, NEW_SCRIPT);
    if (!isValidPath(sent.path)) throw badPath(store.release, "script", "scripts.rs:1123:6");
    if (!canWrite(workspace, actor, sent.path)) throw writeRefused(store.release, "script", "scripts.rs:1123:6");
    if (sent.ws_error_handler_muted === true) {
      throw badRequest("Muting the error handler for certain script is only available in enterprise version");
    }
    const current = currentScript(workspace, sent.path);
    if (current && !sent.auto_parent && sent.parent_hash !== current.hash) {
      throw badRequest(`Path conflict for ${sent.path} with non-archived hash ${current.hash}`);
    }
    const script = newVersion(sent, current, actor.username, store.clock.iso());
    if (current && c.req.query("skip_if_noop") === "true" && isSame(script, current)) return text(current.hash, 201);
    if (current) current.archived = true;
    const versions = deployedIn(workspace).scripts;
    versions.set(script.path, [...(versions.get(script.path) ?? []), script]);
    locksmith.scriptDeployed(workspace, script, identityOf(actor));
    return text(script.hash, 201);
  });

  api.get("/api/w/:w/scripts/list", (c) => {
    const workspace = workspaceOf(c, store);
    const pathStart = c.req.query("path_start") ?? "";
    const shown = currentScripts(workspace)
      .filter(
        ({ path, extraPerms }) => canRead(workspace, c.get("actor"), path, extraPerms) && path.startsWith(pathStart),
      )
      .filter(({ autoKind }) => autoKind !== "lib" || c.req.query("include_without_main") === "true")
      .sort((a, b) => (a.createdAt < b.createdAt ? 1 : -1));
    return json(shown.map(listed));
  });

  api.get("/api/w/:w/scripts/get/p/*", (c) => {
    const workspace = workspaceOf(c, store);
    const path = pathAfter(c, "/scripts/get/p/");
    const script = deployedIn(workspace).scripts.get(path)?.at(-1);
    if (!script || !canRead(workspace, c.get("actor"), path, script.extraPerms)) {
      throw notFound(`Script not found at path ${path}`);
    }
    return json(described(workspace, script));
  });

  const byHash = (workspace: Workspace, hash: string) => {
    const script = scriptByHash(workspace, hash);
    if (!script) throw notFound(`Script not found at name ${hash} (scripts.rs:1702)`);
    return script;
  };

  api.get("/api/w/:w/scripts/get/h/:hash", (c) => {
    const workspace = workspaceOf(c, store);
    return json(described(workspace, byHash(workspace, c.req.param("hash"))));
  });

  api.get("/api/w/:w/scripts/deployment_status/h/:hash", (c) => {
    const { lock, lockErrorLogs } = byHash(workspaceOf(c, store), c.req.param("hash"));
    return json({ lock, lock_error_logs: lockErrorLogs, job_id: null });
  });

  api.get("/api/w/:w/scripts/exists/p/*", (c) =>
    json(currentScript(workspaceOf(c, store), pathAfter(c, "/scripts/exists/p/")) !== undefined),
  );

  for (const [kind, shown] of [
    ["raw", (content: string) => content],
    ["raw_unpinned", stripPins],
  ] as const) {
    api.get(`/api/w/:w/scripts/${kind}/p/*`, (c) => {
      const workspace = workspaceOf(c, store);
      const path = pathAfter(c, `/scripts/${kind}/p/`).replace(/\.(ts|py|sh|go)$/, "");
      const script = currentScript(workspace, path);
      if (!script || !canRead(workspace, c.get("actor"), path, script.extraPerms)) {
        throw notFound(`Script not found at name ${path} (scripts.rs:1538)`);
      }
      return text(shown(script.content));
    });
  }

  api.post("/api/w/:w/scripts/archive/p/*", (c) => {
    const workspace = workspaceOf(c, store);
    const path = pathAfter(c, "/scripts/archive/p/");
    const script = currentScript(workspace, path);
    if (!script || !canWrite(workspace, c.get("actor"), path, script.extraPerms)) {
      throw notFound(`Script not found at name ${path} (scripts.rs:2011)`);
    }
    script.archived = true;
    return empty();
  });
};

function described(workspace: Workspace, script: Script) {
  return {
    workspace_id: workspace.id,
    hash: script.hash,
    path: script.path,
    parent_hashes: script.parentHashes,
    summary: script.summary,
    description: script.description,
    content: script.content,
    created_by: script.createdBy,
    created_at: script.createdAt,
    archived: script.archived,
    schema: script.schema,
    deleted: false,
    extra_perms: script.extraPerms,
    lock: script.lock ?? undefined,
    lock_error_logs: script.lockErrorLogs,
    language: script.language,
    kind: script.kind,
    timeout: script.timeout,
    auto_kind: script.autoKind ?? undefined,
    ...script.settings,
    is_draft: false,
  };
}

function listed(script: Script) {
  return {
    hash: script.hash,
    path: script.path,
    summary: script.summary,
    created_at: script.createdAt,
    archived: script.archived,
    extra_perms: script.extraPerms,
    language: script.language,
    starred: false,
    tag: script.settings.tag ?? null,
    description: script.description,
    has_deploy_errors: script.lockErrorLogs !== null,
    ws_error_handler_muted: script.settings.ws_error_handler_muted ?? null,
    kind: script.kind,
    auto_kind: script.autoKind ?? undefined,
    is_draft: false,
  };
}
