// The desk page begins here.
import * as age from "./core/age.js";

Object.assign(globalThis, { age });
