/**
 * Windmill tells its apps nothing of the theme. It marks its own page with the class `dark`, which an app that is not sandboxed can
 * see through its frame; a sandboxed one goes by the browser's setting.
 */

/** Keeps the class `dark` on the page's root as it is on Windmill's, or as the browser prefers. */
export function followTheme(root: HTMLElement): void {
  const host = windmillsPage();
  const preference = window.matchMedia("(prefers-color-scheme: dark)");
  const apply = (): void => {
    root.classList.toggle("dark", host ? host.classList.contains("dark") : preference.matches);
  };
  apply();
  if (host) new MutationObserver(apply).observe(host, { attributes: true, attributeFilter: ["class"] });
  else preference.addEventListener("change", apply);
}

/** The root element of the page around this one; null when there is none, or when it is out of reach. */
function windmillsPage(): HTMLElement | null {
  try {
    return window.parent === window ? null : window.parent.document.documentElement;
  } catch {
    return null;
  }
}
