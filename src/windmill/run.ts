import type * as z from "zod";
import { finish, inert, type Rendered } from "../core/report.ts";
import { parseInputs } from "../inputs/parse.ts";
import { warnOfOpenArguments } from "./key_input.ts";
import { type Progress, startProgress } from "./progress.ts";
import { openWindmill, type Windmill } from "./windmill.ts";

/**
 * The doors through which a run's result leaves. Nothing else returns what a script answers, or writes into its log: what is known
 * to be secret stays inside.
 */

/** What a command is made of. */
export interface Command<Input extends { server_url: string }, Report> {
  schema: z.ZodType<Input>;
  /** The arguments as Windmill gave them. */
  inputs: object;
  render: (report: Report) => string;
}

/**
 * Runs a command as the present job: opens Windmill, reads the inputs, shows how far it is, and renders its report.
 *
 * @throws InputError for inputs that cannot be used; whatever the walk throws. Each names first what lies open in the arguments.
 */
export async function run<Input extends { server_url: string }, Report extends object>(
  { schema, inputs, render }: Command<Input, Report>,
  walk: (windmill: Windmill, input: Input, progress: Progress) => Promise<Report>,
): Promise<Rendered<Report>> {
  const windmill = openWindmill();
  const { secrets } = windmill;
  secrets.learnFrom(inputs);
  const progress = startProgress((line) => say(windmill, line));
  try {
    const input = parseInputs(schema, inputs);
    const report = await walk(openWindmill(process.env, input.server_url, secrets), input, progress);
    return finish(report, render, (one) => secrets.clean(one));
  } catch (error) {
    const warning = await warnOfOpenArguments(windmill, inputs);
    throw secrets.cleanError(warning.length > 0 ? saying(warning, error) : error);
  } finally {
    progress.end();
  }
}

/** The same error with something said before its own words. */
function saying(first: readonly string[], error: unknown): Error {
  const told = error instanceof Error ? error : new Error(String(error));
  told.message = [...first, told.message].join("\n");
  return told;
}

/** Runs a script that is no command of a person's, such as a step of a flow: what it answers leaves by the same door. */
export const answer = <T>(work: (windmill: Windmill) => Promise<T>): Promise<T> =>
  guarded(openWindmill(), async (windmill) => windmill.secrets.clean(inert(await work(windmill))));

/** The same for one that answers with a page. */
export const answerPage = <T extends object>(
  render: (report: T) => string,
  work: (windmill: Windmill) => Promise<T>,
): Promise<Rendered<T>> =>
  guarded(openWindmill(), async (windmill) =>
    finish(await work(windmill), render, (report) => windmill.secrets.clean(report)),
  );

async function guarded<T>(windmill: Windmill, work: (windmill: Windmill) => Promise<T>): Promise<T> {
  try {
    return await work(windmill);
  } catch (error) {
    throw windmill.secrets.cleanError(error);
  }
}

/** Writes a line into the run's log. */
export const say = ({ secrets }: Pick<Windmill, "secrets">, line: string): void => console.log(secrets.clean(line));
