/** Ways to make the product wrong, to see that somebody notices: each changes a line of it on its way into the process. */
export interface Mutation {
  /** What is wrong then, as a sentence. */
  about: string;
  /** Name of the invariant that must notice. */
  breaks: string;
  /** Where it shows soonest: a focus of the generator; null for any history. */
  focus: string | null;
  /** The file, below the repository's root. */
  file: string;
  /** What is changed, as it stands in the file's JavaScript; there exactly once. */
  from: RegExp;
  /** What stands there instead. */
  to: string;
}

export const MUTATIONS: Readonly<Record<string, Mutation>> = {
  "no-detour": {
    about: "several live changes are made one after the other, without moving people out of the way",
    ...{ breaks: "Served", focus: "50-change-of-everything", file: "src/change/detour.ts" },
    ...{
      from: /function withDetour\(changes,\s*live\)\s*\{/,
      to: "function withDetour(changes,live){return[...changes];",
    },
  },
  "no-trial": {
    about: "a candidate that does not work is saved all the same",
    ...{ breaks: "Served", focus: "51-wrong-key", file: "src/change/candidate.ts" },
    ...{ from: /function refuse\(\{\s*findings\s*\}\)\s*\{/, to: "function refuse({findings}){return;" },
  },
  "undo-leaves-settings": {
    about: "undo takes the AI settings that are there for those that were there",
    ...{ breaks: "Put back", focus: "52-undo", file: "src/walks/undo.ts" },
    ...{
      from: /putBack\(now,\s*ai_settings\.before,\s*ai_settings\.after,\s*overwrite\)/,
      to: "{value:now,conflicts:[]}",
    },
  },
  "disconnect-keeps-records": {
    about: "disconnect leaves the records that it was to remove",
    ...{ breaks: "Put back", focus: "28-disconnect-during-a-tick", file: "src/walks/disconnect.ts" },
    ...{ from: /:\s*await recordsOf\(windmill\)/, to: ":[]" },
  },
  "own-lock-is-anothers": {
    about: "a job that is started again takes its own lock for that of somebody else",
    ...{ breaks: "Again", focus: "11-same-job-again", file: "src/windmill/lock.ts" },
    ...{ from: /\|\|\s*holder\.job\s*===\s*me\.job\)/, to: ")" },
  },
  "blank-headers-are-none": {
    about: "a second connect with blank headers removes them",
    ...{ breaks: "Again", focus: "17-blank-fields", file: "src/walks/connect_target.ts" },
    ...{
      from: /headers:\s*input\.headers\s*\?\?\s*there\?\.headers\s*\?\?\s*\{\s*\}/,
      to: "headers:input.headers??{}",
    },
  },
  "nobody-is-told": {
    about: "nothing is ever due to be told",
    ...{ breaks: "Told", focus: "01-alternating-outage", file: "src/health/news.ts" },
    ...{
      from: /function dueNews\(state,\s*at,\s*remind_every\)\s*\{/,
      to: "function dueNews(state,at,remind_every){return[];",
    },
  },
  "told-is-forgotten": {
    about: "what people were told is not noted, so they are told again at each tick",
    ...{ breaks: "Told", focus: "35-outages-beside-a-warning", file: "src/health/news.ts" },
    ...{
      from: /function afterTelling\(state,\s*news,\s*taken\)\s*\{/,
      to: "function afterTelling(state,news,taken){return{...state,claim:null};",
    },
  },
  "late-to-count": {
    about: "a status counts after four times as many bad ticks as were asked for",
    ...{ breaks: "Told", focus: "01-alternating-outage", file: "src/health/streaks.ts" },
    ...{ from: /run\.count\s*>=\s*rules\.failures_before_alert/, to: "run.count>=4*rules.failures_before_alert" },
  },
  "every-model-answers": {
    about: "a report says of every model that it answers",
    ...{ breaks: "Proven", focus: "10-address-changes", file: "src/check/check.ts" },
    ...{
      from: /models:\s*modelRows\(view,\s*served,\s*probes\)/,
      to: 'models:modelRows(view,served,probes).map(row=>({...row,server:"ok",worker:"ok"}))',
    },
  },
  "page-is-never-old": {
    about: "the page takes every status for a present one",
    ...{ breaks: "Page", focus: "53-nobody-watches", file: "f/codex_pooler/dashboard__raw_app/lib/view.ts" },
    ...{ from: /const stale\s*=\s*staleness\(data,\s*now\)/, to: "const stale=null" },
  },
  "secrets-are-not-known": {
    about: "what leaves a run is not cleaned of the secrets that it had in its hands",
    ...{ breaks: "Secret", focus: "12-key-is-repeated", file: "src/core/known_secrets.ts" },
    ...{ from: /\bclean\(value\)\s*\{/, to: "clean(value){return value;" },
  },
  "all-at-once": {
    about: "a check asks all models at once",
    ...{ breaks: "Bounded", focus: "23-slow-models", file: "src/probe/send.ts" },
    ...{ from: /const PARALLEL\s*=\s*\d+/, to: "const PARALLEL=500" },
  },
};
