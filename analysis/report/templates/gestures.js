// Pointer, wheel, keys and buttons of a viewer.

function place(tip, x, y, width) {
  tip.hidden = false;
  tip.style.left = Math.max(0, Math.min(x + 14, width - tip.offsetWidth - 2)) + "px";
  tip.style.top = Math.max(0, y - tip.offsetHeight - 12) + "px";
}

function hover(view, x, y) {
  view.move(view.sample(x));
  const panel = view.panels.find((p) => y >= p.top && y <= p.top + p.height);
  if (!panel || x < view.left) {
    view.tip.hidden = true;
    return;
  }
  const row = Math.max(0, Math.min(panel.rows - 1, Math.floor(((panel.top + panel.height - y) / panel.height) * panel.rows)));
  const time = view.time(view.at).toFixed(view.decimals) + " ms";
  if (panel.kind === "latent") {
    const neuron = row + view.data.channels.length;
    const spikes = view.cycles[view.cycle].neurons.filter((n) => n === neuron).length;
    view.tip.textContent = `latent ${row + 1}, ${time}: ${spikes} spike${spikes === 1 ? "" : "s"} in the cycle`;
  } else {
    if (row !== view.channel) view.pick(row);
    const taught = view.rate(view.target, row).toFixed(2);
    view.tip.textContent = `${view.data.channels[row]}, ${time}: taught ${taught}, played ${view.rate(view.cycles[view.cycle].rates, row).toFixed(2)}`;
  }
  place(view.tip, x, y, view.width);
}

function pointers(view) {
  const { canvas } = view;
  const down = new Map();
  let pinch = null;
  const where = (event) => {
    const box = canvas.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  };
  canvas.addEventListener("pointerdown", (event) => {
    down.set(event.pointerId, where(event));
    canvas.setPointerCapture(event.pointerId);
    if (down.size === 2) pinch = { gap: gap(), span: view.to - view.from };
    hover(view, ...where(event));
  });
  const gap = () => {
    const [a, b] = [...down.values()];
    return Math.max(20, Math.abs(a[0] - b[0]));
  };
  canvas.addEventListener("pointermove", (event) => {
    const [x, y] = where(event);
    const begin = down.get(event.pointerId);
    if (begin && down.size === 2 && pinch) {
      down.set(event.pointerId, [x, y]);
      view.zoom(((pinch.gap / gap()) * pinch.span) / (view.to - view.from));
      return;
    }
    if (begin && event.pointerType === "mouse" && Math.abs(x - begin[0]) > 5) {
      const inside = (v) => Math.max(view.left, Math.min(view.left + view.inside, v));
      view.brush = [inside(begin[0]), inside(x)];
    }
    hover(view, x, y);
  });
  const up = (event) => {
    down.delete(event.pointerId);
    if (down.size < 2) pinch = null;
    if (!view.brush) return;
    const [low, high] = view.brush.map((x) => view.sample(x)).sort((a, b) => a - b);
    view.brush = null;
    if (event.type === "pointerup") view.show(low, high - low);
    else view.draw();
  };
  canvas.addEventListener("pointerup", up);
  canvas.addEventListener("pointercancel", up);
  canvas.addEventListener("pointerleave", () => (view.tip.hidden = true));
  canvas.addEventListener("dblclick", () => view.show(0, view.data.samples));
  canvas.addEventListener("wheel", (event) => {
    if (!event.ctrlKey && !event.metaKey) return; // the page scrolls
    event.preventDefault();
    view.zoom(Math.exp(Math.max(-60, Math.min(60, event.deltaY)) / 150), view.sample(where(event)[0]));
  }, { passive: false });
}

function keys(view) {
  const step = () => Math.max(1, Math.round(view.data.step / view.data.interval));
  const millisecond = () => Math.max(1, Math.round(1 / view.data.interval));
  const acts = {
    ArrowLeft: (e) => view.move(view.at - (e.shiftKey ? step() : millisecond())),
    ArrowRight: (e) => view.move(view.at + (e.shiftKey ? step() : millisecond())),
    ArrowUp: () => view.pick(view.channel + 1),
    ArrowDown: () => view.pick(view.channel - 1),
    Home: () => view.move(0),
    End: () => view.move(view.data.samples - 1),
    PageUp: () => view.choose(view.cycle - 1),
    PageDown: () => view.choose(view.cycle + 1),
    "+": () => view.zoom(0.5),
    "=": () => view.zoom(0.5),
    "-": () => view.zoom(2),
    0: () => view.show(0, view.data.samples),
  };
  view.canvas.addEventListener("keydown", (event) => {
    if (!acts[event.key] || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    view.tip.hidden = true;
    acts[event.key](event);
  });
}

function buttons(view) {
  const acts = {
    before: () => view.choose(view.cycle - 1),
    next: () => view.choose(view.cycle + 1),
    in: () => view.zoom(0.5),
    out: () => view.zoom(2),
    all: () => view.show(0, view.data.samples),
  };
  for (const button of view.root.querySelectorAll("[data-do]")) button.addEventListener("click", acts[button.dataset.do]);
  view.select.addEventListener("change", () => view.choose(Number(view.select.value)));
}
