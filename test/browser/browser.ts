import { existsSync } from "node:fs";
import { type Browser, chromium } from "playwright-core";

/** Where a browser of the Chromium family lies on the machines that people have. */
const PLACES = [
  process.env.CHROMIUM_PATH ?? "",
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
  "C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe",
];

/** The browser's program; undefined when there is none. */
export const findBrowser = (): string | undefined => PLACES.find((place) => place !== "" && existsSync(place));

/** What a person reads who has none. */
export const NO_BROWSER =
  "No browser: install Chromium (on Debian: apt-get install chromium) or set CHROMIUM_PATH to the program of one.";

/** Starts the browser without a window. @throws Error when there is none */
export function startBrowser(): Promise<Browser> {
  const executablePath = findBrowser();
  if (executablePath === undefined) throw new Error(NO_BROWSER);
  // Containers run as root, where Chromium's own sandbox does not start; the pages are this repository's own.
  return chromium.launch({
    executablePath,
    args: ["--no-sandbox", "--font-render-hinting=none", "--disable-lcd-text"],
  });
}
