import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { timeOfDay, when } from '../format';
import { ask, follow, type StreamState } from '../graphql';
import { Badge, Button, Card, Empty, Failure, Field, Heading, say, Select, Shown, useAsk } from '../ui';

const kept = 2000;
const levels = [['ALL', 'everything'], ['DEBUG', 'debug'], ['INFO', 'info'], ['WARNING', 'warning'], ['ERROR', 'error'], ['CRITICAL', 'critical']] as const;
const order = levels.map(([level]) => level as string);

interface Entry {
    readonly id: number;
    readonly time: string;
    readonly level: string;
    readonly category: string;
    readonly message: string;
    readonly exception: string | null;
}

/** The end of the log, as it grows. */
export function Log(): JSX.Element {
    const [entries, setEntries] = useState<readonly Entry[] | null>(null);
    const [error, setError] = useState<Error | null>(null);
    const [state, setState] = useState<StreamState>('connecting');
    const [least, setLeast] = useState('ALL');
    const [filter, setFilter] = useState('');
    const [paused, setPaused] = useState(false);
    const waiting = useRef<Entry[]>([]);
    const isPaused = useRef(false);
    isPaused.current = paused;

    useEffect(() => {
        const fields = 'id time level category message exception';
        // Numbers begin anew when the server does: an entry is known by both.
        const add = (more: readonly Entry[]) => setEntries((before) => {
            const known = new Map([...(before ?? []), ...more].map((entry) => [`${entry.time} ${entry.id}`, entry]));
            return [...known.values()].sort((a, b) => a.time.localeCompare(b.time) || a.id - b.id).slice(-kept);
        });
        const stop = follow<{ monitor: { subscribeForLog: Entry } }>(`subscription { monitor { subscribeForLog { ${fields} } } }`, {}, ({ monitor }) => {
            waiting.current.push(monitor.subscribeForLog);
            if (waiting.current.length > kept) {
                waiting.current.shift();
            }
        }, (next) => {
            setState(next);
            if (next === 'live') { // what came before the stream was open
                ask<{ monitor: { log: Entry[] } }>(`{ monitor { log(limit: 500) { ${fields} } } }`).then(({ monitor }) => add(monitor.log), setError);
            }
        });
        // A log that rushes by is drawn a few times a second, not for each entry.
        const timer = setInterval(() => {
            if (!isPaused.current && waiting.current.length > 0) {
                add(waiting.current.splice(0));
            }
        }, 250);
        return () => {
            stop();
            clearInterval(timer);
        };
    }, []);

    const wanted = filter.trim().toLowerCase();
    const found = entries?.filter((entry) => order.indexOf(entry.level) >= order.indexOf(least) && (wanted === '' || entry.message.toLowerCase().includes(wanted) || entry.category.toLowerCase().includes(wanted))).slice(-500).reverse();
    return (
        <>
            <Heading title="Log" lead="The last entries, the newest first" actions={<Badge kind={paused ? 'neutral' : state === 'live' ? 'good' : 'warning'}>{paused ? 'Paused' : state === 'live' ? 'Live' : 'Connecting…'}</Badge>} />
            <Card>
                <div class="filters">
                    <Field label="Search in texts">{(id) => <input id={id} type="search" value={filter} onInput={(event) => setFilter(event.currentTarget.value)} />}</Field>
                    <Select label="At least" value={least} options={levels} onChange={setLeast} />
                    <ServerLevel />
                    <Button onClick={() => setPaused(!paused)}>{paused ? 'Go on' : 'Pause'}</Button>
                </div>
                {error && <Failure error={error} />}
                {!found ? !error && <div class="skeleton" role="status" aria-label="The log is being loaded"><span /><span /><span /></div> : found.length === 0 ? <Empty icon="log" title={entries!.length > 0 ? 'No entry is like that' : 'Nothing has been logged yet'}>The server logs what is at or above its own level.</Empty> : (
                    <ol class="log" aria-label="Entries of the log">
                        {found.map((entry) => (
                            <li key={`${entry.time} ${entry.id}`} class={`level-${entry.level.toLowerCase()}`}>
                                <time dateTime={entry.time} title={when(entry.time)}>{timeOfDay(entry.time)}</time>
                                <span class="level">{entry.level === 'ALL' ? 'trace' : entry.level.toLowerCase()}</span>
                                <div><p class="break">{entry.message}</p><small class="break">{entry.category}</small>{entry.exception && <details><summary>Failure</summary><pre tabIndex={0}>{entry.exception}</pre></details>}</div>
                            </li>
                        ))}
                    </ol>
                )}
            </Card>
        </>
    );
}

/** What the server logs at all; until it is restarted. */
function ServerLevel(): JSX.Element {
    const asked = useAsk((signal) => ask<{ server: { getLoglevel: string } }>('{ server { getLoglevel } }', {}, signal), []);
    const change = (level: string) => ask('mutation ($level: LogLevel!) { server { setLoglevel(level: $level) } }', { level }).then(() => {
        say(`The server logs ${level.toLowerCase()} and above until it is restarted`);
        asked.reload();
    }, (error: Error) => say(error.message));
    return (
        <Shown asked={asked} what="The level" rows={1}>{({ server }) => (
            <Select label="The server logs from" value={server.getLoglevel} options={['NONE', 'EMERGENCY', 'ALERT', 'CRITICAL', 'ERROR', 'WARNING', 'NOTICE', 'INFO', 'DEBUG', 'ALL'].map((level) => [level, level.toLowerCase()] as const)} onChange={change} />
        )}</Shown>
    );
}
