import type { DashboardData, Look } from "../../../../src/dashboard/data.ts";
import { backend } from "../wmill";

/** The two things that the page asks of Windmill. Both are runs of scripts with the rights of who deployed the app. */

/** Must be that of f/codex_pooler/lib/dashboard.ts. */
const VERSION = 1;

/** Milliseconds. Windmill's page gives no answer at all when it may not start the script. */
const PATIENCE_MS = 45_000;

/** What went wrong, in words for who looks at the page. */
export class BackendError extends Error {
  override readonly name = "BackendError";
}

/** What the page shows. @throws BackendError */
export async function loadData(): Promise<DashboardData> {
  const answer = await ask("The data", backend.data({}));
  if (!isRecord(answer) || answer.version !== VERSION) {
    throw new BackendError(
      "This page and the script f/codex_pooler/dashboard_data are of different versions. Reload the page; if that does not help, deploy the bundle again.",
    );
  }
  return answer as unknown as DashboardData;
}

/** The result of a look at the gateway, at most a minute old, whoever asked for it. @throws BackendError */
export async function checkNow(): Promise<Look & { fresh: boolean }> {
  const answer = await ask("The check", backend.check_now({}));
  if (!isRecord(answer) || typeof answer.at !== "string") {
    throw new BackendError("The check gave an answer that this page does not understand. Deploy the bundle again.");
  }
  return answer as unknown as Look & { fresh: boolean };
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null;

async function ask(what: string, request: Promise<unknown>): Promise<unknown> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    const words = `${what} did not come within ${PATIENCE_MS / 1000} seconds. Either no worker is free, or you may not run this app's scripts: ask an admin of the workspace.`;
    timer = setTimeout(() => reject(new BackendError(words)), PATIENCE_MS);
  });
  try {
    return await Promise.race([request, late]);
  } catch (error) {
    if (error instanceof BackendError) throw error;
    throw new BackendError(`${what} could not be read: ${reasonOf(error)}`);
  } finally {
    clearTimeout(timer);
  }
}

/** The first lines of an error: what follows is a stack. */
function reasonOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  const lines = text.split("\n").map((line) => line.trim());
  const told = lines.filter((line) => line !== "" && !line.startsWith("at ")).slice(0, 3);
  const reason = told.join(" ") || "no reason was given";
  return reason.length > 300 ? `${reason.slice(0, 299)}…` : reason;
}
