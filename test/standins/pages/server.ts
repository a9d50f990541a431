import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { getRequestListener } from "@hono/node-server";
import { Hono } from "hono";
import { formPage } from "./form.ts";
import { hostPage, sandboxedWrapper } from "./frames.ts";
import { runPage } from "./result.ts";

/**
 * The page of a raw app as Windmill's frontend shows it, in front of the stand-in's API: a page with a frame that holds the bundle,
 * and the bridge over which the bundle's `backend` runs scripts. Read in Windmill's source (frontend/src/lib/components/raw_apps).
 * Beside it the page of a script with its form, and that of a run with its result. There are no other pages.
 */
export interface Pages {
  readonly url: string;
  /** Address of an app's page. */
  appPage(path: string, look?: Look): string;
  /** Who is signed in in every browser; the token of an account. */
  token: string;
  /** The theme of the pages of forms and runs. */
  dark: boolean;
  /** Paths of Windmill's own pages that a browser asked for. */
  readonly visited: string[];
  close(): Promise<void>;
}

/** How Windmill shows an app: older and newer servers run the bundle on their own origin, those between in a sandbox. */
export interface Look {
  sandbox?: boolean;
  /** The theme of Windmill's own page. */
  dark?: boolean;
}

const passedOn = (provider?: string, resource?: string): Record<string, string> => ({
  ...(provider ? { "x-provider": provider } : {}),
  ...(resource ? { "x-resource-path": resource } : {}),
});

/** Starts the pages of a workspace on a free local port, or the given one. */
export async function startPages(windmillUrl: string, workspace: string, token: string, port = 0): Promise<Pages> {
  const app = new Hono();
  const visited: string[] = [];
  const pages = { token, dark: false };

  app.get("/api/w/:w/apps_u/get_data/v/:file{.+\\.html}", (c) => {
    const secret = c.req.param("file").replace(/\.html$/, "");
    return c.html(sandboxedWrapper(secret), 200, {
      "content-security-policy": "sandbox allow-scripts allow-forms allow-popups allow-popups-to-escape-sandbox",
    });
  });
  app.all("/api/*", async (c) => {
    const { pathname, search } = new URL(c.req.url);
    const { method } = c.req.raw;
    const answer = await fetch(`${windmillUrl}${pathname}${search}`, {
      method,
      redirect: "manual",
      headers: {
        // A job that reaches Windmill under the address that people use brings its own.
        authorization: c.req.header("authorization") ?? `Bearer ${pages.token}`,
        "content-type": c.req.header("content-type") ?? "application/json",
        ...passedOn(c.req.header("x-provider"), c.req.header("x-resource-path")),
      },
      ...(method === "GET" ? {} : { body: await c.req.arrayBuffer() }),
    });
    const headers = new Headers({ "content-type": answer.headers.get("content-type") ?? "text/plain" });
    // A sandboxed document has an origin of its own, and takes scripts from here all the same.
    headers.set("cross-origin-resource-policy", "cross-origin");
    return new Response(await answer.arrayBuffer(), { status: answer.status, headers });
  });
  app.get("/apps_raw/get/*", (c) => {
    const path = c.req.path.slice("/apps_raw/get/".length);
    const look = { sandbox: c.req.query("sandbox") === "1", dark: c.req.query("dark") === "1" };
    return c.html(hostPage(workspace, path, look));
  });
  app.get("/scripts/get/*", (c) => {
    visited.push(c.req.path);
    const path = c.req.path.slice("/scripts/get/".length);
    return c.html(formPage(c.req.query("workspace") ?? workspace, path, pages.dark));
  });
  app.get("/run/:id", (c) => {
    visited.push(c.req.path);
    return c.html(runPage(c.req.query("workspace") ?? workspace, c.req.param("id"), pages.dark));
  });
  app.get("*", (c) => {
    visited.push(c.req.path);
    return c.html(
      `<!doctype html><title>${"Windmill"}</title><p>This page of Windmill is not part of the stand-in.</p>`,
    );
  });

  const http = createServer(getRequestListener(app.fetch, { overrideGlobalObjects: false }));
  await new Promise<void>((resolve, reject) => http.once("error", reject).listen(port, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  return Object.assign(pages, {
    url,
    visited,
    appPage(path: string, { sandbox = false, dark = false }: Look = {}) {
      const query = new URLSearchParams({
        workspace,
        ...(sandbox ? { sandbox: "1" } : {}),
        ...(dark ? { dark: "1" } : {}),
      });
      return `${url}/apps_raw/get/${path}?${query}`;
    },
    close: () =>
      new Promise<void>((resolve) => {
        http.close(() => resolve());
        http.closeAllConnections();
      }),
  });
}
