/**
 * Windmill's page of a run, as far as a result shows there: the HTML that a result carries goes through DOMPurify, which drops styles,
 * scripts, event handlers and targets of links (what Windmill's UI makes of a result was seen there). A result without HTML is shown as
 * JSON, and an error with its message.
 */
export const runPage = (workspace: string, id: string, dark: boolean): string => `<!doctype html>
<html class="${dark ? "dark" : ""}" lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Run | Windmill</title>
<style>:root{color-scheme:light;--text:#1f2937;--page:#fff}.dark{color-scheme:dark;--text:#e5e7eb;--page:#2e3440}
body{margin:0;background:var(--page);color:var(--text);font:14px/1.5 system-ui,sans-serif}
main{max-width:1100px;margin:0 auto;padding:16px;box-sizing:border-box}
h1,h2,h3{margin:0;font-size:inherit}a{color:#1d4ed8}.dark a{color:#93c5fd}</style></head>
<body><main><h1>Result</h1><div id="result" aria-busy="true"></div></main><script>
const api = ${JSON.stringify(`/api/w/${workspace}`)}, id = ${JSON.stringify(id)};
${BROWSER}
</script></body></html>`;

/** Runs in the browser. */
const BROWSER = String.raw`
const GONE = "style,script,iframe,object,embed,link,meta,base,form,template,noscript";
const ADDRESS = /^(?:https?:|mailto:|tel:|[^a-z]|[a-z+.\-]+(?:[^a-z+.\-:]|$))/i;
function purified(html) {
  const { body } = new DOMParser().parseFromString(html, "text/html");
  for (const one of body.querySelectorAll(GONE)) one.remove();
  for (const one of body.querySelectorAll("*")) {
    for (const { name, value } of [...one.attributes]) {
      const dangerous = /^on/i.test(name) || name === "target" || (/^(href|src|xlink:href|action)$/i.test(name) && !ADDRESS.test(value.trim()));
      if (dangerous) one.removeAttribute(name);
    }
  }
  return [...body.childNodes];
}
(async () => {
  const place = document.getElementById("result");
  for (;;) {
    const job = await (await fetch(api + "/jobs_u/completed/get_result_maybe/" + id)).json();
    if (!job.completed) { await new Promise((next) => setTimeout(next, 50)); continue; }
    const { result } = job;
    if (result?.wm_renderer === "html") place.replaceChildren(...purified(result.html));
    else if (result?.error) { place.style.overflowWrap = "anywhere"; place.textContent = result.error.name + ": " + result.error.message; }
    else place.textContent = JSON.stringify(result, null, 2);
    place.setAttribute("aria-busy", "false");
    return;
  }
})();
`;
