import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Finding, Layer, Probe, ProbeKind } from "../../src/core/shapes.ts";
import { whatPeopleGet } from "../../src/diagnose/people.ts";
import { TABLE } from "../../src/table/table.ts";

const probe = (kind: ProbeKind, ok: boolean, change: Partial<Probe> = {}): Probe => ({
  ...{ id: `server:${kind}`, kind, route: "server", model: "gpt-5.5", candidate: false, ok, status: ok ? 200 : 400 },
  ...{ ms: 1, code: null, excerpt: "" },
  ...change,
});

const finding = (code: string, layer: Layer, ...probes: string[]): Finding => ({
  ...{ code, layer, severity: "critical", owner: "gateway-operator", title: "", cause: "", remedy: [] },
  ...{ repairable: false, evidence: [], probes },
});

describe("what people get while it does not work", () => {
  const cases: { it: string; findings: Finding[]; probes: Probe[]; says: RegExp }[] = [
    {
      it: "a refused key refuses them",
      findings: [finding("key-refused", "key", "server:chat")],
      probes: [probe("chat", false)],
      says: /^People are refused\.$/,
    },
    {
      it: "settings that lead nowhere refuse nobody",
      findings: [finding("provider-missing", "workspace-settings")],
      probes: [],
      says: /AI settings do not lead to the gateway/,
    },
    {
      it: "a gateway that cannot be reached refuses nobody",
      findings: [finding("connection-refused", "connection", "server:chat")],
      probes: [probe("chat", false)],
      says: /get no answer: the gateway is not reached/,
    },
    {
      it: "a model that ignores its tools talks and does nothing",
      findings: [finding("tools-ignored", "protocol", "server:tools")],
      probes: [probe("chat", true), probe("tools", false)],
      says: /^The chat answers people with words, but cannot use tools/,
    },
    {
      it: "a gateway that refuses tools lets the chat fail, and nothing else",
      findings: [finding("parameter-refused", "protocol", "server:tools")],
      probes: [probe("chat", true), probe("tools", false)],
      says: /^Plain questions are answered, but people's chat fails/,
    },
    {
      it: "what fails over the worker route only says nothing of people",
      findings: [finding("key-refused", "key", "worker:tools")],
      probes: [probe("chat", true), probe("tools", false, { id: "worker:tools", route: "worker" })],
      says: /^People are refused\.$/,
    },
    {
      it: "another model's answers say nothing of the one that fails",
      findings: [finding("upstream", "upstream", "server:tools")],
      probes: [probe("chat", true, { model: "other" }), probe("tools", false)],
      says: /^People are refused\.$/,
    },
  ];
  for (const { it: title, findings, probes, says } of cases) {
    it(title, () => assert.match(whatPeopleGet(findings, probes), says));
  }

  it("has its words for codes that the table has", () => {
    const codes = TABLE.map(({ code }) => code);
    for (const code of ["tools-ignored", "tool-arguments-broken"]) assert.ok(codes.includes(code), code);
  });
});
