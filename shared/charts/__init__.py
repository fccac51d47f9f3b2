"""Charts rendered on the server: ECharts in an embedded V8 makes the SVG, a table always comes with it."""
