import { draw, drawEstimates, line, SHARE_AXIS, TEXT } from "../evaluation/charts.js";
import { URGENCIES } from "../labels.js";
import { ORDERS } from "./orders.js";
import { ORDER_NAMES, type PerOrder, type SimulationReport } from "./report.js";
import { duration } from "./report-text.js";

/** Colours that people with any colour vision can tell apart (Okabe and Ito 2008); dashes tell them apart as well. */
const COLOURS: PerOrder<string> = { "first-come": "#767676", strict: "#d55e00", earshot: "#0072b2" };
const DASHES: PerOrder<"solid" | "dashed"> = { "first-come": "dashed", strict: "dashed", earshot: "solid" };
/** Six seconds: what is shorter is drawn there, because a logarithmic axis has no 0. */
const SHORTEST_MINUTES = 0.1;
const MINUTES_AXIS = {
  type: "log",
  min: SHORTEST_MINUTES,
  axisLabel: { ...TEXT, formatter: duration },
  nameTextStyle: TEXT,
  nameLocation: "middle",
  nameGap: 30,
  splitLine: { lineStyle: { color: "#e2e2e2" } },
};

/** Median and 95 of 100 of each level and order: a dot and a line, on a logarithmic axis. */
export function drawWaits({ levels }: SimulationReport): string {
  const rows = URGENCIES.flatMap((level) => ORDERS.map((order) => ({ level, order, waits: levels[order][level] })));
  return draw(900, 60 + 24 * rows.length, {
    grid: { left: 250, right: 40, top: 10, bottom: 50 },
    xAxis: { ...MINUTES_AXIS, name: "waiting time: median (dot) to 95 of 100 (end of the line)" },
    yAxis: {
      type: "category",
      inverse: true,
      data: rows.map(({ level, order }) => `${level}, ${ORDER_NAMES[order]}`),
      axisLabel: { ...TEXT, interval: 0 },
      axisTick: { show: false },
    },
    series: rows.flatMap(({ order, waits }, row) => {
      if (waits === undefined) return [];
      const ends = [waits.median.value, waits.p95.value].map((value) => [Math.max(value, SHORTEST_MINUTES), row]);
      return [
        {
          ...line(ends, COLOURS[order], DASHES[order]),
          symbol: "circle",
          symbolSize: (_: unknown, { dataIndex }: { readonly dataIndex: number }) => (dataIndex === 0 ? 9 : 0),
        },
      ];
    }),
  });
}

/** The share answered in time, of each level and order, with intervals. */
export function drawInTime({ levels, replications }: SimulationReport): string {
  return drawEstimates(
    URGENCIES.flatMap((level) =>
      ORDERS.map((order) => {
        const share = levels[order][level]?.withinTarget;
        return {
          name: `${level}, ${ORDER_NAMES[order]}`,
          estimate: share === undefined ? undefined : { ...share, n: replications },
        };
      }),
    ),
  );
}

/** Which share of immediate people was answered within which time; the lines differ in colour and in dashes. */
export function drawImmediate({ immediatePercentiles }: SimulationReport): string {
  return draw(900, 380, {
    legend: { data: ORDERS.map((order) => ORDER_NAMES[order]), textStyle: TEXT, top: 0, itemWidth: 40 },
    grid: { left: 70, right: 40, top: 40, bottom: 50 },
    xAxis: { ...MINUTES_AXIS, name: "waiting time" },
    yAxis: { ...SHARE_AXIS, name: "share answered", nameGap: 40 },
    series: ORDERS.map((order) => ({
      ...line(
        immediatePercentiles[order].map((minutes, percent) => [Math.max(minutes, SHORTEST_MINUTES), percent / 100]),
        COLOURS[order],
        DASHES[order],
      ),
      name: ORDER_NAMES[order],
    })),
  });
}
