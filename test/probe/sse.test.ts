import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { parseEvents } from "../../src/probe/sse.ts";

/** Expectations come from the HTML standard, section 9.2.6 (interpreting an event stream). */

const data = (text: string) => parseEvents(text).map((event) => event.data);

describe("parseEvents", () => {
  it("joins data lines, drops one blank after the colon, and skips comments and unknown fields", () => {
    assert.deepEqual(data(": keepalive\n\ndata: a\n\n: keepalive\n\ndata:b\ndata:  c\nid: 1\nretry: 5\n\n"), [
      "a",
      "b\n c",
    ]);
  });

  it("takes every line end, a byte order mark, and a field without a colon", () => {
    assert.deepEqual(data("\uFEFFdata: a\r\n\r\ndata: b\r\rdata\n\n"), ["a", "b", ""]);
  });

  it("keeps an event's name", () => {
    assert.deepEqual(parseEvents("event: error\ndata: {}\n\ndata: x\n\n"), [
      { event: "error", data: "{}" },
      { event: "", data: "x" },
    ]);
  });

  it("does not count an event that was not finished", () => {
    assert.deepEqual(data("data: a\n\ndata: b\n"), ["a"]);
    assert.deepEqual(data("data: a\n\ndata: b"), ["a"]);
    assert.deepEqual(data(""), []);
    assert.deepEqual(data('{"id":"x","choices":[]}'), []);
  });

  it("gives back what was put into frames, wherever the comments are", () => {
    const value = fc.jsonValue().map((json) => JSON.stringify(json));
    fc.assert(
      fc.property(fc.array(value), fc.constantFrom("\n", "\r\n", "\r"), (values, end) => {
        const text = values.map((one) => `: keepalive${end}${end}data: ${one}${end}${end}`).join("");
        assert.deepEqual(data(text), values);
      }),
    );
  });
});
