import type { Look } from "./server.ts";

/** The documents around an app's bundle, cut down to what a bundle can notice. */

/** A value inside a script element. */
const inScript = (value: unknown): string => JSON.stringify(value).replaceAll("<", "\\u003c");

/**
 * Windmill's page of an app: it looks the app up, puts the bundle into a frame, and runs the app's runnables for it. As in
 * RawAppBackgroundRunner.svelte, a script that cannot be started gives the bundle no answer at all.
 */
export const hostPage = (workspace: string, path: string, { sandbox = false, dark = false }: Look): string =>
  `<!doctype html>
<html class="${dark ? "dark" : ""}" lang="en">
<head><meta charset="utf-8"><title>Windmill</title>
<style>html,body{margin:0;height:100%}iframe{display:block;width:100%;height:100%;min-height:100vh;border:0;background:#fff}</style>
</head>
<body><script>
const workspace = ${inScript(workspace)}, path = ${inScript(path)}, sandbox = ${sandbox};
const api = "/api/w/" + workspace;
const frame = document.createElement("iframe");
frame.title = "raw-app";
let runnables = {};
async function result(id) {
  for (;;) {
    const job = await (await fetch(api + "/jobs_u/completed/get_result_maybe/" + id)).json();
    if (job.completed && !job.success && job.result && job.result.error) throw job.result.error;
    if (job.completed) return job.result;
    await new Promise((next) => setTimeout(next, 50));
  }
}
async function run(id, args) {
  const runnable = runnables[id];
  const body = JSON.stringify({ component: id, args, path: runnable.runType + "/" + runnable.path });
  const started = await fetch(api + "/apps_u/execute_component/" + path, { method: "POST", headers: { "content-type": "application/json" }, body });
  if (!started.ok) throw new Error(await started.text());
  return started.text();
}
addEventListener("message", async ({ source, data, ports }) => {
  if (source !== frame.contentWindow) return;
  if (data.type === "windmill:ready") {
    const ready = { type: "windmill:ctx", ctx: { workspace }, storage: { local: {}, session: {} } };
    return ports[0] ? ports[0].postMessage(ready) : source.postMessage(ready, "*");
  }
  if (data.type !== "backend" || !runnables[data.runnable_id]) return;
  const job = await run(data.runnable_id, data.v ?? {});
  const answer = await result(job).then((result) => ({ result, error: false }), (result) => ({ result, error: true }));
  source.postMessage({ type: "backendRes", reqId: data.reqId, ...answer }, "*");
});
(async () => {
  const found = await fetch(api + "/apps/get/p/" + path);
  if (!found.ok) return void (document.body.textContent = "Windmill: " + await found.text());
  runnables = (await found.json()).value.runnables;
  const secret = await (await fetch(api + "/apps/secret_of_latest_version/" + path)).text();
  if (sandbox) {
    frame.setAttribute("sandbox", "allow-scripts allow-forms allow-popups allow-popups-to-escape-sandbox allow-downloads allow-modals allow-top-navigation");
    frame.src = api + "/apps_u/get_data/v/" + secret + ".html";
  } else {
    const html = ${inScript(sameOriginWrapper("__ORIGIN__", workspace, "__SECRET__"))}.replaceAll("__ORIGIN__", location.origin).replaceAll("__SECRET__", secret);
    frame.src = URL.createObjectURL(new Blob([html], { type: "text/html" }));
  }
  document.body.append(frame);
})();
</script></body></html>`;

/** The document of a bundle that runs on Windmill's own origin: it is loaded from memory, so it has no address of its own. */
function sameOriginWrapper(origin: string, workspace: string, secret: string): string {
  const data = `${origin}/api/w/${workspace}/apps_u/get_data/v/${secret}`;
  return `<!DOCTYPE html>
<html>
<head><meta charset="UTF-8" /><title>App</title>
<link rel="stylesheet" href="${data}.css" />
<script>window.ctx = { "workspace": ${inScript(workspace)} };</script>
</head>
<body><div id="root"></div><script src="${data}.js"></script></body>
</html>`;
}

/** The document of a sandboxed bundle, which the server serves with `CSP: sandbox`. It has no storage and no cookies. */
export const sandboxedWrapper = (secret: string): string =>
  `<!DOCTYPE html>
<html>
<head><meta charset="UTF-8" /><title>App</title>
<link rel="stylesheet" href="./${secret}.css" />
<script>
addEventListener("message", function ctx({ data }) {
  if (!data || data.type !== "windmill:ctx") return;
  window.ctx = data.ctx;
  removeEventListener("message", ctx);
  const script = document.createElement("script");
  script.src = "./${secret}.js";
  document.body.appendChild(script);
});
parent.postMessage({ type: "windmill:ready" }, "*");
</script>
</head>
<body><div id="root"></div></body>
</html>`;
