import { connect } from "../../f/codex_pooler/lib/connecting.ts";
import { ConnectInput, parseInputs } from "../../f/codex_pooler/lib/inputs.ts";
import { BASE_URL } from "../e2e/world.ts";
import { type Command, type Job, runJob } from "./run.ts";
import { NEW_KEY, OLD_KEY, type Scene } from "./scene.ts";

/** What an admin does while something fails: one row per command and starting point. */
export interface Scenario {
  name: string;
  /** Brings a workspace, in which other people have their settings, to the point where the command starts. */
  prepare(scene: Scene): Promise<void>;
  job: Job;
  /** Whether users are served when the command starts; then they are served throughout. */
  served: boolean;
  /** Whether the command has to refuse, and to leave everything as it is. */
  refused: boolean;
}

const connectCommand: Command = (windmill, filled, progress) =>
  connect(windmill, parseInputs(ConnectInput, { base_url: BASE_URL, mode: "apply", ...filled }), progress);

const connecting = (filled: object): Job => ({ name: "connect", command: connectCommand, filled });

/** Runs a job that must succeed. */
async function done(scene: Scene, job: Job): Promise<void> {
  const { succeeded, error } = await runJob(scene, job);
  if (!succeeded) throw new Error(`${job.name} failed while a scenario was prepared: ${error}`);
}

const connected = (scene: Scene): Promise<void> => done(scene, connecting({ api_key: OLD_KEY, schedule: "hourly" }));

export const SCENARIOS: readonly Scenario[] = [
  {
    name: "connect: fresh",
    prepare: async () => undefined,
    job: connecting({ api_key: NEW_KEY, schedule: "hourly" }),
    served: false,
    refused: false,
  },
  {
    name: "connect: another key, models, headers and interval",
    prepare: connected,
    job: connecting({
      ...{ api_key: NEW_KEY, replace_secret: true, models: ["gpt-6-luna", "gpt-6-terra"], default_model: "gpt-6-luna" },
      ...{ headers: { "x-team": "windmill" }, schedule: "every 5 minutes" },
    }),
    served: true,
    refused: false,
  },
];
