import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { scriptPage } from "../../tools/deploy/deploy.ts";
import { readFlags, readTarget } from "../../tools/shared/arguments.ts";

const TOKEN = "token0123456789abcdefghijklmnopq";
const FLAGS = { values: ["base-url", "workspace"], switches: ["yes", "dry-run"] };

describe("arguments", () => {
  it("are taken with a blank and with =", () => {
    const { values, switches, slips } = readFlags(
      ["--base-url", "https://w.example.com", "--workspace=demo", "--yes"],
      FLAGS,
    );
    assert.deepEqual(
      [...values],
      [
        ["base-url", "https://w.example.com"],
        ["workspace", "demo"],
      ],
    );
    assert.deepEqual([...switches], ["yes"]);
    assert.deepEqual(slips, []);
  });

  const slips: { it: string; argv: string[]; says: RegExp }[] = [
    { it: "an unknown option", argv: ["--workspce", "demo"], says: /^--workspce is unknown/ },
    { it: "a stray word", argv: ["demo"], says: /^a word without --/ },
    { it: "an option without its value", argv: ["--workspace", "--yes"], says: /^--workspace needs a value/ },
    {
      it: "an option given twice",
      argv: ["--workspace", "a", "--workspace", "b"],
      says: /^--workspace is given twice/,
    },
    { it: "a value for a switch", argv: ["--yes=no"], says: /^--yes takes no value/ },
    { it: "a token", argv: ["--token", TOKEN], says: /^--token is not taken/ },
    { it: "a token with =", argv: [`--token=${TOKEN}`], says: /^--token is not taken/ },
  ];
  for (const { it: title, argv, says } of slips) {
    it(`refuses ${title}, without quoting a value`, () => {
      const read = readFlags(argv, FLAGS);
      assert.match(read.slips[0] ?? "", says);
      assert.ok(!read.slips.join("").includes(TOKEN));
    });
  }
});

describe("the target", () => {
  const target = (baseUrl: string, workspace: string, token: string | undefined) => {
    const slips: string[] = [];
    const values = new Map(
      [
        ["base-url", baseUrl],
        ["workspace", workspace],
      ].filter(([, value]) => value !== "") as [string, string][],
    );
    return { ...readTarget(values, { WM_TOKEN: token }, slips), slips };
  };

  it("is an origin, a workspace and a token without the newline of a copy", () => {
    assert.deepEqual(target("https://w.example.com/", "team-1", `${TOKEN}\n`), {
      baseUrl: "https://w.example.com",
      workspace: "team-1",
      token: TOKEN,
      slips: [],
    });
  });

  const slips: { it: string; url?: string; workspace?: string; token?: string | null; says: RegExp }[] = [
    { it: "no address", url: "", says: /^--base-url is missing/ },
    { it: "an address without scheme", url: "w.example.com", says: /^--base-url is not an http/ },
    { it: "another scheme", url: "ftp://w.example.com", says: /^--base-url is not an http/ },
    { it: "a password in the address", url: "https://me:pw@w.example.com", says: /^--base-url has a user name/ },
    {
      it: "the address of a page",
      url: "https://w.example.com/user/workspaces",
      says: /write https:\/\/w\.example\.com,/,
    },
    { it: "no workspace", workspace: "", says: /^--workspace is missing/ },
    { it: "a workspace's display name", workspace: "My team", says: /^--workspace is not a workspace id/ },
    { it: "no token", token: null, says: /^WM_TOKEN is not set/ },
    { it: "a token with a blank inside", token: "a b", says: /^WM_TOKEN has blanks/ },
  ];
  for (const { it: title, url = "https://w.example.com", workspace = "demo", token = TOKEN, says } of slips) {
    it(`refuses ${title}`, () => {
      const { slips: found } = target(url, workspace, token ?? undefined);
      assert.equal(found.length, 1);
      assert.match(found[0] ?? "", says);
    });
  }

  it("leads to the page with the form", () => {
    const page = scriptPage(
      { baseUrl: "https://w.example.com", workspace: "demo", token: TOKEN },
      "f/codex_pooler/connect",
    );
    assert.equal(page, "https://w.example.com/scripts/get/f/codex_pooler/connect?workspace=demo");
  });
});
