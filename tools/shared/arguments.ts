import type { Target } from "./windmill_api.ts";

/** Options that take a value and options that are switched on, by name without the dashes. */
export interface Flags {
  values: readonly string[];
  switches: readonly string[];
}

/**
 * Reads `--name value`, `--name=value` and `--name`. Slips are collected, not thrown, so that a person sees all of them at
 * once. A value is quoted back never: somebody may have typed a token in the wrong place.
 */
export function readFlags(
  argv: readonly string[],
  flags: Flags,
): { values: Map<string, string>; switches: Set<string>; slips: string[] } {
  const values = new Map<string, string>();
  const switches = new Set<string>();
  const slips: string[] = [];
  const rest = [...argv];
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    const [, name = "", inline] = /^--([^=]*)(?:=(.*))?$/s.exec(word) ?? [];
    if (name === "token") {
      slips.push("--token is not taken: every user of this machine could read it. Put the token into WM_TOKEN.");
      if (inline === undefined) rest.shift();
    } else if (flags.values.includes(name)) {
      const value = inline ?? (rest[0]?.startsWith("--") ? undefined : rest.shift());
      if (!value) slips.push(`--${name} needs a value.`);
      else if (values.has(name)) slips.push(`--${name} is given twice.`);
      else values.set(name, value);
    } else if (flags.switches.includes(name)) {
      if (inline !== undefined) slips.push(`--${name} takes no value.`);
      switches.add(name);
    } else if (/^[a-z-]+$/.test(name)) {
      slips.push(`--${name} is unknown.`);
    } else {
      slips.push("a word without -- before it: every value follows its option.");
    }
  }
  return { values, switches, slips };
}

/** Windmill's own rule for workspace ids. */
const WORKSPACE = /^\w+(-\w+)*$/;

/** Reads which workspace to talk to: `--base-url`, `--workspace` and the token from the environment. Slips go into `slips`. */
export function readTarget(values: ReadonlyMap<string, string>, env: NodeJS.ProcessEnv, slips: string[]): Target {
  const baseUrl = values.get("base-url");
  if (baseUrl === undefined)
    slips.push("--base-url is missing: the address of Windmill, e.g. https://windmill.example.com.");
  const slip = baseUrl === undefined ? null : baseUrlSlip(baseUrl);
  if (slip !== null) slips.push(`--base-url ${slip}`);
  const workspace = values.get("workspace") ?? "";
  if (workspace === "")
    slips.push("--workspace is missing: the id of the workspace, as its URL shows it after ?workspace=.");
  else if (!WORKSPACE.test(workspace))
    slips.push("--workspace is not a workspace id: letters, digits, _ and single - only.");
  const token = (env.WM_TOKEN ?? "").trim();
  if (token === "") {
    slips.push("WM_TOKEN is not set: create a token in Windmill (account settings, Tokens) and export it as WM_TOKEN.");
  } else if (!/^[\x21-\x7e]+$/.test(token)) slips.push("WM_TOKEN has blanks or characters in it that no token has.");
  return { baseUrl: slip === null && baseUrl !== undefined ? new URL(baseUrl).origin : "", workspace, token };
}

/** What is wrong with the address, completing "--base-url ...". */
function baseUrlSlip(text: string): string | null {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !/^https?:$/.test(url.protocol)) return "is not an http or https address.";
  if (url.username !== "" || url.password !== "")
    return "has a user name or password in it: remove the part before the @.";
  if (url.pathname !== "/" || url.search !== "" || url.hash !== "") {
    return `is the address of a page: write ${url.origin}, Windmill's address without a path.`;
  }
  return null;
}
