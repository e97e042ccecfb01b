import type { JSX } from 'preact';
import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { timeOfDay } from './format';

export interface Series {
    readonly name: string;
    readonly values: readonly number[];
}

const height = 168;
const edge = { left: 52, right: 10, top: 10, bottom: 22 };

/** Lines over time, drawn as SVG. The newest value of each stands in the legend, which is what a screen reader gets. */
export function Chart(props: { title: string; times: readonly number[]; series: readonly Series[]; format: (value: number) => string; window: number; least?: number }): JSX.Element {
    const { times, series, format } = props;
    const box = useRef<HTMLDivElement>(null);
    const id = useId();
    const [width, setWidth] = useState(480);
    const [at, setAt] = useState<number | null>(null);
    useEffect(() => {
        const observer = new ResizeObserver((entries) => setWidth(Math.max(220, Math.round(entries[0]!.contentRect.width))));
        observer.observe(box.current!);
        return () => observer.disconnect();
    }, []);

    const newest = times.at(-1) ?? 0;
    const from = newest - props.window;
    const top = nice(Math.max(props.least ?? 1, ...series.flatMap((line) => line.values)));
    const x = (time: number) => edge.left + ((time - from) / props.window) * (width - edge.left - edge.right);
    const y = (value: number) => edge.top + (1 - value / top) * (height - edge.top - edge.bottom);
    const shown = at === null ? times.length - 1 : at;
    const point = (event: PointerEvent) => {
        const bounds = (event.currentTarget as Element).getBoundingClientRect();
        const time = from + ((event.clientX - bounds.left - edge.left) / (width - edge.left - edge.right)) * props.window;
        let nearest = 0;
        times.forEach((one, index) => {
            if (Math.abs(one - time) < Math.abs(times[nearest]! - time)) {
                nearest = index;
            }
        });
        setAt(times.length > 0 ? nearest : null);
    };

    return (
        <section class="card chart" aria-labelledby={id}>
            <div class="chart-head">
                <h2 id={id}>{props.title}</h2>
                <ul class="legend">
                    {series.map((line, index) => <li key={line.name} class={`line-${index}`}><span class="swatch" />{series.length > 1 && <span>{line.name}</span>}<strong>{line.values.length > 0 ? format(line.values[shown] ?? 0) : '–'}</strong></li>)}
                </ul>
            </div>
            <div ref={box} class="plot">
                <svg width={width} height={height} aria-hidden="true" focusable="false" onPointerMove={point} onPointerLeave={() => setAt(null)}>
                    {[0, 0.5, 1].map((part) => (
                        <g key={part} class="grid">
                            <line x1={edge.left} x2={width - edge.right} y1={y(top * part)} y2={y(top * part)} />
                            <text x={edge.left - 8} y={y(top * part) + 4} text-anchor="end">{format(top * part)}</text>
                        </g>
                    ))}
                    {times.length > 0 && [0, 0.5, 1].map((part) => (
                        <text key={part} class="tick" x={x(from + props.window * part)} y={height - 5} text-anchor={part === 0 ? 'start' : part === 1 ? 'end' : 'middle'}>{timeOfDay(from + props.window * part)}</text>
                    ))}
                    {series.map((line, index) => {
                        const points = line.values.map((value, i) => [x(times[i]!), y(value)] as const).filter(([px]) => px >= edge.left - 1);
                        if (points.length === 0) {
                            return null;
                        }
                        const path = points.map(([px, py], i) => `${i === 0 ? 'M' : 'L'}${px.toFixed(1)} ${py.toFixed(1)}`).join('');
                        return (
                            <g key={line.name} class={`line-${index}`}>
                                <path class="area" d={`${path}L${points.at(-1)![0].toFixed(1)} ${y(0)}L${points[0]![0].toFixed(1)} ${y(0)}Z`} />
                                <path class="stroke" d={path} />
                                {(points.length === 1 || at !== null) && line.values[shown] !== undefined && <circle cx={x(times[shown]!)} cy={y(line.values[shown]!)} r="3.5" />}
                            </g>
                        );
                    })}
                    {at !== null && times[at] !== undefined && <g class="cursor"><line x1={x(times[at]!)} x2={x(times[at]!)} y1={edge.top} y2={height - edge.bottom} /></g>}
                </svg>
                {at !== null && times[at] !== undefined && <span class="cursor-time">{timeOfDay(times[at]!)}</span>}
            </div>
        </section>
    );
}

/** The next number that reads well: 1, 2 or 5 and zeros; of bytes, which come in large numbers, likewise by powers of two. */
function nice(value: number): number {
    if (value > 1e6) {
        const power = 2 ** Math.floor(Math.log2(value));
        return [1, 1.25, 1.5, 2].map((step) => step * power).find((step) => step >= value) ?? value;
    }
    const power = 10 ** Math.floor(Math.log10(value));
    return [1, 2, 5, 10].map((step) => step * power).find((step) => step >= value) ?? value;
}
