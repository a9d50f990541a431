import type { Finding } from "../../src/core/shapes.ts";
import { type Alert, composeAlert } from "../../src/tell/alert.ts";
import type { News } from "../../src/tell/news.ts";

/** An alert as tests send it, and what it is made of. */

export const PLACE = {
  workspace: "team",
  pages_url: "https://windmill.example.com",
  run_url: "https://windmill.example.com/run/1234?workspace=team",
  next_check: "2026-11-24T10:10:00.000Z",
};
/** Where the form is in which one says that one knows. */
export const ACKNOWLEDGE =
  "https://windmill.example.com/scripts/get/f/codex_pooler/silence?workspace=team#what=%22acknowledge%22&id=%2220261124T100000Z%22";
/** Where the repair's form is. */
export const REPAIR = "https://windmill.example.com/scripts/get/f/codex_pooler/repair?workspace=team";

export const news = (change: Partial<News> = {}): News => ({
  id: "20261124T100000Z/opening/1",
  kind: "opening",
  incident: "20261124T100000Z",
  code: "model-not-served",
  status: "down",
  previous: "healthy",
  since: "2026-11-24T10:00:00.000Z",
  at: "2026-11-24T10:05:00.000Z",
  ...change,
});

export const finding = (change: Partial<Finding> = {}): Finding => ({
  code: "model-not-served",
  layer: "model",
  severity: "critical",
  owner: "gateway-operator",
  title: "gpt-5.5 is not served",
  cause: "The gateway does not list it any more.",
  remedy: ["Let the key use gpt-5.5 again.", "Or choose another model."],
  repairable: false,
  evidence: [],
  probes: [],
  ...change,
});

export const alertOf = (change: Partial<News> = {}, findings: Finding[] = [finding()]): Alert =>
  composeAlert(news(change), findings, PLACE);
