import { badRequest, notFound } from "./errors.ts";
import { json, pathAfter, type Register, text, workspaceOf } from "./http.ts";
import { jsonb } from "./jsonb.ts";
import { any, optional, readBody, string, struct } from "./shape.ts";
import type { ResourceType, Workspace } from "./store.ts";

const CREATE = struct("CreateResourceType", { name: string, schema: optional(any), description: optional(string) });

/** Resource types of a workspace. Those of `admins` show in every workspace. Any member may create one. */
export const registerResourceTypes: Register = (api, { store }) => {
  const visible = (workspace: Workspace) => {
    const admins = store.workspaces.get("admins");
    return [workspace, ...(admins && admins !== workspace ? [admins] : [])];
  };
  const find = (workspace: Workspace, name: string) =>
    visible(workspace)
      .map((owner) => ({ owner, type: owner.resourceTypes.get(name) }))
      .find(({ type }) => type !== undefined);

  api.get("/api/w/:w/resources/type/list", (c) =>
    json(
      visible(workspaceOf(c, store)).flatMap((owner) =>
        [...owner.resourceTypes.values()].map((type) => described(owner, type)),
      ),
    ),
  );

  api.get("/api/w/:w/resources/type/listnames", (c) =>
    json(visible(workspaceOf(c, store)).flatMap((owner) => [...owner.resourceTypes.keys()])),
  );

  api.get("/api/w/:w/resources/type/exists/*", (c) =>
    json(find(workspaceOf(c, store), pathAfter(c, "/resources/type/exists/")) !== undefined),
  );

  api.get("/api/w/:w/resources/type/get/*", (c) => {
    const name = pathAfter(c, "/resources/type/get/");
    const found = find(workspaceOf(c, store), name);
    if (!found?.type) throw notFound(`ResourceType not found at name ${name}`);
    return json(described(found.owner, found.type));
  });

  api.post("/api/w/:w/resources/type/create", async (c) => {
    const workspace = workspaceOf(c, store);
    const { name, schema = null, description = null } = await readBody(c, CREATE);
    if (workspace.resourceTypes.has(name)) throw badRequest(`Resource type ${name} already exists`);
    const created = { createdBy: c.get("actor").username, editedAt: store.clock.iso() };
    workspace.resourceTypes.set(name, { name, schema: jsonb(schema), description, ...created });
    return text(`resource_type ${name} created`, 201);
  });

  api.delete("/api/w/:w/resources/type/delete/*", (c) => {
    const name = pathAfter(c, "/resources/type/delete/");
    workspaceOf(c, store).resourceTypes.delete(name);
    return text(`resource_type ${name} deleted`);
  });
};

function described(workspace: Workspace, type: ResourceType) {
  return {
    workspace_id: workspace.id,
    name: type.name,
    schema: type.schema,
    description: type.description,
    created_by: type.createdBy,
    edited_at: type.editedAt,
    format_extension: null,
    is_fileset: false,
  };
}
