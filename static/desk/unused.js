// Stands in for what age's library needs for kinds of keys that the program doesn't have: see build.js. Using one of them fails.

export const MLKEM768P256 = undefined;
export const MLKEM768X25519 = undefined;
export const p256 = undefined;
