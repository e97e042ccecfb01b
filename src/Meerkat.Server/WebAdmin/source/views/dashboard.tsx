import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { Chart } from '../chart';
import { bytes, count, duration, rate } from '../format';
import { ask, follow, type StreamState } from '../graphql';
import { Badge, Card, Facts, Failure, Heading, Shown, useAsk } from '../ui';

export interface Figures {
    readonly time: string;
    readonly uptime: number;
    readonly sessions: number;
    readonly detached: number;
    readonly stanzasIn: number;
    readonly stanzasOut: number;
    readonly archiveWrites: number;
    readonly logInFailures: number;
    readonly streamErrors: number;
    readonly errors: number;
    readonly warnings: number;
    readonly cpu: number;
    readonly memory: number;
    readonly heap: number;
    readonly queues: readonly { name: string; depth: number }[];
}

const fields = 'time uptime sessions detached stanzasIn stanzasOut archiveWrites logInFailures streamErrors errors warnings cpu memory heap queues { name depth }';
const kept = 900;

/** How the server does, as it happens. */
export function Dashboard(): JSX.Element {
    const [samples, setSamples] = useState<readonly Figures[]>([]);
    const [state, setState] = useState<StreamState>('connecting');
    const [error, setError] = useState<Error | null>(null);
    const server = useAsk((signal) => ask<{ server: { status: { version: string; commitHash: string | null } }; stat: { globalStats: { registeredUsers: number; onlineUsers: number; incomingS2S: number; outgoingS2S: number } } }>(
        '{ server { status { version commitHash } } stat { globalStats { registeredUsers onlineUsers incomingS2S outgoingS2S } } }', {}, signal), [], 15_000);

    useEffect(() => {
        const add = (more: readonly Figures[]) => setSamples((before) => {
            const seen = new Set(before.map((one) => one.time));
            return [...before, ...more.filter((one) => !seen.has(one.time))].sort((a, b) => a.time.localeCompare(b.time)).slice(-kept);
        });
        ask<{ monitor: { figures: Figures[] } }>(`{ monitor { figures(last: ${kept}) { ${fields} } } }`).then(({ monitor }) => add(monitor.figures), setError);
        return follow<{ monitor: { subscribeForFigures: Figures } }>(`subscription { monitor { subscribeForFigures { ${fields} } } }`, {}, ({ monitor }) => {
            setError(null);
            add([monitor.subscribeForFigures]);
        }, setState);
    }, []);

    const now = samples.at(-1);
    const times = samples.map((one) => Date.parse(one.time));
    const span = times.length > 1 ? times.at(-1)! - times[0]! : 0;
    const window = [60_000, 120_000, 300_000].find((one) => span <= one) ?? 900_000;
    const minutes = Math.max(1, Math.ceil(span / 60_000));
    const line = (of: (figures: Figures) => number) => samples.map(of);
    const total = (of: (figures: Figures) => number) => samples.reduce((sum, one) => sum + of(one), 0);

    return (
        <>
            <Heading title="Dashboard" lead={now ? `Up for ${duration(now.uptime)}` : 'How the server does, as it happens'} actions={<Badge kind={state === 'live' ? 'good' : 'warning'}>{state === 'live' ? 'Live' : state === 'connecting' ? 'Connecting…' : 'Connection lost, trying again'}</Badge>} />
            {error && !now && <Failure error={error} />}
            <ul class="tiles" aria-label="Figures">
                <Tile name="Sessions" value={now && count(now.sessions)} note={now && now.detached > 0 ? `${count(now.detached)} waiting for resumption` : 'connected now'} />
                <Tile name="Stanzas in" value={now && `${rate(now.stanzasIn)}/s`} note="from clients" />
                <Tile name="Stanzas out" value={now && `${rate(now.stanzasOut)}/s`} note="to clients" />
                <Tile name="Archive writes" value={now && `${rate(now.archiveWrites)}/s`} note="messages" />
                <Tile name="Memory" value={now && bytes(now.memory)} note={now && `${bytes(now.heap)} heap`} />
                <Tile name="Errors" value={now && count(total((one) => one.errors))} note={now && `${count(total((one) => one.warnings))} warnings, ${minutes} min`} alarm={!!now && total((one) => one.errors) > 0} />
            </ul>
            <div class="charts">
                <Chart title="Stanzas a second" times={times} window={window} format={rate} least={10} series={[{ name: 'in', values: line((one) => one.stanzasIn) }, { name: 'out', values: line((one) => one.stanzasOut) }]} />
                <Chart title="Sessions" times={times} window={window} format={count} least={10} series={[{ name: 'sessions', values: line((one) => one.sessions) }]} />
                <Chart title="Archive writes a second" times={times} window={window} format={rate} least={10} series={[{ name: 'messages', values: line((one) => one.archiveWrites) }]} />
                <Chart title="Memory" times={times} window={window} format={bytes} least={64 * 1024 * 1024} series={[{ name: 'resident', values: line((one) => one.memory) }, { name: 'heap', values: line((one) => one.heap) }]} />
                <Chart title="Processor cores in use" times={times} window={window} format={(value) => value.toFixed(2)} series={[{ name: 'cores', values: line((one) => one.cpu) }]} />
                <Chart title="Failures a second" times={times} window={window} format={rate} least={5} series={[{ name: 'log-ins', values: line((one) => one.logInFailures) }, { name: 'streams', values: line((one) => one.streamErrors) }]} />
            </div>
            <div class="columns">
                <Card title="Queues">
                    {now ? (
                        <ul class="queues">
                            {now.queues.map((queue) => <li key={queue.name}><span>{queue.name}</span><strong class={queue.depth > 1000 ? 'high' : ''}>{count(queue.depth)}</strong></li>)}
                        </ul>
                    ) : <p class="hint">Nothing is known yet.</p>}
                </Card>
                <Card title="Server">
                    <Shown asked={server} what="The server">{({ server: { status }, stat: { globalStats } }) => (
                        <Facts facts={[
                            ['Version', <>{status.version}{status.commitHash && <code>{status.commitHash.slice(0, 8)}</code>}</>],
                            ['Accounts', count(globalStats.registeredUsers)],
                            ['Accounts online', count(globalStats.onlineUsers)],
                            ['Streams from other servers', count(globalStats.incomingS2S)],
                            ['Streams to other servers', count(globalStats.outgoingS2S)],
                        ]} />
                    )}</Shown>
                </Card>
            </div>
        </>
    );
}

export function Tile(props: { name: string; value: string | null | undefined | false; note?: string | undefined | false; alarm?: boolean }): JSX.Element {
    return <li class={`tile ${props.alarm ? 'alarm' : ''}`}><span>{props.name}</span><strong>{props.value || '–'}</strong><small>{props.note || ' '}</small></li>;
}
