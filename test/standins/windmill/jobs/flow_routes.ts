import { canRead, canWrite, isValidPath } from "../access.ts";
import { badPath, badRequest, notFound, writeRefused } from "../errors.ts";
import { json, pathAfter, type Register, text, workspaceOf } from "../http.ts";
import { jsonb } from "../jsonb.ts";
import { any, boolean, optional, type Read, readBody, string, struct } from "../shape.ts";
import type { Workspace } from "../store.ts";
import { engineOf } from "./engine.ts";
import { flowRunner } from "./flow_run.ts";
import { FLOW_VALUE, flowJson } from "./flow_value.ts";
import { locksmithOf } from "./locks.ts";
import { identityOf } from "./runnables.ts";
import { deployedIn, type Flow, nextFlowVersion } from "./state.ts";

/** Settings of a flow that are kept and shown as they were sent, if they were. */
const FLOW_SETTINGS = [
  "tag",
  "dedicated_worker",
  "timeout",
  "visible_to_runner_only",
  "on_behalf_of_email",
  "labels",
] as const;

const EDIT_FLOW = struct("EditFlow", {
  path: optional(string),
  summary: string,
  description: optional(string),
  value: FLOW_VALUE,
  schema: optional(any),
  ws_error_handler_muted: optional(any),
  ...(Object.fromEntries(FLOW_SETTINGS.map((name) => [name, optional(any)])) as Record<
    (typeof FLOW_SETTINGS)[number],
    ReturnType<typeof optional<unknown>>
  >),
});
const ARCHIVE = struct("Archived", { archived: optional(boolean) });

/** Flows: deploying, reading, archiving, deleting. */
export const registerFlows: Register = (api, context) => {
  const { store } = context;
  const engine = engineOf(context);
  const locksmith = locksmithOf(engine);
  engine.runners.set("flow", flowRunner(engine));
  engine.runners.set("flownode", flowRunner(engine));

  const deploy = (flow: Flow | undefined, path: string, sent: Read<typeof EDIT_FLOW>, editedBy: string): Flow => {
    const version = nextFlowVersion(store);
    const settings = Object.fromEntries(
      FLOW_SETTINGS.flatMap((name) => (sent[name] === undefined ? [] : [[name, sent[name]]])),
    );
    const { summary, description = "", value, schema = null } = sent;
    const edited = { summary, description, value, schema, settings, version, editedBy, editedAt: store.clock.iso() };
    return { ...edited, path, archived: false, extraPerms: flow?.extraPerms ?? {} };
  };

  api.post("/api/w/:w/flows/create", async (c) => {
    const workspace = workspaceOf(c, store);
    const actor = c.get("actor");
    const sent = await readBody(c, EDIT_FLOW);
    const { path = "" } = sent;
    const { flows } = deployedIn(workspace);
    if (!isValidPath(path)) throw badPath(store.release, "flow", "flows.rs:611:6");
    checkMuting(sent);
    if (flows.has(path)) throw badRequest(`Flow ${path} already exists`);
    if (!canWrite(workspace, actor, path)) throw writeRefused(store.release, "flow", "flows.rs:611:6");
    const flow = deploy(undefined, path, sent, actor.username);
    flows.set(path, flow);
    locksmith.flowDeployed(workspace, flow, identityOf(actor));
    return text(path, 201);
  });

  api.post("/api/w/:w/flows/update/*", async (c) => {
    const workspace = workspaceOf(c, store);
    const actor = c.get("actor");
    const path = pathAfter(c, "/flows/update/");
    const sent = await readBody(c, EDIT_FLOW);
    checkMuting(sent);
    const flow = deployedIn(workspace).flows.get(path);
    if (!flow || !canWrite(workspace, actor, path, flow.extraPerms)) throw absent(path);
    const newPath = sent.path ?? path;
    deployedIn(workspace).flows.delete(path);
    const edited = deploy(flow, newPath, sent, actor.username);
    deployedIn(workspace).flows.set(newPath, edited);
    locksmith.flowDeployed(workspace, edited, identityOf(actor));
    return text(newPath);
  });

  const readable = (workspace: Workspace, actor: Parameters<typeof canRead>[1], path: string) => {
    const flow = deployedIn(workspace).flows.get(path);
    if (!flow || !canRead(workspace, actor, path, flow.extraPerms)) throw notFound(`Flow not found at path ${path}`);
    return flow;
  };

  api.get("/api/w/:w/flows/get/*", (c) => {
    const workspace = workspaceOf(c, store);
    const flow = readable(workspace, c.get("actor"), pathAfter(c, "/flows/get/"));
    return json({
      ...listed(workspace, flow),
      value: flowValue(flow),
      schema: flow.schema,
      version_id: flow.version,
      is_draft: false,
    });
  });

  api.get("/api/w/:w/flows/exists/*", (c) =>
    json(deployedIn(workspaceOf(c, store)).flows.has(pathAfter(c, "/flows/exists/"))),
  );

  api.get("/api/w/:w/flows/list", (c) => {
    const workspace = workspaceOf(c, store);
    const pathStart = c.req.query("path_start") ?? "";
    const archived = c.req.query("show_archived") === "true";
    const shown = [...deployedIn(workspace).flows.values()]
      .filter(
        (flow) => canRead(workspace, c.get("actor"), flow.path, flow.extraPerms) && flow.path.startsWith(pathStart),
      )
      .filter((flow) => flow.archived === archived)
      .sort((a, b) => b.version - a.version);
    return json(shown.map((flow) => ({ ...listed(workspace, flow), starred: false, is_draft: false })));
  });

  api.post("/api/w/:w/flows/archive/*", async (c) => {
    const workspace = workspaceOf(c, store);
    const path = pathAfter(c, "/flows/archive/");
    const { archived = true } = await readBody(c, ARCHIVE);
    const flow = deployedIn(workspace).flows.get(path);
    if (!flow || !canWrite(workspace, c.get("actor"), path, flow.extraPerms)) throw absent(path);
    flow.archived = archived;
    return text(`Flow ${path} archived`);
  });

  api.delete("/api/w/:w/flows/delete/*", (c) => {
    const workspace = workspaceOf(c, store);
    const path = pathAfter(c, "/flows/delete/");
    const flow = deployedIn(workspace).flows.get(path);
    if (!flow || !canWrite(workspace, c.get("actor"), path, flow.extraPerms)) throw absent(path);
    deployedIn(workspace).flows.delete(path);
    return text(`Flow ${path} deleted`);
  });
};

/** A flow's value as PostgreSQL gives it back. */
export function flowValue({ value }: Flow): unknown {
  return jsonb(flowJson(value));
}

function absent(path: string) {
  return notFound(`Flow not found at name ${path} (flows.rs:842)`);
}

function checkMuting(sent: Read<typeof EDIT_FLOW>): void {
  if (sent.ws_error_handler_muted === true) {
    throw badRequest("Muting the error handler for certain flow is only available in enterprise version");
  }
}

function listed(workspace: Workspace, flow: Flow) {
  return {
    workspace_id: workspace.id,
    path: flow.path,
    summary: flow.summary,
    description: flow.description,
    edited_by: flow.editedBy,
    edited_at: flow.editedAt,
    archived: flow.archived,
    extra_perms: flow.extraPerms,
    ...flow.settings,
  };
}
