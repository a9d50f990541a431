import type { Clock } from "./clock.ts";

/** What the proxy needs to call a gateway: the AI resource with its variables resolved. */
export interface Credentials {
  baseUrl: string;
  apiKey: string | undefined;
  organizationId: string | undefined;
  /** The resource's own headers. */
  headers: Record<string, string>;
}

/** How long a process keeps credentials; nothing but a save of AI settings in the same process ends it sooner. */
const LIFETIME_MS = 60_000;

/** One process's cache of resolved credentials, by workspace and provider. Errors are never in it. */
export interface CredentialCache {
  get(workspaceId: string, provider: string): Credentials | undefined;
  set(workspaceId: string, provider: string, credentials: Credentials): void;
  /** Forgets everything of a workspace, in this process only. */
  invalidate(workspaceId: string): void;
  /** Forgets everything, in this process only. */
  invalidateAll(): void;
}

/** An empty cache that ages with the stand-in's clock. */
export function createCredentialCache(clock: Clock): CredentialCache {
  const entries = new Map<string, Map<string, { credentials: Credentials; expiresAt: number }>>();
  return {
    get(workspaceId, provider) {
      const entry = entries.get(workspaceId)?.get(provider);
      return entry && entry.expiresAt >= clock.now() ? entry.credentials : undefined;
    },
    set(workspaceId, provider, credentials) {
      const ofWorkspace = entries.get(workspaceId) ?? new Map();
      ofWorkspace.set(provider, { credentials, expiresAt: clock.now() + LIFETIME_MS });
      entries.set(workspaceId, ofWorkspace);
    },
    invalidate(workspaceId) {
      entries.delete(workspaceId);
    },
    invalidateAll() {
      entries.clear();
    },
  };
}
