import { canRead, canWrite, isValidPath } from "./access.ts";
import { badPath, badRequest, notFound, writeRefused } from "./errors.ts";
import { json, pathAfter, type Register, text, workspaceOf } from "./http.ts";
import { interpolated, readableResource, writableResource } from "./item_access.ts";
import { deleteWithVariables, renameResource, setValue } from "./resource_store.ts";
import { any, optional, readBody, string, struct } from "./shape.ts";
import type { Resource, Workspace } from "./store.ts";

const CREATE = struct("CreateResource", {
  path: string,
  value: optional(any),
  description: optional(string),
  resource_type: string,
});
const EDIT = struct("EditResource", {
  path: optional(string),
  value: optional(any),
  description: optional(string),
  resource_type: optional(string),
});
const VALUE = struct("UpdateResource", { value: optional(any) });

/** Resources: values of a type, with references to variables in them. */
export const registerResources: Register = (api, { store }) => {
  const { release } = store;

  api.get("/api/w/:w/resources/list", (c) => {
    const workspace = workspaceOf(c, store);
    const actor = c.get("actor");
    const types = c.req.query("resource_type")?.split(",");
    const excluded = c.req.query("resource_type_exclude")?.split(",") ?? [];
    const pathStart = c.req.query("path_start") ?? "";
    const shown = [...workspace.resources.values()]
      .filter(({ path, extraPerms }) => canRead(workspace, actor, path, extraPerms) && path.startsWith(pathStart))
      .filter(({ resourceType }) => (types?.includes(resourceType) ?? true) && !excluded.includes(resourceType))
      .sort((a, b) => (a.path > b.path ? -1 : 1));
    return json(shown.map((resource) => ({ ...described(workspace, resource), value: null })));
  });

  api.get("/api/w/:w/resources/list_names/:type", (c) => {
    const workspace = workspaceOf(c, store);
    const actor = c.get("actor");
    const named = [...workspace.resources.values()].filter(
      ({ path, extraPerms, resourceType }) =>
        resourceType === c.req.param("type") && canRead(workspace, actor, path, extraPerms),
    );
    // The name is what the value itself calls itself; a resource without one is left out.
    const nameOf = (value: unknown) => (value as { name?: unknown } | null | undefined)?.name;
    return json(
      named.flatMap(({ path, value }) => (typeof nameOf(value) === "string" ? [{ name: nameOf(value), path }] : [])),
    );
  });

  api.get("/api/w/:w/resources/get/*", (c) => {
    const workspace = workspaceOf(c, store);
    return json(
      described(workspace, readableResource(release, workspace, c.get("actor"), pathAfter(c, "/resources/get/"))),
    );
  });

  api.get("/api/w/:w/resources/get_value/*", (c) => {
    const path = pathAfter(c, "/resources/get_value/");
    return json(readableResource(release, workspaceOf(c, store), c.get("actor"), path).value);
  });

  api.get("/api/w/:w/resources/get_value_interpolated/*", (c) => {
    const workspace = workspaceOf(c, store);
    const actor = c.get("actor");
    const { value } = readableResource(release, workspace, actor, pathAfter(c, "/resources/get_value_interpolated/"));
    return json(interpolated(release, workspace, actor, value));
  });

  api.get("/api/w/:w/resources/exists/*", (c) =>
    json(workspaceOf(c, store).resources.has(pathAfter(c, "/resources/exists/"))),
  );

  api.get("/api/w/:w/resources/file_resource_type_to_file_ext_map", () => json({}));

  api.post("/api/w/:w/resources/create", async (c) => {
    const workspace = workspaceOf(c, store);
    const actor = c.get("actor");
    const { path, value = null, description = null, resource_type: resourceType } = await readBody(c, CREATE);
    const existing = workspace.resources.get(path);
    if (!isValidPath(path)) throw badPath(release, "resource", "resources.rs:1190:5");
    if (!canWrite(workspace, actor, path, existing?.extraPerms))
      throw writeRefused(release, "resource", "resources.rs:1190:5");
    if (existing && c.req.query("update_if_exists") !== "true") throw badRequest(`Resource ${path} already exists`);
    const resource: Resource = existing ?? {
      path,
      value: undefined,
      resourceType,
      description,
      extraPerms: {},
      createdBy: actor.username,
      editedAt: "",
    };
    Object.assign(resource, { description, resourceType });
    setValue(store, workspace, actor, resource, value);
    workspace.resources.set(path, resource);
    return text(`resource ${path} created`, 201);
  });

  api.post("/api/w/:w/resources/update/*", async (c) => {
    const workspace = workspaceOf(c, store);
    const actor = c.get("actor");
    const path = pathAfter(c, "/resources/update/");
    const edit = await readBody(c, EDIT);
    const newPath = edit.path ?? path;
    if (newPath !== path && workspace.resources.has(newPath)) throw badRequest(`Resource ${newPath} already exists`);
    const resource = writableResource(workspace, actor, path);
    if (!resource) throw notFound(`Resource not found at name ${path} (resources.rs:1914)`);
    if (!isValidPath(newPath)) throw badPath(release, "resource", "resources.rs:1910:10");
    if (!canWrite(workspace, actor, newPath)) throw writeRefused(release, "resource", "resources.rs:1910:10");
    resource.description = edit.description ?? resource.description;
    resource.resourceType = edit.resource_type ?? resource.resourceType;
    setValue(store, workspace, actor, resource, edit.value ?? resource.value);
    if (newPath !== path) renameResource(workspace, resource, newPath);
    return text(`resource ${path} updated (npath: ${JSON.stringify(newPath)})`);
  });

  api.post("/api/w/:w/resources/update_value/*", async (c) => {
    const workspace = workspaceOf(c, store);
    const actor = c.get("actor");
    const path = pathAfter(c, "/resources/update_value/");
    const { value } = await readBody(c, VALUE);
    const resource = writableResource(workspace, actor, path);
    if (!resource) throw notFound(`Resource ${path} not found`);
    setValue(store, workspace, actor, resource, value);
    return text(`value of resource ${path} updated`);
  });

  api.delete("/api/w/:w/resources/delete/*", (c) => {
    const workspace = workspaceOf(c, store);
    const path = pathAfter(c, "/resources/delete/");
    const resource = writableResource(workspace, c.get("actor"), path);
    if (!resource) throw notFound(`Resource not found at name ${path} (resources.rs:1369)`);
    deleteWithVariables(workspace, resource);
    return text(`resource ${path} deleted`);
  });
};

function described(workspace: Workspace, resource: Resource) {
  const linked = workspace.variables.has(resource.path);
  return {
    workspace_id: workspace.id,
    path: resource.path,
    value: resource.value ?? null,
    description: resource.description,
    resource_type: resource.resourceType,
    extra_perms: resource.extraPerms,
    created_by: resource.createdBy,
    edited_at: resource.editedAt,
    is_linked: linked,
    is_refreshed: null,
    is_oauth: linked ? false : null,
    is_expired: null,
    refresh_error: null,
    account: null,
    ws_specific: false,
    is_draft: false,
  };
}
