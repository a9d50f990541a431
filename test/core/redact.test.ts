import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { inspect } from "node:util";
import fc from "fast-check";
import { KnownSecrets } from "../../src/core/known_secrets.ts";
import {
  EXCERPT_LIMIT,
  escapeHtml,
  excerpt,
  looksLikeCredential,
  redact,
  redactLines,
  TEXT_LIMIT,
} from "../../src/core/redact.ts";
import { Secret } from "../../src/core/secret.ts";

const HEX = "0123456789abcdef";
const BASE64URL = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";
const text = (alphabet: string, length: number) =>
  fc.string({ unit: fc.constantFrom(...alphabet), minLength: length, maxLength: length });

/** The parts of a credential that must not survive, and the whole. */
const poolKey = fc
  .tuple(text(HEX, 12), text(BASE64URL, 43))
  .map(([id, secret]) => ({ whole: `sk-cxp-${id}-${secret}`, secret }));
const mcpToken = fc
  .tuple(text(HEX, 12), text(BASE64URL, 43))
  .map(([id, secret]) => ({ whole: `mcp-cxp-${id}-${secret}`, secret }));
const providerKey = text(BASE64URL.slice(0, 62), 40).map((secret) => ({ whole: `sk-proj-${secret}`, secret }));
const jwt = fc.tuple(text(BASE64URL, 30), text(BASE64URL, 60), text(BASE64URL, 43)).map(([head, body, secret]) => ({
  whole: `eyJ${head}.eyJ${body}.${secret}`,
  secret,
}));
const windmillToken = text(BASE64URL, 60).map((secret) => ({ whole: `jwt_${secret}`, secret }));
const bearer = text(BASE64URL.slice(0, 62), 32).map((secret) => ({ whole: `Bearer ${secret}`, secret }));
const userInfo = text(BASE64URL.slice(0, 62), 20).map((secret) => ({
  whole: `https://user:${secret}@gw.example.com/v1`,
  secret,
}));
const credential = fc.oneof(poolKey, mcpToken, providerKey, jwt, windmillToken, bearer, userInfo);

/** Takes out what is known. */
function cleanerOf(secret: string): (text: string) => string {
  const known = new KnownSecrets();
  known.learn(secret);
  return (one) => known.clean(one);
}

/** Text around a credential; its last character must not run into it. */
const around = fc.oneof(
  fc.string({ maxLength: 200 }),
  fc.constantFrom('{"error":{"message":"', "authorization: ", "\u001b[31m", "<b>", "key="),
);
const separated = (before: string, whole: string, after: string): string => `${before} ${whole} ${after}`;

describe("redact", () => {
  it("leaves no planted credential, whatever stands around it", () => {
    fc.assert(
      fc.property(around, credential, around, (before, { whole, secret }, after) => {
        const clean = redact(separated(before, whole, after));
        assert.ok(!clean.includes(secret), clean);
      }),
      { numRuns: 500 },
    );
  });

  it("leaves none at the ragged end of a text that is cut, and none that is known but has no form", () => {
    fc.assert(
      fc.property(fc.integer({ min: 60_000, max: 66_000 }), text("abcdefghijklmnop", 24), (blanks, secret) => {
        const clean = redact(`${" ".repeat(blanks)}${secret}${" tail".repeat(20_000)}`, { clean: cleanerOf(secret) });
        assert.ok(!clean.includes(secret.slice(0, 12)), clean);
      }),
      { numRuns: 200 },
    );
  });

  it("recognises a known secret in JSON and in a URL too", () => {
    const secret = 'pass"word/with+signs';
    for (const form of [secret, JSON.stringify({ k: secret }), `https://x/?q=${encodeURIComponent(secret)}`]) {
      assert.doesNotMatch(redact(form, { clean: cleanerOf(secret) }), /word|signs/);
    }
  });

  it("keeps the 19 characters by which the gateway's operator finds a key", () => {
    const key = `sk-cxp-0123456789ab-${"x".repeat(43)}`;
    for (const around of [key, `Bearer ${key}`, `{"api_key":"${key}"}`, `key ${key} is not valid`]) {
      assert.ok(redact(around).includes("sk-cxp-0123456789ab…"), redact(around));
    }
    assert.equal(redact("prefix sk-cxp-0123456789ab is shown"), "prefix sk-cxp-0123456789ab is shown");
  });

  it("takes out a key whose characters are escaped or interleaved with invisible ones", () => {
    const key = `sk-cxp-0123456789ab-${"y".repeat(43)}`;
    assert.doesNotMatch(redact(`\\u0073${key.slice(1)}`), /yyyy/);
    assert.doesNotMatch(redact([...key].join("\u200b")), /yyyy/);
  });

  it("leaves ordinary words alone", () => {
    for (const words of [
      "Bearer token is required",
      "MCP bearer token is required",
      "Basic authentication failed",
      "task-management-software",
      "Invalid API key: expired",
      '"api_key":"$var:u/admin/pooler"',
      "risk-averse-model-name",
    ]) {
      assert.equal(redact(words), words);
      assert.equal(looksLikeCredential(words), false, words);
    }
  });

  it("gives one line without controls, text direction overrides and lone surrogates", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 300 }), (any) => {
        const clean = redact(any);
        assert.doesNotMatch(clean, /[\p{Cc}\p{Cf}\u2028\u2029]/u);
        assert.doesNotMatch(clean, /\p{Cs}/u, "no lone surrogate");
        assert.doesNotMatch(clean, / {2}/);
      }),
      { numRuns: 500 },
    );
    assert.equal(redact("a\u001b[31mred\u001b[0m\u202Eb\r\nc\td"), "aredb c d");
  });

  it("cuts to its limit, between characters", () => {
    assert.equal(excerpt("x".repeat(5_000)).length, EXCERPT_LIMIT);
    assert.ok(redact("😀".repeat(5_000)).length <= TEXT_LIMIT);
    assert.doesNotMatch(redact("😀".repeat(5_000)), /\p{Cs}/u);
    assert.equal(excerpt("short"), "short");
  });

  it("is done with 10 MB of the worst texts at once", () => {
    for (const unit of [
      "a",
      " ",
      "eyJ",
      "sk-",
      "http://",
      "authorization: ",
      "bearer ",
      "\u001b]",
      "?key=",
      "jwt_",
      "://@",
    ]) {
      const clean = redact(unit.repeat(Math.ceil(10_000_000 / unit.length)));
      assert.ok(clean.length <= TEXT_LIMIT);
    }
  });
});

describe("escaping", () => {
  it("leaves no markup in HTML", () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(..."<>&\"'a/=") }), (any) => {
        const escaped = escapeHtml(any);
        assert.doesNotMatch(escaped, /[<>"']/);
        assert.doesNotMatch(escaped, /&(?!(?:amp|lt|gt|quot|#39);)/);
      }),
    );
  });
});

describe("Secret", () => {
  it("shows its safe prefix wherever it is printed, and gives its trimmed value to the one who unwraps it", () => {
    const key = `sk-cxp-0123456789ab-${"z".repeat(43)}`;
    const secret = new Secret(` ${key}\n`);
    assert.equal(secret.unwrap(), key);
    for (const shown of [
      `${secret}`,
      JSON.stringify({ secret }),
      inspect(secret),
      inspect({ deep: { secret } }),
      String(secret),
    ]) {
      assert.ok(shown.includes("sk-cxp-0123456789ab…") && !shown.includes("zzz"), shown);
    }
    assert.equal(new Secret("hunter2-and-more").prefix, "(secret)");
    assert.deepEqual(Object.keys(secret), []);
    assert.throws(() => structuredClone({ secret }).secret.unwrap(), TypeError);
  });
});

describe("a text of several lines", () => {
  it("keeps its lines, without what cannot be seen in them", () => {
    assert.equal(redactLines("one\r\n  two\u202e\tthree\n\nfour"), "one\ntwo three\n\nfour");
  });

  for (const secret of [
    "password:\n  hunter2hunter2",
    `a\nsk-cxp-0123456789ab-${"k".repeat(43)}\nb`,
    "Authorization:\nBearer abcdefgh12345678",
  ]) {
    it(`loses a credential, also one that a line break stands in front of: ${JSON.stringify(secret.slice(0, 14))}`, () => {
      assert.doesNotMatch(redactLines(secret), /hunter2|kkkkkkkk|abcdefgh/);
    });
  }
});
