/**
 * The text of a bun script's lock as Windmill's dependency job writes it. The Windmill stand-in writes its own, so that the two
 * check each other.
 */

/** What a registry would say of a package: the version, and the integrity of its archive. */
export interface PackageRelease {
  version: string;
  /** `sha512-...` */
  integrity: string;
  /** Whether the package needs further packages, which this writer does not lock. */
  hasDependencies: boolean;
}

/** The releases that may go into a lock, by package name. */
export type Releases = ReadonlyMap<string, PackageRelease>;

/** A lock cannot be made; the message says why and what to do. */
export class LockError extends Error {}

/** The lock of a script that reaches no package. No newline at its end. */
export const EMPTY_LOCK = '{\n  "dependencies": {}\n}\n//bun.lock\n<empty>';

/**
 * The text of a lock: `package.json`, the line `//bun.lock`, then the `bun.lock` that `bun install` (1.3) writes for it, in
 * which names are sorted.
 * @param dependencies version or `latest` by package name, in the order of `package.json`
 * @throws LockError when a package is not among the releases, in that version
 */
export function lockText(dependencies: ReadonlyMap<string, string>, releases: Releases): string {
  if (dependencies.size === 0) return EMPTY_LOCK;
  const packageJson = JSON.stringify({ dependencies: Object.fromEntries(dependencies) }, null, 2);
  const sorted = [...dependencies].sort(([a], [b]) => (a < b ? -1 : 1));
  const wanted = sorted.map(([name, version]) => `        ${JSON.stringify(name)}: ${JSON.stringify(version)},`);
  const packages = sorted.map(([name, version]) => {
    const release = releaseOf(name, version, releases);
    return `    ${JSON.stringify(name)}: [${JSON.stringify(`${name}@${release.version}`)}, "", {}, ${JSON.stringify(release.integrity)}],`;
  });
  return `${packageJson}
//bun.lock
{
  "lockfileVersion": 1,
  "configVersion": 1,
  "workspaces": {
    "": {
      "dependencies": {
${wanted.join("\n")}
      },
    },
  },
  "packages": {
${packages.join("\n\n")}
  }
}
`;
}

function releaseOf(name: string, version: string, releases: Releases): PackageRelease {
  const release = releases.get(name);
  if (!release)
    throw new LockError(`The package ${name} is not installed. Add it to package.json, or correct the import.`);
  if (version !== "latest" && version !== release.version) {
    throw new LockError(
      `The import pins ${name}@${version}, but ${release.version} is installed. Use one version in both.`,
    );
  }
  if (release.hasDependencies) {
    throw new LockError(
      `The package ${name} needs further packages, and locks are written only for packages that need none.`,
    );
  }
  return release;
}

/** The releases that a `package-lock.json` (version 3) holds at its top level. */
export function releasesOf(packageLock: string): Releases {
  const { packages } = JSON.parse(packageLock) as { packages: Record<string, LockedPackage> };
  const releases = new Map<string, PackageRelease>();
  for (const [place, { version, integrity, dependencies }] of Object.entries(packages)) {
    const name = /^node_modules\/((?:@[^/]+\/)?[^/]+)$/.exec(place)?.[1];
    if (name === undefined || version === undefined || integrity === undefined) continue;
    releases.set(name, { version, integrity, hasDependencies: Object.keys(dependencies ?? {}).length > 0 });
  }
  return releases;
}

interface LockedPackage {
  version?: string;
  integrity?: string;
  dependencies?: Record<string, string>;
}
