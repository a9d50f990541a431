import { baseUrlOf } from "../history.ts";
import { type Live, liveOf } from "../live.ts";
import type { Asked, CommandRun, Invariant, Simulation } from "../simulation.ts";

/**
 * **Served.** What a member's request is made of (address, key, headers) was at some time what the workspace held at rest, or is what
 * a command under way was asked for: never a mix of the two. And while a command runs, or as its result, no member is refused who
 * was served before it and still would be by what was there before, as long as nobody else has changed anything. A command that is
 * to end the service (disconnect, undo) is no part of the second half.
 *
 * A command is not refused for what does not keep people from being served by what it is to make.
 *
 * Rules: `mix`, `refused-during`, `refused-after`, `refused-though-served`.
 */
export function served(): Invariant {
  const rested = new Set<string>();
  const open: { key: string; words: string; at: number; run: CommandRun | undefined }[] = [];
  /** What the commands that died were to do: people may get it until somebody completes it. */
  const intended = new Set<string>();
  let baseline: { run: CommandRun; live: Live; model: string; routes: Set<string> } | null = null;
  const before = new Map<string, boolean>();

  const rest = (world: Simulation) => {
    const live = liveOf(world.windmill.workspace);
    if (live && world.running().length === 0) rested.add(keyOf(live));
  };
  return {
    name: "Served",
    onChange(world) {
      // Whatever people have just made of it is what they wanted, also in the middle of a command.
      const live = liveOf(world.windmill.workspace);
      if (live) rested.add(keyOf(live));
      baseline = null;
    },
    onAsked(world, asked) {
      const run = world.running().at(-1);
      watchMix(world, asked, run);
      watchRefusal(world, asked, run);
      if (!run) {
        before.set(asked.route, asked.served);
        rest(world);
      }
    },
    onWrite(world) {
      // Somebody whose process of Windmill has nothing cached gets what the workspace holds at this moment.
      const run = world.running().at(-1);
      const live = liveOf(world.windmill.workspace);
      if (!run || !live) return;
      const key = keyOf(live);
      if (rested.has(key) || intended.has(key)) return;
      const words = `the address ${live.base_url}, the key ${nameOf(world, live.key)} and the headers ${JSON.stringify(live.headers)}`;
      open.push({ key, words, at: world.time.now, run });
    },
    onCommandEnd(world, run) {
      if (run.mode === "plan") return;
      const live = liveOf(world.windmill.workspace);
      for (const key of intentionsOf(run)) intended.add(key);
      watchNeedless(world, run);
      if (live && (run.outcome?.success || !run.died)) rested.add(keyOf(live));
      // With another one under way it is too early to say what belongs to which.
      if (world.running().length > 0) return;
      for (const one of open.splice(0)) {
        if (rested.has(one.key) || intended.has(one.key)) continue;
        if (run.died && !run.outcome?.success && run.command === "repair") continue;
        world.fail(
          "Served",
          "mix",
          `at ${Math.round((one.at - run.started) / 1000)} s of ${run.command}, a member's request went out with ${one.words}, which is neither what was there before nor what the command made`,
        );
      }
      if (baseline && baseline.run !== run) baseline = null;
    },
  };

  function watchMix(world: Simulation, { upstream }: Asked, run: CommandRun | undefined): void {
    if (!upstream) return;
    const one = { base_url: upstream.base_url, key: upstream.key, headers: upstream.headers };
    const key = keyOf(one);
    if (rested.has(key) || intended.has(key)) return;
    const words = `the address ${one.base_url}, the key ${nameOf(world, one.key)} and the headers ${JSON.stringify(one.headers)}`;
    if (run) open.push({ key, words, at: world.time.now, run });
    else {
      const live = liveOf(world.windmill.workspace);
      if (live && keyOf(live) === key && lastChange(world)?.outcome?.success !== false) rested.add(key);
      else if (lastChange(world)?.died) {
        const died = lastChange(world) as CommandRun;
        if (died.command === "repair" || died.command === "undo") rested.add(key);
        else
          world.fail(
            "Served",
            "mix",
            `after ${died.command} died, members' requests go out with ${words}, which is neither what was there before nor what was asked for`,
          );
      } else rested.add(key);
    }
  }

  function watchRefusal(world: Simulation, asked: Asked, run: CommandRun | undefined): void {
    const current = run ?? lastChange(world);
    if (!current || current.version !== world.version || current.liveBefore === null) return;
    if (current.command === "disconnect" || current.command === "undo") return;
    if (run && baseline?.run !== run) {
      const model = modelIn(current);
      baseline =
        model === null
          ? null
          : {
              run,
              live: current.liveBefore,
              model,
              routes: new Set([...before].filter(([, ok]) => ok).map(([route]) => route)),
            };
    }
    if (asked.served || !baseline || baseline.run !== current || !baseline.routes.has(asked.route)) return;
    if (!run && (current.ended ?? 0) + 90_000 < world.time.now) return;
    if (run && world.running().length > 1) return;
    const place = asked.route === "server" ? world.windmill.server : world.windmill.workers[0];
    if (!place || place.down || !world.serves(baseline.live, baseline.model, place)) return;
    const when = run ? "during" : "after";
    world.fail(
      "Served",
      `refused-${when}`,
      `${when} ${current.command} a member is refused over the ${asked.route} (${asked.model}: ${asked.said}), who was served before it and still would be by what was there before`,
    );
  }
}

/** A command that says that nobody would be served, where everybody would be. */
function watchNeedless(world: Simulation, run: CommandRun): void {
  const text = String((run.outcome?.result as { error?: { message?: string } } | null)?.error?.message ?? "");
  if (
    !text.includes("would not work") ||
    run.died ||
    run.disturbed ||
    run.version !== world.version ||
    world.windmill.server.down
  )
    return;
  const { keys, models } = world.history.setup;
  const name = run.filled.key as keyof typeof keys | undefined;
  const key = name ? keys[name] : run.liveBefore?.key;
  const isRotation = run.command === "rotate_key";
  const base_url = isRotation
    ? run.liveBefore?.base_url
    : run.command === "connect" && run.filled.base
      ? baseUrlOf(run.filled.base as "A")
      : undefined;
  const model = isRotation
    ? modelIn(run)
    : ((run.filled.default_model as string | undefined) ??
      (run.filled.models as string[] | undefined)?.[0] ??
      modelIn(run) ??
      models.A[0]);
  if (!base_url || !key || !model) return;
  const headers =
    (run.args.headers as Record<string, string> | undefined) ?? (isRotation ? (run.liveBefore?.headers ?? {}) : {});
  if (world.serves({ base_url, key, headers }, model)) {
    world.fail(
      "Served",
      "refused-though-served",
      `${run.command} refuses: "${text.slice(0, 260)}", but people's chats with ${model} would be answered`,
    );
  }
}

/** The default model before a command. */
function modelIn({ before }: CommandRun): string | null {
  const { default_model: chosen } = before.settings as { default_model?: { provider: string; model: string } };
  return chosen?.provider === "customai" ? chosen.model : null;
}

const lastChange = (world: Simulation): CommandRun | undefined =>
  [...world.runs.values()]
    .filter(({ mode, ended }) => mode === "apply" && ended !== null)
    .sort((a, b) => (a.ended ?? 0) - (b.ended ?? 0))
    .at(-1);

const keyOf = ({ base_url, key, headers }: Pick<Live, "base_url" | "key" | "headers">): string =>
  JSON.stringify([base_url.replace(/\/+$/, ""), key, Object.entries(headers).sort()]);

/** What a command may make, from what was typed into its form. */
function intentionsOf(run: CommandRun): string[] {
  const { liveBefore, args, filled, command } = run;
  const typed = run.upstream.map(({ key }) => key);
  const headers = [
    {},
    ...(liveBefore ? [liveBefore.headers] : []),
    ...(args.headers ? [args.headers as Record<string, string>] : []),
  ];
  if (command === "connect") {
    const base = filled.base ? baseUrlOf(filled.base as "A") : "";
    const keys = filled.key ? typed : [...typed, liveBefore?.key ?? null];
    const own = args.headers ? [args.headers as Record<string, string>] : headers;
    return [...new Set(keys)].flatMap((key) => own.map((one) => keyOf({ base_url: base, key, headers: one })));
  }
  if (command === "rotate_key" && liveBefore) return typed.map((key) => keyOf({ ...liveBefore, key }));
  return [];
}

function nameOf(world: Simulation, key: string | null): string {
  const known = Object.entries(world.history.setup.keys).find(([, text]) => text === key);
  return known?.[0] ?? (key === null ? "none" : "unknown");
}
