// A short, soft sound when a request comes. Two sines: no file, nothing that the page's policy would have to let in.

/** @type {AudioContext | null} */
let context = null;

export const sound = {
  on: true,

  /** Called when somebody presses something: before that, browsers play nothing. */
  ready() {
    try {
      context ??= new AudioContext();
      if (context.state === "suspended") void context.resume().catch(() => undefined);
    } catch {
      // A computer without a way to make sounds.
      context = null;
    }
  },

  play() {
    if (!sound.on || context === null || context.state !== "running") return;
    const start = context.currentTime;
    for (const [at, tone] of [[0, 660], [0.16, 880]]) {
      const [wave, volume] = [context.createOscillator(), context.createGain()];
      wave.frequency.value = tone ?? 0;
      volume.gain.setValueAtTime(0, start + (at ?? 0));
      volume.gain.linearRampToValueAtTime(0.08, start + (at ?? 0) + 0.02);
      volume.gain.exponentialRampToValueAtTime(0.001, start + (at ?? 0) + 0.35);
      wave.connect(volume).connect(context.destination);
      wave.start(start + (at ?? 0));
      wave.stop(start + (at ?? 0) + 0.4);
    }
  },
};
