/** How many tokens Windmill's chat asks a model for. Pure. */

/**
 * Windmill's output limit by a part of the model id, first hit first; case counts (getModelMaxTokens in copilot/lib.ts). Dots count as
 * dashes in what came with 1.790.
 */
const MAX_TOKENS_BY_NAME: readonly { parts: readonly string[]; tokens: number; since?: number }[] = [
  { parts: ["gpt-5"], tokens: 128_000 },
  { parts: ["claude-sonnet", "gemini-2.5", "claude-haiku"], tokens: 64_000 },
  {
    parts: [
      ...["claude-fable", "claude-mythos", "claude-opus-4-5", "claude-opus-4-6", "claude-opus-4-7", "claude-opus-4-8"],
      ...["claude-opus-5", "gemini-3"],
    ],
    tokens: 64_000,
    since: 1_790,
  },
  { parts: ["gpt-4.1"], tokens: 32_768 },
  { parts: ["claude-opus"], tokens: 32_000 },
  { parts: ["gpt-4o", "codestral"], tokens: 16_384 },
  { parts: ["gpt-4-turbo", "gpt-3.5"], tokens: 4_096 },
];

/** What Windmill asks of any other model. */
const DEFAULT_MAX_TOKENS = 8_192;

/** Major and minor of a version as Windmill says it (`CE v1.788.0`), as one number; the newest where it says none. */
const minorOf = (version: string): number => {
  const [, major, minor] = /v?(\d{1,3})\.(\d{1,4})\./.exec(version) ?? [];
  return major === undefined || minor === undefined ? Number.POSITIVE_INFINITY : Number(major) * 1_000 + Number(minor);
};

/**
 * The output tokens that Windmill's chat asks a model for.
 *
 * @param maxTokensPerModel the settings' `max_tokens_per_model`, keyed `customai:<model>`
 * @param version of the server, as it says it; "" for the newest.
 */
export function resolveMaxTokens(
  model: string,
  maxTokensPerModel: Readonly<Record<string, number>>,
  version = "",
): number {
  const key = `customai:${model}`;
  const own = Object.hasOwn(maxTokensPerModel, key) ? maxTokensPerModel[key] : undefined;
  if (own !== undefined) return own;
  const dashed = model.replaceAll(".", "-");
  const fits = ({ parts, since }: (typeof MAX_TOKENS_BY_NAME)[number]): boolean =>
    since === undefined
      ? parts.some((part) => model.includes(part))
      : minorOf(version) >= since && parts.some((part) => dashed.includes(part));
  return MAX_TOKENS_BY_NAME.find(fits)?.tokens ?? DEFAULT_MAX_TOKENS;
}
