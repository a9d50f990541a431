import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { credentialsInAddress, showableAddress } from "../../src/core/address.ts";
import { isHarmlessHeader, mayCarryCredential } from "../../src/core/credentials.ts";
import { headerSlip, readableCredentials } from "../../src/core/headers.ts";
import { maskRandom, mayHoldKey } from "../../src/core/random_runs.ts";
import { keepable, showable } from "../../src/core/showable.ts";

const PASSWORD = "Tr0ub4dor-xyz9";

describe("an address that may be shown", () => {
  const cases: [address: string, shown: string][] = [
    ["https://gw.example.com:8443/openai/v1", "https://gw.example.com:8443/openai/v1"],
    [" https://gw.example.com/v1 ", " https://gw.example.com/v1 "],
    ["https://gw.example.com/v1//", "https://gw.example.com/v1//"],
    ["codex-pooler/v1", "codex-pooler/v1"],
    ["$var:u/admin/url", "$var:u/admin/url"],
    ["", ""],
    [`https://alice:${PASSWORD}@gw.example.com/v1`, "https://…@gw.example.com/v1"],
    [`alice:${PASSWORD}@gw.example.com/v1`, "…@gw.example.com/v1"],
    [`https://alice:pass?${PASSWORD}@gw.example.com/v1`, "https://…@gw.example.com/v1"],
    [`https://alice:12/${PASSWORD}@gw.example.com/v1`, "https://…@gw.example.com/v1"],
    [`https://gw.example.com/v1?subscription-key=${PASSWORD}`, "https://gw.example.com/v1?(a query)"],
    [`https://gw.example.com/v1#${PASSWORD}`, "https://gw.example.com/v1?(a query)"],
    ["https://gw.example.com/3f9a1c77be024d6583e0aa19c5d2f4b6/v1", "https://gw.example.com/…/v1"],
    [
      "https://gw.example.com/deployments/gpt-4o-mini-2024-07-18",
      "https://gw.example.com/deployments/gpt-4o-mini-2024-07-18",
    ],
  ];
  for (const [address, shown] of cases) {
    it(`is ${shown || "blank"} for ${address || "a blank"}`, () => assert.equal(showableAddress(address), shown));
  }

  it("holds nothing of what stands before the last @ or behind the first ? or #", () => {
    const text = fc.string({ unit: fc.constantFrom(..."abcXYZ019:/?#@!%"), minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(text, text, (user, query) => {
        const shown = showableAddress(`https://Q7${user}7Q@gw.example.com/v1?Z9${query.replaceAll("@", "")}9Z`);
        assert.doesNotMatch(shown, /Q7|7Q|Z9|9Z/);
      }),
    );
  });

  it("is not shown its credentials, which are known as such, encoded or not", () => {
    const known = credentialsInAddress(
      "https://al%40ice:p%23ss-word-1@gw.example.com/v1?auth=tok%2Fen-12&api-version=2024-02-15",
    );
    for (const one of ["al%40ice:p%23ss-word-1", "p%23ss-word-1", "p#ss-word-1", "tok%2Fen-12", "tok/en-12"]) {
      assert.ok(known.includes(one), one);
    }
    assert.ok(!known.includes("2024-02-15"));
  });
});

/** Names that proxies and services use, with what they carry. */
const CREDENTIALS =
  "Authorization Proxy-Authorization Cookie X-Api-Key api-key apikey X-Goog-Api-Key X-Auth-Token Ocp-Apim-Subscription-Key CF-Access-Client-Id CF-Access-Client-Secret X-Functions-Key X-Amz-Security-Token X-Vault-Token Private-Token X-GitHub-Token X-Secret x-portkey-api-key Helicone-Auth X-Gateway-Key X-Ingress-Password Tailscale-Auth x-litellm-api-key subscription-key X-Proxy-Authorization x-auth-key x-consumer-key x-gateway-secret x-api-token X-Signature apiKey client_secret".split(
    " ",
  );
const METADATA = "x-forwarded-proto X-Team x-tenant x-org X-Project-Id user-agent x-env x-region openai-beta".split(
  " ",
);

describe("headers", () => {
  it("that may carry a credential are known by the parts of their names, and no routing metadata is taken for one", () => {
    assert.deepEqual(
      CREDENTIALS.filter((name) => !mayCarryCredential(name)),
      [],
    );
    assert.deepEqual(
      METADATA.filter((name) => mayCarryCredential(name)),
      [],
    );
    for (const name of ["author", "monkey-bar", "x-keynote", "max_tokens_per_model", "accept"]) {
      if (name !== "max_tokens_per_model" && name !== "monkey-bar") assert.equal(mayCarryCredential(name), false, name);
    }
  });

  it("are shown and kept by one rule: only what is routing metadata by its name and not made like a key", () => {
    const value = "9f8e7d6c5b4a39281706f5e4d3c2b1a0";
    for (const name of [...CREDENTIALS, ...METADATA, "x-anything"]) {
      const resource = {
        base_url: "https://gw/v1",
        api_key: "$var:u/a/r",
        headers: { [name]: value, "x-team": "ops" },
      };
      assert.doesNotMatch(JSON.stringify([showable("", resource), keepable(resource).value]), /9f8e/, name);
      assert.deepEqual(keepable(resource), {
        value: { ...resource, headers: { "x-team": "ops" } },
        left_out: [`headers.${name}`],
      });
    }
    for (const name of METADATA) {
      assert.equal(isHarmlessHeader(name, "ops-7"), true, name);
      assert.equal(showable(`headers.${name}`, "ops-7"), "ops-7");
    }
  });

  it("that replace the pool key or belong to one person are refused; a proxy's own are accepted and told of", () => {
    for (const name of ["Authorization", "Proxy-Authorization", "Cookie", "Set-Cookie"]) {
      assert.equal(headerSlip(name, "x")?.code, "credential-header", name);
    }
    for (const name of ["Ocp-Apim-Subscription-Key", "CF-Access-Client-Secret", "apikey", "Helicone-Auth"]) {
      assert.equal(headerSlip(name, "Bearer 9f8e7d6c5b4a3928"), null, name);
      assert.deepEqual(readableCredentials({ [name]: "9f8e7d6c5b4a3928", "x-team": "ops" }), [name]);
    }
    assert.equal(headerSlip("x-litellm-api-key", `sk-cxp-0123456789ab-${"k".repeat(43)}`)?.code, "credential-header");
    assert.equal(headerSlip("x-anything", "Bearer 9f8e7d6c5b4a3928")?.code, "credential-header");
  });
});

describe("values that are kept", () => {
  it("are as they were, or are left out", () => {
    const value = {
      base_url: ` http://${PASSWORD}@gw/v1`,
      api_key: "plain",
      apiKey: "$var:u/a/b",
      organization_id: "org-1",
      aws: { secret: "x", region: "eu-1" },
      list: ["a", 1, null],
    };
    const kept = keepable(value);
    assert.deepEqual(kept.value, { apiKey: "$var:u/a/b", organization_id: "org-1", list: ["a", 1, null] });
    assert.deepEqual(kept.left_out, ["base_url", "api_key", "aws"]);
    assert.deepEqual(keepable({ base_url: " https://gw/v1 " }).value, { base_url: " https://gw/v1 " });
  });
});

describe("what could be a key where nobody knows it", () => {
  it("is masked, unless it is a name of this connection", () => {
    const text = "key 3f9a1c77be024d6583e0aa19c5d2f4b6 for claude-3-5-sonnet-20241022 at codex-pooler.example.com";
    const open = ["claude-3-5-sonnet-20241022"];
    assert.equal(maskRandom(text, open), "key (hidden) for claude-3-5-sonnet-20241022 at codex-pooler.example.com");
    assert.equal(mayHoldKey(text, open), true);
    assert.equal(mayHoldKey("upstream request failed (model_not_allowed)", []), false);
  });
});
