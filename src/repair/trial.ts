import { tryCandidate } from "../change/candidate.ts";
import { isProven, passingTrouble } from "../change/no_worse.ts";
import { inWords } from "../change/report.ts";
import { probeCandidate } from "../check/check.ts";
import { showableAddress } from "../core/address.ts";
import type { Finding } from "../core/shapes.ts";
import { driftOf } from "../observe/drift.ts";
import type { Progress } from "../windmill/progress.ts";
import type { Windmill } from "../windmill/windmill.ts";
import { changesOf, type Scene } from "./draft.ts";
import { mend } from "./repairs.ts";
import type { Sight } from "./scene.ts";

/**
 * Proves what the repairs would do to the resource and its key beside the live one, with each likely base URL in turn, until one
 * answers as a gateway does. Where none does, the base URL stays as it is; and where the variable that was asked for is no better,
 * the key does.
 *
 * @throws Error when the rest of what concerns the resource does not work either; nothing has changed then.
 */
export async function prove(windmill: Windmill, sight: Sight, progress: Progress): Promise<Sight> {
  const { scene, base_urls } = sight;
  const without = { ...scene, base_url: null, tried_urls: base_urls };
  const scenes: Scene[] = [
    ...base_urls.map((base_url, tried) => ({ ...scene, base_url, tried_urls: base_urls.slice(0, tried) })),
    without,
    ...(scene.wished_secret === "usable" ? [{ ...without, wished_secret: "refused" as const }] : []),
  ];
  let blocking: Finding[] = [];
  for (const next of scenes) {
    const outcome = await attempt(windmill, { ...sight, scene: next }, progress);
    if ("sight" in outcome) return outcome.sight;
    blocking = outcome.blocking;
  }
  throw new Error(wouldNotWork(blocking));
}

const blockingOf = (findings: readonly Finding[]): Finding[] =>
  findings.filter(({ severity }) => severity === "critical");

const wouldNotWork = (blocking: readonly Finding[]): string =>
  `Nothing was changed, because the repaired resource did not work when it was tried:\n${blocking.map(inWords).join("\n")}`;

async function attempt(
  windmill: Windmill,
  sight: Sight,
  progress: Progress,
): Promise<{ sight: Sight } | { blocking: Finding[] }> {
  const { scene } = sight;
  const { draft, done } = mend(scene);
  const touched = changesOf(scene, draft, sight.via).some(({ kind }) =>
    /^(create|replace)-(resource|secret)$/.test(kind),
  );
  if (!touched || scene.resource === null || draft.value === null) return { sight };
  const address = scene.base_url ?? String(draft.value.base_url ?? "");
  progress.step(`try ${showableAddress(address) || "the resource"} beside the live one`, 0.5);
  const key = draft.secret?.key ?? null;
  const trial = await tryCandidate(windmill, scene.resource.path, { ...draft.value }, key, (candidate) =>
    probeCandidate(windmill, candidate, { models: [], base_url: address }),
  );
  const mended = new Set(done.flatMap(({ signs }) => signs));
  const passing = passingTrouble(sight.report.findings, trial.findings);
  if (passing.length > 0) throw new Error(`${wouldNotWork(passing)}\nIt may be over in a moment: run this again.`);
  if (!isProven(sight.report.findings, trial.findings, mended, scene.base_url !== null)) {
    return { blocking: blockingOf(trial.findings) };
  }
  // A plan that was shown knew nothing of what the candidate lists: then it is made as it was shown.
  const served = scene.input.plan_id === "" ? (trial.served ?? scene.served) : scene.served;
  const via = sight.via === "server" || trial.server_reachable ? "server" : "worker";
  const drift = served === scene.served ? sight.drift : driftOf(sight.present, served);
  return { sight: { ...sight, drift, scene: { ...scene, served }, via } };
}
