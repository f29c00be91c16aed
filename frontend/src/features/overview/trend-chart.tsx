import { useState } from "react";
import type { TimelineDay } from "@/api/types";
import { cn } from "@/lib/cn";
import { formatCount, formatDay } from "@/lib/format";

const WIDTH = 600;
const HEIGHT = 160;

/**
 * Bars of what was collected, with the relevant part filled. The bars stretch
 * with the panel, so all text stands outside the drawing. The table beside it says the same to everyone.
 */
export function TrendChart({ days }: { days: TimelineDay[] }) {
  const [hovered, setHovered] = useState<number | null>(null);
  const top = niceTop(Math.max(...days.map((day) => Math.max(day.collected, day.relevant))));
  const step = WIDTH / days.length;
  const gap = Math.min(3, step * 0.25);
  const height = (value: number) => (value / top) * HEIGHT;
  const shown = hovered === null ? undefined : days[hovered];
  const first = days[0];
  const last = days.at(-1);

  return (
    <figure>
      <figcaption className="flex h-8 items-center gap-4 text-xs text-muted">
        <Legend swatch="bg-line-strong" label="Collected" value={shown?.collected ?? sum(days, "collected")} />
        <Legend swatch="bg-accent" label="Relevant" value={shown?.relevant ?? sum(days, "relevant")} />
        <span className="ml-auto">{shown ? formatDay(shown.date) : "All days shown"}</span>
      </figcaption>
      <div className="flex gap-2">
        <div aria-hidden="true" className="flex h-44 w-7 shrink-0 flex-col justify-between pt-px pb-px text-right text-2xs text-muted tabular-nums">
          <span>{formatCount(top)}</span>
          <span>{top > 1 ? formatCount(top / 2) : ""}</span>
          <span>0</span>
        </div>
        <div className="relative h-44 grow py-2">
          <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" role="img" aria-label={summary(days)} className="h-full w-full" onPointerLeave={() => setHovered(null)}>
            {[0, 0.5, 1].map((at) => (
              <line key={at} x1="0" x2={WIDTH} y1={HEIGHT * at} y2={HEIGHT * at} className="stroke-line" vectorEffect="non-scaling-stroke" />
            ))}
            {days.map((day, index) => (
              <g key={day.date} onPointerEnter={() => setHovered(index)}>
                <rect x={index * step} y="0" width={step} height={HEIGHT} className={cn("stroke-none", hovered === index ? "fill-hover" : "fill-transparent")} />
                <rect x={index * step + gap / 2} y={HEIGHT - height(day.collected)} width={step - gap} height={height(day.collected)} className="fill-line-strong" />
                <rect x={index * step + gap / 2} y={HEIGHT - height(day.relevant)} width={step - gap} height={height(day.relevant)} className="fill-accent" />
              </g>
            ))}
          </svg>
        </div>
      </div>
      <div aria-hidden="true" className="flex justify-between pl-9 text-2xs text-muted">
        <span>{first && formatDay(first.date)}</span>
        <span>{last && formatDay(last.date)}</span>
      </div>
    </figure>
  );
}

function Legend({ swatch, label, value }: { swatch: string; label: string; value: number }) {
  return (
    <span className="flex items-center gap-1.5">
      <span aria-hidden="true" className={cn("size-2 rounded-xs", swatch)} />
      {label}
      <span className="font-medium text-text tabular-nums">{formatCount(value)}</span>
    </span>
  );
}

function sum(days: TimelineDay[], key: "collected" | "relevant"): number {
  return days.reduce((total, day) => total + day[key], 0);
}

function summary(days: TimelineDay[]): string {
  return `Over ${days.length} days, ${sum(days, "collected")} collected and ${sum(days, "relevant")} of them relevant.`;
}

/** The smallest even step of 1, 2 or 5 times a power of ten that holds the value. */
export function niceTop(value: number): number {
  if (value <= 2) return 2;
  const power = 10 ** Math.floor(Math.log10(value));
  const step = [1, 2, 4, 5, 6, 8, 10].find((factor) => factor * power >= value) ?? 10;
  return step * power;
}
