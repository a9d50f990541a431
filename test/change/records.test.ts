import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { recordPaths } from "../../src/change/records.ts";
import * as paths from "../../src/core/paths.ts";
import { INTENT } from "../../src/observe/intent.ts";

const RECORDS = recordPaths({ instance: null });

describe("the records that a disconnect removes", () => {
  it("are all states that paths.ts names, but the locks, which go with their holders", () => {
    const named = Object.entries(paths)
      .filter(
        ([name, path]) => typeof path === "string" && path.startsWith(`${paths.FOLDER}/`) && !name.endsWith("_LOCK"),
      )
      .filter(([name]) => name !== "HEALTH_FLOW" && name !== "HEALTH_SCHEDULE")
      .map(([, path]) => path);
    assert.ok(named.length >= 3);
    for (const path of named) assert.ok(RECORDS.includes(String(path)), String(path));
  });

  it("end with the intent, which says what else there is to remove", () => assert.equal(RECORDS.at(-1), INTENT));
});
