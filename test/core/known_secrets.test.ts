import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { KnownSecrets } from "../../src/core/known_secrets.ts";
import { escapeHtml, excerpt } from "../../src/core/redact.ts";
import { Secret } from "../../src/core/secret.ts";

const ALNUM = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const HEX = "0123456789abcdef";
const of = (alphabet: string, minLength: number, maxLength = minLength) =>
  fc.string({ unit: fc.constantFrom(...alphabet), minLength, maxLength });

/** Keys of every form that gateways give out, and passwords. */
const secret = fc.oneof(
  fc.tuple(of(HEX, 12), of(`${ALNUM}_-`, 43)).map(([id, rest]) => `sk-cxp-${id}-${rest}`),
  of(ALNUM, 24).map((rest) => `vk_live_${rest}`),
  of(HEX, 32),
  of(`${ALNUM}_-`, 35).map((rest) => `AIza${rest}`),
  fc.tuple(of(ALNUM, 18), of(ALNUM, 40), of(`${ALNUM}_-`, 43)).map(([a, b, c]) => `eyJ${a}.eyJ${b}.${c}`),
  // Passwords: something of everything, with a letter and a digit in them.
  fc.tuple(of(`${ALNUM}!"#$%&'()*+,/:;<=>?@[\\]^{|}~`, 8, 30), of(HEX, 6)).map(([a, b]) => `x${a}7${b}z`),
);

/** Text around a secret that has nothing of it. */
const words = fc
  .array(
    fc.constantFrom(
      "key",
      "is not valid here",
      "{",
      '"error":',
      "Bearer",
      "for url",
      "\n",
      "<b>",
      "model gpt-5.5",
      "%20",
      "\\n",
      "&amp;",
    ),
    { maxLength: 8 },
  )
  .map((all) => all.join(" "));

const base64 = (text: string) => Buffer.from(text).toString("base64");
const percent = (text: string) =>
  [...Buffer.from(text)].map((byte) => `%${byte.toString(16).padStart(2, "0")}`).join("");

/** How the world repeats a secret. */
const EMBEDDINGS: Record<string, (secret: string) => string> = {
  raw: (text) => text,
  "in JSON": (text) => JSON.stringify({ key: text }),
  "in JSON in JSON": (text) => JSON.stringify({ body: JSON.stringify({ key: text }) }),
  "in JSON with everything escaped": (text) =>
    [...text].map((sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, "0")}`).join(""),
  "in an address": (text) => `https://gw.example.com/v1?key=${encodeURIComponent(text)}&x=1`,
  "as a form": (text) => new URLSearchParams({ key: text }).toString(),
  "in an address, wholly escaped": percent,
  "in an address in JSON": (text) => JSON.stringify({ url: encodeURI(text) }),
  "in HTML": (text) => `<td>${escapeHtml(text)}</td>`,
  "in JSON in HTML": (text) => escapeHtml(JSON.stringify({ key: text })),
  "in base64": base64,
  "in base64 after Bearer": (text) => base64(`Bearer ${text}`),
  "in base64 as a password": (text) => `Basic ${base64(`alice:${text}`)}`,
  "in base64 as a user": (text) => `Basic ${base64(`${text}:`)}`,
  "in base64 for addresses": (text) => Buffer.from(`u:${text}`).toString("base64url"),
  "in hex": (text) => Buffer.from(text).toString("hex"),
  "in capital hex": (text) => Buffer.from(text).toString("hex").toUpperCase(),
  "in small letters": (text) => text.toLowerCase(),
  "in capitals": (text) => text.toUpperCase(),
  "cut after 20 characters": (text) => text.slice(0, 20),
};

/** Characters that tell too much when they stand together. */
const FRAGMENT = 10;

/** The pieces of what must not be seen, in the forms in which a reader would know it: as much of each as holds that many characters. */
function piecesOf(text: string): string[] {
  const hidden = text.replace(/^sk-cxp-[0-9a-f]{12}-/, "");
  // Base64 at the two other places at which it can begin; the characters at the edges are also those of its neighbours.
  const shifted = ["x", "xx"].map((before) => base64(before + text).slice(4, -4));
  const forms: [string, number][] = [
    [hidden, FRAGMENT],
    ...[base64(text), ...shifted].map((form): [string, number] => [form, Math.ceil((FRAGMENT * 4) / 3)]),
    [Buffer.from(text).toString("hex"), FRAGMENT * 2],
    [percent(hidden), FRAGMENT * 3],
  ];
  return forms.flatMap(([form, length]) =>
    Array.from({ length: Math.max(1, form.length - length + 1) }, (_, at) => form.slice(at, at + length)),
  );
}

const assertHidden = (clean: string, text: string): void => {
  for (const piece of piecesOf(text)) assert.ok(!clean.includes(piece), `${piece} of ${text} in ${clean}`);
};

describe("what a run knows to be secret", () => {
  for (const [name, embed] of Object.entries(EMBEDDINGS)) {
    it(`leaves in no text ${name}`, () => {
      fc.assert(
        fc.property(secret, words, words, (text, before, after) => {
          // A part of a text that repeats one character, or has only digits, could stand anywhere.
          fc.pre(new Set(text).size >= 10 && /[a-z]/i.test(text.slice(0, 20)));
          const known = new KnownSecrets();
          known.learn(text);
          const clean = known.clean(`${before} ${embed(text)} ${after}`);
          assertHidden(clean, text);
          assert.ok(clean.startsWith(before) && clean.endsWith(after), `the text around it stays: ${clean}`);
        }),
        { numRuns: 150 },
      );
    });
  }

  it("is gone from values of every shape, names of fields included, and the rest of them stays", () => {
    fc.assert(
      fc.property(secret, fc.jsonValue(), (text, value) => {
        const known = new KnownSecrets();
        known.learn(text);
        const clean = known.clean({ value, list: [text, { [text]: 1 }], page: `<i>${text}</i>`, count: 3, none: null });
        assertHidden(JSON.stringify(clean), text);
        assert.deepEqual(clean.value, value);
        assert.deepEqual([clean.count, clean.none], [3, null]);
      }),
    );
  });

  it("leaves texts without secrets as they are", () => {
    fc.assert(
      fc.property(
        fc.array(secret, { maxLength: 4 }),
        fc.string({ unit: "binary", maxLength: 300 }),
        (secrets, text) => {
          const known = new KnownSecrets();
          for (const one of secrets) known.learn(one);
          assert.equal(known.clean(text), text);
        },
      ),
      { numRuns: 500 },
    );
  });

  it("shows no more of a shortened one than may be shown", () => {
    const cases: [secret: string, said: string, clean: string][] = [
      ["3f9a1c77be024d6583e0aa19c5d2f4b6", "key 3f9a...f4b6 is wrong", "key (secret) is wrong"],
      ["3f9a1c77be024d6583e0aa19c5d2f4b6", "key 3f9a1c**********************f4b6", "key (secret)"],
      ["vk_live_Ab3dE9xYz27Qw", "key vk_live_…27Qw.", "key (secret)."],
      ["vk_live_Ab3dE9xYz27Qw", "ends in ...z27Qw", "ends in ...(secret)"],
      ["Tr0ub4dor-and-3-more", "Tr0ub4[redacted]more", "(secret)"],
      [`sk-cxp-0123456789ab-${"Qz7Lm2Xv9R"}4Wn8`, "sk-cxp-0123456789ab...4Wn8", "sk-cxp-0123456789ab…"],
      [`sk-cxp-0123456789ab-${"Qz7Lm2Xv9R"}4Wn8`, "sk-cxp-0123456789ab… is shown", "sk-cxp-0123456789ab… is shown"],
      [`sk-cxp-0123456789ab-${"Qz7Lm2Xv9R"}4Wn8`, "and sk-cxp-0123456789ab too", "and sk-cxp-0123456789ab too"],
    ];
    for (const [text, said, expected] of cases) {
      const known = new KnownSecrets();
      known.learn(text);
      assert.equal(known.clean(said), expected);
      assert.equal(known.clean(expected), expected, "what is clean stays so");
    }
  });

  it("takes up each line of several, and of addresses only what is a credential", () => {
    const known = new KnownSecrets();
    known.learn(
      "https://hooks.example.com/hooks/TzX8kW3-qV5mB7-nC9sD\nhttps://me:Tr0ub4dor@chat.example.com/a?auth=9f8e7d6c5b4a",
    );
    const told = "hooks.example.com and chat.example.com said TzX8kW3-qV5mB7-nC9sD, Tr0ub4dor, 9f8e7d6c5b4a";
    assert.equal(known.clean(told), "hooks.example.com and chat.example.com said (secret), (secret), (secret)");
  });

  it("finds the credentials of a resource and of a run's arguments by their names", () => {
    const known = new KnownSecrets();
    known.learnFrom({
      base_url: "http://alice:hunter2pass@gw.example.com/v1",
      api_key: "plain-key-1",
      organization_id: "org-stays-1",
      headers: {
        "Ocp-Apim-Subscription-Key": "3f9a1c77be02",
        "Helicone-Auth": "Bearer hel1cone-key",
        "x-team": "team-7-of-9",
      },
    });
    const clean = known.clean("hunter2pass, plain-key-1, org-stays-1, 3f9a1c77be02, hel1cone-key, team-7-of-9");
    assert.equal(clean, "(secret), (secret), org-stays-1, (secret), (secret), team-7-of-9");
  });

  it("does not take ordinary words, paths and references for secrets, which would tear every text apart", () => {
    const known = new KnownSecrets();
    for (const text of [
      "healthy",
      "codex-pooler",
      "windmill",
      "u/admin/codex_pooler_windmill_codegen",
      "$var:u/a/b",
      "Features",
      "short1",
    ]) {
      known.learn(text);
      assert.equal(known.clean(`it says ${text} here`), `it says ${text} here`);
    }
  });

  it("is gone from errors: message, stack and what hangs on them", () => {
    const known = new KnownSecrets();
    known.learn("vk_live_Ab3dE9xYz27Qw");
    const cause = new Error("inner vk_live_Ab3dE9xYz27Qw");
    const error = Object.assign(new TypeError("bad vk_live_Ab3dE9xYz27Qw", { cause }), {
      request: { body: { value: "vk_live_Ab3dE9xYz27Qw" } },
    });
    const clean = known.cleanError(error);
    assert.ok(clean instanceof TypeError);
    assert.equal(clean.message, "bad (secret)");
    assert.doesNotMatch(`${clean.stack} ${(clean.cause as Error).stack} ${JSON.stringify(clean)}`, /Ab3dE9/);
    assert.equal(known.cleanError("thrown vk_live_Ab3dE9xYz27Qw").message, "thrown (secret)");
  });

  it("is taken out before a text is cut, so that no rest of it stands at the end", () => {
    const known = new KnownSecrets();
    known.learn("vk_live_Ab3dE9xYz27Qw");
    for (let before = 270; before < 300; before++) {
      const cut = excerpt(`${"-".repeat(before)}vk_live_Ab3dE9xYz27Qw${" tail".repeat(20)}`, {
        clean: (text) => known.clean(text),
      });
      assert.doesNotMatch(cut, /vk_l/);
    }
  });

  it("shows a secret that was put into a value by its prefix", () => {
    const known = new KnownSecrets();
    const one = new Secret("vk_live_Ab3dE9xYz27Qw");
    known.learn(one);
    assert.deepEqual(known.clean({ one }), { one: "(secret)" });
  });

  it("is quick with long texts of the worst kinds", () => {
    const known = new KnownSecrets();
    known.learn("vk_live_Ab3dE9xYz27Qw");
    for (const unit of ["\\", "%2", "%25", "&amp;", ".. ", "Qw...Qw", "vk_live_"]) {
      const text = unit.repeat(65_536 / unit.length);
      assert.ok(known.clean(text).length <= text.length);
    }
  });
});

describe("an error whose properties are locked", () => {
  it("leaves with its words only, and these are clean", () => {
    const secrets = new KnownSecrets();
    secrets.learn("vk_live_0123456789abcdefghij");
    const error = new TypeError("the key vk_live_0123456789abcdefghij is not valid");
    Object.defineProperty(error, "issues", { value: ["vk_live_0123456789abcdefghij"], configurable: false });
    const clean = secrets.cleanError(error);
    assert.equal(clean.name, "TypeError");
    assert.match(clean.message, /^the key .* is not valid$/);
    assert.doesNotMatch(`${clean.message}${clean.stack}${JSON.stringify(clean)}`, /0123456789abcdefghij/);
  });
});
