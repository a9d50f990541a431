import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { afterTelling, dueNews } from "../../src/health/news.ts";
import { afterPaging, informedPagers, type Paged, pagersDue, tidyPagers } from "../../src/health/pagers.ts";
import { acknowledge, planMaintenance } from "../../src/health/silence.ts";
import type { HealthState } from "../../src/health/state.ts";
import { takeTick } from "../../src/health/tick.ts";
import { rolled } from "../../src/health/windows.ts";
import type { News } from "../../src/tell/news.ts";
import { DEFAULTS, every, iso, MINUTE, START, type Trouble, tick } from "./health_fixture.ts";

/** A service that keeps incidents: each has been opened so often, and is in a state. */
class Service {
  readonly incidents = new Map<string, { opened: number; state: "open" | "acknowledged" | "over" }>();
  /** What becomes of each message: taken; taken, but the answer is lost; lost. */
  hear({ kind, incident }: Pick<News, "kind" | "incident">): void {
    const one = this.incidents.get(incident);
    const isOpen = one !== undefined && one.state !== "over";
    if (kind === "recovery") {
      if (isOpen) one.state = "over";
    } else if (kind === "acknowledgement") {
      if (isOpen) one.state = "acknowledged";
    } else if (!isOpen) this.incidents.set(incident, { opened: (one?.opened ?? 0) + 1, state: "open" });
  }
}

type Fate = "taken" | "unanswered" | "lost";

interface Course {
  troubles: (at: number) => readonly Trouble[];
  /** What becomes of messages to the pager at a time. */
  fate?: (at: number) => Fate;
  /** Whether the run ends before it notes what became of them. */
  dies?: (at: number) => boolean;
  does?: (at: number, state: HealthState) => HealthState;
  repeats?: boolean;
  days?: number;
}

/** Lives as the steps remember and notify do, with one pager and nobody else. */
function live({ troubles, fate = () => "taken", dies = () => false, does, repeats = false, days = 1 }: Course) {
  const service = new Service();
  const heard: string[] = [];
  let state: HealthState | null = null;
  for (const at of every(5, days)) {
    if (state !== null) state = does?.(at, state) ?? state;
    state = tidyPagers(rolled(takeTick(state, tick(at, troubles(at)), DEFAULTS), iso(at)), iso(at));
    const [news] = dueNews(state, iso(at), DEFAULTS.remind_every);
    const pages = pagersDue(state, iso(at));
    const informed: string[] = news?.kind === "reminder" ? informedPagers(state, news.incident) : [];
    const tell = (one: News): boolean => {
      const how = fate(at);
      if (how !== "lost") {
        service.hear(one);
        heard.push(`${one.kind} ${(at - START) / MINUTE}`);
      }
      return how === "taken";
    };
    const paged = (taken: boolean): Paged[] => [{ target: "pager", repeats, taken }];
    if (news) {
      const skipped = informed.length > 0;
      if (!skipped) state = afterPaging(state, news, paged(false), iso(at));
      const taken = skipped || tell(news);
      if (dies(at)) continue;
      if (!skipped) state = afterPaging(state, news, paged(taken), iso(at));
      state = afterTelling(state, news, taken ? "taken" : "maybe", iso(at));
    }
    for (const one of pages.filter(({ incident }) => incident !== news?.incident)) {
      const taken = tell(one);
      if (dies(at)) break;
      state = afterPaging(state, one, paged(taken), iso(at));
    }
    state = JSON.parse(JSON.stringify(state)) as HealthState;
  }
  assert.ok(state);
  return { service, heard, state };
}

const DOWN: Trouble[] = [{ code: "quota-gone" }];
const between = (from: number, to: number) => (at: number) =>
  at >= START + from * MINUTE && at < START + to * MINUTE ? DOWN : [];
const states = ({ incidents }: Service) => [...incidents.values()].map(({ state, opened }) => `${state} ${opened}`);

describe("a service that keeps incidents of its own", () => {
  it("hears of an incident once when it begins and once when it ends", () => {
    const { heard, state } = live({ troubles: between(60, 600) });
    assert.deepEqual(heard, ["opening 65", "recovery 605"]);
    assert.deepEqual(state.pagers, []);
  });

  it("is not reminded: it reminds by itself", () => {
    assert.deepEqual(live({ troubles: between(60, 2_000), days: 2 }).heard, ["opening 65", "recovery 2005"]);
  });

  it("that lost every word of an incident hears of its end all the same, once it hears again", () => {
    // It was opened, and the answer that said so was lost; it is over before anything is heard.
    const fate = (at: number): Fate =>
      at === START + 65 * MINUTE ? "unanswered" : at < START + 200 * MINUTE ? "lost" : "taken";
    const { service, state } = live({ troubles: between(60, 120), fate });
    assert.deepEqual(states(service), ["over 1"]);
    assert.deepEqual(state.pagers, []);
  });

  it("hears of the end also when the run died right after it had opened", () => {
    const { service } = live({ troubles: between(60, 75), dies: (at) => at === START + 65 * MINUTE });
    assert.deepEqual(states(service), ["over 1"]);
  });

  it("hears that somebody knows, and that they no longer do when their time is over", () => {
    const does = (at: number, state: HealthState): HealthState =>
      at === START + 90 * MINUTE
        ? acknowledge(state, "", { by: "anna", at: iso(at), reason: "" }, iso(at + 60 * MINUTE)).state
        : state;
    assert.deepEqual(live({ troubles: between(60, 600), does }).heard.slice(0, 3), [
      "opening 65",
      "acknowledgement 90",
      "cause 150",
    ]);
  });

  it("that takes silence for the end hears of it at every check, and of the end for a quarter of an hour", () => {
    const { heard, state } = live({ troubles: between(60, 90), repeats: true });
    assert.deepEqual(
      heard.map((one) => one.split(" ")[0]),
      ["opening", "cause", "cause", "cause", "cause", "cause", "recovery", "recovery", "recovery", "recovery"],
    );
    assert.deepEqual(state.pagers, []);
  });

  it("in a maintenance hears nothing new; what stands is repeated where silence would end it", () => {
    const does = (at: number, state: HealthState): HealthState =>
      at === START + 120 * MINUTE
        ? planMaintenance(
            state,
            { from: iso(at), until: iso(at + 60 * MINUTE), again: null },
            { by: "anna", at: iso(at), reason: "" },
          ).state
        : state;
    assert.deepEqual(live({ troubles: between(60, 140), does }).heard, ["opening 65", "recovery 180"]);
    const repeated = live({ troubles: between(60, 140), does, repeats: true }).heard;
    assert.deepEqual(new Set(repeated.slice(1, -1).map((one) => one.split(" ")[0])), new Set(["cause", "recovery"]));
    assert.equal(repeated.filter((one) => one.startsWith("recovery"))[0], "recovery 180");
  });

  it("has one incident for each of ours in the end, all of them over, whatever is lost, unanswered or cut short", () => {
    const trouble = fc.record({ from: fc.nat(1_200), length: fc.integer({ min: 5, max: 300 }) });
    const fates = fc.array(fc.constantFrom<Fate>("taken", "unanswered", "lost"), { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(
        fc.array(trouble, { maxLength: 4 }),
        fates,
        fc.array(fc.nat(287), { maxLength: 4 }),
        fc.boolean(),
        (troubles, all, deaths, repeats) => {
          const minute = (at: number): number => (at - START) / MINUTE;
          const { service, state } = live({
            troubles: (at) =>
              troubles.some(({ from, length }) => minute(at) >= from && minute(at) < from + length) ? DOWN : [],
            // The second day is quiet, and everything is heard.
            fate: (at) => (minute(at) < 1_440 ? (all[(minute(at) / 5) % all.length] ?? "taken") : "taken"),
            dies: (at) => minute(at) < 1_440 && deaths.includes(minute(at) / 5),
            repeats,
            days: 2,
          });
          assert.deepEqual(
            states(service).filter((one) => one !== "over 1"),
            [],
          );
          const ours = new Set(state.incidents.map(({ id }) => id));
          for (const id of service.incidents.keys()) assert.ok(ours.has(id));
          assert.deepEqual(state.pagers, []);
        },
      ),
      { numRuns: 80 },
    );
  });
});
