/** A command line that cannot be run. The message lists every slip with its fix; nothing has been sent. */
export class UsageError extends Error {
  override readonly name = "UsageError";

  constructor(slips: readonly string[], usage: string) {
    super([...slips.map((slip) => `- ${slip}`), "", usage].join("\n"));
  }
}

/** The tool will not do it, and nothing was changed. The message says why and what to do. */
export class Refusal extends Error {
  override readonly name = "Refusal";
}

/** The tool began and did not end well. The message says what is where and what to do. */
export class Failure extends Error {
  override readonly name = "Failure";
}
