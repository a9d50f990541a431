import type { RequestLog } from "../standins/windmill/intercept.ts";

/** Calls of a command, named so that the same call of another run can be found. */

/** Whether a call goes through Windmill to the gateway. */
export const isProxied = (call: string): boolean => call.includes(" ai/proxy/");

/** Whether a call may change something in Windmill. */
export const isWrite = (call: string): boolean => !isProxied(call) && !call.startsWith("GET ");

/** The call that replaces the workspace's AI settings. */
export const SAVE_SETTINGS = "workspaces/edit_copilot_config";

/** Names the calls of one run: what is asked for, of which process, and how often before. */
export function callNamer(): (request: RequestLog) => string {
  const seen = new Map<string, number>();
  return ({ process, method, path, headers, body }) => {
    const place = path
      .replace(/^\/api\/(?:w\/[^/]+\/)?/, "")
      .replace(/secret_arg\/\w+$/, "secret_arg/<typed>")
      .replace(/[0-9a-f-]{36}$/, "<job>");
    const named = [method, place, textIn(body, "path"), isProxied(` ${place}`) ? textIn(body, "model") : ""]
      .concat(headers["x-resource-path"] ?? "", process === "server" ? "over the server" : "")
      .filter((part) => part !== "")
      .join(" ");
    const times = (seen.get(named) ?? 0) + 1;
    seen.set(named, times);
    return times === 1 ? named : `${named} (${times})`;
  };
}

const textIn = (body: string, key: string): string => new RegExp(`^\\{.*?"${key}":"([^"]*)"`).exec(body)?.[1] ?? "";
