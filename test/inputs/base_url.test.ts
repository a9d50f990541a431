import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { isSamePlace } from "../../src/inputs/base_url.ts";

const scheme = fc.constantFrom("http", "https");
const host = fc.constantFrom("gw.example.com", "other.example.com", "gw");
const port = fc.constantFrom("", ":80", ":443", ":8080", ":9443");
const path = fc.constantFrom("/v1", "/v1/models", "/v1/", "");
const address = fc.record({ scheme, host, port, path });
const text = (one: { scheme: string; host: string; port: string; path: string }): string =>
  `${one.scheme}://${one.host}${one.port}${one.path}`;
/** The port that counts, the scheme's own one when none is named. */
const portOf = (one: { scheme: string; port: string }): string =>
  one.port === "" ? (one.scheme === "https" ? ":443" : ":80") : one.port;

describe("the places that a key may be sent to without asking", () => {
  it("are the same host, port and scheme, whatever the path", () => {
    fc.assert(
      fc.property(address, address, (a, b) => {
        const same = a.scheme === b.scheme && a.host === b.host && portOf(a) === portOf(b);
        if (same) assert.ok(isSamePlace(text(a), text(b)));
      }),
    );
  });

  it("are never another host, never http after https, and never another port but that of TLS", () => {
    fc.assert(
      fc.property(address, address, (a, b) => {
        if (!isSamePlace(text(a), text(b))) return;
        assert.equal(a.host, b.host);
        assert.ok(!(a.scheme === "https" && b.scheme === "http"));
        const upgraded = a.scheme === "http" && b.scheme === "https";
        if (!upgraded) assert.equal(portOf(a), portOf(b));
        else if (portOf(a) !== portOf(b)) assert.deepEqual([portOf(a), portOf(b)], [":80", ":443"]);
      }),
    );
  });

  it("are none for what is no address", () => {
    for (const broken of ["", "gw.example.com/v1", "$var:u/a/b"]) {
      assert.equal(isSamePlace(broken, "https://gw.example.com/v1"), false);
      assert.equal(isSamePlace("https://gw.example.com/v1", broken), false);
    }
  });
});
