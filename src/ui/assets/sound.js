// Four sounds and their vibration, so that a scan is understood without looking. Never throws: silence is no error.

const TONES = { ok: [[880, 90]], again: [[440, 60]], not: [[220, 180], [180, 220]], wrong: [[620, 90], [330, 200]] };
const LOUDNESS = { ok: 0.14, again: 0.07, not: 0.2, wrong: 0.2 };
const SHAKES = { ok: 40, again: [30, 40, 30], not: [120, 60, 120], wrong: [120, 60, 120] };
const PAUSE_S = 0.03;
const KEY = "giaonhan-muted";
let audio;

const quietly = (act) => { try { return act(); } catch { return undefined; } };

/** Opens the audio output; browsers allow it from a gesture only. */
function open() {
  quietly(() => {
    audio ??= new AudioContext();
    if (audio.state === "suspended") audio.resume().catch(() => {});
  });
}

/** Whether the sounds are off on this device. */
export const isMuted = () => quietly(() => localStorage.getItem(KEY)) === "yes";

/** Turns the sounds off or on, for this device; vibration stays. */
export function mute(on) {
  quietly(() => (on ? localStorage.setItem(KEY, "yes") : localStorage.removeItem(KEY)));
}

/** Plays the sound and vibration of an outcome: `ok`, `again`, `not` or `wrong`. */
export function play(kind) {
  quietly(() => navigator.userActivation?.hasBeenActive !== false && navigator.vibrate?.(SHAKES[kind]));
  if (isMuted()) return;
  open();
  quietly(() => {
    let at = audio.currentTime;
    for (const [hz, ms] of TONES[kind]) {
      const tone = audio.createOscillator(), gain = audio.createGain();
      tone.frequency.value = hz;
      gain.gain.value = LOUDNESS[kind];
      tone.connect(gain).connect(audio.destination);
      tone.start(at);
      at += ms / 1000;
      tone.stop(at);
      at += PAUSE_S;
    }
  });
}

for (const kind of ["pointerdown", "keydown"]) globalThis.addEventListener?.(kind, open, { once: true, capture: true });
