// Draws the charts of layers with D3 and filters them.
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

  const { hideTooltip, frame, powerText, secondsText, decadesOf, roundTicks, axes, logScale, logAxis } = charts;
  const interactive = (marks) => charts.interactive(marks, classOf);

  // ---- Parts of charts

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

  const drawings = { bars: drawBars, scatter: drawScatter, roofline: drawRoofline, scaling: drawScaling };

  function draw() {
    hideTooltip();
    document.querySelectorAll(".first-chart").forEach(drawFirst);
    Object.keys(drawings).forEach((name) => {
      const figure = document.getElementById(`${name}-chart`);
      if (figure) { drawings[name](figure); }
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
    charts.drawn(draw);
  }
})();
