import { CustomChart, HeatmapChart, LineChart } from "echarts/charts";
import { GridComponent, LegendComponent, VisualMapComponent } from "echarts/components";
import { init, use } from "echarts/core";
import { SVGRenderer } from "echarts/renderers";
import { URGENCIES } from "../labels.js";
import type { ConfusionMatrix } from "./agreement.js";
import type { Estimate } from "./intervals.js";
import type { ScoreCurves } from "./report.js";

use([CustomChart, HeatmapChart, LineChart, GridComponent, LegendComponent, VisualMapComponent, SVGRenderer]);

/** Colours that people with any colour vision can tell apart (Okabe and Ito 2008). */
const BLUE = "#0072b2";
const VERMILION = "#d55e00";
const GREY = "#767676";
const INK = "#1a1a1a";
/** Part of the description of a drawing, as ECharts takes it. */
export type ChartPart = Readonly<Record<string, unknown>>;
/** Of `TEXT`, about: there is no browser to ask. */
const LETTER_WIDTH = 7.5;
/** How everything in a drawing is written. */
export const TEXT: ChartPart = { color: INK, fontSize: 13, fontFamily: "sans-serif" };
/** An axis from 0 to 1. */
export const SHARE_AXIS: ChartPart = {
  type: "value",
  min: 0,
  max: 1,
  axisLabel: TEXT,
  nameTextStyle: TEXT,
  nameLocation: "middle",
  splitLine: { lineStyle: { color: "#e2e2e2" } },
};

/** One row of a chart of estimates. */
export interface EstimateRow {
  readonly name: string;
  readonly estimate: Estimate | undefined;
}

/** Observed frequency against probability, with intervals; on the diagonal the probabilities come true. */
export function drawReliability({ reliability }: ScoreCurves): string {
  return draw(420, 400, {
    grid: { left: 60, right: 20, top: 20, bottom: 50 },
    xAxis: { ...SHARE_AXIS, name: "probability given", nameGap: 30 },
    yAxis: { ...SHARE_AXIS, name: "share that came true", nameGap: 40 },
    series: [
      line(
        [
          [0, 0],
          [1, 1],
        ],
        GREY,
        "dashed",
      ),
      {
        type: "custom",
        silent: true,
        data: reliability.map(({ predicted, observed }) => [predicted, observed.value, observed.low, observed.high]),
        encode: { x: 0, y: 1 },
        renderItem: (_: unknown, api: ItemApi) => {
          const place = (value: number): readonly [number, number] => api.coord([api.value(0), value]);
          const [x, y] = place(api.value(1));
          const [low, high] = [place(api.value(2))[1], place(api.value(3))[1]];
          return marked(
            { x1: x, y1: low, x2: x, y2: high },
            [
              { x1: x - 4, y1: low, x2: x + 4, y2: low },
              { x1: x - 4, y1: high, x2: x + 4, y2: high },
            ],
            x,
            y,
          );
        },
      },
    ],
  });
}

/** Both precision-recall curves; the lines differ in colour and in dashes. */
export function drawPrecisionRecall(curves: { immediate: ScoreCurves; urgentOrAbove: ScoreCurves }): string {
  const points = ({ precisionRecall }: ScoreCurves): number[][] =>
    precisionRecall.map(({ recall, precision }) => [recall, precision]);
  return draw(560, 400, {
    legend: { data: ["immediate", "urgent or above"], textStyle: TEXT, top: 0, itemWidth: 40 },
    grid: { left: 60, right: 20, top: 40, bottom: 50 },
    xAxis: { ...SHARE_AXIS, name: "recall", nameGap: 30 },
    yAxis: { ...SHARE_AXIS, name: "precision", nameGap: 40 },
    series: [
      { ...line(points(curves.immediate), VERMILION, "solid"), name: "immediate" },
      { ...line(points(curves.urgentOrAbove), BLUE, "dashed"), name: "urgent or above" },
    ],
  });
}

/** Lines by true and given level; the shade is the share of the true level, the number counts. */
export function drawConfusion(confusion: ConfusionMatrix): string {
  const cells = confusion.flatMap((row, rank) => {
    const total = row.reduce((sum, count) => sum + count, 0);
    return row.map((count, given) => ({
      value: [given, rank, total === 0 ? 0 : count / total],
      label: {
        show: true,
        formatter: total === 0 ? `${count}` : `${count}\n${Math.round((100 * count) / total)}%`,
        color: INK,
        fontSize: 14,
        fontFamily: "sans-serif",
      },
    }));
  });
  const axis = { type: "category", data: [...URGENCIES], axisLabel: TEXT, nameTextStyle: TEXT, nameLocation: "middle" };
  return draw(560, 400, {
    grid: { left: 110, right: 20, top: 20, bottom: 60 },
    xAxis: { ...axis, name: "given level", nameGap: 35 },
    yAxis: { ...axis, name: "true level", nameGap: 85, inverse: true },
    visualMap: { show: false, min: 0, max: 1, dimension: 2, inRange: { color: ["#ffffff", "#9ecae1", "#4292c6"] } },
    series: [{ type: "heatmap", silent: true, data: cells, itemStyle: { borderColor: "#999999", borderWidth: 1 } }],
  });
}

/** Each row's figure as a dot on a scale from 0 to 1, with its interval; rows without one stay empty. */
export function drawEstimates(rows: readonly EstimateRow[]): string {
  const left = 20 + LETTER_WIDTH * Math.max(...rows.map(({ name }) => name.length));
  return draw(left + 480, 60 + 22 * rows.length, {
    grid: { left, right: 30, top: 10, bottom: 30 },
    xAxis: SHARE_AXIS,
    yAxis: {
      type: "category",
      inverse: true,
      data: rows.map(({ name }) => name),
      axisLabel: { ...TEXT, interval: 0 },
      axisTick: { show: false },
    },
    series: [
      {
        type: "custom",
        silent: true,
        data: rows.flatMap(({ estimate }, row) =>
          estimate ? [[estimate.value, row, estimate.low, estimate.high]] : [],
        ),
        encode: { x: 0, y: 1 },
        renderItem: (_: unknown, api: ItemApi) => {
          const place = (value: number): readonly [number, number] => api.coord([value, api.value(1)]);
          const [x, y] = place(api.value(0));
          const [low, high] = [place(api.value(2))[0], place(api.value(3))[0]];
          return marked(
            { x1: low, y1: y, x2: high, y2: y },
            [
              { x1: low, y1: y - 4, x2: low, y2: y + 4 },
              { x1: high, y1: y - 4, x2: high, y2: y + 4 },
            ],
            x,
            y,
          );
        },
      },
    ],
  });
}

/** The part of what ECharts hands to `renderItem` that is used here. */
interface ItemApi {
  value(dimension: number): number;
  coord(point: readonly [number, number]): readonly [number, number];
}

interface Segment {
  readonly x1: number;
  readonly y1: number;
  readonly x2: number;
  readonly y2: number;
}

function marked(bar: Segment, ends: readonly Segment[], x: number, y: number): object {
  const segment = (shape: Segment): object => ({ type: "line", shape, style: { stroke: BLUE, lineWidth: 1.5 } });
  const dot = { type: "circle", shape: { cx: x, cy: y, r: 4 }, style: { fill: BLUE } };
  return { type: "group", children: [segment(bar), ...ends.map(segment), dot] };
}

/** A line without marks. */
export function line(data: number[][], color: string, type: "solid" | "dashed"): object {
  return { type: "line", silent: true, symbol: "none", data, color, lineStyle: { color, width: 2, type } };
}

/** Draws without a browser; what only a pointer or a script would use is taken out. */
export function draw(width: number, height: number, option: ChartPart): string {
  const chart = init(null, null, { renderer: "svg", ssr: true, width, height });
  try {
    chart.setOption({ animation: false, textStyle: TEXT, ...option });
    return chart
      .renderToSVGString()
      .replace(/<style[\s\S]*?<\/style>/g, "")
      .replace(/ (?:class|pointer-events|ecmeta_\w+)="[^"]*"/g, "");
  } finally {
    chart.dispose();
  }
}
