import { createHash } from "node:crypto";
import { z } from "zod";
import { readIfThere } from "./deployed.ts";

/**
 * What each release has put into workspaces: the scripts' paths with the hash of their text. The build keeps the entry of the
 * present version up to date and never touches another, so that an upgrade can tell what a past release has left behind, and
 * whether somebody has changed it since.
 */
export const Releases = z.record(z.string(), z.record(z.string(), z.string()));
export type Releases = z.infer<typeof Releases>;

/** Where they stand in the repository. */
export const RELEASES_FILE = "tools/build/releases.json";

/** Reads what the releases have put into workspaces. */
export const readReleases = async (root: string): Promise<Releases> =>
  Releases.parse(JSON.parse((await readIfThere(root, RELEASES_FILE)) ?? "{}"));

/** The hash of a script's text. Ends of lines and of the file do not count: Windmill's editor may change them. */
export const hashOf = (text: string): string =>
  createHash("sha256").update(text.replaceAll("\r\n", "\n").trimEnd()).digest("hex");

/** The releases with the present one as it is built now. */
export const withRelease = (releases: Releases, version: string, scripts: ReadonlyMap<string, string>): Releases => ({
  ...releases,
  [version]: Object.fromEntries([...scripts].map(([path, text]) => [path, hashOf(text)])),
});
