import { type Finding, Layer, type Status } from "../core/shapes.ts";
import { isBlind } from "../table/table.ts";

const depth = (layer: Layer): number => Layer.options.indexOf(layer);

/**
 * The status that findings add up to. `unknown` when the server route, which people's browsers use, could not be measured and
 * nothing else proves that people are refused: what a worker cannot reach, the server may.
 */
export function statusOf(findings: readonly Finding[]): Status {
  const blind = findings.some(
    ({ code, evidence }) => isBlind(code) && evidence.some(({ route }) => route !== "worker"),
  );
  const refused = findings.some(
    (one) => one.severity === "critical" && !isBlind(one.code) && (!blind || concernsEverybody(one)),
  );
  if (refused) return "down";
  if (blind) return "unknown";
  return findings.some(({ severity }) => severity !== "info") ? "degraded" : "healthy";
}

/** A fault of the settings, or one that the gateway itself reported: it is the same over every route. */
const concernsEverybody = ({ evidence, layer }: Finding): boolean =>
  evidence.every(({ route }) => route === null) || depth(layer) >= depth("gateway-path");
