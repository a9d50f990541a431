import { z } from "zod";
import { type Problem, readIfThere } from "./bundle.ts";
import { type Releases, releasesOf } from "./lock_text.ts";

const Manifest = z.looseObject({ dependencies: z.record(z.string(), z.string()) });
const Paths = z.record(z.string(), z.array(z.string())).default({});
const TsConfig = z.looseObject({ compilerOptions: z.looseObject({ paths: Paths }) });

/** Exact versions of the packages that the bundle may import at run time, by name: package.json's `dependencies`. */
export type RuntimePackages = ReadonlyMap<string, string>;

/** The specifier under which the bundle imports a package. */
export const pinned = (name: string, version: string): string => `${name}@${version}`;

/**
 * Reads what the bundle may import.
 *
 * @returns the packages with the hashes of package-lock.json, and what is wrong with them: a version that is not exact, a
 * lock that disagrees, a package with dependencies of its own, a specifier that tsconfig.json does not resolve.
 */
export async function readPackages(
  root: string,
): Promise<{ packages: RuntimePackages; releases: Releases; problems: Problem[] }> {
  const read = async (file: string): Promise<string> => (await readIfThere(root, file)) ?? "{}";
  const { dependencies } = Manifest.parse(JSON.parse(await read("package.json")));
  const releases = releasesOf(await read("package-lock.json"));
  const { paths } = TsConfig.parse(JSON.parse(await read("tsconfig.json"))).compilerOptions;
  const problems = Object.entries(dependencies).flatMap(([name, version]): Problem[] => {
    const release = releases.get(name);
    const specifier = pinned(name, version);
    if (!/^\d+\.\d+\.\d+$/.test(version)) {
      const message = `${name} is "${version}": write one exact version, because it is pinned in the deployed scripts.`;
      return [{ file: "package.json", message }];
    }
    if (release?.version !== version) {
      return [{ file: "package-lock.json", message: `does not hold ${specifier} with its hash: run npm install.` }];
    }
    if (release.hasDependencies) {
      const message = `${name} needs further packages, and script locks are written only for packages that need none.`;
      return [{ file: "package.json", message }];
    }
    if (paths[specifier] === undefined) {
      const message = `compilerOptions.paths lacks "${specifier}": ["./node_modules/${name}"].`;
      return [{ file: "tsconfig.json", message }];
    }
    return [];
  });
  return { packages: new Map(Object.entries(dependencies)), releases, problems };
}
