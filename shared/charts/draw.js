// Runs inside the embedded V8 after echarts.min.js. There is no event loop: timers must not wait for one.
function draw(width, height, option, labels) {
  const axis = option.xAxis.type === "value" ? option.xAxis : option.yAxis;
  axis.axisLabel.formatter = (value) => labels[String(value)] ?? String(value);
  const chart = echarts.init(null, null, { renderer: "svg", ssr: true, width, height });
  try {
    chart.setOption(option);
    return chart.renderToSVGString({ useViewBox: true });
  } finally {
    chart.dispose();
  }
}
