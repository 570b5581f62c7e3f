"use strict";
// Draws the curves, scenes and timelines of the page from the numbers in #data, and keeps the
// player, the timeline and the scene of each sequence at one frame.

const data = JSON.parse(document.getElementById("data").textContent);
const tip = document.getElementById("tip");
const ROW = 13; // pixels a row of the timeline, as in the style
const NOBODY = -1;

function svg(parent, name, attributes, text) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  if (text !== undefined) element.textContent = text;
  parent.append(element);
  return element;
}

function html(parent, name, className, text) {
  const element = document.createElement(name);
  element.className = className;
  if (text !== undefined) element.textContent = text;
  parent.append(element);
  return element;
}

function showTip(event, text) {
  tip.textContent = text;
  tip.hidden = !text;
  const { width, height } = tip.getBoundingClientRect();
  const left = event.clientX + 14 + width < innerWidth ? event.clientX + 14 : event.clientX - width - 8;
  tip.style.left = `${Math.max(left, 4)}px`;
  tip.style.top = `${Math.max(Math.min(event.clientY + 14, innerHeight - height - 4), 4)}px`;
}

function tipOn(element, textAt) {
  element.addEventListener("pointermove", (event) => showTip(event, textAt(event)));
  element.addEventListener("pointerleave", () => { tip.hidden = true; });
}

const plural = (count, one, many) => `${count} ${count === 1 ? one : many}`;
const clamp = (value, low, high) => Math.min(Math.max(value, low), high);

// ---------------------------------------------------------------- curves

function drawCurves(figure) {
  const curves = data.curves[figure.dataset.curves];
  const [left, right, top, bottom] = [30, 400, 10, 200];
  const x = (overlap) => left + (right - left) * overlap;
  const y = (percent) => bottom - (bottom - top) * percent / 100;
  figure.setAttribute("viewBox", "0 0 440 224");
  for (const percent of [0, 20, 40, 60, 80, 100]) {
    svg(figure, "path", { class: "grid", d: `M${left} ${y(percent)}H${right}` });
    svg(figure, "text", { x: left - 6, y: y(percent) + 4, "text-anchor": "end" }, percent);
  }
  for (const overlap of [0.05, 0.25, 0.5, 0.75, 0.95]) {
    svg(figure, "text", { x: x(overlap), y: bottom + 18, "text-anchor": "middle" }, overlap);
  }
  const at = svg(figure, "path", { class: "at", d: "" });
  const names = Object.keys(curves);
  // Where the curves start nearest to each other, their names would cover each other.
  const heights = names.map((name) => [y(curves[name].at(-1)) + 4, name]).sort((a, b) => a[0] - b[0]);
  for (let i = 1; i < heights.length; i += 1) heights[i][0] = Math.max(heights[i][0], heights[i - 1][0] + 14);
  const over = Math.max(heights.at(-1)[0] - bottom - 4, 0);
  for (const name of names) {
    const points = curves[name].map((value, i) => `${x(data.thresholds[i])} ${y(value).toFixed(1)}`);
    svg(figure, "path", { class: `curve ${name}`, d: `M${points.join("L")}` });
  }
  for (const [height, name] of heights) {
    svg(figure, "text", { class: name, x: right - 14, y: height - over }, name);
  }
  tipOn(figure, (event) => {
    const box = figure.getBoundingClientRect();
    const padding = parseFloat(getComputedStyle(figure).paddingLeft);
    const inside = (event.clientX - box.left - padding) / (box.width - 2 * padding) * 440;
    const step = (inside - left) / (right - left);
    const i = clamp(Math.round(step / 0.05) - 1, 0, data.thresholds.length - 1);
    at.setAttribute("d", `M${x(data.thresholds[i])} ${top}V${bottom}`);
    const values = names.map((name) => `${name} ${curves[name][i].toFixed(1)}`);
    return `overlap ${data.thresholds[i]}\n${values.join("\n")}`;
  });
}

// ---------------------------------------------------------------- one sequence

class Sequence {
  constructor(numbers) {
    Object.assign(this, numbers);
    for (const { feet } of [...this.people, ...this.tracks]) {
      for (let i = 2; i < feet.length; i += 1) feet[i] += feet[i - 2]; // they come as steps
    }
    this.section = document.getElementById(this.place);
    this.video = this.section.querySelector("video");
    this.output = this.section.querySelector("output");
    this.frame = 1;
    this.events = this.people.flatMap((person) => person.switches.map(([frame]) => frame));
    this.events = [...new Set(this.events)].sort((a, b) => a - b);
    this.drawTimeline();
    this.drawScene();
    this.listen();
    this.show(1);
  }

  // The span of a row at a frame, and the place of the feet there.
  at(row, frame) {
    let before = 0;
    for (const [first, last, other] of row.spans) {
      if (frame >= first && frame <= last) {
        const i = 2 * (before + frame - first);
        return { other, first, last, x: row.feet[i], y: row.feet[i + 1] };
      }
      before += last - first + 1;
    }
    return null;
  }

  // -------------------------------------------------------------- timeline

  drawTimeline() {
    this.rows = this.section.querySelector(".rows");
    this.strays = this.tracks.filter((track) => track.spans.some((span) => span[2] === NOBODY));
    const labels = html(this.rows, "div", "labels");
    this.chart = html(this.rows, "div", "chart");
    this.chart.style.setProperty("--least", `${Math.min(1.2 * this.length, 12000)}px`);
    html(labels, "div", "head", "errors");
    this.drawErrors(html(this.chart, "div", "head"));
    this.drawPart(labels, "people", this.people, (row) => this.drawPerson(row));
    if (this.strays.length) {
      const title = "boxes on nobody, by track";
      this.drawPart(labels, title, this.strays, (row) => this.drawStray(row));
    }
    this.line = html(this.chart, "div", "line");
  }

  drawErrors(head) {
    const height = 52;
    const [misses, strays, switches] = this.errors;
    const most = Math.max(1, ...misses.map((count, i) => count + strays[i] + switches[i]));
    const figure = svg(head, "svg", {
      class: "errors", height, viewBox: `0 0 ${this.length} ${most}`, preserveAspectRatio: "none",
    });
    const base = new Array(this.length).fill(most);
    for (const [kind, counts] of [["missed", misses], ["false", strays], ["switched", switches]]) {
      let path = "";
      counts.forEach((count, i) => {
        if (count) path += `M${i} ${base[i]}v${-count}h1v${count}z`;
        base[i] -= count;
      });
      svg(figure, "path", { class: kind, d: path });
    }
    const ticks = html(head, "div", "ticks");
    const step = [10, 20, 25, 50, 100, 200, 250, 500, 1000, 2500, 5000, 25000, 1e5, 1e6].find((n) => this.length / n <= 12);
    for (let frame = 0; frame < this.length - step / 2; frame += step) {
      html(ticks, "span", "", Math.max(frame, 1)).style.left = this.percent(Math.max(frame, 1));
    }
  }

  drawPart(labels, title, rows, draw) {
    html(labels, "div", "part", "id");
    html(html(this.chart, "div", "part"), "span", "", title);
    const figure = svg(this.chart, "svg", {
      class: "spans", height: ROW * rows.length, viewBox: `0 0 ${this.length} ${rows.length}`,
      preserveAspectRatio: "none",
    });
    const lanes = svg(figure, "g", {});
    const layers = {
      followed: svg(figure, "g", { class: "followed" }), plain: svg(figure, "g", {}), top: svg(figure, "g", {}),
    };
    rows.forEach((row, i) => {
      html(labels, "div", "", row.id);
      svg(lanes, "rect", { class: "lane", x: 0, y: i, width: this.length, height: 1, fill: "none" });
      const drawn = draw(row);
      for (const [layer, attributes] of drawn) {
        svg(layers[layer], "path", { transform: `translate(0 ${i})`, ...attributes });
      }
    });
    figure.rowsShown = rows;
  }

  // Spans as boxes from one height of a row to another.
  boxes(spans, top, bottom) {
    return spans.map(([first, last]) => `M${first - 1} ${top}H${last}V${bottom}H${first - 1}z`).join("");
  }

  drawPerson(row) {
    const drawn = [];
    for (const track of new Set(row.spans.map((span) => span[2]))) {
      const spans = row.spans.filter((span) => span[2] === track);
      if (track === NOBODY) {
        const d = spans.map(([first, last]) => `M${first - 1} .5H${last}`).join("");
        drawn.push(["plain", { class: "missed", d }]);
      } else {
        drawn.push(["followed", { fill: this.colourOf(track), d: this.boxes(spans, 0.12, 0.88) }]);
      }
    }
    const d = row.switches.map(([frame]) => `M${frame - 0.5} .5h0`).join("");
    if (d) drawn.push(["top", { class: "rim", d }], ["top", { class: "switched", d }]);
    return drawn;
  }

  drawStray(row) {
    const matched = row.spans.filter((span) => span[2] !== NOBODY);
    const stray = row.spans.filter((span) => span[2] === NOBODY);
    return [
      ["followed", { class: "faint", fill: row.colour, d: this.boxes(matched, 0.3, 0.7) }],
      ["plain", { class: "nobody", d: this.boxes(stray, 0.12, 0.88) }],
    ];
  }

  colourOf(track) {
    this.colours ??= new Map(this.tracks.map((row) => [row.id, row.colour]));
    return this.colours.get(track);
  }

  percent(frame) {
    return `${100 * (frame - 0.5) / this.length}%`;
  }

  frameAt(event) {
    const box = this.chart.getBoundingClientRect();
    return clamp(Math.floor((event.clientX - box.left) / box.width * this.length) + 1, 1, this.length);
  }

  timelineTip(event) {
    const frame = this.frameAt(event);
    const figure = event.target.closest(".spans");
    if (!figure) return `frame ${frame}\n${this.errorsAt(frame)}`;
    const box = figure.getBoundingClientRect();
    const row = figure.rowsShown[Math.floor((event.clientY - box.top) / ROW)];
    if (!row) return "";
    const isPerson = this.people.includes(row);
    const span = this.at(row, frame);
    // A mark is wider than its frame, and hard to hit otherwise.
    const near = 5 / box.width * this.length;
    const found = row.switches.find(([at]) => Math.abs(at - frame) <= near);
    if (found) return `frame ${found[0]}\nperson ${row.id}\nswitch: track ${found[1]} → ${found[2]}`;
    if (isPerson) {
      let state = "not in the scene";
      if (span) state = span.other === NOBODY ? "missed" : `followed by track ${span.other}`;
      if (span) state += `, frames ${span.first} to ${span.last}`;
      return `frame ${frame}\nperson ${row.id}\n${state}`;
    }
    let state = "no box";
    if (span) state = span.other === NOBODY ? "on nobody" : `on person ${span.other}`;
    return `frame ${frame}\ntrack ${row.id}\n${state}`;
  }

  errorsAt(frame) {
    const [misses, strays, switches] = this.errors.map((counts) => counts[frame - 1]);
    return [
      plural(misses, "miss", "misses"), plural(strays, "false box", "false boxes"),
      plural(switches, "switch", "switches"),
    ].join(", ");
  }

  // -------------------------------------------------------------- scene

  drawScene() {
    this.scene = this.section.querySelector("svg.scene");
    this.trails = {
      tracks: svg(this.scene, "g", { class: "tracks" }), people: svg(this.scene, "g", { class: "people" }),
    };
    for (const row of this.tracks) {
      svg(this.trails.tracks, "path", { d: this.trail(row, () => true), stroke: row.colour });
    }
    for (const row of this.people) {
      const found = this.trail(row, (span) => span[2] !== NOBODY);
      const missed = this.trail(row, (span) => span[2] === NOBODY);
      svg(this.trails.people, "path", { d: found, stroke: row.colour });
      svg(this.trails.people, "path", { d: missed, class: "missed" });
    }
    this.now = svg(this.scene, "g", {});
    this.choose("tracks");
  }

  // Feet of the spans that are wanted, as one path; a span begins where the one before it ended.
  trail(row, wanted) {
    let path = "";
    let i = 0;
    let end = -1;
    for (const span of row.spans) {
      const [first, last] = span;
      if (wanted(span)) {
        const start = first === end + 1 ? Math.max(i - 2, 0) : i;
        path += `M${row.feet[start]} ${row.feet[start + 1]}`;
        for (let k = start + 2; k < i + 2 * (last - first + 1); k += 2) path += `L${row.feet[k]} ${row.feet[k + 1]}`;
        if (first === last && start === i) path += "h0";
      }
      i += 2 * (last - first + 1);
      end = last;
    }
    return path;
  }

  choose(kind) {
    this.shown = kind;
    for (const [name, trails] of Object.entries(this.trails)) {
      trails.style.display = name === kind ? "" : "none";
    }
    for (const button of this.section.querySelectorAll("[data-show]")) {
      button.setAttribute("aria-pressed", button.dataset.show === kind);
    }
  }

  drawNow() {
    this.now.replaceChildren();
    const dots = [];
    for (const row of this.tracks) {
      const place = this.at(row, this.frame);
      if (place) dots.push({ ...place, kind: place.other === NOBODY ? "false" : "", stroke: row.colour });
    }
    for (const row of this.people) {
      const place = this.at(row, this.frame);
      if (place && place.other === NOBODY) dots.push({ ...place, kind: "missed", stroke: "" });
    }
    for (const { x, y, kind, stroke } of dots) {
      const d = `M${x} ${y}h0`;
      svg(this.now, "path", { class: `rim ${kind}`, d });
      svg(this.now, "path", { class: `now ${kind}`, d, stroke });
    }
  }

  nearest(event) {
    const box = this.scene.getBoundingClientRect();
    const scale = this.width / box.width;
    const [x, y] = [(event.clientX - box.left) * scale, (event.clientY - box.top) * scale];
    let best = { far: (14 * scale) ** 2 };
    for (const row of this[this.shown]) {
      let i = 0;
      for (const [first, last, other] of row.spans) {
        for (let frame = first; frame <= last; frame += 1, i += 2) {
          const far = (row.feet[i] - x) ** 2 + (row.feet[i + 1] - y) ** 2;
          if (far < best.far) best = { far, row, frame, other };
        }
      }
    }
    return best;
  }

  sceneTip(event) {
    const { row, frame, other } = this.nearest(event);
    if (!row) return "";
    const names = this.shown === "tracks" ? ["track", "person", "on nobody"] : ["person", "track", "missed"];
    const match = other === NOBODY ? names[2] : `${names[1]} ${other}`;
    return `${names[0]} ${row.id}\nframe ${frame}: ${match}`;
  }

  // -------------------------------------------------------------- where we are

  show(frame) {
    this.frame = clamp(frame, 1, this.length);
    this.line.style.setProperty("--at", this.percent(this.frame));
    const present = this.people.filter((row) => this.at(row, this.frame)).length;
    const changed = this.people.flatMap((row) => row.switches
      .filter(([at]) => at === this.frame)
      .map(([, from, to]) => ` · person ${row.id}: track ${from} → ${to}`));
    const text = `frame ${this.frame} of ${this.length} · ${plural(present, "person", "people")} · ${this.errorsAt(this.frame)}${changed.join("")}`;
    this.output.textContent = text;
    this.rows.setAttribute("aria-valuenow", this.frame);
    this.rows.setAttribute("aria-valuetext", text);
    this.drawNow();
  }

  seek(frame) {
    this.show(frame);
    if (this.video) this.video.currentTime = (this.frame - 0.5) / this.rate;
    this.keepInView();
  }

  keepInView() {
    const hidden = this.line.offsetLeft - this.rows.scrollLeft;
    const room = this.rows.clientWidth - this.chart.offsetLeft;
    if (hidden < 0 || hidden > room) this.rows.scrollLeft = this.line.offsetLeft - room / 3;
  }

  step(direction) {
    const next = direction > 0
      ? this.events.find((frame) => frame > this.frame)
      : this.events.findLast((frame) => frame < this.frame);
    if (next !== undefined) this.seek(next);
  }

  get playing() {
    return this.video ? !this.video.paused : this.timer !== undefined;
  }

  toggle() {
    if (this.video) {
      if (this.video.paused) this.video.play(); else this.video.pause();
      return;
    }
    if (this.playing) {
      clearInterval(this.timer);
      this.timer = undefined;
    } else {
      if (this.frame === this.length) this.show(1);
      this.timer = setInterval(() => {
        this.show(this.frame + 1);
        this.keepInView();
        if (this.frame === this.length) this.toggle();
      }, 1000 / this.rate);
    }
    this.named();
  }

  named() {
    this.section.querySelector("[data-do=play]").textContent = this.playing ? "Pause" : "Play";
  }

  listen() {
    tipOn(this.rows, (event) => (event.target.closest(".chart") ? this.timelineTip(event) : ""));
    tipOn(this.scene, (event) => this.sceneTip(event));
    this.rows.addEventListener("click", (event) => {
      if (event.target.closest(".chart")) this.seek(this.frameAt(event));
    });
    this.scene.addEventListener("click", (event) => {
      const { frame } = this.nearest(event);
      if (frame) this.seek(frame);
    });
    this.rows.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.altKey || event.metaKey) return;
      const far = event.shiftKey ? 10 : 1;
      const acts = {
        ArrowLeft: () => this.seek(this.frame - far), ArrowRight: () => this.seek(this.frame + far),
        Home: () => this.seek(1), End: () => this.seek(this.length),
        n: () => this.step(1), p: () => this.step(-1), " ": () => this.toggle(),
      };
      const act = acts[event.key.length === 1 ? event.key.toLowerCase() : event.key];
      if (act) { event.preventDefault(); act(); }
    });
    const acts = { play: () => this.toggle(), before: () => this.step(-1), after: () => this.step(1) };
    for (const button of this.section.querySelectorAll("[data-do]")) {
      button.addEventListener("click", acts[button.dataset.do]);
      if (button.dataset.do !== "play") button.disabled = !this.events.length;
    }
    for (const button of this.section.querySelectorAll("[data-show]")) {
      button.addEventListener("click", () => this.choose(button.dataset.show));
    }
    if (this.video) this.follow();
  }

  // The line goes with the player.
  follow() {
    const update = () => {
      const frame = clamp(Math.floor(this.video.currentTime * this.rate + 1e-6) + 1, 1, this.length);
      if (frame !== this.frame) this.show(frame);
    };
    const run = () => {
      update();
      this.keepInView();
      if (!this.video.paused) requestAnimationFrame(run);
    };
    this.video.currentTime = 0.5 / this.rate; // a picture at once instead of black
    this.video.addEventListener("play", () => { this.named(); run(); });
    this.video.addEventListener("pause", () => this.named());
    this.video.addEventListener("seeked", update);
  }
}

// ---------------------------------------------------------------- worst moments

function listenTo(moment, byPlace) {
  const pictures = [...moment.querySelectorAll("img")];
  const buttons = [...moment.querySelectorAll(".bar button")];
  for (const button of buttons) {
    button.addEventListener("click", () => {
      for (const picture of pictures) picture.hidden = picture.dataset.frame !== button.dataset.frame;
      for (const other of buttons) other.setAttribute("aria-pressed", other === button);
    });
  }
  moment.querySelector(".enlarge").addEventListener("click", () => {
    const large = document.getElementById("large");
    const shown = pictures.find((picture) => !picture.hidden);
    Object.assign(large.querySelector("img"), { src: shown.src, alt: shown.alt });
    large.showModal();
  });
  const link = moment.querySelector("a");
  link.addEventListener("click", () => {
    byPlace.get(link.getAttribute("href").slice(1)).seek(Number(link.dataset.frame));
  });
}

for (const figure of document.querySelectorAll("svg.curves")) drawCurves(figure);
const sequences = new Map(data.sequences.map((numbers) => [numbers.place, new Sequence(numbers)]));
for (const moment of document.querySelectorAll(".moment")) listenTo(moment, sequences);
