import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, beforeEach, describe, it } from "node:test";
import { asRecord } from "../../src/core/json.ts";
import { ChangeReport } from "../../src/core/report.ts";
import { deployed } from "../standins/windmill/jobs/run.ts";
import { jsonb } from "../standins/windmill/jsonb.ts";
import { plainValue } from "../standins/windmill/secrets.ts";
import { seedResource, seedVariable } from "../standins/windmill/seed.ts";
import type { Workspace } from "../standins/windmill/store.ts";
import { leaksOf } from "../world/leaks.ts";

import { copyContents, OTHERS_AI_SETTINGS, othersMoveIn, wholeOf } from "../world/workspace_contents.ts";
import {
  BASE_URL,
  CONNECTION,
  errorOf,
  GATEWAY_HOST,
  HEALTH,
  KEY,
  PUBLIC_ADDRESS,
  reportOf,
  startDeployedWorld,
  type World,
  writesOf,
} from "../world/world.ts";

/** Repair with real jobs: each thing that breaks, its plan, its application, and a second run that finds nothing. */

let world: World;
/** A workspace that holds what a connected one does. */
let connected: Workspace;
let stopExpiring: () => void;

before(async () => {
  world = await startDeployedWorld();
  othersMoveIn(world.windmill.store, world.workspace);
  reportOf(await world.runConnect({ schedule: "hourly", models: ["gpt-5.5", "gpt-6-luna"] }), ChangeReport);
  connected = world.windmill.createWorkspace("connected");
  copyContents(world.workspace, connected);
  // Users' requests may be served with cached credentials for a minute: it passes when the resource has been changed.
  stopExpiring = world.windmill.intercept(({ path }) => {
    if (path.includes("/resources/update_value/")) setImmediate(() => void world.expireCaches());
    return undefined;
  });
});
beforeEach(async () => {
  await world.reset();
  copyContents(connected, world.workspace);
});
after(async () => {
  stopExpiring();
  await world.close();
});

const repair = async (filled: object = {}): Promise<ChangeReport> =>
  reportOf(await world.run("repair", filled), ChangeReport);
const settings = () => asRecord(world.workspace.aiConfig);
const customai = () => asRecord(asRecord(settings().providers).customai);
const value = () => asRecord(world.workspace.resources.get(CONNECTION)?.value);
const limits = () => asRecord(settings().max_tokens_per_model);
const intent = () => asRecord(world.workspace.resources.get("f/codex_pooler/intent")?.value);
const keyAt = (path: string): string | undefined => {
  const variable = world.workspace.variables.get(path);
  return variable && plainValue(world.workspace, variable);
};
const model = (id: string) => ({ provider: "customai", model: id });

/** Changes the AI settings as somebody does on the settings page. */
function edit(change: (config: Record<string, unknown>) => void): void {
  const config = structuredClone(settings());
  change(config);
  world.workspace.aiConfig = jsonb(config);
}
const editProvider = (more: object): void =>
  edit((config) => {
    config.providers = { ...asRecord(config.providers), customai: { ...customai(), ...more } };
  });
function editResource(more: object): void {
  const resource = world.workspace.resources.get(CONNECTION);
  assert.ok(resource);
  resource.value = jsonb({ ...value(), ...more });
}
const placesOf = ({ changes }: ChangeReport): string[] =>
  changes.flatMap(({ action, target, differences }) => [`${action} ${target}`, ...differences.map(({ path }) => path)]);
const mended = ({ repairs = [] }: ChangeReport): string[] => repairs.flatMap(({ codes }) => codes);

interface Broken {
  it: string;
  breaks(): void;
  filled?: object;
  /** Codes of the findings that are mended. */
  mends: string[];
  holds(report: ChangeReport): void;
}

const CASES: Broken[] = [
  {
    it: "replaces a model that is gone by the nearest one that is enabled and served",
    breaks: () => {
      world.pooler.models = ["gpt-5.4", "gpt-6-luna", "gpt-6-terra"];
    },
    mends: ["model-not-served"],
    holds: () => {
      assert.deepEqual(customai().models, ["gpt-6-luna"]);
      assert.deepEqual(
        [settings().default_model, settings().metadata_model],
        [model("gpt-6-luna"), model("gpt-6-luna")],
      );
      assert.deepEqual(intent().models, ["gpt-6-luna"]);
    },
  },
  {
    it: "enables the nearest model that is served, where none of the enabled ones is, but none that was left out",
    breaks: () => {
      world.pooler.models = ["gpt-6-terra", "gpt-9-nova"];
    },
    mends: ["model-not-served"],
    holds: ({ notes }) => {
      assert.deepEqual(customai().models, ["gpt-9-nova"]);
      assert.match(notes.join(" "), /Enabled anew.*gpt-9-nova/);
    },
  },
  {
    it: "puts back the default and the metadata model that a saved settings page dropped",
    breaks: () =>
      edit((config) => {
        delete config.default_model;
        delete config.metadata_model;
      }),
    mends: ["no-default-model", "no-metadata-model"],
    holds: () => assert.deepEqual(settings().default_model, model("gpt-5.5")),
  },
  {
    it: "moves a default model off a provider that is not there",
    breaks: () =>
      edit((config) => {
        config.default_model = { provider: "mistral", model: "codestral" };
      }),
    mends: ["default-model-nowhere"],
    holds: () => assert.deepEqual(settings().default_model, model("gpt-5.5")),
  },
  {
    it: "enables the default model where it is not enabled",
    breaks: () => editProvider({ models: ["gpt-6-luna"] }),
    mends: ["default-model-not-enabled"],
    holds: () => assert.deepEqual(customai().models, ["gpt-6-luna", "gpt-5.5"]),
  },
  {
    it: "lets the settings name the resource where it was moved to",
    breaks: () => {
      seedResource(world.windmill.store, world.workspace, "f/codex_pooler/moved", value());
      world.workspace.resources.delete(CONNECTION);
    },
    mends: ["resource-missing"],
    holds: () => {
      assert.equal(customai().resource_path, "f/codex_pooler/moved");
      assert.equal(intent().resource_path, "f/codex_pooler/moved");
    },
  },
  {
    it: "makes the resource again where it was deleted and its secret is still there",
    breaks: () => void world.workspace.resources.delete(CONNECTION),
    mends: ["resource-missing"],
    holds: () => assert.deepEqual(value(), { api_key: `$var:${CONNECTION}`, base_url: BASE_URL, headers: {} }),
  },
  {
    it: "fills in an empty resource path",
    breaks: () => editProvider({ resource_path: "" }),
    mends: ["resource-path-empty"],
    holds: () => assert.equal(customai().resource_path, CONNECTION),
  },
  {
    it: "puts the provider back where somebody removed it",
    breaks: () =>
      edit((config) => Object.assign(config, OTHERS_AI_SETTINGS, { default_model: null, metadata_model: null })),
    mends: ["provider-missing"],
    holds: () => {
      assert.deepEqual(customai(), { resource_path: CONNECTION, models: ["gpt-5.5", "gpt-6-luna"] });
      assert.deepEqual(settings().default_model, model("gpt-5.5"));
    },
  },
  ...[
    [" a blank in front and behind", ` ${BASE_URL} `, "base-url-blanks"],
    [" no /v1", `http://${GATEWAY_HOST}`, "base-url-no-v1"],
    [" an endpoint's path", `${BASE_URL}/chat/completions`, "base-url-endpoint"],
    [" a slash at its end", `${BASE_URL}/`, "base-url-slash"],
    [" another path of the same host", `http://${GATEWAY_HOST}/backend-api/codex/v1`, "wrong-base-path"],
  ].map(
    ([what = "", base_url, code = ""]): Broken => ({
      it: `corrects a base URL with${what}`,
      breaks: () => editResource({ base_url }),
      mends: code === "wrong-base-path" ? [code, "endpoint-not-found"] : [code],
      holds: () => assert.equal(value().base_url, BASE_URL),
    }),
  ),
  {
    it: "moves a key that stands in the resource into the secret variable",
    breaks: () => {
      world.workspace.variables.delete(CONNECTION);
      editResource({ api_key: KEY });
    },
    mends: ["literal-key-in-resource"],
    holds: ({ notes }) => {
      assert.equal(value().api_key, `$var:${CONNECTION}`);
      assert.equal(keyAt(CONNECTION), KEY);
      assert.match(notes.join(" "), /stays so in the resource's history.*rotate_key/);
      world.workspace.resourceVersions.length = 0;
    },
  },
  {
    it: "removes headers with credentials and session pins, and leaves the others",
    breaks: () =>
      editResource({ headers: { cookie: "session=a1b2c3d4e5", "x-codex-session-id": "one", "x-team": "ops" } }),
    mends: ["credential-header", "session-header"],
    holds: (report) => {
      assert.deepEqual(value().headers, { "x-team": "ops" });
      assert.ok(!JSON.stringify(report).includes("a1b2c3d4e5"));
    },
  },
  {
    it: "unsets a code completion model of this provider",
    breaks: () =>
      edit((config) => {
        config.code_completion_model = model("gpt-5.5");
      }),
    mends: ["code-completion-on-customai"],
    holds: () => assert.equal("code_completion_model" in settings(), false),
  },
  {
    it: "lowers the token limit where the key's policy has a limit per request",
    breaks: () => {
      world.pooler.keys.set(KEY, { ...poolKeyOf(), limits: { max_output_tokens_per_request: 12_000 } });
    },
    mends: ["key-limit-below-reservation"],
    holds: () => {
      assert.deepEqual(limits(), { "openai:gpt-4o": 4096, "customai:gpt-5.5": 12_000 });
      assert.deepEqual(asRecord(intent().made).limits, ["customai:gpt-5.5"]);
    },
  },
  {
    it: "lowers the token limit where the key's policy has a limit per day",
    breaks: () => {
      world.pooler.keys.set(KEY, { ...poolKeyOf(), limits: { max_tokens_per_day: 100_000 } });
    },
    mends: ["key-limit-below-reservation"],
    holds: () => assert.deepEqual(limits(), { "openai:gpt-4o": 4096, "customai:gpt-5.5": 16_384 }),
  },
  {
    it: "switches the schedule on that somebody switched off",
    breaks: () => {
      const schedule = deployed(world.workspace).schedules.get(HEALTH);
      assert.ok(schedule);
      schedule.enabled = false;
    },
    mends: ["schedule-off"],
    holds: () => assert.equal(deployed(world.workspace).schedules.get(HEALTH)?.enabled, true),
  },
  {
    it: "makes the resource type again",
    breaks: () => world.workspace.resourceTypes.clear(),
    mends: ["resource-type-missing"],
    holds: () => assert.ok(world.workspace.resourceTypes.has("customai")),
  },
  {
    it: "puts back what somebody changed against what was asked for, and lists it",
    breaks: () =>
      edit((config) => {
        config.default_model = model("gpt-6-luna");
        config.providers = {
          ...asRecord(config.providers),
          customai: { ...customai(), models: ["gpt-5.5", "gpt-6-luna", "gpt-6-terra"] },
        };
      }),
    mends: ["settings-drift"],
    holds: ({ notes }) => {
      assert.deepEqual(settings().default_model, model("gpt-5.5"));
      assert.deepEqual(customai().models, ["gpt-5.5", "gpt-6-luna"]);
      assert.match(notes.join(" "), /the default model gpt-5\.5 was asked for, and it is gpt-6-luna/);
      assert.match(notes.join(" "), /gpt-6-terra was left out and is enabled/);
    },
  },
];

const poolKeyOf = () => {
  const key = world.pooler.keys.get(KEY);
  assert.ok(key);
  return key;
};

/** What is other people's in the AI settings. */
function othersPart(): unknown {
  const { customai: _ours, ...providers } = asRecord(settings().providers);
  const foreign = Object.entries(limits()).filter(([key]) => !key.startsWith("customai:"));
  return { providers, limits: foreign, prompts: settings().custom_prompts, newer: settings().model_pricing };
}

describe("repair", () => {
  for (const { it: title, breaks, filled = {}, mends, holds } of CASES) {
    it(title, async () => {
      breaks();
      const found = wholeOf(world.workspace);
      const others = othersPart();
      const plan = await repair(filled);
      assert.deepEqual(wholeOf(world.workspace), found, "a plan changes nothing");
      assert.deepEqual(writesOf(world), []);
      assert.deepEqual(mended(plan), mends);
      assert.equal(plan.status, null);

      const report = await repair({ ...filled, mode: "apply", plan_id: plan.plan_id });
      assert.deepEqual(placesOf(report), placesOf(plan));
      assert.ok(report.changes.length > 0);
      assert.equal(report.status, "healthy", JSON.stringify(report.findings));
      holds(report);
      assert.deepEqual(othersPart(), others);
      assert.deepEqual(leaksOf(world, KEY), []);

      const done = wholeOf(world.workspace);
      const again = await repair({ ...filled, mode: "apply" });
      assert.deepEqual([again.changes, again.summary], [[], "Nothing is to be repaired."]);
      assert.deepEqual(wholeOf(world.workspace), done);
    });
  }

  it("mends several causes in one run, also those that only show behind the first", async () => {
    world.pooler.models = ["gpt-6-luna"];
    world.workspace.variables.delete(CONNECTION);
    editResource({ base_url: `${BASE_URL}/models`, api_key: KEY, headers: { authorization: "Bearer something" } });
    const report = await repair({ mode: "apply" });
    assert.deepEqual(value(), { api_key: `$var:${CONNECTION}`, base_url: BASE_URL, headers: {} });
    assert.deepEqual(customai().models, ["gpt-6-luna"]);
    assert.notEqual(report.status, "down");
    assert.ok(!world.workspace.resources.has("u/admin/codex_pooler_candidate"));
    assert.ok(!world.workspace.resources.has("u/admin/codex_pooler_in_change"));
  });

  it("does not choose a model that the admin excluded, and says so", async () => {
    world.pooler.models = ["gpt-6-terra"];
    const found = wholeOf(world.workspace);
    const report = await repair({ mode: "apply" });
    assert.deepEqual(wholeOf(world.workspace), found);
    assert.match(report.notes.join(" "), /gpt-6-terra.*was left out on purpose.*allow_models/);
    const allowed = await repair({ mode: "apply", allow_models: ["gpt-6-terra"] });
    assert.equal(allowed.status, "healthy");
    assert.deepEqual(customai().models, ["gpt-6-terra"]);
  });

  it("keeps what others changed when it is accepted, and takes it for what is wanted", async () => {
    edit((config) => {
      config.default_model = model("gpt-6-luna");
    });
    const kept = structuredClone(world.workspace.aiConfig);
    const report = await repair({ mode: "apply", accept_drift: true });
    assert.match(report.summary, /The present state counts as what is wanted/);
    assert.deepEqual(world.workspace.aiConfig, kept);
    const again = await repair();
    assert.equal(again.summary, "Nothing is to be repaired.");
  });

  it("never overwrites another key that is stored where a key would be moved to", async () => {
    seedVariable(world.windmill.store, world.workspace, CONNECTION, "sk-cxp-ffffffffffff-another");
    editResource({ api_key: KEY });
    const report = await repair({ mode: "apply" });
    assert.equal(report.changes.length, 0);
    assert.match(report.notes.join(" "), /holds something else, which is not overwritten/);
    assert.equal(keyAt(CONNECTION), "sk-cxp-ffffffffffff-another");
    const moved = await repair({ mode: "apply", secret_path: "u/admin/moved_key" });
    assert.equal(moved.status, "healthy");
    assert.equal(keyAt("u/admin/moved_key"), KEY);
    assert.equal(intent().secret_path, "u/admin/moved_key");
  });

  it("leaves other people's resources alone unless one is named", async () => {
    world.workspace.resources.delete(CONNECTION);
    world.workspace.variables.delete(CONNECTION);
    seedVariable(world.windmill.store, world.workspace, "u/member/pool_key", KEY);
    const theirs = { api_key: "$var:u/member/pool_key", base_url: BASE_URL, headers: {} };
    seedResource(world.windmill.store, world.workspace, "u/member/pool", theirs);
    const report = await repair({ mode: "apply" });
    assert.equal(report.changes.length, 0);
    assert.match(report.notes.join(" "), /were not tried, because their keys are for something else: u\/member\/pool/);
    const named = await repair({ mode: "apply", resource_path: "u/member/pool" });
    assert.equal(named.status, "healthy", JSON.stringify(named.findings));
    assert.equal(customai().resource_path, "u/member/pool");
  });

  it("mends what it can beside a cause that only a person can mend, and names that person", async () => {
    poolKeyOf().state = "revoked";
    edit((config) => {
      delete config.metadata_model;
    });
    const report = await repair({ mode: "apply" });
    assert.equal(report.status, "down");
    assert.deepEqual(settings().metadata_model, model("gpt-5.5"));
    const [refused] = report.findings;
    assert.deepEqual([refused?.code, refused?.owner], ["key-disabled", "gateway-operator"]);
    assert.ok(refused && refused.remedy.length > 0);
    assert.match(report.summary, /1 change made\. .*[Oo]nly a person can mend/);
  });

  it("does not move people's chats from another provider to a gateway that refuses them", async () => {
    poolKeyOf().state = "revoked";
    edit((config) => {
      config.default_model = { provider: "openai", model: "gpt-4o" };
    });
    const was = structuredClone(world.workspace.aiConfig);
    const report = await repair({ mode: "apply", depth: "chat" });
    assert.deepEqual(world.workspace.aiConfig, was);
    assert.notEqual(report.status, "down");
    edit((config) => {
      delete config.default_model;
    });
    const unset = await repair({ mode: "apply", depth: "chat" });
    assert.match(unset.notes.join(" "), /The default model stays openai: the gateway refuses requests/);
    assert.equal(settings().default_model, undefined);
  });

  it("says what it does not touch, and leaves a schedule off that connect was asked to switch off", async () => {
    reportOf(await world.runConnect({ api_key: "", schedule: "off" }), ChangeReport);
    const report = await repair({ mode: "apply" });
    assert.deepEqual(report.changes, []);
    assert.match(report.notes.join(" "), /Not touched: the providers openai, anthropic; the custom prompts/);
    assert.equal(deployed(world.workspace).schedules.get(HEALTH)?.enabled, false);
  });

  it("keeps what others changed where what was asked for does not work any more", async () => {
    const NEW_KEY = `sk-cxp-ba9876543210-${"n".repeat(43)}`;
    world.pooler.keys.set(NEW_KEY, { ...poolKeyOf() });
    poolKeyOf().state = "revoked";
    seedVariable(world.windmill.store, world.workspace, "u/admin/new_key", NEW_KEY);
    editResource({ api_key: "$var:u/admin/new_key" });
    const found = wholeOf(world.workspace);
    const report = await repair({ mode: "apply" });
    assert.deepEqual(wholeOf(world.workspace), found);
    assert.equal(report.status, "degraded");
    assert.match(report.notes.join(" "), /does not work there, so the present key stays\. .*accept_drift/);
    await repair({ mode: "apply", accept_drift: true });
    assert.equal((await repair()).summary, "Nothing is to be repaired.");
  });

  it("leaves base_url as it is where no likely one answers, and says which were tried", async () => {
    editResource({ base_url: "http://codex-pooler.elsewhere.example.com/v1/models" });
    world.workspace.resources.delete("f/codex_pooler/intent");
    const report = await repair({ mode: "apply" });
    assert.equal(value().base_url, "http://codex-pooler.elsewhere.example.com/v1/models");
    assert.match(report.notes.join(" "), /None of these answers as a gateway.*elsewhere\.example\.com\/v1/);
    assert.equal(report.status, "down");
  });

  it("sends the live key to no other port that a redirect names, and says how to use it", async () => {
    const asked: string[] = [];
    const front = createServer((request, response) => {
      asked.push(request.headers.host ?? "");
      response.writeHead(301, { location: `http://${GATEWAY_HOST}:8081${request.url}` }).end();
    });
    front.listen(0, "127.0.0.1");
    await once(front, "listening");
    const { port } = front.address() as AddressInfo;
    world.windmill.network.hosts.set(GATEWAY_HOST, { addresses: [PUBLIC_ADDRESS], port });
    try {
      await world.expireCaches();
      const report = await repair({ mode: "apply", depth: "chat" });
      assert.deepEqual(report.changes, []);
      assert.match(report.notes.join(" "), new RegExp(`connect with base_url http://${GATEWAY_HOST}:8081/v1`));
      assert.ok(asked.length > 0);
      assert.ok(asked.every((host) => !host.endsWith(":8081")));
    } finally {
      front.closeAllConnections();
      front.close();
    }
  });

  it("names a resource that was never asked for, and does not use it", async () => {
    seedVariable(world.windmill.store, world.workspace, "f/codex_pooler/team_key", KEY);
    const theirs = { api_key: "$var:f/codex_pooler/team_key", base_url: BASE_URL, headers: {} };
    seedResource(world.windmill.store, world.workspace, "f/codex_pooler/team", theirs);
    world.workspace.resources.delete(CONNECTION);
    world.workspace.variables.delete(CONNECTION);
    const report = await repair({ mode: "apply" });
    assert.deepEqual(report.changes, []);
    assert.match(report.notes.join(" "), /never asked for and were not tried.*f\/codex_pooler\/team/);
  });

  it("refuses a plan that is not the same any more", async () => {
    editProvider({ resource_path: "" });
    const { plan_id } = await repair();
    edit((config) => {
      delete config.metadata_model;
    });
    const found = wholeOf(world.workspace);
    const run = await world.run("repair", { mode: "apply", plan_id });
    assert.match(errorOf(run), /plan_id: .*has changed since/);
    assert.deepEqual(wholeOf(world.workspace), found);
  });
});
