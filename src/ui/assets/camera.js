// Scanning with the camera: the browser's own barcode detector where it exists, otherwise a photo that the server reads.

import { fold } from "./code.js";

const FORMATS = ["code_128", "qr_code"];
const LOOK_MS = 150;
const SAME_MS = 2500;          // the same label stays in sight for a while
const JPEG_BYTES_MAX = 400_000;
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

/** A picture as JPEG of at most 400 kB, its longer side at most 1,600 pixels. */
export async function toJpeg(picture) {
  const bitmap = picture instanceof Blob ? await createImageBitmap(picture) : picture;
  const width = bitmap.videoWidth || bitmap.width, height = bitmap.videoHeight || bitmap.height;
  const canvas = document.createElement("canvas");
  for (let side = 1600, quality = 0.85; ; side *= 0.8, quality = Math.max(0.5, quality - 0.1)) {
    const scale = Math.min(1, side / Math.max(width, height));
    canvas.width = Math.max(1, Math.round(width * scale));
    canvas.height = Math.max(1, Math.round(height * scale));
    canvas.getContext("2d").drawImage(bitmap, 0, 0, canvas.width, canvas.height);
    const blob = await new Promise((done) => { canvas.toBlob(done, "image/jpeg", quality); });
    if (!blob) throw new Error("no picture");
    if (blob.size <= JPEG_BYTES_MAX) return blob;
  }
}

/** Reads the codes in a photo or video frame, here or on the server: `[{format, text}]`; throws without a line. */
export async function read(picture) {
  const here = await own();
  if (here) {
    const source = picture instanceof Blob ? await createImageBitmap(picture) : picture;
    const found = await here.detect(source).catch(() => []);
    if (found.length) return found.map(({ format, rawValue }) => ({ format, text: rawValue }));
  }
  const reply = await fetch("/scan/photo", {
    method: "POST", body: await toJpeg(picture), credentials: "same-origin", signal: AbortSignal.timeout(SEND_MS),
    headers: { "Content-Type": "image/jpeg", "X-CSRF-Token": document.querySelector('meta[name="csrf"]')?.content ?? "" },
  });
  if (!reply.ok) throw new Error(`photo ${reply.status}`);
  return (await reply.json()).codes;
}

/** Hands every new code of a photo field (`<input type="file" accept="image/*" capture="environment">`) to `onCode(code, {format})`; `onNone` and `onFail` tell the rest. */
export function photo(input, { onCode, onNone = () => {}, onFail = () => {} }) {
  const hear = async () => {
    const [file] = input.files;
    input.value = "";
    if (!file) return;
    try {
      const codes = await read(file);
      if (!codes.length) onNone();
      for (const { format, text } of codes) onCode(fold(text), { format, raw: text });
    } catch (problem) { onFail(problem); }
  };
  input.addEventListener("change", hear);
  return () => input.removeEventListener("change", hear);
}

/** Shows the rear camera in `video` and calls `onCode(code, {format})` for each label seen; resolves with `{snap, stop}`, rejects when refused. */
export async function start(video, { onCode }) {
  const stream = await navigator.mediaDevices.getUserMedia({ audio: false, video: { facingMode: "environment", width: { ideal: 1280 } } });
  Object.assign(video, { srcObject: stream, muted: true, playsInline: true });
  await video.play();
  const here = await own(), seen = new Map();
  let on = true, timer;
  const hand = ({ format, text }) => {
    const code = fold(text), now = performance.now(), last = seen.get(code) ?? -Infinity;
    seen.set(code, now);
    if (now - last > SAME_MS) onCode(code, { format, raw: text });
  };
  async function look() {
    for (const { format, rawValue } of await here.detect(video).catch(() => [])) if (on) hand({ format, text: rawValue });
    if (on) timer = setTimeout(look, LOOK_MS);
  }
  if (here) look();
  return {
    /** Reads the present frame now; resolves with the number of codes found. */
    snap: async () => { const codes = await read(video); codes.forEach(hand); return codes.length; },
    /** Turns the camera off. */
    stop: () => { on = false; clearTimeout(timer); stream.getTracks().forEach((track) => track.stop()); video.srcObject = null; },
  };
}
