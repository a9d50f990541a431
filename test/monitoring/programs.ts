import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";

/** The real Prometheus and Alertmanager, as far as they are installed: tests hold against them what the bundle gives to such programs. */

/** Programs by what they are called on Debian and where they come from elsewhere. */
const NAMES = {
  prometheus: ["prometheus"],
  promtool: ["promtool"],
  alertmanager: ["prometheus-alertmanager", "alertmanager"],
} as const;
type Program = keyof typeof NAMES;

function find(program: Program): string | undefined {
  const folders = [...(process.env.PATH ?? "").split(delimiter), "/usr/bin", "/usr/local/bin"].filter(Boolean);
  return folders.flatMap((folder) => NAMES[program].map((name) => join(folder, name))).find((path) => existsSync(path));
}

/** Whether all of them are installed. */
export const monitoringFound = (): boolean =>
  (Object.keys(NAMES) as Program[]).every((program) => find(program) !== undefined);

/** What a person reads who lacks one. */
export const NO_MONITORING =
  "Install Prometheus with promtool, and Alertmanager (on Debian: apt-get install prometheus prometheus-alertmanager).";

/** The path of a program. @throws Error when it is not installed */
export function program(name: Program): string {
  const path = find(name);
  if (path === undefined) throw new Error(NO_MONITORING);
  return path;
}

/** A server of theirs on a free local port. */
export interface Running {
  url: string;
  close(): Promise<void>;
}

/** Starts Alertmanager or Prometheus with a configuration; what it stores is gone when it is closed. */
export async function startServer(name: "alertmanager" | "prometheus", configuration: object): Promise<Running> {
  const folder = await mkdtemp(join(tmpdir(), `${name}-`));
  const file = join(folder, "configuration.yml");
  // Every JSON is a YAML.
  await writeFile(file, JSON.stringify(configuration));
  const data = join(folder, "data");
  const options =
    name === "alertmanager" ? [`--storage.path=${data}`, "--cluster.listen-address="] : [`--storage.tsdb.path=${data}`];
  const child = spawn(program(name), [`--config.file=${file}`, "--web.listen-address=127.0.0.1:0", ...options], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const close = async (): Promise<void> => {
    child.kill("SIGKILL");
    await ended;
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const url = await listening(child);
    await until(async () => (await fetch(`${url}/-/ready`)).ok);
    return { url, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** The address that a starting server says it listens on. */
function listening(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let log = "";
    child.stderr?.on("data", (chunk: Buffer) => {
      log += chunk.toString();
      const address = /msg="?Listening on"? .*?address=([^\s]+)/.exec(log)?.[1];
      if (address !== undefined) resolve(`http://${address}`);
    });
    child.once("exit", () => reject(new Error(`it ended: ${log}`)));
  });
}

/** Waits until something holds; as long as a machine may take that is busy with much else. */
export async function until(holds: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 60_000;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`waited in vain for ${holds}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
