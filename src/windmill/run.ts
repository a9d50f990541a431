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
  const work = async (): Promise<Report> => {
    try {
      const input = parseInputs(schema, inputs);
      return inert(await walk(openWindmill(process.env, input.server_url, secrets), input, progress));
    } catch (error) {
      const warning = await warnOfOpenArguments(windmill, inputs);
      throw warning.length > 0 ? saying(warning, error) : error;
    } finally {
      progress.end();
    }
  };
  return finish(await leave(windmill, work), render);
}

/** The same error with something said before its own words. */
function saying(first: readonly string[], error: unknown): Error {
  const told = error instanceof Error ? error : new Error(String(error));
  told.message = [...first, told.message].join("\n");
  return told;
}

/**
 * Lets something of a run out: its answer, or the error that it ends with, without what the run knows to be secret. Every door leads
 * through here, and so does whoever runs a walk without one.
 */
export async function leave<T>({ secrets }: Pick<Windmill, "secrets">, work: () => Promise<T>): Promise<T> {
  try {
    return secrets.clean(await work());
  } catch (error) {
    throw secrets.cleanError(error);
  }
}

/**
 * Runs a script that is no command of a person's, such as a step of a flow, or what a form asks for.
 *
 * @param inputs its arguments, where they may hold a key.
 * @param serverUrl as for {@link openWindmill}.
 */
export async function answer<T>(
  work: (windmill: Windmill) => Promise<T>,
  inputs: object = {},
  serverUrl = "",
): Promise<T> {
  const windmill = openWindmill(process.env, serverUrl);
  windmill.secrets.learnFrom(inputs);
  return leave(windmill, async () => inert(await work(windmill)));
}

/** The same for one that answers with a page, which is made of what may leave. */
export const answerPage = async <T extends object>(
  render: (report: T) => string,
  work: (windmill: Windmill) => Promise<T>,
): Promise<Rendered<T>> => finish(await answer(work), render);

/** Writes a line into the run's log. */
export const say = ({ secrets }: Pick<Windmill, "secrets">, line: string): void => console.log(secrets.clean(line));
