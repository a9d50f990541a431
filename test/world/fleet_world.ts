import { z } from "zod";
import { callWindmill } from "../../tools/shared/windmill_api.ts";
import { seedResource, seedVariable } from "../standins/windmill/seed.ts";
import { BASE_URL, CONNECTION, type World } from "./world.ts";

/** Adds a workspace that is connected to the gateway with a key, and returns a token of an admin of it. The first model is the default one. */
export async function addConnectedWorkspace(
  world: World,
  id: string,
  key: string,
  models: readonly [string, ...string[]] = ["gpt-5.5"],
): Promise<string> {
  const { windmill, target } = world;
  const workspace = windmill.createWorkspace(id);
  seedVariable(windmill.store, workspace, CONNECTION, key);
  seedResource(windmill.store, workspace, CONNECTION, {
    base_url: BASE_URL,
    api_key: `$var:${CONNECTION}`,
    headers: {},
  });
  const type = { name: "customai", description: "", schema: {} };
  await callWindmill(target, `w/${id}/resources/type/create`, z.unknown(), type);
  const model = { provider: "customai", model: models[0] };
  workspace.aiConfig = {
    providers: { customai: { resource_path: CONNECTION, models: [...models] } },
    default_model: model,
    metadata_model: model,
  };
  return windmill.addUser(`watcher@${id}.example`, [workspace], { isAdmin: true }).token;
}
