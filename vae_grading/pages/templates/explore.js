"use strict";

// The decoder: weights as they are in this page, and what it makes of a code.

const model = JSON.parse(document.getElementById("model").textContent);
const bytes = (text) => Uint8Array.from(atob(text), (each) => each.charCodeAt(0));

function halves(text) {
  // IEEE 754's numbers of 16 bits: a sign, 5 of exponent, 10 of fraction.
  return Float32Array.from(new Uint16Array(bytes(text).buffer), (bits) => {
    const sign = bits >> 15 ? -1 : 1, exponent = (bits >> 10) & 31, fraction = (bits & 1023) / 1024;
    return sign * (exponent ? 2 ** (exponent - 15) * (1 + fraction) : 2 ** -14 * fraction);
  });
}

const layers = model.layers.map(({ weight, bias }) => ({ weight: halves(weight), bias: halves(bias) }));

function decode(code) {
  // Probabilities of white, row by row.
  return layers.reduce((values, { weight, bias }, number) => {
    const made = new Float64Array(bias.length), inputs = values.length;
    for (let row = 0, place = 0; row < made.length; row++) {
      let sum = bias[row];
      for (let input = 0; input < inputs; input++) sum += weight[place++] * values[input];
      made[row] = number < layers.length - 1 ? Math.max(0, sum) : 1 / (1 + Math.exp(-sum));
    }
    return made;
  }, code);
}

// Test images and their codes.

const { labels, rates, reach } = model;
const SIDE = 28, DIM = rates.length, PIXELS = SIDE * SIDE;
const means = new Float32Array(bytes(model.codes).buffer), pixels = bytes(model.pixels);
const images = labels.map((digit, number) => ({
  digit,
  code: means.subarray(number * DIM, (number + 1) * DIM),
  pixels: pixels.subarray(number * PIXELS, (number + 1) * PIXELS),
}));

function nearest(code) {
  // Images in the order of their codes' distances.
  const found = images.map((image) => ({ ...image, distance: Math.hypot(...image.code.map((m, d) => m - code[d])) }));
  return found.sort((one, other) => one.distance - other.distance);
}

function likest(picture) {
  // The image that differs least from a decoded one, pixel by pixel.
  let least = Infinity, best = null;
  for (const image of images) {
    let sum = 0;
    for (let i = 0; i < PIXELS && sum < least; i++) sum += (picture[i] - image.pixels[i] / 255) ** 2;
    if (sum < least) [least, best] = [sum, image];
  }
  return best;
}

// What is shown.

const byId = (id) => document.getElementById(id);
const plane = byId("plane"), tiles = [...document.querySelectorAll("#tiles button")];
const number = (value, places = 2) => value.toFixed(places).replace(/^-(0\.?0*)$/, "$1").replace("-", "\u2212");
const named = (digit) => `${digit === 8 ? "an" : "a"} ${digit}`;
const typable = (value) => (Math.round(100 * value) / 100 + 0).toFixed(2); // no -0.00
const within = (value) => Math.min(reach, Math.max(-reach, value));
let z = new Float64Array(DIM), along = Number(byId("along").value), drawnFor = "", timer = 0;

function paint(canvas, picture, white = 1) {
  const context = canvas.getContext("2d", { willReadFrequently: true }); // pixels stay in memory
  const image = context.createImageData(SIDE, SIDE);
  for (let i = 0; i < PIXELS; i++) {
    image.data.fill((255 * picture[i]) / white, 4 * i, 4 * i + 3);
    image.data[4 * i + 3] = 255;
  }
  context.putImageData(image, 0, 0);
}

function go(code, why) {
  z = Float64Array.from(code, within);
  const picture = decode(z), closest = nearest(z);
  paint(byId("decoded"), picture);
  paint(byId("closest"), closest[0].pixels, 255);
  byId("closest-digit").textContent = named(closest[0].digit);
  for (let d = 0; d < DIM; d++) showCoordinate(d);
  if (plane) showPoint(closest[0]);
  showTraversal();
  clearTimeout(timer); // in words when the point rests: nobody listens to every step of a way
  timer = setTimeout(say, 250, why, picture, closest);
}

function showCoordinate(d) {
  const slider = byId(`slider-${d}`), typed = byId(`number-${d}`);
  slider.value = z[d];
  slider.setAttribute("aria-valuetext", number(z[d]));
  if (typed !== document.activeElement) typed.value = typable(z[d]);
}

function showPoint(closest) {
  const place = (value) => (250 * value) / reach;
  byId("point").setAttribute("transform", `translate(${place(z[0])} ${place(-z[1])})`);
  byId("ring").setAttribute("cx", place(closest.code[0]));
  byId("ring").setAttribute("cy", place(-closest.code[1]));
  plane.setAttribute("aria-valuenow", z[0].toFixed(2));
  plane.setAttribute("aria-valuetext", `z 0 is ${number(z[0])}, z 1 is ${number(z[1])}`);
}

function showTraversal() {
  const others = `${along}: ${z.map((value, d) => (d === along ? 0 : value))}`;
  const here = tiles.map((tile) => Math.abs(tile.dataset.value - z[along])), least = Math.min(...here);
  tiles.forEach((tile, place) => {
    if (drawnFor !== others) { // else nothing but the frame changes
      const code = Float64Array.from(z);
      code[along] = tile.dataset.value;
      paint(tile.firstElementChild, decode(code));
      tile.setAttribute("aria-label", `z ${along} = ${number(code[along], 1)}`);
    }
    if (here[place] === least && least < 0.31) tile.setAttribute("aria-current", "true");
    else tile.removeAttribute("aria-current");
  });
  drawnFor = others;
}

function nearer(length) {
  // Percent of N(0, I) in two dimensions; far out no rounding makes it all of them.
  const share = 100 * (1 - Math.exp(-(length ** 2) / 2));
  return share < 99 ? Math.round(share) : Math.min(share, 99.99).toFixed(2);
}

function say(why, picture, closest) {
  const counts = new Map();
  for (const { digit } of closest.slice(0, 10)) counts.set(digit, (counts.get(digit) || 0) + 1);
  const ranked = [...counts].sort((one, other) => other[1] - one[1]);
  const shares = ranked.map(([digit, count], place) => `${count} ${place ? "of" : count > 1 ? "are of" : "is of"} ${named(digit)}`);
  const like = `most like a test image of ${named(likest(picture).digit)}`, length = Math.hypot(...z);
  byId("said").textContent = [
    why,
    DIM < 4 ? `z = (${[...z].map((value) => number(value)).join(", ")}).` : "",
    `The picture is ${like}.`,
    `Of the ten nearest codes, ${new Intl.ListFormat("en").format(shares)}; the nearest is ${number(closest[0].distance)} away.`,
    DIM === 2
      ? `Of the prior's codes ${nearer(length)} % are nearer to the origin.`
      : `The distance to the origin is ${number(length)}; that of the prior's codes is about ${number(Math.sqrt(DIM))}.`,
  ].filter(Boolean).join(" ");
  byId("decoded").setAttribute("aria-label", `Decoded picture, ${like}`);
}

// What a person does.

function set(d, value, why = `z ${d} is ${number(within(value))}.`) {
  const code = Float64Array.from(z);
  code[d] = value;
  go(code, why);
}

function turnTo(d) {
  along = d;
  byId("along").value = d;
}

for (let d = 0; d < DIM; d++) {
  byId(`slider-${d}`).addEventListener("input", (event) => {
    turnTo(d);
    set(d, event.target.valueAsNumber);
  });
  byId(`number-${d}`).addEventListener("input", (event) => {
    if (Number.isNaN(event.target.valueAsNumber)) return; // as "-" is, before its digits
    turnTo(d);
    set(d, event.target.valueAsNumber);
  });
  byId(`number-${d}`).addEventListener("change", (event) => (event.target.value = typable(z[d])));
}

byId("along").addEventListener("change", (event) => {
  along = Number(event.target.value);
  go(z, `The row goes along z ${along}.`);
});
tiles.forEach((tile) => tile.addEventListener("click", () => set(along, Number(tile.dataset.value))));
byId("origin").addEventListener("click", () => go(z.map(() => 0), "The origin."));
byId("draw").addEventListener("click", () => {
  const normal = () => Math.sqrt(-2 * Math.log(1 - Math.random())) * Math.cos(2 * Math.PI * Math.random());
  go(z.map(normal), "A code drawn from the prior.");
});

const shown = new Map(); // how many images of a digit were
document.querySelectorAll("[data-start]").forEach((button) => {
  const digit = Number(button.dataset.start), own = images.filter((image) => image.digit === digit);
  const faint = (yes) => document.querySelectorAll(".dot").forEach((dot) => dot.classList.toggle("faint", yes && !dot.classList.contains(`d${digit}`)));
  button.addEventListener("click", () => {
    const turn = shown.get(digit) || 0;
    shown.set(digit, turn + 1);
    go(own[turn % own.length].code, `The code of a test image of ${named(digit)}.`);
  });
  for (const event of ["pointerenter", "focus"]) {
    button.addEventListener(event, () => faint(event === "pointerenter" || button.matches(":focus-visible")));
  }
  for (const event of ["pointerleave", "blur"]) button.addEventListener(event, () => faint(false));
});

if (plane) {
  const toPointer = (event) => {
    const { left, top, width, height } = plane.getBoundingClientRect();
    const across = (event.clientX - left) / width, down = (event.clientY - top) / height;
    go([(2 * across - 1) * reach * 1.1, (1 - 2 * down) * reach * 1.1], ""); // a tenth of margin
  };
  plane.addEventListener("pointerdown", (event) => {
    plane.setPointerCapture(event.pointerId);
    toPointer(event);
  });
  plane.addEventListener("pointermove", (event) => plane.hasPointerCapture(event.pointerId) && toPointer(event));
  const steps = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1], Home: null };
  plane.addEventListener("keydown", (event) => {
    if (!(event.key in steps) || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    const step = steps[event.key], size = event.shiftKey ? 0.5 : 0.1;
    go(step ? [z[0] + size * step[0], z[1] + size * step[1]] : [0, 0], "");
  });
}

go(z, "The origin.");
