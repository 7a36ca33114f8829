// Matrices of weights, with the weight under the pointer.

function drawMatrix(canvas, data) {
  const n = data.neurons.length;
  const values = decode(data.matrices[canvas.dataset.matrix], "i2");
  const weight = (row, column) => (values[row * n + column] / 32767) * data.top;
  const tip = canvas.nextElementSibling;
  const paint = () => {
    const width = canvas.parentElement.clientWidth;
    if (!width) return;
    const c = sized(canvas, width, width);
    const ramped = ramp([colour("below"), colour("plot"), colour("above")], 511);
    const image = picture(n, n, (row, column) => ramped[255 + Math.round(Math.max(-1, Math.min(1, weight(row, column) / data.scale)) * 255)]);
    c.imageSmoothingEnabled = false;
    c.drawImage(image, 0, 0, width, width);
    const part = (data.neurons.filter((i) => i < data.visible).length / n) * width;
    c.fillStyle = colour("ink");
    c.fillRect(part, 0, 1, width);
    c.fillRect(0, width - part, width, 1);
  };
  const name = (i) => (i < data.visible ? data.channels[i] : `latent ${i - data.visible + 1}`);
  canvas.addEventListener("pointermove", (event) => {
    const box = canvas.getBoundingClientRect();
    const [x, y] = [event.clientX - box.left, event.clientY - box.top];
    const inside = (v) => Math.max(0, Math.min(n - 1, Math.floor((v / box.width) * n)));
    const [column, row] = [inside(x), n - 1 - inside(y)];
    tip.textContent = `${name(data.neurons[column])} → ${name(data.neurons[row])}: ${weight(row, column).toFixed(2)} mV`;
    place(tip, x, y, box.width);
  });
  canvas.addEventListener("pointerleave", () => (tip.hidden = true));
  new ResizeObserver(paint).observe(canvas.parentElement);
  DARK.addEventListener("change", paint);
  paint();
}
