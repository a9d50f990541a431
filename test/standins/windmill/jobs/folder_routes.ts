import { type Actor, foldersOf } from "../access.ts";
import { badRequest, notAuthorized, notFound } from "../errors.ts";
import { json, type Register, type Request, text, workspaceOf } from "../http.ts";
import { any, array, boolean, optional, readBody, record, string, struct } from "../shape.ts";
import type { ExtraPerms, Folder, Store, Workspace } from "../store.ts";

const SETTINGS = {
  display_name: optional(string),
  summary: optional(string),
  owners: optional(array(string)),
  extra_perms: optional(record(string, boolean)),
  default_permissioned_as: optional(any),
};
const NEW_FOLDER = struct("NewFolder", { name: string, ...SETTINGS });
const EDIT_FOLDER = struct("UpdateFolder", SETTINGS);

/** Folders, on which the rights of every `f/` item depend. */
export const registerFolders: Register = (api, { store }) => {
  api.post("/api/w/:w/folders/create", async (c) => {
    const workspace = workspaceOf(c, store);
    const { username } = c.get("actor");
    const sent = await readBody(c, NEW_FOLDER);
    if (!/^[A-Za-z0-9_-]+$/.test(sent.name))
      throw badRequest(`Folder name ${sent.name} can only contain alphanumeric characters, underscores, hyphens`);
    if (workspace.folders.has(sent.name)) throw badRequest(`Folder ${sent.name} already exists`);
    const owners = [...new Set([`u/${username}`, ...(sent.owners ?? [])])];
    workspace.folders.set(sent.name, {
      name: sent.name,
      displayName: sent.display_name ?? sent.name,
      owners,
      extraPerms: {
        ...Object.fromEntries(owners.map((owner) => [owner, true])),
        ...(sent.extra_perms as ExtraPerms | undefined),
      },
      summary: sent.summary ?? null,
      createdBy: username,
      editedAt: store.clock.iso(),
    });
    return text(`Created folder ${sent.name}`);
  });

  api.post("/api/w/:w/folders/update/:name", async (c) => {
    const workspace = workspaceOf(c, store);
    const sent = await readBody(c, EDIT_FOLDER);
    const folder = owned(c, workspace);
    Object.assign(folder, {
      displayName: sent.display_name ?? folder.displayName,
      summary: sent.summary ?? folder.summary,
      owners: sent.owners ?? folder.owners,
      extraPerms: sent.extra_perms ?? folder.extraPerms,
      editedAt: store.clock.iso(),
    });
    return text(`Folder ${folder.name} updated`);
  });

  api.get("/api/w/:w/folders/get/:name", (c) => json(described(workspaceOf(c, store), found(c, store))));
  api.get("/api/w/:w/folders/exists/:name", (c) => json(workspaceOf(c, store).folders.has(c.req.param("name"))));

  api.get("/api/w/:w/folders/list", (c) => {
    const workspace = workspaceOf(c, store);
    return json(readable(workspace, c.get("actor")).map((folder) => described(workspace, folder)));
  });

  api.get("/api/w/:w/folders/listnames", (c) =>
    json(readable(workspaceOf(c, store), c.get("actor")).map(({ name }) => name)),
  );

  api.delete("/api/w/:w/folders/delete/:name", (c) => {
    const workspace = workspaceOf(c, store);
    const { name } = owned(c, workspace);
    workspace.folders.delete(name);
    return text(`Deleted folder ${name}`);
  });

  const owned = (c: Request, workspace: Workspace) => {
    const folder = found(c, store);
    const actor = c.get("actor");
    if (actor.isAdmin || foldersOf(workspace, actor).owned.includes(folder.name)) return folder;
    throw notAuthorized(
      `${actor.username} is not an owner of ${folder.name} and hence is not authorized to perform this operation`,
    );
  };
};

/** Folders that the actor sees. */
export function readable(workspace: Workspace, actor: Actor): Folder[] {
  const { read } = foldersOf(workspace, actor);
  return [...workspace.folders.values()].filter(({ name }) => actor.isAdmin || read.includes(name));
}

function found(c: Request, store: Store): Folder {
  const name = c.req.param("name") ?? "";
  const folder = readable(workspaceOf(c, store), c.get("actor")).find((other) => other.name === name);
  if (!folder) throw notFound(`Folder not found at name ${name} (folders.rs:668)`);
  return folder;
}

function described(workspace: Workspace, folder: Folder) {
  return {
    workspace_id: workspace.id,
    name: folder.name,
    display_name: folder.displayName,
    owners: folder.owners,
    extra_perms: folder.extraPerms,
    summary: folder.summary,
    created_by: folder.createdBy,
    edited_at: folder.editedAt,
    default_permissioned_as: [],
  };
}
