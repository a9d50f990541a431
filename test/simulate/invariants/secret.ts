import type { Outcome } from "../../standins/windmill/jobs/job.ts";
import type { Job } from "../../standins/windmill/jobs/state.ts";
import { baseUrlOf, SECRETS } from "../history.ts";
import type { CommandRun, Invariant, Simulation } from "../simulation.ts";
import { FOLDER } from "../windmill.ts";

/**
 * **Secret.** No key, password or key in an address, credential in a header or token of a webhook that exists in the world stands in a
 * result, a log, the arguments of a step, a state or snapshot of the product, an alert or a page, in whatever form the world repeats
 * it. What a person typed in clear into a form's arguments stays there, and is told. A key goes to the gateways that people named, and
 * nowhere else.
 *
 * Rules: `in-result`, `in-logs`, `in-arguments`, `in-state`, `in-alert`, `on-page`, `key-elsewhere`, `raw-untold`.
 */
export function secret(): Invariant {
  let forms: { name: string; pieces: string[] }[] | null = null;
  const formsOf = (world: Simulation) => {
    const texts: [string, string][] = [
      ...Object.entries(world.history.setup.keys).map(([name, text]): [string, string] => [`key ${name}`, text]),
      ...Object.entries(SECRETS),
    ];
    forms ??= texts.map(([name, text]) => ({ name, pieces: piecesOf(text) }));
    return forms;
  };
  const find = (world: Simulation, text: string): string | undefined =>
    formsOf(world).find(({ pieces }) => pieces.some((piece) => text.includes(piece)))?.name;
  const look = (world: Simulation, rule: string, where: string, value: unknown) => {
    const found = find(world, typeof value === "string" ? value : (JSON.stringify(value) ?? ""));
    if (found) world.fail("Secret", rule, `${found} can be read in ${where}`);
  };
  const lookAtStates = (world: Simulation) => {
    for (const { path, value, resourceType } of world.windmill.workspace.resources.values()) {
      if (resourceType === "state" && path.startsWith(`${FOLDER}/`))
        look(world, "in-state", `the state ${path}`, value);
    }
  };
  return {
    name: "Secret",
    onJobEnd(world, job: Job, outcome: Outcome) {
      const name = job.path.slice(FOLDER.length + 1);
      look(world, "in-result", `the result of ${name}`, outcome.result);
      look(world, "in-logs", `the log of ${name}`, job.logs);
      // What a person typed into a form stays in the arguments, and that is Windmill's doing.
      if (job.parent) look(world, "in-arguments", `the stored arguments of ${name}`, job.args);
    },
    onTick: (world) => lookAtStates(world),
    onAlert: (world, { body }) => look(world, "in-alert", "an alert", body),
    onPage: (world, data) => look(world, "on-page", "what the dashboard gets", data),
    onUpstream(world, { base_url, key }) {
      const origin = URL.canParse(base_url) ? new URL(base_url).origin : base_url;
      const known = [baseUrlOf("A"), baseUrlOf("B")].map((url) => new URL(url).origin);
      if (key !== null && !known.includes(origin))
        world.fail("Secret", "key-elsewhere", `a key was sent to ${origin}, which nobody has named`);
    },
    onCommandEnd(world, run) {
      lookAtStates(world);
      watchRaw(world, run);
    },
  };
}

/** Characters of a secret that count when they stand together. */
const PIECE = 12;

/** A secret in the forms in which a world repeats it: as it is, in part, in an address, in base64. */
function piecesOf(text: string): string[] {
  const hidden = text.replace(/^sk-cxp-[0-9a-f]{12}-/, "");
  const middle = hidden.length >> 1;
  const parts =
    hidden.length > 2 * PIECE ? [hidden.slice(-PIECE), hidden.slice(middle - PIECE / 2, middle + PIECE / 2)] : [hidden];
  const encoded = encodeURIComponent(hidden);
  const forms = [...parts, Buffer.from(hidden).toString("base64").slice(0, 16)];
  return encoded === hidden ? forms : [...forms, encoded];
}

function watchRaw(world: Simulation, run: CommandRun): void {
  if (run.filled.keyAs !== "raw" || run.died || run.disturbed || run.outcome === null) return;
  const said = JSON.stringify(run.outcome.result ?? "");
  if (!/argument|history|stored with the run|plain text/i.test(said)) {
    world.fail(
      "Secret",
      "raw-untold",
      `the key stands in clear in the arguments of a run of ${run.command}, and nothing in its result says so: ${said.slice(0, 200)}`,
    );
  }
}
