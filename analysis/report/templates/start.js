// Starts the pictures of the page, lets their cursors follow each other and the sounds.

function follow(audio, view) {
  const cycles = Number(audio.dataset.cycles);
  const replayed = !audio.dataset.name.startsWith("taught");
  const tick = () => {
    if (audio.paused || !audio.duration) return;
    const { period, interval } = view.data;
    let ms = (audio.currentTime / audio.duration) * cycles * period;
    const number = view.cycles.findLastIndex((c) => c.begin !== null && c.begin <= ms && ms < c.begin + period);
    if (replayed && number >= 0) {
      if (number !== view.cycle) view.choose(number);
      ms -= view.cycles[number].begin;
    }
    view.move(Math.floor((ms % period) / interval));
    requestAnimationFrame(tick);
  };
  audio.addEventListener("play", () => {
    for (const other of document.querySelectorAll("audio")) if (other !== audio) other.pause();
    view.output.setAttribute("aria-live", "off"); // else a screen reader talks over the sound
    requestAnimationFrame(tick);
  });
  audio.addEventListener("pause", () => view.output.setAttribute("aria-live", "polite"));
}

function copier(button) {
  button.addEventListener("click", async () => {
    const code = document.getElementById(button.dataset.copy);
    getSelection().selectAllChildren(code);
    try {
      await navigator.clipboard.writeText(code.textContent);
      button.textContent = "Copied";
    } catch {
      button.textContent = "Selected: press Ctrl+C";
    }
    setTimeout(() => (button.textContent = "Copy"), 2500);
  });
}

const viewers = JSON.parse(document.getElementById("viewers").textContent).map(
  (data, i) => new Viewer(document.querySelector(`[data-viewer="${i}"]`), data),
);
for (const view of viewers) {
  pointers(view);
  keys(view);
  buttons(view);
}
document.addEventListener("cursor", ({ detail }) => {
  for (const view of viewers) if (view !== detail) view.follow(detail);
});
for (const audio of document.querySelectorAll("audio")) follow(audio, viewers[Number(audio.dataset.follow)]);
for (const button of document.querySelectorAll("[data-copy]")) copier(button);
const weights = document.getElementById("weights");
if (weights) {
  const data = JSON.parse(weights.textContent);
  for (const canvas of document.querySelectorAll("canvas[data-matrix]")) drawMatrix(canvas, data);
}
