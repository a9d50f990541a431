import { z } from "zod";
import { type Problem, readIfThere } from "./deployed.ts";

/** The npm packages that scripts may import, and the locks that name them. */

/** One package in one version. */
export interface Package {
  version: string;
  /** `sha512-...`, of the package's archive. */
  integrity: string;
}

/** The packages that scripts may import, by name: `dependencies` of package.json, which is the one place of the pins. */
export type Packages = ReadonlyMap<string, Package>;

const Manifest = z.looseObject({ version: z.string(), dependencies: z.record(z.string(), z.string()) });
const Locked = z.looseObject({
  version: z.string().optional(),
  integrity: z.string().optional(),
  dependencies: z.record(z.string(), z.string()).optional(),
});
const PackageLock = z.looseObject({ packages: z.record(z.string(), Locked) });

/** Reads what scripts may import, the release's version, and what is wrong with it. */
export async function readPackages(
  root: string,
): Promise<{ version: string; packages: Packages; problems: Problem[] }> {
  const json = async (file: string): Promise<unknown> => JSON.parse((await readIfThere(root, file)) ?? "{}");
  const { version, dependencies } = Manifest.parse(await json("package.json"));
  const { packages: locked } = PackageLock.parse(await json("package-lock.json"));
  const packages = new Map<string, Package>();
  const problems: Problem[] = [];
  for (const [name, pin] of Object.entries(dependencies).sort(byName)) {
    const found = locked[`node_modules/${name}`];
    const problem = (file: string, message: string): void => void problems.push({ file, message });
    if (!/^\d+\.\d+\.\d+$/.test(pin)) {
      problem("package.json", `${name} is "${pin}": write one exact version, because it is pinned in the scripts.`);
    } else if (found?.version !== pin || found.integrity === undefined) {
      problem("package-lock.json", `does not hold ${name}@${pin} with its hash: run npm install.`);
    } else if (Object.keys(found.dependencies ?? {}).length > 0) {
      problem(
        "package.json",
        `${name} needs further packages, and locks are written only for packages that need none.`,
      );
    } else {
      packages.set(name, { version: pin, integrity: found.integrity });
    }
  }
  return { version, packages, problems };
}

const byName = ([a]: [string, unknown], [b]: [string, unknown]): number => (a < b ? -1 : 1);

/** The names of the packages that a built script imports, sorted. */
export const importedPackages = (script: string, packages: Packages): string[] =>
  [...packages].filter(([name, { version }]) => script.includes(`"${name}@${version}"`)).map(([name]) => name);

/**
 * The lock of a script: what Windmill's worker stores for it (`package.json`, the line `//bun.lock`, then what `bun install` 1.3
 * writes), so that a push with it starts no dependency job. Compared with locks of a real server in the tests.
 */
export function lockText(names: readonly string[], packages: Packages): string {
  if (names.length === 0) return '{\n  "dependencies": {}\n}\n//bun.lock\n<empty>';
  const pins = names.map((name) => [name, packages.get(name)?.version ?? "latest"] as const);
  const entries = names.map((name) => {
    const { version, integrity } = packages.get(name) ?? { version: "latest", integrity: "" };
    return `    "${name}": ["${name}@${version}", "", {}, "${integrity}"],`;
  });
  return `${JSON.stringify({ dependencies: Object.fromEntries(pins) }, null, 2)}
//bun.lock
{
  "lockfileVersion": 1,
  "configVersion": 1,
  "workspaces": {
    "": {
      "dependencies": {
${pins.map(([name, version]) => `        "${name}": "${version}",`).join("\n")}
      },
    },
  },
  "packages": {
${entries.join("\n\n")}
  }
}
`;
}
