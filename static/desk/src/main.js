// The desk page begins here.
import { Desk } from "./core/desk.js";
import { App } from "./ui/app.js";
import { setZone } from "./ui/format.js";

/** @type {import("./core/server.js").Config} */
const config = JSON.parse(document.getElementById("config")?.textContent ?? "{}");
setZone(config.zone);
new App(config, new Desk(config));
