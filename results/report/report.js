// Draws the charts with D3 and filters them. All texts of marks come with the data; nothing is formatted
// here but ticks.
(function () {
  "use strict";
  const data = JSON.parse(document.getElementById("report-data").textContent);
  const filterKeys = ["backend", "dtype", "pass", "threads", "cache"];
  const off = {};  // by key: the values that are filtered out
  filterKeys.forEach((key) => { off[key] = new Set(); });
  let environment = data.points.length ? data.points[0].environment : 0;
  let layer = "";

  const valuesOf = (key) => [...new Set(data.points.map((point) => point[key]))]
    .sort((a, b) => a - b || (a < b ? -1 : 1));
  const shown = (item) => item.environment === environment && (!layer || item.layer === layer) &&
    filterKeys.every((key) => !off[key].has(item[key]));
  const seriesOf = (item) => Math.max(0, data.backends.indexOf(item.backend));
  const classOf = (item) => `mark series-${seriesOf(item) % 6}${item.ok ? "" : " hollow"}`;

  // ---- Tooltip and keyboard

  const tooltip = document.getElementById("tooltip");

  function showTooltip(node, lines) {
    tooltip.textContent = "";
    lines.forEach((line) => {
      tooltip.appendChild(document.createElement("div")).textContent = line;
    });
    tooltip.hidden = false;
    const mark = node.getBoundingClientRect();
    const right = document.documentElement.clientWidth - tooltip.offsetWidth - 8;
    const below = mark.bottom + 10 + tooltip.offsetHeight < window.innerHeight;
    tooltip.style.left = `${Math.max(8, Math.min(mark.left, right)) + window.scrollX}px`;
    tooltip.style.top =
      `${(below ? mark.bottom + 10 : mark.top - tooltip.offsetHeight - 10) + window.scrollY}px`;
  }

  function hideTooltip() { tooltip.hidden = true; }

  // A chart is one stop of the Tab key; arrows, Home and End go from mark to mark.
  function step(event, nodes, index) {
    const to = { ArrowRight: index + 1, ArrowDown: index + 1, ArrowLeft: index - 1, ArrowUp: index - 1,
      Home: 0, End: nodes.length - 1 }[event.key];
    if (event.key === "Escape") { hideTooltip(); }
    if (to === undefined || !nodes[to]) { return; }
    event.preventDefault();
    nodes[index].setAttribute("tabindex", -1);
    nodes[to].setAttribute("tabindex", 0);
    nodes[to].focus();
  }

  function interactive(marks) {
    const nodes = marks[0];
    marks.attr("class", classOf).attr("role", "img").attr("tabindex", (d, i) => (i ? -1 : 0))
      .attr("aria-label", (d) => d.lines.join("; "))
      .on("mouseenter", function (d) { showTooltip(this, d.lines); })
      .on("focus", function (d) { showTooltip(this, d.lines); })
      .on("mouseleave", hideTooltip).on("blur", hideTooltip)
      .on("keydown", (d, i) => step(d3.event, nodes, i));
  }

  // ---- Parts of charts

  function frame(figure, height, margin) {
    const width = Math.max(280, figure.clientWidth);
    const svg = d3.select(figure).html("").append("svg").attr("class", "chart")
      .attr("viewBox", `0 0 ${width} ${height}`).attr("width", width).attr("height", height)
      .attr("role", "group").attr("aria-label", `${figure.getAttribute("aria-label")}: arrow keys go from mark to mark`);
    return { left: margin.left, width: width - margin.left - margin.right, height: height - margin.top - margin.bottom,
      plot: svg.append("g").attr("transform", `translate(${margin.left},${margin.top})`) };
  }

  function keys(line) {
    data.backends.forEach((backend, i) => {
      const key = line.append("span").attr("class", "key");
      key.append("svg").attr("width", 16).attr("height", 16).append("path").attr("d", data.marks[i])
        .attr("class", `mark series-${i % 6}`).attr("transform", "translate(8,8)");
      key.append("span").text(backend);
    });
    return line;
  }

  function caption(figure, count, total, what, extra) {
    const line = keys(d3.select(figure).append("figcaption"));
    line.append("span").text(`${extra}hollow or ~: not steady (noisy, mistrusted)`);
    line.append("output").attr("aria-live", "polite").text(`${count} of ${total} ${what} shown`);
  }

  const powerText = (value) => {
    const exponent = Math.round(Math.log10(value));
    return Math.abs(exponent) <= 3 ? String(Number(value.toPrecision(1))) : `1e${exponent}`;
  };
  const secondsText = (value) => {
    const exponent = Math.round(Math.log10(value));
    const unit = Math.max(-3, Math.min(0, Math.floor(exponent / 3)));
    return `${Math.pow(10, exponent - 3 * unit)} ${["s", "ms", "us", "ns"][-unit]}`;
  };

  const decadesOf = (values) => [d3.min(values), d3.max(values)].map(
    (value, i) => Math.pow(10, (i ? Math.ceil : Math.floor)(Math.log10(value) + (i ? 1e-9 : 0))));

  // Whole powers of ten, as many as have space.
  function powers(scale, pixels) {
    const [low, high] = scale.domain().map((value) => Math.round(Math.log10(value)));
    const every = Math.ceil((high - low + 1) * pixels / Math.abs(scale.range()[1] - scale.range()[0]));
    return d3.range(low, high + 1, Math.max(1, every)).map((exponent) => Math.pow(10, exponent));
  }

  // Round values, fewer of each decade where there are several decades.
  function roundTicks(scale) {
    const [low, high] = scale.domain().map(Math.log10);
    const digits = high - low < 1 ? [1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8] : high - low < 3 ? [1, 2, 5] : [1];
    return d3.merge(d3.range(Math.floor(low), Math.ceil(high)).map(
      (exponent) => digits.map((digit) => Number(`${digit}e${exponent}`))))
      .filter((value) => value >= scale.domain()[0] && value <= scale.domain()[1]);
  }

  function axes(chart, x, y, texts) {
    const bottom = chart.plot.append("g").attr("class", "axis")
      .attr("transform", `translate(0,${chart.height})`).call(x.axis.orient("bottom")
        .innerTickSize(-chart.height).outerTickSize(0).tickPadding(6));
    bottom.append("text").attr("class", "title").attr("x", chart.width / 2).attr("y", 38)
      .attr("text-anchor", "middle").text(texts.x);
    chart.plot.append("g").attr("class", "axis").call(y.axis.orient("left")
      .innerTickSize(-chart.width).outerTickSize(0).tickPadding(6));
    chart.plot.append("text").attr("class", "title").attr("y", -10).attr("x", -8).text(texts.y);
  }

  const logScale = (domain, range) => d3.scale.log().domain(domain).range(range);
  const logAxis = (scale, pixels, format) => ({ axis: d3.svg.axis().scale(scale)
    .tickValues(powers(scale, pixels)).tickFormat(format) });

  function points(chart, items, place) {
    interactive(chart.plot.append("g").selectAll("path").data(items).enter().append("path")
      .attr("d", (d) => data.marks[seriesOf(d)])
      .attr("transform", (d) => `translate(${place(d)})`));
  }

  // ---- Charts

  const wide = { left: 62, right: 20, top: 28, bottom: 46 };
  const small = { left: 40, right: 20, top: 26, bottom: 44 };

  // The machines' pictures at the top share their axes, so that heights can be compared.
  function drawFirst(figure) {
    const number = Number(figure.dataset.environment);
    const diagram = data.rooflines.find((one) => one.environment === number);
    const first = data.first[number];
    const many = data.rooflines.length > 1;
    const rows = new Set(first.rows);
    const narrow = document.documentElement.clientWidth < 700;
    const chart = frame(figure, narrow ? 270 : many ? 320 : 430, small);
    const ends = (key) => d3.extent(d3.merge(data.rooflines.map((one) => one[key])));
    const x = logScale(ends("intensity"), [0, chart.width]);
    const y = logScale(ends("gflops"), [chart.height, 0]);
    axes(chart, logAxis(x, 46, powerText), logAxis(y, 20, powerText),
      { x: "intensity, FLOP/byte", y: `${many ? data.environments[number].split(":")[0] + ": " : ""}GFLOPS` });
    const most = d3.max(diagram.roofs.map((roof) => roof.cores)) || 1;
    drawRoofs(chart, diagram.roofs.filter((roof) => !rows.size || (roof.cores === (first.cores > 1 ? most : 1) &&
      (roof.bandwidth || roof.label === first.dtype))), x, y);
    points(chart, data.points.filter((d) => rows.has(d.row) && d.gflops > 0 && d.intensity > 0)
      .sort((a, b) => a.intensity - b.intensity), (d) => [x(d.intensity), y(d.gflops)]);
    keys(d3.select(figure).append("figcaption")).append("span")
      .text(`${first.setting || "nothing was timed"}; hollow: not steady`);
  }

  function drawRoofline(figure) {
    const diagram = data.rooflines.find((one) => one.environment === environment);
    const chart = frame(figure, 520, wide);
    if (!diagram) { return; }
    const x = logScale(diagram.intensity, [0, chart.width]);
    const y = logScale(diagram.gflops, [chart.height, 0]);
    axes(chart, logAxis(x, 46, powerText), logAxis(y, 20, powerText),
      { x: "intensity, FLOP/byte", y: "GFLOPS" });
    const dtypes = valuesOf("dtype");
    drawRoofs(chart, diagram.roofs.filter((roof) => roof.bandwidth || !dtypes.length ||
      (dtypes.includes(roof.label) && !off.dtype.has(roof.label))), x, y);
    const all = data.points.filter((d) => d.gflops > 0 && d.intensity > 0);
    const some = all.filter(shown).sort((a, b) => a.intensity - b.intensity);
    points(chart, some, (d) => [x(d.intensity), y(d.gflops)]);
    caption(figure, some.length, all.length, "rows",
      "GFLOPS by the convention of each row, of integers 10^9 operations/s; solid: 1 core, dashed: all cores; ");
  }

  function drawRoofs(chart, roofs, x, y) {
    roofs.forEach((roof) => {
      chart.plot.append("path").attr("class", roof.cores > 1 ? "roof all" : "roof")
        .attr("d", `M${x(roof.from[0])},${y(roof.from[1])}L${x(roof.to[0])},${y(roof.to[1])}`)
        .append("title").text(roof.meaning);
    });
    const names = roofs.map((roof) => {
      const share = roof.bandwidth ? (roof.cores > 1 ? 0.55 : 0.3) : 1;
      const along = (i, scale) => scale(roof.from[i]) + share * (scale(roof.to[i]) - scale(roof.from[i]));
      const angle = Math.atan2(y(roof.to[1]) - y(roof.from[1]), x(roof.to[0]) - x(roof.from[0]));
      return { roof, x: along(0, x), y: along(1, y), angle: angle * 180 / Math.PI };
    });
    names.forEach((name, i) => {
      // Peaks of almost the same height: names beside each other.
      const before = name.roof.bandwidth ? 0 : names.slice(0, i).filter(
        (other) => !other.roof.bandwidth && Math.abs(other.y - name.y) < 13).length;
      chart.plot.append("text").attr("class", "halo").attr("dy", -4)
        .attr("text-anchor", name.roof.bandwidth ? "middle" : "end")
        .attr("transform", `translate(${name.x - 58 * before},${name.y})rotate(${name.angle})`)
        .text(name.roof.label + (name.roof.cores > 1 ? ` x${name.roof.cores}` : ""));
    });
  }

  function drawScatter(figure) {
    const all = data.points.filter((d) => d.operations > 0);
    const some = all.filter(shown).sort((a, b) => a.operations - b.operations);
    const chart = frame(figure, 460, wide);
    const x = logScale(decadesOf(all.map((d) => d.operations)), [0, chart.width]);
    const y = logScale(decadesOf(all.map((d) => d.seconds)), [chart.height, 0]);
    axes(chart, logAxis(x, 46, powerText), logAxis(y, 20, secondsText),
      { x: "FLOP of one call, convention of each row", y: "time of one call" });
    points(chart, some, (d) => [x(d.operations), y(d.seconds)]);
    caption(figure, some.length, all.length, "rows", "");
  }

  function drawScaling(figure) {
    const all = data.scaling;
    const ratios = [...new Set(all.map((d) => d.ratio))].sort((a, b) => a - b);
    const some = all.filter(shown).sort((a, b) => a.ratio - b.ratio || a.speedup - b.speedup);
    const chart = frame(figure, 380, wide);
    const x = d3.scale.ordinal().domain(ratios).rangeBands([0, chart.width], 0.2);
    const speedups = all.map((d) => d.speedup).concat(ratios, 1);
    const y = logScale([d3.min(speedups) / 1.1, d3.max(speedups) * 1.1], [chart.height, 0]);
    axes(chart, { axis: d3.svg.axis().scale(x).tickFormat((ratio) => `${ratio} x`) },
      { axis: d3.svg.axis().scale(y).tickValues(roundTicks(y)).tickFormat(
        (value) => `${value < 0.001 ? value.toExponential() : value} x`) },
      { x: "times the threads", y: "speed-up" });
    ratios.forEach((ratio) => {
      chart.plot.append("path").attr("class", "ideal").attr("d", `M${x(ratio)},${y(ratio)}h${x.rangeBand()}`);
    });
    const place = new Map();  // from the slowest to the fastest, left to right
    ratios.forEach((ratio) => some.filter((d) => d.ratio === ratio).forEach((d, i, group) => {
      place.set(d, x(ratio) + x.rangeBand() * (i + 0.5) / group.length);
    }));
    points(chart, some, (d) => [place.get(d), y(d.speedup)]);
    caption(figure, some.length, all.length, "steps", "dashed: as many times as fast as there are threads; ");
  }

  function drawBars(figure) {
    const all = data.rates;
    const some = all.filter(shown);
    const layers = [...new Set(some.map((d) => d.layer))];
    const rowHeight = 18;
    const chart = frame(figure, (layers.length + some.length) * rowHeight + 90,
      { left: 138, right: 62, top: 8, bottom: 46 });
    const most = d3.max(some.map((d) => Math.max(d.fastest, d.peak || 0))) || 1;
    const x = d3.scale.linear().domain([0, most]).range([0, chart.width]);
    axes(chart, { axis: d3.svg.axis().scale(x).ticks(Math.max(3, chart.width / 90)) },
      { axis: d3.svg.axis().scale(d3.scale.linear().range([chart.height, 0])).tickValues([]) },
      { x: "GFLOPS, convention of each row", y: "" });
    const varied = filterKeys.filter((key) => new Set(all.map((d) => d[key])).size > 1 || key === "backend");
    let row = 0;
    const top = new Map();
    layers.forEach((name) => {
      chart.plot.append("text").attr("class", "title halo").attr("x", -chart.left)
        .attr("y", row * rowHeight + 14).text(name);
      row += 1;
      some.filter((d) => d.layer === name).forEach((d) => { top.set(d, (row++) * rowHeight + 2); });
    });
    some.forEach((d) => drawBar(chart, d, x, top.get(d), varied));
    const order = some.slice().sort((a, b) => top.get(a) - top.get(b));
    interactive(chart.plot.append("g").selectAll("rect").data(order).enter().append("rect")
      .attr("y", (d) => top.get(d)).attr("height", rowHeight - 5)
      .attr("width", (d) => Math.max(1.5, x(d.gflops))));
    chart.plot.append("g").selectAll("path").data(order).enter().append("path").attr("class", "whisker")
      .attr("pointer-events", "none")
      .attr("d", (d) => `M${x(d.slowest)},${top.get(d) + 6.5}H${x(d.fastest)}` +
        `M${x(d.slowest)},${top.get(d) + 3}v7M${x(d.fastest)},${top.get(d) + 3}v7`);
    caption(figure, some.length, all.length, "rates",
      "t: threads; whisker: by the slowest and the fastest samples; dotted mark: the peak; ");
  }

  function drawBar(chart, d, x, y, varied) {
    chart.plot.append("text").attr("x", -8).attr("y", y + 11).attr("text-anchor", "end")
      .text(varied.map((key) => d[key] + (key === "threads" ? "t" : "")).join(" "));
    if (d.peak) {
      chart.plot.append("path").attr("class", "peak").attr("d", `M${x(d.peak)},${y - 1}v15`);
    }
    chart.plot.append("text").attr("class", "halo").attr("y", y + 11)
      .attr("x", x(Math.max(d.gflops, d.fastest)) + 6).text(d.value);
  }

  const charts = { bars: drawBars, scatter: drawScatter, roofline: drawRoofline, scaling: drawScaling };

  function draw() {
    hideTooltip();
    document.querySelectorAll(".first-chart").forEach(drawFirst);
    Object.keys(charts).forEach((name) => {
      const figure = document.getElementById(`${name}-chart`);
      if (figure) { charts[name](figure); }
    });
  }

  // ---- Filters

  function checkboxes(form, key) {
    const values = valuesOf(key);
    if (values.length < 2) { return; }
    const set = form.append("fieldset");
    set.append("legend").text(key);
    values.forEach((value) => {
      const label = set.append("label");
      label.append("input").attr("type", "checkbox").attr("name", key).attr("value", value)
        .property("checked", true).on("change", function () {
          off[key][this.checked ? "delete" : "add"](value);
          draw();
        });
      label.append("span").text(` ${value}`);
    });
  }

  function choice(form, name, options, change) {
    const label = form.append("label").text(`${name} `);
    const select = label.append("select").attr("name", name).on("change", function () {
      change(this.value);
      draw();
    });
    options.forEach(([value, text]) => select.append("option").attr("value", value).text(text));
    return select;
  }

  function addFilters() {
    const first = ["rates", "order", "roofline", "scaling"].map((id) => document.getElementById(id));
    const wrapper = document.createElement("div");
    first[0].parentNode.insertBefore(wrapper, first[0]);
    const panel = d3.select(wrapper).append("details").attr("class", "filters")
      .property("open", document.documentElement.clientWidth > 700);
    panel.append("summary").text("Filter the charts");
    const form = panel.append("div");
    if (data.environments.length > 1) {
      choice(form, "environment", data.environments.map((text, i) => [i, text]),
        (value) => { environment = Number(value); }).property("value", environment);
    }
    choice(form, "layer", [["", "all layers"]].concat(valuesOf("layer").map((name) => [name, name])),
      (value) => { layer = value; });
    filterKeys.forEach((key) => checkboxes(form, key));
    first.forEach((section) => wrapper.appendChild(section));
  }

  // ---- Page

  if (data.points.length || data.rooflines.length) {
    addFilters();
    draw();
  }
  let width = document.documentElement.clientWidth;
  window.addEventListener("resize", () => {
    if (width !== document.documentElement.clientWidth) {
      width = document.documentElement.clientWidth;
      draw();
    }
  });
})();
