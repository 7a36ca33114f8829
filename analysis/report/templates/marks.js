"use strict";
// Numbers from base64, colours of the theme, and pictures of matrices of rates.

const KINDS = { u1: Uint8Array, u2: Uint16Array, i2: Int16Array };
const DARK = matchMedia("(prefers-color-scheme: dark)");
const RAMPS = {
  light: ["#f4f5f8", "#fbd3b4", "#f2785c", "#b3296b", "#46105f"],
  dark: ["#1a1d26", "#4b1a6b", "#b53468", "#f58a62", "#fdf3c2"],
};

function decode(text, kind) {
  const bytes = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
  return new KINDS[kind](bytes.buffer);
}

function colour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue("--" + name).trim();
}

function rgb(hex) {
  return [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16));
}

// colours from the first to the last of a list of "#rrggbb", as [r, g, b]
function ramp(stops, n) {
  const points = stops.map(rgb);
  return Array.from({ length: n }, (_, i) => {
    const at = (i / (n - 1)) * (points.length - 1);
    const low = Math.min(Math.floor(at), points.length - 2);
    return points[low].map((v, k) => Math.round(v + (at - low) * (points[low + 1][k] - v)));
  });
}

function rateColours() {
  return ramp(RAMPS[DARK.matches ? "dark" : "light"], 256);
}

// a picture of columns x rows pixels, the first row at the bottom; pick(row, column) returns [r, g, b]
function picture(columns, rows, pick) {
  const canvas = document.createElement("canvas");
  canvas.width = columns;
  canvas.height = rows;
  const context = canvas.getContext("2d");
  const image = context.createImageData(columns, rows);
  for (let row = 0, at = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++, at += 4) {
      const [r, g, b] = pick(rows - 1 - row, column);
      image.data[at] = r;
      image.data[at + 1] = g;
      image.data[at + 2] = b;
      image.data[at + 3] = 255;
    }
  }
  context.putImageData(image, 0, 0);
  return canvas;
}

// set the size of a canvas in CSS pixels and return its context
function sized(canvas, width, height) {
  const ratio = window.devicePixelRatio || 1;
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(height * ratio);
  canvas.style.height = height + "px";
  const context = canvas.getContext("2d");
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  return context;
}

// round numbers between two ends, about n of them
function ticks(low, high, n) {
  const raw = (high - low) / Math.max(n, 1);
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = power * [1, 2, 5, 10].find((s) => s * power >= raw);
  const digits = Math.max(0, -Math.floor(Math.log10(step)));
  const found = [];
  for (let i = Math.ceil(low / step - 1e-9); i * step <= high + 1e-9; i++) found.push((i * step).toFixed(digits));
  return found;
}
