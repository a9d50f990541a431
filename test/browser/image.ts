import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { ROOT } from "../tools/shared/programs.ts";
import { settled, startStage } from "./stage.ts";

/** `npm run image`: writes docs/dashboard.png, the picture in the README, from the stand-in's data. */

const stage = await startStage();
try {
  stage.rememberMonth("down");
  const opened = await stage.open({}, { viewport: { width: 1180, height: 1360 }, deviceScaleFactor: 1 });
  await settled(opened);
  await mkdir(join(ROOT, "docs"), { recursive: true });
  await opened.page.screenshot({ path: join(ROOT, "docs/dashboard.png"), animations: "disabled" });
} finally {
  await stage.close();
}
