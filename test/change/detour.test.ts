import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type Live, withDetour } from "../../src/change/detour.ts";
import type { Change } from "../../src/change/handlers.ts";
import { Secret } from "../../src/core/secret.ts";
import { copyPath } from "../../src/core/temporary.ts";

const PATH = "u/admin/gateway";
const COPY = copyPath(PATH);
const settingsAt = (resource_path: string, models: string[]) => ({
  providers: { openai: { resource_path: "u/member/openai", models: ["gpt-4o"] }, customai: { resource_path, models } },
});
const value = { api_key: `$var:${PATH}`, base_url: "https://old.example.com/v1", headers: {} };
const live: Live = { settings: settingsAt(PATH, ["a"]), resource: { path: PATH, value }, secret_path: PATH };

const key: Change = { kind: "replace-secret", path: PATH, before: new Secret("old"), after: new Secret("new") };
const resource: Change = {
  kind: "replace-resource",
  path: PATH,
  before: value,
  after: { ...value, base_url: "https://new.example.com/v1" },
};
const save = {
  kind: "save-ai-settings",
  before: settingsAt(PATH, ["a"]),
  after: settingsAt(PATH, ["b"]),
  via: "server",
} satisfies Change;
const record: Change = { kind: "write-record", path: "f/codex_pooler/intent", before: null, after: {} };

/** What users get after each step: the settings' models, and the address and key behind the resource that they name. */
function served(changes: readonly Change[]): string[] {
  const resources = new Map<string, Record<string, unknown>>([[PATH, value]]);
  const keys = new Map([[PATH, "old"]]);
  let settings = settingsAt(PATH, ["a"]);
  return changes.map((change) => {
    if (change.kind === "create-resource") resources.set(change.path, change.value);
    if (change.kind === "replace-resource") resources.set(change.path, change.after);
    if (change.kind === "delete-resource") resources.delete(change.path);
    if (change.kind === "create-secret") keys.set(change.path, change.secret.unwrap());
    if (change.kind === "replace-secret") keys.set(change.path, change.after.unwrap());
    if (change.kind === "delete-secret") keys.delete(change.path);
    if (change.kind === "save-ai-settings") settings = change.after as typeof settings;
    const { resource_path, models } = settings.providers.customai;
    const used = resources.get(resource_path);
    return [models.join(), used?.base_url, keys.get(String(used?.api_key).slice("$var:".length))].join(" ");
  });
}

describe("a plan with a detour", () => {
  const OLD = "a https://old.example.com/v1 old";
  const cases: { it: string; changes: Change[]; intended: string }[] = [
    {
      it: "key, resource and settings",
      changes: [record, key, resource, save],
      intended: "b https://new.example.com/v1 new",
    },
    { it: "key and resource", changes: [record, key, resource], intended: "a https://new.example.com/v1 new" },
    { it: "resource and settings", changes: [resource, save], intended: "b https://new.example.com/v1 old" },
    { it: "key and settings", changes: [key, save], intended: "b https://old.example.com/v1 new" },
  ];
  for (const { it: title, changes, intended } of cases) {
    it(`serves people the old connection or the intended one at every step: ${title}`, () => {
      const steps = served(withDetour(changes, live));
      assert.deepEqual([...new Set(steps)], [OLD, intended]);
      assert.equal(steps.at(-1), intended);
    });
  }

  it("leaves no copy, and ends with the settings that were planned", () => {
    const changes = withDetour([key, resource, save], live);
    const made = changes.filter(({ kind }) => kind.startsWith("create-")).length;
    assert.equal(changes.filter(({ kind }) => kind.startsWith("delete-")).length, made);
    const last = changes.findLast((change) => change.kind === "save-ai-settings");
    assert.deepEqual(last?.after, save.after);
    assert.ok(changes.some((change) => change.kind === "create-resource" && change.path === COPY));
  });

  it("is not taken where nobody is served afterwards: the settings go first, and nobody meets what comes then", () => {
    const end: Change = { ...save, after: { providers: { openai: save.before.providers } } };
    assert.deepEqual(withDetour([record, key, resource, end], live), [record, end, key, resource]);
  });

  const straight: { it: string; changes: Change[]; live: Live | null }[] = [
    { it: "that has one live change", changes: [record, key], live },
    { it: "where nobody is served yet", changes: [key, resource, save], live: null },
    { it: "of a resource that is not the live one", changes: [{ ...resource, path: "u/admin/other" }, save], live },
  ];
  for (const { it: title, changes, live: now } of straight) {
    it(`is not taken by a plan ${title}`, () => assert.deepEqual(withDetour(changes, now), changes));
  }
});
