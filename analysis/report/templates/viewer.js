// Taught and played rates and the raster of one cycle, with a cursor that all of them share.

class Viewer {
  constructor(root, data) {
    Object.assign(this, { root, data, cycle: 0, at: 0, channel: data.channels.length - 1, from: 0, to: data.samples, brush: null });
    this.canvas = root.querySelector("canvas");
    this.select = root.querySelector("select.cycle");
    this.output = root.querySelector(".readout");
    this.tip = root.querySelector(".tip");
    this.target = decode(data.target, "u1");
    this.cycles = data.cycles.map((c) => ({
      ...c, rates: decode(c.rates, "u1"), times: decode(c.times, "u2"), neurons: decode(c.neurons, "u2"),
    }));
    this.decimals = Math.max(0, Math.ceil(-Math.log10(data.interval) - 1e-9));
    root.viewer = this;
    new ResizeObserver(() => this.layout()).observe(this.canvas.parentElement);
    DARK.addEventListener("change", () => this.layout());
    this.layout();
  }

  time(sample) { return (sample + 1) * this.data.interval; }
  x(sample) { return this.left + ((sample - this.from) / (this.to - this.from)) * this.inside; }
  sample(x) {
    const k = this.from + ((x - this.left) / this.inside) * (this.to - this.from);
    return Math.max(0, Math.min(this.data.samples - 1, Math.floor(k)));
  }
  rate(values, channel) { return values[channel * this.data.samples + this.at] / 255; }

  layout() {
    const { data } = this;
    const width = this.canvas.parentElement.clientWidth;
    if (!width) return;
    const rows = data.channels.length;
    const high = Math.max(56, Math.min(rows * (width < 500 ? 13 : 15), 420));
    const context = this.canvas.getContext("2d");
    context.font = "12px system-ui, sans-serif";
    const widest = Math.max(...data.channels.slice(0, 500).map((c) => context.measureText(c).width));
    this.left = Math.round(Math.min(Math.max(widest + 12, 34), width * 0.28));
    this.inside = width - this.left - 10;
    this.panels = [["Taught", high, "taught"], ["Played", high, "played"]];
    if (data.spiking) this.panels.push(["Spikes, visible neurons", high, "visible"]);
    if (data.spiking && data.latent > 0) this.panels.push(["Spikes, latent neurons", Math.max(40, Math.min(data.latent * 1.7, 240)), "latent"]);
    let top = 0;
    this.panels = this.panels.map(([title, height, kind]) => {
      const panel = { title, kind, height, top: top + 24, rows: kind === "latent" ? data.latent : rows };
      top += height + 32;
      return panel;
    });
    this.bottom = top - 8;
    this.width = width;
    this.height = this.bottom + 38;
    this.pictures = {};
    this.paint();
  }

  // everything but the cursor, kept as it is until view, cycle, channel or theme change
  paint() {
    if (!this.inside) return;
    this.base = document.createElement("canvas");
    sized(this.canvas, this.width, this.height);
    const c = sized(this.base, this.width, this.height);
    this.colours ??= {};
    for (const name of ["ink", "soft", "rule", "visible", "latent", "cursor", "plot"]) this.colours[name] = colour(name);
    c.textBaseline = "middle";
    for (const panel of this.panels) this.paintPanel(c, panel);
    this.paintAxis(c);
    this.draw();
  }

  paintPanel(c, panel) {
    const { data, left, inside, colours } = this;
    const cycle = this.cycles[this.cycle];
    c.fillStyle = colours.ink;
    c.textAlign = "left";
    c.font = "600 13px system-ui, sans-serif";
    c.fillText(panel.kind === "played" ? `Played: ${cycle.label}` : panel.title, left, panel.top - 12, inside - (panel.kind === "taught" ? 110 : 0));
    c.fillStyle = colours.plot;
    c.fillRect(left, panel.top, inside, panel.height);
    if (panel.kind === "taught") this.paintScale(c, panel.top - 17);
    if (panel.kind === "taught" || panel.kind === "played") {
      const key = panel.kind + (panel.kind === "played" ? this.cycle : "");
      const values = panel.kind === "taught" ? this.target : cycle.rates;
      const colourOf = rateColours();
      this.pictures[key] ??= picture(data.samples, panel.rows, (row, k) => colourOf[values[row * data.samples + k]]);
      c.imageSmoothingEnabled = false;
      c.drawImage(this.pictures[key], this.from, 0, this.to - this.from, panel.rows, left, panel.top, inside, panel.height);
    } else {
      this.paintSpikes(c, panel, cycle);
    }
    c.strokeStyle = colours.rule;
    c.strokeRect(left + 0.5, panel.top + 0.5, inside - 1, panel.height - 1);
    this.paintNames(c, panel);
  }

  paintScale(c, top) {
    const right = this.left + this.inside;
    const colourOf = rateColours();
    for (let i = 0; i < 60; i++) {
      c.fillStyle = `rgb(${colourOf[Math.round((i / 59) * 255)]})`;
      c.fillRect(right - 92 + i, top, 1.5, 10);
    }
    c.fillStyle = this.colours.soft;
    c.font = "11px system-ui, sans-serif";
    c.textAlign = "right";
    c.fillText("0", right - 96, top + 5);
    c.fillText("1/ms", right, top + 5);
  }

  paintSpikes(c, panel, cycle) {
    const { data, colours } = this;
    const latent = panel.kind === "latent";
    const first = latent ? data.channels.length : 0;
    const row = panel.height / panel.rows;
    const long = latent ? Math.max(row, 1.6) : row * 0.72;
    c.save();
    c.beginPath();
    c.rect(this.left, panel.top, this.inside, panel.height);
    c.clip();
    c.fillStyle = latent ? colours.latent : colours.visible;
    const broad = Math.max(1, Math.min(2, this.inside / (this.to - this.from) / 2));
    for (let i = 0; i < cycle.times.length; i++) {
      const neuron = cycle.neurons[i] - first;
      if (neuron < 0 || neuron >= panel.rows) continue;
      const x = this.x((cycle.times[i] / 65535) * data.samples);
      c.fillRect(x - broad / 2, panel.top + panel.height - (neuron + 0.5) * row - long / 2, broad, long);
    }
    c.restore();
  }

  paintNames(c, panel) {
    c.textAlign = "right";
    const row = panel.height / panel.rows;
    const middle = (i) => panel.top + panel.height - (i + 0.5) * row;
    if (panel.kind === "latent") {
      c.font = "11px system-ui, sans-serif";
      c.fillStyle = this.colours.soft;
      for (const i of panel.rows > 8 ? [0, panel.rows - 1] : [0]) {
        c.fillText(i + 1, this.left - 6, Math.min(Math.max(middle(i), panel.top + 6), panel.top + panel.height - 6));
      }
      return;
    }
    const every = Math.ceil(12 / row);
    for (let i = 0; i < panel.rows; i++) {
      const chosen = i === this.channel;
      if (!chosen && (i % every || Math.abs(i - this.channel) * row < 11)) continue;
      c.font = `${chosen ? "700 " : ""}12px system-ui, sans-serif`;
      c.fillStyle = chosen ? this.colours.cursor : this.colours.soft;
      c.fillText(this.data.channels[i], this.left - 6, middle(i), this.left - 8);
    }
  }

  paintAxis(c) {
    const { data, colours, bottom } = this;
    const [low, high] = [this.from * data.interval, this.to * data.interval];
    c.font = "12px system-ui, sans-serif";
    c.fillStyle = colours.soft;
    c.strokeStyle = colours.rule;
    for (const label of ticks(low, high, Math.min(10, this.inside / 55))) {
      const x = this.x(Number(label) / data.interval);
      c.fillRect(Math.round(x), bottom, 1, 4);
      c.textAlign = x > this.left + this.inside - 12 ? "right" : "center";
      c.fillText(label, x, bottom + 12);
    }
    c.textAlign = "center";
    c.fillText("time in the cycle in ms", this.left + this.inside / 2, bottom + 29);
  }

  draw() {
    const c = this.canvas.getContext("2d");
    c.clearRect(0, 0, this.width, this.height);
    c.drawImage(this.base, 0, 0, this.width, this.height);
    if (this.brush) {
      c.globalAlpha = 0.22;
      c.fillStyle = this.colours.cursor;
      c.fillRect(Math.min(...this.brush), 0, Math.abs(this.brush[1] - this.brush[0]), this.bottom);
      c.globalAlpha = 1;
    }
    const x = this.x(this.at + 0.5);
    if (x >= this.left - 1 && x <= this.left + this.inside + 1) {
      c.fillStyle = this.colours.cursor;
      for (const panel of this.panels) c.fillRect(x - 1, panel.top - 3, 2, panel.height + 6);
    }
    this.tell();
  }

  tell() {
    const { data, channel } = this;
    const rates = this.cycles[this.cycle].rates;
    const time = this.time(this.at).toFixed(this.decimals);
    const step = Math.floor((this.at * data.interval + 1e-9) / data.step) + 1;
    const loud = (values) => data.channels.filter((_, i) => this.rate(values, i) > 0.45).slice(-6).reverse().join(" ") || "–";
    const one = `taught ${this.rate(this.target, channel).toFixed(2)}, played ${this.rate(rates, channel).toFixed(2)} per ms`;
    const parts = [["Time", `${time} ms, step ${step}`], [data.channels[channel], one], ["Taught now", loud(this.target)], ["Played now", loud(rates)]];
    this.output.replaceChildren(...parts.map(([name, value]) => {
      const part = document.createElement("span");
      const label = document.createElement("b");
      label.textContent = name;
      part.append(label, " ", value);
      return part;
    }));
    Object.assign(this.output.dataset, { sample: this.at, channel, cycle: this.cycle });
    this.canvas.setAttribute("aria-valuenow", time);
    this.canvas.setAttribute("aria-valuetext", `${time} ms, ${data.channels[channel]} ${one}`);
  }

  // move the cursor to a sample
  move(sample, tell = true) {
    this.at = Math.max(0, Math.min(this.data.samples - 1, sample));
    if (this.at < this.from || this.at >= this.to) {
      const span = this.to - this.from;
      this.show(this.at < this.from ? this.at : this.at - span + 1, span);
    } else {
      this.draw();
    }
    if (tell) this.lead();
  }

  // the other pictures of the page follow
  lead() {
    document.dispatchEvent(new CustomEvent("cursor", { detail: this }));
  }

  follow(other) {
    const alike = other.data.channels.join("\n") === this.data.channels.join("\n");
    if (alike && other.channel !== this.channel) this.pick(other.channel, false);
    this.move(Math.ceil(other.time(other.at) / this.data.interval - 1e-6) - 1, false);
  }

  // show so many samples from one on
  show(from, span) {
    span = Math.max(Math.min(20, this.data.samples), Math.min(this.data.samples, Math.round(span)));
    this.from = Math.max(0, Math.min(this.data.samples - span, Math.round(from)));
    this.to = this.from + span;
    this.paint();
  }

  // zoom by a factor about a sample
  zoom(factor, about = this.at) {
    const span = (this.to - this.from) * factor;
    this.show(about - (about - this.from) * factor, span);
  }

  choose(cycle) {
    this.cycle = Math.max(0, Math.min(this.cycles.length - 1, cycle));
    this.select.value = this.cycle;
    this.paint();
  }

  pick(channel, tell = true) {
    this.channel = Math.max(0, Math.min(this.data.channels.length - 1, channel));
    this.paint();
    if (tell) this.lead();
  }
}
