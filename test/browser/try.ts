import { settled, startStage } from "./stage.ts";
import { mkdirSync } from "node:fs";
mkdirSync("/tmp/shots", { recursive: true });
console.time("stage");
const stage = await startStage();
console.timeEnd("stage");
async function shot(name: string, look = {}, ctx: any = {}, full = true) {
  const o = await stage.open(look, ctx);
  await settled(o);
  await o.page.waitForTimeout(300);
  const h = await o.app.evaluate(() => document.documentElement.scrollHeight);
  const w = ctx.viewport?.width ?? 1280;
  if (full) await o.page.setViewportSize({ width: w, height: Math.min(h + 10, 6000) });
  await o.page.waitForTimeout(200);
  await o.page.screenshot({ path: `/tmp/shots/${name}.png` });
  if (o.errors.length) console.log(name, o.errors);
  await o.close();
}
try {
  stage.rememberMonth("down");
  await shot("down");
  await shot("down-dark", { dark: true });
  stage.rememberMonth("healthy");
  await shot("healthy");
  await shot("narrow", {}, { viewport: { width: 360, height: 800 } });
  stage.remember(null);
  await shot("empty", { sandbox: true }, {}, false);
} finally {
  await stage.close();
}
