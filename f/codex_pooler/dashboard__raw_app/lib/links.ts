/** Addresses of Windmill's own pages. Absolute: a page that is served from memory has no base to resolve them against. */

const FOLDER = "f/codex_pooler";

export interface Place {
  workspace: string;
  /** Windmill's own address as the worker knows it. */
  windmill_url: string;
}

/** Windmill's address as the browser knows it; the worker's idea of it where the browser has none. */
export function originOf(windmillUrl: string, own: string = window.location.origin): string {
  if (/^https?:\/\//.test(own)) return own;
  return /^https?:\/\//.test(windmillUrl) ? windmillUrl.replace(/\/+$/, "") : "";
}

const page = (place: Place, path: string): string =>
  `${originOf(place.windmill_url)}${path}?workspace=${encodeURIComponent(place.workspace)}`;

/** The page of a script of the bundle, with its form; Windmill fills it in by what follows the `#`, a query whose values are JSON. */
export function formPage(place: Place, script: string, fields: Readonly<Record<string, string>> = {}): string {
  const filled = Object.entries(fields).map(([name, value]) => [name, JSON.stringify(value)]);
  const query = new URLSearchParams(filled).toString();
  return `${page(place, `/scripts/get/${FOLDER}/${script}`)}${query === "" ? "" : `#${query}`}`;
}
/** The page of a flow of the bundle. */
export const flowPage = (place: Place, flow: string): string => page(place, `/flows/get/${FOLDER}/${flow}`);
/** All runs of a script or flow of the bundle. */
export const runsPage = (place: Place, runnable: string): string => page(place, `/runs/${FOLDER}/${runnable}`);
/** One run. */
export const runPage = (place: Place, job: string): string => page(place, `/run/${encodeURIComponent(job)}`);

/** What people may do from here: all of it on Windmill's own pages, where their own rights count. */
export const FORMS = [
  {
    script: "check",
    name: "Check",
    does: "Asks the gateway over both routes, as deep as you choose. Changes nothing.",
  },
  { script: "repair", name: "Repair", does: "Plans what can be put right, and does it when you apply." },
  { script: "rotate_key", name: "Rotate the key", does: "Puts a new key in the place of the old one without a gap." },
  {
    script: "silence",
    name: "Keep quiet",
    does: "Says that you know of an incident, plans a maintenance, or takes either back.",
  },
  { script: "undo", name: "Undo", does: "Puts back what a change overwrote." },
  { script: "connect", name: "Connect", does: "Connects this workspace, or changes how it is connected and watched." },
] as const;
