import { posix } from "node:path";
import { BUNDLE, type Deployed } from "./deployed.ts";

/** The folder's own settings. Owners and permissions stay out: Windmill would replace what the workspace's admins set there. */
export const FOLDER_META =
  "summary: Windmill AI through Codex Pooler, connected and watched\ndisplay_name: Codex Pooler\n";

type Scope = Pick<Deployed, "scripts" | "flows" | "apps">;

/** The files that a push may touch, as wmill's patterns. Naming a script's three files keeps one of the same name in another language out of reach. */
export function includePatterns({ scripts, flows, apps }: Scope): string[] {
  const names = scripts.map((path) => posix.basename(path));
  // A brace with one name in it is not a pattern, so a lone script is named as it is.
  const pattern = names.length === 1 ? names[0] : `{${names.join(",")}}`;
  const all = names.length === 0 ? [] : [`${BUNDLE}/${pattern}.{ts,script.yaml,script.lock}`];
  return [`${BUNDLE}/folder.meta.yaml`, ...all, ...[...flows, ...apps].map((folder) => `${folder}/**`)];
}

/** The text of wmill.yaml. */
export function wmillYaml(scope: Scope): string {
  const includes = includePatterns(scope).map((pattern) => `  - '${pattern}'\n`);
  return `# Written by "npm run build".
# A push makes everything in its scope equal to this repository and deletes what is not here, so the scope is exactly the
# bundle's own files, and every type of item that is not in the bundle is left out.
defaultTs: bun
nonDottedPaths: true
syncBehavior: v1
includes:
${includes.join("")}excludes: []
skipVariables: true
skipSecrets: true
skipResources: true
skipResourceTypes: true
skipWorkspaceDependencies: true
skipDatatableMigrations: true
skipApps: false
includeSchedules: false
includeTriggers: false
includeUsers: false
includeGroups: false
includeSettings: false
includeKey: false
workspaces: {}
`;
}
