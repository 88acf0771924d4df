/** Findings as one SVG: a bar for the median of each subject in each case, a thin line from the lowest to the highest round. */
import type { Figure, Finding } from "./finding.ts";
import { median } from "./statistics.ts";
import { shown } from "./table.ts";

const WIDTH = 960;
const LABELS = 380;
const NUMBERS = 110;
const BAR = 14;
const ROW = 20;
const COLOURS = ["#8a8f98", "#1f6feb", "#2da44e", "#bf8700", "#a475f9", "#cf222e", "#0a7ea4"];

export function chartOf(findings: readonly Finding[]): string {
  const parts: string[] = [];
  let y = 24;
  for (const finding of findings) {
    const figures = finding.figures.filter(({ metric }) => metric === finding.headline);
    if (figures.length === 0) continue;
    parts.push(text(12, y, `${finding.scenario}: ${finding.headline}, ${figures[0]?.unit ?? ""}`, "b"));
    y += ROW;
    const subjects = [...new Set(figures.map(({ subject }) => subject))];
    for (const name of new Set(figures.map((figure) => figure.case))) {
      const here = figures.filter((figure) => figure.case === name);
      const scale = (WIDTH - LABELS - NUMBERS) / Math.max(...here.flatMap(({ values }) => values), Number.MIN_VALUE);
      for (const figure of here) {
        parts.push(bar(figure, y, scale, COLOURS[subjects.indexOf(figure.subject) % COLOURS.length] ?? ""));
        y += ROW;
      }
      y += 6;
    }
    y += ROW;
  }
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${y}" width="${WIDTH}" height="${y}" font-family="sans-serif" font-size="12"><rect width="100%" height="100%" fill="#fff"/>${parts.join("\n")}</svg>\n`;
}

function bar(figure: Figure, y: number, scale: number, colour: string): string {
  const middle = median(figure.values);
  const length = Math.max(1, middle * scale);
  const [low, high] = [Math.min(...figure.values), Math.max(...figure.values)].map((value) => LABELS + value * scale);
  const centre = y - BAR / 2 + 3;
  return (
    text(12, y, `${figure.case} · ${figure.subject}`) +
    `<rect x="${LABELS}" y="${y - BAR + 3}" width="${length.toFixed(1)}" height="${BAR}" fill="${colour}"/>` +
    `<path d="M${(low ?? 0).toFixed(1)} ${centre}H${(high ?? 0).toFixed(1)}" stroke="#000" stroke-opacity=".55"/>` +
    text(LABELS + Math.max(length, (high ?? 0) - LABELS) + 8, y, `${shown(middle)} ${figure.unit}`)
  );
}

function text(x: number, y: number, content: string, weight?: "b"): string {
  const bold = weight === undefined ? "" : ' font-weight="bold" font-size="14"';
  return `<text x="${x.toFixed(0)}" y="${y}"${bold}>${escaped(content)}</text>`;
}

export function escaped(content: string): string {
  return content.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}
