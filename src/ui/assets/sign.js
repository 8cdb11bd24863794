// Signature boxes: drawn with finger, pen or mouse and kept as strokes, so that turning the phone loses nothing.
// The way without drawing is the PIN beside the box.

const BYTES_MAX = 30_000;
const WIDTH_MAX = 600;
const INK = "#111111";
const LINE = 2.4;
const pads = new WeakMap();

/** Draws strokes as smooth lines; a tap is a dot. */
function draw(pen, strokes) {
  for (const points of strokes) {
    pen.beginPath();
    pen.moveTo(...points[0]);
    for (let i = 1; i < points.length; i += 1) {
      const [x, y] = points[i - 1], [u, v] = points[i];
      pen.quadraticCurveTo(x, y, (x + u) / 2, (y + v) / 2);
    }
    pen.lineTo(...points.at(-1));
    pen.stroke();
  }
}
const styled = (pen, strokeStyle) => Object.assign(pen, { lineWidth: LINE, lineCap: "round", lineJoin: "round", strokeStyle });

/** The strokes on a canvas of their own, cut to the ink; null without ink. */
function cut(strokes, widthMax) {
  const all = strokes.flat();
  if (!all.length) return null;
  const xs = all.map((p) => p[0]), ys = all.map((p) => p[1]);
  const least = (list) => list.reduce((a, b) => Math.min(a, b)), most = (list) => list.reduce((a, b) => Math.max(a, b));
  const left = least(xs) - LINE * 2, top = least(ys) - LINE * 2;
  const width = most(xs) - left + LINE * 2, height = most(ys) - top + LINE * 2;
  const scale = Math.min(2, widthMax / width, widthMax / height);
  const canvas = Object.assign(document.createElement("canvas"), { width: Math.ceil(width * scale), height: Math.ceil(height * scale) });
  const pen = styled(canvas.getContext("2d"), INK);
  pen.scale(scale, scale);
  pen.translate(-left, -top);
  draw(pen, strokes);
  return canvas;
}

/** A PNG of the strokes as `data:` address of at most 30 kB, or an empty text. */
function picture(strokes) {
  for (let width = WIDTH_MAX; width >= 50; width *= 0.7) {
    const data = cut(strokes, width)?.toDataURL("image/png") ?? "";
    if (data.length * 0.75 <= BYTES_MAX) return data;
  }
  return "";
}

function make(box) {
  const canvas = box.querySelector("canvas"), pen = canvas.getContext("2d"), hint = box.querySelector(".hint");
  const png = box.querySelector("input[data-sign-png]"), vector = box.querySelector("input[data-sign-strokes]");
  let strokes = [], size = null, zoom = 1, drawing = null;

  function paint() {
    const { width, height } = canvas.getBoundingClientRect(), dense = devicePixelRatio || 1;
    if (!width || !height) return;
    if (strokes.length && size) zoom = Math.min(width / size[0], height / size[1]);
    else { size = [width, height]; zoom = 1; }
    canvas.width = Math.round(width * dense);
    canvas.height = Math.round(height * dense);
    pen.setTransform(dense * zoom, 0, 0, dense * zoom, 0, 0);
    draw(styled(pen, getComputedStyle(box).color), strokes);
  }
  function settle() {
    if (strokes.length) box.dataset.inked = "yes"; else delete box.dataset.inked;
    if (hint) hint.hidden = strokes.length > 0;
    if (png) png.value = picture(strokes);
    if (vector) vector.value = strokes.length ? JSON.stringify({ size, strokes }) : "";
    box.dispatchEvent(new Event("input", { bubbles: true }));
  }
  function clear() { strokes = []; drawing = null; paint(); settle(); }
  function point(e) {
    const r = canvas.getBoundingClientRect(), near = (n) => Math.round((n / zoom) * 10) / 10;
    return [near(e.clientX - r.left), near(e.clientY - r.top)];
  }
  canvas.addEventListener("pointerdown", (e) => {
    if (drawing || e.button > 0) return;
    if (!strokes.length) paint();
    drawing = { id: e.pointerId, points: [point(e)] };
    strokes.push(drawing.points);
    canvas.setPointerCapture(e.pointerId);
    if (hint) hint.hidden = true;
  });
  canvas.addEventListener("pointermove", (e) => {
    if (drawing?.id !== e.pointerId) return;
    const from = drawing.points.length - 1;
    for (const part of e.getCoalescedEvents?.() ?? [e]) drawing.points.push(point(part));
    if (from === drawing.points.length - 1) drawing.points.push(point(e));
    draw(pen, [drawing.points.slice(Math.max(0, from - 1))]);
  });
  for (const end of ["pointerup", "pointercancel"]) canvas.addEventListener(end, (e) => {
    if (drawing?.id !== e.pointerId) return;
    drawing = null;
    paint();
    settle();
  });
  box.querySelector("[data-clear]")?.addEventListener("click", clear);
  new ResizeObserver(() => { if (!drawing) paint(); }).observe(canvas);
  try {
    const kept = JSON.parse(vector?.value || "null");
    if (kept) { ({ size, strokes } = kept); settle(); }
  } catch { /* an unreadable copy is no signature */ }
  paint();
  return {
    clear,
    isInked: () => strokes.length > 0,
    strokes: () => structuredClone(strokes),
    toBlob: async () => (strokes.length ? toPng(picture(strokes)) : null),
  };
}
/** A `data:` address as Blob, without asking the network layer (`connect-src` may forbid it). */
function toPng(data) {
  const bytes = Uint8Array.from(atob(data.slice(data.indexOf(",") + 1)), (c) => c.charCodeAt(0));
  return new Blob([bytes], { type: "image/png" });
}

/** The pad of a `[data-sign]` box: `{toBlob(), clear(), isInked(), strokes()}`; made on first call. */
export function signPad(box) {
  if (!pads.has(box)) pads.set(box, make(box));
  return pads.get(box);
}

/** Makes every `[data-sign]` box below `root` a pad. */
export const start = (root = document) => { for (const box of root.querySelectorAll("[data-sign]")) signPad(box); };
