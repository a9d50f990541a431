import { posix } from "node:path";

/** What an import's specifier names, as Windmill reads it. */

/** Whether the specifier names a module of the workspace rather than a package. */
export const isWorkspaceImport = (specifier: string): boolean => /^(?:\.{1,2})?\//.test(specifier);

/** The workspace path (without `.ts`) that a relative specifier in the module at `importer` names. */
export const resolveImport = (importer: string, specifier: string): string =>
  posix.join(posix.dirname(importer), specifier).replace(/\.ts$/, "");

/** The package of a specifier, without its pin and its sub-path. Undefined for `node:` modules, which no lock mentions. */
export function packageOf(specifier: string): string | undefined {
  if (specifier.startsWith("node:")) return undefined;
  const parts = specifier.split("/").slice(0, specifier.startsWith("@") ? 2 : 1);
  const last = parts.pop() ?? "";
  return [...parts, last.split("@")[0]].join("/");
}
