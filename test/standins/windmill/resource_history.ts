import { notFound } from "./errors.ts";
import { json, pathAfter, type Register, text, workspaceOf } from "./http.ts";
import { readableResource, writableResource } from "./item_access.ts";
import { isVersioned, setValue } from "./resource_store.ts";
import type { ResourceVersion } from "./store.ts";

/** The earlier values of resources. */
export const registerResourceHistory: Register = (api, { store }) => {
  const { release } = store;
  const summary = ({ id, createdAt, createdBy }: ResourceVersion) => ({
    id,
    created_at: createdAt,
    created_by: createdBy,
  });

  api.get("/api/w/:w/resources/history/p/*", (c) => {
    const workspace = workspaceOf(c, store);
    const path = pathAfter(c, "/resources/history/p/");
    const resource = readableResource(release, workspace, c.get("actor"), path);
    const versions = workspace.resourceVersions.filter((version) => version.path === path).map(summary);
    return json({ versions: versions.reverse(), versioned: isVersioned(resource) });
  });

  api.get("/api/w/:w/resources/history/v/:id", (c) => {
    const workspace = workspaceOf(c, store);
    const version = workspace.resourceVersions.find(({ id }) => id === Number(c.req.param("id")));
    if (!version) throw notFound(`Resource version not found at name ${c.req.param("id")}`);
    readableResource(release, workspace, c.get("actor"), version.path);
    return json({ ...summary(version), value: version.value, missing_references: [] });
  });

  api.post("/api/w/:w/resources/history/restore/v/:id", (c) => {
    const workspace = workspaceOf(c, store);
    const actor = c.get("actor");
    const version = workspace.resourceVersions.find(({ id }) => id === Number(c.req.param("id")));
    const resource = version && writableResource(workspace, actor, version.path);
    if (!resource) throw notFound(`Resource version not found at name ${c.req.param("id")}`);
    setValue(store, workspace, actor, resource, version.value);
    return text(`resource ${version.path} restored to version ${version.id}`);
  });
};
