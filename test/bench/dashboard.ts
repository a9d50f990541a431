import { gzipSync } from "node:zlib";
import { deployed, runScript } from "../standins/windmill/jobs/run.ts";
import { startDeployedWorld, WORKSPACE } from "../world/world.ts";
import { announce, type Figures, figures, repeat } from "./figures.ts";

const RUNS = 5;

/** How big the dashboard's page is as wmill bundles it, in bytes, and how long a browser waits for its data, in ms. */
export interface DashboardFigures {
  js: number;
  css: number;
  /** Both, minified; the goal is less than 250 000. */
  minified: number;
  gzipped: number;
  data_ms: Figures;
}

export async function benchDashboard(): Promise<DashboardFigures> {
  announce("Bundling the dashboard and reading its data");
  const world = await startDeployedWorld();
  try {
    const { windmill, workspace } = world;
    const version = deployed(workspace).apps.get("f/codex_pooler/dashboard")?.versions.at(-1);
    if (!version) throw new Error("wmill has not deployed the dashboard.");
    await world.runConnect({ schedule: "every 5 minutes" });
    await world.tick();
    const read = () => runScript(windmill, WORKSPACE, "f/codex_pooler/dashboard_data", {}, windmill.admin.token);
    const runs = await repeat(RUNS, read);
    const [js, css] = [Buffer.byteLength(version.js), Buffer.byteLength(version.css)];
    return {
      js,
      css,
      minified: js + css,
      gzipped: gzipSync(version.js).length + gzipSync(version.css).length,
      data_ms: figures(runs.map(({ job }) => job.durationMs)),
    };
  } finally {
    await world.close();
  }
}
