import type { AsMember } from "../core/report.ts";
import type { Secret } from "../core/secret.ts";
import type { Route } from "../core/shapes.ts";
import { classify } from "../diagnose/match.ts";
import type { SettingsView } from "../observe/ai_settings.ts";
import { type Sent, sendOne } from "../probe/send.ts";
import { whoAmI } from "../windmill/settings.ts";
import { readSecret } from "../windmill/variables.ts";
import { type JobEnvironment, openWindmill, type Windmill } from "../windmill/windmill.ts";

/** Asks as a member does, with a token of theirs: what rights promise, only the member's own requests prove. It uses no tokens of models. */

/**
 * Windmill as the member sees it whose token is stored at a path.
 *
 * @throws WindmillError when the token cannot be read.
 */
export async function openAsMember(
  windmill: Windmill,
  token_path: string,
  environment: JobEnvironment = process.env,
): Promise<Windmill> {
  const { secret } = await readSecret(windmill, token_path);
  return asMember(windmill, secret, environment);
}

/** The same Windmill over the same routes, for another token. */
const asMember = ({ workspace, routes, secrets }: Windmill, token: Secret, environment: JobEnvironment): Windmill => {
  const at = { WM_WORKSPACE: workspace, WM_TOKEN: token.unwrap(), BASE_INTERNAL_URL: routes.worker };
  return openWindmill({ ...environment, ...at }, routes.server, secrets);
};

/**
 * Asks for the list of models as the member's chat does, over the server, and as an AI agent step of theirs does: by the resource's
 * path, under their rights, over the worker. A token that Windmill does not know is told, and spoils nothing else.
 */
export async function askAsMember(member: Windmill, view: SettingsView): Promise<AsMember> {
  let who: string;
  try {
    who = (await whoAmI(member)).username;
  } catch (error) {
    return {
      who: "the given token",
      chat: false,
      agent_steps: false,
      why: error instanceof Error ? error.message : "",
    };
  }
  const path = view.connection?.resource_path ?? "";
  const ask = (candidate: string | null, route: Route): Promise<Sent | null> =>
    sendOne(member, { depth: "free", view, candidate }, { kind: "models", route, model: null });
  const [chat, steps] = await Promise.all([ask(null, "server"), path === "" ? null : ask(path, "worker")]);
  return {
    who,
    chat: chat?.probe.ok ?? false,
    agent_steps: steps?.probe.ok ?? false,
    why: (
      [
        ["chat", chat],
        ["agent steps", steps],
      ] as const
    )
      .flatMap(([what, sent]) => (sent && !sent.probe.ok ? [`${what}: ${causeOf(sent)}`] : []))
      .join("; "),
  };
}

/** The cause by its code, and what came back. */
function causeOf({ outcome, probe, problem }: Sent): string {
  const { route, kind, model } = probe;
  const { code } = classify({ outcome, route, kind, model, ...(problem ? { problem } : {}) });
  return probe.excerpt === "" ? code : `${code} (${probe.excerpt})`;
}
