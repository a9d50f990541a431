import { foldersOf, requireAdmin } from "./access.ts";
import { json, type Register, text, workspaceOf } from "./http.ts";
import { array, optional, readBody, string, struct } from "./shape.ts";
import { issueToken } from "./store.ts";

const NEW_TOKEN = struct("NewToken", {
  label: optional(string),
  expiration: optional(string),
  scopes: optional(array(string)),
  workspace_id: optional(string),
});

/** Who am I, and who is in a workspace. */
export const registerUsers: Register = (api, { store }) => {
  api.get("/api/users/whoami", (c) => {
    const { email } = c.get("actor");
    const user = store.users.get(email);
    return json({
      email,
      login_type: "password",
      super_admin: user?.superAdmin ?? false,
      devops: false,
      verified: true,
      name: user?.name ?? null,
      company: user?.superAdmin ? "Windmill" : null,
      username: user?.username ?? null,
      first_time_user: user?.superAdmin ?? false,
      role_source: "manual",
      disabled: false,
    });
  });

  api.post("/api/users/tokens/create", async (c) => {
    const { email } = c.get("actor");
    const { scopes } = await readBody(c, NEW_TOKEN);
    return text(issueToken(store, email, scopes), 201);
  });

  api.get("/api/w/:w/users/whoami", (c) => {
    const actor = c.get("actor");
    const workspace = store.workspaces.get(c.req.param("w"));
    const member = [...(workspace?.members.values() ?? [])].find(({ email }) => email === actor.email);
    const folders = foldersOf(workspace, actor);
    return json({
      workspace_id: c.req.param("w"),
      email: actor.email,
      username: actor.username,
      is_admin: member?.isAdmin ?? actor.isAdmin,
      is_super_admin: actor.isSuperAdmin,
      created_at: member?.createdAt ?? store.clock.iso(),
      groups: actor.groups,
      operator: actor.isOperator,
      disabled: false,
      role: member ? null : "superadmin",
      folders_read: folders.read,
      folders: folders.written,
      folders_owners: folders.owned,
      name: member ? (store.users.get(actor.email)?.name ?? null) : null,
      is_service_account: false,
      ...(store.release === "1.743.0" ? {} : { non_member: !member }),
    });
  });

  api.get("/api/w/:w/users/list", (c) => {
    const workspace = workspaceOf(c, store);
    requireAdmin(c.get("actor"));
    return json(
      [...workspace.members.values()].map((member) => ({
        workspace_id: workspace.id,
        email: member.email,
        username: member.username,
        is_admin: member.isAdmin,
        is_super_admin: store.users.get(member.email)?.superAdmin ?? false,
        operator: member.operator,
        disabled: member.disabled,
        created_at: member.createdAt,
      })),
    );
  });
};
