import { requireAdminFailed } from "./errors.ts";
import { empty, json, type Register } from "./http.ts";
import { jsonb } from "./jsonb.ts";
import { any, readBody, struct } from "./shape.ts";

const SETTING = struct("Value", { value: any });

/** Settings of the instance (`ai_config`, `base_url`): superadmins read and write them. */
export const registerInstance: Register = (api, { store }) => {
  api.get("/api/settings/global/:key", (c) => {
    const actor = c.get("actor");
    if (!actor.isSuperAdmin) throw requireAdminFailed(actor.email);
    return json(store.settings.get(c.req.param("key")) ?? null);
  });

  api.post("/api/settings/global/:key", async (c) => {
    const actor = c.get("actor");
    if (!actor.isSuperAdmin) throw requireAdminFailed(actor.email);
    const { value } = await readBody(c, SETTING);
    if (value === null || value === "") store.settings.delete(c.req.param("key"));
    else store.settings.set(c.req.param("key"), jsonb(value));
    return empty();
  });
};
