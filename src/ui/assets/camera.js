// Scanning with the camera: the browser's own barcode detector where it exists, otherwise a photo that the server reads.

import { fold } from "./code.js";

const FORMATS = ["code_128", "qr_code"];
const LOOK_MS = 150;
const SAME_MS = 2500;          // the same label stays in sight for a while
const JPEG_BYTES_MAX = 400_000;
const SIDE_MAX = 1_600;        // what the server looks at
const PHOTO_BYTES_MAX = 40_000_000;
const SEND_MS = 20_000;
let detector;

/** The browser's own detector for our two formats, or null. */
function own() {
  detector ??= (async () => {
    try {
      const known = await globalThis.BarcodeDetector?.getSupportedFormats();
      return known && FORMATS.every((f) => known.includes(f)) ? new BarcodeDetector({ formats: FORMATS }) : null;
    } catch { return null; }
  })();
  return detector;
}

/** Whether labels are read live on this device; otherwise offer the photo. */
export const isLive = async () => Boolean((await own()) && navigator.mediaDevices?.getUserMedia);

/** Why a photo or the camera cannot be used: `why` is `OFFLINE`, `TOO_LARGE`, `NO_PICTURE`, `SERVER` (with the server's words), `REFUSED`, `NONE`, `BUSY` or `FAILED`. */
export class CannotSee extends Error {
  constructor(why, text = "") { super(why); Object.assign(this, { why, text }); }
}

async function bitmapOf(picture) {
  if (!(picture instanceof Blob)) return picture;
  if (picture.size > PHOTO_BYTES_MAX) throw new CannotSee("TOO_LARGE");
  try { return await createImageBitmap(picture); } catch { throw new CannotSee("NO_PICTURE"); }
}
const sizeOf = (bitmap) => [bitmap.videoWidth || bitmap.width, bitmap.videoHeight || bitmap.height];

/** A picture as JPEG of at most 400 kB, its longer side at most 1,600 pixels; `middle` takes its middle alone, half as wide and high. */
export async function toJpeg(picture, { middle = false } = {}) {
  const bitmap = await bitmapOf(picture), [width, height] = sizeOf(bitmap), share = middle ? 0.5 : 1;
  const [wide, high] = [width * share, height * share];
  const canvas = document.createElement("canvas");
  for (let side = SIDE_MAX, quality = 0.85; ; side *= 0.8, quality = Math.max(0.5, quality - 0.1)) {
    const scale = Math.min(1, side / Math.max(wide, high));
    canvas.width = Math.max(1, Math.round(wide * scale));
    canvas.height = Math.max(1, Math.round(high * scale));
    canvas.getContext("2d").drawImage(bitmap, (width - wide) / 2, (height - high) / 2, wide, high, 0, 0, canvas.width, canvas.height);
    const blob = await new Promise((done) => { canvas.toBlob(done, "image/jpeg", quality); });
    if (!blob) throw new CannotSee("NO_PICTURE");
    if (blob.size <= JPEG_BYTES_MAX) return blob;
  }
}

async function ask(jpeg) {
  let reply;
  try {
    reply = await fetch("/scan/photo", {
      method: "POST", body: jpeg, credentials: "same-origin", signal: AbortSignal.timeout(SEND_MS),
      headers: { "Content-Type": "image/jpeg", "X-CSRF-Token": document.querySelector('meta[name="csrf"]')?.content ?? "" },
    });
  } catch { throw new CannotSee("OFFLINE"); }
  if (!reply.ok) throw new CannotSee("SERVER", (await reply.json().catch(() => null))?.title ?? "");
  return (await reply.json()).codes;
}

/** Reads the codes in a photo or video frame, here or on the server: `[{format, text}]`; throws `CannotSee`. */
export async function read(picture) {
  const here = await own(), bitmap = await bitmapOf(picture);
  if (here) {
    const found = await here.detect(bitmap).catch(() => []);
    if (found.length) return found.map(({ format, rawValue }) => ({ format, text: rawValue }));
  }
  const codes = await ask(await toJpeg(bitmap));
  // A label that fills a small part of a large photo is legible only as it was taken; people aim with the middle.
  const shrunk = Math.max(...sizeOf(bitmap)) > SIDE_MAX;
  return codes.length || !shrunk ? codes : ask(await toJpeg(bitmap, { middle: true }));
}

/** Hands the codes of a photo field (`<input type="file" accept="image/*" capture="environment">`) to `onCodes(codes)`, folded; `onNone` and `onFail(problem)` tell the rest. */
export function photo(input, { onCodes, onNone = () => {}, onFail = () => {} }) {
  const hear = async () => {
    const [file] = input.files;
    input.value = "";
    if (!file) return;
    try {
      const codes = await read(file);
      if (codes.length) onCodes(codes.map(({ text }) => fold(text))); else onNone();
    } catch (problem) { onFail(problem instanceof CannotSee ? problem : new CannotSee("FAILED")); }
  };
  input.addEventListener("change", hear);
  return () => input.removeEventListener("change", hear);
}

const REFUSALS = { NotAllowedError: "REFUSED", SecurityError: "REFUSED", NotFoundError: "NONE", OverconstrainedError: "NONE", NotReadableError: "BUSY", AbortError: "BUSY" };

/**
 * Shows the rear camera in `video` and calls `onCodes(codes)` for what comes into view: what stays there is told once, and two
 * codes are one thing where `same(code)` says so. Resolves with `{snap, stop}`, throws `CannotSee`. The camera is let go by
 * `stop`, and by itself when the page is left or hidden, which `onStop` hears.
 */
export async function start(video, { onCodes, onStop = () => {}, same = (code) => code }) {
  let stream;
  try {
    stream = await navigator.mediaDevices.getUserMedia({ audio: false, video: { facingMode: "environment", width: { ideal: 1280 } } });
  } catch (problem) { throw new CannotSee(REFUSALS[problem?.name] ?? "FAILED"); }
  const tracks = stream.getTracks(), here = await own(), seen = new Map();
  let on = true, timer;
  const stop = () => {
    if (!on) return;
    on = false;
    clearTimeout(timer);
    for (const track of tracks) track.stop();
    video.srcObject = null;
    removeEventListener("pagehide", stop);
    document.removeEventListener("visibilitychange", hidden);
    onStop();
  };
  const hidden = () => { if (document.hidden) stop(); };
  const hand = (found) => {
    const now = performance.now(), fresh = [];
    for (const code of found.map(({ text }) => fold(text))) {
      const thing = same(code), last = seen.get(thing) ?? -Infinity;
      seen.set(thing, now);
      if (now - last > SAME_MS) fresh.push(code);
    }
    if (fresh.length) onCodes(fresh);
  };
  addEventListener("pagehide", stop);
  document.addEventListener("visibilitychange", hidden);
  for (const track of tracks) track.addEventListener("ended", stop);
  Object.assign(video, { srcObject: stream, muted: true, playsInline: true });
  try { await video.play(); } catch { stop(); throw new CannotSee("FAILED"); }
  hidden();                    // the page may have been left while the person was asked
  async function look() {
    const found = await here.detect(video).catch(() => []);
    if (on && found.length) hand(found.map(({ format, rawValue }) => ({ format, text: rawValue })));
    if (on) timer = setTimeout(look, LOOK_MS);
  }
  if (here && on) look();
  return {
    /** Reads the present frame now; resolves with the number of codes found. */
    snap: async () => { const codes = await read(video); hand(codes); return codes.length; },
    /** Turns the camera off. */
    stop,
  };
}
