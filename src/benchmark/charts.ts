import { draw, line, SHARE_AXIS, TEXT } from "../evaluation/charts.js";
import { FIGURES, type FigureName } from "../evaluation/figures.js";
import { timeText } from "./format.js";
import type { BenchmarkReport, ModelReport } from "./report.js";
import { CURVE_SHARES } from "./statistics.js";

/** Colours that people with any colour vision can tell apart (Okabe and Ito 2008); marks tell them apart as well. */
const COLOURS: readonly string[] = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#767676", "#56b4e9"];
const SYMBOLS: readonly string[] = ["circle", "triangle", "rect", "diamond", "pin", "arrow"];
const WIDTH = 860;
const HEIGHT = 400;
const LEGEND_ROW = 22;
/** Points of a curve between two marks. */
const MARK_EVERY = 20;

const axis = (name: string, gap: number): Readonly<Record<string, unknown>> => ({
  type: "value",
  name,
  nameGap: gap,
  nameLocation: "middle",
  nameTextStyle: TEXT,
  axisLabel: TEXT,
  splitLine: { lineStyle: { color: "#e2e2e2" } },
});
const timeAxis = (name: string, gap: number): Readonly<Record<string, unknown>> => ({
  ...axis(name, gap),
  type: "log",
  axisLabel: { ...TEXT, formatter: timeText },
});

/** The share of messages that were answered within each time, on one set of messages. */
export function drawLatencies({ models }: BenchmarkReport, set: number): string {
  return drawLines(
    models,
    timeAxis("time of one message", 30),
    { ...SHARE_AXIS, name: "share answered", nameGap: 45 },
    ({ latency }) => latency[set].curve.map((microseconds, point) => [microseconds, CURVE_SHARES[point]]),
    MARK_EVERY,
  );
}

/** Messages a second by processes at a time. */
export function drawThroughput({ models }: BenchmarkReport): string {
  return drawLines(
    models,
    { ...axis("processes at a time", 30), minInterval: 1, min: 0 },
    { ...axis("messages a second", 65), type: "log" },
    ({ throughput }) => throughput.map(({ processes, messagesPerSecond }) => [processes, messagesPerSecond]),
  );
}

/** How long 99 in 100 messages take at most, by how many come. */
export function drawServer({ models }: BenchmarkReport): string {
  return drawLines(
    models,
    { ...axis("messages that come in a second", 30), type: "log" },
    timeAxis("99 in 100 answered within", 65),
    ({ scenarios }) => scenarios.server.map(({ ratePerSecond, p99 }) => [ratePerSecond, p99]),
  );
}

/** One figure of quality against the median time of one message, with the interval of the figure. */
export function drawQuality({ models, quality = [] }: BenchmarkReport, figure: FigureName, set: number): string {
  const known = models.flatMap((model) => {
    const estimate = quality.find((own) => own.model === model.name)?.figures[figure];
    return estimate === undefined ? [] : [{ name: model.name, time: model.latency[set].p50, estimate }];
  });
  const intervals = known.map(({ time, estimate }, index) =>
    line(
      [
        [time, estimate.low],
        [time, estimate.high],
      ],
      COLOURS[index % COLOURS.length],
      "solid",
    ),
  );
  return draw(WIDTH, HEIGHT + LEGEND_ROW * known.length, {
    ...frame(known.map(({ name }) => name)),
    xAxis: timeAxis("median time of one message", 30),
    yAxis: { ...SHARE_AXIS, name: FIGURES[figure], nameGap: 45 },
    series: [
      ...known.map(({ name, time, estimate }, index) => marked(name, index, [[time, estimate.value]], 1)),
      ...intervals,
    ],
  });
}

function drawLines(
  models: readonly ModelReport[],
  xAxis: object,
  yAxis: object,
  points: (model: ModelReport) => number[][],
  markEvery = 1,
): string {
  return draw(WIDTH, HEIGHT + LEGEND_ROW * models.length, {
    ...frame(models.map(({ name }) => name)),
    xAxis,
    yAxis,
    series: models.map((model, index) => marked(model.name, index, points(model), markEvery)),
  });
}

function frame(names: readonly string[]): { readonly legend: object; readonly grid: object } {
  return {
    legend: { data: names, textStyle: TEXT, top: 0, left: 0, orient: "vertical", itemWidth: 40 },
    grid: { left: 90, right: 40, top: 20 + LEGEND_ROW * names.length, bottom: 55 },
  };
}

function marked(name: string, index: number, data: number[][], markEvery: number): object {
  return {
    ...line(data, COLOURS[index % COLOURS.length], "solid"),
    name,
    symbol: SYMBOLS[index % SYMBOLS.length],
    showAllSymbol: true,
    symbolSize: (_: unknown, { dataIndex }: { readonly dataIndex: number }) => (dataIndex % markEvery === 0 ? 9 : 0),
  };
}
