import type { PoolerStandin } from "../standins/gateway/pooler.ts";
import { deployed, jobsOf } from "../standins/windmill/jobs/run.ts";
import type { WindmillStandin } from "../standins/windmill/server.ts";
import type { Workspace } from "../standins/windmill/store.ts";

/** Looks for a secret in everything that Windmill keeps or gets, outside of secret variables. */

/** Characters of a secret that count as a leak when they stand somewhere together. */
const FRAGMENT = 8;
/** Calls whose body has to hold a secret. */
const STORES_A_SECRET = /\/variables\/(create$|update\/)/;

/** Everything that keeps or gets something. */
export interface Places {
  windmill: WindmillStandin;
  workspace: Workspace;
  pooler: Pick<PoolerStandin, "requests">;
  webhook?: { bodies: readonly unknown[] };
}

/** Texts of a place, and of JSON in it: what is compared is what a reader sees. */
function textsOf(value: unknown): string[] {
  if (typeof value === "string") return [value];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) => [name, ...textsOf(inner)]);
}

/** Where a secret, or a piece of it, can be read: one line per place; empty when it is nowhere. */
export function leaksOf(world: Places, secret: string): string[] {
  const pieces = piecesOf(secret);
  return placesOf(world)
    .filter(({ value }) => {
      const text = textsOf(value).join("\n");
      return pieces.some((piece) => text.includes(piece));
    })
    .map(({ place }) => place);
}

/**
 * Every piece of the secret as it stands, in an address, in hex and in the base64 of what it is sent with. Of a Pool API key, what
 * comes after the prefix that may be shown. Pieces that are words of every text say nothing.
 */
function piecesOf(secret: string): string[] {
  const hidden = secret.replace(/^sk-cxp-[0-9a-f]{12}-/, "");
  const base64 = ["", "Bearer ", "windmill:"].map((before) =>
    // The first characters are those of what stands before.
    Buffer.from(`${before}${secret}`)
      .toString("base64")
      .slice(Math.ceil((before.length * 4) / 3) + (hidden === secret ? 0 : 27)),
  );
  const forms = [hidden, hidden.toLowerCase(), encodeURIComponent(hidden), escaped(hidden), escaped(escaped(hidden))];
  return [...new Set([...forms, ...base64, Buffer.from(hidden).toString("hex")])]
    .flatMap((text) =>
      Array.from({ length: Math.max(text.length - FRAGMENT + 1, 1) }, (_, start) =>
        text.slice(start, start + FRAGMENT),
      ),
    )
    .filter((piece) => !/^[a-z_-]*$/.test(piece));
}

/** As it stands inside of JSON. */
const escaped = (text: string): string => JSON.stringify(text).slice(1, -1);

/** What there is to read, by the name of the place. */
function placesOf({ windmill, workspace, webhook, pooler }: Places): { place: string; value: unknown }[] {
  const jobs = jobsOf(windmill, workspace.id).flatMap(({ path, id, args, result, logs, flowStatus }) =>
    Object.entries({ args, result, logs, flowStatus }).map(([part, value]) => ({
      place: `${part} of ${path} (${id})`,
      value,
    })),
  );
  const variables = [...workspace.variables.values()].map(({ path, isSecret, value, description }) => ({
    place: `variable ${path}`,
    value: isSecret ? description : { value, description },
  }));
  const resources = [...workspace.resources.values()].map((value) => ({ place: `resource ${value.path}`, value }));
  const versions = workspace.resourceVersions.map((value) => ({ place: `history of ${value.path}`, value }));
  const schedules = [...deployed(workspace).schedules.values()].map((value) => ({
    place: `schedule ${value.path}`,
    value,
  }));
  const requests = windmill.requests.map(({ method, path, query, headers, body }) => ({
    place: `request ${method} ${path}`,
    value: { path, query, headers, ...(STORES_A_SECRET.test(path) ? {} : { body }) },
  }));
  const completions = pooler.requests.map(({ path, body }) => ({
    place: `body to the gateway's ${path}`,
    value: body,
  }));
  const alerts = (webhook?.bodies ?? []).map((value) => ({ place: "alert", value }));
  return [
    ...[...jobs, ...variables, ...resources, ...versions, ...schedules, ...requests, ...completions, ...alerts],
    { place: "AI settings", value: workspace.aiConfig },
  ];
}
