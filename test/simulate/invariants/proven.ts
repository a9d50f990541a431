import { baseUrlOf } from "../history.ts";
import { liveOf } from "../live.ts";
import type { CommandRun, Invariant, Simulation } from "../simulation.ts";

/**
 * **Proven.** In the report of a change that says it worked, each model that "answers" over a route was asked over that route, in this
 * run, with the address, the key and the headers that are live at its end, and answered well. And a model that is said not to be
 * served, or not to answer, was asked in the same way: what a cache answered is no cause.
 *
 * That it "worked when it was tried" is said only where the trial asked as users do.
 *
 * Rules: `trial-unproven`, `answers-unproven`, `fails-unproven`, `unserved-unproven`.
 */
export function proven(): Invariant {
  return {
    name: "Proven",
    onCommandEnd(world, run) {
      watchTrial(world, run);
      if (run.mode === "apply" && run.outcome?.success === true && run.version === world.version && !run.died)
        watch(world, run);
    },
  };
}

function watchTrial(world: Simulation, run: CommandRun): void {
  const text = String((run.outcome?.result as { error?: { message?: string } } | null)?.error?.message ?? "");
  if (
    !text.includes("worked when it was tried") ||
    run.version !== world.version ||
    run.disturbed ||
    run.command !== "connect"
  )
    return;
  const { base, key, models, default_model } = run.filled;
  if (typeof base !== "string" || typeof key !== "string") return;
  const live = {
    base_url: baseUrlOf(base as "A"),
    key: world.history.setup.keys[key as "A1"],
    headers: (run.args.headers ?? {}) as Record<string, string>,
  };
  const model =
    (default_model as string | undefined) ??
    (models as string[] | undefined)?.[0] ??
    world.history.setup.models[base as "A"][0];
  if (model && !world.serves(live, model))
    world.fail(
      "Proven",
      "trial-unproven",
      `connect says that the connection worked when it was tried, but a chat as people send it with ${model} was refused all the time`,
    );
}

interface Row {
  id: string;
  server: string;
  worker: string;
  served: boolean | null;
}

function watch(world: Simulation, run: CommandRun): void {
  const live = liveOf(world.windmill.workspace);
  const {
    models = [],
    findings = [],
    changes = [],
  } = (run.outcome?.result ?? {}) as {
    models?: Row[];
    findings?: { code: string; models?: string[]; title: string }[];
    changes?: unknown[];
  };
  if (!live || run.command === "disconnect" || changes.length === 0) return;
  if (
    [...world.runs.values()].some(
      (one) => one !== run && one.mode === "apply" && (one.ended === null || one.ended > run.started),
    )
  )
    return;
  const same = JSON.stringify(Object.entries(live.headers).sort());
  const asked = run.upstream.filter(
    ({ base_url, key, headers }) =>
      base_url === live.base_url.replace(/\/+$/, "") &&
      key === live.key &&
      JSON.stringify(Object.entries(headers).sort()) === same,
  );
  for (const row of models) {
    for (const route of ["server", "worker"] as const) {
      const own = asked.filter(
        ({ model, via }) => model === row.id && via.includes(route === "server" ? "windmill.example" : "worker"),
      );
      const says = row[route];
      if (says === "ok" && !own.some(({ good }) => good)) {
        world.fail(
          "Proven",
          "answers-unproven",
          `${run.command} says that ${row.id} answers over the ${route}, but no request with what is live now asked it there`,
        );
      }
      if (says === "failed" && own.length === 0) {
        world.fail(
          "Proven",
          "fails-unproven",
          `${run.command} says that ${row.id} fails over the ${route}, but no request with what is live now asked it there`,
        );
      }
    }
  }
  const gateway = Object.values(world.windmill.gateways).find(({ host }) => live.base_url.includes(host));
  for (const { code, title } of findings) {
    const named = models.filter(({ id }) => title.includes(id));
    const served = named.filter(({ id }) => gateway?.pooler.models.includes(id) && world.serves(live, id));
    if (/not-served|model-missing|unknown-model/.test(code) && served.length > 0 && !run.disturbed) {
      world.fail(
        "Proven",
        "unserved-unproven",
        `${run.command} says "${title}", but the gateway serves ${served.map(({ id }) => id).join(", ")}`,
      );
    }
  }
}
