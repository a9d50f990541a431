/** What `node --test` counted. */
export interface TestCounts {
  passed: number;
  /** Failed and cancelled ones. */
  failed: number;
  /** Skipped ones and marked as to do: neither passed nor failed, and none is wanted. */
  skipped: number;
}

/** Reads the closing lines of node's spec reporter; null when there are none, i.e. when the run itself broke down. */
export function readTestCounts(output: string): TestCounts | null {
  const count = (name: string): number | null => {
    const last = [...output.matchAll(new RegExp(`^ℹ ${name} (\\d+)$`, "gm"))].at(-1);
    return last?.[1] === undefined ? null : Number(last[1]);
  };
  const [passed, failed] = [count("pass"), count("fail")];
  if (passed === null || failed === null) return null;
  return {
    passed,
    failed: failed + (count("cancelled") ?? 0),
    skipped: (count("skipped") ?? 0) + (count("todo") ?? 0),
  };
}
