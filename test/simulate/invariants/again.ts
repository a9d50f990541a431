import { isDeepStrictEqual } from "node:util";
import { contentsOf, differencesOf } from "../live.ts";
import type { CommandRun, Invariant, Simulation } from "../simulation.ts";

/**
 * **Again.** A command that worked and is run once more with the same arguments works again and changes nothing that people get
 * (undo, which takes the next change when it is run again, excepted). A job that Windmill starts again under its own id is not kept
 * out by what its first life left. In a connected workspace a field that is left blank leaves things as they are.
 *
 * Rules: `twice-fails`, `twice-differs`, `own-lock`, `blank-models`, `blank-headers`, `second-connection`, `typed-key-gone`.
 */
export function again(): Invariant {
  return {
    name: "Again",
    onCommandEnd(world, run) {
      const text = messageOf(run);
      if (text.includes("is changing the connection") && text.includes(run.job.id)) {
        world.fail(
          "Again",
          "own-lock",
          `${run.command} was started again by Windmill and is kept out by its own lock: ${text.slice(0, 200)}`,
        );
      }
      if (run.mode === "plan") return;
      if (run.isAgain) watchTwice(world, run);
      watchBlank(world, run);
    },
  };
}

function watchTwice(world: Simulation, run: CommandRun): void {
  const first = run.action.kind === "again" ? world.runs.get(run.action.of) : undefined;
  if (
    !first ||
    first.command === "undo" ||
    first.outcome?.success !== true ||
    first.version !== world.version ||
    run.disturbed ||
    run.died
  )
    return;
  const between = [...world.runs.values()].some(
    (one) =>
      one !== first &&
      one !== run &&
      one.mode === "apply" &&
      (one.ended ?? Number.POSITIVE_INFINITY) > first.started &&
      one.started < (run.ended ?? 0),
  );
  if (between) return;
  const text = messageOf(run);
  if (/execution error/.test(text) && /secret_arg/.test(text)) {
    // What the product says of it stands in its report; that Windmill cannot run it again is Windmill's.
    const told = JSON.stringify(first.outcome?.result ?? "").match(/run it again|Run again/gi);
    if (!told)
      world.fail(
        "Again",
        "typed-key-gone",
        `"Run again" of ${run.command} ends before any code runs, because the typed key was removed, and the report of the first run did not say so`,
      );
    return;
  }
  if (run.outcome?.success !== true) {
    if (first.command === "disconnect") return;
    world.fail("Again", "twice-fails", `${run.command} worked, and fails when it is run again: ${text.slice(0, 300)}`);
    return;
  }
  const { wish: _wish, ...before } = run.before;
  const { wish: _same, ...after } = contentsOf(world.windmill.workspace);
  if (!isDeepStrictEqual(before, after))
    world.fail(
      "Again",
      "twice-differs",
      `${run.command} changes something when it is run again: ${differencesOf(after, before).join("; ")}`,
    );
}

function watchBlank(world: Simulation, run: CommandRun): void {
  const { filled, before, liveBefore } = run;
  if (
    run.command !== "connect" ||
    run.outcome?.success !== true ||
    liveBefore === null ||
    run.version !== world.version ||
    run.died
  )
    return;
  if (
    [...world.runs.values()].some(
      (one) => one !== run && one.mode === "apply" && (one.ended === null || one.ended > run.started),
    )
  )
    return;
  const after = contentsOf(world.windmill.workspace);
  const base = after.live?.base_url;
  const isSameGateway = base === before.live?.base_url.replace(/\/+$/, "");
  if (filled.headers === undefined && isSameGateway && Object.keys(before.live?.headers ?? {}).length > 0) {
    const lost = differencesOf(after.live?.headers, before.live?.headers);
    if (lost.length > 0)
      world.fail("Again", "blank-headers", `connect with headers left blank changed them: ${lost.join("; ")}`);
  }
  const wished = (before.wish as { models?: string[] } | null)?.models;
  const had = modelsOf(before.settings);
  if (
    filled.models === undefined &&
    filled.default_model === undefined &&
    isSameGateway &&
    wished &&
    isDeepStrictEqual(wished, had)
  ) {
    const has = modelsOf(after.settings);
    if (has.length > had.length)
      world.fail(
        "Again",
        "blank-models",
        `connect with models left blank enabled ${has.filter((id) => !had.includes(id)).join(", ")} beside ${had.join(", ")}`,
      );
  }
  const live = world.windmill.workspace.resources.get(liveBefore.path);
  const now = (
    world.windmill.workspace.aiConfig as { providers?: { customai?: { resource_path?: string } } } | undefined
  )?.providers?.customai?.resource_path;
  if (filled.resource_path === undefined && live && now !== undefined && now !== liveBefore.path) {
    const notes = JSON.stringify((run.outcome.result as { notes?: string[] }).notes ?? []);
    if (!notes.includes(liveBefore.path))
      world.fail(
        "Again",
        "second-connection",
        `connect by u/${run.who} made a second connection at ${now} beside the one at ${liveBefore.path}, without a word`,
      );
  }
}

const modelsOf = (settings: Record<string, unknown>): string[] =>
  (settings.providers as { customai?: { models?: string[] } } | undefined)?.customai?.models ?? [];

const messageOf = (run: CommandRun): string =>
  String((run.outcome?.result as { error?: { message?: string } } | null)?.error?.message ?? "");
