import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import { settle } from "../windmill/jobs/run.ts";
import { startWindmill, type WindmillStandin } from "../windmill/server.ts";
import { windmillClient } from "./windmill_client.ts";

/** The workspace of the fixture. */
export const WORKSPACE = "demo";

/** A started stand-in with the workspace {@link WORKSPACE} and the folder `f/team` in it, and short ways to fill it. */
export interface Fixture {
  windmill: WindmillStandin;
  /** Calls the workspace's API and returns the status with the body, parsed when it is JSON. Default: the admin's token. */
  call(method: string, path: string, body?: unknown, token?: string): Promise<{ status: number; body: unknown }>;
  /** Deploys a bun script, with a lock so that it runs at once; `lock: ""` leaves it to a dependency job. */
  script(path: string, content: string, settings?: object): Promise<void>;
  /** Deploys a flow of modules. */
  flow(path: string, modules: object[], value?: object): Promise<void>;
}

/** The lock that every script without packages has. */
export const NO_PACKAGES = '{\n  "dependencies": {}\n}\n//bun.lock\n<empty>';

/** Starts a fixture that ends with the test. */
export async function startFixture(t: TestContext): Promise<Fixture> {
  const windmill = await startWindmill();
  t.after(() => windmill.close());
  windmill.createWorkspace(WORKSPACE);
  const client = windmillClient(windmill, WORKSPACE);
  const call: Fixture["call"] = async (method, path, body, token = windmill.admin.token) => {
    const { status, text, json } = await client.call(method, path.slice(1), { body, token });
    return { status, body: json === undefined ? text : json };
  };
  const created = async (path: string, body: object) => {
    const answer = await call("POST", path, body);
    assert.equal(answer.status, 201, String(answer.body));
  };
  await call("POST", "/folders/create", { name: "team" });
  return {
    windmill,
    call,
    async script(path, content, settings = {}) {
      const common = { summary: "", description: "", language: "bun", lock: NO_PACKAGES, auto_parent: true };
      await created("/scripts/create", { path, content, ...common, ...settings });
      await settle(windmill);
    },
    flow: (path, modules, value = {}) => created("/flows/create", { path, summary: "", value: { modules, ...value } }),
  };
}
