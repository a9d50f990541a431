import { posix } from "node:path";
import { BUNDLE, type BundleFiles } from "./bundle.ts";

/** The folder's own settings. Owners and permissions stay out: Windmill would replace what the workspace's admins set there. */
export const FOLDER_META =
  "summary: Windmill AI through Codex Pooler, connected and watched\ndisplay_name: Codex Pooler\n";

/** The three files of a script. Naming them keeps a script of the same name in another language out of reach. */
const SCRIPT_FILES = "{ts,script.yaml,script.lock}";

type Scope = Pick<BundleFiles, "modules" | "flows" | "apps">;

/** The files that a push may touch, as wmill's patterns: one for each folder of scripts, each flow and each app. */
export function includePatterns(files: Scope): string[] {
  const folders = new Map<string, string[]>();
  for (const module of files.modules) {
    const folder = posix.dirname(module);
    folders.set(folder, [...(folders.get(folder) ?? []), posix.basename(module)]);
  }
  // A brace with one name in it is not a pattern, so a lone script is named as it is.
  const scripts = [...folders].map(([folder, names]) => {
    const name = names.length === 1 ? names[0] : `{${names.join(",")}}`;
    return `${folder}/${name}.${SCRIPT_FILES}`;
  });
  return [`${BUNDLE}/folder.meta.yaml`, ...scripts, ...[...files.flows, ...files.apps].map((folder) => `${folder}/**`)];
}

/** The text of wmill.yaml. */
export function wmillYaml(files: Scope): string {
  const includes = includePatterns(files).map((pattern) => `  - '${pattern}'\n`);
  return `# Written by "npm run metadata".
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
