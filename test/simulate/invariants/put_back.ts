import { isDeepStrictEqual } from "node:util";
import { type Contents, contentsOf, differencesOf, itemsOf } from "../live.ts";
import type { CommandRun, Invariant, Simulation } from "../simulation.ts";
import { FOLDER } from "../windmill.ts";

/**
 * **Put back.** An undo that says it worked gives people the AI settings and the resource that were there before the change which it
 * undoes, and the wish of that time; where that change completed one that died, what was there before the dead one counts. It can only
 * be said where nobody has changed them since. A disconnect that says it worked leaves no record, lock or temporary item of the
 * product, unless records are to be kept, and no wish that a repair would fulfil. After a change that says it worked, no temporary item is left. Nobody else's item is touched, ever.
 *
 * Rules: `undo-settings`, `undo-resource`, `undo-wish`, `undo-fails`, `disconnect-leaves`, `disconnect-wish`, `temporary-left`,
 * `others-touched`, `records-come-back`, `not-as-before`, `old-key-forgotten`. The last two: a command that fails and says that everything was put back leaves items and schedule as they were, with whoever they run as; and the key of before that a rotation keeps for a while goes away by itself.
 */
export function putBack(): Invariant {
  /** What was there before each change on record, by the job that made it. */
  const changes = new Map<string, { before: Contents; after: Contents; command: string; version: number }>();
  /** What was there before a change that died half-way, as long as nobody has completed or mended it. */
  let halfway: Contents | null = null;
  let others: Map<string, unknown> | null = null;
  let disconnected: { run: CommandRun; version: number; isKept: boolean } | null = null;

  return {
    name: "Put back",
    onChange(world) {
      others = null;
      halfway = null;
      disconnected = disconnected && { ...disconnected, version: -1 };
      void world;
    },
    onCommandEnd(world, run) {
      watchOthers(world, run);
      if (run.mode === "plan") return;
      const { workspace } = world.windmill;
      const after = contentsOf(workspace);
      const success = run.outcome?.success === true;
      watchFailed(world, run);
      const before = halfway ?? run.before;
      if (run.command === "undo") watchUndo(world, run, after);
      if (run.command === "disconnect" && success) {
        watchDisconnect(world, run);
        disconnected = { run, version: world.version, isKept: run.filled.keep_records === true };
      }
      if (success) watchTemporary(world, run);
      changes.set(run.job.id, { before, after, command: run.command, version: run.version });
      if (success) halfway = null;
      else if (!isDeepStrictEqual(users(after), users(run.before))) halfway ??= run.before;
    },
    onEnd(world) {
      const kept = [...world.windmill.workspace.variables.values()].find(
        ({ path, expiresAt }) => path.endsWith("codex_pooler_previous_key") && expiresAt === null,
      );
      const died = [...world.runs.values()].some(({ command, died: dead }) => command === "rotate_key" && dead);
      if (kept && died)
        world.fail(
          "Put back",
          "old-key-forgotten",
          `${kept.path} keeps a key that works, for good, and nobody is told`,
        );
    },
    onTick(world) {
      if (!disconnected || disconnected.version !== world.version || disconnected.isKept || world.running().length > 0)
        return;
      if (
        [...world.runs.values()].some(
          ({ ended, mode, started }) => mode === "apply" && (ended ?? started) > (disconnected?.run.ended ?? 0),
        )
      )
        return;
      const left = recordsOf(world);
      if (left.length > 0)
        world.fail("Put back", "records-come-back", `after disconnect, a tick wrote again: ${left.join(", ")}`);
    },
  };

  function watchUndo(world: Simulation, run: CommandRun, after: Contents): void {
    if (run.died || world.version !== run.version) return;
    const store = world.windmill.workspace.resources.get(`${FOLDER}/snapshots`)?.value as
      | { snapshots?: { id: string; undoes?: string }[] }
      | undefined;
    const { success = false, result } = run.outcome ?? {};
    const text = String((result as { error?: { message?: string } } | null)?.error?.message ?? "");
    if (!success) {
      // Windmill refuses what the product itself made up, at every try.
      if (/422|already exists/.test(text) && !run.disturbed)
        world.fail("Put back", "undo-fails", `undo can never succeed: ${text.slice(0, 300)}`);
      return;
    }
    const undone = changes.get(store?.snapshots?.find(({ id }) => id === run.job.id)?.undoes ?? targetOf(run));
    if (!undone || undone.version !== run.version || !isDeepStrictEqual(users(undone.after), users(run.before))) return;
    const settings = differencesOf(after.settings, undone.before.settings);
    if (settings.length > 0)
      world.fail(
        "Put back",
        "undo-settings",
        `undo of ${undone.command} says it worked, but the AI settings differ from before: ${settings.join("; ")}`,
      );
    const { base_url, headers } = undone.before.live ?? {};
    const resource =
      undone.before.live === null || after.live === null
        ? []
        : differencesOf({ base_url: after.live.base_url, headers: after.live.headers }, { base_url, headers });
    if (resource.length > 0)
      world.fail(
        "Put back",
        "undo-resource",
        `undo of ${undone.command} says it worked, but the resource differs from before: ${resource.join("; ")}`,
      );
    const wish = differencesOf(after.wish, undone.before.wish);
    if (wish.length > 0 && undone.command !== "repair")
      world.fail(
        "Put back",
        "undo-wish",
        `undo of ${undone.command} says it worked, but the wish, which a repair fulfils, is not that of before: ${wish.join("; ")}`,
      );
  }

  function watchFailed(world: Simulation, run: CommandRun): void {
    const text = String((run.outcome?.result as { error?: { message?: string } } | null)?.error?.message ?? "");
    if (
      !/was put back|othing was changed/.test(text) ||
      /could not be put back/.test(text) ||
      run.died ||
      run.handVersion !== world.handVersion
    )
      return;
    if (
      [...world.runs.values()].some(
        (one) => one !== run && one.mode === "apply" && (one.ended === null || one.ended > run.started),
      )
    )
      return;
    const isMine = (name: string) =>
      !/secret_arg|_lock|health_|check_now|\/snapshots$|codex_pooler_(candidate|in_change|previous_key)$/.test(name);
    const only = (items: Map<string, unknown>) => Object.fromEntries([...items].filter(([name]) => isMine(name)));
    const left = differencesOf(only(itemsOf(world.windmill.workspace)), only(run.itemsBefore));
    if (left.length > 0)
      world.fail(
        "Put back",
        "not-as-before",
        `${run.command} fails and says that everything was put back, but: ${left.join("; ")}`,
      );
  }

  function watchDisconnect(world: Simulation, run: CommandRun): void {
    const left = recordsOf(world);
    if (run.filled.keep_records !== true && left.length > 0)
      world.fail("Put back", "disconnect-leaves", `disconnect says it worked and leaves ${left.join(", ")}`);
    if (contentsOf(world.windmill.workspace).wish !== null)
      world.fail("Put back", "disconnect-wish", "disconnect with kept records leaves a wish that a repair will fulfil");
  }

  function watchOthers(world: Simulation, run: CommandRun): void {
    const items = [...itemsOf(world.windmill.workspace)].filter(([name]) =>
      world.others.has(name.replace(/^\w+ /, "")),
    );
    const now = new Map(items);
    const touched = others && differencesOf(Object.fromEntries(now), Object.fromEntries(others));
    if (touched && touched.length > 0)
      world.fail("Put back", "others-touched", `${run.command} touched what is somebody else's: ${touched.join("; ")}`);
    others = now;
    for (const path of world.others) {
      const kinds = [...itemsOf(world.windmill.workspace).keys()].filter((name) => name.endsWith(` ${path}`));
      if (kinds.length === 0)
        world.fail("Put back", "others-touched", `${run.command} removed ${path}, which is somebody else's`);
    }
  }
}

/** The change that an undo is about, by what was on record when it began: the one that was asked for, or the last that is not undone. */
function targetOf({ args, itemsBefore }: CommandRun): string {
  if (typeof args.snapshot === "string" && args.snapshot !== "") return args.snapshot;
  const [, value] = (itemsBefore.get(`resource ${FOLDER}/snapshots`) ?? []) as [unknown?, unknown?];
  const newest = (value as { snapshots?: { id: string; undoes?: string }[] } | undefined)?.snapshots ?? [];
  const undone = new Set<string>();
  for (const { id, undoes } of newest) if (undoes !== undefined && !undone.has(id)) undone.add(undoes);
  return newest.find(({ id, undoes }) => undoes === undefined && !undone.has(id))?.id ?? "";
}

/** What people get; where the key of before went does not matter here. */
const users = ({ settings, live }: Contents) => ({
  settings,
  live: live && { base_url: live.base_url, headers: live.headers },
});

/** Records and states of the product. */
function recordsOf(world: Simulation): string[] {
  const { resources } = world.windmill.workspace;
  const states = [...resources.values()].filter(
    ({ path, resourceType }) => resourceType === "state" && path.startsWith(`${FOLDER}/`),
  );
  return states.map(({ path }) => path).filter((path) => !/_lock(_takeover)?$|check_now/.test(path));
}

function watchTemporary(world: Simulation, run: CommandRun): void {
  if (world.running().length > 0) return;
  const { resources, variables } = world.windmill.workspace;
  const passing = [...resources.values(), ...variables.values()].filter(
    ({ path, description }) =>
      (description?.startsWith("Temporary: f/codex_pooler") || /codex_pooler_(in_change|previous_key)$/.test(path)) &&
      !world.others.has(path),
  );
  if (passing.length > 0)
    world.fail(
      "Put back",
      "temporary-left",
      `${run.command} says it worked, and ${passing.map(({ path }) => path).join(", ")} is still there`,
    );
}
