/**
 * Windmill's page of a script, as far as a form shows it: fields in their order, `showExpr`, drop-downs that the script fills, password
 * fields, links that fill a form, and "Run". Read in Windmill's source (SchemaForm, ArgInput, DynamicInput, PasswordArgInput and
 * routes/scripts/get), and seen in its UI. Cut down to what a form of this bundle uses; its looks are its own.
 */
export const formPage = (workspace: string, path: string, dark: boolean): string => `<!doctype html>
<html class="${dark ? "dark" : ""}" lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${path} | Windmill</title><style>${STYLE}</style></head>
<body><main><h1></h1><p class="about"></p><form></form><button class="run" type="button" disabled>Run</button><p role="alert"></p></main>
<script>
const workspace = ${JSON.stringify(workspace)}, path = ${JSON.stringify(path)};
${BROWSER}
</script></body></html>`;

const STYLE = `
:root{color-scheme:light;--text:#111827;--quiet:#4b5563;--page:#fff;--line:#9ca3af;--soft:#f3f4f6}
.dark{color-scheme:dark;--text:#f3f4f6;--quiet:#b6bcc6;--page:#1f2430;--line:#6b7280;--soft:#2b3140}
body{margin:0;background:var(--page);color:var(--text);font:14px/1.5 system-ui,sans-serif}
main{max-width:720px;margin:0 auto;padding:16px;box-sizing:border-box}
.about{white-space:pre-line;background:var(--soft);padding:12px;border-radius:6px;overflow-wrap:anywhere}
.field{margin:14px 0}.field label{font-weight:600;display:block}.hint{color:var(--quiet);margin:0 0 4px;font-size:12px}
input:not([type=checkbox]),select,textarea{width:100%;box-sizing:border-box;font:inherit;color:inherit;background:var(--page);border:1px solid var(--line);border-radius:6px;padding:6px 8px}
button{font:inherit;padding:6px 14px;border-radius:6px;border:1px solid var(--line);background:var(--soft);color:var(--text)}
`;

/** Runs in the browser. */
const BROWSER = String.raw`
const api = "/api/w/" + workspace;
const send = async (route, body) => {
  const answer = await fetch(api + route, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(await answer.text());
  return answer.text();
};
async function resultOf(id) {
  for (;;) {
    const job = await (await fetch(api + "/jobs_u/completed/get_result_maybe/" + id)).json();
    if (job.completed) return job.result;
    await new Promise((next) => setTimeout(next, 50));
  }
}
const form = document.querySelector("form"), run = document.querySelector(".run"), alert = document.querySelector("[role=alert]");
let schema, args = {}, hidden = {}, shown = {}, waiting = 0;

/** evalJs and computeShow of frontend/src/lib/utils.ts. */
const computeShow = (expr) => {
  try { return Function("return function (fields) {\n\"use strict\";\nreturn " + expr + "\n}")()(args); }
  catch (error) { console.error(error); return true; }
};
/** handleHiddenFields of SchemaForm.svelte: what hides loses its value. */
function hide() {
  for (const [name, { showExpr }] of Object.entries(schema.properties)) {
    if (!showExpr) continue;
    if (computeShow(showExpr)) hidden[name] = false;
    else if (!hidden[name]) { hidden[name] = true; delete args[name]; }
  }
}
const filled = (name) => schema.order.filter((other) => other !== name && args[other] !== undefined).map((other) => [other, args[other]]);
/** RunForm.svelte keeps the address in step with what is filled in. */
function remember() {
  const entries = Object.entries(args).filter(([, value]) => value !== undefined).map(([name, value]) => [name, JSON.stringify(value)]);
  history.replaceState(null, "", "#" + new URLSearchParams(entries));
}
function set(name, value) {
  args[name] = value;
  refresh();
  for (const other of Object.values(shown)) other.others?.();
}
function refresh() {
  hide();
  let at = 0;
  for (const name of schema.order) {
    if (hidden[name]) { shown[name]?.element.remove(); delete shown[name]; continue; }
    if (!shown[name]) shown[name] = field(name, schema.properties[name]);
    if (args[name] === undefined || args[name] === null) {
      const usual = schema.properties[name].default;
      if (usual !== undefined) args[name] = structuredClone(usual);
      else if (shown[name].blank !== undefined) args[name] = shown[name].blank;
    }
    shown[name].show(args[name]);
    const place = form.children[at++] ?? null;
    if (place !== shown[name].element) form.insertBefore(shown[name].element, place);
  }
  run.disabled = schema.required.some((name) => args[name] === undefined || args[name] === "");
  remember();
}
function element(tag, props = {}, ...children) {
  const made = Object.assign(document.createElement(tag), props);
  made.append(...children);
  return made;
}
function field(name, property) {
  const id = "field-" + name;
  const holder = element("div", { className: "field" });
  const head = [element("label", { htmlFor: id }, property.title || name), element("p", { className: "hint", id: id + "-hint" }, property.description || "")];
  const made = control(name, property, id);
  made.input.setAttribute("aria-describedby", id + "-hint");
  holder.append(...head, made.input, ...(made.more || []));
  return { ...made, element: holder };
}
function control(name, property, id) {
  const { type, format = "" } = property;
  if (/^dyn(multi)?select-/.test(format)) return choices(name, format, id);
  if (property.password) return password(name, id);
  if (type === "boolean") {
    const input = element("input", { type: "checkbox", id, onchange: () => set(name, input.checked) });
    return { input, blank: false, show: (value) => { input.checked = value === true; } };
  }
  if (property.enum) {
    const input = element("select", { id, onchange: () => set(name, input.value === "" ? undefined : input.value) });
    input.append(element("option", { value: "" }, "Please select"), ...property.enum.map((value) => element("option", { value }, value)));
    return { input, show: (value) => { input.value = value ?? ""; } };
  }
  if (type === "array" || type === "object") {
    const input = element("textarea", { id, rows: 2, onchange: () => set(name, JSON.parse(input.value || "null") ?? undefined) });
    return { input, blank: type === "array" ? [] : undefined, show: (value) => { input.value = value === undefined ? "" : JSON.stringify(value); } };
  }
  const input = element("input", { id, type: type === "integer" || type === "number" ? "number" : "text", placeholder: property.placeholder || "", oninput: () => set(name, type === "integer" ? Number(input.value) : input.value) });
  return { input, blank: type === "string" ? "" : undefined, show: (value) => { if (document.activeElement !== input) input.value = value ?? ""; } };
}
/** PasswordArgInput.svelte: the first character makes a short-lived variable, the rest follows half a second after the last one. */
function password(name, id) {
  let variable = "", making = false, timer;
  const link = element("p", { className: "hint" });
  const input = element("input", { id, type: "password", autocomplete: "off" });
  const update = async () => send("/variables/update/" + variable, { value: input.value });
  input.oninput = async () => {
    if (variable === "" && !making && input.value !== "") {
      making = true;
      const made = "u/admin/secret_arg/" + crypto.randomUUID().replaceAll("-", "").slice(0, 12);
      await send("/variables/create", { path: made, value: input.value, is_secret: true, description: "Ephemeral secret variable", expires_at: new Date(Date.now() + 604800000).toISOString() });
      variable = made;
      set(name, "$var:" + made);
    }
    clearTimeout(timer);
    timer = setTimeout(async () => { if (variable) { await update(); input.dataset.stored = input.value.length; } }, 500);
  };
  return { input, more: [link], blank: "", show: (value) => { link.textContent = String(value || "").startsWith("$var:") ? "Linked to variable " + value.slice(5) : ""; } };
}
/** DynamicInput.svelte: asks when it appears, a second after what it depends on has changed, and whenever it is opened. */
function choices(name, format, id) {
  const [kind, entry] = format.split("-", 2), several = kind === "dynmultiselect";
  let items, round = 0, timer, asked;
  const input = element("select", { id, multiple: several, size: several ? 4 : 1 });
  const problem = element("p", { className: "hint" });
  const draw = (value) => {
    const known = items || [];
    const missing = several ? [] : [{ value: "", label: items ? "Please select" : "Loading..." }].filter(() => !known.some((one) => one.value === ""));
    input.replaceChildren(...[...missing, ...known].map((one) => element("option", { value: one.value, disabled: one.disabled === true, selected: several ? (value || []).includes(one.value) : one.value === (value ?? "") }, one.label)));
  };
  const ask = async () => {
    const mine = ++round;
    asked = JSON.stringify(filled(name));
    input.setAttribute("aria-busy", "true");
    waiting++;
    try {
      const job = await send("/jobs/run/dynamic_select", { entrypoint_function: entry, args: { ...Object.fromEntries(filled(name)), filterText: "", _ENTRYPOINT_OVERRIDE: entry }, runnable_ref: { source: "deployed", path, runnable_kind: "script" } });
      const result = await resultOf(job);
      if (mine !== round) return;
      if (!Array.isArray(result)) { problem.textContent = "error: " + (result?.error?.message ?? "no list"); return; }
      problem.textContent = "";
      items = result.map((one) => typeof one === "string" ? { label: one, value: one } : one);
      const value = args[name];
      if (several && Array.isArray(value)) {
        const kept = value.filter((one) => items.some((item) => item.value === one));
        if (kept.length !== value.length) args[name] = kept;
      } else if (!several && value !== undefined && !items.some((item) => item.value == value)) args[name] = undefined;
      draw(args[name]);
      remember();
    } finally {
      waiting--;
      if (mine === round) input.removeAttribute("aria-busy");
    }
  };
  input.onchange = () => set(name, several ? [...input.selectedOptions].map((one) => one.value) : input.value);
  if (!several) input.onfocus = ask;
  setTimeout(ask);
  return {
    input, more: [problem], blank: several ? [] : undefined, show: draw,
    others() { clearTimeout(timer); timer = setTimeout(() => { if (asked !== JSON.stringify(filled(name))) void ask(); }, 1000); },
  };
}
run.onclick = async () => {
  try { location.assign("/run/" + await send("/jobs/run/p/" + path, args) + "?workspace=" + workspace); }
  catch (error) { alert.textContent = error.message; }
};
(async () => {
  const found = await fetch(api + "/scripts/get/p/" + path);
  if (!found.ok) return void (alert.textContent = "Windmill: " + await found.text());
  const script = await found.json();
  schema = script.schema;
  document.querySelector("h1").textContent = script.summary;
  document.querySelector(".about").textContent = script.description;
  args = Object.fromEntries([...new URLSearchParams(location.hash.slice(1))].map(([name, text]) => [name, JSON.parse(text)]));
  refresh();
  document.documentElement.dataset.ready = "true";
})();
window.settled = () => waiting === 0;
`;
