import type { Actor } from "./access.ts";
import { badRequest, notAuthorized } from "./errors.ts";
import { empty, json, type Register } from "./http.ts";
import { jsonb } from "./jsonb.ts";
import { any, readBody, struct } from "./shape.ts";

const SETTING = struct("Value", { value: any });

function requireSuperAdmin({ isSuperAdmin }: Actor): void {
  if (!isSuperAdmin) throw notAuthorized("This endpoint requires the caller to be a super admin");
}

/** Settings of the instance (`ai_config`, `base_url`): superadmins read and write them. Whatever they write is taken. */
export const registerInstance: Register = (api, { store, process }) => {
  api.get("/api/settings/global/:key", (c) => {
    requireSuperAdmin(c.get("actor"));
    return json(store.settings.get(c.req.param("key")) ?? null);
  });

  api.post("/api/settings/global/:key", async (c) => {
    requireSuperAdmin(c.get("actor"));
    const { value } = await readBody(c, SETTING);
    // Recorded for the process that saves; nothing tells another one.
    if (c.req.param("key") === "ai_config") process.credentials.invalidateAll();
    if (value === null || value === "") store.settings.delete(c.req.param("key"));
    else store.settings.set(c.req.param("key"), jsonb(value));
    return empty();
  });

  // The proxy without a workspace is for requests that bring their own key.
  api.all("/api/ai/proxy/*", () => {
    throw badRequest("API key is required");
  });
};
