const WIDTH = 72;
const HEIGHT = 24;

/** The shape of a series, without axes: decoration beside a number that says it. */
export function Sparkline({ values }: { values: number[] }) {
  const top = Math.max(1, ...values);
  const x = (index: number) => (values.length < 2 ? WIDTH : (index / (values.length - 1)) * (WIDTH - 2) + 1);
  const y = (value: number) => HEIGHT - 2 - (value / top) * (HEIGHT - 5);
  const line = values.map((value, index) => `${index ? "L" : "M"}${x(index).toFixed(1)} ${y(value).toFixed(1)}`).join("");
  const last = values.at(-1) ?? 0;
  return (
    <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} width={WIDTH} height={HEIGHT} aria-hidden="true" className="mb-1 shrink-0 max-[26rem]:hidden">
      <path d={line} fill="none" strokeWidth="1.5" strokeLinejoin="round" className="stroke-control-line" />
      <circle cx={x(values.length - 1)} cy={y(last)} r="2" className="fill-accent" />
    </svg>
  );
}
