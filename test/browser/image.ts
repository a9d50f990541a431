import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { readFlags } from "../../tools/shared/arguments.ts";
import { UsageError } from "../../tools/shared/errors.ts";
import { ROOT } from "../../tools/shared/programs.ts";
import { FORM_STATES, startFormStage } from "./form_stage.ts";
import { type Stage, settled, startStage } from "./stage.ts";
import { STATES, type State, stateNamed } from "./states.ts";

/**
 * `npm run image`: writes docs/dashboard.png, the picture in the README, from the stand-in's data. With `--all <folder>` it writes
 * a picture of every state there instead, to be looked at.
 */

const USAGE = "Usage: npm run image -- [--all <folder>]";

/** Pixels; a page is never shown longer than this. */
const LONGEST = 6_000;

interface Shot {
  file: string;
  width: number;
  /** Pixels; undefined = the whole page. */
  height?: number;
  dark?: boolean;
  sandbox?: boolean;
}

async function shoot(stage: Stage, state: State, { file, width, height, dark = false, sandbox = false }: Shot) {
  const end = state.arrange(stage);
  const opened = await stage.open({ dark, sandbox }, { viewport: { width, height: height ?? 900 } });
  try {
    if (!state.waits) await settled(opened);
    await opened.app.waitForFunction(() => document.fonts.status === "loaded");
    if (height === undefined) {
      const whole = await opened.app.evaluate(() => document.documentElement.scrollHeight);
      await opened.page.setViewportSize({ width, height: Math.min(whole, LONGEST) });
      // A sandboxed frame is drawn by another process, which has to have seen its new size.
      await opened.app.waitForFunction((height) => window.innerHeight >= height, Math.min(whole, LONGEST));
      await opened.app.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => setTimeout(drawn, 100))));
    }
    await opened.page.screenshot({ path: file, animations: "disabled" });
  } finally {
    end?.();
    await opened.close();
    stage.reset();
  }
}

/** Pictures of every form and result that people come to. */
async function shootForms(folder: string): Promise<void> {
  const stage = await startFormStage();
  try {
    for (const { name, arrange } of FORM_STATES) {
      const url = await arrange(stage);
      const file = join(folder, name.replaceAll(" ", "-"));
      for (const [end, dark, width] of [
        ["", false, 1280],
        ["-dark", true, 1280],
        ["-360", false, 360],
      ] as const) {
        const page = await stage.open(url, { dark }, { viewport: { width, height: 900 } });
        await page.screenshot({ path: `${file}${end}.png`, fullPage: true, animations: "disabled" });
        await page.context().close();
      }
      await stage.reset();
    }
  } finally {
    await stage.close();
  }
}

const { values, slips } = readFlags(process.argv.slice(2), { values: ["all"], switches: [] });
if (slips.length > 0) {
  console.error(new UsageError(slips, USAGE).message);
  process.exit(2);
}
const folder = values.get("all");
const stage = await startStage();
try {
  if (folder === undefined) {
    const file = join(ROOT, "docs/dashboard.png");
    await shoot(stage, stateNamed("degraded"), { file, width: 1180, height: 1_830 });
  } else {
    await mkdir(folder, { recursive: true });
    await shootForms(folder);
    for (const state of STATES) {
      const file = join(folder, `${state.name.replaceAll(" ", "-")}`);
      await shoot(stage, state, { file: `${file}.png`, width: 1280 });
      await shoot(stage, state, { file: `${file}-360.png`, width: 360, sandbox: true });
      await shoot(stage, state, { file: `${file}-dark.png`, width: 1280, dark: true });
    }
  }
} finally {
  await stage.close();
}
