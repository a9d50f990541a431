import { asRecord } from "../../src/core/json.ts";
import { ConnectInput } from "../../src/inputs/connect.ts";
import { DisconnectInput } from "../../src/inputs/disconnect.ts";
import { parseInputs } from "../../src/inputs/parse.ts";
import { RepairInput } from "../../src/inputs/repair.ts";
import { RotateInput } from "../../src/inputs/rotate_key.ts";
import { UndoInput } from "../../src/inputs/undo.ts";
import { connect } from "../../src/walks/connect.ts";
import { disconnect } from "../../src/walks/disconnect.ts";
import { repair } from "../../src/walks/repair.ts";
import { rotate } from "../../src/walks/rotate_key.ts";
import { undo } from "../../src/walks/undo.ts";
import { deployed } from "../standins/windmill/jobs/run.ts";
import { jsonb } from "../standins/windmill/jsonb.ts";
import type { Workspace } from "../standins/windmill/store.ts";
import { BASE_URL, CONNECTION } from "../world/world.ts";
import { lastChange } from "./contents.ts";
import { type Command, type Job, runJob } from "./run.ts";
import { BAD_KEY, NEW_KEY, OLD_KEY, type Scene } from "./scene.ts";

/** What an admin does while something fails: one row per command and starting point. */
export interface Scenario {
  name: string;
  /** What brings a workspace, in which other people have their settings, to the point where the command starts. */
  earlier: readonly (Job | Mishap)[];
  job: Job | ((workspace: Workspace) => Job);
  /** Whether users are served when the command starts, and when they are, whether they are throughout. */
  users: "not served" | "served" | "cut off";
  /** What must be there in the end; what an undisturbed run makes of it when absent. */
  ends?: "as before" | "as before everything";
  /** Whether the command means something else once it is done, so that only a run which was not done is repeated. */
  once?: true;
}

/** What somebody has done to a workspace by hand. */
type Mishap = (workspace: Workspace) => void;

/** A command as the job of an admin who fills in a form; mode "apply". */
const job =
  (name: string, command: Command) =>
  (filled: object = {}): Job => ({ name, command, filled: { mode: "apply", ...filled } });

export const connecting = job("connect", (windmill, filled, progress) =>
  connect(windmill, parseInputs(ConnectInput, { base_url: BASE_URL, ...filled }), progress),
);
export const rotating = job("rotate_key", (windmill, filled, progress) =>
  rotate(windmill, parseInputs(RotateInput, filled), progress),
);
export const repairing = job("repair", (windmill, filled, progress) =>
  repair(windmill, parseInputs(RepairInput, filled), progress),
);
export const undoing = job("undo", (windmill, filled, progress) =>
  undo(windmill, parseInputs(UndoInput, filled), progress),
);
export const disconnecting = job("disconnect", (windmill, filled, progress) =>
  disconnect(windmill, parseInputs(DisconnectInput, filled), progress),
);

const FIRST = connecting({ api_key: OLD_KEY, schedule: "hourly" });
/** Somebody pastes a wrong base URL, with a header that pins everybody to one session. */
function slips(workspace: Workspace): void {
  changeResource(workspace, { base_url: `${BASE_URL}/chat/completions`, headers: { "session-id": "1" } });
}

/** Somebody pastes the key itself into the resource. */
function showsTheKey(workspace: Workspace): void {
  changeResource(workspace, { api_key: OLD_KEY });
}

/** Somebody has tried Windmill's own page before, which leaves a resource. */
function hasAResource(workspace: Workspace): void {
  const value = { api_key: "", base_url: `http://old.example.com/v1/`, headers: { "x-team": "old" } };
  workspace.resources.set(CONNECTION, {
    ...{ path: CONNECTION, value: jsonb(value), resourceType: "customai", description: "made by hand" },
    ...{ createdBy: "admin", editedAt: "2026-11-24T00:00:00Z", extraPerms: {} },
  });
}

function changeResource(workspace: Workspace, more: object): void {
  const resource = workspace.resources.get(CONNECTION);
  if (!resource) throw new Error("There is no connection to spoil.");
  resource.value = jsonb({ ...asRecord(resource.value), ...more });
}

/** Somebody saves the settings page, which drops the default model, and the gateway has renamed a model; the schedule is off. */
function forgets(workspace: Workspace): void {
  const { default_model: _gone, ...settings } = asRecord(workspace.aiConfig);
  const providers = asRecord(settings.providers);
  const customai = { ...asRecord(providers.customai), models: ["gpt-5.5", "gpt-6-lunar", "gpt-6-terra"] };
  workspace.aiConfig = jsonb({ ...settings, providers: { ...providers, customai } });
  for (const schedule of deployed(workspace).schedules.values()) schedule.enabled = false;
}

const LATER = { models: ["gpt-6-luna", "gpt-6-terra"], default_model: "gpt-6-luna", headers: { "x-team": "windmill" } };

export const SCENARIOS: readonly Scenario[] = [
  {
    name: "connect: fresh",
    earlier: [],
    job: connecting({ api_key: NEW_KEY, schedule: "hourly" }),
    users: "not served",
  },
  {
    name: "connect: the first, over a resource of another gateway",
    earlier: [hasAResource],
    job: connecting({ api_key: NEW_KEY }),
    users: "not served",
  },
  {
    name: "connect: another key, models, headers and interval",
    earlier: [FIRST],
    job: connecting({ ...LATER, api_key: NEW_KEY, replace_secret: true, schedule: "every 5 minutes" }),
    users: "served",
  },
  {
    name: "repair: a connection that serves nobody",
    earlier: [FIRST, slips, forgets],
    job: repairing(),
    users: "not served",
  },
  {
    name: "repair: a key that stands in the resource",
    earlier: [FIRST, showsTheKey, forgets],
    job: repairing({ depth: "chat" }),
    users: "served",
  },
  { name: "rotate_key", earlier: [FIRST], job: rotating({ new_key: NEW_KEY }), users: "served" },
  {
    name: "rotate_key: to a key that the gateway refuses",
    earlier: [FIRST],
    job: rotating({ new_key: BAD_KEY }),
    users: "served",
    ends: "as before",
  },
  {
    name: "undo",
    earlier: [FIRST, connecting(LATER)],
    job: (workspace) => undoing({ snapshot: lastChange(workspace) }),
    users: "served",
  },
  { name: "undo: the last change", earlier: [FIRST, connecting(LATER)], job: undoing(), users: "served", once: true },
  {
    name: "disconnect",
    earlier: [FIRST],
    job: disconnecting(),
    users: "cut off",
    ends: "as before everything",
  },
];

/** Lets everything happen that comes before; its jobs must succeed. */
export async function runAll(scene: Scene, earlier: Scenario["earlier"]): Promise<void> {
  for (const one of earlier) {
    if (typeof one === "function") {
      one(scene.workspace);
      continue;
    }
    const { succeeded, error } = await runJob(scene, one);
    if (!succeeded) throw new Error(`${one.name} failed while a scenario was prepared: ${error}`);
  }
}
