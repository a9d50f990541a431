import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { nearest } from "../../src/core/nearest.ts";
import { finding } from "../../src/diagnose/wording.ts";

const CONTEXT = { base_url: "https://gw.example.com/v1", default_model: "gpt-5.5" };

describe("a finding's words", () => {
  it("carry the gateway's request id, the host and the nearest served model", () => {
    const one = finding(
      "model-not-served",
      [{ route: "server", model: "gpt-6-lun", status: 400, text: "model is not available", request_id: "req_1" }],
      { ...CONTEXT, served: ["zeta", "gpt-5.5", "gpt-6-luna"] },
    );
    assert.equal(one.evidence[0]?.request_id, "req_1");
    assert.ok(
      one.remedy.some((step) => step.includes("by gpt-6-luna,")),
      one.remedy.join("\n"),
    );
    assert.match(finding("connection-refused", [{ route: "worker" }], CONTEXT).title, /gw\.example\.com/);
  });

  it("put nothing into a command to copy that a shell would read", () => {
    const one = finding("connection-refused", [], { base_url: "https://gw.example.com/v1/';rm -rf $(x)`y`" });
    const command = one.remedy.find((step) => step.includes("curl")) ?? "";
    const address = command.slice(command.lastIndexOf("'https"));
    assert.doesNotMatch(address, /[$`;()]|rm -rf/);
  });

  it("hold no key, no control character and no more than a short text of what a gateway sends", () => {
    const key = `sk-cxp-0123456789ab-${"A".repeat(43)}`;
    const nasty = `\u001b[31m${key}\u202e<script>alert(1)</script>\r\n# h ${"x".repeat(1_000_000)}`;
    const one = finding("unrecognised", [{ model: nasty, text: nasty, request_id: nasty, location: nasty }], {
      base_url: nasty,
      resource_path: nasty,
      key_prefix: nasty,
      served: [nasty],
      default_model: nasty,
    });
    const json = JSON.stringify(one);
    assert.ok(!json.includes("A".repeat(10)), "the key's secret part");
    assert.ok(json.length < 10_000);
    assert.doesNotMatch(json, /\\u001b|\u202e|\\r|\\n#/);
  });
});

describe("the nearest served model", () => {
  it("is of the same family first, then the one with the fewest edits, then the gateway's first", () => {
    assert.deepEqual(nearest("gpt-5.5", ["other-5.5", "gpt-6", "gpt-5.4"]), ["gpt-5.4", "gpt-6", "other-5.5"]);
    assert.deepEqual(nearest("GPT-6-Luna", ["gpt-6-terra", "gpt-6-luna"])[0], "gpt-6-luna");
    assert.deepEqual(nearest("", ["b", "a"]), ["b", "a"]);
  });
});
