import { startPages } from "../standins/pages/server.ts";
import { wholeOf } from "../world/workspace_contents.ts";
import { startWorld, WORKSPACE } from "../world/world.ts";
import { careSteps } from "./care.ts";
import { APP, afterwards } from "./dashboard.ts";
import { DEPLOY } from "./deploy.ts";
import { seedNeighbours } from "./neighbours.ts";
import { newScreen } from "./screen.ts";
import { connectionSteps } from "./steps.ts";
import { paint, type Step, say, summarise, tell } from "./tell.ts";

/**
 * `npm start`: deploys the bundle to the stand-ins with the real wmill CLI and tells the story of a connection. Exit code 0
 * when every step showed what it should. `--keep` leaves everything up until Ctrl+C.
 */

const keep = process.argv.includes("--keep");
const unknown = process.argv.slice(2).filter((argument) => argument !== "--keep");
if (unknown.length > 0) {
  say(`Unknown argument ${unknown.join(" ")}. Usage: npm start [-- --keep]`);
  process.exit(2);
}

say(paint("bold", "Codex Pooler for Windmill: the story of a connection"));
say("Starting a stand-in Windmill (server and worker) and a stand-in Codex Pooler ...");
const world = await startWorld();
const later = afterwards(world);
// The address that people use, and that links lead to: Windmill's pages in front of its API.
const pages = await startPages(world.windmill.url, WORKSPACE, world.windmill.admin.token);
world.windmill.store.settings.set("base_url", pages.url);
const screen = newScreen();
try {
  const neighbours = seedNeighbours(world);
  await world.storeWebhook();
  let deployed: unknown;
  const deploy: Step = {
    ...DEPLOY,
    async run(world) {
      const seen = await DEPLOY.run(world);
      deployed = wholeOf(world.workspace);
      return seen;
    },
  };
  const care = careSteps(() => deployed, screen);
  const told = await tell(world, later.watching([deploy, ...connectionSteps(screen), ...care, neighbours]));
  summarise(told);
  process.exitCode = told.every(({ ok }) => ok) ? 0 : 1;
  if (keep) await stayUp();
} finally {
  await Promise.all([pages.close(), world.close()]);
}

async function stayUp(): Promise<void> {
  const { windmill, pooler } = world;
  say("Connecting once more, so that the dashboard has something to show ...");
  await later.open();
  say(`
Everything stays up. Windmill is a stand-in: it has pages for the dashboard, for forms and for results, and the CLI works.

  dashboard  ${pages.appPage(APP)}
  a form     ${pages.url}/scripts/get/f/codex_pooler/connect?workspace=${WORKSPACE}

  server   ${windmill.url}
  worker   ${windmill.processes.worker.url}
  gateway  ${pooler.url}/v1

  export WM_WORKSPACE=${WORKSPACE} WM_TOKEN=${windmill.admin.token} BASE_INTERNAL_URL=${windmill.url}
  npx wmill script run f/codex_pooler/check --config-dir "$(mktemp -d)" -s -d '{"depth": "features"}'
  npx wmill script run f/codex_pooler/explain --config-dir "$(mktemp -d)" -s -d '{"text": "400 upstream request failed"}'

Ctrl+C ends it.`);
  await new Promise((resolve) => {
    process.once("SIGINT", resolve);
    process.once("SIGTERM", resolve);
  });
}
