// Debian 12's Node.js 18 has what browsers have, but not under their name.
import { webcrypto } from "node:crypto";

globalThis.crypto ??= webcrypto;
