import { readFileSync } from "node:fs";

/** What a bun worker's `bun install` leaves as a script's lock. Nothing of the repository that writes locks is used here. */

/** A lock cannot be made; the message says why. */
export class LockError extends Error {}

/** A package as the registry has it. */
interface Release {
  version: string;
  integrity: string;
  /** Names of the packages that it needs in turn. */
  needs: string[];
}

/** The registry of the stand-in's internet: the versions of each package, `latest` first. */
export type Registry = Map<string, Release[]>;

interface Installed {
  version?: string;
  integrity?: string;
  dependencies?: Record<string, string>;
}

/** A registry that has the packages of this repository's node_modules. */
export function installedPackages(): Registry {
  const lock = readFileSync(new URL("../../../../package-lock.json", import.meta.url), "utf8");
  const folders = (JSON.parse(lock) as { packages: Record<string, Installed> }).packages;
  const prefix = "node_modules/";
  const registry: Registry = new Map();
  for (const [folder, { version, integrity, dependencies = {} }] of Object.entries(folders)) {
    // A package inside another one is that one's own.
    if (folder.lastIndexOf(prefix) !== 0 || !version || !integrity) continue;
    registry.set(folder.slice(prefix.length), [{ version, integrity, needs: Object.keys(dependencies) }]);
  }
  return registry;
}

/** A line of `bun.lock` for a package that needs no others. */
const RESOLVED = /^ {4}"[^"]+": \["(?<name>@?[^@"]+)@(?<version>[^"]+)", "", \{\}, "(?<integrity>[^"]+)"\],$/gm;

/** Adds the versions that somebody's lock names: a registry keeps what it once had. */
export function learnFrom(lock: string, registry: Registry): void {
  for (const { groups: { name = "", version = "", integrity = "" } = {} } of lock.matchAll(RESOLVED)) {
    const versions = registry.get(name) ?? [];
    registry.set(name, versions);
    if (!versions.some((known) => known.version === version)) versions.push({ version, integrity, needs: [] });
  }
}

/** bun's `lockfileVersion`: 1 from bun 1.2 to 1.3, 2 from 1.4 on. For packages without dependencies nothing else differs. */
export type LockfileVersion = 1 | 2;

/** What stands between the two parts of a lock, `package.json` and `bun.lock`. */
const SEPARATOR = "\n//bun.lock\n";

/**
 * The lock of a script that needs these packages.
 * @param packages the wanted version, or `latest`, by name, in the order in which the worker met them: `package.json` keeps it,
 * `bun.lock` sorts
 * @throws LockError when the registry does not have one of them
 */
export function bunLock(packages: ReadonlyMap<string, string>, registry: Registry, version: LockfileVersion): string {
  const manifest = JSON.stringify({ dependencies: Object.fromEntries(packages) }, null, 2);
  if (packages.size === 0) return `${manifest}${SEPARATOR}<empty>`;
  const names = [...packages.keys()].sort();
  const wanted = Object.fromEntries(names.map((name) => [name, packages.get(name) ?? "latest"]));
  const resolved = names.map((name) => [name, resolve(name, wanted[name] ?? "latest", registry)] as const);
  const lines = [
    "{",
    `  "lockfileVersion": ${version},`,
    '  "configVersion": 1,',
    '  "workspaces": {',
    '    "": {',
    ...indented(JSON.stringify({ dependencies: wanted }, null, 2).split("\n").slice(1, -1), 4),
    "    },",
    "  },",
    '  "packages": {',
    resolved
      .map(([name, release]) => `    "${name}": ["${name}@${release.version}", "", {}, "${release.integrity}"],`)
      .join("\n\n"),
    "  }",
    "}",
    "",
  ];
  return `${manifest}${SEPARATOR}${lines.join("\n")}`;
}

/** JSON lines further in, with the commas that bun leaves after the last element too. */
function indented(lines: readonly string[], by: number): string[] {
  return lines.map((line) => `${" ".repeat(by)}${line}${/[{,]$/.test(line) ? "" : ","}`);
}

function resolve(name: string, wanted: string, registry: Registry): Release {
  const versions = registry.get(name);
  if (!versions) throw new LockError(`error: GET https://registry.npmjs.org/${name} - 404`);
  const release = wanted === "latest" ? versions[0] : versions.find(({ version }) => version === wanted);
  if (!release) throw new LockError(`error: No version matching "${wanted}" found for specifier "${name}"`);
  if (release.needs.length > 0) {
    throw new LockError(`the stand-in locks no packages that need others: ${name} needs ${release.needs.join(", ")}`);
  }
  return release;
}
