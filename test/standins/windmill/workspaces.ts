import { requireAdmin } from "./access.ts";
import { badRequest, notAuthorized } from "./errors.ts";
import { json, type Register, text, workspaceOf } from "./http.ts";
import { any, optional, readBody, string, struct } from "./shape.ts";
import { addMember, addWorkspace } from "./store.ts";

/** A community server has `admins` and two more. */
const COMMUNITY_LIMIT = 3;

const CREATE = struct("CreateWorkspace", {
  id: string,
  name: string,
  username: optional(string),
  color: optional(any),
});
const AUTO_INVITE = {
  ...{ mode: "invite", enabled: false, operator: false },
  ...{ instance_groups: [], instance_groups_roles: {} },
};
const EXISTS = struct("WorkspaceId", { id: string });

/** Workspaces and their settings other than AI. */
export const registerWorkspaces: Register = (api, { store }) => {
  const development = store.release === "1.795.0" ? { is_dev_workspace: false, dev_workspace_label: null } : {};
  const listed = (id: string) => {
    const { name, owner } = store.workspaces.get(id) ?? { name: id, owner: "" };
    return { id, name, owner, deleted: false, premium: false, color: null, parent_workspace_id: null, ...development };
  };
  const ofUser = (email: string) =>
    [...store.workspaces.values()].filter(({ members }) =>
      [...members.values()].some((member) => member.email === email),
    );

  api.get("/api/workspaces/list", (c) => json(ofUser(c.get("actor").email).map(({ id }) => listed(id))));

  api.get("/api/workspaces/list_as_superadmin", (c) => {
    const actor = c.get("actor");
    if (!actor.isSuperAdmin) {
      throw notAuthorized("This endpoint requires the caller to have the `devops` role");
    }
    return json([...store.workspaces.keys()].map(listed));
  });

  api.get("/api/workspaces/users", (c) => {
    const { email } = c.get("actor");
    // A superadmin gets into `admins` without being a member of it.
    const mine = ofUser(email).filter(({ id }) => id !== "admins");
    const workspaces = mine.map(({ id, name, owner, members }) => ({
      ...{ id, name, color: null, parent_workspace_id: null, created_by: owner, ...development },
      username: [...members.values()].find((member) => member.email === email)?.username,
      operator_settings: null,
      disabled: false,
    }));
    return json({ email, workspaces });
  });

  api.post("/api/workspaces/exists", async (c) => json(store.workspaces.has((await readBody(c, EXISTS)).id)));

  api.post("/api/workspaces/create", async (c) => {
    const actor = c.get("actor");
    const { id, name, username } = await readBody(c, CREATE);
    if (store.workspaces.has(id)) throw badRequest(`Workspace ${id} already exists`);
    if (store.workspaces.size >= COMMUNITY_LIMIT) {
      throw badRequest(
        "You have reached the maximum number of workspaces (2 outside of default workspace 'admins') without an enterprise license. Archive/delete another workspace to create a new one",
      );
    }
    const user = store.users.get(actor.email);
    const workspace = addWorkspace(store, id, actor.email, name);
    if (user) addMember(store, workspace, user, { isAdmin: true, ...(username ? { username } : {}) });
    return text(`Created workspace ${id}`, 201);
  });

  api.get("/api/w/:w/workspaces/get_settings", (c) => {
    requireAdmin(c.get("actor"));
    const workspace = workspaceOf(c, store);
    const everything = [
      "runs",
      "assets",
      "groups",
      "folders",
      "workers",
      "triggers",
      "resources",
      "schedules",
      "variables",
      "audit_logs",
    ];
    return json({
      workspace_id: workspace.id,
      teams_command_script: null,
      slack_email: "missing@email.xyz",
      ...(workspace.aiConfig === undefined ? {} : { ai_config: workspace.aiConfig }),
      operator_settings: Object.fromEntries(everything.map((area) => [area, true])),
      git_app_installations: [],
      ...(workspace.id === "admins" ? { auto_invite: AUTO_INVITE } : {}),
      error_handler_fallback_to_instance_alerts: false,
    });
  });

  api.get("/api/w/:w/workspaces/list_ws_specific", () => json([]));
};
