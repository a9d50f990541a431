import { finish, type Rendered } from "../core/report.ts";
import { type Progress, startProgress } from "./progress.ts";
import { openWindmill, type Windmill } from "./windmill.ts";

/**
 * Runs a command as the present job: opens Windmill, shows how far it is, and renders its report.
 *
 * @param serverUrl where this job reaches the server that browsers use; blank = the instance's own address.
 */
export async function run<T extends object>(
  serverUrl: string,
  render: (report: T) => string,
  walk: (windmill: Windmill, progress: Progress) => Promise<T>,
): Promise<Rendered<T>> {
  const windmill = openWindmill(process.env, serverUrl);
  const progress = startProgress();
  try {
    return finish(await walk(windmill, progress), render);
  } finally {
    progress.end();
  }
}
