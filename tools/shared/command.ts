import { Failure, Refusal, UsageError } from "./errors.ts";
import { ApiFailure, withoutToken } from "./windmill_api.ts";

/** Exit codes of the tools that talk to a workspace; each tool's usage text lists them. */
export const EXIT = { done: 0, failed: 1, usage: 2, refused: 3 } as const;

/**
 * Runs a tool to its exit code. An error that the tool knows prints its message only; anything else prints its stack. The
 * token of WM_TOKEN is taken out of both.
 */
export async function runCommand(main: (argv: readonly string[]) => Promise<number>): Promise<void> {
  try {
    process.exitCode = await main(process.argv.slice(2));
  } catch (error) {
    const known = [UsageError, Refusal, Failure, ApiFailure].some((kind) => error instanceof kind);
    const text = error instanceof Error ? (known ? error.message : (error.stack ?? error.message)) : String(error);
    console.error(withoutToken(text, (process.env.WM_TOKEN ?? "").trim()));
    process.exitCode = error instanceof UsageError ? EXIT.usage : error instanceof Refusal ? EXIT.refused : EXIT.failed;
  }
}
