import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { describe, it } from "node:test";
import fc from "fast-check";
import { columnsOf, typical } from "../../f/codex_pooler/dashboard__raw_app/lib/chart.ts";
import { originOf } from "../../f/codex_pooler/dashboard__raw_app/lib/links.ts";
import { isToCopy, prose, readStep } from "../../f/codex_pooler/dashboard__raw_app/lib/remedy.ts";
import { ago, answerTime, duration, until } from "../../f/codex_pooler/dashboard__raw_app/lib/time.ts";
import { heldFor, inRange, placeOn, stackOf } from "../../f/codex_pooler/dashboard__raw_app/lib/timeline.ts";
import { trendPath, trendWords } from "../../f/codex_pooler/dashboard__raw_app/lib/trend.ts";
import { cacheWords, headline, scheduleWords, staleness } from "../../f/codex_pooler/dashboard__raw_app/lib/view.ts";
import { DASHBOARD_VERSION } from "../../src/dashboard/data.ts";
import { ROOT } from "../../tools/shared/programs.ts";

const NOW = Date.parse("2026-11-25T12:00:00Z");
const MINUTE = 60_000;
const iso = (minutes: number): string => new Date(NOW + minutes * MINUTE).toISOString();
const APP = "f/codex_pooler/dashboard__raw_app";
const read = (file: string): string => readFileSync(join(ROOT, file), "utf8");

describe("times on the page", () => {
  const LENGTHS: [seconds: number, words: string][] = [
    [0, "0 s"],
    [59, "59 s"],
    [90, "2 min"],
    [3600, "1 h"],
    [3 * 3600 + 20 * 60, "3 h 20 min"],
    [26 * 3600, "1 d 2 h"],
    [365 * 86_400, "365 d"],
    [-5, "0 s"],
  ];
  for (const [seconds, words] of LENGTHS)
    it(`say ${words} for ${seconds} s`, () => assert.equal(duration(seconds), words));

  it("are said from now, and not at all when they are none", () => {
    assert.equal(ago(iso(-12), NOW), "12 min ago");
    assert.equal(ago(iso(0), NOW), "just now");
    assert.equal(ago("soon", NOW), "at an unknown time");
    assert.equal(until(iso(4), NOW), "in 4 min");
    assert.equal(until(iso(-1), NOW), "any moment");
    assert.deepEqual([answerTime(843.4), answerTime(2400)], ["843 ms", "2.4 s"]);
  });
});

describe("whether somebody still watches", () => {
  const ON = { cron: "0 */5 * * * *", timezone: "Etc/UTC", enabled: true, error: "", next: iso(4) };
  type Data = Parameters<typeof staleness>[0];
  const checked = (minutes: number) => ({ checked_at: iso(minutes) }) as Data["health"];
  const every = (minutes: number | null, failed = 0): Data["watch"] => ({
    interval_s: minutes && minutes * 60,
    failed: failed > 0 ? { count: failed, at: iso(-1), job: "x" } : null,
  });
  const CASES: { it: string; schedule: Data["schedule"]; last: number; watch?: Data["watch"]; says: RegExp | null }[] =
    [
      { it: "the next run is to come", schedule: ON, last: -4, says: null },
      { it: "a run is some minutes late", schedule: { ...ON, next: iso(-4) }, last: -9, says: null },
      {
        it: "a run is long overdue",
        schedule: { ...ON, next: iso(-20) },
        last: -25,
        says: /due 20 min ago has not run/,
      },
      { it: "the schedule was just switched off", schedule: { ...ON, enabled: false }, last: -4, says: null },
      { it: "the schedule is off", schedule: { ...ON, enabled: false }, last: -180, says: /^the schedule is off$/ },
      { it: "Windmill gave up", schedule: { ...ON, error: "gone" }, last: -1, says: /switched the schedule off: gone/ },
      { it: "there is no schedule", schedule: null, last: -180, says: /no schedule/ },
      { it: "somebody has just checked by hand", schedule: null, last: -2, says: null },
      { it: "two checks were missed", schedule: ON, last: -14, says: null },
      {
        it: "runs fail, though the next one is queued",
        schedule: ON,
        last: -16,
        watch: every(5, 3),
        says: /^the last 3 runs failed$/,
      },
      { it: "one run failed", schedule: ON, last: -16, watch: every(5, 1), says: /^the run since then failed$/ },
      { it: "nothing is remembered any more", schedule: ON, last: -16, says: /^no later check was remembered$/ },
      { it: "checks are hourly", schedule: ON, last: -110, watch: every(60), says: null },
      { it: "hourly checks fail", schedule: ON, last: -126, watch: every(60, 2), says: /the last 2 runs failed/ },
      { it: "nobody knows how often", schedule: ON, last: -66, watch: every(null), says: /no later check/ },
    ];
  for (const { it: title, schedule, last, watch = every(5), says } of CASES) {
    it(`is told when ${title}`, () => {
      const words = staleness({ health: checked(last), schedule, watch }, NOW);
      if (says === null) assert.equal(words, null);
      else assert.match(words ?? "", says);
    });
  }

  it("decides how the headline is shown: in colour and as it is, or as what was, without colour", () => {
    for (const tone of ["good", "warn", "bad", "none"] as const) {
      for (const last of [-4, -16]) {
        const data = {
          health: {
            ...{ checked_at: iso(last), incident: null, measured: "down" },
            headline: { tone, title: "It is so", was: "It was so", says: [`Since {${iso(-30)}}, not {${iso(-40)}}.`] },
          },
          ...{ schedule: ON, watch: every(5, 2), findings: [] },
        } as unknown as Parameters<typeof headline>[0];
        const shown = headline(data, NOW);
        const stale = last === -16;
        assert.equal(shown.tone, stale ? "none" : tone);
        assert.equal(shown.title, stale ? "It was so 16 min ago" : "It is so");
        assert.equal(shown.stale !== "", stale);
        assert.equal(shown.failed, stale ? "x" : null);
        assert.match(shown.says[0] ?? "", /^Since .+ \(30 min\), not [^()]+\.$/);
      }
    }
  });

  it("schedules and caches are said in words", () => {
    assert.equal(scheduleWords(ON), "Every 5 minutes");
    assert.equal(scheduleWords({ ...ON, cron: "0 17 * * * *" }), "Every hour");
    assert.equal(scheduleWords({ ...ON, cron: "0 0 3 * * 1" }), "0 0 3 * * 1 (Etc/UTC)");
    assert.match(cacheWords(iso(-0.5), NOW), /may use the old one for another 30 s/);
    assert.match(cacheWords(iso(-90), NOW), /^up to date/);
  });
});

describe("remedies on the page", () => {
  it("are told apart into prose, code and lines to copy", () => {
    const step = readStep("Set A_SETTING=true, then run `docker compose up -d`.\n\nservices:\n  a: b\n");
    assert.deepEqual(step.pieces, [
      { kind: "text", text: "Set " },
      { kind: "code", text: "A_SETTING=true" },
      { kind: "text", text: ", then run " },
      { kind: "code", text: "docker compose up -d" },
      { kind: "text", text: "." },
    ]);
    assert.equal(step.block, "services:\n  a: b");
    assert.deepEqual(["A_SETTING=true", "docker compose up -d", "windmill_server"].map(isToCopy), [true, true, false]);
  });

  it("lose nothing but backticks", () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const said = prose(text)
          .map((piece) => piece.text)
          .join("");
        assert.equal(said.replaceAll("`", ""), text.replaceAll("`", ""));
      }),
    );
  });
});

describe("lines on the page", () => {
  const WELL = [100, 0, 0, 0];
  const LINE = { from: iso(-60), cell_s: 600, parts: [WELL, WELL, [50, 0, 20, 0], [0, 0, 100, 0], WELL, WELL] };

  it("place an incident where it was, visible however short, and never outside", () => {
    assert.deepEqual(placeOn({ start: iso(-30), end: iso(-15) }, LINE, NOW), { left: 50, width: 25 });
    fc.assert(
      fc.property(fc.integer({ min: -500, max: 500 }), fc.option(fc.integer({ min: -500, max: 500 })), (from, to) => {
        const { left, width } = placeOn({ start: iso(from), end: to === null ? null : iso(to) }, LINE, NOW);
        assert.ok(left >= 0 && width >= 1.5 && left + width <= 100.000_001, `${left} ${width}`);
      }),
    );
    assert.equal(inRange({ start: iso(-90), end: iso(-61) }, LINE, NOW), false);
    assert.equal(inRange({ start: iso(-90), end: null }, LINE, NOW), true);
  });

  it("say for how long it was so, until now", () => {
    const { parts, silent } = heldFor(LINE, NOW - 5 * MINUTE);
    assert.deepEqual([parts, silent].flat().map(Math.round), [2400, 0, 720, 0, 180]);
  });

  it("stack what held in a cell: visible however short, and never beyond it", () => {
    assert.deepEqual(stackOf([90, 0, 10, 0]), [
      { place: 0, top: 10, height: 90 },
      { place: 2, top: 0, height: 10 },
    ]);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 100 }), { minLength: 4, maxLength: 4 }), (parts) => {
        for (const { top, height } of stackOf(parts))
          assert.ok(top >= -1e-9 && height > 0 && top + height <= 100 + 1e-9);
        assert.equal(stackOf(parts).length, parts.filter((share) => share > 0).length);
      }),
    );
  });

  it("show a trend only when there is one", () => {
    assert.equal(trendPath([null, 5, null], 80, 20), "");
    assert.match(trendPath([1, null, 2], 80, 20), /^M0\.0 \d+\.\dL80\.0 \d/);
    assert.deepEqual(
      [trendWords([1, 1, 3, 3]), trendWords([3, 3, 1, 1]), trendWords([2, 2, 2, 2])],
      ["slower", "faster", "steady"],
    );
  });

  it("give the chart a time for each cell, and a typical value for those who do not see it", () => {
    const models = [{ model: "a", p50: [1, null, 3], p95: [4, 5, 6] }];
    const series = { from: iso(0), cell_s: 3600, models };
    assert.deepEqual(columnsOf(series, "p50"), [
      [NOW / 1000, NOW / 1000 + 3600, NOW / 1000 + 7200],
      [1, null, 3],
    ]);
    assert.deepEqual([typical([3, null, 1, 2]), typical([null])], [2, null]);
  });

  it("lead to Windmill as the browser knows it, else as the worker does, and nowhere else", () => {
    assert.equal(originOf("http://inside:8000", "https://windmill.example.com"), "https://windmill.example.com");
    assert.equal(originOf("http://inside:8000/", "null"), "http://inside:8000");
    assert.equal(originOf("javascript:alert(1)", "null"), "");
  });
});

describe("the app's files", () => {
  const manifest = JSON.parse(read(`${APP}/package.json`));
  const own = JSON.parse(read("package.json"));

  it("pin exact versions, the ones that its types are checked with", () => {
    for (const [name, version] of Object.entries(manifest.dependencies)) {
      assert.match(String(version), /^\d+\.\d+\.\d+$/, name);
      assert.equal(own.devDependencies[name], version, name);
      assert.equal(
        JSON.parse(read(`${APP}/package-lock.json`)).packages[`node_modules/${name}`].version,
        version,
        name,
      );
    }
    assert.equal(/"resolved"|registry/.test(read(`${APP}/package-lock.json`)), false);
  });

  it("never write markup out of texts, and know the version of the data", async () => {
    const entries = await readdir(join(ROOT, APP), { recursive: true });
    const sources = entries.filter((file) => /\.(svelte|ts)$/.test(file) && !file.includes("node_modules"));
    assert.ok(sources.length > 20);
    for (const file of sources) {
      assert.doesNotMatch(
        read(`${APP}/${file}`),
        /\{@html|innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(/,
        file,
      );
    }
    assert.match(read(`${APP}/lib/backend.ts`), new RegExp(`^const VERSION = ${DASHBOARD_VERSION};$`, "m"));
  });
});
