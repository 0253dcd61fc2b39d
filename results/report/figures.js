// Draws the figures of the pages about networks, plans and fleets: each section's chart from data.figures, by its kind.
(function () {
  "use strict";
  const data = JSON.parse(document.getElementById("report-data").textContent);
  const { hideTooltip, frame, powerText, secondsText, decadesOf, roundTicks, axes, logScale } = charts;
  const classOf = (d) => `mark series-${d.series % 6}${d.hollow ? " hollow" : ""}`;
  const interactive = (marks) => charts.interactive(marks, classOf);
  const narrow = () => document.documentElement.clientWidth < 700;
  const clipped = (text, pixels) => {
    const most = Math.floor(pixels / 6.6);
    return text.length <= most ? text : most < 3 ? "" : `${text.slice(0, most - 1)}\u2026`;
  };

  function caption(figure, f) {
    const line = d3.select(figure).append("figcaption");
    (f.keys || []).forEach((one) => {
      const key = line.append("span").attr("class", "key");
      key.append("svg").attr("width", 16).attr("height", 16).append("path").attr("d", data.marks[one.series % 6])
        .attr("class", classOf(one)).attr("transform", "translate(8,8)");
      key.append("span").text(one.name);
    });
    line.append("span").text(f.caption || "");
  }

  const linearTicks = (chart) => Math.max(3, Math.floor(chart.width / 90));
  const noAxis = (chart) => ({ axis: d3.svg.axis().scale(d3.scale.linear().range([chart.height, 0])).tickValues([]) });

  // One bar a row, made of parts; the row's name stands above it.
  function stack(figure, f) {
    const rowHeight = 58;
    const chart = frame(figure, f.rows.length * rowHeight + 56, { left: 8, right: 16, top: 4, bottom: 46 });
    const total = (row) => d3.sum(row.parts, (part) => part.value);
    const x = d3.scale.linear().domain([0, d3.max(f.rows, total)]).range([0, chart.width]);
    axes(chart, { axis: d3.svg.axis().scale(x).ticks(linearTicks(chart)) }, noAxis(chart), { x: f.x, y: "" });
    const parts = [];
    f.rows.forEach((row, i) => {
      chart.plot.append("text").attr("class", "title halo").attr("y", i * rowHeight + 16)
        .text(clipped(row.name, chart.width));
      let at = 0;
      row.parts.forEach((part) => {
        parts.push(Object.assign({ at, row: i }, part));
        at += part.value;
      });
    });
    interactive(chart.plot.append("g").selectAll("rect").data(parts).enter().append("rect")
      .attr("x", (d) => x(d.at)).attr("width", (d) => Math.max(1, x(d.value) - 1))
      .attr("y", (d) => d.row * rowHeight + 22).attr("height", 28));
    chart.plot.append("g").selectAll("text").data(parts).enter().append("text").attr("class", "halo")
      .attr("pointer-events", "none").attr("x", (d) => x(d.at) + 5).attr("y", (d) => d.row * rowHeight + 40)
      .text((d) => clipped(d.text, x(d.value) - 10));
    caption(figure, f);
  }

  // Areas are values; groups have their name above what they hold.
  function treemap(figure, f) {
    const chart = frame(figure, narrow() ? 420 : 480, { left: 1, right: 1, top: 1, bottom: 1 });
    const nodes = d3.layout.treemap().size([chart.width, chart.height]).round(true)
      .padding((d) => (d.depth && d.children ? [17, 2, 2, 2] : 0))
      .value((d) => d.value).sort((a, b) => a.value - b.value)
      .nodes(JSON.parse(JSON.stringify(f.tree)));
    const groups = nodes.filter((d) => d.children && d.depth);
    chart.plot.append("g").selectAll("rect").data(groups).enter().append("rect").attr("class", "group")
      .attr("x", (d) => d.x).attr("y", (d) => d.y).attr("width", (d) => d.dx).attr("height", (d) => d.dy);
    const leaves = nodes.filter((d) => !d.children).sort((a, b) => b.value - a.value);
    interactive(chart.plot.append("g").selectAll("rect").data(leaves).enter().append("rect")
      .attr("x", (d) => d.x).attr("y", (d) => d.y)
      .attr("width", (d) => Math.max(0, d.dx - 1)).attr("height", (d) => Math.max(0, d.dy - 1)));
    const label = (some, dy) => chart.plot.append("g").selectAll("text").data(some).enter().append("text")
      .attr("class", "halo").attr("pointer-events", "none").attr("x", (d) => d.x + 4).attr("y", (d) => d.y + dy);
    label(groups, 13).classed("title", true).text((d) => clipped(d.name, d.dx - 8));
    label(leaves.filter((d) => d.dy > 17), 14).text((d) => clipped(d.name, d.dx - 8));
    caption(figure, f);
  }

  function scaleOf(axis, values, range) {
    if (!axis.log) {
      const scale = d3.scale.linear().domain([0, d3.max(values) * 1.05 || 1]).range(range);
      return { scale, axis: d3.svg.axis().scale(scale).ticks(Math.max(3, Math.abs(range[1] - range[0]) / 90)) };
    }
    const [low, high] = [d3.min(values), d3.max(values)];
    const scale = logScale(axis.decades ? decadesOf(values) : [low / 1.15, high * 1.15], range);
    const ticks = axis.decades ? charts.powers(scale, 40) : roundTicks(scale);
    const every = Math.max(1, Math.ceil(ticks.length * 48 / Math.abs(range[1] - range[0])));
    return { scale, axis: d3.svg.axis().scale(scale).tickValues(ticks.filter((_, i) => i % every === 0))
      .tickFormat(axis.seconds && axis.decades ? secondsText : axis.decades ? powerText : (value) => String(Number(value.toPrecision(3)))) };
  }

  // Points, with an interval along x where they have one; lines below them.
  function scatter(figure, f) {
    const chart = frame(figure, narrow() ? 380 : 460, { left: 62, right: 20, top: 28, bottom: 46 });
    const of = (key, ends) => d3.merge([f.points.map((p) => p[key]), f.points.map((p) => p[ends[0]]),
      f.points.map((p) => p[ends[1]]), d3.merge(f.paths.map((path) => path.points.map((p) => p[key === "x" ? 0 : 1])))])
      .filter((value) => value > 0);
    const x = scaleOf(f.x, of("x", ["low", "high"]), [0, chart.width]);
    const y = scaleOf(f.y, of("y", ["y", "y"]), [chart.height, 0]);
    axes(chart, x, y, { x: f.x.label, y: f.y.label });
    f.paths.forEach((path) => {
      chart.plot.append("path").attr("class", path.class)
        .attr("d", `M${path.points.map((p) => `${x.scale(p[0])},${y.scale(p[1])}`).join("L")}`)
        .append("title").text(path.text);
      if (path.name) {
        const [a, b] = [path.points[0], path.points[path.points.length - 1]].map((p) => [x.scale(p[0]), y.scale(p[1])]);
        const share = path.level ? 1 : 0.35;
        chart.plot.append("text").attr("class", "halo").attr("dy", -4).attr("text-anchor", path.level ? "end" : "middle")
          .attr("transform", `translate(${a[0] + share * (b[0] - a[0])},${a[1] + share * (b[1] - a[1])})rotate(${Math.atan2(b[1] - a[1], b[0] - a[0]) * 180 / Math.PI})`)
          .text(path.name);
      }
    });
    const some = f.points.slice().sort((a, b) => a.x - b.x);
    chart.plot.append("g").selectAll("path").data(some.filter((p) => p.high > p.low)).enter().append("path")
      .attr("class", (p) => `interval series-${p.series % 6}`).attr("pointer-events", "none")
      .attr("d", (p) => `M${x.scale(p.low)},${y.scale(p.y)}H${x.scale(p.high)}M${x.scale(p.low)},${y.scale(p.y) - 4}v8` +
        `M${x.scale(p.high)},${y.scale(p.y) - 4}v8`);
    interactive(chart.plot.append("g").selectAll("path").data(some).enter().append("path")
      .attr("d", (p) => data.marks[p.series % 6])
      .attr("transform", (p) => `translate(${x.scale(p.x)},${y.scale(p.y)})`));
    caption(figure, f);
  }

  // A bar a row with an interval; the name at its left, or above it where there is no room.
  function bars(figure, f) {
    const above = narrow();
    const rowHeight = above ? 36 : 20;
    const left = above ? 8 : Math.min(330, 20 + 6.6 * d3.max(f.rows, (row) => row.name.length));
    const chart = frame(figure, f.rows.length * rowHeight + 66, { left, right: 88, top: 8, bottom: 46 });
    const x = d3.scale.linear().domain([0, d3.max(f.rows, (row) => Math.max(row.value, row.high || 0)) || 1])
      .range([0, chart.width]);
    axes(chart, { axis: d3.svg.axis().scale(x).ticks(linearTicks(chart)) }, noAxis(chart), { x: f.x, y: "" });
    const top = (i) => i * rowHeight + (above ? 17 : 2);
    chart.plot.append("g").selectAll("text").data(f.rows).enter().append("text").attr("class", "halo")
      .attr("x", above ? 0 : -8).attr("y", (d, i) => (above ? i * rowHeight + 12 : top(i) + 12))
      .attr("text-anchor", above ? "start" : "end")
      .text((d) => clipped(d.name, above ? chart.width + 80 : left - 12));
    interactive(chart.plot.append("g").selectAll("rect").data(f.rows).enter().append("rect")
      .attr("y", (d, i) => top(i)).attr("height", 14).attr("width", (d) => Math.max(1.5, x(d.value))));
    chart.plot.append("g").selectAll("path").data(f.rows).enter().append("path").attr("class", "whisker")
      .attr("pointer-events", "none").attr("d", (d, i) => (d.high > d.low ?
        `M${x(d.low)},${top(i) + 7}H${x(d.high)}M${x(d.low)},${top(i) + 3}v8M${x(d.high)},${top(i) + 3}v8` : "M0,0"));
    chart.plot.append("g").selectAll("text").data(f.rows).enter().append("text").attr("class", "halo")
      .attr("x", (d) => x(Math.max(d.value, d.high || 0)) + 6).attr("y", (d, i) => top(i) + 12).text((d) => d.text);
    caption(figure, f);
  }

  const kinds = { stack, treemap, scatter, bars };

  charts.drawn(() => {
    hideTooltip();
    Object.keys(data.figures).forEach((id) => {
      const figure = document.getElementById(`${id}-chart`);
      if (figure) { kinds[data.figures[id].kind](figure, data.figures[id]); }
    });
  });
})();
