import { canRead, canWrite, isValidPath } from "./access.ts";
import { badPath, badRequest, notFound, writeRefused } from "./errors.ts";
import { json, pathAfter, type Register, text, workspaceOf } from "./http.ts";
import { readableVariable } from "./item_access.ts";
import { mapStrings } from "./jsonb.ts";
import { decrypt, encrypt, plainValue } from "./secrets.ts";
import { boolean, optional, readBody, string, struct } from "./shape.ts";
import type { Variable, Workspace } from "./store.ts";

const CREATE = struct("CreateVariable", {
  path: string,
  value: string,
  is_secret: boolean,
  description: string,
  expires_at: optional(string),
});
const EDIT = struct("EditVariable", {
  path: optional(string),
  value: optional(string),
  is_secret: optional(boolean),
  description: optional(string),
});

/** Variables, plain and secret. */
export const registerVariables: Register = (api, { store }) => {
  const { clock, release } = store;

  api.get("/api/w/:w/variables/list", (c) => {
    const workspace = workspaceOf(c, store);
    const actor = c.get("actor");
    const pathStart = c.req.query("path_start") ?? "";
    const shown = [...workspace.variables.values()]
      .filter(({ path, extraPerms }) => canRead(workspace, actor, path, extraPerms) && path.startsWith(pathStart))
      .filter(({ path }) => !path.startsWith(`u/${actor.username}/secret_arg/`))
      .sort((a, b) => (a.path < b.path ? -1 : 1));
    return json(shown.map((variable) => listed(workspace, variable, variable.isSecret ? null : variable.value)));
  });

  api.get("/api/w/:w/variables/get/*", (c) => {
    const workspace = workspaceOf(c, store);
    const variable = readableVariable(release, workspace, c.get("actor"), pathAfter(c, "/variables/get/"));
    if (!variable.isSecret) return json(listed(workspace, variable, variable.value));
    if (c.req.query("decrypt_secret") !== "false") {
      return json(listed(workspace, variable, decrypt(workspace, variable.path, variable.value)));
    }
    return json(listed(workspace, variable, c.req.query("include_encrypted") === "true" ? variable.value : null));
  });

  api.get("/api/w/:w/variables/get_value/*", (c) => {
    const workspace = workspaceOf(c, store);
    return json(
      plainValue(
        workspace,
        readableVariable(release, workspace, c.get("actor"), pathAfter(c, "/variables/get_value/")),
      ),
    );
  });

  api.get("/api/w/:w/variables/exists/*", (c) =>
    json(workspaceOf(c, store).variables.has(pathAfter(c, "/variables/exists/"))),
  );

  api.post("/api/w/:w/variables/create", async (c) => {
    const workspace = workspaceOf(c, store);
    const actor = c.get("actor");
    const { path, value, is_secret: isSecret, description, expires_at: expiresAt = null } = await readBody(c, CREATE);
    if (!isValidPath(path)) throw badPath(release, "variable", "variables.rs:628:5");
    if (workspace.variables.has(path)) throw badRequest(`Variable ${path} already exists`);
    if (!canWrite(workspace, actor, path)) throw writeRefused(release, "variable", "variables.rs:628:5");
    const stored = isSecret && c.req.query("already_encrypted") !== "true" ? encrypt(workspace, value) : value;
    const edited = { editedAt: clock.iso(), editedBy: actor.username };
    workspace.variables.set(path, { path, value: stored, isSecret, description, extraPerms: {}, expiresAt, ...edited });
    if (expiresAt !== null) clock.at(Date.parse(expiresAt), () => void workspace.variables.delete(path));
    return text(`variable ${path} created`, 201);
  });

  api.post("/api/w/:w/variables/update/*", async (c) => {
    const workspace = workspaceOf(c, store);
    const actor = c.get("actor");
    const path = pathAfter(c, "/variables/update/");
    const edit = await readBody(c, EDIT);
    const variable = workspace.variables.get(path);
    if (edit.is_secret !== undefined && edit.is_secret !== (variable?.isSecret ?? false) && edit.value === undefined) {
      throw badRequest("cannot change is_secret without updating value too");
    }
    const newPath = edit.path ?? path;
    if (newPath !== path && workspace.variables.has(newPath)) throw badRequest(`Variable ${newPath} already exists`);
    if (!variable || !canWrite(workspace, actor, path, variable.extraPerms)) {
      throw notFound(`Variable not found at name ${path} (variables.rs:1301)`);
    }
    if (!isValidPath(newPath)) throw badPath(release, "variable", "variables.rs:1292:10");
    if (!canWrite(workspace, actor, newPath)) throw writeRefused(release, "variable", "variables.rs:1292:10");
    const isSecret = edit.is_secret ?? variable.isSecret;
    const encrypted = c.req.query("already_encrypted") === "true";
    const stored = edit.value !== undefined && isSecret && !encrypted ? encrypt(workspace, edit.value) : edit.value;
    Object.assign(variable, {
      isSecret,
      value: stored ?? variable.value,
      description: edit.description ?? variable.description,
    });
    Object.assign(variable, { editedAt: clock.iso(), editedBy: actor.username });
    if (newPath !== path) rename(workspace, variable, newPath);
    return text(`variable ${path} updated (npath: ${JSON.stringify(newPath)})`);
  });

  api.delete("/api/w/:w/variables/delete/*", (c) => {
    const workspace = workspaceOf(c, store);
    const actor = c.get("actor");
    const path = pathAfter(c, "/variables/delete/");
    if (canWrite(workspace, actor, path, workspace.variables.get(path)?.extraPerms)) workspace.variables.delete(path);
    if (canWrite(workspace, actor, path, workspace.resources.get(path)?.extraPerms)) workspace.resources.delete(path);
    return text(`variable ${path} deleted`);
  });

  api.post("/api/w/:w/variables/encrypt", async (c) => text(encrypt(workspaceOf(c, store), await readBody(c, string))));
};

function listed(workspace: Workspace, variable: Variable, value: string | null) {
  return {
    workspace_id: workspace.id,
    path: variable.path,
    value,
    is_secret: variable.isSecret,
    description: variable.description,
    extra_perms: variable.extraPerms,
    account: null,
    is_oauth: false,
    is_expired: null,
    is_refreshed: null,
    refresh_error: null,
    is_linked: workspace.resources.has(variable.path),
    expires_at: variable.expiresAt,
    ws_specific: false,
    edited_at: variable.editedAt,
    edited_by: variable.editedBy,
    is_draft: false,
  };
}

/** Moves a variable, and with it the resource at the same path, whose references to the variable are rewritten. */
function rename(workspace: Workspace, variable: Variable, newPath: string): void {
  const { path } = variable;
  workspace.variables.delete(path);
  workspace.variables.set(newPath, Object.assign(variable, { path: newPath }));
  const linked = workspace.resources.get(path);
  if (!linked) return;
  workspace.resources.delete(path);
  const value = mapStrings(linked.value, (string) => (string === `$var:${path}` ? `$var:${newPath}` : string));
  workspace.resources.set(newPath, { ...linked, path: newPath, value });
}
