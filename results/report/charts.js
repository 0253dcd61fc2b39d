// What the charts of all pages have in common: tooltips, keys, axes. All texts of marks come with the data; nothing is
// formatted here but ticks.
const charts = (function () {
  "use strict";

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

  function interactive(marks, classOf) {
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

  // Now, and whenever the width changes.
  function drawn(draw) {
    draw();
    let width = document.documentElement.clientWidth;
    window.addEventListener("resize", () => {
      if (width !== document.documentElement.clientWidth) {
        width = document.documentElement.clientWidth;
        draw();
      }
    });
  }

  return { hideTooltip, interactive, frame, powerText, secondsText, decadesOf, powers, roundTicks, axes, logScale,
    logAxis, drawn };
})();
