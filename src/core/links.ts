import * as z from "zod";
import { FOLDER } from "./paths.ts";
import { looksLikeCredential } from "./redact.ts";
import type { Finding } from "./shapes.ts";

/** Addresses of Windmill's own pages, and what a page of ours leads to. The one place that composes them. Pure. */

/** What can be done next, as a link to a form that is filled in. */
export const Link = z.object({
  does: z.enum(["apply", "undo", "repair"]),
  /** What stands on it. */
  label: z.string(),
  url: z.string(),
});
export type Link = z.infer<typeof Link>;

/** Where Windmill's pages are. */
export interface Pages {
  /** The address that people use, without a slash at its end; "" where nobody has told it to Windmill. */
  pages_url: string;
  workspace: string;
}

/** Characters of an address that browsers and Windmill's pages take without trouble; a longer one is left out. */
const LONGEST = 16_000;

const pageOf = ({ pages_url, workspace }: Pages, path: string): string =>
  `${pages_url}${path}?workspace=${encodeURIComponent(workspace)}`;

/** The page of a run; "" where Windmill's address is not known. */
export const runLink = (pages: Pages, job: string): string =>
  hasAddress(pages) && job !== "" ? pageOf(pages, `/run/${encodeURIComponent(job)}`) : "";

/**
 * A script's form with these fields filled in: Windmill's page of a script reads what follows the `#` as a query whose values are JSON.
 *
 * @returns null where there is no address that would work, and for values that may hold a credential.
 */
export function formLink(pages: Pages, script: string, fields: Readonly<Record<string, unknown>>): string | null {
  if (!hasAddress(pages)) return null;
  const filled = Object.entries(fields).map(([name, value]) => [name, JSON.stringify(value)]);
  if (filled.some(([, text]) => text === undefined || looksLikeCredential(text))) return null;
  const query = new URLSearchParams(filled as [string, string][]).toString();
  const url = `${pageOf(pages, `/scripts/get/${FOLDER}/${script}`)}${query === "" ? "" : `#${query}`}`;
  return url.length > LONGEST ? null : url;
}

const hasAddress = ({ pages_url }: Pages): boolean => /^https?:\/\/[^\s/]/.test(pages_url);

/** The link to a plan of the repair, where a script can repair something. */
export function repairLinks(
  pages: Pages,
  findings: readonly Pick<Finding, "repairable">[],
  fields: Readonly<Record<string, unknown>> = {},
): Link[] {
  const url = findings.some(({ repairable }) => repairable) ? formLink(pages, "repair", fields) : null;
  return url === null ? [] : [{ does: "repair", label: "Plan the repair", url }];
}
