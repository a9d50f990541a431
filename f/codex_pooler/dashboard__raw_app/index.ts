import { mount } from "svelte";
import App from "./App.svelte";
import { followTheme } from "./lib/theme.ts";
import "uplot/dist/uPlot.min.css";
import "./css/base.css";
import "./css/top.css";
import "./css/findings.css";
import "./css/history.css";
import "./css/tables.css";

const root = document.documentElement;
root.lang = "en";
document.title = "Codex Pooler: is Windmill AI working?";
followTheme(root);

const target = document.getElementById("root") ?? document.body;
mount(App, { target });
