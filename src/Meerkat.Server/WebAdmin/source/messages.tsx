import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { when } from './format';
import { Refusal } from './graphql';
import { Button, Empty, Failure } from './ui';

export interface Stanza {
    readonly sender: string | null;
    readonly timestamp: string;
    readonly stanza_id: string;
    readonly stanza: string;
}

/** Messages of an archive, the oldest of those that are shown first; older ones on demand. */
export function Messages(props: { load: (before: string | null) => Promise<Stanza[]>; own: string; none: string }): JSX.Element {
    const [stanzas, setStanzas] = useState<readonly Stanza[] | null>(null);
    const [hasMore, setHasMore] = useState(false);
    const [error, setError] = useState<Error | null>(null);
    const more = async () => {
        setError(null);
        try {
            const found = await props.load(stanzas?.[0]?.timestamp ?? null);
            setStanzas([...found, ...(stanzas ?? [])]);
            setHasMore(found.length >= 50);
        } catch (failure) {
            setError(failure as Error);
        }
    };
    useEffect(() => void more(), []);
    if (error) {
        return error instanceof Refusal && error.code === 'deps_not_loaded' ? <Empty title={props.none} /> : <Failure error={error} retry={() => void more()} />;
    }
    if (stanzas === null) {
        return <div class="skeleton" role="status" aria-label="Messages are being loaded"><span /><span /><span /></div>;
    }
    if (stanzas.length === 0) {
        return <Empty icon="inbox" title="There are no messages" />;
    }
    return (
        <>
            {hasMore && <div class="actions above"><Button onClick={() => void more()}>Show earlier messages</Button></div>}
            <ol class="messages" aria-label="Messages">
                {stanzas.map((one) => {
                    const { body, to } = read(one.stanza);
                    const isOwn = one.sender?.split('/')[0] === props.own;
                    return (
                        <li key={one.stanza_id} class={isOwn ? 'own' : ''}>
                            <p class="message-head"><strong class="break">{one.sender ?? 'unknown'}</strong>{to && <span class="break"> to {to}</span>}<time dateTime={one.timestamp}>{when(one.timestamp)}</time></p>
                            <p class={body === null ? 'hint' : 'message-body'}>{body ?? 'A message without a text'}</p>
                            <details><summary>XML</summary><pre tabIndex={0}>{one.stanza}</pre></details>
                        </li>
                    );
                })}
            </ol>
        </>
    );
}

/** What people want to see of a stanza. It is parsed as XML, never as HTML. */
function read(xml: string): { body: string | null; to: string | null } {
    const root = new DOMParser().parseFromString(xml, 'application/xml').documentElement;
    const body = [...root.children].find((child) => child.localName === 'body')?.textContent ?? null;
    return { body, to: root.getAttribute('to')?.split('/')[0] ?? null };
}
