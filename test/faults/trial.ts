import { isDeepStrictEqual } from "node:util";
import { plainValue } from "../standins/windmill/secrets.ts";
import type { Workspace } from "../standins/windmill/store.ts";
import { leaksOf } from "../world/leaks.ts";
import { SAVE_SETTINGS } from "./calls.ts";
import { ask } from "./client.ts";
import {
  differencesOf,
  everything,
  openSnapshots,
  recorded,
  SNAPSHOTS,
  settled,
  whatUsersGet,
  withOthersChange,
} from "./contents.ts";
import type { FaultKind } from "./kinds.ts";
import { type Job, type Outcome, restartJob, runJob } from "./run.ts";
import { runAll, type Scenario, undoing } from "./scenarios.ts";
import { type Gateways, KEYS, openScene, type Scene } from "./scene.ts";

/** One command with one call that fails, then once more without: what must not be, in words. */

/** A scenario with what an undisturbed run of it showed. */
export interface Prepared {
  scenario: Scenario;
  job: Job;
  /** What the workspace holds when the command starts. */
  start: Workspace;
  before: Contents;
  intended: Contents;
  /** Every call of an undisturbed run, by name, in alphabetical order. */
  calls: string[];
  /** What its snapshots tell afterwards. */
  recorded: unknown;
  /** What an undo makes of it afterwards. */
  undone: Undone;
  /** What is wrong with the undisturbed run already. */
  problems: string[];
}

interface Contents {
  users: unknown;
  settled: unknown;
  everything: unknown;
}

/** How an undo ends. */
interface Undone {
  /** "" when it succeeded. */
  error: string;
  everything: unknown;
}

/** Runs an undo of the last change, as an admin does who does not like what came of it. */
async function undoIn(scene: Scene): Promise<Undone> {
  const { error } = await ending(runJob(scene, undoing()));
  return {
    error: ALWAYS_ANOTHER.reduce((text, one) => text.replaceAll(one, "..."), error),
    everything: everything(scene.workspace),
  };
}

/** What differs in an error from run to run. */
const ALWAYS_ANOTHER = [/[0-9a-f]{8}-[0-9a-f-]{27}/g, /\d{4}-\d\d-\d\dT[\d:.]+Z/g];

const contentsOf = ({ workspace }: Scene): Contents => ({
  users: whatUsersGet(workspace),
  settled: settled(workspace),
  everything: everything(workspace),
});

const changedByOthers = ({ users, settled: lasting, everything: all }: Contents): Contents => ({
  users: withOthersChange(users),
  settled: withOthersChange(lasting),
  everything: withOthersChange(all),
});

/** Milliseconds after which a run that does not end counts as hanging. No run waits for anything but the stand-ins. */
const ENDLESS_MS = 60_000;

/** Runs a scenario undisturbed, with a client that asks after every call of it. */
export async function prepare(gateways: Gateways, scenario: Scenario): Promise<Prepared> {
  const origin = await openScene(gateways);
  const untouched = contentsOf(origin);
  await runAll(origin, scenario.earlier);
  const start = origin.workspace;
  const before = contentsOf(origin);
  const job = typeof scenario.job === "function" ? scenario.job(start) : scenario.job;
  await origin.close();

  const scene = await openScene(gateways, start);
  const calls: string[] = [];
  const problems: string[] = [];
  if (scenario.users !== "not served") await warm(scene);
  const { succeeded, error, typed } = await runJob(scene, job, {
    onCall({ name }) {
      calls.push(name);
      return undefined;
    },
    async onAnswered() {
      const refusal = scenario.users === "served" ? await ask(scene, "server") : "";
      if (refusal !== "") problems.push(`after ${calls.at(-1)} a user is refused: ${refusal}`);
    },
  });
  const intended = contentsOf(scene);
  const refuses = scenario.ends === "as before";
  if (succeeded === refuses) problems.push(succeeded ? "it succeeds" : `it fails: ${error}`);
  if (!succeeded) problems.push(...manners(error));
  const end = refuses ? before : scenario.ends === "as before everything" ? untouched : intended;
  problems.push(...differencesOf(intended.everything, end.everything).map((place) => `it leaves ${place}`));
  problems.push(...differencesOf(intended.everything, intended.settled).map((place) => `it leaves ${place}`));
  problems.push(...(succeeded ? keptTypings(scene, typed) : []), ...leaks(scene, start));
  if (scenario.ends === "as before everything" && scene.workspace.resources.has(SNAPSHOTS)) {
    problems.push(`it leaves ${SNAPSHOTS}`);
  }
  const told = recorded(scene.workspace);
  const undone = await undoIn(scene);
  const undoable = Array.isArray(told) && told.length > 0;
  // Going back to what served nobody is refused, where people are served now.
  if (undoable && undone.error !== "" && !/connection would not work/.test(undone.error))
    problems.push(`it cannot be undone: ${undone.error}`);
  await scene.close();
  return { scenario, job, start, before, intended, calls: calls.sort(), recorded: told, undone, problems };
}

/** Lets both processes of Windmill cache the credentials that users' requests go with. */
async function warm(scene: Scene): Promise<void> {
  for (const route of ["server", "worker"] as const) {
    const refusal = await ask(scene, route);
    if (refusal !== "") throw new Error(`Users are refused from the start: ${refusal}`);
  }
}

/** Runs a scenario with a call that fails, and then again. Answers what is wrong, in words. */
export async function tryFault(
  gateways: Gateways,
  prepared: Prepared,
  call: string,
  kind: FaultKind,
): Promise<string[]> {
  const { scenario, job, start } = prepared;
  const scene = await openScene(gateways, start);
  try {
    if (scenario.users !== "not served") await warm(scene);
    let struck = false;
    const first = await ending(
      runJob(scene, job, {
        onCall(made) {
          if (struck || made.name !== call) return undefined;
          struck = true;
          return kind.strike(made, scene);
        },
      }),
    );
    const problems = struck ? [] : ["the call was not made"];
    const [before, intended] = expected(prepared, call, kind);
    problems.push(...judgeFirst(scene, first, before, intended));
    problems.push(...(await judgeSecond(scene, first, prepared, kind, intended)), ...leaks(scene, start));
    problems.push(...(await judgeUndo(scene, prepared, kind)));
    const said = first.error === "" ? "" : `\n      error: ${first.error.replaceAll("\n", "\n      ")}`;
    return problems.map((problem) => `${problem}${said}`);
  } finally {
    await scene.close();
  }
}

/** Runs the scenario once more, undisturbed, and answers what is wrong then. */
async function judgeSecond(
  scene: Scene,
  first: Outcome,
  { scenario, job }: Prepared,
  kind: FaultKind,
  intended: Contents[],
): Promise<string[]> {
  const problems: string[] = [];
  const again = kind.restarts && first.killed;
  if (scenario.once && first.succeeded) return problems;
  const { succeeded, error, typed } = await ending(again ? restartJob(scene, job, first.id) : runJob(scene, job));
  const refused = scenario.ends === "as before";
  if (!succeeded && !refused) problems.push(`the second run fails: ${error}`);
  const now = contentsOf(scene).everything;
  if (!intended.some(({ everything: all }) => isDeepStrictEqual(now, all))) {
    problems.push(...differencesOf(now, intended[0]?.everything).map((place) => `the second run leaves ${place}`));
  }
  if (succeeded) problems.push(...keptTypings(scene, typed));
  return problems;
}

/** What is on record of a change that failed once, and whether an undo of it leads to where it would lead otherwise. */
async function judgeUndo(scene: Scene, { recorded: should, undone }: Prepared, kind: FaultKind): Promise<string[]> {
  const problems: string[] = [];
  for (const id of openSnapshots(scene.workspace)) problems.push(`the snapshot ${id} stays open`);
  // What somebody else changes in between is part of what is found, before the change or after it.
  if (!kind.edits) {
    problems.push(...differencesOf(recorded(scene.workspace), should).map((place) => `on record is ${place}`));
  }
  const { error, everything: now } = await undoIn(scene);
  if (error !== undone.error) problems.push(`undo says "${error}" instead of "${undone.error}"`);
  const wanted = kind.edits ? [withOthersChange(undone.everything), undone.everything] : [undone.everything];
  if (!wanted.some((one) => isDeepStrictEqual(now, one))) {
    problems.push(...differencesOf(now, wanted[0]).map((place) => `undo leaves ${place}`));
  }
  return problems;
}

/** Variables that the form has made of typed keys and that still hold them. */
const keptTypings = ({ workspace }: Scene, typed: readonly string[]): string[] =>
  typed
    .filter((path) => {
      const variable = workspace.variables.get(path);
      return variable && KEYS.includes(plainValue(workspace, variable));
    })
    .map((path) => `it leaves the typed key in ${path}`);

/** What may be there afterwards: as before, or as intended, with what somebody else changed in between. */
function expected({ before, intended }: Prepared, call: string, kind: FaultKind): [Contents[], Contents[]] {
  if (!kind.edits) return [[before], [intended]];
  const edited: [Contents[], Contents[]] = [[changedByOthers(before)], [changedByOthers(intended)]];
  // Windmill replaces AI settings as a whole and has no version to compare: what is saved between the last look and the write
  // is lost, whoever writes.
  if (!call.includes(SAVE_SETTINGS)) return edited;
  return [
    [...edited[0], before],
    [...edited[1], intended],
  ];
}

/** What is wrong after the run with the fault. */
function judgeFirst(scene: Scene, outcome: Outcome, before: Contents[], intended: Contents[]): string[] {
  const now = contentsOf(scene);
  const isAs = (kinds: Contents[], part: keyof Contents) =>
    kinds.some((one) => isDeepStrictEqual(now[part], one[part]));
  const problems: string[] = [];
  if (!isAs(before, "users") && !isAs(intended, "users")) {
    problems.push(
      `users get a mix: ${differencesOf(now.users, before[0]?.users).join("; ")} | ${differencesOf(now.users, intended[0]?.users).join("; ")}`,
    );
  }
  // Of a job that died nobody hears anything, and nothing more can be expected of it.
  if (outcome.killed) return problems;
  const isBefore = isAs(before, "settled");
  const isIntended = isAs(intended, "settled");
  if (!isBefore && !isIntended) {
    problems.push(
      `it leaves a mix: ${differencesOf(now.settled, before[0]?.settled).join("; ")} | ${differencesOf(now.settled, intended[0]?.settled).join("; ")}`,
    );
  }
  const { error, succeeded } = outcome;
  if (succeeded && !isIntended) problems.push("it claims success");
  if (/put back|othing was changed/.test(error) && !/could not be put back/.test(error) && !isBefore) {
    problems.push("it claims that nothing changed");
  }
  if (!succeeded) problems.push(...manners(error));
  return problems;
}

/** What is wrong with an error as a text for people. */
function manners(error: string): string[] {
  const problems: string[] = [];
  if (/ApiError|\n\s+at |\bundefined\b|\[object/.test(error)) problems.push("the error is not for people");
  if (
    !/^ +1\. |\b(?:Run|run it|Wait|Ask|Choose|Give|Check|Look|Make|Type|Write|Replace|Set|Open|Add|Remove)\b/m.test(
      error,
    )
  ) {
    problems.push("the error does not say what to do");
  }
  return problems;
}

/** Where a key can be read: everywhere but in a resource that somebody had put it in, which is put back when a run fails. */
function leaks({ windmill, workspace, gateways }: Scene, start: Workspace): string[] {
  const open = [...start.resources.values()].filter(({ value }) =>
    KEYS.some((key) => JSON.stringify(value ?? null).includes(key)),
  );
  const was = open.flatMap(({ path }) => [
    `resource ${path}`,
    `history of ${path}`,
    `request POST /api/w/${workspace.id}/resources/update_value/${path}`,
  ]);
  return KEYS.flatMap((key) => leaksOf({ windmill, workspace, pooler: gateways.good }, key))
    .filter((place) => !was.includes(place))
    .map((place) => `a key is in ${place}`);
}

async function ending(run: Promise<Outcome>): Promise<Outcome> {
  let timer: NodeJS.Timeout | undefined;
  const endless = new Promise<Outcome>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error("The run does not end.")), ENDLESS_MS);
  });
  try {
    return await Promise.race([run, endless]);
  } finally {
    clearTimeout(timer);
  }
}
