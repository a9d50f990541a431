/** Steps that several rows share. A step's first line is a sentence; what follows it is a block to copy. */

export const RUN_CHECK = "Run f/codex_pooler/check again to see that it is gone.";

export const RUN_REPAIR =
  "Or run f/codex_pooler/repair: it shows what it would change, and does it when you choose mode apply.";

export const OPEN_AI_SETTINGS = "Open Workspace settings > Windmill AI.";

export const ALLOW_PRIVATE_SERVER = [
  "Set ALLOW_PRIVATE_AI_BASE_URLS=true in the environment of the Windmill server (the app), which reads it at start only.",
  `Docker Compose: add it to the service windmill_server, then run \`docker compose up -d windmill_server\`.
services:
  windmill_server:
    environment:
      - ALLOW_PRIVATE_AI_BASE_URLS=true`,
  `Helm: add it to the values of the app, then run \`helm upgrade\` and wait for the roll-out of every replica.
windmill:
  app:
    extraEnv:
      - name: ALLOW_PRIVATE_AI_BASE_URLS
        value: "true"`,
] as const;

export const ALLOW_PRIVATE_WORKER = [
  "Set ALLOW_PRIVATE_AI_BASE_URLS=true in the environment of the Windmill workers that run flows, which read it at start only.",
  `Docker Compose: add it to the service windmill_worker, then run \`docker compose up -d windmill_worker\`.
services:
  windmill_worker:
    environment:
      - ALLOW_PRIVATE_AI_BASE_URLS=true`,
  `Helm: add it to every worker group whose workers run flows, then run \`helm upgrade\`.
windmill:
  workerGroups:
    - name: default
      extraEnv:
        - name: ALLOW_PRIVATE_AI_BASE_URLS
          value: "true"`,
] as const;

export const WHAT_IT_OPENS =
  "Know what this opens: every AI resource of every workspace may then name an internal host, so whoever may edit a resource can send requests there. If that is too much, give the gateway a public address instead.";

export const FROM_INSIDE = `Try it from inside {process}.
docker compose exec {service} curl -sS -o /dev/null -w '%{http_code}\\n' '{base_url}/models'
kubectl exec deploy/{deployment} -- curl -sS -o /dev/null -w '%{http_code}\\n' '{base_url}/models'`;

export const FIND_REQUEST =
  "In Codex Pooler's admin pages open Request logs and find the row by its time, model and {key}; it names the account and the upstream's own error.";

export const STORE_KEY =
  "Store the new key: run f/codex_pooler/connect with api_key and replace_secret, which proves the key before users get it; or put it into Variables > {secret_path} > Edit. Windmill may go on using the old one for up to 60 s.";

export const LOWER_TOKENS = `In Workspace settings > Windmill AI, under the model's token limits, set a lower maximum for {model}, e.g. 16384.
max_tokens_per_model:
  "customai:{model_id}": 16384`;
