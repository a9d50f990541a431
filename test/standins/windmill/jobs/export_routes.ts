import { strToU8, type Zippable, zipSync } from "fflate";
import { canRead } from "../access.ts";
import { badRequest } from "../errors.ts";
import { type Register, workspaceOf } from "../http.ts";
import { plainValue } from "../secrets.ts";
import type { Workspace } from "../store.ts";
import { flowValue } from "./flow_routes.ts";
import { readable } from "./folder_routes.ts";
import { scheduleSettings } from "./schedule_body.ts";
import { SCRIPT_SETTINGS } from "./script_body.ts";
import { currentScripts, deployedIn } from "./state.ts";

/** Windmill stamps every entry with the first day that the format knows. */
const NO_DATE = new Date(1980, 0, 1);

/** File endings of scripts by language; others have the language's name. */
const ENDINGS: Readonly<Record<string, string>> = {
  bun: "ts",
  bunnative: "ts",
  nativets: "fetch.ts",
  deno: "deno.ts",
  python3: "py",
  bash: "sh",
};

/** Reads a query parameter that switches something on. */
type Flag = (name: string) => boolean;
type Sees = (item: { path: string; extraPerms: Record<string, boolean> }) => boolean;

/** The export of a workspace, which `wmill sync` compares the files on disk with. */
export const registerExport: Register = (api, { store }) => {
  api.get("/api/w/:w/workspaces/tarball", (c) => {
    const workspace = workspaceOf(c, store);
    const type = c.req.query("archive_type") ?? "tar";
    if (type !== "zip") throw badRequest(`Invalid Archive Type ${type}`);
    const flag: Flag = (name) => c.req.query(name) === "true";
    const actor = c.get("actor");
    const sees: Sees = ({ path, extraPerms }) => canRead(workspace, actor, path, extraPerms);
    const folders = readable(workspace, actor).map(({ name, ...folder }) => {
      const meta = {
        extra_perms: folder.extraPerms,
        summary: folder.summary,
        display_name: folder.displayName,
        owners: folder.owners,
      };
      return entry(`f/${name}/folder.meta.json`, meta);
    });
    const entries = [
      ...folders,
      ...scriptEntries(workspace, sees, flag),
      ...(flag("skip_resources") ? [] : resourceEntries(workspace, sees)),
      ...(flag("skip_resource_types") ? [] : resourceTypeEntries(workspace)),
      ...flowEntries(workspace, sees, flag),
      ...(flag("skip_variables") ? [] : variableEntries(workspace, sees, flag)),
      ...appEntries(workspace, sees, flag),
      ...(flag("include_schedules") ? scheduleEntries(workspace, sees) : []),
    ];
    const files: Zippable = Object.fromEntries(
      entries.map(([path, content]) => [path, [strToU8(content), { mtime: NO_DATE }]]),
    );
    const headers = {
      "content-type": "application/x-tar",
      "content-disposition": `attachment; filename="windmill-${workspace.id}.zip"`,
    };
    return new Response(new Uint8Array(zipSync(files)), { headers });
  });
};

type Entry = readonly [path: string, content: string];
const entry = (path: string, content: unknown): Entry => [path, JSON.stringify(content, null, 2)];

/** Rights go into the export only on request, and only when there are any. */
function perms(extraPerms: Record<string, boolean>, flag: Flag): object {
  return flag("preserve_extra_perms") && Object.keys(extraPerms).length > 0 ? { extra_perms: extraPerms } : {};
}

function scriptEntries(workspace: Workspace, sees: Sees, flag: Flag): Entry[] {
  return currentScripts(workspace)
    .filter(sees)
    .flatMap((script) => {
      const { path, summary, description, schema, lock, kind, timeout, settings, extraPerms } = script;
      const { ws_error_handler_muted: _muted, ...shown } = Object.fromEntries(
        SCRIPT_SETTINGS.flatMap((name) => (name in settings ? [[name, settings[name]]] : [])),
      );
      return [
        [`${path}.${ENDINGS[script.language] ?? script.language}`, script.content] as const,
        entry(`${path}.script.json`, {
          summary,
          description,
          schema,
          lock,
          kind,
          timeout,
          ...shown,
          ...perms(extraPerms, flag),
        }),
      ];
    });
}

function flowEntries(workspace: Workspace, sees: Sees, flag: Flag): Entry[] {
  const current = [...deployedIn(workspace).flows.values()].filter((flow) => !flow.archived && sees(flow));
  return current.map((flow) => {
    const { path, schema, summary, description, settings, extraPerms } = flow;
    return entry(`${path}.flow.json`, {
      value: flowValue(flow),
      schema,
      summary,
      description,
      ...settings,
      ...perms(extraPerms, flag),
    });
  });
}

function resourceEntries(workspace: Workspace, sees: Sees): Entry[] {
  // States and caches are data of runs, not of the workspace.
  const exported = [...workspace.resources.values()].filter(
    (item) => sees(item) && !["state", "cache"].includes(item.resourceType),
  );
  return exported.map(({ path, value, description, resourceType }) =>
    entry(`${path}.resource.json`, { value: value ?? null, description, resource_type: resourceType }),
  );
}

function resourceTypeEntries(workspace: Workspace): Entry[] {
  return [...workspace.resourceTypes.values()].map(({ name, schema, description }) =>
    entry(`${name}.resource-type.json`, { schema: schema ?? null, description }),
  );
}

function variableEntries(workspace: Workspace, sees: Sees, flag: Flag): Entry[] {
  const exported = [...workspace.variables.values()].filter(
    (item) => sees(item) && item.expiresAt === null && !(item.isSecret && flag("skip_secrets")),
  );
  return exported.map((variable) => {
    const plain = flag("plain_secret") || flag("plain_secrets");
    const value = plain ? plainValue(workspace, variable) : variable.value;
    return entry(`${variable.path}.variable.json`, {
      value,
      is_secret: variable.isSecret,
      description: variable.description,
    });
  });
}

function appEntries(workspace: Workspace, sees: Sees, flag: Flag): Entry[] {
  const exported = [...deployedIn(workspace).apps.values()].filter(sees);
  return exported.map(({ path, summary, value, raw, policy, extraPerms }) =>
    entry(`${path}.${raw ? "raw_app" : "app"}.json`, { summary, policy, value, ...perms(extraPerms, flag) }),
  );
}

function scheduleEntries(workspace: Workspace, sees: Sees): Entry[] {
  const exported = [...deployedIn(workspace).schedules.values()].filter(sees);
  return exported.map((schedule) => entry(`${schedule.path}.schedule.json`, scheduleSettings(schedule)));
}
